package soms

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/soms/sim"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// follower reads a vendor night after night, each at 3:30, and keeps what
// came as the loader does: of each order the answer of the latest version.
type follower struct {
	t       *testing.T
	now     time.Time
	vendor  *sim.Vendor
	account extract.Source
	logs    *strings.Builder
	cursor  map[string]time.Time
	known   map[string]extracttest.Row
}

func follow(t *testing.T, o sim.Options, more ...string) *follower {
	t.Helper()
	f := &follower{t: t, now: time.Date(2025, 3, 10, 3, 30, 0, 0, sim.Zone), cursor: map[string]time.Time{}, known: map[string]extracttest.Row{}, logs: new(strings.Builder)}
	o.Username, o.Password, o.Now = "nightaudit", "secret", func() time.Time { return f.now }
	f.vendor = sim.New(o)
	f.account = extracttest.Open(t, Driver(), accountYAML(extracttest.DirectAddress, more...), extract.Env{
		Now: func() time.Time { return f.now }, Transport: extracttest.Direct(http.Handler(f.vendor)), Log: slog.New(slog.NewTextHandler(f.logs, nil)),
	})
	return f
}

// night reads a night and lets a day pass.
func (f *follower) night() *extracttest.Night {
	f.t.Helper()
	got, err := extracttest.TryFetch(context.Background(), f.account, extract.Plan{Until: f.now, Cursor: f.cursor})
	if err != nil {
		f.t.Fatal(err)
	}
	for i, w := range got.Windows {
		if got.Outcomes[i].Marked() {
			f.t.Errorf("%s %q is marked: %+v", w.Stream, w.Filter, got.Outcomes[i])
		}
		switch {
		case w.Stream != streamOrders || w.Reread:
		case w.OwnCursor:
			f.cursor[ledger.CursorOf(w.Stream, w.Filter)] = w.End
		default:
			f.cursor[w.Stream] = w.End
		}
	}
	for _, row := range got.Streams[streamOrders]["orders"] {
		if before, ok := f.known[row["order_id"]]; !ok || before["updated_at"] <= row["updated_at"] {
			f.known[row["order_id"]] = row
		}
	}
	f.now = f.now.AddDate(0, 0, 1)
	return got
}

// shows checks the states of the orders that are known.
func (f *follower) shows(want map[string]string) {
	f.t.Helper()
	for id, state := range want {
		if got := f.known[id]["source_status"]; got != state {
			f.t.Errorf("%s is %q, want %q", id, got, state)
		}
	}
	if len(f.known) != len(want) {
		f.t.Errorf("%d orders are known, want %d", len(f.known), len(want))
	}
}

// put changes an order at a time that the search shows from shown on.
func (f *follower) put(id, state string, at, shown time.Time) {
	o := plainOrder(id)
	o.State, o.Created, o.Modified, o.IndexModified = state, "2025-03-01 12:00:00", sim.LocalTime(at), sim.LocalTime(shown)
	f.vendor.Put(o)
}

// TestChangeThatTheIndexTakesLate: an order is canceled 40 minutes before the
// night, and the search shows it half an hour after. The next night asks for
// all changes since 15 minutes before this one, and for what the index has
// taken since then of older changes: the cancel, and nothing else.
func TestChangeThatTheIndexTakesLate(t *testing.T) {
	f := follow(t, sim.Options{})
	noon := time.Date(2025, 3, 9, 12, 0, 0, 0, sim.Zone)
	f.put("A", "confirmed", noon, noon)
	f.put("B", "confirmed", noon, noon)
	canceled := f.now.Add(-40 * time.Minute)
	f.put("A", "canceled", canceled, f.now.Add(30*time.Minute))
	f.night()
	f.shows(map[string]string{"A": "confirmed", "B": "confirmed"})
	got := f.night()
	f.shows(map[string]string{"A": "canceled", "B": "confirmed"})
	last := f.now.AddDate(0, 0, -1)
	for _, want := range []struct {
		filter     string
		start, end time.Time
		keys       string
	}{
		{"", last.AddDate(0, 0, -1).Add(-16 * time.Minute), last.Add(-time.Minute), "[]"},
		{"index_modified", last.AddDate(0, 0, -1).Add(-16 * time.Minute), last.Add(-time.Minute), "[A]"},
	} {
		seen := 0
		for i, w := range got.Windows {
			if w.Stream != streamOrders || w.Filter != want.filter {
				continue
			}
			seen++
			if !w.Start.Equal(want.start) || !w.End.Equal(want.end) || fmt.Sprint(got.Outcomes[i].Keys) != want.keys {
				t.Errorf("window %q from %v to %v brought %v, want %v to %v, %v", w.Filter, w.Start, w.End, got.Outcomes[i].Keys, want.start, want.end, want.keys)
			}
		}
		if seen != 1 {
			t.Errorf("%d windows %q", seen, want.filter)
		}
	}
}

// TestQuietNight: the scan by the time of the index costs two requests where
// it finds nothing: one when it is planned, one when it is read.
func TestQuietNight(t *testing.T) {
	count := func(more ...string) int {
		f := follow(t, sim.Options{}, more...)
		noon := time.Date(2025, 3, 9, 12, 0, 0, 0, sim.Zone)
		for i := range 250 {
			f.put(fmt.Sprintf("R%03d", i), "delivered", noon, noon)
		}
		f.night()
		before := f.vendor.Requests()
		f.night()
		return f.vendor.Requests() - before
	}
	// With change_time: index_modified there is the one scan.
	if with, without := count(), count("change_time: index_modified"); with != without+2 {
		t.Errorf("%d requests, want %d and 2", with, without)
	}
}

// TestSearchThatIgnoresTheIndex: a search that does not know the time of its
// index would answer everything. It is noticed, by one request, told, and
// nothing is read for it.
func TestSearchThatIgnoresTheIndex(t *testing.T) {
	f := follow(t, sim.Options{Ignores: []string{changeIndexed}})
	noon := time.Date(2025, 3, 9, 12, 0, 0, 0, sim.Zone)
	want := map[string]string{}
	for i := range 50 {
		id := fmt.Sprintf("R%02d", i)
		f.put(id, "delivered", noon, noon)
		want[id] = "delivered"
	}
	f.night()
	got := f.night()
	f.shows(want)
	if seen := ids(got, streamOrders); len(seen) != 0 {
		t.Errorf("%d orders were read again", len(seen))
	}
	const told = "the search does not heed the time of its index"
	if n := strings.Count(f.logs.String(), told); n != 1 {
		t.Errorf("told %d times:\n%s", n, f.logs)
	}
	r, err := f.account.Check(context.Background())
	if err != nil || len(r.Notes) != 1 || !strings.HasPrefix(r.Notes[0], told) {
		t.Errorf("check: %q, %v", r.Notes, err)
	}
}

// TestSearchThatRefusesTheIndex: with index: false nothing asks by the time of the
// index, and a change of before the night is read by the next one within overlap.
func TestSearchThatRefusesTheIndex(t *testing.T) {
	f := follow(t, sim.Options{Refuses: []string{changeIndexed}}, "index: false", "overlap: 2d", "page_size: 2")
	for _, id := range []string{"A", "B", "C", "D", "E"} {
		f.put(id, "confirmed", f.now.AddDate(0, 0, -1), f.now.AddDate(0, 0, -1))
	}
	f.put("A", "canceled", f.now.Add(-40*time.Minute), f.now.Add(30*time.Minute))
	f.night()
	f.night()
	f.shows(map[string]string{"A": "canceled", "B": "confirmed", "C": "confirmed", "D": "confirmed", "E": "confirmed"})
	if r, err := f.account.Check(context.Background()); err != nil || len(r.Notes) != 0 {
		t.Errorf("check: %q, %v", r.Notes, err)
	}
	_, err := extracttest.TryOpen(Driver(), accountYAML(extracttest.DirectAddress, "index: false", "change_time: index_modified"), extract.Env{})
	if err == nil || !strings.Contains(err.Error(), "index must not be false") {
		t.Errorf("error %v, want one of index", err)
	}
}

// TestIndexThatLagsByHours: orders come and change day after day, and the
// search takes each change after anything from nothing to 30 hours, whichever
// order they come in. Two days after the last of them everything stands as it
// does at the vendor.
func TestIndexThatLagsByHours(t *testing.T) {
	states := []string{"confirmed", "approved", "delivering", "delivered", "canceled"}
	seeds, days := uint64(2), 10 // an even seed has bounds that are inclusive
	if os.Getenv("NIGHTAUDIT_SLOW") == "1" {
		seeds, days = 12, 20
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(seed, 13))
			f := follow(t, sim.Options{ExclusiveEnd: seed%2 == 1}, "max_window_rows: 10", "page_size: 5")
			want, step, late := map[string]string{}, map[string]int{}, 0
			for night := range days + 2 {
				next := f.now.AddDate(0, 0, 1)
				if night < days {
					// The changes of a day, in their order.
					for at := f.now.Add(time.Minute); at.Before(next); at = at.Add(time.Duration(20+rnd.IntN(120)) * time.Minute) {
						id := fmt.Sprintf("R%03d", rnd.IntN(40))
						step[id] = min(step[id]+rnd.IntN(3), len(states)-1)
						want[id] = states[step[id]]
						lag := time.Duration(0)
						if rnd.IntN(2) == 0 {
							lag = time.Duration(rnd.IntN(30*3600)) * time.Second
							late++
						}
						f.put(id, want[id], at, at.Add(lag))
					}
				}
				f.now = next
				f.night()
				f.now = f.now.AddDate(0, 0, -1)
			}
			f.shows(want)
			if late < 2*days {
				t.Errorf("%d changes were late: the test says little", late)
			}
		})
	}
}
