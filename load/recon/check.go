package recon

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// Run identifies the night. At is its recorded time: breaks are first seen,
// last seen and resolved at it.
type Run struct {
	ID string
	At time.Time
}

// Result is what a check of the whole database found.
type Result struct {
	// Open counts, by severity, the breaks that hold and that finance has not
	// accepted: statuses open and explained. Every severity has an entry.
	Open map[string]int
	// New, Reopened and Resolved count what changed tonight.
	New, Reopened, Resolved int
}

// Tx is a transaction or a single connection: temporary tables made by one
// statement must be there for the next, so *sql.DB will not do.
type Tx interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Check runs every embedded rule over the facts and the ledger that tx sees,
// and brings recon.rules and recon.breaks up to date. Checking the same facts
// again changes last_seen only. It neither commits nor rolls back; after an
// error the caller rolls back.
func Check(ctx context.Context, tx Tx, run Run) (Result, error) {
	rules, err := Rules()
	if err != nil {
		return Result{}, err
	}
	return check(ctx, tx, run, rules)
}

// check is Check with given rules.
func check(ctx context.Context, tx Tx, run Run, rules []Rule) (Result, error) {
	if err := begin(ctx, tx, run, rules); err != nil {
		return Result{}, fmt.Errorf("prepare the checks of run %s: %w", run.ID, err)
	}
	for i := range rules {
		if err := find(ctx, tx, &rules[i]); err != nil {
			return Result{}, fmt.Errorf("check %s (sql/%s): %w", rules[i].Name, rules[i].path, err)
		}
	}
	result, err := store(ctx, tx)
	if err != nil {
		return Result{}, fmt.Errorf("keep the breaks of run %s: %w", run.ID, err)
	}
	return result, nil
}

// begin makes the temporary tables and enters the rules.
func begin(ctx context.Context, tx Tx, run Run, rules []Rule) error {
	for _, statement := range []string{
		"CREATE OR REPLACE TEMP TABLE recon_found AS SELECT * FROM recon.breaks LIMIT 0",
		"CREATE OR REPLACE TEMP TABLE recon_run (recorded_at TIMESTAMPTZ)",
		"DELETE FROM recon.rules",
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO recon_run VALUES (?)", run.At); err != nil {
		return err
	}
	for _, r := range rules {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO recon.rules (rule, severity, candidate, tolerance, title_en, title_zh, compares_en, compares_zh)
			VALUES (?, ?, ?, ?::VARCHAR::DECIMAL(18,4), ?, ?, ?, ?)`,
			r.Name, r.Severity, r.Candidate, r.Tolerance, r.TitleEN, r.TitleZH, r.ComparesEN, r.ComparesZH)
		if err != nil {
			return fmt.Errorf("enter rule %s: %w", r.Name, err)
		}
	}
	return nil
}

// find adds the breaks of one rule to recon_found.
func find(ctx context.Context, tx Tx, r *Rule) error {
	columns, err := describe(ctx, tx, r.body)
	if err != nil {
		return err
	}
	statement, err := r.findSQL(columns)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, statement); err != nil {
		return err
	}
	// A check answers for these two itself: both would be silent mistakes.
	var twice, unknown sql.NullString
	err = tx.QueryRowContext(ctx, `
		SELECT
			(SELECT any_value(concat_ws(' ', source, account, order_id, line_no)) FROM recon_found WHERE rule = $1 GROUP BY break_id HAVING count(*) > 1 LIMIT 1),
			(SELECT any_value(reason) FROM recon_found WHERE rule = $1 AND reason NOT IN (`+quoteList(reasons)+`))`, r.Name).Scan(&twice, &unknown)
	switch {
	case err != nil:
		return err
	case twice.Valid:
		return fmt.Errorf("it gives two rows for one key, %s: give each comparison of an order its own line_no", twice.String)
	case unknown.Valid:
		return fmt.Errorf("it gives the reason %q: want one of %s", unknown.String, strings.Join(reasons, ", "))
	}
	return nil
}

// describe gives the columns of a SELECT without running it.
func describe(ctx context.Context, tx Tx, body string) ([]column, error) {
	rows, err := tx.QueryContext(ctx, "SELECT column_name, column_type FROM (DESCRIBE "+body+"\n)")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var columns []column
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.name, &c.typ); err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	return columns, rows.Err()
}

// store brings recon.breaks up to date with recon_found.
func store(ctx context.Context, tx Tx) (Result, error) {
	result := Result{Open: map[string]int{}}
	err := tx.QueryRowContext(ctx, `
		SELECT
			count(*) FILTER (b.break_id IS NULL),
			count(*) FILTER (b.status = 'resolved'),
			(SELECT count(*) FROM recon.breaks o WHERE o.status <> 'resolved'
				AND NOT EXISTS (SELECT 1 FROM recon_found n WHERE n.break_id = o.break_id))
		FROM recon_found f LEFT JOIN recon.breaks b USING (break_id)`).
		Scan(&result.New, &result.Reopened, &result.Resolved)
	if err != nil {
		return Result{}, err
	}
	statements, err := sqlfiles.FS.ReadFile(sqlfiles.Recon + "/store.sql")
	if err != nil {
		return Result{}, err
	}
	if _, err := tx.ExecContext(ctx, string(statements)); err != nil {
		return Result{}, err
	}
	for _, severity := range Severities {
		var n int
		err := tx.QueryRowContext(ctx, "SELECT count(*) FROM recon.breaks WHERE severity = ? AND status IN ('open', 'explained')", severity).Scan(&n)
		if err != nil {
			return Result{}, err
		}
		result.Open[severity] = n
	}
	_, err = tx.ExecContext(ctx, "DROP TABLE recon_found; DROP TABLE recon_run")
	return result, err
}

// AtLeast counts the open breaks at or above a severity.
func (r Result) AtLeast(severity string) int {
	n := 0
	for _, s := range Severities[:slices.Index(Severities, severity)+1] {
		n += r.Open[s]
	}
	return n
}
