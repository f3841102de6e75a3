package httpx_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

const (
	akubelaToken = "/api/v1.0/invoke/open-ability/method/oauth2/token"
	clientSecret = "cs-secret"
)

// issuer is a vendor of both log-ins with one read, GET /orders. It takes
// one token at a time: a log-in or a renewal ends the one before.
type issuer struct {
	mu      sync.Mutex
	n       int      // tokens issued
	good    string   // the access token that is taken
	refresh string   // the refresh token that is taken; "" for none
	calls   []string // "log in", "renew", "read"
	gate    func()   // called by every read before it is answered
}

func (v *issuer) note(call string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.calls = append(v.calls, call)
}

func (v *issuer) issue(w http.ResponseWriter, tuya bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.n++
	v.good, v.refresh = fmt.Sprintf("access-%d", v.n), fmt.Sprintf("refresh-%d", v.n)
	expiry := "expires_in"
	if tuya {
		expiry = "expire_time"
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"success": true, "result": map[string]any{
		"access_token": v.good, "refresh_token": v.refresh, expiry: 7200,
	}})
}

func (v *issuer) takes(access, refresh string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return (access != "" && access == v.good) || (refresh != "" && refresh == v.refresh)
}

// end makes the vendor forget its tokens.
func (v *issuer) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.good, v.refresh = "", ""
}

func (v *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	refuse := func(tuyaCode string, status int) {
		if strings.HasPrefix(r.URL.Path, "/v1.0/") || r.Header.Get("client_id") != "" {
			fmt.Fprintf(w, `{"success":false,"code":%s,"msg":"leaked"}`, tuyaCode)
			return
		}
		w.WriteHeader(status)
	}
	switch {
	case r.URL.Path == "/v1.0/token" && r.URL.Query().Get("grant_type") == "1":
		v.note("log in")
		want := httpx.TuyaRequest{ClientID: "id-1", T: r.Header.Get("t"), Method: "GET", URL: "/v1.0/token?grant_type=1"}
		if r.Header.Get("sign") != want.Sign(clientSecret) {
			refuse("1004", 0)
			return
		}
		v.issue(w, true)
	case strings.HasPrefix(r.URL.Path, "/v1.0/token/"):
		v.note("renew")
		if !v.takes("", strings.TrimPrefix(r.URL.Path, "/v1.0/token/")) {
			refuse("1010", 0)
			return
		}
		v.issue(w, true)
	case r.URL.Path == akubelaToken && r.PostFormValue("grant_type") == "client_credentials":
		v.note("log in")
		if r.PostFormValue("client_id") != "id-1" || r.PostFormValue("client_secret") != clientSecret || r.PostFormValue("scope") != "hotel" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_client","error_description":"leaked"}`)
			return
		}
		v.issue(w, false)
	case r.URL.Path == akubelaToken && r.PostFormValue("grant_type") == "refresh_token":
		v.note("renew")
		if !v.takes("", r.PostFormValue("refresh_token")) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		v.issue(w, false)
	case r.URL.Path == "/orders":
		v.note("read")
		ok := v.takes(r.Header.Get("access_token")+strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), "")
		if v.gate != nil {
			v.gate()
		}
		if !ok {
			refuse("1010", http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, success)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (v *issuer) count(call string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := 0
	for _, c := range v.calls {
		if c == call {
			n++
		}
	}
	return n
}

// clock is a clock that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// kinds are the kinds that log in.
var kinds = []string{"tuya", "oauth2"}

type fixture struct {
	vendor *issuer
	script *extracttest.Script
	clock  *clock
	url    string
	tokens *extract.TokenStore
}

func newFixture(t *testing.T) *fixture {
	f := &fixture{vendor: new(issuer), clock: &clock{at: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}, tokens: new(extract.TokenStore)}
	f.script = extracttest.NewScript(f.vendor)
	server := httptest.NewServer(f.script)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

func (f *fixture) client(t *testing.T, kind, secret string) *httpx.Client {
	t.Helper()
	limits := extract.HTTPLimits{Timeout: 10 * time.Second, Retries: 2, Sleep: new(naps).sleep}
	auth, err := httpx.AuthConfig{Kind: kind, ClientID: "id-1", ClientSecret: secret}.New(httpx.AuthOptions{
		BaseURL: f.url, Limits: limits, Clock: f.clock.now, OAuthPath: akubelaToken, OAuthScope: "hotel", Tokens: f.tokens, Check: checkCode,
	}, kinds...)
	if err != nil {
		t.Fatal(err)
	}
	return httpx.New(httpx.Options{
		BaseURL: f.url, Concurrency: 8, Limits: limits, Auth: auth, Allow: []httpx.Read{{Method: http.MethodGet, Path: "/orders"}},
		Check: checkCode,
	})
}

// checkCode is the success test of the issuer's answers.
func checkCode(body []byte) error {
	var answer struct {
		Success bool        `json:"success"`
		Code    json.Number `json:"code"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Success {
		return err
	}
	switch answer.Code {
	case "1004":
		return &extract.Error{Code: "1004", Hint: "check auth.client_secret"}
	case "1010":
		return &extract.Error{Class: extract.Expired, Code: "1010"}
	}
	return &extract.Error{Code: answer.Code.String(), Err: extract.ErrRefused}
}

func read(t *testing.T, c *httpx.Client) error {
	t.Helper()
	_, err := c.Do(t.Context(), httpx.Call{Op: "read orders", Method: http.MethodGet, Path: "/orders"})
	return err
}

// forKinds runs a test with each kind that logs in.
func forKinds(t *testing.T, test func(t *testing.T, kind string)) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) { test(t, kind) })
	}
}

// TestLogInOnce: the first read logs in, the second uses the token, one near
// its end renews it, and one whose renewal is refused logs in again.
func TestLogInOnce(t *testing.T) {
	forKinds(t, func(t *testing.T, kind string) {
		f := newFixture(t)
		c := f.client(t, kind, clientSecret)
		for _, forward := range []time.Duration{0, time.Hour, time.Hour} { // the second hour ends the token's life
			f.clock.forward(forward)
			if err := read(t, c); err != nil {
				t.Fatal(err)
			}
		}
		f.clock.forward(2 * time.Hour)
		f.vendor.end()
		if err := read(t, c); err != nil {
			t.Fatal(err)
		}
		want := []string{"log in", "read", "read", "renew", "read", "renew", "log in", "read"}
		if !slices.Equal(f.vendor.calls, want) {
			t.Errorf("calls %v, want %v", f.vendor.calls, want)
		}
	})
}

// TestExpiredMidScan: eight reads under way at once have their token refused;
// one of them logs in, and all eight succeed.
func TestExpiredMidScan(t *testing.T) {
	forKinds(t, func(t *testing.T, kind string) {
		f := newFixture(t)
		c := f.client(t, kind, clientSecret)
		if err := read(t, c); err != nil {
			t.Fatal(err)
		}
		f.vendor.end()
		// No read is answered before all eight have arrived with the old token.
		var arrived sync.WaitGroup
		arrived.Add(8)
		var mu sync.Mutex
		waiting := 8
		f.vendor.gate = func() {
			mu.Lock()
			first := waiting > 0
			if first {
				waiting--
			}
			mu.Unlock()
			if first {
				arrived.Done()
				arrived.Wait()
			}
		}
		var reads sync.WaitGroup
		for range 8 {
			reads.Go(func() {
				if err := read(t, c); err != nil {
					t.Error(err)
				}
			})
		}
		reads.Wait()
		if logins, reads := f.vendor.count("log in"), f.vendor.count("read"); logins != 2 || reads != 1+8+8 {
			t.Errorf("%d log-ins and %d reads, want 2 and 17", logins, reads)
		}
		if n := f.vendor.count("renew"); n != 0 {
			t.Errorf("%d renewals of a token that the vendor refused, want none", n)
		}
	})
}

// TestSharedKey: two accounts of one key share one token; an account with
// another secret does not live on it.
func TestSharedKey(t *testing.T) {
	forKinds(t, func(t *testing.T, kind string) {
		f := newFixture(t)
		for range 2 {
			if err := read(t, f.client(t, kind, clientSecret)); err != nil {
				t.Fatal(err)
			}
		}
		if n := f.vendor.count("log in"); n != 1 {
			t.Errorf("%d log-ins, want 1", n)
		}
		if err := read(t, f.client(t, kind, "wrong")); extract.ClassOf(err) != extract.Permanent {
			t.Errorf("error %v, want a permanent one", err)
		}
	})
}

// TestWrongKey: the log-in is tried once by reads that wait together, the
// error names the keys and shows neither them nor the vendor's text.
func TestWrongKey(t *testing.T) {
	forKinds(t, func(t *testing.T, kind string) {
		f := newFixture(t)
		err := read(t, f.client(t, kind, "wrong-"+clientSecret))
		var e *extract.Error
		if !errors.As(err, &e) || e.Class != extract.Permanent || e.Op != "log in" || !strings.Contains(e.Hint, "auth.client_secret") {
			t.Fatalf("error %v, want a permanent one of the log-in", err)
		}
		if want := map[string]string{"tuya": "1004", "oauth2": "invalid_client"}[kind]; e.Code != want {
			t.Errorf("code %q, want %q", e.Code, want)
		}
		for _, secret := range []string{clientSecret, "leaked", "grant_type", "id-1"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%q stands in %q", secret, err)
			}
		}
		if n := f.script.Requests(); n != 1 {
			t.Errorf("%d requests, want 1", n)
		}
	})
}

// TestLogInFails: a log-in is worth trying again for the same reasons as a
// read, and its error does not show the refresh token that stands in the path.
func TestLogInFails(t *testing.T) {
	forKinds(t, func(t *testing.T, kind string) {
		f := newFixture(t)
		f.script.Next(2, nil, extracttest.Fault{Status: 502})
		c := f.client(t, kind, clientSecret)
		if err := read(t, c); err != nil {
			t.Fatal(err)
		}
		if n := f.script.Requests(); n != 4 { // two failures, log-in, read
			t.Errorf("%d requests, want 4", n)
		}
		f.clock.forward(3 * time.Hour)
		f.script.Next(9, nil, extracttest.Fault{Status: 502})
		err := read(t, c)
		if extract.ClassOf(err) != extract.Transient || strings.Contains(err.Error(), "refresh-") {
			t.Errorf("error %v, want a transient one without the token", err)
		}
	})
}

// TestRefusedTwice: a token that is refused right after the log-in is an
// error, not a loop.
func TestRefusedTwice(t *testing.T) {
	forKinds(t, func(t *testing.T, kind string) {
		f := newFixture(t)
		f.script.Next(9, extracttest.Path("/orders"), extracttest.Fault{Status: 401})
		err := read(t, f.client(t, kind, clientSecret))
		if extract.ClassOf(err) != extract.Expired || f.vendor.count("log in") != 2 || f.script.Requests() != 4 {
			t.Errorf("error %v after %d log-ins and %d requests, want expired, 2 and 4", err, f.vendor.count("log in"), f.script.Requests())
		}
	})
}
