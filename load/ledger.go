package load

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// ensureRun enters the run into the ledger, once.
func ensureRun(ctx context.Context, tx *sql.Tx, run ledger.Run) error {
	if err := scan.Exec(ctx, tx, "ledger/begin_run", nil, run.ID, run.At, run.Version, run.ConfigSHA256); err != nil {
		return fmt.Errorf("enter run %s into the ledger: %w", run.ID, err)
	}
	return nil
}

// beginAccount enters the run, and takes an account's failure in it out of the
// ledger: the run is resumed, and the account is tried once more.
func beginAccount(ctx context.Context, tx *sql.Tx, run ledger.Run, source, account string) error {
	if err := ensureRun(ctx, tx, run); err != nil {
		return err
	}
	if err := scan.Exec(ctx, tx, "ledger/forget_failure", nil, run.ID, source, account); err != nil {
		return fmt.Errorf("take an earlier failure of %s %s out of the ledger: %w", source, account, err)
	}
	return nil
}

func insertExtract(ctx context.Context, tx *sql.Tx, runID, source, account string, w ledger.Window, covers bool, e endings) error {
	var total any
	if w.Total >= 0 {
		total = w.Total
	}
	err := scan.Exec(ctx, tx, "ledger/insert_window", nil,
		runID, source, account, w.Stream, orNull(w.Start), orNull(w.End), w.Filter, total, w.Pages,
		e.fetched, e.distinct, e.fetched-e.distinct, e.inserted, e.updated, e.unchanged, e.rejected, string(w.State), w.Message, w.Advances, covers)
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
	if len(order) == 0 {
		return nil
	}
	var columns [7][]string
	for _, k := range order {
		for i, text := range []string{k.stream, boundText(k.start), k.table, k.column, k.currency, sums[k][0].FloatString(4), sums[k][1].FloatString(4)} {
			columns[i] = append(columns[i], text)
		}
	}
	values := []any{s.run.ID, s.source.Name, s.account}
	for _, column := range columns {
		values = append(values, column)
	}
	if err := scan.Exec(ctx, tx, "ledger/insert_totals", nil, values...); err != nil {
		return fmt.Errorf("enter the control totals of %s %s: %w", s.source.Name, s.account, err)
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

// Fail enters a failed account into the ledger: the run loads nothing of it.
func (w *Warehouse) Fail(ctx context.Context, run ledger.Run, source, account, stream, message string) error {
	w.commit.Lock()
	defer w.commit.Unlock()
	return w.inTx(ctx, func(tx *sql.Tx) error {
		if err := beginAccount(ctx, tx, run, source, account); err != nil {
			return err
		}
		failed := ledger.Window{Stream: stream, Total: -1, State: ledger.Failed, Message: message}
		return insertExtract(ctx, tx, run.ID, source, account, failed, false, endings{})
	})
}

// LoadedIn says what a run has loaded of an account; done is false where it
// has not, or not yet.
func (w *Warehouse) LoadedIn(ctx context.Context, run ledger.Run, source, account string) (loaded Loaded, done bool, err error) {
	of := []any{run.ID, source, account}
	var windows, unreconciled int
	var messages sql.NullString
	if err := scan.One(ctx, w.db, "ledger/loaded_windows", nil, of, &windows, &unreconciled, &messages); err != nil {
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
	err = scan.One(ctx, w.db, "ledger/loaded_orders", nil, of, &loaded.Orders, &loaded.Updated, &loaded.Rejected, &loaded.Findings)
	if err != nil {
		return loaded, false, fmt.Errorf("count the orders of %s %s: %w", source, account, err)
	}
	loaded.Unchanged = loaded.Orders - loaded.Updated
	return loaded, true, nil
}

// RunEnd is how a run ended.
type RunEnd struct {
	At       time.Time
	Outcome  string
	ExitCode int
	Books    bool // it leaves workbooks
}

// Finish enters how the run ended, and what stages took: its own, and those of a run
// before it that came after that one's end.
func (w *Warehouse) Finish(ctx context.Context, run ledger.Run, end RunEnd, took []meter.Reading) error {
	return w.inTx(ctx, func(tx *sql.Tx) error {
		if err := ensureRun(ctx, tx, run); err != nil {
			return err
		}
		if err := scan.Exec(ctx, tx, "ledger/finish_run", nil, run.ID, end.At, end.Outcome, end.ExitCode, end.Books); err != nil {
			return fmt.Errorf("enter the end of run %s: %w", run.ID, err)
		}
		if err := insertStages(ctx, tx, run.ID, took); err != nil {
			return fmt.Errorf("enter what the stages of run %s took: %w", run.ID, err)
		}
		return nil
	})
}

// EnterStages enters what stages of a run have taken so far: the checks look at how
// fast vendors answer. Finish enters them anew.
func (w *Warehouse) EnterStages(ctx context.Context, run ledger.Run, took []meter.Reading) error {
	return w.inTx(ctx, func(tx *sql.Tx) error {
		if err := insertStages(ctx, tx, run.ID, took); err != nil {
			return fmt.Errorf("enter what the stages of run %s took so far: %w", run.ID, err)
		}
		return nil
	})
}

func insertStages(ctx context.Context, tx *sql.Tx, run string, took []meter.Reading) error {
	if err := scan.Exec(ctx, tx, "ledger/forget_stages", nil, run); err != nil || len(took) == 0 {
		return err
	}
	var texts [4][]string
	var numbers [4][]int64
	for i := range took {
		r := &took[i]
		for k, text := range []string{r.Run, r.Source, r.Account, string(r.Stage)} {
			texts[k] = append(texts[k], text)
		}
		for k, n := range []int64{r.Microseconds, r.Calls, r.Bytes, r.Rows} {
			numbers[k] = append(numbers[k], n)
		}
	}
	return scan.Exec(ctx, tx, "ledger/insert_stages", nil, texts[0], texts[1], texts[2], texts[3], numbers[0], numbers[1], numbers[2], numbers[3])
}

// EndOf is how a run ended, nil where it has not or is unknown.
func (w *Warehouse) EndOf(ctx context.Context, run string) (*RunEnd, error) {
	ends, err := scan.All(ctx, w.db, "ledger/run_end", nil, func(e *RunEnd) []any { return []any{&e.At, &e.Outcome, &e.ExitCode, &e.Books} }, run)
	if err != nil {
		return nil, fmt.Errorf("look for the end of run %s: %w", run, err)
	}
	if len(ends) == 0 {
		return nil, nil
	}
	return &ends[0], nil
}

// Runs are the ids of the runs in the ledger.
func (w *Warehouse) Runs(ctx context.Context) (map[string]bool, error) {
	runs, err := scan.Set[string](ctx, w.db, "ledger/run_ids", nil)
	if err != nil {
		return nil, fmt.Errorf("list the runs of the ledger: %w", err)
	}
	return runs, nil
}
