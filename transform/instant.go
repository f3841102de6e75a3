package transform

import (
	"errors"
	"fmt"
	"time"
)

// Instant is a moment in UTC, in microseconds since 1970. The zero value is
// null.
type Instant struct {
	Micros int64
	Valid  bool
}

// InstantOf is the instant of t, to the microsecond.
func InstantOf(t time.Time) Instant { return Instant{t.UnixMicro(), true} }

// Time is i in UTC; the zero time where i is null.
func (i Instant) Time() time.Time {
	if !i.Valid {
		return time.Time{}
	}
	return time.UnixMicro(i.Micros).UTC()
}

// Date is a calendar day, in days since 1970-01-01. The zero value is null.
type Date struct {
	Days  int32
	Valid bool
}

// The reasons for which a time is a finding.
var (
	errNotInstant = errors.New("not an instant of the documented form")
	errNotDay     = errors.New("not a day of the form yyyy-MM-dd")
	errNoSuchTime = errors.New("no such time on that day in the account's time zone")
	errYear       = errors.New("a year outside 2000 to 2100")
)

const (
	localLayout = "2006-01-02 15:04:05"
	dayLayout   = "2006-01-02"
)

// plausible are the years that an order can be of.
func plausible(t time.Time) error {
	if y := t.UTC().Year(); y < 2000 || y > 2100 {
		return errYear
	}
	return nil
}

// epoch reads a whole number of exactly the given count of digits.
func (s *Scalar) epoch(digits int) (int64, error) {
	if s.Kind != Number && s.Kind != String {
		return 0, errWrongType
	}
	if len(s.Text) != digits || s.Text[0] == '-' {
		return 0, fmt.Errorf("%w: %d digits expected", errNotInstant, digits)
	}
	n, err := parseDecimal(s.Text, 0)
	if err != nil {
		return 0, errNotInstant
	}
	return n, nil
}

func (r *Record) instant(s *Scalar, field string, read func() (time.Time, error)) Instant {
	if !s.Present() {
		return Instant{}
	}
	t, err := read()
	if err == nil {
		err = plausible(t)
	}
	if err != nil {
		r.Finding(field, err.Error(), s.Text)
		return Instant{}
	}
	return InstantOf(t)
}

// Instant reads 13-digit milliseconds.
func (v *Millis) Instant(r *Record, field string) Instant {
	return r.instant(&v.Scalar, field, func() (time.Time, error) {
		n, err := v.epoch(13)
		return time.UnixMilli(n), err
	})
}

// Instant reads 10-digit seconds.
func (v *Seconds) Instant(r *Record, field string) Instant {
	return r.instant(&v.Scalar, field, func() (time.Time, error) {
		n, err := v.epoch(10)
		return time.Unix(n, 0), err
	})
}

// Instant reads 13 digits as milliseconds and 10 as seconds
// (guoxiaodi.md, Fields).
func (v *MillisOrSeconds) Instant(r *Record, field string) Instant {
	return r.instant(&v.Scalar, field, func() (time.Time, error) {
		if len(v.Text) == 10 {
			n, err := v.epoch(10)
			return time.Unix(n, 0), err
		}
		n, err := v.epoch(13)
		return time.UnixMilli(n), err
	})
}

// Instant reads an ISO-8601 instant with its designator.
func (v *ISO8601) Instant(r *Record, field string) Instant {
	return r.instant(&v.Scalar, field, func() (time.Time, error) {
		if v.Kind != String {
			return time.Time{}, errWrongType
		}
		t, err := time.Parse(time.RFC3339Nano, v.Text)
		if err != nil {
			return time.Time{}, errNotInstant
		}
		if t.Nanosecond()%1000 != 0 {
			return time.Time{}, fmt.Errorf("%w: finer than a microsecond", errNotInstant)
		}
		return t, nil
	})
}

// Instant reads yyyy-MM-dd HH:mm:ss as UTC.
func (v *UTCTime) Instant(r *Record, field string) Instant {
	return r.instant(&v.Scalar, field, func() (time.Time, error) {
		return parseLocal(&v.Scalar, time.UTC)
	})
}

// Instant reads yyyy-MM-dd HH:mm:ss in the account's time zone. A time that
// a change of clocks leaves out is a finding; one that occurs twice is taken
// as the first.
func (v *LocalTime) Instant(r *Record, field string) Instant {
	return r.instant(&v.Scalar, field, func() (time.Time, error) {
		return parseLocal(&v.Scalar, r.batch.origin.Calendar.Zone)
	})
}

func parseLocal(s *Scalar, zone *time.Location) (time.Time, error) {
	if s.Kind != String {
		return time.Time{}, errWrongType
	}
	if len(s.Text) != len(localLayout) {
		return time.Time{}, errNotInstant
	}
	t, err := time.ParseInLocation(localLayout, s.Text, zone)
	if err != nil {
		return time.Time{}, errNotInstant
	}
	// A time that a change of clocks leaves out was moved by the parser. The
	// text has two digits at these places, or it would not have parsed.
	hour, minute := 10*int(s.Text[11]-'0')+int(s.Text[12]-'0'), 10*int(s.Text[14]-'0')+int(s.Text[15]-'0')
	if t.Hour() != hour || t.Minute() != minute {
		return time.Time{}, errNoSuchTime
	}
	return t, nil
}

// Date reads yyyy-MM-dd; the same day written as a date-time at midnight is
// taken too (SOMS settle_date).
func (v *LocalDay) Date(r *Record, field string) Date {
	if !v.Present() {
		return Date{}
	}
	text := v.Text
	if len(text) == len(localLayout) && text[len(dayLayout):] == " 00:00:00" {
		text = text[:len(dayLayout)]
	}
	t, err := time.Parse(dayLayout, text)
	if v.Kind != String || err != nil || plausible(t) != nil {
		r.Finding(field, errNotDay.Error(), v.Text)
		return Date{}
	}
	return dateOf(t)
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
