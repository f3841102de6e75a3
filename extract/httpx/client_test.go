package httpx_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// What must not stand in any error or log.
const (
	secretQuery = "q-secret"
	secretToken = "t-secret"
	secretBody  = "b-secret"
)

var ordersCall = httpx.Call{
	Op: "read orders page 3", Method: http.MethodPost, Path: "/orders/list",
	Query: url.Values{"phone": {secretQuery}}, Body: []byte(`{"name": "` + secretBody + `"}`),
}

// naps records what a client would have slept.
type naps struct {
	mu   sync.Mutex
	list []time.Duration
}

func (n *naps) sleep(ctx context.Context, d time.Duration) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = append(n.list, d)
	return ctx.Err()
}

// check is the success test of the vendor of these tests.
func check(body []byte) error {
	switch {
	case bytes.Contains(body, []byte(`"code":"EXPIRED"`)):
		return &extract.Error{Class: extract.Expired, Code: "EXPIRED"}
	case bytes.Contains(body, []byte(`"code":"BUSY"`)):
		return &extract.Error{Class: extract.Transient, Code: "BUSY", Err: errors.New("the vendor is busy")}
	case bytes.Contains(body, []byte(`"code":"CLOSED"`)):
		return &extract.Error{Code: "CLOSED", Err: errors.New("the account is closed")}
	case bytes.Contains(body, []byte(`"code":"STRANGE"`)):
		return &extract.Error{Class: extract.Denied, Code: "STRANGE", Err: extract.ErrRefused}
	case bytes.Contains(body, []byte(`"code":"UNKNOWN"`)):
		return &extract.Error{Code: "UNKNOWN", Err: extract.ErrRefused}
	}
	return nil
}

const success = `{"success":true}`

// vendor answers every request with a success.
func vendor(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, success) }

func newClient(t *testing.T, script *extracttest.Script, change func(*httpx.Options)) (*httpx.Client, *naps, *bytes.Buffer) {
	t.Helper()
	server := httptest.NewServer(script)
	t.Cleanup(server.Close)
	auth, err := extracttest.AuthConfig(t, "{kind: bearer, token: "+secretToken+"}", httpx.Bearer).New(httpx.AuthOptions{})
	if err != nil {
		t.Fatal(err)
	}
	slept, log := new(naps), new(bytes.Buffer)
	o := httpx.Options{
		BaseURL: server.URL + "/api", Concurrency: 4, Auth: auth, Check: check,
		Limits: extract.HTTPLimits{Timeout: 10 * time.Second, Retries: 2, MaxResponse: 1000, Sleep: slept.sleep},
		Allow:  []httpx.Read{{Method: http.MethodPost, Path: "/orders/list"}, {Method: http.MethodGet, Path: "/orders/*/detail"}},
		Log:    slog.New(slog.NewTextHandler(log, nil)),
	}
	if change != nil {
		change(&o)
	}
	return httpx.New(o), slept, log
}

// checkSecrets fails if text holds what must stay inside.
func checkSecrets(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{secretQuery, secretToken, secretBody, "phone", "Bearer", "leaked"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q stands in %q", secret, text)
		}
	}
}

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text)) // to memory
	_ = w.Close()
	return b.String()
}

func TestAnswers(t *testing.T) {
	gz := http.Header{"Content-Encoding": {"gzip"}}
	for _, c := range []struct {
		name     string
		faults   int // the first so many requests are answered by fault
		fault    extracttest.Fault
		requests int // that must have been sent
		ok       bool
		class    extract.Class
		code     string
		text     string // a part of the error
	}{
		{name: "success", requests: 1, ok: true},
		{name: "server fails twice, then recovers", faults: 2, fault: extracttest.Fault{Status: 502, Body: "leaked"}, requests: 3, ok: true},
		{
			name: "server goes on failing", faults: 9, fault: extracttest.Fault{Status: 500, Body: "leaked"}, requests: 3,
			class: extract.Transient, code: "500", text: "the vendor's server failed (asked 3 times)",
		},
		{name: "asked too often", faults: 1, fault: extracttest.Fault{Status: 429}, requests: 2, ok: true},
		{name: "asked too often all night", faults: 9, fault: extracttest.Fault{Status: 429}, requests: 3, class: extract.Limited, code: "429", text: "lower the account's rate"},
		{name: "request timeout at the vendor", faults: 1, fault: extracttest.Fault{Status: 408}, requests: 2, ok: true},
		{name: "fixed token refused", faults: 9, fault: extracttest.Fault{Status: 401, Body: `{"token":"leaked"}`}, requests: 2, class: extract.Expired, code: "401", text: "check auth.token"},
		{name: "fixed token refused for a moment", faults: 1, fault: extracttest.Fault{Status: 401}, requests: 2, ok: true},
		{name: "forbidden", faults: 9, fault: extracttest.Fault{Status: 403}, requests: 2, class: extract.Permanent, code: "403", text: "permissions"},
		{name: "forbidden for a moment", faults: 1, fault: extracttest.Fault{Status: 403}, requests: 2, ok: true},
		{name: "no such address", faults: 9, fault: extracttest.Fault{Status: 404, Body: "<html>leaked"}, requests: 2, class: extract.Permanent, code: "404", text: "check base_url"},
		{name: "bad request", faults: 9, fault: extracttest.Fault{Status: 400}, requests: 1, class: extract.Permanent, code: "400", text: "refused the request"},
		{name: "vendor's code beside an error status", faults: 9, fault: extracttest.Fault{Status: 400, Body: `{"code":"UNKNOWN"}`}, requests: 1, class: extract.Permanent, code: "UNKNOWN", text: "HTTP status 400"},
		{name: "vendor's busy code beside an error status", faults: 1, fault: extracttest.Fault{Status: 400, Body: `{"code":"BUSY"}`}, requests: 2, ok: true},
		{name: "vendor's lasting code beside 403", faults: 9, fault: extracttest.Fault{Status: 403, Body: `{"code":"CLOSED"}`}, requests: 1, class: extract.Permanent, code: "CLOSED", text: "the account is closed (HTTP status 403)"},
		{name: "vendor's lasting code beside 401", faults: 9, fault: extracttest.Fault{Status: 401, Body: `{"code":"CLOSED"}`}, requests: 1, class: extract.Permanent, code: "CLOSED"},
		{name: "vendor's lasting code from a server that fails", faults: 2, fault: extracttest.Fault{Status: 503, Body: `{"code":"CLOSED"}`}, requests: 3, ok: true},
		{name: "no content", faults: 9, fault: extracttest.Fault{Status: 204}, requests: 3, class: extract.Permanent, code: "204", text: "without the data"},
		{name: "connection reset", faults: 1, fault: extracttest.Fault{Reset: true}, requests: 2, ok: true},
		{name: "truncated answer", faults: 1, fault: extracttest.Fault{Body: `{"success":`, Truncated: true}, requests: 2, ok: true},
		{
			name: "always truncated", faults: 9, fault: extracttest.Fault{Body: `{"success":true}`, Truncated: true}, requests: 3,
			class: extract.Transient, text: "closed before the answer was complete",
		},
		{name: "answer cut short inside its frame", faults: 2, fault: extracttest.Fault{Body: `{"orders":[{"a":`}, requests: 3, ok: true},
		{name: "answer cut short after a bracket", faults: 9, fault: extracttest.Fault{Body: `{"orders":[{"a":1}`}, requests: 3, class: extract.Permanent, code: "200", text: "the answer ends early (asked 3 times)"},
		{name: "empty answer", faults: 1, fault: extracttest.Fault{}, requests: 2, ok: true},
		{name: "vendor says busy", faults: 1, fault: extracttest.Fault{Body: `{"code":"BUSY"}`}, requests: 2, ok: true},
		{name: "vendor always busy", faults: 9, fault: extracttest.Fault{Body: `{"code":"BUSY"}`}, requests: 3, class: extract.Transient, code: "BUSY", text: "the vendor is busy (asked 3 times)"},
		{name: "vendor knows no such order", faults: 9, fault: extracttest.Fault{Body: `{"code":"UNKNOWN"}`}, requests: 1, class: extract.Permanent, code: "UNKNOWN", text: "read orders page 3"},
		{
			name: "log-in page", faults: 9, fault: extracttest.Fault{Body: "<!DOCTYPE html><p>leaked"}, requests: 3,
			class: extract.Permanent, code: "200", text: "not JSON (asked 3 times); the address may be a log-in page or a proxy",
		},
		{name: "byte order mark", faults: 9, fault: extracttest.Fault{Body: "\ufeff" + success}, requests: 1, ok: true},
		{
			name: "answer too long", faults: 9, fault: extracttest.Fault{Body: `{"a":"` + strings.Repeat("x", 1000) + `"}`}, requests: 1,
			class: extract.Permanent, code: "200", text: "longer than 1000 bytes; ask for smaller pages (page_size) or raise http.max_response",
		},
		{name: "answer of exactly the limit", faults: 9, fault: extracttest.Fault{Body: `{"a":"` + strings.Repeat("x", 992) + `"}`}, requests: 1, ok: true},
		{name: "compressed answer", faults: 9, fault: extracttest.Fault{Header: gz, Body: zipped(success)}, requests: 1, ok: true},
		{
			name: "compressed bomb", faults: 9, fault: extracttest.Fault{Header: gz, Body: zipped(`{"a":"` + strings.Repeat("x", 1<<20) + `"}`)}, requests: 1,
			class: extract.Permanent, code: "200", text: "longer than 1000 bytes",
		},
		{name: "broken compression", faults: 1, fault: extracttest.Fault{Header: gz, Body: "leaked"}, requests: 2, ok: true},
		{
			name: "log-in page for a moment", faults: 2, fault: extracttest.Fault{Body: "<!DOCTYPE html>"}, requests: 3, ok: true,
		},
		{
			name: "redirect to another host", faults: 9, requests: 2,
			fault: extracttest.Fault{Status: 302, Header: http.Header{"Location": {"https://user:leaked@other.example/in?phone=" + secretQuery}}},
			class: extract.Permanent, code: "302", text: "a redirect to other.example was refused (asked 2 times); put the final address in base_url",
		},
		{
			name: "redirect for good", faults: 9, requests: 1, fault: extracttest.Fault{Status: 301, Header: http.Header{"Location": {"/new"}}},
			class: extract.Permanent, code: "301", text: "put the final address in base_url",
		},
		{
			name: "redirect on the same host", faults: 9, requests: 2,
			fault: extracttest.Fault{Status: 307, Header: http.Header{"Location": {"/leaked?phone=" + secretQuery}}},
			class: extract.Permanent, code: "307", text: "another path of the same host",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			script := extracttest.NewScript(http.HandlerFunc(vendor))
			script.Next(c.faults, nil, c.fault)
			client, _, log := newClient(t, script, nil)
			answer, err := client.Do(t.Context(), ordersCall)
			if n := script.Requests(); n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
			checkSecrets(t, log.String())
			if c.ok {
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.HasPrefix(answer.Body, []byte("{")) || answer.Status != 200 || answer.At.IsZero() || answer.Date.IsZero() {
					t.Errorf("answer %d %q at %s, vendor's date %s", answer.Status, answer.Body, answer.At, answer.Date)
				}
				return
			}
			var e *extract.Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v, want an *extract.Error", err)
			}
			if e.Class != c.class || e.Code != c.code || e.Op != "read orders page 3" || e.Target != "POST /orders/list" {
				t.Errorf("class %d code %q op %q target %q, want class %d code %q", e.Class, e.Code, e.Op, e.Target, c.class, c.code)
			}
			if !strings.Contains(err.Error(), c.text) {
				t.Errorf("error %q does not say %q", err, c.text)
			}
			checkSecrets(t, err.Error())
		})
	}
}

func TestRetryAfter(t *testing.T) {
	header := func(pairs ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		return h
	}
	for _, c := range []struct {
		name     string
		status   int
		header   http.Header
		min, max time.Duration
	}{
		{"seconds", 429, header("Retry-After", "7"), 7 * time.Second, 7 * time.Second},
		{"date, by the vendor's own clock", 503, header("Retry-After", "Thu, 01 Jan 2026 00:00:40 GMT", "Date", "Thu, 01 Jan 2026 00:00:00 GMT"), 40 * time.Second, 40 * time.Second},
		{"more than five minutes", 429, header("Retry-After", "86400"), 5 * time.Minute, 5 * time.Minute},
		{"a date far off", 429, header("Retry-After", "Fri, 02 Jan 2026 00:00:00 GMT", "Date", "Thu, 01 Jan 2026 00:00:00 GMT"), 5 * time.Minute, 5 * time.Minute},
		{"none: half a second, spread by half of it", 429, nil, 250 * time.Millisecond, 750 * time.Millisecond},
		{"nonsense", 429, header("Retry-After", "soon"), 250 * time.Millisecond, 750 * time.Millisecond},
		{"a date gone by", 429, header("Retry-After", "Thu, 01 Jan 2026 00:00:00 GMT", "Date", "Fri, 02 Jan 2026 00:00:00 GMT"), 250 * time.Millisecond, 750 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			script := extracttest.NewScript(http.HandlerFunc(vendor))
			script.Next(1, nil, extracttest.Fault{Status: c.status, Header: c.header})
			client, slept, _ := newClient(t, script, nil)
			if _, err := client.Do(t.Context(), ordersCall); err != nil {
				t.Fatal(err)
			}
			if script.Requests() != 2 || len(slept.list) == 0 || slept.list[0] < c.min || slept.list[0] > c.max {
				t.Errorf("slept %v, want first from %s to %s", slept.list, c.min, c.max)
			}
		})
	}
}

// TestWaitsGrow: 0.5, 1, 2 s, each spread by half of itself.
func TestWaitsGrow(t *testing.T) {
	script := extracttest.NewScript(http.HandlerFunc(vendor))
	script.Next(3, nil, extracttest.Fault{Status: 500})
	client, slept, _ := newClient(t, script, func(o *httpx.Options) { o.Limits.Retries = 3 })
	if _, err := client.Do(t.Context(), ordersCall); err != nil {
		t.Fatal(err)
	}
	if len(slept.list) != 3 {
		t.Fatalf("slept %v, want three times", slept.list)
	}
	for i, middle := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second} {
		if d := slept.list[i]; d < middle/2 || d > middle*3/2 {
			t.Errorf("wait %d is %s, want %s give or take half", i+1, d, middle)
		}
	}
}

// TestRate: a burst of one, then one request each 100 s; nobody waits here,
// so the waits that are asked for add up.
func TestRate(t *testing.T) {
	client, slept, _ := newClient(t, extracttest.NewScript(http.HandlerFunc(vendor)), func(o *httpx.Options) { o.Rate = 0.01 })
	for range 3 {
		if _, err := client.Do(t.Context(), ordersCall); err != nil {
			t.Fatal(err)
		}
	}
	var rounded []time.Duration
	for _, d := range slept.list {
		rounded = append(rounded, d.Round(20*time.Second))
	}
	if want := []time.Duration{100 * time.Second, 200 * time.Second}; !slices.Equal(rounded, want) {
		t.Errorf("slept %v, want about %v", slept.list, want)
	}
}

// TestConcurrency: of five calls two are under way, the others wait.
func TestConcurrency(t *testing.T) {
	arrived, release := make(chan struct{}, 5), make(chan struct{})
	script := extracttest.NewScript(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-release
		vendor(w, r)
	}))
	client, _, _ := newClient(t, script, func(o *httpx.Options) { o.Concurrency = 2 })
	var calls sync.WaitGroup
	for range 5 {
		calls.Go(func() {
			if _, err := client.Do(t.Context(), ordersCall); err != nil {
				t.Error(err)
			}
		})
	}
	<-arrived
	<-arrived
	if n := script.Requests(); n != 2 {
		t.Errorf("%d requests under way, want 2", n)
	}
	close(release)
	calls.Wait()
	if n := script.Requests(); n != 5 {
		t.Errorf("%d requests, want 5", n)
	}
}
