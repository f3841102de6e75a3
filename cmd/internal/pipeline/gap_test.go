package pipeline

import (
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// The days between two runs on which none was begun are counted on the calendar of
// the configuration's zone, whatever the hour of either and whatever its clocks do.
func TestGap(t *testing.T) {
	for _, c := range []struct {
		name, zone, before, at string
		outcome                string
		died                   bool
		missed                 string
	}{
		{"the next night", "Asia/Shanghai", "2024-04-01T06:30", "2024-04-02T06:30", "complete", false, ""},
		{"the same day", "Asia/Shanghai", "2024-04-01T06:30", "2024-04-01T23:59", "complete", false, ""},
		{"a minute later and another day", "Asia/Shanghai", "2024-04-01T23:59", "2024-04-02T00:00", "failed", false, ""},
		{"one night missed", "Asia/Shanghai", "2024-04-01T23:59", "2024-04-03T00:00", "complete", false, "2024-04-02"},
		{"over the end of a month", "Asia/Shanghai", "2024-02-28T06:30", "2024-03-02T06:30", "complete", false, "2024-02-29 2024-03-01"},
		{"summer time begins", "Europe/Berlin", "2024-03-30T06:30", "2024-04-02T06:30", "complete", false, "2024-03-31 2024-04-01"},
		{"midnight does not exist on one day", "America/Santiago", "2024-09-07T06:30", "2024-09-10T06:30", "complete", false, "2024-09-08 2024-09-09"},
		{"it was cut short", "Asia/Shanghai", "2024-04-01T06:30", "2024-04-02T06:30", "", true, ""},
		{"the clock went back", "Asia/Shanghai", "2024-04-03T06:30", "2024-04-01T06:30", "complete", false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			instant := func(text string) time.Time {
				at, err := time.ParseInLocation("2006-01-02T15:04", text, zone)
				if err != nil {
					t.Fatal(err)
				}
				return at.UTC()
			}
			before := landing.RunRecord{Run: ledger.Run{ID: "before", At: instant(c.before)}, Outcome: c.outcome}
			g := gapAfter(before, instant(c.at), zone)
			var days []string
			for _, day := range g.Missed {
				days = append(days, day.Format(time.DateOnly))
			}
			if missed := strings.Join(days, " "); missed != c.missed || (g.Died == "before") != c.died {
				t.Errorf("missed %q and died %q, want %q and %v", missed, g.Died, c.missed, c.died)
			}
		})
	}
}
