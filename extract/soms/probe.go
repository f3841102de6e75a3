package soms

import (
	"context"
	_ "embed"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
	"github.com/nightaudit/nightaudit/extract/probe"
)

//go:embed questions.yaml
var questions []byte

// Questions are what the document leaves open.
func (a *account) Questions() []byte { return questions }

// Probe asks them by reads of the search, and of orders by id. The flags come last,
// for they take most calls and each night finds out by itself what they hide.
func (a *account) Probe(ctx context.Context, s *probe.Session) error {
	q := inquiry{account: a, Session: s, base: a.cfg.PageNumber(1)}
	q.all.CreatedStart, q.all.CreatedEnd = a.from(a.since), a.local(second(a.now().Add(-a.lag())))
	if err := q.inTurn(ctx, q.reach, q.pages); err != nil {
		return err
	}
	switch {
	case q.list.rows():
		return q.inTurn(ctx, q.parts, q.inUse, q.reaches, q.count, q.index, q.clock, q.refunds, q.bounds, q.sorted, q.flags)
	case q.newest.rows(): // all were created a moment ago, or in another zone
		if err := q.inTurn(ctx, q.clock, q.inUse); err != nil {
			return err
		}
	}
	return q.TellRest("empty", readings(q.newest)...)
}

// inquiry is the probe of an account.
type inquiry struct {
	*account
	*probe.Session

	all     filter // of orders that were created before now: the list stands still but for its end
	base    int    // the vendor's number of the first page
	newest  *look  // the orders that were changed last
	list    *look  // the orders that were created first
	whole   *look  // orders by id, with all their parts
	counts  bool   // the total is that of the list
	capped  bool   // and ends before the list does
	reached int64  // rows that the search lets be read, where they are fewer than the night would read
	overlap string // to which the night is told to reach back
}

// inTurn takes steps until one fails.
func (q *inquiry) inTurn(ctx context.Context, steps ...func(context.Context) error) error {
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// look is an answer, with what its orders say of themselves.
type look struct {
	*probe.Reading
	orders []glimpse
	date   time.Time // the vendor's; zero where it states none
}

// rows reports whether orders came.
func (l *look) rows() bool { return l != nil && l.Refused == nil && len(l.orders) > 0 }

// sighting is what the code that plans nights takes of an answer.
func (l *look) sighting() sighting {
	return sighting{total: l.Facts.Total, rows: l.Facts.Rows, id: l.Facts.First}
}

// how names the way in which nothing came, for the templates: a code, or "" for an
// empty page.
func (l *look) how() string {
	if l.Refused == nil {
		return ""
	}
	return l.Refused.Code
}

// read reads a page of the search; number is the vendor's.
func (q *inquiry) read(ctx context.Context, s search, number, size int) (*look, error) {
	return q.look(ctx, func(ctx context.Context) (*httpx.Answer, error) { return q.query(ctx, s, number, size) })
}

// look asks. That the vendor's server fails over it is an answer: a search may over
// pages that lie too far behind.
func (q *inquiry) look(ctx context.Context, ask func(context.Context) (*httpx.Answer, error)) (*look, error) {
	var l look
	var err error
	l.Reading, err = q.Try(ctx, func(ctx context.Context) (*extract.Page, error) {
		answer, err := ask(ctx)
		if err != nil {
			return nil, err
		}
		l.date = answer.Date
		return answer.Page(streamOrders), nil
	})
	if err != nil || l.Refused != nil {
		return &l, err
	}
	l.orders, err = q.glimpses(l.Page.Body)
	return &l, err
}

// first reads the first page of the orders that f lets through, the first changed
// first.
func (q *inquiry) first(ctx context.Context, f filter, size int) (*look, error) {
	return q.read(ctx, search{stream: streamOrders, filter: f, sortKey: "modified"}, q.base, size)
}

func readings(looks ...*look) []*probe.Reading {
	var all []*probe.Reading
	for _, l := range looks {
		if l != nil {
			all = append(all, l.Reading)
		}
	}
	return all
}

// tell answers a question by what was looked at.
func (q *inquiry) tell(question, outcome string, values map[string]any, looks ...*look) error {
	return q.Tell(question, outcome, values, readings(looks...)...)
}

// reach reads the orders that were changed last. It is the first contact: where the
// account's number of the first page is refused, the other one is tried.
func (q *inquiry) reach(ctx context.Context) error {
	s := search{stream: streamOrders, filter: filter{CreatedStart: q.all.CreatedStart}, sortKey: "modified", newestFirst: true}
	l, err := q.read(ctx, s, q.base, q.cfg.PageSize)
	if err != nil {
		return err
	}
	if !l.rows() {
		other, err := q.read(ctx, s, 1-q.base, q.cfg.PageSize)
		switch {
		case err != nil:
			return err
		case other.Refused != nil && l.Refused != nil:
			return l.Refused
		case other.Refused == nil:
			l = other
		}
	}
	q.newest = l
	return nil
}

// pages asks what is common to all lists, of the orders by their creation.
func (q *inquiry) pages(ctx context.Context) error {
	s := search{stream: streamOrders, filter: q.all, sortKey: byCreation}
	list, err := q.Pages(ctx, probe.List{First: q.base, Size: q.cfg.PageSize, Read: func(ctx context.Context, number, size int) (*extract.Page, error) {
		answer, err := q.query(ctx, s, number, size)
		if err != nil {
			return nil, err
		}
		return answer.Page(streamOrders), nil
	}})
	if err != nil {
		return err
	}
	q.counts = q.Outcome("total") == "all"
	if list.First != q.base {
		q.base = list.First
		if err := q.reach(ctx); err != nil { // what was taken for the first page was another one
			return err
		}
	}
	if q.Outcome("first_page") == "empty" {
		return nil
	}
	q.list = &look{Reading: list.Whole}
	q.list.orders, err = q.glimpses(list.Whole.Page.Body)
	return err
}
