// Package meter measures the stages of a run: how long each of them took of each
// account, in how many calls, over how many bytes and rows. A meter travels with
// the context of an account, so that whoever does the work measures it. It is of
// the machine's running and not of its clock, and may be used from several
// goroutines.
//
// Calls that were under way at once are added up: the seconds of an account's
// stages may be more than those of its night.
package meter

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Stage is a part of a run's work, as audit.stages and logs call it.
type Stage string

// The stages of an account, and, from Checks on, those of a run as a whole.
const (
	Plan   Stage = "plan"   // what the warehouse knows is looked up: cursors, orders to ask for
	Wait   Stage = "wait"   // for the rate limit, for a vendor that asked for a pause, before asking again
	Fetch  Stage = "fetch"  // requests, log-ins among them, until their answers were read
	Land   Stage = "land"   // answers are hashed, compressed, encrypted and made durable
	Decode Stage = "decode" // answers are read into rows
	Store  Stage = "stage"  // rows are written as Parquet
	Merge  Stage = "merge"  // the account's transaction, without the wait for those of other accounts

	Checks  Stage = "checks"
	Seal    Stage = "seal"    // the landing's files are hashed
	Publish Stage = "publish" // the database is closed, copied, compared and put in its place
	Report  Stage = "report"  // workbooks are written
)

// line are the stages in the sequence of the work.
var line = []Stage{Plan, Wait, Fetch, Land, Decode, Store, Merge, Checks, Seal, Publish, Report}

// Amount is how much a stage had to do; what a stage has none of is 0.
type Amount struct {
	Calls int64 `json:"calls,omitempty"` // how often it was done: requests, answers, batches, workbooks
	Bytes int64 `json:"bytes,omitempty"`
	Rows  int64 `json:"rows,omitempty"`
}

func (a *Amount) add(b Amount) {
	a.Calls, a.Bytes, a.Rows = a.Calls+b.Calls, a.Bytes+b.Bytes, a.Rows+b.Rows
}

// Reading is what a stage of a run came to: a row of audit.stages.
type Reading struct {
	Run          string `json:"run_id"`
	Source       string `json:"source,omitempty"` // "", as Account, where it is the run as a whole
	Account      string `json:"account,omitempty"`
	Stage        Stage  `json:"stage"`
	Microseconds int64  `json:"microseconds"`
	Amount
}

// Took is how long it took.
func (r *Reading) Took() time.Duration { return time.Duration(r.Microseconds) * time.Microsecond }

// Span is a stage that was done once.
type Span struct {
	Stage Stage
	Began time.Time
	Took  time.Duration
	Amount
	Call *Call // of Fetch: the request; else nil
}

// Call is a request, without its query and whatever else is secret.
type Call struct {
	Method, Host, Path string
	Status             int // of HTTP; 0 where no answer came
}

// Meter adds up the stages of one account, or those of a run as a whole. A nil
// meter measures nothing.
type Meter struct {
	// Heard, where set, is told of each stage as it ends.
	Heard func(Span)

	mu sync.Mutex
	of map[Stage]*reading
}

type reading struct {
	took time.Duration
	Amount
}

// Begin begins a stage; end, called once, adds what it took and how much it was.
func (m *Meter) Begin(s Stage) (end func(Amount)) { return m.begin(s, nil) }

// BeginCall begins Fetch. What is known of the request when it ends stands in c.
func (m *Meter) BeginCall(c *Call) (end func(Amount)) { return m.begin(Fetch, c) }

func (m *Meter) begin(s Stage, c *Call) (end func(Amount)) {
	if m == nil {
		return func(Amount) {}
	}
	began := time.Now()
	return func(a Amount) {
		took := time.Since(began)
		m.add(s, took, a)
		if m.Heard != nil {
			m.Heard(Span{Stage: s, Began: began, Took: took, Amount: a, Call: c})
		}
	}
}

func (m *Meter) add(s Stage, took time.Duration, a Amount) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.of == nil {
		m.of = map[Stage]*reading{}
	}
	r := m.of[s]
	if r == nil {
		r = &reading{}
		m.of[s] = r
	}
	r.took += took
	r.add(a)
}

// Readings are the stages that were measured, in the sequence of the work.
func (m *Meter) Readings(run string, of ledger.AccountID) []Reading {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []Reading
	for _, s := range line {
		if r := m.of[s]; r != nil {
			all = append(all, Reading{run, of.Source, of.Account, s, r.took.Microseconds(), r.Amount})
		}
	}
	return all
}

type contextKey struct{}

// With returns a context whose work m measures.
func With(ctx context.Context, m *Meter) context.Context {
	return context.WithValue(ctx, contextKey{}, m)
}

// From is the meter of a context; nil where it has none.
func From(ctx context.Context) *Meter {
	m, _ := ctx.Value(contextKey{}).(*Meter)
	return m
}

// Accounts are the meters of a run's accounts; nil has none.
type Accounts struct {
	// Heard, where set, is told of each stage of each account as it ends.
	Heard func(ledger.AccountID, Span)

	mu sync.Mutex
	of map[ledger.AccountID]*Meter
}

// Of is the meter of an account.
func (a *Accounts) Of(id ledger.AccountID) *Meter {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.of == nil {
		a.of = map[ledger.AccountID]*Meter{}
	}
	if a.of[id] == nil {
		a.of[id] = &Meter{}
		if a.Heard != nil {
			a.of[id].Heard = func(s Span) { a.Heard(id, s) }
		}
	}
	return a.of[id]
}

// Readings are those of all accounts, by source and account.
func (a *Accounts) Readings(run string) (all []Reading) {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	byName := func(x, y ledger.AccountID) int {
		return cmp.Or(strings.Compare(x.Source, y.Source), strings.Compare(x.Account, y.Account))
	}
	for _, id := range slices.SortedFunc(maps.Keys(a.of), byName) {
		all = append(all, a.of[id].Readings(run, id)...)
	}
	return all
}
