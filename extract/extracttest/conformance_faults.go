package extracttest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
)

// faultOrders is how many orders the vendor of the tests of faults holds:
// several pages, or several calls.
const (
	faultOrders  = 70
	faultNumbers = 8
)

func testFaults(t *testing.T, s Subject) {
	limits := extract.HTTPLimits{Retries: retries, MaxResponse: largest}
	o := opening{orders: faultOrders, pageSize: s.PageSize, workers: 1, limits: limits}
	if s.Lists == nil {
		o.orders = faultNumbers
	}
	undisturbed := s.open(t, o)
	want, err := undisturbed.fetch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range s.faults() {
		o := o
		o.limits.Timeout, o.oneShot = test.timeout, test.fault.Reset
		if test.once {
			test.asked = 2
		} else {
			t.Run(test.name+" for ever", func(t *testing.T) {
				t.Parallel()
				s.open(t, o).fail(t, s, test)
			})
		}
		if test.asked == 1 {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := s.open(t, o)
			// From the second read on: in the middle of a list.
			wrong := test.asked - 1
			b.Next(wrong, b.after(1), test.fault)
			night, err := b.fetch(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			sameNight(t, want, night)
			more := wrong
			if renewed := test.logIn && s.Renews; renewed {
				more++
			} else if len(b.slept) == 0 || (test.slept > 0 && !slices.Contains(b.slept, test.slept)) {
				t.Errorf("waits %v, want %s", b.slept, test.slept)
			}
			if got, want := b.Script.Requests(), undisturbed.Script.Requests()+more; !s.asMany(got, want) {
				t.Errorf("%d requests, want %d", got, want)
			}
		})
	}
	t.Run("one after the other", func(t *testing.T) { s.testInTurn(t, o, want, undisturbed.Script.Requests()) })
	if s.Renews {
		t.Run("expired token", func(t *testing.T) { s.testExpired(t, o, want, undisturbed.Script.Requests()) })
	}
	t.Run("redirect to another host", func(t *testing.T) { s.testRedirect(t, o) })
}

// asMany compares numbers of requests. Where the vendor ignores the page number
// that shows by chance a moment sooner or later, while some pages are under way.
func (s Subject) asMany(got, want int) bool {
	return got == want || s.Unpaged && max(got-want, want-got) <= 5
}

// testInTurn: a night in which every second read is answered wrongly, each time
// in another way, is the night that nobody disturbed.
func (s Subject) testInTurn(t *testing.T, o opening, want *Night, undisturbed int) {
	o.oneShot = true
	b := s.open(t, o)
	var (
		last  *http.Request
		reads int
	)
	second := func(r *http.Request) bool { // called by one at a time, several times a request
		if r != last && b.IsRead(r) {
			reads++
		}
		last = r
		return b.IsRead(r) && reads%2 == 0
	}
	var used []faultTest
	for _, test := range s.faults() {
		if test.asked > 1 { // can pass, and the vendor answers
			used = append(used, test)
			b.Next(1, second, test.fault)
		}
	}
	night, err := b.fetch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sameNight(t, want, night)
	used = used[:min(reads/2, len(used))]
	more := len(used)
	for _, test := range used {
		if test.logIn && s.Renews {
			more++
		}
	}
	if got := b.Script.Requests(); len(used) < 5 || !s.asMany(got, undisturbed+more) {
		t.Errorf("%d requests with %d wrong answers, want %d", got, len(used), undisturbed+more)
	}
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

// fail has the first read fail for ever. It may be sent as often as the test
// says and no more, nothing of a wrong answer may be yielded, and the error
// must tell its class without the answer's text.
func (b *bench) fail(t *testing.T, s Subject, test faultTest) {
	t.Helper()
	b.Next(forever, b.IsRead, test.fault)
	night, err := b.fetch(t.Context())
	var e *extract.Error
	if !errors.As(err, &e) || e.Op == "" {
		t.Fatalf("error %v, want one of a call that names what was being done", err)
	}
	if e.Class != test.class {
		t.Errorf("error %v of class %v, want class %v", err, e.Class, test.class)
	}
	if body := test.fault.Body; len(body) > 5 && strings.Contains(err.Error(), body) {
		t.Errorf("error %v holds the vendor's answer", err)
	}
	if len(night.Pages) != 0 {
		t.Errorf("%d pages were yielded, want none", len(night.Pages))
	}
	// Sources without lists ask for orders, which fail one by one: ten in a row are
	// too many. They ask for the next ones before an answer is taken: for two more at
	// most, on a machine that has other work.
	if got, want := b.readCount(), test.asked; got < want || (s.Lists != nil && got != want) || got > (10+2)*want {
		t.Errorf("%d reads, want %d", got, want)
	}
}

const forever = 1 << 30

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
// it.
func (s Subject) testExpired(t *testing.T, o opening, want *Night, undisturbed int) {
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
// What HTTP calls temporary is asked for once more, at the same address.
func (s Subject) testRedirect(t *testing.T, o opening) {
	var strays atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strays.Add(1) }))
	defer other.Close()
	for status, asked := range map[int]int{http.StatusFound: 2, http.StatusTemporaryRedirect: 2, http.StatusMovedPermanently: 1} {
		b := s.open(t, o)
		b.fail(t, s, faultTest{fault: Fault{Status: status, Header: http.Header{"Location": {other.URL + "/secret?token=1"}}}, asked: asked})
	}
	if n := strays.Load(); n != 0 {
		t.Errorf("%d requests went to another host", n)
	}
}

// testEndless: a vendor that answers one page for ever costs a bounded number
// of requests and never passes for a whole list, whatever it states as the number
// of orders, and though one of them has no id.
func testEndless(t *testing.T, s Subject) {
	for name, said := range map[string]func(total, rows, page int) string{
		"the total":      func(total, _, _ int) string { return strconv.Itoa(total) },
		"no total":       func(int, int, int) string { return "null" },
		"its own number": func(_, rows, _ int) string { return strconv.Itoa(rows) },
	} {
		for _, unnamed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, an order without an id: %v", name, unnamed), func(t *testing.T) {
				t.Parallel()
				s.endless(t, said, unnamed)
			})
		}
	}
}

func (s Subject) endless(t *testing.T, said func(total, rows, page int) string, unnamed bool) {
	b := s.open(t, opening{orders: faultOrders, pageSize: s.PageSize, workers: 1})
	b.Depart(func(asked int) int { return asked }, said)
	page := &firstAnswer{bench: b, unnamed: unnamed}
	a := Open(t, s.Driver, b.yaml(DirectAddress), extract.Env{Now: b.Now, Transport: Direct(page)})
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
	// unnamed takes the id of the first order away.
	unnamed bool
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
	body := f.first.Body.Bytes()
	if f.unnamed {
		body = f.withoutID(body)
	}
	maps.Copy(w.Header(), f.first.Header())
	w.WriteHeader(f.first.Code)
	_, _ = w.Write(body) // a client that hung up is no concern of the vendor's
}

// withoutID is an answer whose first order has no id.
func (b *bench) withoutID(body []byte) []byte {
	known := b.ids(faultOrders)
	for _, at := range anyID.FindAllSubmatchIndex(body, -1) {
		if known[string(body[at[2]:at[3]])] {
			return slices.Concat(body[:at[0]], []byte(":null,"), body[at[1]:])
		}
	}
	return body
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
