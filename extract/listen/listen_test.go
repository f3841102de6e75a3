package listen

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/extract/wal"
)

const secret = "5f3c2a/ä"

// address is the path of that secret.
const address = "/gxd/courier/5f3c2a/%C3%A4"

func accounts(dir string) []Account {
	var list []Account
	for _, name := range []string{"courier", "other"} {
		list = append(list, Account{"gxd", name, extract.Notifications{
			Secret: secret, LogDir: filepath.Join(dir, name), Answer: "OK",
			Check: func(body []byte) error {
				if !bytes.HasPrefix(body, []byte("{")) {
					return errors.New("the body is no object")
				}
				return nil
			},
		}})
	}
	return list
}

func newServer(t testing.TB, dir string, log io.Writer) *Server {
	t.Helper()
	now := func() time.Time { return time.Date(2025, 6, 29, 4, 0, 0, 0, time.UTC) }
	s, err := New(accounts(dir), now, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// bodies are what stands in an account's journal.
func bodies(t testing.TB, dir, account string) string {
	t.Helper()
	dir = filepath.Join(dir, account)
	segments, err := wal.LogSegments(dir)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, s := range segments {
		err := wal.Lines(dir, s, sealed.Keys{}, func(_ int, text string) error {
			e, err := wal.Decode(text)
			found = append(found, string(e.Body))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return strings.Join(found, " ")
}

func TestAnswers(t *testing.T) {
	dir := t.TempDir()
	var log bytes.Buffer
	s := newServer(t, dir, &log)
	long := "{" + strings.Repeat("9", wal.MaxBody)
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"POST", address, "{1}", 200, "OK"},
		{"POST", address, "{1}", 200, "OK"}, // repeated
		{"POST", address, "{2}", 200, "OK"},
		{"POST", address, long[:wal.MaxBody], 200, "OK"},
		{"POST", address, "张三", 400, "the body is no object\n"},
		{"POST", address, "", 400, "the body is no object\n"},
		{"POST", address, long, 413, "a notification has at most 65536 bytes\n"},
		{"GET", address, "", 405, "notifications are posted\n"},
		{"PUT", address, "{}", 405, "notifications are posted\n"},
		// Nothing tells a wrong secret from a wrong path.
		{"POST", address + "x", "{}", 404, "not found\n"},
		{"POST", address + "/", "{}", 404, "not found\n"},
		{"POST", "/gxd/courier/", "{}", 404, "not found\n"},
		{"POST", "/gxd/courier", "{}", 404, "not found\n"},
		{"POST", "/gxd/nobody/" + secret, "{}", 404, "not found\n"},
		{"GET", "/", "", 404, "not found\n"},
		{"GET", "/gxd//courier/../courier/5f3c2a/%C3%A4", "", 404, "not found\n"},
	} {
		for _, chunked := range []bool{false, true} {
			r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
			if chunked {
				r.ContentLength = -1
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != c.status || w.Body.String() != c.says {
				t.Errorf("%s %s: %d %q, want %d %q", c.method, c.path, w.Code, w.Body, c.status, c.says)
			}
			if w.Code == 405 && w.Header().Get("Allow") != "POST" {
				t.Errorf("405 allows %q", w.Header().Get("Allow"))
			}
		}
	}
	if got, want := bodies(t, dir, "courier"), "{1} {2} "+long[:wal.MaxBody]; got != want {
		t.Errorf("kept %.50q, want %.50q", got, want)
	}
	if got := bodies(t, dir, "other"); got != "" {
		t.Errorf("the other account got %q", got)
	}
	if got, want := s.Counts(), (Counts{Kept: 3, Repeated: 5, Refused: 24}); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	for _, private := range []string{"5f3c2a", "张三", "9999", "{1}"} {
		if strings.Contains(log.String(), private) {
			t.Errorf("the log holds %q:\n%s", private, log.String())
		}
	}
	if !strings.Contains(log.String(), "account=courier") || !strings.Contains(log.String(), "status=413") {
		t.Errorf("the log does not tell of refusals:\n%s", log.String())
	}
}

// What cannot be kept is not answered with OK.
func TestNotKept(t *testing.T) {
	s := newServer(t, t.TempDir(), io.Discard)
	s.Close()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("POST", address, strings.NewReader("{1}")))
	if w.Code != 503 || strings.EqualFold(strings.TrimSpace(w.Body.String()), "OK") {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}

func TestOneListenerAtATime(t *testing.T) {
	dir := t.TempDir()
	newServer(t, dir, io.Discard)
	if _, err := New(accounts(dir), time.Now, slog.New(slog.DiscardHandler)); !errors.Is(err, wal.ErrLocked) {
		t.Errorf("a second listener: %v", err)
	}
}

// serve starts s on loopback; stop ends it and returns what Serve returned.
func serve(t testing.TB, s *Server) (addr string, stop func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { stop() })
	return l.Addr().String(), stop
}

// A call that was begun when the listener is told to stop ends well, and what
// it brought is on disk; whoever comes later finds nobody.
func TestStops(t *testing.T) {
	dir := t.TempDir()
	s := newServer(t, dir, io.Discard)
	addr, stop := serve(t, s)
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// Half of the body is sent once the server has begun to read it, which
	// its leave to go on shows.
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n", address)
	answers := bufio.NewReader(conn)
	if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("%q, %v", line, err)
	}
	_, _ = answers.ReadString('\n')
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	for {
		late, err := net.Dial("tcp", addr)
		if err != nil {
			break // it no longer takes calls
		}
		late.Close()
	}
	_, _ = io.WriteString(conn, "{12}")
	answer, err := http.ReadResponse(answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, _ := io.ReadAll(answer.Body); string(text) != "OK" {
		t.Errorf("answered %q", text)
	}
	if err := <-stopped; err != nil {
		t.Errorf("stopped with %v", err)
	}
	if got := bodies(t, dir, "courier"); got != "{12}" {
		t.Errorf("kept %q", got)
	}
}

// A client that says nothing, or too little, is left, and nobody else waits
// for it.
func TestSlowClients(t *testing.T) {
	dir := t.TempDir()
	s := newServer(t, dir, io.Discard)
	s.header, s.whole = 50*time.Millisecond, 50*time.Millisecond
	addr, _ := serve(t, s)
	for sent, want := range map[string]string{
		"":                       "",
		"POST /gxd HTTP/1.1\r\n": "",
		"POST " + address + " HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n{1": "HTTP/1.1 408 ",
	} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, sent)
		answer, err := io.ReadAll(conn) // ends when the server hangs up
		conn.Close()
		if !strings.HasPrefix(string(answer), want) || want == "" && len(answer) > 0 && !strings.HasPrefix(string(answer), "HTTP/1.1 4") {
			t.Errorf("%q was answered %q, %v; want %q", sent, answer, err, want)
		}
	}
	if got := bodies(t, dir, "courier"); got != "" {
		t.Errorf("kept %q", got)
	}
}

// BenchmarkNotifications is a whole call: over loopback, checked, flushed to
// disk and answered.
func BenchmarkNotifications(b *testing.B) {
	s := newServer(b, b.TempDir(), io.Discard)
	s.log = slog.New(slog.DiscardHandler)
	for _, m := range s.mailboxes {
		m.log = s.log
	}
	addr, _ := serve(b, s)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			body := fmt.Sprintf(`{"orderNo":"ON2009159200340432","sourceOrderNo":"XF2009159200340432","expressStatus":"RECEIVED","happenTime":%d}`, time.Now().UnixNano())
			answer, err := client.Post("http://"+addr+address, "application/json", strings.NewReader(body))
			if err != nil {
				b.Fatal(err)
			}
			text, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			if err != nil || string(text) != "OK" {
				b.Fatalf("answered %q, %v", text, err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "notifications/s")
}
