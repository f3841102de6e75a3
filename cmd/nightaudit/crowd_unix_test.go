//go:build unix

package main

import (
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// With 256 files that it may open, 400 connections on which nothing comes, or nothing more, do not
// keep a notification out, at once or later.
func TestListenerAmongIdleConnections(t *testing.T) {
	dir := writeListenConfig(t, "")
	l := startListenerAs(t, dir, exec.Command("sh", "-c", "ulimit -n 256; exec nightaudit listen --addr 127.0.0.1:0"))
	addr := strings.SplitN(strings.TrimPrefix(l.url, "http://"), "/", 2)[0]
	for i := range 400 {
		conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
		if err != nil {
			t.Fatalf("connection %d: %v", i+1, err)
		}
		defer conn.Close()
		if i%2 == 0 { // asks once, and then holds the connection
			_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		}
	}
	for i, body := range []string{`{"orderNo":"Y1","expressStatus":"RECEIVED"}`, `{"orderNo":"Y2","expressStatus":"RECEIVED"}`} {
		client := &http.Client{Timeout: 3 * time.Second}
		answer, err := client.Post(l.url, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatalf("notification %d: %v\n%s", i+1, err, l.stderr)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("notification %d was answered %d", i+1, answer.StatusCode)
		}
	}
}
