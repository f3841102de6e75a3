package soms

import (
	"context"
	"fmt"
	"slices"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// Fetch reads all pages of w, and then, by id, the orders that came without
// their items.
func (a *account) Fetch(ctx context.Context, w extract.Window, yield extract.Yield) error {
	s := scan{account: a, window: w, yield: yield}
	switch w.Stream {
	case streamOrders, streamRefunded:
		s.ask = func(ctx context.Context, i int) (*httpx.Answer, error) { return a.query(ctx, w, i, a.cfg.PageSize) }
	case streamReminders:
		s.ask = a.reminders
	default:
		return extract.BadAnswer("read soms", fmt.Errorf("there is no stream %q", w.Stream))
	}
	if err := s.all(ctx); err != nil {
		return err
	}
	return s.complete(ctx)
}

// scan reads the pages of one window.
type scan struct {
	account    *account
	window     extract.Window
	ask        ask
	yield      extract.Yield
	incomplete []string
}

// passes bounds how often a window is read whose orders come and go while it
// is read. What is still missing then shows in the ledger: the rows differ
// from the vendor's total.
const passes = 3

func (s *scan) all(ctx context.Context) error {
	for pass := 1; ; pass++ {
		steady, err := s.pass(ctx)
		if err != nil || steady {
			return err
		}
		if pass == passes {
			s.account.log.Warn("orders keep moving while they are read", "account", s.account.cfg.Account, "stream", s.window.Stream, "passes", passes)
			return nil
		}
	}
}

func (s *scan) take(answer *httpx.Answer) (extract.Facts, error) {
	f, err := s.yield(page(s.window, answer))
	s.incomplete = append(s.incomplete, f.Incomplete...)
	return f, err
}

// read asks for page i by itself.
func (s *scan) read(ctx context.Context, i int) (extract.Facts, error) {
	answer, err := s.ask(ctx, i)
	if err != nil {
		return extract.Facts{}, err
	}
	return s.take(answer)
}

// pass reads every page once, the last one first. While pages are read, an
// order that is changed leaves the window, and every later order moves one
// place forward: read from the end, an order can so be met twice but not be
// missed. Only among pages that were asked for at the same time can the
// vendor answer a lower one before such a move and a higher one after it;
// the lower page's total is then the larger one, and it is read again.
//
// steady is false where orders were added in between.
func (s *scan) pass(ctx context.Context) (steady bool, err error) {
	first, err := s.read(ctx, 0)
	if err != nil {
		return false, err
	}
	if first.Total < 0 {
		return true, s.untilEmpty(ctx, first)
	}
	size := s.account.cfg.PageSize
	if int64(first.Rows) >= first.Total || first.Rows == 0 {
		return true, nil
	}
	if first.Rows < size {
		size = first.Rows // the vendor answers fewer rows to a page than asked for
	}
	last := int((first.Total - 1) / int64(size))
	least, steady := first.Total, true
	check := func(f extract.Facts, number int) error {
		if f.Total > least {
			if f, err = s.read(ctx, number); err != nil {
				return err
			}
			steady = steady && f.Total <= least
		}
		least = min(least, f.Total)
		return nil
	}
	err = extract.InOrder(ctx, last, s.account.cfg.Concurrency, func(ctx context.Context, i int) (*httpx.Answer, error) {
		return s.ask(ctx, last-i)
	}, func(i int, answer *httpx.Answer) error {
		f, err := s.take(answer)
		if err != nil {
			return err
		}
		return check(f, last-i)
	})
	if err != nil {
		return false, err
	}
	return steady, check(first, 0)
}

// untilEmpty reads pages until one is not full, or repeats the one before:
// the vendor states no total.
func (s *scan) untilEmpty(ctx context.Context, before extract.Facts) error {
	for i := 1; before.Rows >= s.account.cfg.PageSize; i++ {
		f, err := s.read(ctx, i)
		if err != nil {
			return err
		}
		if f.First == before.First {
			return nil
		}
		before = f
	}
	return nil
}

// complete asks by id for the orders that came without items. An order that
// still has none really has none.
func (s *scan) complete(ctx context.Context) error {
	if s.window.Stream != streamOrders {
		return nil
	}
	slices.Sort(s.incomplete)
	batches := slices.Collect(slices.Chunk(slices.Compact(s.incomplete), maxBatch))
	return extract.InOrder(ctx, len(batches), s.account.cfg.Concurrency, func(ctx context.Context, i int) (*httpx.Answer, error) {
		return s.account.byIDs(ctx, batches[i])
	}, func(i int, answer *httpx.Answer) error {
		f, err := s.yield(page(s.window, answer))
		if err == nil && f.Rows < len(batches[i]) {
			err = extract.BadAnswer("read orders by id", fmt.Errorf("%d of the %d orders from %s are missing, which the query had just answered", len(batches[i])-f.Rows, len(batches[i]), batches[i][0]))
		}
		return err
	})
}
