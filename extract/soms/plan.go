package soms

import (
	"context"
	"fmt"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

// Plan asks for the orders changed since the last night, or for those of a
// range of creation where the operator names one, for the refunded orders,
// and for the reminders; when those are read, for the days that the sweep
// finds to differ.
//
// Every night reads all refunded orders: a refund need not touch the time of
// the last change (soms.md, Reads). Reminders have no filter of time. Orders
// that the search hides unless they are asked for are read apart.
//
// Plan calls the vendor for totals, one row each: a window with more orders
// than the search answers at once is cut by time.
func (a *account) Plan(ctx context.Context, p extract.Plan) ([]extract.Window, error) {
	bound := second(p.Until.Add(-a.lag()))
	if p.Due != nil {
		return a.sweep(ctx, p.Booked, bound)
	}
	hidden, err := a.hidden(ctx, bound)
	if err != nil {
		return nil, err
	}
	var asked []extract.Window
	if !p.Since.IsZero() {
		// The range is in the past but for the newest orders, which may not
		// have reached the search index.
		start, end := second(later(p.Since, a.since)), second(earlier(p.Until, a.now().Add(-a.lag())))
		asked = append(scans(extract.Window{Stream: streamOrders, Start: start, End: end}, byCreation, hidden),
			scans(extract.Window{Stream: streamRefunded, Start: start, End: end}, "", hidden)...)
	} else {
		var start time.Time
		if cursor, ok := p.Cursor[streamOrders]; ok && !p.Full {
			start = second(cursor.Add(-time.Duration(*a.cfg.Overlap)))
		}
		orders := scans(extract.Window{Stream: streamOrders, Start: start, End: bound}, "", hidden)
		// Whether orders are hidden is known only while there are some, so
		// their scans have no cursor: they are few and read in full.
		for i := range orders[1:] {
			orders[i+1].Start, orders[i+1].Reread = time.Time{}, true
		}
		asked = append(orders, scans(extract.Window{Stream: streamRefunded, Start: a.since, End: bound}, "", hidden)...)
	}
	windows, err := a.cutAll(ctx, asked)
	if err != nil {
		return nil, err
	}
	return append(windows, extract.Window{Stream: streamReminders}), nil
}

// scans is w once for every variant that is needed so that no order is
// hidden.
func scans(w extract.Window, by string, hidden []string) []extract.Window {
	var windows []extract.Window
	for _, v := range variants(by, hidden) {
		w.Filter = v.String()
		windows = append(windows, w)
	}
	return windows
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

// cutAll cuts each of the windows. Empty scans for hidden orders are left
// out.
func (a *account) cutAll(ctx context.Context, asked []extract.Window) ([]extract.Window, error) {
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
	return windows, nil
}

// cut returns w, or w in parts that hold fewer than max_window_rows orders
// each. Neighbours share the second at which they meet; see searchOf. Of a
// scan for hidden orders that finds none it returns nothing.
func (a *account) cut(ctx context.Context, w extract.Window) ([]extract.Window, error) {
	q, err := a.searchOf(w)
	if err != nil {
		return nil, err
	}
	seen, err := a.sight(ctx, q)
	if err != nil {
		return nil, err
	}
	if v, err := variantOf(w.Filter); err != nil || seen.total == 0 && len(v.on) > 0 {
		return nil, err
	}
	// A search that counts no further than it answers states the cap itself
	// as the total of any more: a total of just the cap is divided too.
	if seen.total < a.cap() {
		return []extract.Window{w}, nil
	}
	// Nothing is earlier than the first order; where the search index's time
	// is filtered on, that is no earlier than the order's own change.
	lower := later(w.Start, second(seen.first))
	middle := second(lower.Add(w.End.Sub(lower) / 2))
	if lower.IsZero() {
		return nil, extract.BadAnswer("plan "+w.Stream, fmt.Errorf("there are %d orders, max_window_rows or more, and the first of them has no time %q to divide them by", seen.total, q.sortKey))
	}
	if !lower.Before(middle) {
		return a.cutToTheSecond(ctx, w, lower, seen.total)
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

// cap is the number of rows from which on a window is cut.
func (a *account) cap() int64 { return int64(*a.cfg.MaxWindowRows) }

// cutToTheSecond leaves the second at the end of w to the window that
// follows, where the vendor's bounds turn out to be inclusive. first is the
// second of its first order. There is nothing smaller than a second to ask
// for.
func (a *account) cutToTheSecond(ctx context.Context, w extract.Window, first time.Time, total int64) ([]extract.Window, error) {
	v, err := variantOf(w.Filter)
	if err != nil {
		return nil, err
	}
	if !v.exact {
		inclusive, err := a.inclusive(ctx, w.Stream, v, first)
		if err != nil {
			return nil, err
		}
		if inclusive {
			v.exact = true
			w.Filter = v.String()
			return a.cut(ctx, w)
		}
	}
	return nil, &extract.Error{
		Op:   "plan " + w.Stream,
		Err:  fmt.Errorf("%d orders share the second %s, and max_window_rows is %d", total, a.local(first), a.cap()),
		Hint: "raise max_window_rows if the vendor's search answers more rows at once",
	}
}

// inclusive reports whether the vendor's bounds have been seen to be
// inclusive: between a second in which there are orders and itself only then
// something is found.
func (a *account) inclusive(ctx context.Context, stream string, v variant, at time.Time) (bool, error) {
	seen, err := a.sight(ctx, a.searchIn(stream, v, a.local(at), a.local(at)))
	return seen.total > 0, err
}
