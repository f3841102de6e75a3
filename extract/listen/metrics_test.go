package listen

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

// What became of calls is told to Prometheus at an address of its own, by account,
// outcome and reason, 0 for what never was; and nowhere else.
func TestMetrics(t *testing.T) {
	var log bytes.Buffer
	s := newServer(t, t.TempDir(), &log)
	for _, call := range []struct{ method, path, body string }{
		{"POST", address, "{1}"},
		{"POST", address, "{1}"}, // repeated
		{"POST", address, "{22}"},
		{"POST", address, "no object"},
		{"PUT", address, "{3}"},
		{"POST", address + "x", "{4}"},
		{"GET", "/metrics", ""},
	} {
		s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(call.method, call.path, strings.NewReader(call.body)))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.ServeMetrics(ctx, l)
	}()
	ask := func(method, path string) (status int, text string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, "http://"+l.Addr().String()+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	_, text := ask(http.MethodGet, "/metrics")
	for _, want := range []string{
		`nightaudit_listen_notifications_total{account="courier",outcome="kept",source="gxd"} 2`,
		`nightaudit_listen_notifications_total{account="courier",outcome="repeated",source="gxd"} 1`,
		`nightaudit_listen_notifications_total{account="other",outcome="kept",source="gxd"} 0`,
		`nightaudit_listen_bytes_total{account="courier",source="gxd"} 10`,                             // 3 + 3 + 4
		`nightaudit_listen_last_taken_timestamp_seconds{account="courier",source="gxd"} 1.7511696e+09`, // newServer's clock
		`nightaudit_listen_last_taken_timestamp_seconds{account="other",source="gxd"} 0`,
		`nightaudit_listen_refused_total{account="",reason="unknown_address",source=""} 2`,
		`nightaudit_listen_refused_total{account="courier",reason="not_understood",source="gxd"} 1`,
		`nightaudit_listen_refused_total{account="courier",reason="not_posted",source="gxd"} 1`,
		`nightaudit_listen_refused_total{account="courier",reason="too_long",source="gxd"} 0`,
		"nightaudit_listen_crowded_total 0",
		"process_open_fds ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	var own strings.Builder // what the libraries tell of the process has names of theirs
	for line := range strings.Lines(text) {
		if strings.Contains(line, "nightaudit_") {
			own.WriteString(line)
		}
	}
	if problems, err := promlint.New(strings.NewReader(own.String())).Lint(); err != nil || len(problems) > 0 {
		t.Errorf("promlint finds %v, %v", problems, err)
	}
	for _, other := range []struct{ method, path string }{{http.MethodPost, "/metrics"}, {http.MethodGet, "/"}, {http.MethodGet, address}} {
		if status, _ := ask(other.method, other.path); status != http.StatusMethodNotAllowed && status != http.StatusNotFound {
			t.Errorf("%s %s is answered with %d", other.method, other.path, status)
		}
	}
	stop()
	<-ended
	if strings.Contains(text, secret) || strings.Contains(log.String(), "metrics are told no longer") {
		t.Errorf("the secret is told, or its end is an error: %s", log.String())
	}
}
