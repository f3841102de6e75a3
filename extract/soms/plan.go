package soms

import (
	"context"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Plan asks for the orders changed since the last night, or for those of a
// range of creation where the operator names one, for those whose change the
// search index took late, for the refunded orders, and for the reminders; when
// those are read, for the days that the sweep finds to differ, and for traces.
//
// Every night reads all refunded orders: a refund need not touch the time of
// the last change (docs/sources/soms.md, Reads). Reminders have no filter of time. Orders
// that the search hides unless they are asked for are read apart.
//
// Plan calls the vendor for totals, one row each: a window with more orders
// than the search answers at once is cut by time.
func (a *account) Plan(ctx context.Context, p extract.Plan) ([]extract.Window, error) {
	bound := second(p.Until.Add(-a.lag()))
	if p.Due != nil {
		again, err := a.sweep(ctx, p.Booked, bound)
		return append(again, a.traces(p.Due)...), err
	}
	hidden, err := a.hiddenTonight(ctx, bound)
	if err != nil {
		return nil, err
	}
	var asked []extract.Window
	if !p.Since.IsZero() {
		// The range is in the past but for the newest orders, which may not
		// have reached the search index.
		start, end := second(later(p.Since, a.since)), second(earlier(p.Until, a.now().Add(-a.lag())))
		asked = append(scans(extract.Window{Stream: streamOrders, Start: start, End: end}, byCreation, hidden),
			a.refunded(start, end, hidden)...)
	} else {
		// The first night starts with the account's since: where that is set to
		// an earlier day later, what was read does not reach so far back, and
		// the pipeline gives no cursor.
		start := a.since
		late := a.late(p.Cursor, bound)
		if _, before := p.Cursor[streamOrders]; before && !p.Full {
			start = late.Start
		}
		orders := scans(extract.Window{Stream: streamOrders, Start: start, End: bound}, "", hidden)
		// Whether orders are hidden is known only while there are some, so
		// their scans have no cursor: they are read in full, however long that
		// takes.
		for i := range orders[1:] {
			orders[i+1].Start, orders[i+1].Reread = a.since, true
		}
		if !late.Start.IsZero() && a.byIndex() {
			orders = append(orders, late)
		}
		asked = slices.Concat(orders, a.refunded(a.since, bound, hidden))
	}
	windows, err := a.cutAll(ctx, asked)
	if err != nil {
		return nil, err
	}
	return append(windows, extract.Window{Stream: streamReminders}), nil
}

// refunded are the windows of the refunded orders created between two times; none
// where the search does not heed the filter, for all orders would count as refunded.
func (a *account) refunded(start, end time.Time, hidden []combination) []extract.Window {
	if !*a.cfg.Refunds {
		return nil
	}
	return scans(extract.Window{Stream: streamRefunded, Start: start, End: end}, "", hidden)
}

// byIndex reports whether changes are asked for by the time of the index besides that of
// the change.
func (a *account) byIndex() bool { return a.cfg.ChangeTime == changeModified && *a.cfg.Index }

// late is the window of the changes that the search index took since the last
// night although they are older than what this one asks for: a cancel of 02:50
// that the search shows after the night of 03:30. It has no start where there
// was no night: then all is read. Its cursor moves also in a night that begins
// anew, or the next one would read two nights. The scan by the last change has
// to begin no later than this one, for it brings what was changed since then.
func (a *account) late(cursors map[string]time.Time, bound time.Time) extract.Window {
	cursor := cursors[streamOrders]
	if own, ok := cursors[ledger.CursorOf(streamOrders, byIndex)]; ok && a.byIndex() && (cursor.IsZero() || own.Before(cursor)) {
		cursor = own
	}
	w := extract.Window{Stream: streamOrders, End: bound, Filter: byIndex, OwnCursor: true}
	if !cursor.IsZero() {
		w.Start = second(cursor.Add(-time.Duration(*a.cfg.Overlap)))
	}
	return w
}

// scans is w once for every variant that is needed so that no order is
// hidden.
func scans(w extract.Window, by string, hidden []combination) []extract.Window {
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
