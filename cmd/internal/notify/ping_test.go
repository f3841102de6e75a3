package notify

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
)

// What the service hears of runs that end with each exit code, and that neither its
// silence, its failures nor a redirect keep a run from its end or show the address.
func TestHealthcheck(t *testing.T) {
	const secret = "0b1c2d3e"
	for _, test := range []struct {
		name   string
		code   int
		answer func(w http.ResponseWriter, r *http.Request, n int)
		heard  []string
		said   string
	}{
		{name: "well", code: exit.Done, heard: []string{"/ping/" + secret + "/start", "/ping/" + secret}},
		{name: "with breaks", code: exit.Breaks, heard: []string{"/ping/" + secret + "/start", "/ping/" + secret}},
		{name: "in part", code: exit.Partial, heard: []string{"/ping/" + secret + "/start", "/ping/" + secret + "/fail"}},
		{name: "failed", code: exit.Failed, heard: []string{"/ping/" + secret + "/start", "/ping/" + secret + "/fail"}},
		{name: "another one is at work", code: exit.Locked, heard: []string{"/ping/" + secret + "/start"}},
		{
			name: "fails once", code: exit.Done, heard: []string{"/ping/" + secret + "/start", "/ping/" + secret + "/start", "/ping/" + secret},
			answer: func(w http.ResponseWriter, _ *http.Request, n int) {
				if n == 1 {
					w.WriteHeader(http.StatusBadGateway)
				}
			},
		},
		{
			name: "redirects", code: exit.Locked, said: "it answers with HTTP 302", heard: slices.Repeat([]string{"/ping/" + secret + "/start"}, 3),
			answer: func(w http.ResponseWriter, r *http.Request, _ int) {
				http.Redirect(w, r, "/elsewhere", http.StatusFound)
			},
		},
		{
			name: "hangs", code: exit.Locked, said: "deadline exceeded", heard: slices.Repeat([]string{"/ping/" + secret + "/start"}, 3),
			answer: func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() },
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var heard []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				heard = append(heard, r.URL.Path)
				n := len(heard)
				mu.Unlock()
				if test.answer != nil {
					test.answer(w, r, n)
				}
			}))
			defer server.Close()
			address, err := ParseAddress(server.URL + "/ping/" + secret)
			if err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			h := NewHealthcheck(address, slog.New(slog.NewTextHandler(&log, nil)), Limits{Attempt: 200 * time.Millisecond, Pause: time.Millisecond})
			h.Started(t.Context())
			h.Ended(t.Context(), test.code)
			server.Close() // all that it heard is written down
			if !slices.Equal(heard, test.heard) {
				t.Errorf("it heard %v, want %v", heard, test.heard)
			}
			if (test.said == "") != (log.Len() == 0) || !strings.Contains(log.String(), test.said) || strings.Contains(log.String(), secret) {
				t.Errorf("the log says %q, want %q", log.String(), test.said)
			}
		})
	}
	NewHealthcheck(nil, slog.Default(), Limits{}).Started(t.Context())
	for _, wrong := range []string{"ftp://a", "http://ping.example/x", "https://u:p@ping.example", "ping.example"} {
		if _, err := ParseAddress(wrong); err == nil {
			t.Errorf("%s is taken", wrong)
		}
	}
}
