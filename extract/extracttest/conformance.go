package extracttest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

// Subject is a source that Conformance puts to the test.
type Subject struct {
	Driver extract.Driver
	// New makes a vendor that holds orders 0 to n−1.
	New func(t testing.TB, n int) *Vendor
	// Lists are the streams each of which must bring every order. nil is a
	// source without lists, which asks by number: it is spared the tests of
	// paging and drift.
	Lists []string
	// Requests is the number of requests, log-in included, that reading the
	// lists of 400 orders takes with a page_size of 20 (or of 2,000 with one of
	// 100); worked out by hand.
	Requests int
	// RateCode is the body with status 200 that says "asked too often"; ""
	// where the vendor documents none.
	RateCode string
	// WrongEnvelope is valid JSON that is not the vendor's envelope; "" is
	// {"status":"ok"}.
	WrongEnvelope string
	// WrongShape is a success in the vendor's envelope that holds something
	// else than what a read asks for: a list that is none.
	WrongShape string
	// UnknownCode is a refusal by a code that the vendor does not document.
	UnknownCode string
	// EndlessMax is the most requests that a vendor may cost which answers
	// one page for ever; 0 is 60.
	EndlessMax int
	// Untotalled is set where the vendor's lists state no totals.
	Untotalled bool
	// Unpaged is set where the vendor ignores the page number: what it answers
	// need not be all, as long as the window says so.
	Unpaged bool
	// Renews is set where a token that the vendor has ended is renewed.
	Renews bool
	// SpareFaults leaves the faults, which take many requests, to
	// NIGHTAUDIT_SLOW=1: for another way of reading the same vendor's lists,
	// where the first is tested with all faults.
	SpareFaults bool
	// PageSize is that of the tests of faults; 0 is 20.
	PageSize int
	// One makes a vendor that cannot show one order of those it is asked for by
	// id; nil where that is tested with another Subject.
	One func(t testing.TB) One
}

// Vendor is a simulated vendor with one account. Put, Touch and Delete are
// called one at a time, also while a request waits for its answer.
type Vendor struct {
	Handler interface {
		http.Handler
		Refused() []string
	}
	// Depart is that of the simulator's lists (simulate.Lists).
	Depart func(size func(asked int) int, total func(total, rows, page int) string)
	// Config is the account's YAML without account, base_url, rate,
	// concurrency and page_size.
	Config string
	// Plan asks for a range that holds every order, also those put later.
	Plan extract.Plan
	Now  func() time.Time // of the account; nil is time.Now
	// ID is the key of order i in Facts.Keys.
	ID func(i int) string
	// Put adds order i within the asked range, as one that arrives late.
	Put func(i int)
	// Touch changes order i the way the vendor records a change; false says
	// that the order has left the asked range with it.
	Touch  func(i int) (inRange bool)
	Delete func(i int)
	Expire func()                     // ends all tokens; nil where there are none
	IsRead func(r *http.Request) bool // no log-in: what faults may hit
}

// long asks for the thorough form of the tests: the environment variable
// NIGHTAUDIT_LONG is 1.
func long() bool { return os.Getenv("NIGHTAUDIT_LONG") == "1" }

// Conformance is the exercise that every source passes: paging, lists that
// change while they are read, vendors that answer wrongly, and cancellation.
// With NIGHTAUDIT_LONG=1 in the environment lists change over 200 rounds of
// 2,000 orders instead of a few smaller ones.
func Conformance(t *testing.T, s Subject) {
	if s.PageSize == 0 {
		s.PageSize = 20
	}
	if s.Lists != nil {
		t.Run("paging", func(t *testing.T) { testPaging(t, s) })
		t.Run("drift", func(t *testing.T) { testDrift(t, s) })
		t.Run("lists", func(t *testing.T) { Lists(t, s) })
		t.Run("endless page", func(t *testing.T) { testEndless(t, s) })
		if !s.Unpaged {
			t.Run("endless news", func(t *testing.T) { testEndlessNews(t, s) })
		}
		t.Run("empty answer", func(t *testing.T) { testEmpty(t, s) })
	}
	if !s.SpareFaults || long() || os.Getenv("NIGHTAUDIT_SLOW") == "1" {
		t.Run("bytes", func(t *testing.T) { testBytes(t, s) })
		t.Run("faults", func(t *testing.T) { testFaults(t, s) })
	}
	if s.One != nil {
		t.Run("one order", func(t *testing.T) { testOne(t, s) })
	}
	t.Run("canceled", func(t *testing.T) { testCanceled(t, s) })
}

// bench is a vendor behind a script, and an account of it.
type bench struct {
	*Vendor
	*Script
	account extract.Source
	yaml    func(address string) string

	mu    sync.Mutex
	reads int
	slept []time.Duration
}

// opening says how a bench is set up.
type opening struct {
	orders, pageSize, workers int
	limits                    extract.HTTPLimits
	// direct spares the network, which no fault has to go through.
	direct bool
	// oneShot gives every request a connection of its own: Go sends a GET
	// again by itself where a connection that was kept is reset.
	oneShot bool
}

func (s Subject) open(t testing.TB, o opening) *bench {
	t.Helper()
	v := s.New(t, o.orders)
	b := &bench{Vendor: v, Script: NewScript(v.Handler)}
	t.Cleanup(func() { CheckReadsOnly(t, v.Handler) })
	o.limits.Sleep = func(ctx context.Context, d time.Duration) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.slept = append(b.slept, d)
		return ctx.Err()
	}
	b.yaml = func(address string) string {
		text := fmt.Sprintf("account: conformance\nbase_url: %s\nrate: 100000/s\nconcurrency: %d\n", address, o.workers)
		if s.Lists != nil {
			text += fmt.Sprintf("page_size: %d\n", o.pageSize)
		}
		return text + v.Config
	}
	address, transport := DirectAddress, Direct(b)
	if !o.direct {
		server := httptest.NewServer(b)
		t.Cleanup(server.Close)
		address, transport = server.URL, server.Client().Transport
	}
	if o.oneShot {
		transport = &http.Transport{DisableKeepAlives: true}
	}
	b.account = Open(t, s.Driver, b.yaml(address), extract.Env{Now: v.Now, HTTP: o.limits, Transport: transport})
	return b
}

// Read counts the requests that IsRead admits, before they are answered.
func (b *bench) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if b.IsRead(r) {
		b.mu.Lock()
		b.reads++
		b.mu.Unlock()
	}
	b.Script.ServeHTTP(w, r)
}

func (b *bench) readCount() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.reads
}

// fetch reads the lists.
func (b *bench) fetch(ctx context.Context) (*Night, error) { return TryFetch(ctx, b.account, b.Plan) }

// fetchKeys reads the lists and keeps only their keys.
func (b *bench) fetchKeys(ctx context.Context) (*Night, error) {
	c := newCollector(b.account)
	c.keysOnly = true
	return c.night, c.run(ctx, b.Plan)
}

// keys are the distinct keys that a stream brought; marked tells that one of
// its windows is marked.
func (n *Night) keys(stream string) (keys map[string]bool, marked bool) {
	keys = map[string]bool{}
	for i, o := range n.Outcomes {
		if n.Windows[i].Stream != stream {
			continue
		}
		marked = marked || o.Marked()
		for _, key := range o.Keys {
			keys[key] = true
		}
	}
	return keys, marked
}

func (b *bench) ids(n int) map[string]bool {
	ids := map[string]bool{}
	for i := range n {
		ids[b.ID(i)] = true
	}
	return ids
}

// lacking are the keys of want that got lacks.
func lacking(want, got map[string]bool) []string {
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if !got[key] {
			keys = append(keys, key)
		}
	}
	return keys
}

// some is the beginning of a list, for messages.
func some(keys []string) string {
	if len(keys) > 5 {
		return fmt.Sprintf("%s and %d more", strings.Join(keys[:5], ", "), len(keys)-5)
	}
	return strings.Join(keys, ", ")
}

// checkAll fails the test unless every list brought orders 0 to n−1, nothing
// else, and no window is marked.
func (s Subject) checkAll(t *testing.T, b *bench, night *Night, n int) {
	t.Helper()
	want := b.ids(n)
	for _, stream := range s.Lists {
		got, marked := night.keys(stream)
		if missing, extra := lacking(want, got), lacking(got, want); len(missing) > 0 || len(extra) > 0 || marked {
			t.Errorf("%s: %d orders, marked %v; missing: %s; not at the vendor: %s", stream, len(got), marked, some(missing), some(extra))
		}
	}
}

func testPaging(t *testing.T, s Subject) {
	orders, size := 400, 20
	if long() {
		orders, size = 2000, 100 // as many pages
	}
	for _, workers := range []int{1, 4} {
		b := s.open(t, opening{orders: orders, pageSize: size, workers: workers, direct: true})
		night, err := b.fetchKeys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.checkAll(t, b, night, orders)
		if n := b.Script.Requests(); s.Requests > 0 && n != s.Requests {
			t.Errorf("%d requests with concurrency %d, want %d", n, workers, s.Requests)
		}
	}
}

// testEmpty: a vendor that held thousands yesterday and holds none tonight is
// believed as far as extraction goes; that nothing is deleted for it is the
// loader's part.
func testEmpty(t *testing.T, s Subject) {
	b := s.open(t, opening{orders: 60, pageSize: s.PageSize, workers: 1})
	for i := range 60 {
		b.Delete(i)
	}
	night, err := b.fetch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.checkAll(t, b, night, 0)
}
