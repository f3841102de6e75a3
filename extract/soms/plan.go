package soms

import (
	"context"
	"fmt"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

// Plan asks for the orders changed since the last night, or for those of a
// range of creation where the operator names one, for the refunded orders,
// and for the reminders.
//
// Every night reads all refunded orders: a refund need not touch the time of
// the last change (soms.md, Reads). Reminders have no filter of time.
//
// Plan calls the vendor for totals, one row each: a window with more orders
// than the search answers at once is cut by time.
func (a *account) Plan(ctx context.Context, p extract.Plan) ([]extract.Window, error) {
	if p.Due != nil {
		return nil, nil // no stream is asked for by id
	}
	var asked []extract.Window
	if !p.Since.IsZero() {
		// The range is in the past but for the newest orders, which may not
		// have reached the search index.
		start, end := second(later(p.Since, a.since)), second(earlier(p.Until, a.now().Add(-a.lag())))
		asked = []extract.Window{
			{Stream: streamOrders, Start: start, End: end, Filter: byCreation},
			{Stream: streamRefunded, Start: start, End: end},
		}
	} else {
		end := second(p.Until.Add(-a.lag()))
		var start time.Time
		if cursor, ok := p.Cursor[streamOrders]; ok && !p.Full {
			start = second(cursor.Add(-time.Duration(*a.cfg.Overlap)))
		}
		asked = []extract.Window{
			{Stream: streamOrders, Start: start, End: end},
			{Stream: streamRefunded, Start: a.since, End: end},
		}
	}
	var windows []extract.Window
	for _, w := range asked {
		if !w.Start.Before(w.End) {
			continue
		}
		parts, err := a.cut(ctx, w)
		if err != nil {
			return nil, err
		}
		windows = append(windows, parts...)
	}
	return append(windows, extract.Window{Stream: streamReminders}), nil
}

func (a *account) lag() time.Duration { return time.Duration(*a.cfg.Lag) }

// second is t at the vendor's precision.
func second(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Truncate(time.Second)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// cut returns w, or w in parts that hold fewer than max_window_rows orders
// each. Neighbours share the second at which they meet; see filterOf.
func (a *account) cut(ctx context.Context, w extract.Window) ([]extract.Window, error) {
	answer, err := a.query(ctx, w, 0, 1)
	if err != nil {
		return nil, err
	}
	seen, err := a.peek(answer.Body, a.sortKey(w))
	if err != nil {
		return nil, err
	}
	// A search that counts no further than it answers states the cap itself
	// as the total of any more: a total of just the cap is divided too.
	if seen.total < int64(*a.cfg.MaxWindowRows) {
		return []extract.Window{w}, nil
	}
	// Nothing is earlier than the first order; where the search index's time
	// is filtered on, that is no earlier than the order's own change.
	lower := later(w.Start, second(seen.first))
	middle := second(lower.Add(w.End.Sub(lower) / 2))
	if lower.IsZero() {
		return nil, extract.BadAnswer("plan "+w.Stream, fmt.Errorf("there are %d orders, max_window_rows or more, and the first of them has no time %q to divide them by", seen.total, a.sortKey(w)))
	}
	if !lower.Before(middle) {
		return nil, &extract.Error{
			Op:   "plan " + w.Stream,
			Err:  fmt.Errorf("%d orders share the second %s, and max_window_rows is %d", seen.total, a.local(w.End), *a.cfg.MaxWindowRows),
			Hint: "raise max_window_rows if the vendor's search answers more rows at once",
		}
	}
	early, late := w, w
	early.End, late.Start = middle, middle
	first, err := a.cut(ctx, early)
	if err != nil {
		return nil, err
	}
	rest, err := a.cut(ctx, late)
	if err != nil {
		return nil, err
	}
	return append(first, rest...), nil
}
