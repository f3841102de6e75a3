package load

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// ensureRun enters the run into the ledger, once.
func ensureRun(ctx context.Context, tx *sql.Tx, run ledger.Run) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO audit.runs (run_id, started_at, version, config_sha256)
		SELECT ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM audit.runs WHERE run_id = ?)`,
		run.ID, run.At, run.Version, run.ConfigSHA256, run.ID)
	if err != nil {
		return fmt.Errorf("enter run %s into the ledger: %w", run.ID, err)
	}
	return nil
}

func insertExtract(ctx context.Context, tx *sql.Tx, runID, source, account string, w *window, e endings) error {
	var total any
	if w.Total >= 0 {
		total = w.Total
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO audit.extracts (run_id, source, account, stream, window_start, window_end, filter, api_total, pages,
			fetched, distinct_rows, duplicates, inserted, updated, unchanged, rejected, state, message, advances_cursor)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		runID, source, account, w.Stream, orNull(w.Start), orNull(w.End), nullText(w.Filter), total, w.Pages,
		e.fetched, e.distinct, e.fetched-e.distinct, e.inserted, e.updated, e.unchanged, e.rejected, string(w.State), nullText(w.Message), w.Advances)
	if err != nil {
		return fmt.Errorf("enter a window of %s %s %s into the ledger: %w", source, account, w.Stream, err)
	}
	return nil
}

func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func nullText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// insertTotals enters the control totals; windows of one stream that start at
// one time are added up.
func (s *Stage) insertTotals(ctx context.Context, tx *sql.Tx, totals map[int][]controlTotal) error {
	type key struct {
		stream, table, column, currency string
		start                           time.Time
	}
	sums := map[key][2]*big.Rat{}
	var order []key
	for _, w := range s.windows {
		for _, t := range totals[w.no] {
			k := key{t.stream, t.table, t.column, t.currency, t.start}
			if _, ok := sums[k]; !ok {
				sums[k] = [2]*big.Rat{new(big.Rat), new(big.Rat)}
				order = append(order, k)
			}
			for i, text := range []string{t.in, t.loaded} {
				r, ok := new(big.Rat).SetString(text)
				if !ok {
					return fmt.Errorf("control total %q of %s.%s is no number", text, t.table, t.column)
				}
				sums[k][i].Add(sums[k][i], r)
			}
		}
	}
	for _, k := range order {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO audit.extract_totals (run_id, source, account, stream, window_start, table_name, column_name, currency, amount_in, amount_loaded)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?::VARCHAR::DECIMAL(38,4), ?::VARCHAR::DECIMAL(38,4))`,
			s.run.ID, s.source.Name, s.account, k.stream, orNull(k.start), k.table, k.column, k.currency,
			sums[k][0].FloatString(4), sums[k][1].FloatString(4))
		if err != nil {
			return fmt.Errorf("enter the control totals of %s %s: %w", s.source.Name, s.account, err)
		}
	}
	return nil
}

// subtract is a − b for decimal texts, exact, with four decimals.
func subtract(a, b string) (string, error) {
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	if !okX || !okY {
		return "", fmt.Errorf("control totals %q and %q: not numbers", a, b)
	}
	return x.Sub(x, y).FloatString(4), nil
}

func moneyColumns(table string) []string {
	var names []string
	for _, f := range transform.Def(table).Schema.Fields() {
		if d, ok := f.Type.(*arrow.Decimal128Type); ok && d.Scale == 4 {
			names = append(names, f.Name)
		}
	}
	return names
}

// Fail enters a failed account into the ledger: nothing of it was loaded
// tonight.
func (w *Warehouse) Fail(ctx context.Context, run ledger.Run, source, account, stream, message string) error {
	w.commit.Lock()
	defer w.commit.Unlock()
	return w.inTx(ctx, func(tx *sql.Tx) error {
		if err := ensureRun(ctx, tx, run); err != nil {
			return err
		}
		if err := forgetFailure(ctx, tx, run, source, account); err != nil {
			return err
		}
		return insertExtract(ctx, tx, run.ID, source, account, &window{Window: ledger.Window{Stream: stream, Total: -1, State: ledger.Failed, Message: message}}, endings{})
	})
}

// forgetFailure takes an account's failure in this run out of the ledger: the
// run was taken up again, and the account is tried once more.
func forgetFailure(ctx context.Context, tx *sql.Tx, run ledger.Run, source, account string) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM audit.extracts WHERE run_id = ? AND source = ? AND account = ? AND state = 'failed'", run.ID, source, account)
	if err != nil {
		return fmt.Errorf("take an earlier failure of %s %s out of the ledger: %w", source, account, err)
	}
	return nil
}

// LoadedIn says what a run has loaded of an account; done is false where it
// has not, or not yet.
func (w *Warehouse) LoadedIn(ctx context.Context, run ledger.Run, source, account string) (loaded Loaded, done bool, err error) {
	var windows, unreconciled int
	var messages sql.NullString
	err = w.db.QueryRowContext(ctx, `
		SELECT count(*), count(*) FILTER (WHERE state = 'unreconciled'), string_agg(stream || ': ' || message, '; ')
		FROM audit.extracts WHERE run_id = ? AND source = ? AND account = ? AND state <> 'failed'`,
		run.ID, source, account).Scan(&windows, &unreconciled, &messages)
	if err != nil {
		return loaded, false, fmt.Errorf("look for %s %s in the ledger of run %s: %w", source, account, run.ID, err)
	}
	if windows == 0 {
		return loaded, false, nil
	}
	loaded.State = ledger.Complete
	if unreconciled > 0 {
		loaded.State, loaded.Messages = ledger.Unreconciled, []string{messages.String}
	}
	// What the orders were like before that commit is no longer known; they
	// are counted as they stand.
	err = w.db.QueryRowContext(ctx, `
		SELECT (SELECT count(*) FROM main.orders WHERE source = $1 AND account = $2),
			(SELECT count(*) FROM main.orders WHERE source = $1 AND account = $2 AND run_id = $3),
			(SELECT count(DISTINCT coalesce(order_id, landing_ref)) FROM audit.rejects WHERE source = $1 AND account = $2 AND run_id = $3),
			(SELECT count(DISTINCT coalesce(order_id, landing_ref)) FROM audit.findings WHERE source = $1 AND account = $2 AND run_id = $3)`,
		source, account, run.ID).Scan(&loaded.Orders, &loaded.Updated, &loaded.Rejected, &loaded.Findings)
	if err != nil {
		return loaded, false, fmt.Errorf("count the orders of %s %s: %w", source, account, err)
	}
	loaded.Unchanged = loaded.Orders - loaded.Updated
	return loaded, true, nil
}

// Finish enters how the run ended.
func (w *Warehouse) Finish(ctx context.Context, run ledger.Run, at time.Time, outcome string, exitCode int) error {
	return w.inTx(ctx, func(tx *sql.Tx) error {
		if err := ensureRun(ctx, tx, run); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE audit.runs SET finished_at = ?, outcome = ?, exit_code = ? WHERE run_id = ?", at, outcome, exitCode, run.ID)
		if err != nil {
			return fmt.Errorf("enter the end of run %s: %w", run.ID, err)
		}
		return nil
	})
}

// Runs are the ids of the runs in the ledger.
func (w *Warehouse) Runs(ctx context.Context) (map[string]bool, error) {
	rows, err := w.db.QueryContext(ctx, "SELECT run_id FROM audit.runs")
	if err != nil {
		return nil, fmt.Errorf("list the runs of the ledger: %w", err)
	}
	defer rows.Close()
	runs := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("list the runs of the ledger: %w", err)
		}
		runs[id] = true
	}
	return runs, rows.Err()
}
