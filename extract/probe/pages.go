package probe

import (
	"context"
	"slices"

	"github.com/nightaudit/nightaudit/extract"
)

// List is a list that is read by page numbers.
type List struct {
	First int // the number that the account takes for the first page, 0 or 1
	Size  int // the page size in force
	Read  func(ctx context.Context, number, size int) (*extract.Page, error)
}

// The names of the common questions about pages (questions.yaml), so that a source
// can leave out those that it does not have.
const (
	firstPage = "first_page"
	pageSize  = "page_size"
	joins     = "joins"
	total     = "total"
	order     = "order"
)

// pages is what was read of a list.
type pages struct {
	*Session
	List
	whole *Reading // the first page, or what the account takes for it
	base  int      // the number of the first page, once that is known
	one   *Reading // that page where one record is asked for
}

// Paged is a list of which was asked.
type Paged struct {
	// Whole is the first page at the size in force. It has no records where the list
	// is empty.
	Whole *Reading
	First int  // its number: the account's own where Known is not set
	Known bool // it was found out which page is the first
}

// Pages asks what the vendor's document leaves open about a list: where its pages
// begin, how large they are, whether one begins where the one before ended, what
// the total counts, and whether the order stands still. It takes 5 to 11 calls, 2
// more where pages are shorter than asked for.
func (s *Session) Pages(ctx context.Context, l List) (*Paged, error) {
	p := &pages{Session: s, List: l, base: -1}
	if err := p.begin(ctx); err != nil {
		return nil, err
	}
	if p.base < 0 {
		return &Paged{Whole: p.whole, First: l.First}, nil
	}
	list := &Paged{Whole: p.whole, First: p.base, Known: true}
	if !p.whole.answered() {
		return list, p.empty(p.whole)
	}
	var err error
	if p.one, err = p.read(ctx, p.base, 1); err != nil {
		return nil, err
	}
	if err := p.size(ctx); err != nil {
		return nil, err
	}
	return list, p.standsStill(ctx)
}

func (p *pages) read(ctx context.Context, number, size int) (*Reading, error) {
	return p.Session.Read(ctx, func(ctx context.Context) (*extract.Page, error) { return p.List.Read(ctx, number, size) })
}

// answered reports whether r has records.
func (r *Reading) answered() bool { return r.Refused == nil && r.Facts.Rows > 0 }

// Full reports whether r may be a page of more records than it shows, of a list of which
// whole is the first page, for which size were asked: pages may be capped.
func (r *Reading) Full(whole *Reading, size int) bool {
	return r.Facts.Rows >= min(size, whole.Facts.Rows) || r.Facts.Total > int64(r.Facts.Rows)
}

// Joined reports whether a page is two others, record by record, that have none in
// common.
func Joined(whole, a, b *Reading) bool {
	return a.answered() && b.answered() && disjoint(a, b) && slices.Equal(whole.Facts.Keys, slices.Concat(a.Facts.Keys, b.Facts.Keys))
}

// begins reports whether a page begins as a shorter one does.
func begins(page, shorter *Reading) bool {
	n := len(shorter.Facts.Keys)
	return n <= len(page.Facts.Keys) && slices.Equal(page.Facts.Keys[:n], shorter.Facts.Keys)
}

func same(a, b *Reading) bool { return slices.Equal(a.Facts.Keys, b.Facts.Keys) }

func disjoint(a, b *Reading) bool {
	return !slices.ContainsFunc(a.Facts.Keys, func(k string) bool { return slices.Contains(b.Facts.Keys, k) })
}

// begin finds out where pages begin: a page of double size from the first number on
// is the two small ones with that number and the next, and nothing but the true
// first number makes the other one empty, refused, or the same page again.
func (p *pages) begin(ctx context.Context) error {
	zero, err := p.read(ctx, 0, p.Size)
	if err != nil {
		return err
	}
	one, err := p.read(ctx, 1, p.Size)
	if err != nil {
		return err
	}
	p.whole = []*Reading{zero, one}[p.First]
	switch {
	case zero.Refused != nil && one.Refused != nil:
		return one.Refused // whatever is asked: it is the account that is refused
	case zero.Refused != nil && !one.answered(): // there is a page 1, without records, and no page 0
		p.whole = one
		return p.found(1, zero, one)
	case !zero.answered() && !one.answered():
		return p.empty(zero, one)
	case !zero.answered(): // page 1 has records, and there is no page 0
		p.whole = one
		return p.found(1, zero, one)
	case !one.answered(): // all there is stands on page 0
		p.whole = zero
		return p.found(0, zero, one)
	}
	return p.both(ctx, zero, one)
}

// both finds out where pages begin of which 0 and 1 have records.
func (p *pages) both(ctx context.Context, zero, one *Reading) error {
	small := max(1, min(5, zero.Facts.Rows/2))
	double, err := p.read(ctx, 0, 2*small)
	if err != nil {
		return err
	}
	first, err := p.read(ctx, 0, small)
	if err != nil {
		return err
	}
	second, err := p.read(ctx, 1, small)
	if err != nil {
		return err
	}
	switch {
	case Joined(double, first, second):
		p.whole = zero
		return p.found(0, double, first, second)
	case same(zero, double) && same(zero, first) && same(one, second) && disjoint(zero, one):
		p.whole, p.base = zero, 0 // the size is ignored
		return p.Tell(firstPage, "zero", nil, zero, one, double, first, second)
	case !same(first, second):
		return p.undecided(ctx, double, first, second)
	}
	third, err := p.read(ctx, 2, small) // 0 may stand for 1, or the number for nothing
	if err != nil {
		return err
	}
	if Joined(double, second, third) {
		p.whole = one
		return p.found(1, double, first, second, third)
	}
	return p.alike(ctx, zero, one)
}

// alike finds out whether page 0 is page 1 again: then there is a page 2 which is not.
func (p *pages) alike(ctx context.Context, zero, one *Reading) error {
	two, err := p.Try(ctx, func(ctx context.Context) (*extract.Page, error) { return p.List.Read(ctx, 2, p.Size) }) // it may lie too far behind
	if err != nil {
		return err
	}
	again, err := p.read(ctx, 0, p.Size)
	if err != nil {
		return err
	}
	if same(zero, one) && same(zero, again) && two.answered() && disjoint(one, two) {
		p.whole = one
		return p.found(1, zero, one, two, again)
	}
	return p.undecided(ctx, zero, one, two, again)
}

func (p *pages) empty(readings ...*Reading) error {
	for _, q := range []string{firstPage, pageSize, joins, total, order} {
		if err := p.Tell(q, "empty", nil, readings...); err != nil {
			return err
		}
	}
	return nil
}

// undecided tells that it is not known where pages begin, and of a list that moves that
// it does, for then no two pages follow each other.
func (p *pages) undecided(ctx context.Context, readings ...*Reading) error {
	if err := p.Tell(firstPage, "unclear", nil, readings...); err != nil {
		return err
	}
	again, err := p.read(ctx, p.First, p.Size)
	if err != nil || same(p.whole, again) {
		return err
	}
	return p.Tell(order, "moves", nil, p.whole, again)
}

func (p *pages) found(base int, readings ...*Reading) error {
	p.base = base
	outcome := "as_taken"
	if base != p.First {
		outcome = "other"
	}
	return p.Tell(firstPage, outcome, map[string]any{"first": base, "taken": p.First}, readings...)
}

// size finds out how many records a page holds, and whether the next one begins
// where it ended.
func (p *pages) size(ctx context.Context) error {
	rows := p.whole.Facts.Rows
	next, err := p.read(ctx, p.base+1, p.Size)
	if err != nil {
		return err
	}
	values := map[string]any{"size": p.Size, "rows": rows}
	if rows >= p.Size {
		return p.full(next, values)
	}
	// Shorter than asked for: a cap, or the end of the list.
	nearer, err := p.read(ctx, p.base+1, rows)
	if err != nil {
		return err
	}
	if !nearer.answered() || !disjoint(p.whole, nearer) {
		return p.short(next, nearer, values)
	}
	again, err := p.read(ctx, p.base+1, p.Size)
	if err != nil {
		return err
	}
	stood := next.answered() == again.answered() && same(next, again)
	switch {
	case !stood:
		err = p.Tell(joins, "moved", values, p.whole, next, nearer, again)
	case same(next, nearer):
		err = p.Tell(joins, "joined", values, p.whole, next, nearer)
	case !next.answered() || same(p.whole, next) || disjoint(p.whole, next) && !slices.Contains(next.Facts.Keys, nearer.Facts.Keys[0]):
		err = p.Tell(joins, "gap", values, p.whole, next, nearer, again)
	default:
		err = p.Tell(joins, "moved", values, p.whole, next, nearer, again)
	}
	if err == nil {
		err = p.Tell(pageSize, "capped", values, p.whole, nearer)
	}
	return err
}

// short tells of a list whose first page holds all that came.
func (p *pages) short(next, nearer *Reading, values map[string]any) error {
	for _, q := range []string{pageSize, joins} {
		if err := p.Tell(q, "few", values, p.whole, next, nearer); err != nil {
			return err
		}
	}
	return nil
}

// full tells of full pages. A list of just as many records as were asked for says
// nothing of the size; that one record comes where one is asked for does.
func (p *pages) full(next *Reading, values map[string]any) error {
	var err error
	switch whole, one := p.whole.Facts.Rows, p.one.Facts.Rows; {
	case whole > p.Size:
		err = p.Tell(pageSize, "ignored", values, p.whole)
	case one > 1:
		err = p.Tell(pageSize, "ignored", map[string]any{"size": 1, "rows": one}, p.one)
	default:
		err = p.Tell(pageSize, "honoured", values, p.whole, p.one)
	}
	switch {
	case err != nil:
		return err
	case !next.answered() || same(p.whole, next): // the end, or the last page again
		return p.Tell(joins, "few", values, p.whole, next)
	case disjoint(p.whole, next):
		return p.Tell(joins, "joined", values, p.whole, next)
	}
	return p.Tell(joins, "overlap", values, p.whole, next)
}

// standsStill reads the first page again, and compares it with what came of one record,
// and totals. A list that is turned around by each call may come to be as it was.
func (p *pages) standsStill(ctx context.Context) error {
	again, err := p.read(ctx, p.base, p.Size)
	if err != nil {
		return err
	}
	outcome := "stable"
	if !same(p.whole, again) || !begins(p.whole, p.one) {
		outcome = "moves"
	}
	if err := p.Tell(order, outcome, nil, p.whole, again, p.one); err != nil {
		return err
	}
	if p.whole.Facts.Total < 0 {
		return p.Tell(total, "none", nil, p.whole)
	}
	return p.counts(p.one)
}

// counts tells what the total counts.
func (p *pages) counts(small *Reading) error {
	whole, values := p.whole.Facts, map[string]any{"total": p.whole.Facts.Total, "rows": p.whole.Facts.Rows}
	switch {
	case small.Facts.Total == whole.Total && whole.Total > int64(small.Facts.Rows):
		return p.Tell(total, "all", values, p.whole, small)
	case small.answered() && whole.Rows > small.Facts.Rows && small.Facts.Total == int64(small.Facts.Rows) && whole.Total == int64(whole.Rows):
		return p.Tell(total, "page", values, p.whole, small)
	}
	return p.Tell(total, "unclear", values, p.whole, small)
}

// Either asks for the page that the account takes for the first one, and where no
// records come for the other one that it may be. It returns what came and of which
// number: records, else a page without, else a refusal.
func Either(taken int, ask func(number int) (*Reading, error)) (r *Reading, number int, err error) {
	if r, err = ask(taken); err != nil || r.answered() {
		return r, taken, err
	}
	other, err := ask(1 - taken)
	if err == nil && other.Refused == nil && (other.answered() || r.Refused != nil) {
		return other, 1 - taken, nil
	}
	return r, taken, err
}
