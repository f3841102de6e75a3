package extracttest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

// faultOrders is how many orders the vendor of the tests of faults holds:
// several pages.
const faultOrders = 70

// retries is http.retries of these tests: a read is sent three times at most.
const retries = 2

// faultTest is one kind of wrong answer.
type faultTest struct {
	name  string
	fault Fault
	times int // reads that are answered wrongly; forever is no end
	// fails and class say how the reading ends; any is either class.
	fails   bool
	class   extract.Class
	any     bool
	slept   time.Duration // a wait that must have been asked for
	timeout time.Duration
}

const forever = 1 << 30

// patience is the timeout of tests in which the vendor does not answer: long
// enough for a busy machine to answer all other calls.
const patience = 400 * time.Millisecond

func (s Subject) faults() []faultTest {
	html := http.Header{"Content-Type": {"text/html"}}
	retryDate := http.Header{"Date": {"Sat, 08 Mar 2025 04:00:00 GMT"}, "Retry-After": {"Sat, 08 Mar 2025 04:01:30 GMT"}}
	wrong := s.WrongEnvelope
	if wrong == "" {
		wrong = `{"status":"ok"}`
	}
	tests := []faultTest{
		{name: "429", fault: Fault{Status: 429}, times: 1},
		{name: "429 with Retry-After", fault: Fault{Status: 429, Header: http.Header{"Retry-After": {"7"}}}, times: 1, slept: 7 * time.Second},
		{name: "429 with a date", fault: Fault{Status: 429, Header: retryDate}, times: 1, slept: 90 * time.Second},
		{name: "429 for ever", fault: Fault{Status: 429}, times: forever, fails: true, class: extract.Limited},
		{name: "500 twice", fault: Fault{Status: 500, Body: "Internal Server Error"}, times: 2},
		{name: "502 twice", fault: Fault{Status: 502, Header: html, Body: "<html>"}, times: 2},
		{name: "503 twice", fault: Fault{Status: 503}, times: 2},
		{name: "503 for ever", fault: Fault{Status: 503}, times: forever, fails: true, class: extract.Transient},
		{name: "reset", fault: Fault{Reset: true}, times: 1},
		{name: "reset for ever", fault: Fault{Reset: true}, times: forever, fails: true, class: extract.Transient},
		{name: "timeout", fault: Fault{Hang: true}, times: 1, timeout: patience},
		{name: "slow drip", fault: Fault{Drip: true, Body: `{"success":true}`}, times: 1, timeout: patience},
		{name: "truncated", fault: Fault{Truncated: true, Body: `{"success":true,"`}, times: 1},
		{name: "truncated for ever", fault: Fault{Truncated: true, Body: `{"success":true,"`}, times: forever, fails: true, class: extract.Transient},
		{name: "HTML with 200", fault: Fault{Header: html, Body: "<html>log in</html>"}, times: forever, fails: true},
		{name: "invalid JSON", fault: Fault{Body: `{"success":true,"result":}`}, times: forever, fails: true, any: true},
		{name: "wrong envelope", fault: Fault{Body: wrong}, times: forever, fails: true},
		{name: "gzip bomb", fault: bomb(), times: forever, fails: true},
	}
	if s.RateCode != "" {
		tests = append(tests,
			faultTest{name: "rate code in a 200", fault: Fault{Body: s.RateCode}, times: 1},
			faultTest{name: "rate code in a 200 for ever", fault: Fault{Body: s.RateCode}, times: forever, fails: true, class: extract.Limited})
	}
	return tests
}

// largest is http.max_response of these tests, in bytes.
const largest = 1 << 20

// bomb is eight times largest, compressed.
func bomb() Fault {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(bytes.Repeat([]byte("{"), 8*largest)) // to memory
	_ = w.Close()
	return Fault{Header: http.Header{"Content-Encoding": {"gzip"}}, Body: b.String()}
}

func testFaults(t *testing.T, s Subject) {
	limits := extract.HTTPLimits{Retries: retries, MaxResponse: largest}
	o := opening{orders: faultOrders, pageSize: s.PageSize, workers: 1, limits: limits}
	undisturbed := s.open(t, o)
	want, err := undisturbed.fetch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range s.faults() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := o
			o.limits.Timeout, o.oneShot = test.timeout, test.fault.Reset
			b := s.open(t, o)
			if test.fails {
				b.fail(t, s, test)
				return
			}
			// The second read is hit: in the middle of a list.
			b.Next(test.times, b.after(1), test.fault)
			night, err := b.fetch(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			sameNight(t, want, night)
			if got, want := b.Script.Requests(), undisturbed.Script.Requests()+test.times; got != want {
				t.Errorf("%d requests, want %d", got, want)
			}
			if len(b.slept) == 0 || (test.slept > 0 && !slices.Contains(b.slept, test.slept)) {
				t.Errorf("waits %v, want %s", b.slept, test.slept)
			}
		})
	}
	t.Run("expired token", func(t *testing.T) { s.testExpired(t, o, want, undisturbed.Script.Requests()) })
	t.Run("redirect to another host", func(t *testing.T) { s.testRedirect(t, o) })
}

// after matches reads but for the first n.
func (b *bench) after(n int) func(*http.Request) bool {
	return func(r *http.Request) bool { // called by one at a time
		if !b.IsRead(r) {
			return false
		}
		n--
		return n < 0
	}
}

// fail has the first read fail for ever. Nothing of a wrong answer may be
// yielded, and the error must tell its class without the answer's text.
func (b *bench) fail(t *testing.T, s Subject, test faultTest) {
	t.Helper()
	b.Next(test.times, b.IsRead, test.fault)
	night, err := b.fetch(t.Context())
	var e *extract.Error
	if !errors.As(err, &e) || e.Op == "" {
		t.Fatalf("error %v, want one of a call that names what was being done", err)
	}
	if e.Class != test.class && !(test.any && e.Class == extract.Transient) {
		t.Errorf("error %v of class %v, want class %v", err, e.Class, test.class)
	}
	if body := test.fault.Body; len(body) > 5 && strings.Contains(err.Error(), body) {
		t.Errorf("error %v holds the vendor's answer", err)
	}
	if len(night.Pages) != 0 {
		t.Errorf("%d pages were yielded, want none", len(night.Pages))
	}
	want := 1
	if e.Class == extract.Transient || e.Class == extract.Limited {
		want += retries
	}
	// Sources without lists ask for orders, which fail one by one: ten in a row are
	// too many. They ask for the next ones before an answer is taken: for two more at
	// most, on a machine that has other work.
	if got := b.readCount(); got < want || (s.Lists != nil && got != want) || got > (10+2)*want {
		t.Errorf("%d reads, want %d", got, want)
	}
}

// sameNight fails the test unless both nights hold the same rows.
func sameNight(t *testing.T, want, got *Night) {
	t.Helper()
	for _, table := range slices.Sorted(maps.Keys(want.Tables)) {
		if !slices.EqualFunc(want.Tables[table], got.Tables[table], maps.Equal) {
			t.Errorf("%s: %d rows, want the same as without the fault: %d", table, len(got.Tables[table]), len(want.Tables[table]))
		}
	}
	if len(want.Tables) != len(got.Tables) || len(want.Pages) != len(got.Pages) {
		t.Errorf("%d tables of %d pages, want %d of %d", len(got.Tables), len(got.Pages), len(want.Tables), len(want.Pages))
	}
}

// testExpired ends the tokens before the second read. One more log-in mends
// it; a fixed credential that is refused cannot be mended.
func (s Subject) testExpired(t *testing.T, o opening, want *Night, undisturbed int) {
	if !s.Renews {
		b := s.open(t, o)
		b.fail(t, s, faultTest{fault: Fault{Status: 401}, times: forever, fails: true, class: extract.Expired})
		return
	}
	b := s.open(t, o)
	second := b.after(1)
	var once sync.Once
	b.Before(func(r *http.Request) {
		if second(r) {
			once.Do(b.Expire)
		}
	})
	night, err := b.fetch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sameNight(t, want, night)
	// The read is refused, a log-in follows, and the read is sent again.
	if got := b.Script.Requests(); got != undisturbed+2 {
		t.Errorf("%d requests, want %d", got, undisturbed+2)
	}
}

// testRedirect: credentials are not carried to an address nobody configured.
func (s Subject) testRedirect(t *testing.T, o opening) {
	var strays atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strays.Add(1) }))
	defer other.Close()
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect} {
		b := s.open(t, o)
		b.fail(t, s, faultTest{fault: Fault{Status: status, Header: http.Header{"Location": {other.URL + "/secret?token=1"}}}, times: forever, fails: true})
	}
	if n := strays.Load(); n != 0 {
		t.Errorf("%d requests went to another host", n)
	}
}

// testEndless: a vendor that answers one page for ever costs a bounded number
// of requests and never passes for a whole list.
func testEndless(t *testing.T, s Subject) {
	b := s.open(t, opening{orders: faultOrders, pageSize: s.PageSize, workers: 1})
	page := &firstAnswer{bench: b}
	server := httptest.NewServer(page)
	defer server.Close()
	a := Open(t, s.Driver, b.yaml(server.URL), extract.Env{Now: b.Now})
	night, err := TryFetch(t.Context(), a, b.Plan)
	if err == nil {
		marked := false
		for _, o := range night.Outcomes {
			marked = marked || o.Marked()
		}
		if !marked {
			t.Errorf("one page for ever passes for a whole list of %d windows", len(night.Windows))
		}
	}
	most := s.EndlessMax
	if most == 0 {
		most = 60
	}
	if n := page.reads; n > most {
		t.Errorf("%d reads, want at most %d", n, most)
	}
}

// firstAnswer repeats the first answer to any read.
type firstAnswer struct {
	*bench
	mu    sync.Mutex
	first *httptest.ResponseRecorder
	reads int
}

func (f *firstAnswer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !f.IsRead(r) {
		f.bench.ServeHTTP(w, r)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	if f.first == nil {
		f.first = httptest.NewRecorder()
		f.bench.ServeHTTP(f.first, r)
	}
	maps.Copy(w.Header(), f.first.Header())
	w.WriteHeader(f.first.Code)
	_, _ = w.Write(f.first.Body.Bytes()) // a client that hung up is no concern of the vendor's
}

// testCanceled ends the night before the second read is answered.
func testCanceled(t *testing.T, s Subject) {
	b := s.open(t, opening{orders: faultOrders, pageSize: s.PageSize, workers: 1})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	second := b.after(1)
	b.Before(func(r *http.Request) {
		if second(r) {
			cancel()
		}
	})
	_, err := b.fetch(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of a canceled night", err)
	}
	if n := b.readCount(); n > 3 {
		t.Errorf("%d reads, want none after the night was canceled", n)
	}
}
