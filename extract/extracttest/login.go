package extracttest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// The client keys of the exercise LogIns.
const (
	ClientID     = "id-1"
	ClientSecret = "cs-secret"
)

// LogIn is a kind of authentication that logs in, and its vendor.
type LogIn struct {
	Kind httpx.Kind
	// Check is the vendor's success test of all answers but the log-in's.
	Check func(body []byte) error
	// Read tells what a request is for. One of a log-in with wrong keys
	// holds neither credentials nor a token.
	Read func(r *http.Request) LogInRequest
	// Grant is the answer that gives two tokens, of which the first lives
	// for two hours.
	Grant func(access, refresh string) string
	// RefuseKeys and RefuseToken answer wrong keys and tokens; both put
	// "leaked" where the vendor would put a text of its own.
	RefuseKeys, RefuseToken func(w http.ResponseWriter)
	RefusalCode             string // of wrong keys, as the error has it; without one they are tried twice
	// Forms are log-ins' answers that give the token "a", and whether it has
	// to be replaced an hour later.
	Forms map[string]bool
}

// LogInRequest is what a request asks for.
type LogInRequest struct {
	LogIn   bool   // with the right keys
	Refresh string // renew the log-in with this token
	Access  string // read with this token
}

// LogIns is the exercise that every kind that logs in passes.
func LogIns(t *testing.T, l LogIn) {
	t.Run("once", l.testOnce)
	t.Run("expired mid scan", l.testExpiredMidScan)
	t.Run("shared key", l.testSharedKey)
	t.Run("wrong key", l.testWrongKey)
	t.Run("fails", l.testFails)
	t.Run("renewal fails", l.testRenewalFails)
	t.Run("refused twice", l.testRefusedTwice)
	t.Run("strange tokens", l.testStrangeTokens)
	t.Run("forms", l.testForms)
	t.Run("bytes", l.testBytes)
}

const readPath = "/orders"

// issuer is the vendor of one kind, with one read, GET /orders. It takes one
// token at a time: a log-in or a renewal ends the one before.
type issuer struct {
	kind *LogIn

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

func (v *issuer) issue(w http.ResponseWriter) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.n++
	v.good, v.refresh = fmt.Sprintf("access-%d", v.n), fmt.Sprintf("refresh-%d", v.n)
	_, _ = io.WriteString(w, v.kind.Grant(v.good, v.refresh)) // the client tells what is lost
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
	asked := v.kind.Read(r)
	switch {
	case r.URL.Path == readPath:
		v.note("read")
		ok := v.takes(asked.Access, "")
		if v.gate != nil {
			v.gate()
		}
		if !ok {
			v.kind.RefuseToken(w)
			return
		}
		_, _ = io.WriteString(w, `{"success":true}`)
	case asked.Refresh != "":
		v.note("renew")
		if !v.takes("", asked.Refresh) {
			v.kind.RefuseToken(w)
			return
		}
		v.issue(w)
	default:
		v.note("log in")
		if !asked.LogIn {
			v.kind.RefuseKeys(w)
			return
		}
		v.issue(w)
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

// logInBench is an issuer behind a script, and a clock that tests move.
type logInBench struct {
	vendor *issuer
	script *Script
	url    string
	tokens *extract.TokenStore

	retries int  // of the client
	oneShot bool // every request has a connection of its own, see opening

	mu sync.Mutex
	at time.Time
}

func (l *LogIn) bench(t *testing.T) *logInBench {
	b := &logInBench{vendor: &issuer{kind: l}, at: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), tokens: new(extract.TokenStore), retries: 2}
	b.script = NewScript(b.vendor)
	server := httptest.NewServer(b.script)
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

func (b *logInBench) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.at
}

func (b *logInBench) forward(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at = b.at.Add(d)
}

func (b *logInBench) client(t *testing.T, secret string) *httpx.Client {
	t.Helper()
	l := b.vendor.kind
	limits := extract.HTTPLimits{Timeout: 10 * time.Second, Retries: b.retries, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	var transport http.RoundTripper
	if b.oneShot {
		transport = &http.Transport{DisableKeepAlives: true}
	}
	config := AuthConfig(t, fmt.Sprintf("{kind: %s, client_id: %s, client_secret: %s}", l.Kind.Name, ClientID, secret), l.Kind)
	auth, err := config.New(httpx.AuthOptions{BaseURL: b.url, Transport: transport, Limits: limits, Clock: b.now, Tokens: b.tokens})
	if err != nil {
		t.Fatal(err)
	}
	return httpx.New(httpx.Options{
		BaseURL: b.url, Concurrency: 8, Limits: limits, Transport: transport, Auth: auth, Check: l.Check,
		Allow: []httpx.Read{{Method: http.MethodGet, Path: readPath}},
	})
}

// AuthConfig is the section auth of an account whose vendor takes kinds.
func AuthConfig(t testing.TB, text string, kinds ...httpx.Kind) *httpx.AuthConfig {
	t.Helper()
	c := &httpx.AuthConfig{Kinds: kinds}
	if err := yaml.NewDecoder(strings.NewReader(text), yaml.Strict()).Decode(c); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return c
}

func readOrders(t *testing.T, c *httpx.Client) error {
	t.Helper()
	_, err := c.Do(t.Context(), httpx.Call{Op: "read orders", Method: http.MethodGet, Path: readPath})
	return err
}

// testOnce: the first read logs in, the second uses the token, one near its
// end renews it, and one whose renewal is refused logs in again.
func (l *LogIn) testOnce(t *testing.T) {
	b := l.bench(t)
	c := b.client(t, ClientSecret)
	for _, forward := range []time.Duration{0, time.Hour, time.Hour} { // the second hour ends the token's life
		b.forward(forward)
		if err := readOrders(t, c); err != nil {
			t.Fatal(err)
		}
	}
	b.forward(2 * time.Hour)
	b.vendor.end()
	if err := readOrders(t, c); err != nil {
		t.Fatal(err)
	}
	want := []string{"log in", "read", "read", "renew", "read", "renew", "log in", "read"}
	if !slices.Equal(b.vendor.calls, want) {
		t.Errorf("calls %v, want %v", b.vendor.calls, want)
	}
}

// testExpiredMidScan: eight reads under way at once have their token refused;
// one of them logs in, and all eight succeed.
func (l *LogIn) testExpiredMidScan(t *testing.T) {
	b := l.bench(t)
	c := b.client(t, ClientSecret)
	if err := readOrders(t, c); err != nil {
		t.Fatal(err)
	}
	b.vendor.end()
	// No read is answered before all eight have arrived with the old token.
	var arrived sync.WaitGroup
	arrived.Add(8)
	var mu sync.Mutex
	waiting := 8
	b.vendor.gate = func() {
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
			if err := readOrders(t, c); err != nil {
				t.Error(err)
			}
		})
	}
	reads.Wait()
	if logIns, reads := b.vendor.count("log in"), b.vendor.count("read"); logIns != 2 || reads != 1+8+8 {
		t.Errorf("%d log-ins and %d reads, want 2 and 17", logIns, reads)
	}
	if n := b.vendor.count("renew"); n != 0 {
		t.Errorf("%d renewals of a token that the vendor refused, want none", n)
	}
}

// testSharedKey: two accounts of one key share one token; an account with
// another secret does not live on it.
func (l *LogIn) testSharedKey(t *testing.T) {
	b := l.bench(t)
	for range 2 {
		if err := readOrders(t, b.client(t, ClientSecret)); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.vendor.count("log in"); n != 1 {
		t.Errorf("%d log-ins, want 1", n)
	}
	if err := readOrders(t, b.client(t, "wrong")); extract.ClassOf(err) != extract.Permanent {
		t.Errorf("error %v, want a permanent one", err)
	}
}

// testWrongKey: the log-in is tried once, or once more where the vendor does
// not say why it refuses, and the error names the keys and
// shows neither them nor the vendor's text.
func (l *LogIn) testWrongKey(t *testing.T) {
	b := l.bench(t)
	err := readOrders(t, b.client(t, "wrong-"+ClientSecret))
	var e *extract.Error
	if !errors.As(err, &e) || e.Class != extract.Permanent || e.Op != "log in" || !strings.Contains(e.Hint, "auth.client_secret") {
		t.Fatalf("error %v, want a permanent one of the log-in", err)
	}
	if e.Code != l.RefusalCode {
		t.Errorf("code %q, want %q", e.Code, l.RefusalCode)
	}
	for _, secret := range []string{ClientSecret, "leaked", "grant_type", ClientID} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q stands in %q", secret, err)
		}
	}
	want := 1
	if l.RefusalCode == "" {
		want = 2
	}
	if n := b.script.Requests(); n != want {
		t.Errorf("%d requests, want %d", n, want)
	}
}

// testRefusedTwice: a token that is refused right after the log-in is an
// error, not a loop.
func (l *LogIn) testRefusedTwice(t *testing.T) {
	b := l.bench(t)
	b.script.Next(9, Path(readPath), Fault{Status: 401})
	err := readOrders(t, b.client(t, ClientSecret))
	if extract.ClassOf(err) != extract.Expired || b.vendor.count("log in") != 2 || b.script.Requests() != 4 {
		t.Errorf("error %v after %d log-ins and %d requests, want expired, 2 and 4", err, b.vendor.count("log in"), b.script.Requests())
	}
}

// testStrangeTokens: answers of status 200 that hold no token one can use.
func (l *LogIn) testStrangeTokens(t *testing.T) {
	for _, body := range []string{
		`{"success":true}`, `{"success":true,"result":null}`, `{"success":true,"result":{"access_token":""}}`,
		`{"success":true,"result":{"access_token":"leaked\nX: y"}}`, `{"success":true,"result":"leaked"}`,
		`{"success":false,"msg":"leaked"}`, `{"success":false,"code":"leaked leaked"}`, `{"success":false,"code":2007}`,
		`{"access_token":"leaked\nX: y"}`, `{"error":"leaked"}`,
	} {
		b := l.bench(t)
		b.script.Next(forever, nil, Fault{Body: body})
		err := readOrders(t, b.client(t, ClientSecret))
		if err == nil || extract.ClassOf(err) != extract.Permanent || strings.Contains(err.Error(), "leaked") {
			t.Errorf("%s: error %v, want a permanent one without the vendor's text", body, err)
		}
		if errors.Is(err, extract.ErrRefused) {
			t.Errorf("%s: error %v passes for the refusal of the one read", body, err)
		}
	}
}

// testForms: the forms in which a token and its life are stated.
func (l *LogIn) testForms(t *testing.T) {
	for body, renewed := range l.Forms {
		b := l.bench(t)
		b.vendor.good = "a"
		b.script.Next(1, nil, Fault{Body: body})
		client := b.client(t, ClientSecret)
		if err := readOrders(t, client); err != nil {
			t.Fatal(err)
		}
		b.forward(time.Hour)
		if err := readOrders(t, client); err != nil {
			t.Fatal(err)
		}
		if got := b.vendor.count("log in") > 0; got != renewed {
			t.Errorf("%s: logged in again: %v, want %v", body, got, renewed)
		}
	}
}

// testBytes: a log-in's answer whose token can be read without doubt is taken,
// though it is no JSON or not in UTF-8.
func (l *LogIn) testBytes(t *testing.T) {
	for body := range l.Forms {
		for name, fault := range map[string]Fault{
			"a byte order mark":      {Body: "\xef\xbb\xbf" + body},
			"text after the end":     {Body: body + "<!-- node 3 -->"},
			"a line break in a text": {Body: strings.Replace(body, "{", "{\"note\":\"a\nb\",", 1)},
			"UTF-16":                 {Body: string(inUTF16([]byte(body)))},
		} {
			b := l.bench(t)
			b.vendor.good = "a"
			b.script.Next(1, nil, fault)
			if err := readOrders(t, b.client(t, ClientSecret)); err != nil {
				t.Errorf("%s in %s: %v", name, body, err)
			}
			if n := b.script.Requests(); n != 2 {
				t.Errorf("%s in %s: %d requests, want 2", name, body, n)
			}
		}
	}
}
