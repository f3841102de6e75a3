package listen

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// Whoever opens connections and asks for nothing, or asks once and goes on
// holding the connection, or begins a call and does not end its header, does not
// keep a good notification out; a call that is under way is not cut off.
func TestIdleConnectionsGiveWay(t *testing.T) {
	for name, said := range map[string]string{
		"nothing":           "",
		"half a header":     "POST /gxd HTTP/1.1\r\nHost: h\r\n",
		"a call and silent": "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
	} {
		dir := t.TempDir()
		s := newServer(t, dir, io.Discard)
		s.connections = 8
		addr, _ := serve(t, s)
		slow := begin(t, addr, "POST "+address+" HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
		answered(t, slow) // its call is under way
		for range 40 {
			begin(t, addr, said)
		}
		began := time.Now()
		answer, err := http.Post("http://"+addr+address, "application/json", strings.NewReader("{7}"))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		answer.Body.Close()
		if took := time.Since(began); answer.StatusCode != 200 || took > headerTimeout/2 {
			t.Errorf("%s: answered %d after %v", name, answer.StatusCode, took)
		}
		fmt.Fprint(slow, "{12}")
		if text := answered(t, slow); !strings.Contains(text, "200 OK") {
			t.Errorf("%s: the call that was under way got %q", name, text)
		}
		if got := bodies(t, dir, "courier"); got != "{7} {12}" {
			t.Errorf("%s: kept %q", name, got)
		}
	}
}

// Where every connection has a call under way, the next one waits for its turn.
func TestBusyConnectionsAreWaitedFor(t *testing.T) {
	s := newServer(t, t.TempDir(), io.Discard)
	s.connections = 4
	addr, _ := serve(t, s)
	var calls []net.Conn
	for range 4 {
		conn := begin(t, addr, "POST "+address+" HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
		answered(t, conn)
		calls = append(calls, conn)
	}
	next := begin(t, addr, "POST "+address+" HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n{9}")
	if err := next.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := next.Read(make([]byte, 1)); err == nil {
		t.Errorf("%d bytes were answered while all were busy", n)
	}
	if err := next.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(calls[0], "{12}")
	if text := answered(t, next); !strings.Contains(text, "200 OK") {
		t.Errorf("the one that waited got %q", text)
	}
}

// What is refused is logged with its reason and where it came from, and a flood
// of it does not flood the log; neither secret nor body stands there.
func TestRefusalsAreLogged(t *testing.T) {
	var log locked
	s := newServer(t, t.TempDir(), &log)
	addr, _ := serve(t, s)
	for range 200 {
		for path, body := range map[string]string{"/gxd/courier/" + secret[:5] + "x": "{}", address: "张三"} {
			answer, err := http.Post("http://"+addr+path, "application/json", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
		}
	}
	text := log.String()
	for _, want := range []string{"level=WARN", "status=404", "status=400", "from=127.0.0.1"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %s:\n%.600s", want, text)
		}
	}
	if n := strings.Count(text, "a call was refused"); n != 2*toldAtOnce {
		t.Errorf("400 refused calls are %d lines, want %d", n, 2*toldAtOnce)
	}
	for _, private := range []string{secret[:5], "张三", "5f3c"} {
		if strings.Contains(text, private) {
			t.Errorf("the log holds %q", private)
		}
	}
}

// begin connects and sends what a client begins with.
func begin(t *testing.T, addr, said string) net.Conn {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(context.Background(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprint(conn, said)
	return conn
}

// answered is the next piece of an answer.
func answered(t *testing.T, conn net.Conn) string {
	t.Helper()
	buf := make([]byte, 4096)
	n, err := conn.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return string(buf[:n])
}

// locked is a buffer for several goroutines.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
