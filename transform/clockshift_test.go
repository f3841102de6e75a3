package transform

import (
	"strings"
	"testing"
	"time"
)

func instantOf(t testing.TB, text string) Instant {
	t.Helper()
	if text == "" {
		return Instant{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return InstantOf(at)
}

// An order that was finished before it was created, by about the offset of
// its zone, had its clocks mixed up. Anything else is no business of this
// finding: there must be none on good data, nor on other disorder.
func TestClocksMixedUp(t *testing.T) {
	tests := []struct {
		name, zone        string
		created, finished string
		found             bool
	}{
		{"finished forty minutes later", "Asia/Shanghai", "2026-04-10T08:00:00Z", "2026-04-10T08:40:00Z", false},
		{"that finish as UTC taken for local time", "Asia/Shanghai", "2026-04-10T08:00:00Z", "2026-04-10T00:40:00Z", true},
		{"finished at once, eight hours off", "Asia/Shanghai", "2026-04-10T08:00:00Z", "2026-04-10T00:00:00Z", true},
		{"two seconds later, eight hours off", "Asia/Shanghai", "2026-04-10T08:00:00Z", "2026-04-10T00:00:02Z", true},
		{"eight hours off, and a clock that is slow by half a minute", "Asia/Shanghai", "2026-04-10T08:00:00Z", "2026-04-09T23:59:30Z", true},
		{"more than the offset before", "Asia/Shanghai", "2026-04-10T08:00:00Z", "2026-04-09T23:58:59Z", false},
		{"a day before", "Asia/Shanghai", "2026-04-10T08:00:00Z", "2026-04-09T08:00:00Z", false},
		{"three and a half hours later, eight hours off", "Asia/Shanghai", "2026-04-10T08:00:00Z", "2026-04-10T03:30:00Z", true},
		{"half the offset before: nearer to no shift at all", "Asia/Shanghai", "2026-04-10T08:00:00Z", "2026-04-10T04:00:00Z", false},
		{"ten minutes before: a wrong order, but no wrong zone", "Asia/Shanghai", "2026-04-10T08:00:00Z", "2026-04-10T07:50:00Z", false},
		{"a second before: two clocks", "Asia/Shanghai", "2026-04-10T08:00:00Z", "2026-04-10T07:59:59Z", false},
		{"at the same moment", "Asia/Shanghai", "2026-04-10T08:00:00Z", "2026-04-10T08:00:00Z", false},
		{"eight hours later: an order of a long day", "Asia/Shanghai", "2026-04-10T08:00:00Z", "2026-04-10T16:00:00Z", false},
		{"not finished", "Asia/Shanghai", "2026-04-10T08:00:00Z", "", false},
		{"creation not known", "Asia/Shanghai", "", "2026-04-10T08:00:00Z", false},
		{"an account in UTC has nothing to mix up", "UTC", "2026-04-10T08:00:00Z", "2026-04-10T00:00:00Z", false},
		{"five hours in New York's winter", "America/New_York", "2026-01-10T08:00:00Z", "2026-01-10T03:10:00Z", true},
		{"four in its summer", "America/New_York", "2026-07-10T08:00:00Z", "2026-07-10T04:10:00Z", true},
		{"five in its summer are not", "America/New_York", "2026-07-10T08:00:00Z", "2026-07-10T03:10:00Z", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := testRecord(Calendar{Zone: zone(t, tt.zone)})
			created, finished := instantOf(t, tt.created), instantOf(t, tt.finished)
			o := Order{CreatedAt: created, FinishedAt: finished}
			r.Order(&o)
			got := issuesOf(t, r.batch)
			if o.FinishedAt != finished || o.CreatedAt != created {
				t.Errorf("the values were changed: %s, %s", o.CreatedAt.text(), o.FinishedAt.text())
			}
			if !tt.found {
				if len(got) > 0 {
					t.Errorf("unexpected: %+v", got)
				}
				return
			}
			if len(got) != 1 || got[0].field != "finished_at" || !strings.Contains(got[0].reason, "before created_at") {
				t.Errorf("%+v, want a finding of finished_at", got)
			}
		})
	}
}

// The finding quotes the vendor's text, and every instant that follows the
// creation is looked at, whichever row comes first.
func TestClocksOfAllRows(t *testing.T) {
	r := testRecord(Calendar{Zone: zone(t, "Asia/Shanghai")})
	local := func(text string) Instant { return (&LocalTime{Scalar{String, text}}).Instant(r, "wire") }
	paid := local("2026-04-10 08:00:05") // before the order's row, as soms has it
	for line := range 3 {
		r.Payment(&Payment{LineNo: line + 1, PaidAt: paid}) // one time, one finding
	}
	r.Order(&Order{
		CreatedAt: local("2026-04-10 16:00:00"), UpdatedAt: local("2026-04-10 09:00:00"),
		FinishedAt: local("2026-04-10 16:30:00"), CanceledAt: local("2026-04-10 10:00:00"),
		ServiceAt: local("2026-04-10 08:30:00"), // may be before: the guest orders what was promised
	})
	r.In("accoms", 2)
	r.Stay(&Stay{ArrivalAt: local("2026-04-10 16:00:00"), DepartureAt: local("2026-04-10 12:00:00")}) // four hours: no
	r.Stay(&Stay{ArrivalAt: local("2026-04-10 16:00:00"), DepartureAt: local("2026-04-10 11:30:00")})
	r.In("", 0)
	r.Invoice(&Invoice{LineNo: 1, IssuedAt: local("2026-04-10 08:40:00")})
	r.Reminder(&Reminder{RemindedAt: local("2026-04-10 20:00:00"), RepliedAt: local("2026-04-10 12:02:00")})
	want := []issue{ // at once, then those that wait for the order's row
		{"accoms[2].departure_at", "4h30m0s before arrival_at", "2026-04-10 11:30:00"},
		{"replied_at", "7h58m0s before reminded_at", "2026-04-10 12:02:00"},
		{"paid_at", "7h59m55s before created_at", "2026-04-10 08:00:05"},
		{"updated_at", "7h0m0s before created_at", "2026-04-10 09:00:00"},
		{"canceled_at", "6h0m0s before created_at", "2026-04-10 10:00:00"},
		{"issued_at", "7h20m0s before created_at", "2026-04-10 08:40:00"},
	}
	got := issuesOf(t, r.batch)
	if len(got) != len(want) {
		t.Fatalf("%d findings, want %d: %+v", len(got), len(want), got)
	}
	for i, w := range want {
		if got[i].field != w.field || got[i].raw != w.raw || !strings.HasPrefix(got[i].reason, w.reason+",") {
			t.Errorf("finding %d: %+v, want %+v", i, got[i], w)
		}
	}
}

// What was noted of one record says nothing of the next, and a record that is
// refused has no values that could be doubted.
func TestClocksOfOtherRecords(t *testing.T) {
	b := NewBatch(Origin{Source: "test", Account: "a", Calendar: Calendar{Zone: zone(t, "Asia/Shanghai")}})
	r := b.Record("1", "/orders", 0)
	r.Order(&Order{CreatedAt: instantOf(t, "2026-04-10T08:00:00Z")})
	r = b.Record("2", "/orders", 1)
	r.Order(&Order{FinishedAt: instantOf(t, "2026-04-10T00:30:00Z")})
	r = b.Record("3", "/orders", 2)
	r.Order(&Order{CreatedAt: instantOf(t, "2026-04-10T08:00:00Z"), FinishedAt: instantOf(t, "2026-04-10T00:30:00Z")})
	r.Reject("x", "refused", "")
	if got := issuesOf(t, b); len(got) != 1 || got[0].reason != "refused" {
		t.Errorf("%+v, want the reject alone", got)
	}
}

// Two fields that state one moment should agree.
func TestOneMoment(t *testing.T) {
	tests := []struct {
		name, taken, other string
		reason             string // "" for none
	}{
		{"the same", "2026-04-10T08:00:00Z", "2026-04-10T08:00:00Z", ""},
		{"one alone", "2026-04-10T08:00:00Z", "", ""},
		{"another day", "2026-04-10T08:00:00Z", "2026-04-11T08:00:00Z", "differs from finish_time, which is taken"},
		{"eight hours earlier", "2026-04-10T08:00:00Z", "2026-04-10T00:00:00Z", "differs from finish_time, which is taken; they are 8h0m0s apart, as UTC and local time are: one of the two may stand in the other's place"},
		{"eight hours later", "2026-04-10T08:00:00Z", "2026-04-10T16:00:00Z", "differs from finish_time, which is taken; they are 8h0m0s apart, as UTC and local time are: one of the two may stand in the other's place"},
	}
	for _, tt := range tests {
		r := testRecord(Calendar{Zone: zone(t, "Asia/Shanghai")})
		r.OneMoment("end_time", instantOf(t, tt.other), "finish_time", instantOf(t, tt.taken))
		got := issuesOf(t, r.batch)
		if tt.reason == "" && len(got) == 0 {
			continue
		}
		if len(got) != 1 || got[0] != (issue{"end_time", tt.reason, tt.other}) {
			t.Errorf("%s: %+v, want %q", tt.name, got, tt.reason)
		}
	}
}
