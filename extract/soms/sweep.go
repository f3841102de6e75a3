package soms

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

// sweepDays is how far back the totals by day of creation are compared each
// night (docs/sources/soms.md, Reads).
const sweepDays = 35

// ever is a lower bound that lets every order through that has a time.
const ever = "1970-01-01 00:00:00"

// sweep compares what the vendor holds of each of the last days with what is
// booked, and asks once more for the days that differ: for orders that the
// search index took after their time had been read, for those that were
// deleted, and for whatever else went unnoticed. The days are those of
// orders.created_at: the time of the order on its platform, else at the
// vendor.
//
// A day is only swept once bound has left it behind.
func (a *account) sweep(ctx context.Context, booked map[string]int64, bound time.Time) ([]extract.Window, error) {
	var days []span
	for _, name := range slices.Sorted(maps.Keys(booked)) {
		start, err := time.ParseInLocation(time.DateOnly, name, a.zone)
		if err != nil {
			return nil, fmt.Errorf("sweep the day %q: %w", name, err)
		}
		day := span{name, start, start.AddDate(0, 0, 1)}
		if !start.Before(a.since) && !day.end.After(bound) {
			days = append(days, day)
		}
	}
	if len(days) == 0 {
		return nil, nil
	}
	s, err := a.newSweeper(ctx, span{"", days[0].start, days[len(days)-1].end}, bound)
	if err != nil {
		return nil, err
	}
	totals := make([]int64, len(days))
	err = extract.InOrder(ctx, len(days), a.cfg.Concurrency,
		func(ctx context.Context, i int) (int64, error) { return s.total(ctx, days[i]) },
		func(i int, total int64) error { totals[i] = total; return nil })
	if err != nil {
		return nil, err
	}
	var differ []span
	for i, day := range days {
		if totals[i] == booked[day.name] || totals[i] < 0 {
			continue
		}
		a.log.Info("the vendor's total of a day differs from what is booked; the day is read again",
			"day", day.name, "stated", totals[i], "booked", booked[day.name])
		differ = append(differ, day)
	}
	return a.readAgain(ctx, differ, s)
}

// readAgain plans the days that differ.
func (a *account) readAgain(ctx context.Context, days []span, s *sweeper) ([]extract.Window, error) {
	hidden := s.asked
	if len(days) > 0 && s.before {
		// An order that was hidden since then must not be taken for deleted.
		var err error
		if hidden, err = a.hidden(ctx, s.bound); err != nil {
			return nil, err
		}
	}
	var asked []extract.Window
	for _, day := range days {
		for _, by := range s.by {
			asked = append(asked, scans(extract.Window{
				Stream: streamOrders, Start: day.start, End: day.end, Reread: true, Exhaustive: true,
			}, by, hidden)...)
		}
	}
	return a.cutAll(ctx, asked)
}

// span is a calendar day in the account's zone, or several.
type span struct {
	name       string // yyyy-MM-dd
	start, end time.Time
}

// sweeper counts what the vendor holds of a day.
type sweeper struct {
	*account
	bound     time.Time
	asked     []combination // of flags, whose orders are hidden
	before    bool          // that was found out when the night began
	counted   []combination // those of them that have orders in the days that are swept
	inclusive bool          // the vendor's bounds are
	by        []string      // the times by which a day's orders are found
}

func (a *account) newSweeper(ctx context.Context, all span, bound time.Time) (*sweeper, error) {
	s := &sweeper{account: a, bound: bound, by: []string{byBooking}}
	var err error
	if s.asked, s.before = a.hiddenBefore(bound); !s.before {
		if s.asked, err = a.hidden(ctx, bound); err != nil {
			return nil, err
		}
	}
	s.counted = s.asked
	seen, err := a.sight(ctx, a.searchIn(streamOrders, variant{by: byBooking}, a.local(all.start), a.local(all.end)))
	if err != nil {
		return nil, err
	}
	if !seen.first.IsZero() {
		if s.inclusive, err = a.inclusive(ctx, streamOrders, variant{by: byBooking}, seen.first); err != nil {
			return nil, err
		}
	}
	// Orders that no platform has sent have no time there.
	with, without, err := s.createdIn(ctx, span{start: a.since, end: bound})
	if err != nil {
		return nil, err
	}
	if with != without {
		s.by = append(s.by, byCreation)
	}
	s.counted, err = s.inDays(ctx, all)
	return s, err
}

// inDays lists the hidden combinations that have orders in a span of days:
// the others need not be counted day by day.
func (s *sweeper) inDays(ctx context.Context, all span) (found []combination, err error) {
	for _, c := range s.asked {
		for _, by := range s.by {
			n, err := s.account.total(ctx, s.within(all, by).with(c, true))
			if err != nil {
				return nil, err
			}
			if n != 0 {
				found = append(found, c)
				break
			}
		}
	}
	return found, nil
}

// total is the number of orders whose created_at lies in day; -1 where the
// vendor does not say.
func (s *sweeper) total(ctx context.Context, day span) (int64, error) {
	n, err := s.sum(ctx, s.within(day, byBooking))
	if err != nil || n < 0 || len(s.by) == 1 {
		return n, err
	}
	all, onPlatform, err := s.createdIn(ctx, day)
	if all < 0 || onPlatform < 0 {
		return -1, err
	}
	return n + all - onPlatform, err
}

// createdIn counts the orders that the vendor created in a span: all, and
// those of them that have a time on their platform.
func (s *sweeper) createdIn(ctx context.Context, in span) (all, onPlatform int64, err error) {
	f := s.within(in, byCreation)
	// What is counted first is the part: an order that comes between the two
	// makes the whole larger.
	part := f
	part.BookedStart = ever
	if onPlatform, err = s.sum(ctx, part); err == nil {
		all, err = s.sum(ctx, f)
	}
	return all, onPlatform, err
}

// within bounds one of the times of an order by a span, to the second.
func (s *sweeper) within(in span, by string) filter {
	end := in.end
	if s.inclusive {
		end = end.Add(-time.Second)
	}
	start := in.start
	if s.lower.Load() == lowerExclusive {
		start = start.Add(-time.Second)
	}
	return s.searchIn(streamOrders, variant{by: by}, s.local(start), s.local(end)).filter
}

// sum is the total of f with the orders that are hidden; -1 where the vendor
// does not say.
func (s *sweeper) sum(ctx context.Context, f filter) (int64, error) {
	var sum int64
	for _, v := range variants("", s.counted) {
		n, err := s.account.total(ctx, f.with(v.on, true))
		if err != nil {
			return 0, err
		}
		if n < 0 {
			return -1, nil
		}
		sum += n
	}
	return sum, nil
}
