package soms

import (
	"context"
	"fmt"
	"time"
)

// index asks whether the search heeds the time of its index: no order was taken by
// 1970, and every one since then.
func (q *inquiry) index(ctx context.Context) error {
	before, since := q.all, q.all
	before.IndexedEnd, since.IndexedStart = ever, ever
	none, err := q.first(ctx, before, 1)
	if err != nil {
		return err
	}
	every, err := q.first(ctx, since, 1)
	if err != nil {
		return err
	}
	outcome := "heeded"
	switch {
	case refuses(none) && refuses(every):
		outcome = "refused"
	case none.Refused != nil || every.Refused != nil:
		outcome = "failed"
	case none.rows():
		outcome = "ignored"
	case !every.rows():
		outcome = "nothing"
	}
	if outcome == "ignored" || outcome == "nothing" || outcome == "refused" {
		q.overlap = "2d" // more than any lateness that is told (busyBefore)
	}
	return q.tell("index", outcome, map[string]any{"overlap": q.overlap, "code": none.how()}, none, every)
}

// What is made of the age of the newest change.
const (
	clocksDiffer = 5 * time.Minute  // so far a time may lie in the future
	fresh        = 10 * time.Minute // what is younger tells that the zone fits
	longestQuiet = 23 * time.Hour   // what is older is not compared with the days before
)

// shanghai is the document's zone by our reading (docs/sources/soms.md, Time).
var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// clock compares the newest change with the vendor's clock: the zone of its wall
// times, and how late the search shows a change. An hour in the future is another
// zone. An age of hours may be a quiet time, a late search or another zone: the
// same hours of the days before are asked for, and where they had changes it is not
// quiet.
func (q *inquiry) clock(ctx context.Context) error {
	l := q.newest
	if !l.rows() || l.date.IsZero() || !sortedDown(l.orders) || q.Outcome("first_page") == "unclear" {
		return q.clockUnknown(l)
	}
	wall, err := time.Parse(time.DateTime, l.orders[0].modified)
	if err != nil {
		return q.clockUnknown(l)
	}
	age := func(zone *time.Location) time.Duration { return l.date.Sub(inZone(wall, zone)) }
	own, within := age(q.zone), time.Duration(*q.cfg.Overlap)+q.lag()
	values := map[string]any{"newest": l.orders[0].modified, "zone": q.zone.String(), "age": span24(own), "ahead": span24(-own), "utc": l.date.UTC().Format(time.DateTime)}
	switch {
	case own < -clocksDiffer && age(shanghai) >= -clocksDiffer:
		return q.tellBoth(values, "ahead", "zone_first", l)
	case own < -clocksDiffer:
		return q.tellBoth(values, "ahead_more", "zone_first", l)
	case own <= fresh && own <= within:
		return q.tellBoth(values, "fits", "prompt", l)
	case own <= fresh:
		return q.tellBoth(values, "fits", "quiet", l)
	}
	looks, busy, err := q.busyBefore(ctx, wall, own)
	if err != nil {
		return err
	}
	looks = append([]*look{l}, looks...)
	inUTC := age(time.UTC)
	switch {
	case busy && inUTC >= -clocksDiffer && inUTC <= fresh:
		return q.tellBoth(values, "behind", "zone_first", looks...)
	case own <= within:
		return q.tellBoth(values, "old", "within", looks...)
	case busy:
		values["overlap"] = q.overlap
		if q.overlap == "" {
			values["overlap"] = fmt.Sprintf("%dh", int(own/time.Hour)+2)
		}
		return q.tellBoth(values, "old", "late", looks...)
	}
	return q.tellBoth(values, "old", "quiet", looks...)
}

func (q *inquiry) clockUnknown(l *look) error {
	return q.tellBoth(nil, "unclear", "unclear", l)
}

// tellBoth answers both questions that the newest change answers.
func (q *inquiry) tellBoth(values map[string]any, zone, lateness string, looks ...*look) error {
	if err := q.tell("zone", zone, values, looks...); err != nil {
		return err
	}
	return q.tell("lateness", lateness, values, looks...)
}

// busyBefore reports whether orders were changed in the same hours of the two days
// before in which none were since wall.
func (q *inquiry) busyBefore(ctx context.Context, wall time.Time, quiet time.Duration) (looks []*look, busy bool, err error) {
	if quiet > longestQuiet {
		return nil, false, nil
	}
	for day := 1; day <= 2; day++ {
		start := wall.AddDate(0, 0, -day)
		f := filter{
			CreatedStart: q.all.CreatedStart, ModifiedStart: start.Add(time.Second).Format(time.DateTime),
			ModifiedEnd: start.Add(quiet).Format(time.DateTime),
		}
		l, err := q.first(ctx, f, 1)
		if err != nil {
			return nil, false, err
		}
		if looks = append(looks, l); !l.rows() {
			return looks, false, nil
		}
	}
	return looks, true, nil
}

// inZone is the moment of a wall time in a zone.
func inZone(wall time.Time, zone *time.Location) time.Time {
	return time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
}

// span24 writes a span of time to the minute, "7h59m".
func span24(d time.Duration) string {
	d = d.Round(time.Minute)
	return fmt.Sprintf("%dh%02dm", int(d/time.Hour), int(d%time.Hour/time.Minute))
}

// sortedDown reports whether orders are sorted by their last change, the newest first.
func sortedDown(orders []glimpse) bool {
	for i := range orders {
		if orders[i].modified == "" || i > 0 && orders[i].modified > orders[i-1].modified {
			return false
		}
	}
	return true
}

// bounds asks for the second of an order's last change as the lower and as the upper
// bound, and whether a second later leaves it out.
func (q *inquiry) bounds(ctx context.Context) error {
	at := ""
	if q.list.rows() {
		at = q.list.orders[len(q.list.orders)-1].modified
	}
	if _, err := secondsAfter(at, 0); err != nil {
		return q.boundsTold("unclear", "unclear", at, q.list)
	}
	from, has, err := q.secondOf(ctx, at, 0, 1)
	if err != nil {
		return err
	}
	to, had, err := q.secondOf(ctx, at, -1, 0)
	if err != nil {
		return err
	}
	looks := []*look{from, to}
	outcome := "inclusive"
	switch {
	case strange(from, at) || strange(to, at):
		return q.boundsTold("loose", "coarser", at, looks...)
	case from.Refused != nil || to.Refused != nil || q.crowded(from) || q.crowded(to):
		return q.boundsTold("unclear", "unclear", at, looks...)
	case has && !had:
		outcome = "end_exclusive"
	case had && !has:
		outcome = "start_exclusive"
	case !has: // the order may have been changed meanwhile
		around, there, err := q.secondOf(ctx, at, -1, 1)
		if err != nil {
			return err
		}
		if looks, outcome = append(looks, around), "exclusive"; !there {
			return q.boundsTold("unclear", "unclear", at, looks...)
		}
	}
	later, there, err := q.secondOf(ctx, at, 1, 2)
	if err != nil {
		return err
	}
	precision := "second"
	switch {
	case later.Refused != nil:
		precision = "unclear"
	case there:
		outcome, precision = "loose", "coarser"
	}
	return q.boundsTold(outcome, precision, at, append(looks, later)...)
}

func (q *inquiry) boundsTold(bounds, precision, at string, looks ...*look) error {
	values := map[string]any{"at": at}
	if err := q.tell("bounds", bounds, values, looks...); err != nil {
		return err
	}
	return q.tell("precision", precision, values, looks...)
}

// crowded reports whether there are more orders than the page shows.
func (q *inquiry) crowded(l *look) bool {
	return l.Facts.Total > int64(l.Facts.Rows) || l.Facts.Rows >= q.cfg.PageSize
}

// strange reports whether an order came that was changed more than a second before
// or after at: the answer goes beyond what secondOf asked for.
func strange(l *look, at string) bool {
	for _, g := range l.orders {
		before, _ := secondsAfter(at, -1) // at has been read
		after, _ := secondsAfter(at, 1)
		if g.modified != "" && (g.modified < before || g.modified > after) {
			return true
		}
	}
	return false
}

// secondOf asks for the orders that were changed between two seconds, counted from
// at, and reports whether one of at itself is among them.
func (q *inquiry) secondOf(ctx context.Context, at string, from, to int) (l *look, there bool, err error) {
	f := q.all
	if f.ModifiedStart, err = secondsAfter(at, from); err != nil {
		return nil, false, err
	}
	if f.ModifiedEnd, err = secondsAfter(at, to); err != nil {
		return nil, false, err
	}
	if l, err = q.first(ctx, f, q.cfg.PageSize); err != nil {
		return nil, false, err
	}
	for _, g := range l.orders {
		there = there || g.modified == at
	}
	return l, there, nil
}
