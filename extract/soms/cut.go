package soms

import (
	"context"
	"fmt"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

// cap is the number of rows from which on a window is cut.
func (a *account) cap() int64 { return int64(*a.cfg.MaxWindowRows) }

// cut returns w, or w in parts that hold fewer than max_window_rows orders
// each, without gaps between them. A second that alone holds more is a part of
// its own, of which Fetch reads what it can: see overfull. Of a scan for
// hidden orders that finds none cut returns nothing.
func (a *account) cut(ctx context.Context, w extract.Window) ([]extract.Window, error) {
	v, err := variantOf(w.Filter)
	if err != nil {
		return nil, extract.BadAnswer("plan "+w.Stream, err)
	}
	d := division{account: a, variant: v}
	seen, err := d.look(ctx, w)
	if err != nil {
		return nil, err
	}
	if v.by == byIndex && seen.holds() {
		ignored, err := a.ignoresIndex(ctx)
		if ignored {
			a.log.Warn(indexIgnored)
		}
		if ignored || err != nil {
			return nil, err
		}
	}
	if seen.total >= a.cap() {
		if d.inclusive, err = a.inclusive(ctx, w.Stream, v, second(seen.first)); err != nil {
			return nil, err
		}
		if d.inclusive {
			// The second at the end belongs to the window that follows.
			w.End = w.End.Add(-apartBy)
			if seen, err = d.look(ctx, w); err != nil {
				return nil, err
			}
		}
	}
	return d.divide(ctx, w, seen)
}

// ignoresIndex reports that the search does not heed the time of its index:
// orders come where it is asked for those that it took before 1970. A scan by
// that time would bring everything, every night.
func (a *account) ignoresIndex(ctx context.Context) (bool, error) {
	seen, err := a.sight(ctx, search{stream: streamOrders, filter: filter{IndexedEnd: ever}, sortKey: "modified"})
	return seen.holds(), err
}

// indexIgnored is what the operator is told of such a search.
const indexIgnored = "the search does not heed the time of its index (index_modified): a change that it takes after a night has read its time is missed until the order changes again"

// apartBy is how far before a second two windows meet where the
// vendor's bounds are inclusive: the first of them is sent the second before
// as its upper bound, the other one the second after as its lower bound.
const apartBy = time.Second / 2

// division cuts a window by time.
type division struct {
	*account
	variant   variant
	inclusive bool // the vendor's bounds are
}

// look asks for the first order of w and how many there are.
func (d *division) look(ctx context.Context, w extract.Window) (sighting, error) {
	q, err := d.searchOf(w)
	if err != nil {
		return sighting{}, err
	}
	seen, err := d.sight(ctx, q)
	if err == nil && seen.total >= d.cap() {
		err = unheeded(w, q, seen)
	}
	if err == nil && seen.total >= d.cap() && seen.first.IsZero() {
		err = extract.BadAnswer("plan "+w.Stream, fmt.Errorf("there are %d orders, max_window_rows or more, and the first of them has no time %q to divide them by", seen.total, q.sortKey))
	}
	return seen, err
}

// aside is how far beside a bound an order may lie of a search that compares times
// more coarsely than to the second.
const aside = time.Hour

// unheeded is the error of a search that answers w with an order of long before it: such
// a list is as long however it is cut.
func unheeded(w extract.Window, q search, seen sighting) error {
	if q.filter.IndexedEnd != "" || w.Start.IsZero() || seen.first.IsZero() || !seen.first.Before(w.Start.Add(-aside)) {
		return nil
	}
	return &extract.Error{
		Class: extract.Permanent, Op: "plan " + w.Stream,
		Err:  fmt.Errorf("the search answers %d orders where it is asked for those %s from %s on, and the first of them is of %s", seen.total, q.sortKey, w.Start.Format(time.DateTime), seen.first.Format(time.DateTime)),
		Hint: "it does not heed that bound, and more orders than max_window_rows cannot be read in parts: raise max_window_rows if the vendor's search answers more rows at once, or set change_time: index_modified",
	}
}

// divide cuts w, of which seen was seen.
func (d *division) divide(ctx context.Context, w extract.Window, seen sighting) ([]extract.Window, error) {
	if seen.total == 0 && d.variant.on != 0 {
		return nil, nil
	}
	// A search that counts no further than it answers states the cap itself
	// as the total of any more: a total of just the cap is divided too.
	if seen.total < d.cap() {
		return []extract.Window{w}, nil
	}
	// Nothing is earlier than the first order; where the search index's time
	// is filtered on, that is no earlier than the order's own change.
	first := later(firstSecond(w), second(seen.first))
	end := second(w.End.Add(time.Second - 1))
	middle := second(first.Add(end.Sub(first) / 2))
	if !first.Before(middle) {
		return d.apart(w, first), nil
	}
	var windows []extract.Window
	early, late := d.split(w, middle)
	var looks []sighting // at both, before one is cut: see unheeded
	for _, part := range []extract.Window{early, late} {
		seen, err := d.look(ctx, part)
		if err != nil {
			return nil, err
		}
		looks = append(looks, seen)
	}
	for i, part := range []extract.Window{early, late} {
		parts, err := d.divide(ctx, part, looks[i])
		if err != nil {
			return nil, err
		}
		windows = append(windows, parts...)
	}
	return windows, nil
}

// split cuts w before a second.
func (d *division) split(w extract.Window, at time.Time) (early, late extract.Window) {
	if d.inclusive {
		at = at.Add(-apartBy)
	}
	early, late = w, w
	early.End, late.Start = at, at
	return early, late
}

// apart takes the last second of w apart, before which there is no order, so
// that it alone is what cannot be read.
func (d *division) apart(w extract.Window, last time.Time) []extract.Window {
	early, late := d.split(w, last)
	switch {
	case !early.Start.Before(early.End) || !late.Start.Before(late.End):
		return []extract.Window{w}
	case d.variant.on != 0:
		return []extract.Window{late} // a scan for hidden orders has no cursor
	}
	return []extract.Window{early, late}
}

// inclusive reports whether the vendor's bounds have been seen to be
// inclusive: between a second in which there are orders and itself only then
// something is found. at is such a second of the time that pages are sorted
// by. Where they are not, it finds out whether the lower one is.
func (a *account) inclusive(ctx context.Context, stream string, v variant, at time.Time) (bool, error) {
	seen, err := a.between(ctx, stream, v, at, at)
	if err != nil {
		return false, err
	}
	if seen.holds() {
		a.lower.Store(lowerInclusive)
		return true, nil
	}
	if a.lower.Load() != lowerUnknown {
		return false, nil
	}
	if seen, err = a.between(ctx, stream, v, at, at.Add(time.Second)); err != nil {
		return false, err
	}
	lower := int32(lowerExclusive)
	if second(seen.first).Equal(at) {
		lower = lowerInclusive
	}
	a.lower.Store(lower)
	return false, nil
}

// between asks for the first order between two seconds of the time that pages
// are sorted by.
func (a *account) between(ctx context.Context, stream string, v variant, from, to time.Time) (sighting, error) {
	q := a.searchIn(stream, v, a.local(from), a.local(to))
	if f := &q.filter; f.IndexedEnd != "" {
		f.ModifiedStart, f.ModifiedEnd, f.IndexedStart, f.IndexedEnd = f.IndexedStart, f.IndexedEnd, "", ""
	}
	return a.sight(ctx, q)
}

// overfull says why a window that holds total orders, the vendor's limit or
// more, was read in part only, and what to do. read is how many came.
func (s *scan) overfull(total int64, read int) string {
	w := s.window
	if w.End.Sub(w.Start) > time.Second {
		return fmt.Sprintf("the window has grown to %d orders since it was planned, and max_window_rows is %d: the next night cuts it further", total, s.most)
	}
	count := fmt.Sprint(total)
	if total == s.most {
		count += " orders or more" // a count may end where the answers do
	} else {
		count += " orders"
	}
	remedy := "raise max_window_rows if the vendor's search answers more rows at once"
	if v, err := variantOf(w.Filter); err == nil && v.by == "" && w.Stream == streamOrders {
		other := changeIndexed
		if s.account.cfg.ChangeTime == changeIndexed {
			other = changeModified
		}
		remedy += ", or set change_time: " + other + ", by which they may lie apart"
	}
	return fmt.Sprintf("%s share the second %s, and max_window_rows is %d: %d of them were read, and the next night asks again; %s",
		count, s.account.local(firstSecond(w)), s.most, read, remedy)
}
