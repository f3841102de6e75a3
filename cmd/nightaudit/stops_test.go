//go:build linux || darwin

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// silentVendor never answers; asked is closed at the first call.
func silentVendor(t *testing.T) (url string, asked <-chan struct{}) {
	t.Helper()
	first, stop := make(chan struct{}, 100), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case first <- struct{}{}:
		default:
		}
		select {
		case <-r.Context().Done():
		case <-stop:
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(stop) })
	return server.URL, first
}

func writeIn(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Ctrl-C and SIGTERM end every command within two seconds, whatever it is doing,
// and it says that it was stopped.
// Without NIGHTAUDIT_SLOW=1 it is one that does not listen to either.
func TestEveryCommandStops(t *testing.T) {
	const endless = "SELECT count(*) FROM range(100000000000) a, range(1000) b WHERE (a.range * b.range) % 7 = 3"
	dir := t.TempDir()
	demo := filepath.Join(dir, "demo")
	if slowTests() {
		copyDemo(t, demo)
		bomb(t, filepath.Join(demo, "reports", "reconciliation_"+keptDate+".xlsx"), filepath.Join(dir, "bomb.xlsx"))
	}
	url, asked := silentVendor(t)
	writeIn(t, dir, "night.yaml", fmt.Sprintf("version: 1\npii: {key: k}\nsources:\n  soms:\n    - {account: retail, base_url: %q, tenant_id: \"1\", auth: {kind: basic, username: u, password: p}}\n", url))
	writeIn(t, dir, "listen.yaml", "version: 1\npii: {key: k}\nsources:\n  guoxiaodi:\n    - {account: courier, base_url: \"http://127.0.0.1:9\", auth: {kind: none}, notify: {secret: a-secret-of-some-length}}\n")
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.sql"), 0o600); err != nil {
		t.Fatal(err)
	}
	settled := func() { time.Sleep(700 * time.Millisecond) }
	called := func() { <-asked }
	var addr string // of the listener
	published := filepath.Join(demo, "published", "nightaudit.duckdb")
	tally := attacks.In(t)
	for i, c := range []struct {
		name string
		args string
		busy func() // returns once the command is at work
		code int
	}{
		{"a statement in a pipe that nobody writes to", "query --database " + published + " --file pipe.sql", settled, 1},
		{"a run whose vendor is silent", "run --config night.yaml", called, 1},
		{"a dry run whose vendor is silent", "run --dry-run --full --config night.yaml", settled, 1},
		{"check of a silent vendor", "check --config night.yaml", called, 1},
		{"a long statement", "query --database " + published + " " + strings.ReplaceAll(endless, " ", "\t"), settled, 1},
		{"a workbook of two million texts", "annotate --config demo/nightaudit.yaml bomb.xlsx", settled, 1},
		{"a replay", "replay --config demo/nightaudit.yaml", settled, 1},
		{"an export of a long statement", "query --database " + published + " --format xlsx --out a.xlsx " + strings.ReplaceAll(endless, " ", "\t"), settled, 1},
		{"a demo", "demo --dir other", settled, 1},
		{"a listener", "listen --config listen.yaml --addr ADDR", settled, 0},
		{"a listener with a call that does not end", "listen --config listen.yaml --addr ADDR", func() {
			settled()
			half, err := net.Dial("tcp", addr)
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { half.Close() })
			fmt.Fprintf(half, "POST /guoxiaodi/courier/a-secret-of-some-length HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
			time.Sleep(50 * time.Millisecond)
		}, 0},
	} {
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			if i > 0 && !slowTests() {
				return
			}
			for len(asked) > 0 {
				<-asked
			}
			tally.Try(c.name+", "+signal.String(), func(t *testing.T) {
				addr = freeAddress(t) // now: others take ports, too
				args := strings.Split(strings.ReplaceAll(c.args, "ADDR", addr), " ")
				took, code, said := stopped(t, dir, args, signal, c.busy)
				for try := 0; try < 3 && code == unbegun; try++ {
					took, code, said = stopped(t, dir, args, signal, func() { time.Sleep(2 * time.Second); c.busy() })
				}
				if took > 3*time.Second { // two, and what a busy machine adds
					t.Errorf("it ended after %s", took)
				}
				if code != c.code || c.code == 1 && !strings.Contains(said, "stopped on request") {
					t.Errorf("exit code %d: %s", code, said)
				}
			})
		}
	}
}

// freeAddress is one at which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// bomb is a workbook with a list of so many texts that reading it takes long.
func bomb(t *testing.T, book, to string) {
	t.Helper()
	in, err := zip.OpenReader(book)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var file bytes.Buffer
	out := zip.NewWriter(&file)
	for _, part := range in.File {
		if err := out.Copy(part); err != nil {
			t.Fatal(err)
		}
	}
	w, err := out.Create("xl/sharedStrings.xml")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, `<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`)
	for i := range 1_900_000 {
		fmt.Fprintf(w, "<si><t>%d</t></si>", uint32(i)*2654435761)
	}
	fmt.Fprint(w, `</sst>`)
	if err := errors.Join(out.Close(), os.WriteFile(to, file.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// stopped starts a command, sends it a signal once it is at work, and gives how long
// it took from then on.
func stopped(t *testing.T, dir string, args []string, signal os.Signal, busy func()) (took time.Duration, code int, said string) {
	t.Helper()
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "\t", " ")
	}
	var out bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "nightaudit", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
	cmd.Env = append(os.Environ(), "NIGHTAUDIT_CONFIG=")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	busy()
	begun := time.Now()
	if err := cmd.Process.Signal(signal); err != nil {
		t.Fatalf("it had ended before it was stopped: %v\n%s", err, &out)
	}
	_ = cmd.Wait() // its code tells
	code = cmd.ProcessState.ExitCode()
	if how, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && how.Signaled() && how.Signal() == signal && out.Len() == 0 {
		code = unbegun
	}
	return time.Since(begun), code, out.String()
}

// unbegun stands for the exit code of a command that a signal ended before main, which takes
// signals over: on a busy machine a program of this size is not there at once.
const unbegun = -2
