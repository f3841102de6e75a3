package starhotel

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

// earliest is the year in which a list without a date filter begins when it
// must be cut into days: the first whose days are all timestamps of 10
// digits. No order of this PMS is older.
const earliest = 2002

// scan reads one window of a list.
type scan struct {
	account *account
	listing listing
	window  extract.Window
	yield   extract.Yield

	single   bool   // the vendor has ignored the page number
	part     string // what is being read, where the window was cut
	distinct map[string]bool
}

// read reads p page by page until the stated total is reached. Where the
// vendor ignores the page number, p is cut until a part fits one answer.
// The first page is returned.
func (s *scan) read(ctx context.Context, p part) (glimpse, error) {
	s.distinct = map[string]bool{}
	if s.single {
		s.part = p.String()
	}
	first, err := s.page(ctx, p, 1)
	if err != nil || first.rows == 0 || s.reached(first) {
		return first, err
	}
	if s.single {
		return first, s.cut(ctx, p, first)
	}
	second, err := s.page(ctx, p, 2)
	switch {
	case err != nil:
		return first, err
	case second.rows == 0:
		return first, nil // the stated total is too high; the ledger shows it
	case second.same(first):
		s.single = true
		return first, s.cut(ctx, p, first)
	}
	return first, s.rest(ctx, p, first, second)
}

// reached reports whether as many orders have come as the vendor states.
func (s *scan) reached(g glimpse) bool {
	return g.total >= 0 && int64(len(s.distinct)) >= g.total
}

// rest reads the pages after the second, several at a time. An order that is
// added meanwhile moves others to the next page; pages that overlap in time
// can then miss one. So a list whose total changed is read once more in
// strict order, unless nothing is missing.
func (s *scan) rest(ctx context.Context, p part, first, second glimpse) error {
	moved := second.total != first.total
	next, last := 3, second
	if first.total > 0 {
		size := int64(first.rows) // the vendor may give less than page_size
		pages := max(int((first.total+size-1)/size), 2)
		err := extract.InOrder(ctx, pages-2, s.account.config.Concurrency,
			func(ctx context.Context, i int) (*extract.Page, error) { return s.ask(ctx, p, i+3) },
			func(_ int, page *extract.Page) (err error) {
				last, err = s.take(page)
				moved = moved || last.total != first.total
				return err
			})
		if err != nil {
			return err
		}
		next = pages + 1
	}
	last, err := s.sequential(ctx, p, next, last)
	if err != nil || !moved || s.reached(last) {
		return err
	}
	_, err = s.sequential(ctx, p, 1, glimpse{})
	return err
}

// sequential reads on from page next until the total is reached or the list
// ends, and returns its last page.
func (s *scan) sequential(ctx context.Context, p part, next int, last glimpse) (glimpse, error) {
	for ; next == 1 || last.rows > 0 && !s.reached(last); next++ {
		g, err := s.page(ctx, p, next)
		if err != nil {
			return g, err
		}
		if next > 1 && g.same(last) {
			return g, &extract.Error{
				Class: extract.Permanent, Op: s.op(p, next), Err: errors.New("the page is the same as the one before"),
				Hint: "the vendor's paging is broken: lower page_size, or set since to read less",
			}
		}
		last = g
	}
	return last, nil
}

// cut splits p by days, then by status, until its parts fit one answer.
func (s *scan) cut(ctx context.Context, p part, whole glimpse) error {
	if p.from.IsZero() {
		zone := s.account.config.Calendar().Zone
		p.from = time.Date(earliest, 1, 1, 0, 0, 0, 0, zone)
		p.to = midnight(s.window.End, zone).AddDate(0, 0, 2) // a clock ahead of ours
		_, err := s.read(ctx, p)
		return err
	}
	days := daysBetween(p.from, p.to)
	if days > 1 {
		// The halves share a day, for whether the last day of a filter is
		// answered is not documented.
		middle := p.from.AddDate(0, 0, days/2)
		_, err := s.readAll(ctx, part{p.from, middle, p.status}, part{middle, p.to, p.status})
		return err
	}
	if days == 1 {
		// Where the last day is answered, each can be asked for by itself.
		sum, err := s.readAll(ctx, part{p.from, p.from, p.status}, part{p.to, p.to, p.status})
		if err != nil || sum >= whole.total {
			return err
		}
	}
	if p.status != 0 {
		return s.tooMany(p, whole)
	}
	var parts []part
	for _, status := range s.listing.statuses {
		parts = append(parts, part{p.from, p.to, status})
	}
	// An order can have accommodations of several statuses, so the sum may
	// be more than the whole, never less.
	sum, err := s.readAll(ctx, parts...)
	if err == nil && sum < whole.total {
		err = s.tooMany(p, whole)
	}
	return err
}

// readAll reads parts and adds up their totals.
func (s *scan) readAll(ctx context.Context, parts ...part) (sum int64, err error) {
	for _, p := range parts {
		first, err := s.read(ctx, p)
		if err != nil {
			return 0, err
		}
		sum += first.total
	}
	return sum, nil
}

func (s *scan) tooMany(p part, g glimpse) error {
	return &extract.Error{
		Class: extract.Permanent, Op: s.op(p, 1),
		Err:  fmt.Errorf("the vendor ignores the page number and answers %d of %d rows", g.rows, g.total),
		Hint: "the list cannot be cut any finer: ask the vendor for a larger answer or for paging",
	}
}

// daysBetween counts calendar days; a day need not have 24 hours.
func daysBetween(from, to time.Time) int {
	utc := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(utc(to).Sub(utc(from)) / (24 * time.Hour))
}

func (s *scan) op(p part, page int) string {
	return fmt.Sprintf("read %s page %d (%s)", s.listing.what, page, p)
}

func (s *scan) ask(ctx context.Context, p part, page int) (*extract.Page, error) {
	r := s.listing.request(s.account, p)
	r.Page = page
	return s.account.ask(ctx, s.listing, s.op(p, page), r)
}

func (s *scan) page(ctx context.Context, p part, page int) (glimpse, error) {
	got, err := s.ask(ctx, p, page)
	if err != nil {
		return glimpse{}, err
	}
	return s.take(got)
}

// take yields a page and notes which orders it told of.
func (s *scan) take(page *extract.Page) (glimpse, error) {
	page.Part = s.part
	g, err := peek(page.Body)
	if err != nil {
		return g, extract.BadAnswer("read "+s.listing.what, err)
	}
	if _, err := s.yield(page); err != nil {
		return g, err
	}
	for _, id := range g.ids {
		s.distinct[strings.Clone(id)] = true // an id shares the memory of its page
	}
	if s.listing.stream == streamOrders {
		s.account.note(g.ids)
	}
	return g, nil
}

// note remembers orders that need not be asked for by number tonight.
func (a *account) note(ids []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, id := range ids {
		a.seen[strings.Clone(id)] = true // an id shares the memory of its page
	}
}
