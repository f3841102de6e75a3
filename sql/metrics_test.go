package sql

import (
	"strings"
	"testing"
)

// What a monitoring is told: worked out by hand from these rows. Of run r, retail has
// a window that is complete and one that is not, and two sums of three that were not
// loaded as they were stated (one not at all); hotel has none of either, and what
// another run had is not told. Of two rules one has breaks of two severities, accepted
// ones among them, the other none.
func TestMetricsQueries(t *testing.T) {
	db := migrated(t)
	for _, rows := range []string{
		night,
		`INSERT INTO audit.runs (run_id, finished_at, outcome) VALUES
			('1', '2026-03-08 17:00:00Z', 'complete'), ('2', '2026-03-09 17:00:00Z', 'breaks'), ('3', '2026-03-10 17:00:00Z', 'partial'), ('4', '2026-03-11 17:00:00Z', 'failed')`,
		`INSERT INTO audit.extracts (run_id, source, account, stream, state) VALUES
			('r', 'soms', 'retail', 'orders', 'complete'), ('r', 'soms', 'retail', 'settlements', 'unreconciled'),
			('r', 'tuya', 'hotel', 'orders', 'complete'), ('q', 'tuya', 'hotel', 'orders', 'failed')`,
		`INSERT INTO audit.extract_totals (run_id, source, account, stream, column_name, amount_in, amount_loaded) VALUES
			('r', 'soms', 'retail', 'orders', 'net_amount', 10.5, 10.5), ('r', 'soms', 'retail', 'orders', 'paid_amount', 10.5, 10.4999),
			('r', 'soms', 'retail', 'orders', 'gross_amount', 1, NULL), ('r', 'tuya', 'hotel', 'orders', 'net_amount', 2, 2), ('q', 'tuya', 'hotel', 'orders', 'net_amount', 2, 3)`,
		`INSERT INTO recon.rules (rule, severity, candidate, tolerance) VALUES ('item_total', 'error', false, 0), ('drift', 'warning', false, 0)`,
		`INSERT INTO recon.breaks (break_id, rule, severity, reason, first_seen, last_seen, status)
			SELECT id, 'item_total', severity, 'x', now(), now(), status
			FROM (VALUES ('1', 'error', 'open'), ('2', 'error', 'open'), ('3', 'error', 'accepted'), ('4', 'info', 'open'), ('5', 'info', 'resolved')) AS v (id, severity, status)`,
	} {
		if _, err := db.Exec(rows); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]string{
		"metrics_run":      "2026-03-10 17:00:00+00 2026-03-09 17:00:00+00",
		"metrics_accounts": "soms retail 1 2\ntuya hotel 0 0",
		"metrics_breaks":   "drift warning 0\nitem_total error 2\nitem_total info 1",
	} {
		statement, err := Query(query)
		if err != nil {
			t.Fatal(err)
		}
		compareRows(t, db, strings.ReplaceAll(statement, "$1", "'r'"), want)
	}
}
