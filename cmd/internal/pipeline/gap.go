package pipeline

import (
	"time"

	"github.com/nightaudit/nightaudit/extract/landing"
)

// Gap is what lies between the run before and this one.
type Gap struct {
	// Died is the run before where it did not come to its end, "" where it did. It
	// may be this one, which was cut short and is gone on with.
	Died string
	// Missed are the days between the two on which no run was begun, by the calendar
	// of the configuration's time zone, as midnights of UTC: not every day has one
	// elsewhere.
	Missed []time.Time
}

func gapAfter(before landing.RunRecord, at time.Time, zone *time.Location) (g Gap) {
	if before.Outcome == "" {
		g.Died = before.ID
	}
	dayOf := func(t time.Time) time.Time {
		year, month, day := t.In(zone).Date()
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	for day := dayOf(before.At).AddDate(0, 0, 1); day.Before(dayOf(at)); day = day.AddDate(0, 0, 1) {
		g.Missed = append(g.Missed, day)
	}
	return g
}
