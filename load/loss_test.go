package load

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// heldBefore is a database of two runs: the first read order 1 of the shop and
// the second changed it, read order 2 and failed for the hotel. April was closed
// after the second, and a break annotated.
const heldBefore = `
SET TimeZone = 'UTC';
INSERT INTO audit.runs (run_id, started_at, finished_at, outcome, exit_code, version) VALUES
	('r1', '2026-04-10 19:00:00Z', '2026-04-10 19:05:00Z', 'complete', 0, 'v1'), ('r2', '2026-04-11 19:00:00Z', '2026-04-11 19:05:00Z', 'partial', 3, 'v1');
INSERT INTO audit.accounts (source, account, timezone, business_day_start, memo_only, is_configured) VALUES
	('soms', 'a', 'Asia/Shanghai', '00:00', false, true), ('starhotel', 'a', 'Asia/Shanghai', '00:00', false, true);
INSERT INTO audit.extracts (run_id, source, account, stream, window_start, window_end, pages, fetched, state) VALUES
	('r1', 'soms', 'a', 'orders', '2026-04-08 16:00:00Z', '2026-04-10 19:00:00Z', 2, 3, 'complete'),
	('r2', 'soms', 'a', 'orders', '2026-04-10 19:00:00Z', '2026-04-11 19:00:00Z', 1, 2, 'complete'),
	('r2', 'starhotel', 'a', 'orders', NULL, NULL, 0, 0, 'failed');
INSERT INTO audit.extract_totals (run_id, source, account, stream, table_name, column_name, currency, amount_in, amount_loaded) VALUES
	('r2', 'soms', 'a', 'orders', 'orders', 'net_amount', 'CNY', 30, 30);
INSERT INTO main.orders (source, account, order_id, business_date, net_amount, run_id) VALUES
	('soms', 'a', '1', '2026-04-10', 10, 'r2'), ('soms', 'a', '2', '2026-04-11', 20, 'r2');
INSERT INTO audit.closes (period, date_from, date_to, closed_at, entry_id, run_id) VALUES ('2026-04', '2026-04-01', '2026-04-30', '2026-04-12 01:00:00Z', 'c1', 'r2');
INSERT INTO audit.close_totals (period, source, account, flow, currency, orders, net_amount, entry_id) VALUES ('2026-04', 'soms', 'a', 'revenue', 'CNY', 2, 30, 'c1');
INSERT INTO recon.annotations (entry_id, break_id, annotated_at, overrode) VALUES ('n1', 'b', '2026-04-12 02:00:00Z', false), ('n1', 'c', '2026-04-12 02:00:00Z', false);
`

// heldAfter is what a database holds that was heldBefore and then changed.
func heldAfter(t *testing.T, change string) *Holding {
	t.Helper()
	w := openMade(t, filepath.Join(t.TempDir(), "warehouse.duckdb"))
	if _, err := w.db.Exec(heldBefore + change + "; UPDATE audit.meta SET database_id = 'd'"); err != nil {
		t.Fatal(err)
	}
	h, err := w.Holding(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// lostOf is what the one lacks of the other, each loss with its dates.
func lostOf(t *testing.T, before, after *Holding, version string) (lines []string, other int) {
	t.Helper()
	lost, other := after.Lost(before, nil, version)
	if again, _ := after.Lost(before, lost, version); len(again) > 0 {
		t.Errorf("what is known to be lost is lost again: %v", again)
	}
	for _, l := range lost {
		if !after.StillLost(l, nil) || before.StillLost(l, nil) {
			t.Errorf("%s: lost in the one and not in the other", l.String())
		}
		lines = append(lines, l.String()+" ["+l.From+" "+l.To+"]")
	}
	return lines, other
}

// Whatever a database holds of runs, windows, entries and orders and another one
// lacks is named, a line for each run, account and entry, with the business dates
// that it concerns.
func TestLost(t *testing.T) {
	t.Parallel()
	before := heldAfter(t, "")
	const window = "run r2, soms/a: orders: 1 window with 1 answer and 2 records, of which the landing gives "
	for what, c := range map[string]struct {
		change string
		want   []string
	}{
		"nothing":     {"", nil},
		"more":        {"INSERT INTO main.orders (source, account, order_id) VALUES ('soms', 'a', '3')", nil},
		"a window":    {"DELETE FROM audit.extracts WHERE run_id = 'r2' AND source = 'soms'", []string{window + "0, 0 and 0 [2026-04-11 2026-04-12]"}},
		"a record":    {"UPDATE audit.extracts SET fetched = 1 WHERE run_id = 'r2' AND source = 'soms'", []string{window + "1, 1 and 1 [2026-04-11 2026-04-12]"}},
		"a failure":   {"DELETE FROM audit.extracts WHERE state = 'failed'", []string{"run r2, starhotel/a: that it failed (orders) [ 2026-04-12]"}},
		"the end":     {"UPDATE audit.runs SET outcome = NULL WHERE run_id = 'r2'", []string{"run r2: it ended as partial 3 2026-04-11 19:00:00+00 without workbooks; its run.json says that it did not end [ 2026-04-11]"}},
		"a total":     {"UPDATE audit.extract_totals SET amount_in = 29", []string{"run r2, soms/a: 1 control total [ ]"}},
		"an order":    {"DELETE FROM main.orders WHERE order_id = '1'", []string{"soms/a: 2 orders, and 1 from the landing [2026-04-10 2026-04-11]", "run r2, soms/a: 1 order as it read them last [2026-04-10 2026-04-10]"}},
		"a change":    {"UPDATE main.orders SET run_id = 'r1' WHERE order_id = '1'", []string{"run r2, soms/a: 1 order as it read them last [2026-04-10 2026-04-10]"}},
		"a close":     {"DELETE FROM audit.closes; DELETE FROM audit.close_totals", []string{"the close of 2026-04, entered at 2026-04-12 01:00:00+00 (c1), is not in the journal of what people added, or not all of it; 1 closed total of c1 [2026-04-01 2026-04-30]"}},
		"closed sums": {"UPDATE audit.close_totals SET net_amount = 29", []string{"1 closed total of c1 [2026-04-01 2026-04-30]"}},
		"half a book": {"DELETE FROM recon.annotations WHERE break_id = 'c'", []string{"annotations of breaks, entered at 2026-04-12 02:00:00+00 (n1), is not in the journal of what people added, or not all of it [ 2026-04-12]"}},
		"a run": {
			"DELETE FROM audit.runs WHERE run_id = 'r2'; DELETE FROM audit.extracts WHERE run_id = 'r2'; DELETE FROM audit.extract_totals; DELETE FROM main.orders WHERE order_id = '2'; UPDATE main.orders SET run_id = 'r1'",
			[]string{
				"run r2: it is not landed, or its run.json is gone; 2 windows with 1 answer of 2 accounts; 2 orders as it read them last; 1 control total [2026-04-10 2026-04-11]",
				"soms/a: 2 orders, and 1 from the landing [2026-04-10 2026-04-11]",
			},
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			got, other := lostOf(t, before, heldAfter(t, c.change), "v1")
			if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(c.want))) || other != 0 {
				t.Errorf("\n got %s\nwant %s (%d others)", strings.Join(got, "\n     "), strings.Join(c.want, "\n     "), other)
			}
		})
	}
}

// What follows from answers and program together is no loss where the program or
// the settings of the account have changed.
func TestNotLost(t *testing.T) {
	t.Parallel()
	const others = "UPDATE audit.extract_totals SET amount_in = 29; UPDATE main.orders SET run_id = 'r1'; UPDATE audit.close_totals SET net_amount = 29;"
	before := heldAfter(t, "")
	if got, other := lostOf(t, before, heldAfter(t, others), "v2"); len(got) > 0 || other != 4 {
		t.Errorf("another program: %v, %d totals are others, want 4", got, other)
	}
	for what, change := range map[string]string{
		"settings":       "UPDATE audit.accounts SET timezone = 'UTC'",
		"settings since": "INSERT INTO audit.basis_changes (run_id, source, account, setting, orders_moved, changed_at) VALUES ('r2', 'soms', 'a', 'timezone', 0, now())",
	} {
		if got, other := lostOf(t, before, heldAfter(t, others+change), "v1"); len(got) > 0 || other != 0 {
			t.Errorf("other %s: %v, %d", what, got, other)
		}
	}
}
