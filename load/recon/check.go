package recon

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Result is what a check found. It holds for all orders, also where only some
// of them had to be looked at.
type Result struct {
	// Open counts, by severity, the breaks that hold and that finance has not
	// accepted: statuses open and explained. Every severity has an entry.
	Open map[string]int
	// New, Reopened and Resolved count what changed tonight.
	New, Reopened, Resolved int
	// Full tells that every order was looked at. Otherwise Orders were: those
	// that changed, those with a break, and what these are compared with.
	Full   bool
	Orders int
}

// Tx is a transaction or a single connection: temporary tables made by one
// statement must be there for the next, so *sql.DB will not do.
type Tx interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Check brings recon.rules, recon.links and recon.breaks up to date with the
// facts and the ledger that tx sees. Every embedded rule is run, over the
// orders that recon.changed names and what is compared with them; over all of
// them on a first check, after a change of the rules, the program or the
// options, and where o.Full asks for it. Both give the same. Checking the same
// facts again changes last_seen only. Check neither commits nor rolls back;
// after an error the caller rolls back.
func Check(ctx context.Context, tx Tx, run ledger.Run, o Options) (Result, error) {
	rules, err := Rules()
	if err != nil {
		return Result{}, err
	}
	return check(ctx, tx, run, o, rules)
}

// check is Check with given rules.
func check(ctx context.Context, tx Tx, run ledger.Run, o Options, rules []Rule) (Result, error) {
	s, err := begin(ctx, tx, run, o, rules)
	if err != nil {
		return Result{}, fmt.Errorf("prepare the checks of run %s: %w", run.ID, err)
	}
	for i := range rules {
		if err := find(ctx, tx, s, &rules[i]); err != nil {
			return Result{}, fmt.Errorf("check %s (sql/%s): %w", rules[i].Name, rules[i].path, err)
		}
	}
	result, err := store(ctx, tx)
	if err == nil {
		err = s.close(ctx, tx)
	}
	if err != nil {
		return Result{}, fmt.Errorf("keep the breaks of run %s: %w", run.ID, err)
	}
	result.Full, result.Orders = s.full, s.orders
	return result, nil
}

// begin enters rules and options, decides what is looked at, and matches it
// across systems.
func begin(ctx context.Context, tx Tx, run ledger.Run, o Options, rules []Rule) (*scope, error) {
	sum, err := basis(rules, o)
	if err != nil {
		return nil, err
	}
	before, err := checkedBy(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, statement := range []string{
		"CREATE OR REPLACE TEMP TABLE recon_found AS SELECT * FROM recon.breaks LIMIT 0",
		"CREATE OR REPLACE TEMP TABLE recon_run (run_id VARCHAR, recorded_at TIMESTAMPTZ, zone VARCHAR)",
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return nil, err
		}
	}
	if o.Zone == "" {
		o.Zone = "UTC"
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO recon_run VALUES (?, ?, ?)", run.ID, run.At, o.Zone); err != nil {
		return nil, err
	}
	if err := knowCurrencies(ctx, tx); err != nil {
		return nil, err
	}
	if err := knowWords(ctx, tx); err != nil {
		return nil, err
	}
	if before != sum {
		if err := enter(ctx, tx, run, o, rules, sum); err != nil {
			return nil, err
		}
	}
	texts, err := linkTexts()
	if err != nil {
		return nil, err
	}
	for _, r := range rules {
		texts = append(texts, r.body)
	}
	s := &scope{full: o.Full || before != sum}
	if err := s.open(ctx, tx, texts); err != nil {
		return nil, err
	}
	if err := link(ctx, tx, s); err != nil {
		return nil, fmt.Errorf("match orders across systems: %w", err)
	}
	return s, nil
}

// knowCurrencies lists the currencies of ISO 4217 for the checks.
func knowCurrencies(ctx context.Context, tx Tx) error {
	_, err := tx.ExecContext(ctx, "CREATE OR REPLACE TEMP TABLE recon_currencies AS SELECT unnest(string_split(?, ' ')) AS code",
		strings.Join(transform.Currencies(), " "))
	if err != nil {
		return fmt.Errorf("list the currencies: %w", err)
	}
	return nil
}

// enter makes the rules and the options those by which the breaks stand.
func enter(ctx context.Context, tx Tx, run ledger.Run, o Options, rules []Rule, sum string) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM recon.rules; DELETE FROM recon.basis"); err != nil {
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
	if _, err := tx.ExecContext(ctx, "INSERT INTO recon.basis VALUES (?, ?, ?)", sum, run.ID, run.At); err != nil {
		return fmt.Errorf("enter the basis of the checks: %w", err)
	}
	return enterOptions(ctx, tx, o)
}

// find adds the breaks of one rule to recon_found.
func find(ctx context.Context, tx Tx, s *scope, r *Rule) error {
	columns, err := describe(ctx, tx, r.body)
	if err != nil {
		return err
	}
	statement, err := r.findSQL(columns, !s.full)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, statement); err != nil {
		return err
	}
	// A check answers for these itself: all would be silent mistakes.
	var twice, unknown, severity sql.NullString
	err = tx.QueryRowContext(ctx, `
		SELECT
			(SELECT any_value(concat_ws(' ', source, account, order_id, line_no)) FROM recon_found WHERE rule = $1 GROUP BY break_id HAVING count(*) > 1 LIMIT 1),
			(SELECT any_value(reason) FROM recon_found WHERE rule = $1 AND reason NOT IN (`+quoteList(reasons)+`)),
			(SELECT any_value(severity) FROM recon_found WHERE rule = $1 AND severity NOT IN (`+quoteList(r.severities())+`))`, r.Name).Scan(&twice, &unknown, &severity)
	switch {
	case err != nil:
		return err
	case twice.Valid:
		return fmt.Errorf("it gives two rows for one key, %s: give each comparison of an order its own line_no", twice.String)
	case unknown.Valid:
		return fmt.Errorf("it gives the reason %q: want one of %s", unknown.String, strings.Join(reasons, ", "))
	case severity.Valid:
		return fmt.Errorf("it gives the severity %q: want one of %s", severity.String, strings.Join(r.severities(), ", "))
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
	_, err = tx.ExecContext(ctx, "DROP TABLE recon_found; DROP TABLE recon_run; DROP TABLE recon_currencies; DROP TABLE recon_words; DELETE FROM recon.changed")
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
