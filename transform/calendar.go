package transform

import "time"

// Date is a calendar day, in days since 1970-01-01. The zero value is null.
type Date struct {
	Days  int32
	Valid bool
}

// Date reads yyyy-MM-dd; the same day written as a date-time at midnight is
// taken too (docs/sources/soms.md, Time: settle_date).
func (v *LocalDay) Date(r *Record, field string) Date {
	if !v.Present() {
		return Date{}
	}
	day, err := v.day()
	if err != nil {
		r.Finding(field, err.Error(), v.Text)
		return Date{}
	}
	return day
}

func (v *LocalDay) day() (Date, error) {
	if v.Kind != String {
		return Date{}, v.misfit()
	}
	text := v.Text
	if len(text) == len(localLayout) && text[len(dayLayout):] == " 00:00:00" {
		text = text[:len(dayLayout)]
	}
	t, err := time.Parse(dayLayout, text)
	if err != nil {
		return Date{}, errNotDay
	}
	if err := plausible(t); err != nil {
		return Date{}, err
	}
	return dateOf(t), nil
}

// dateOf is the calendar day that t shows in its own zone.
func dateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{int32(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400), true}
}

// String is yyyy-MM-dd, or "" where the date is null.
func (d Date) String() string {
	if !d.Valid {
		return ""
	}
	return time.Unix(int64(d.Days)*86400, 0).UTC().Format(dayLayout)
}

// Calendar turns instants into business dates: the account's time zone and
// the time of day at which its business day starts (hotels roll at 06:00).
type Calendar struct {
	Zone     *time.Location
	DayStart time.Duration
}

// BusinessDate is the business day in which i falls: the wall clock of the
// zone, moved back by the start of the day. It does not depend on the
// process's own zone, nor on changes of clocks within the day.
func (c Calendar) BusinessDate(i Instant) Date {
	if !i.Valid {
		return Date{}
	}
	local := i.Time().In(c.Zone)
	wall := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), local.Nanosecond(), time.UTC)
	return dateOf(wall.Add(-c.DayStart))
}

// SameWall is the moment at which clocks in one zone show what clocks in another
// show at t, in UTC. The zero time, which is no bound, stays.
func SameWall(t time.Time, from, to *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	wall := t.In(from)
	year, month, day := wall.Date()
	return time.Date(year, month, day, wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), to).UTC()
}

// instantAt is the moment at which clocks in zone show wall, of which date and
// time of day count. A wall time that clocks leave out has no such moment
// (errNoSuchTime); of one that they show twice it is the first, with errTwice.
//
// time.Date is not asked, for it does not say which of the two it takes.
func instantAt(wall time.Time, zone *time.Location) (time.Time, error) {
	// Clocks change months apart: two days before and after, the offsets are
	// those on either side of a change near wall, if there is one.
	_, before := wall.Add(-48 * time.Hour).In(zone).Zone()
	_, after := wall.Add(48 * time.Hour).In(zone).Zone()
	if before == after {
		return wall.Add(-time.Duration(before) * time.Second), nil
	}
	earlier := wall.Add(-time.Duration(before) * time.Second).In(zone)
	later := wall.Add(-time.Duration(after) * time.Second).In(zone)
	_, earlierOffset := earlier.Zone()
	_, laterOffset := later.Zone()
	switch isEarlier, isLater := earlierOffset == before, laterOffset == after; {
	case isEarlier && isLater:
		return earlier, errTwice
	case isEarlier:
		return earlier, nil
	case isLater:
		return later, nil
	}
	return time.Time{}, errNoSuchTime
}
