package load

import (
	"path/filepath"
	"testing"
)

// The book of 8 and 9 May: two errors are open, one of them without a date;
// one is explained, one accepted. One of the 7th is carried forward, an accepted
// one is not, and one of the 10th is in no book yet.
func TestBookBreaks(t *testing.T) {
	t.Parallel()
	w := openMade(t, filepath.Join(t.TempDir(), "warehouse.duckdb"))
	if _, err := w.db.Exec(`
		INSERT INTO audit.runs (run_id, started_at) VALUES ('r', '2026-05-09 20:00:00Z');
		INSERT INTO audit.accounts (source, account, timezone, business_day_start, memo_only, is_configured) VALUES ('soms', 'retail', 'Asia/Shanghai', '02:00', false, true);
		INSERT INTO recon.breaks (break_id, rule, severity, source, account, order_id, business_date, reason, first_seen, last_seen, status)
		SELECT id, 'r', severity, 'soms', 'retail', id, date::DATE, 'amount', '2026-05-09 20:00:00Z', '2026-05-09 20:00:00Z', status FROM (VALUES
			('1', 'error', '2026-05-09', 'open'), ('2', 'error', NULL, 'open'), ('3', 'warning', '2026-05-08', 'explained'),
			('4', 'info', '2026-05-09', 'accepted'), ('5', 'error', '2026-05-07', 'open'), ('6', 'error', '2026-05-07', 'accepted'),
			('7', 'error', '2026-05-10', 'open'), ('8', 'error', '2026-05-09', 'resolved')) v(id, severity, date, status)`); err != nil {
		t.Fatal(err)
	}
	b, err := w.BookBreaks(t.Context(), "2026-05-08", "2026-05-09")
	if err != nil {
		t.Fatal(err)
	}
	if b.Open["error"] != 2 || len(b.Open) != 1 || b.Explained["warning"] != 1 || len(b.Explained) != 1 || b.Carried != 1 || b.Later != 1 {
		t.Errorf("%+v", b)
	}
	// The run began at 04:00 of the 10th in Shanghai, whose day begins at two:
	// the 9th is over, and the break of the 8th is carried forward.
	b, err = w.BookBreaks(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	if b.Open["error"] != 2 || len(b.Explained) != 0 || b.Carried != 2 || b.Later != 1 {
		t.Errorf("without dates: %+v", b)
	}
}
