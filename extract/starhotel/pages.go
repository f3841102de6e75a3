package starhotel

import (
	"context"
	"errors"
	"fmt"
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

	single bool            // the vendor has ignored the page number
	counts bool            // its totals count more than the page
	most   int             // rows of the answer that had most
	late   map[string]bool // keys of orders created after the window's end

	pass  *extract.Pass
	first glimpse // of the pass
	part  string  // what is being read: "" for the whole
}

// all reads the window until two passes agree: the vendor does not say how it
// sorts. Filters know days only, so orders that are booked meanwhile come
// too; those are not waited for.
//
// Where the vendor ignores the page number, the window is cut until each part
// fits one answer.
func (s *scan) all(ctx context.Context, yield extract.Yield) error {
	whole := part{}
	if !s.window.Start.IsZero() {
		// Whether end_date is answered is not documented, nor in which zone
		// days are cut: a day more on either side.
		zone := s.account.config.Calendar().Zone
		whole.from = midnight(s.window.Start, zone).AddDate(0, 0, -1)
		whole.to = midnight(s.window.End, zone).AddDate(0, 0, 1)
	}
	s.late = map[string]bool{}
	return extract.Passes(ctx, "read "+s.listing.what, yield, func(ctx context.Context, p *extract.Pass) error {
		s.pass, s.first, s.part, p.Beyond = p, glimpse{}, "", func(key string) bool { return s.late[key] }
		if s.single {
			_, err := s.read(ctx, whole, "")
			return err
		}
		paging := extract.Paging{
			Workers: s.account.config.Concurrency,
			Ask:     func(ctx context.Context, page int) (*extract.Page, error) { return s.ask(ctx, whole, page) },
			Take: func(page *extract.Page) (extract.Facts, int, error) {
				_, facts, fresh, err := s.take(page)
				return facts, fresh, err
			},
		}
		err := paging.Read(ctx, p)
		if errors.Is(err, extract.ErrRepeats) {
			return s.repeats(ctx, whole, err)
		}
		return err
	})
}

// repeats tells whether the page number is ignored, or so many orders were added
// that a page was pushed back: then they fill the first page now. Both at once is
// not possible.
func (s *scan) repeats(ctx context.Context, whole part, err error) error {
	first := s.first
	again, e := s.page(ctx, whole)
	switch {
	case e != nil:
		return e
	case !again.alike(first):
		return err
	case s.fits(again):
		s.single = true
		return nil
	}
	if !s.counts {
		// A vendor that ignores the days as well would be asked for each of them.
		s.part = "nothing"
		day := time.Date(earliest, 1, 1, 0, 0, 0, 0, s.account.config.Calendar().Zone)
		nothing, err := s.page(ctx, part{from: day, to: day})
		if err != nil {
			return err
		}
		if nothing.rows > 0 {
			s.pass.Doubt("the vendor gives the same answer whatever page and day it is asked for: whether there are more cannot be told")
			return nil
		}
	}
	s.single = true
	return s.cut(ctx, whole, again)
}

// read reads p by its first page, or in parts where it does not fit one answer.
// name is "" for the whole window. The first page is returned.
func (s *scan) read(ctx context.Context, p part, name string) (glimpse, error) {
	s.part = name
	first, err := s.page(ctx, p)
	if err != nil || s.fits(first) {
		return first, err
	}
	return first, s.cut(ctx, p, first)
}

// fits reports whether an answer holds all of what was asked for. One that
// states no more than it holds need not, unless the vendor's totals are known to
// count more than the page; but one that is shorter than another does.
func (s *scan) fits(g glimpse) bool {
	switch {
	case g.rows == 0:
		return true // a stated total is the passes' to compare
	case g.total > int64(g.rows):
		return false
	}
	return g.rows < s.most || s.counts && g.total >= 0
}

// cut splits p by days, then by status, until its parts fit one answer.
func (s *scan) cut(ctx context.Context, p part, whole glimpse) error {
	s.pass.Overlaps = true
	if p.from.IsZero() {
		zone := s.account.config.Calendar().Zone
		p.from = time.Date(earliest, 1, 1, 0, 0, 0, 0, zone)
		p.to = midnight(s.window.End, zone).AddDate(0, 0, 2) // a clock ahead of ours
		_, err := s.read(ctx, p, p.String())
		return err
	}
	days := daysBetween(p.from, p.to)
	if days > 2 {
		// The halves share two days, for whether the first and the last day of a
		// filter are answered is not documented.
		middle := p.from.AddDate(0, 0, days/2)
		_, err := s.readAll(ctx, part{p.from, middle.AddDate(0, 0, 1), p.status}, part{middle, p.to, p.status})
		return err
	}
	// Where those are answered, each can be asked for by itself; where one of them is, each
	// with the next one. Where none is, two days hold the one between them alone.
	next := p.from.AddDate(0, 0, 1)
	if parts := [][]part{
		nil, {{p.from, p.from, p.status}, {p.to, p.to, p.status}}, {{p.from, next, p.status}, {next, p.to, p.status}},
	}[days]; parts != nil {
		sum, err := s.readAll(ctx, parts...)
		if err != nil || sum >= whole.holds() {
			return err
		}
	}
	if p.status != 0 {
		return s.tooMany(p, whole)
	}
	if !s.counts {
		s.pass.Doubt("the vendor ignores the page number and its totals cannot be relied on: of a day whose orders do not fit one answer, those of a status that its document does not name cannot be asked for")
	}
	var parts []part
	for _, status := range s.listing.statuses {
		parts = append(parts, part{p.from, p.to, status})
	}
	// A status that the document does not name is in no part: the passes
	// compare what came with the total of the whole window.
	_, err := s.readAll(ctx, parts...)
	return err
}

// readAll reads parts and adds up how many orders they hold.
func (s *scan) readAll(ctx context.Context, parts ...part) (sum int64, err error) {
	for _, p := range parts {
		first, err := s.read(ctx, p, p.String())
		if err != nil {
			return 0, err
		}
		sum += first.holds()
	}
	return sum, nil
}

func (s *scan) tooMany(p part, g glimpse) error {
	if !s.counts {
		s.pass.Doubt(fmt.Sprintf("the vendor ignores the page number and answers %d rows of %s: whether there are more cannot be told", g.rows, p))
		return nil
	}
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
	r.Page = s.account.config.PageNumber(page)
	return s.account.ask(ctx, s.listing, s.op(p, page), r)
}

// page asks for the first page of p.
func (s *scan) page(ctx context.Context, p part) (glimpse, error) {
	got, err := s.ask(ctx, p, 1)
	if err != nil {
		return glimpse{}, err
	}
	g, _, _, err := s.take(got)
	return g, err
}

// take yields a page and notes which orders it told of.
func (s *scan) take(page *extract.Page) (_ glimpse, _ extract.Facts, fresh int, err error) {
	page.Part = s.part
	g, err := peek(page.Body)
	if err != nil {
		return g, extract.Facts{}, 0, extract.BadAnswer("read "+s.listing.what, err)
	}
	if s.first.rows == 0 {
		s.first = g
	}
	s.most = max(s.most, g.rows)
	s.counts = s.counts || g.total > int64(g.rows) && g.rows > 0
	for i, id := range g.ids {
		if !g.created[i].Before(s.window.End) {
			s.late[id] = true
		}
	}
	facts, fresh, err := s.pass.Take(page)
	if err == nil && s.listing.stream == streamOrders {
		s.account.note(g.ids)
	}
	return g, facts, fresh, err
}

// Remember notes the orders of a page that an earlier process had landed.
func (a *account) Remember(p *extract.Page) error {
	if p.Stream != streamOrders {
		return nil
	}
	g, err := peek(p.Body)
	if err != nil {
		return extract.BadAnswer("read landed orders", err)
	}
	a.note(g.ids)
	return nil
}

// note remembers orders that need not be asked for by number tonight.
func (a *account) note(ids []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, id := range ids {
		a.seen[id] = true
	}
}
