package soms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// indexDelay is how much earlier than a change becomes visible the search
// index may date it.
const indexDelay = 10 * time.Second

// Fetch reads all pages of w, and then, by id, the orders that came without
// their items.
func (a *account) Fetch(ctx context.Context, w extract.Window, yield extract.Yield) error {
	s := scan{account: a, window: w, yield: yield}
	switch w.Stream {
	case streamOrders, streamRefunded:
		q, err := a.searchOf(w)
		if err != nil {
			return err
		}
		s.ask = func(ctx context.Context, i int) (*httpx.Answer, error) {
			return a.query(ctx, q, a.cfg.PageNumber(i+1), a.cfg.PageSize)
		}
		s.most = a.cap()
		if q.filter.IndexedEnd == "" && *a.cfg.Index {
			s.entered = func(ctx context.Context, began time.Time) (bool, error) {
				f := q.filter
				f.IndexedStart = a.local(began.Add(-indexDelay))
				n, err := a.total(ctx, f)
				return n != 0, err
			}
		}
	case streamReminders:
		s.ask = a.reminders
	case streamTraces:
		return a.fetchTraces(ctx, w, yield)
	default:
		return extract.BadAnswer("read soms", fmt.Errorf("there is no stream %q", w.Stream))
	}
	err := extract.Passes(ctx, "read "+w.Stream, yield, s.pass)
	doubts, err := doubt(nil, err)
	if err != nil {
		return err
	}
	if doubts != nil {
		// All passes are loaded, not the last one alone.
		s.incomplete = append(s.earlier, s.incomplete...)
	}
	doubts, err = doubt(doubts, s.complete(ctx))
	if err != nil || doubts == nil {
		return err
	}
	return &extract.Unsettled{Reason: strings.Join(doubts, "; ")}
}

// doubt adds why a window is unsettled to doubts; another error is returned.
func doubt(doubts []string, err error) ([]string, error) {
	if unsettled := (*extract.Unsettled)(nil); errors.As(err, &unsettled) {
		return append(doubts, unsettled.Reason), nil
	}
	return doubts, err
}

// scan reads the pages of one window.
type scan struct {
	account *account
	window  extract.Window
	ask     func(ctx context.Context, i int) (*httpx.Answer, error)
	yield   extract.Yield
	most    int64 // rows that the vendor answers at once; 0 where it states no limit
	// entered reports whether the search index has taken an order of the
	// window since began; nil where that cannot be asked for.
	entered func(ctx context.Context, began time.Time) (bool, error)

	number     int      // of the last pass
	incomplete []string // orders that the last pass brought without items
	earlier    []string // those of the passes before
}

// take hands an answer to the pass.
func (s *scan) take(p *extract.Pass, page *extract.Page) (f extract.Facts, fresh int, err error) {
	f, fresh, err = p.Take(page)
	s.incomplete = append(s.incomplete, f.Incomplete...)
	return f, fresh, err
}

// pass reads every page once, the first and then from the last one backward.
//
// Pages are sorted by the time that bounds the window, ascending. An order
// that is changed or deleted leaves the window, and every later one moves
// forward by a place: read from the end, an order is then met twice rather
// than missed, and the total tells. What can hide an order is another that
// enters before it, because the search index took it late, while a third
// leaves, so that totals stand still. The index dates what it takes: where
// it has taken nothing, the pass proves itself and no second one is needed.
//
// All this goes by the total. Where it is no more than the page holds, and the
// vendor's totals have not been seen to count more, pages are read forward.
func (s *scan) pass(ctx context.Context, p *extract.Pass) error {
	s.number = p.Number
	s.earlier, s.incomplete = append(s.earlier, s.incomplete...), nil
	answer, err := s.ask(ctx, 0)
	if err != nil {
		return err
	}
	began := answer.Date
	if began.IsZero() {
		began = answer.At
	}
	first, _, err := s.take(p, pageOf(s.window, answer))
	if err != nil || first.Rows == 0 {
		return err
	}
	rest := s.paging(p)
	p.Counts = first.Total > int64(first.Rows) || s.window.Stream != streamReminders && s.account.counts.Load()
	if first.Total <= int64(first.Rows) {
		return rest.Rest(ctx, p, 2)
	}
	last := int((first.Total - 1) / int64(first.Rows)) // by what the vendor gives to a page, not by what was asked for
	overfull := s.most > 0 && first.Total >= s.most
	if overfull {
		last = min(last, rest.Most-1)
	}
	err = extract.InOrder(ctx, last, rest.Workers, func(ctx context.Context, i int) (*extract.Page, error) {
		return rest.Ask(ctx, last-i+1)
	}, func(_ int, page *extract.Page) error {
		_, _, err := s.take(p, page)
		return err
	})
	if err == nil && overfull {
		// It stays incomplete however often it is read.
		return &extract.Unsettled{Reason: s.overfull(first.Total, p.Distinct())}
	}
	if err != nil || s.entered == nil || !p.Reached() {
		return err
	}
	entered, err := s.entered(ctx, began)
	p.Proven = !entered
	return err
}

// paging reads the pages of the window by their number from 1.
func (s *scan) paging(p *extract.Pass) extract.Paging {
	return extract.Paging{
		Workers: s.account.cfg.Concurrency,
		Most:    int(s.most) / s.account.cfg.PageSize,
		Ask: func(ctx context.Context, number int) (*extract.Page, error) {
			answer, err := s.ask(ctx, number-1)
			if err != nil {
				return nil, err
			}
			return pageOf(s.window, answer), nil
		},
		Take: func(page *extract.Page) (extract.Facts, int, error) { return s.take(p, page) },
	}
}

// complete asks by id for the orders that came without items. An order that
// still has none really has none; one that is not answered was deleted in
// between, or the window does not hold what it should: it keeps those it had.
func (s *scan) complete(ctx context.Context) error {
	if s.window.Stream != streamOrders {
		return nil
	}
	slices.Sort(s.incomplete)
	s.incomplete = slices.Compact(s.incomplete)
	due := make([]extract.Due, len(s.incomplete))
	for i, id := range s.incomplete {
		due[i].OrderID = id
	}
	orders := extract.ByID{Stream: s.window.Stream, Due: due, Workers: s.account.cfg.Concurrency, Size: maxBatch, Ask: func(ctx context.Context, some []extract.Due) (*extract.Page, error) {
		ids := make([]string, len(some))
		for i, d := range some {
			ids[i] = d.OrderID
		}
		answer, err := s.account.byIDs(ctx, ids)
		if err != nil {
			return nil, err
		}
		return pageOf(s.window, answer), nil
	}}
	return orders.Fetch(ctx, func(p *extract.Page) (extract.Facts, error) {
		p.Pass = s.number // they belong to what the last pass has brought
		return s.yield(p)
	})
}
