package load

import (
	"fmt"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

func day(n int) time.Time { return time.Date(2026, 4, n, 0, 0, 0, 0, time.UTC) }

// ledgerWindow is a row of audit.extracts; 0 stands for no bound.
type ledgerWindow struct {
	filter     string
	start, end int
	state      ledger.WindowState
	advances   bool
}

func TestCoverages(t *testing.T) {
	tests := []struct {
		name     string
		windows  []ledgerWindow
		from, to int // 0: from the beginning, or not known at all
	}{
		{"nights that follow each other", []ledgerWindow{{"", 0, 3, ledger.Complete, true}, {"", 2, 5, ledger.Complete, true}, {"", 5, 7, ledger.Complete, true}}, 0, 7},
		{"an unreconciled window leaves a gap", []ledgerWindow{{"", 0, 3, ledger.Complete, true}, {"", 3, 5, ledger.Unreconciled, true}, {"", 5, 7, ledger.Complete, true}}, 0, 3},
		{"a gap that was read again is none", []ledgerWindow{{"", 0, 3, ledger.Complete, true}, {"", 3, 5, ledger.Unreconciled, true}, {"", 5, 7, ledger.Complete, true}, {"", 3, 6, ledger.Complete, true}}, 0, 7},
		{"a failed first window", []ledgerWindow{{"", 0, 3, ledger.Failed, true}}, 0, 0},
		{"a range read by hand does not count", []ledgerWindow{{"", 0, 3, ledger.Complete, true}, {"", 3, 9, ledger.Complete, false}}, 0, 3},
		{"the account's since is the beginning", []ledgerWindow{{"", 2, 3, ledger.Complete, true}, {"", 3, 4, ledger.Complete, true}}, 2, 4},
		{"two scans count together", []ledgerWindow{{"A", 0, 5, ledger.Complete, true}, {"B", 0, 3, ledger.Complete, true}, {"B", 3, 5, ledger.Unreconciled, true}}, 0, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := openFixture(t)
			for i, w := range tt.windows {
				bound := func(n int) any {
					if n == 0 {
						return nil
					}
					return day(n)
				}
				_, err := f.w.db.Exec(`INSERT INTO audit.extracts (run_id, source, account, stream, filter, window_start, window_end, state, advances_cursor)
					VALUES (?, 'hotel', 'inn', 'list', nullif(?, ''), ?, ?, ?, ?)`, fmt.Sprint(i), w.filter, bound(w.start), bound(w.end), string(w.state), w.advances)
				if err != nil {
					t.Fatal(err)
				}
			}
			got, err := f.w.Coverages(t.Context(), "hotel", "inn")
			if err != nil {
				t.Fatal(err)
			}
			c, known := got["list"]
			if tt.to == 0 {
				if known {
					t.Errorf("covered %+v, want nothing", c)
				}
				return
			}
			wantFrom := time.Time{}
			if tt.from > 0 {
				wantFrom = day(tt.from)
			}
			if !c.To.Equal(day(tt.to)) || !c.From.Equal(wantFrom) {
				t.Errorf("covered %v to %v, want %v to %v", c.From, c.To, wantFrom, day(tt.to))
			}
		})
	}
}

// TestOwnCursor: what is read beside the windows that cover the dates has a
// cursor of its own, from the beginning on, and neither holds theirs back nor
// moves it.
func TestOwnCursor(t *testing.T) {
	t.Parallel()
	plain := func(start, end int, state ledger.WindowState) ledgerWindow {
		return ledgerWindow{"", start, end, state, true}
	}
	beside := func(start, end int, state ledger.WindowState) ledgerWindow {
		return ledgerWindow{"late", start, end, state, true}
	}
	for _, tt := range []struct {
		name      string
		windows   []ledgerWindow
		list, own int // where each goes on; 0 where it is not known
	}{
		{"no such window yet", []ledgerWindow{plain(2, 5, ledger.Complete)}, 5, 0},
		{"both are complete", []ledgerWindow{plain(2, 5, ledger.Complete), plain(5, 6, ledger.Complete), beside(5, 6, ledger.Complete)}, 6, 6},
		{"the first of them is not", []ledgerWindow{plain(2, 5, ledger.Complete), plain(5, 6, ledger.Complete), beside(5, 6, ledger.Unreconciled)}, 6, 5},
		{"a later one is not", []ledgerWindow{plain(2, 7, ledger.Complete), beside(5, 6, ledger.Complete), beside(6, 7, ledger.Unreconciled)}, 7, 6},
		{"it was read again", []ledgerWindow{plain(2, 8, ledger.Complete), beside(5, 6, ledger.Unreconciled), beside(5, 8, ledger.Complete)}, 8, 8},
		{"the others are not complete", []ledgerWindow{plain(2, 5, ledger.Complete), plain(5, 6, ledger.Unreconciled), beside(5, 6, ledger.Complete)}, 5, 6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := openFixture(t)
			for i, w := range tt.windows {
				_, err := f.w.db.Exec(`INSERT INTO audit.extracts (run_id, source, account, stream, filter, window_start, window_end, state, advances_cursor, covers)
					VALUES (?, 'hotel', 'inn', 'list', nullif(?, ''), ?, ?, ?, true, ?)`, fmt.Sprint(i), w.filter, day(w.start), day(w.end), string(w.state), w.filter == "")
				if err != nil {
					t.Fatal(err)
				}
			}
			got, err := f.w.Coverages(t.Context(), "hotel", "inn")
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]Coverage{"list": {From: day(2), To: day(tt.list)}}
			if tt.own > 0 {
				want["list/late"] = Coverage{To: day(tt.own)}
			}
			for stream, w := range want {
				if c := got[stream]; !c.From.Equal(w.From) || !c.To.Equal(w.To) {
					t.Errorf("%s: covered %v to %v, want %v to %v", stream, c.From, c.To, w.From, w.To)
				}
			}
			if len(got) != len(want) {
				t.Errorf("cursors %v", got)
			}
		})
	}
}

// TestCoverageBeginsAnew: an account that had read from the 5th on is told to
// read from the 2nd on. Its first night leaves a gap from the 6th to the 7th,
// which earlier nights had read, but without the orders that were created
// before the 5th: the cursor stays before the gap until it is closed.
func TestCoverageBeginsAnew(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	night := func(n int, want Coverage, windows ...[3]int) { // start, end, 1 if unreconciled
		t.Helper()
		if _, err := f.w.db.Exec("INSERT INTO audit.runs (run_id, started_at) VALUES (?, ?)", fmt.Sprint(n), day(n)); err != nil {
			t.Fatal(err)
		}
		for _, w := range windows {
			state := []ledger.WindowState{ledger.Complete, ledger.Unreconciled}[w[2]]
			_, err := f.w.db.Exec(`INSERT INTO audit.extracts (run_id, source, account, stream, window_start, window_end, state, advances_cursor)
				VALUES (?, 'hotel', 'inn', 'list', ?, ?, ?, true)`, fmt.Sprint(n), day(w[0]), day(w[1]), string(state))
			if err != nil {
				t.Fatal(err)
			}
		}
		got, err := f.w.Coverages(t.Context(), "hotel", "inn")
		if c := got["list"]; err != nil || !c.From.Equal(want.From) || !c.To.Equal(want.To) {
			t.Errorf("after night %d: covered %v to %v, %v; want %v to %v", n, c.From, c.To, err, want.From, want.To)
		}
	}
	night(8, Coverage{day(5), day(8)}, [3]int{5, 6}, [3]int{6, 8})
	night(9, Coverage{day(5), day(9)}, [3]int{8, 9})
	night(10, Coverage{day(2), day(6)}, [3]int{2, 6}, [3]int{6, 7, 1}, [3]int{7, 10})
	night(11, Coverage{day(2), day(11)}, [3]int{6, 7}, [3]int{7, 11})
}

// exhaustiveNight is a night whose list is proven to hold every order.
func (f *fixture) exhaustiveNight(list func(b *transform.Batch), total int64) Loaded {
	f.t.Helper()
	f.exhaustive = true
	defer func() { f.exhaustive = false }()
	return f.night(map[string]func(b *transform.Batch){"list": list}, total)
}

func TestOrdersThatAreGone(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	nothing := func(*transform.Batch) {}
	three := all(listOrder("A", "pending", 1, 2, 1), listOrder("B", "pending", 2, 2, 2), listOrder("C", "pending", 3, 2, 3))
	f.exhaustiveNight(three, 3)
	deleted := "order_id, strftime(deleted_at AT TIME ZONE 'UTC', '%d')) FROM main.orders ORDER BY order_id"

	// B is gone. Its lines stay with it.
	if loaded := f.exhaustiveNight(all(listOrder("A", "pending", 1, 2, 1), listOrder("C", "pending", 3, 2, 3)), 2); loaded.State != ledger.Complete {
		t.Errorf("%+v", loaded)
	}
	f.want(deleted, "A", "B 02", "C")
	f.want("count(*)) FROM main.order_items", "3")
	f.want("order_id, version_no, strftime(deleted_at AT TIME ZONE 'UTC', '%d')) FROM audit.order_versions WHERE order_id = 'B' ORDER BY ALL", "B 1", "B 2 02")

	// A scan that does not agree with the vendor's total proves no absence.
	if loaded := f.exhaustiveNight(listOrder("A", "pending", 1, 2, 1), 2); loaded.State != ledger.Unreconciled {
		t.Errorf("%+v", loaded)
	}
	f.want(deleted, "A", "B 02", "C")

	// Nor does an answer of nothing at all.
	loaded := f.exhaustiveNight(nothing, 0)
	if loaded.State != ledger.Unreconciled || len(loaded.Messages) != 1 {
		t.Errorf("%+v", loaded)
	}
	f.want(deleted, "A", "B 02", "C")

	// B is back.
	f.exhaustiveNight(three, 3)
	f.want(deleted, "A", "B", "C")
}
