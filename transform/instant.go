package transform

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
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

// The reasons for which a time is a finding.
var (
	errNotInstant = errors.New("not an instant of the documented form")
	errNotDay     = errors.New("not a day of the form yyyy-MM-dd")
	errNoSuchTime = errors.New("no such time on that day in the account's time zone: clocks went forward past it")
	errTwice      = errors.New("a time that occurs twice on that day in the account's time zone, as clocks went back; the first is taken")
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

// The counts of digits that an epoch of the years 2001 to 2286 has.
const (
	secondDigits = 10
	milliDigits  = 13
)

// epochUnits names the units by their count of digits.
var epochUnits = map[int]string{
	secondDigits: "seconds", milliDigits: "milliseconds", 16: "microseconds",
}

// epoch reads a whole number of as many digits as the documented unit has.
// The unit is never guessed from the value: another count of digits is an
// error that names the unit which it would be of.
func (s *Scalar) epoch(digits int) (int64, error) {
	n, err := s.decimal(0)
	switch {
	case errors.Is(err, errWrongType), errors.Is(err, errRepeated):
		return 0, err
	case errors.Is(err, errTooPrecise):
		return 0, fmt.Errorf("%w: a fraction of %s", errNotInstant, epochUnits[digits])
	case errors.Is(err, errTooLarge):
		return 0, fmt.Errorf("%w: %d digits expected (%s), more are given", errNotInstant, digits, epochUnits[digits])
	case err != nil || n < 0:
		return 0, errNotInstant
	}
	if !hasDigits(n, digits) {
		given := len(strconv.FormatInt(n, 10))
		err = fmt.Errorf("%w: %d digits expected (%s), %d given", errNotInstant, digits, epochUnits[digits], given)
		if unit := epochUnits[given]; unit != "" {
			err = fmt.Errorf("%w, as of %s", err, unit)
		}
		return 0, err
	}
	return n, nil
}

// hasDigits reports whether n, which is not negative, has that many digits.
func hasDigits(n int64, digits int) bool { return n >= pow10[digits-1] && n < pow10[digits] }

// instant reads s and checks that the year is plausible. A time that occurs
// twice is a finding whose value is kept; any other error costs the value.
func (r *Record) instant(s *Scalar, field string, read func() (time.Time, error)) Instant {
	if !s.Present() {
		return Instant{}
	}
	t, err := read()
	if err == nil || errors.Is(err, errTwice) {
		if implausible := plausible(t); implausible != nil {
			err = implausible
		}
	}
	if err != nil {
		r.Finding(field, err.Error(), s.Text)
		if !errors.Is(err, errTwice) {
			return Instant{}
		}
	}
	i := InstantOf(t)
	r.stated = append(r.stated, statedTime{i, s.Text})
	return i
}

// Instant reads 13-digit milliseconds.
func (v *Millis) Instant(r *Record, field string) Instant {
	return r.instant(&v.Scalar, field, func() (time.Time, error) {
		n, err := v.epoch(milliDigits)
		return time.UnixMilli(n), err
	})
}

// Instant reads 10-digit seconds.
func (v *Seconds) Instant(r *Record, field string) Instant {
	return r.instant(&v.Scalar, field, func() (time.Time, error) {
		n, err := v.epoch(secondDigits)
		return time.Unix(n, 0), err
	})
}

// Instant reads 13 digits as milliseconds and 10 as seconds
// (docs/sources/guoxiaodi.md, Fields).
func (v *MillisOrSeconds) Instant(r *Record, field string) Instant {
	return r.instant(&v.Scalar, field, func() (time.Time, error) {
		if n, err := v.decimal(0); err == nil && hasDigits(n, secondDigits) {
			return time.Unix(n, 0), nil
		}
		n, err := v.epoch(milliDigits)
		return time.UnixMilli(n), err
	})
}

// Instant reads an ISO-8601 instant with its designator, as RFC 3339 has it:
// a capital T and Z (or an offset), a point before the fraction.
func (v *ISO8601) Instant(r *Record, field string) Instant {
	return r.instant(&v.Scalar, field, func() (time.Time, error) {
		if v.Kind != String {
			return time.Time{}, v.misfit()
		}
		fraction, ok := isoFraction(v.Text)
		if !ok {
			return time.Time{}, errNotInstant
		}
		t, err := time.Parse(time.RFC3339Nano, v.Text)
		if err != nil {
			return time.Time{}, errNotInstant
		}
		// The parser drops digits after the ninth, so the text is asked.
		if len(fraction) > 6 && strings.Trim(fraction[6:], "0") != "" {
			return time.Time{}, fmt.Errorf("%w: finer than a microsecond", errNotInstant)
		}
		return t, nil
	})
}

// isoFraction gives the digits after the point of an ISO-8601 instant. Not
// ok: a form that time.Parse takes though RFC 3339 has it not, which are a
// one-digit hour, a decimal comma and an offset of 24 hours or 60 minutes.
func isoFraction(text string) (digits string, ok bool) {
	const seconds = len("2006-01-02T15:04:05")
	if len(text) <= seconds || text[seconds-3] != ':' || text[seconds-6] != ':' {
		return "", false
	}
	rest := text[seconds:]
	end := len(rest) - 1
	if rest[end] != 'Z' {
		end = len(rest) - len("+08:00")
		if end < 0 || rest[end+1:] > "23:59" || rest[end+4:] > "59" {
			return "", false
		}
	}
	if end == 0 {
		return "", true
	}
	return rest[1:end], rest[0] == '.'
}

// WallZone says in which zone the record's times are written that are documented as
// UTC.
func (r *Record) WallZone(zone *time.Location) { r.wall = zone }

// Instant reads yyyy-MM-dd HH:mm:ss as UTC, or in the record's WallZone.
func (v *UTCTime) Instant(r *Record, field string) Instant {
	return r.instant(&v.Scalar, field, func() (time.Time, error) {
		return parseLocal(&v.Scalar, cmp.Or(r.wall, time.UTC))
	})
}

// Instant reads yyyy-MM-dd HH:mm:ss in the account's time zone. A time that
// a change of clocks leaves out is a finding and null; one that occurs twice
// is a finding too, and the first of the two is taken.
func (v *LocalTime) Instant(r *Record, field string) Instant {
	return r.instant(&v.Scalar, field, func() (time.Time, error) {
		return parseLocal(&v.Scalar, r.batch.origin.Calendar.Zone)
	})
}

func parseLocal(s *Scalar, zone *time.Location) (time.Time, error) {
	if s.Kind != String {
		return time.Time{}, s.misfit()
	}
	if len(s.Text) != len(localLayout) {
		return time.Time{}, errNotInstant
	}
	wall, err := time.Parse(localLayout, s.Text)
	// The parser takes more blanks than one, and an hour of one digit.
	var written [len(localLayout)]byte
	if err != nil || string(wall.AppendFormat(written[:0], localLayout)) != s.Text {
		return time.Time{}, errNotInstant
	}
	return instantAt(wall, zone)
}
