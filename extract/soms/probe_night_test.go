package soms

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
)

// ways are the axes' ways with the one of that name in the place of its axis's first.
func ways(t *testing.T, names ...string) []way {
	t.Helper()
	var list []way
	left := len(names)
	for _, a := range axes {
		w := a[0]
		for _, other := range a {
			if slices.Contains(names, other.name) {
				w, left = other, left-1
			}
		}
		list = append(list, w)
	}
	if left != 0 {
		t.Fatalf("%d of the ways %q are not there", left, names)
	}
	return list
}

// mended are the account's lines with what the answers set.
func mended(found *extracttest.Probed) []string {
	return strings.Split(strings.TrimPrefix(found.Config(), tenantLines), "\n")
}

// night reads the whole vendor in one night and says what is wrong with what came;
// "" where all is there.
func (v *tenant) night(t *testing.T, lines []string) string {
	t.Helper()
	account := extracttest.Open(t, Driver(), accountYAML(extracttest.DirectAddress, lines...), extract.Env{
		Now: func() time.Time { return until }, Transport: extracttest.Direct(v.vendor()),
	})
	got, err := extracttest.TryFetch(t.Context(), account, extract.Plan{Until: until})
	if err != nil {
		return err.Error()
	}
	for i, o := range got.Outcomes {
		if o.Marked() {
			return fmt.Sprintf("%s is marked: %s, %d of %d", got.Windows[i].Stream, o.Unsettled, o.Distinct, o.Total)
		}
	}
	paid, refunded := map[string]bool{}, map[string]bool{}
	for _, row := range got.Tables["payments"] {
		paid[row["order_id"]] = true
	}
	for _, row := range got.Streams[streamRefunded]["orders"] {
		refunded[row["order_id"]] = true
	}
	for _, o := range v.o.Orders {
		delete(refunded, map[string]string{"refunded": o.ID}[o.RefundState])
	}
	if seen := len(ids(got, streamOrders)); seen != v.n || len(paid) != v.n || len(refunded) > 0 {
		return fmt.Sprintf("%d of %d orders, %d with their payments, %d refunded that are not", seen, v.n, len(paid), len(refunded))
	}
	return ""
}

// TestProbeMendsTheNight: where the account as it is loses orders, or fails, the
// account with what the probe sets reads all.
func TestProbeMendsTheNight(t *testing.T) {
	for _, c := range []struct{ name, wrong string }{
		{"first page 1, below it nothing", "no time \"modified\""},
		{"first page 1, below it the same", "is marked"},
		{"first page 1, below it a refusal", "code 400"},
		{"capped pages with gaps", "is marked"},
		{"a lower cap", "code 500"},
		{"a lower cap, empty beyond", "is marked"},
		{"counts further than it answers", "code 500"},
		{"counts to a cap", "20 of 60 orders"}, // in silence
		{"no payments and discounts", "0 with their payments"},
		{"refund_state ignored", "refunded that are not"},
		{"refund_state refused", "code 400"},
		{"index refused", "code 400"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := tenantOf(60, ways(t, c.name)...)
			if wrong := v.night(t, v.lines); !strings.Contains(wrong, c.wrong) {
				t.Errorf("as it is: %q, want %q", wrong, c.wrong)
			}
			lines := mended(ask(t, v.vendor(), extracttest.ProbeCalls, v.lines...))
			if wrong := v.night(t, lines); wrong != "" {
				t.Errorf("with %q: %s", lines, wrong)
			}
		})
	}
}

// TestProbeMendsTheNextNight: a change between two nights that the account as it is
// misses for good is loaded with what the probe sets.
func TestProbeMendsTheNextNight(t *testing.T) {
	night := time.Date(2025, 3, 10, 3, 30, 0, 0, china) // the first of follow
	for _, c := range []struct {
		name           []string
		changed, shown time.Duration // after the first night
		missed         bool
	}{
		{[]string{"UTC"}, time.Hour, time.Hour, true},
		{[]string{"UTC+8, two hours late"}, -time.Hour, -time.Hour, true}, // the index dates it earlier than it shows it
		{[]string{"index ignored"}, -40 * time.Minute, 30 * time.Minute, true},
		// The hours before the night are not asked for until the next one: no
		// change is missed, and times are wrong by eight hours.
		{[]string{"UTC+8, the account in UTC"}, time.Hour, time.Hour, false},
		{[]string{"UTC, two hours late", "index ignored"}, time.Hour, time.Hour, true},
	} {
		t.Run(strings.Join(c.name, ", "), func(t *testing.T) {
			v := tenantOf(60, ways(t, c.name...)...)
			found := ask(t, v.vendor(), extracttest.ProbeCalls, v.lines...)
			for _, lines := range [][]string{v.lines, mended(found)} {
				o := v.o
				o.Orders = nil
				f := follow(t, o, lines...)
				put := func(state string, at, shown time.Duration) {
					order := plainOrder("A")
					write := func(d time.Duration) string { return night.Add(d).In(v.o.Zone).Format(time.DateTime) }
					order.State, order.Created, order.Modified, order.IndexModified = state, write(-48*time.Hour), write(at), write(shown)
					f.vendor.Put(order)
				}
				put("confirmed", -24*time.Hour, -24*time.Hour)
				if c.shown < 0 || c.shown != c.changed {
					put("canceled", c.changed, c.shown)
				}
				f.night()
				if c.shown == c.changed && c.changed > 0 {
					put("canceled", c.changed, c.shown)
				}
				f.night()
				f.night()
				missed := f.known["A"]["source_status"] != "canceled"
				if want := c.missed && slices.Equal(lines, v.lines); missed != want {
					t.Errorf("with %q the change is missed: %v, want %v", lines, missed, want)
				}
			}
		})
	}
}
