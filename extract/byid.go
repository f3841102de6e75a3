package extract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ErrRefused marks a refusal that may concern the one call only: the vendor
// gives no reason that concerns the account or its own state. Log-ins never
// end with it.
var ErrRefused = errors.New("the vendor refused the call")

// Refusal is what a vendor said in the place of an order. It is landed, so that
// a replay tells the same.
type Refusal struct {
	Code string `json:"code,omitempty"` // the vendor's, or the HTTP status
	Said string `json:"said"`           // nothing of the answer but what says why
}

func (r *Refusal) String() string {
	if r.Code == "" {
		return r.Said
	}
	return "code " + printable(r.Code) + ": " + r.Said
}

// refusedInARow is how many refusals in a row are no longer the orders' own fault.
// One order in a hundred that a vendor cannot show is common, and even of one in
// three ten in a row hardly ever come by chance: it is the call, the account or the
// vendor, and asking on would take long and bring nothing.
const refusedInARow = 10

// silentInARow is how many orders in a row that the vendor gives no answer for mean
// that it is down. A server that hangs over one order hangs each time it is asked.
const silentInARow = 3

// ByID asks for single orders.
type ByID struct {
	Stream  string
	Due     []Due
	Workers int // calls at a time
	// Size is how many orders are asked for in one call; 0 is one.
	Size int
	// Ask reads the orders of some of Due.
	Ask func(ctx context.Context, some []Due) (*Page, error)
}

// Fetch yields the answers in the order of Due. They fail one by one: in the place
// of an order that the vendor refuses to show among others that it shows, a
// page is yielded that says so (Page.Refused), and the error is *Unsettled. A
// call for several orders that fails is cut in halves until it is known which of
// them it is.
//
// Where there is no telling orders from the account, the account has failed:
// where the vendor wants another log-in or fewer calls, where silentInARow orders in
// a row get no answer or refusedInARow are refused, and where all of several are, or
// nine of ten. An order that was refused when it was last asked for tells nothing
// new of the account, and counts neither way; but a vendor that is silent is down.
func (b ByID) Fetch(ctx context.Context, yield Yield) error {
	size := max(b.Size, 1)
	t := refusals{stream: b.Stream, yield: yield, several: size > 1}
	calls := (len(b.Due) + size - 1) / size
	err := InOrder(ctx, calls, b.Workers, func(ctx context.Context, i int) ([]shown, error) {
		return b.ask(ctx, b.Due[i*size:min((i+1)*size, len(b.Due))], new(row))
	}, func(_ int, all []shown) error {
		for _, s := range all {
			if err := t.take(s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return t.end()
}

// shown is what came of asking for some orders: their answer, or why there is
// none of the one.
type shown struct {
	due  []Due
	page *Page
	err  error
}

// row counts the orders in a row that were not shown, and of them those at the end
// for which there was no answer at all.
type row struct{ refused, silent int }

// full reports whether no single order explains them.
func (r row) full() bool { return r.refused >= refusedInARow || r.silent >= silentInARow }

func (r *row) add(err error) {
	r.refused++
	if r.silent++; !silent(err) {
		r.silent = 0
	}
}

// ask reads orders in one call, and by halves where that fails. r is of the orders
// since the last answer: where all are refused, asking for each would only cost
// time.
func (b ByID) ask(ctx context.Context, some []Due, r *row) ([]shown, error) {
	page, err := b.Ask(ctx, some)
	switch {
	case err == nil:
		*r = row{}
		if len(some) == 1 {
			page.Subject = Subject{some[0].OrderID, some[0].OrderNo}
		}
		return []shown{{due: some, page: page}}, nil
	case !ofOrders(err) || r.full():
		return nil, err
	case len(some) == 1:
		r.add(err)
		return []shown{{due: some, err: err}}, nil
	}
	left, err := b.ask(ctx, some[:len(some)/2], r)
	if err != nil {
		return nil, err
	}
	right, err := b.ask(ctx, some[len(some)/2:], r)
	return append(left, right...), err
}

// ofOrders reports whether a call failed for what may be the fault of the orders
// that it asked for: the vendor gave no whole answer, or one that asks neither for
// a log-in nor for patience.
func ofOrders(err error) bool {
	e := (*Error)(nil)
	if errors.As(err, &e) {
		return silent(err) || e.Answered && e.Class != Expired && e.Class != Limited
	}
	return errors.Is(err, ErrRefused)
}

// silent reports whether there was no whole answer.
func silent(err error) bool {
	e := (*Error)(nil)
	return errors.As(err, &e) && !e.Answered && e.Class == Transient
}

// refusals counts which orders were refused.
type refusals struct {
	stream string
	yield  Yield
	held   []*Page // until an order is shown: before that, it may be the account
	// several is set where an answer to a call can lack some of its orders.
	several bool

	asked, refused int
	first          []string // the refused ones, the first few
	last           error    // that counted
	hint           string

	// Without those that were refused before and are again:
	telling, bad int
	row          row
}

func (t *refusals) take(s shown) error {
	t.asked += len(s.due)
	if s.err != nil {
		if e := (*Error)(nil); errors.As(s.err, &e) && e.Hint != "" {
			t.hint = "; " + e.Hint
		}
		p := t.page(s.due[0], s.err)
		t.held = append(t.held, p)
		return t.count(s.due[0], p.Refused, s.err)
	}
	if err := t.release(); err != nil {
		return err
	}
	facts, err := t.yield(s.page)
	if err == nil && facts.Refused != nil { // it came, and cannot be read
		return t.count(s.due[0], facts.Refused, BadAnswer("read order "+s.due[0].Name(), errors.New(facts.Refused.Said)))
	}
	t.telling, t.row = t.telling+len(s.due), row{}
	if err != nil || !t.several {
		return err
	}
	for _, d := range s.due {
		if slices.Contains(facts.Keys, d.OrderID) {
			continue
		}
		p := t.page(d, errLacking)
		p.Request = s.page.Request
		t.name(d, p.Refused)
		if _, err := t.yield(p); err != nil {
			return err
		}
	}
	return nil
}

// errLacking is an order that an answer lacks, which tells nothing of the account:
// most likely it was deleted a moment ago.
var errLacking = errors.New("the vendor's answer lacks it")

// page stands in the place of an answer.
func (t *refusals) page(d Due, err error) *Page {
	p := &Page{Stream: t.stream, Subject: Subject{d.OrderID, d.OrderNo}, At: time.Now(), Body: []byte("null"), Refused: &Refusal{Said: err.Error()}}
	if e := (*Error)(nil); errors.As(err, &e) {
		p.Request.Method, p.Request.Path, _ = strings.Cut(e.Target, " ")
		p.Refused.Code = e.Code
		if e.Err != nil {
			p.Refused.Said = e.Err.Error()
		}
	}
	return p
}

// release yields what was held back.
func (t *refusals) release() error {
	for _, p := range t.held {
		if _, err := t.yield(p); err != nil {
			return err
		}
	}
	t.held = nil
	return nil
}

// name notes who was refused.
func (t *refusals) name(d Due, r *Refusal) {
	const named = 3
	if t.refused++; t.refused <= named {
		t.first = append(t.first, d.Name()+" ("+r.String()+")")
	}
}

// count is an error where this was one too many.
func (t *refusals) count(d Due, r *Refusal, err error) error {
	t.name(d, r)
	if !d.Again {
		t.telling, t.bad = t.telling+1, t.bad+1
	}
	if !d.Again || silent(err) {
		t.last = err
		t.row.add(err)
	}
	switch {
	case t.row.silent == silentInARow:
		return t.failed(fmt.Sprintf("%d orders in a row were not answered", t.row.silent))
	case !d.Again && t.row.refused == refusedInARow:
		return t.failed(fmt.Sprintf("%d orders in a row were refused", t.row.refused))
	}
	return nil
}

// end tells what became of all.
func (t *refusals) end() error {
	if t.bad > 1 && t.bad == t.telling || t.telling >= refusedInARow && 10*t.bad >= 9*t.telling {
		return t.failed(fmt.Sprintf("%d of %d orders were refused", t.bad, t.telling))
	}
	if err := t.release(); err != nil || t.refused == 0 {
		return err
	}
	named := strings.Join(t.first, ", ")
	if more := t.refused - len(t.first); more > 0 {
		named += fmt.Sprintf(" and %d more", more)
	}
	return &Unsettled{Reason: fmt.Sprintf("%d of %d orders were refused: %s; they stay as they were and are asked for again%s", t.refused, t.asked, named, t.hint)}
}

// failed is the last refusal, as an error of the account.
func (t *refusals) failed(why string) error {
	e := (*Error)(nil)
	if !errors.As(t.last, &e) {
		return fmt.Errorf("%w; %s, which no single order explains", t.last, why)
	}
	kept := *e
	kept.Err = fmt.Errorf("%w; %s, which no single order explains", e.Err, why)
	return &kept
}
