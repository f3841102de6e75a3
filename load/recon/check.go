package recon

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Result is what a check found. It holds for all orders, also where only some
// of them had to be looked at.
type Result struct {
	// Open counts, by severity, the breaks that hold and that finance has not
	// accepted: statuses open and explained. Every severity has an entry.
	Open map[string]int
	// New, Reopened and Resolved count what changed in this run.
	New, Reopened, Resolved int
	// Full tells that every order was looked at. Otherwise Orders were: those
	// that changed, those with a break, and what these are compared with.
	Full   bool
	Orders int
	// Unlike counts the breaks that are not as the night kept them: CheckElsewhere alone
	// says it.
	Unlike int
}

// Tx is a transaction or a single connection: temporary tables made by one
// statement must be there for the next, so *sql.DB will not do.
type Tx = scan.Querier

// Check brings recon.rules, recon.links and recon.breaks up to date with the
// facts and the ledger that tx sees. Every embedded rule is run, over the
// orders that recon.changed names, those that the clock may change, and what is
// compared with them; where there are none, nothing can have changed. It is run over
// all of them on a first check, after a change of the rules, the program or the
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
	return checkFrom(ctx, tx, run, o, rules, nil)
}

// checkFrom is check over the facts of tx, or where far is not nil over those.
func checkFrom(ctx context.Context, tx Tx, run ledger.Run, o Options, rules []Rule, far *elsewhere) (Result, error) {
	s, err := begin(ctx, tx, run, o, rules)
	if err == nil && far != nil {
		s.far, err = far, far.open(ctx, tx)
	}
	if err != nil {
		return Result{}, fmt.Errorf("prepare the checks of run %s: %w", run.ID, err)
	}
	for i := range rules {
		if s.empty && !rules[i].everything {
			continue
		}
		if err := find(ctx, tx, s, &rules[i]); err != nil {
			return Result{}, fmt.Errorf("check %s (sql/%s): %w", rules[i].Name, rules[i].path, err)
		}
	}
	result, err := store(ctx, tx, s)
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
	if err := prepare(ctx, tx, run, o, namesOf(rules, func(r Rule) bool { return r.everything })); err != nil {
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
	if err := s.open(ctx, tx, texts, rules); err != nil || s.empty {
		return s, err
	}
	if err := link(ctx, tx, s); err != nil {
		return nil, fmt.Errorf("match orders across systems: %w", err)
	}
	return s, s.run(ctx, tx, "forget_small")
}

// prepare makes the temporary tables and macros that every check reads;
// everything are the rules that are not of orders.
func prepare(ctx context.Context, tx Tx, run ledger.Run, o Options, everything []string) error {
	zone := o.Zone
	if zone == "" {
		zone = "UTC"
	}
	if err := scan.Exec(ctx, tx, "recon/run", nil, run.ID, run.At, zone, everything); err != nil {
		return err
	}
	if err := scan.Exec(ctx, tx, "recon/currencies", nil, transform.Currencies()); err != nil {
		return fmt.Errorf("list the currencies: %w", err)
	}
	texts, err := columnWords()
	if err != nil {
		return err
	}
	var names, headings []string
	for name, heading := range texts {
		names, headings = append(names, name), append(headings, heading)
	}
	if err := scan.Exec(ctx, tx, "recon/words", nil, names, headings); err != nil {
		return fmt.Errorf("list the columns' names: %w", err)
	}
	return scan.Exec(ctx, tx, "recon/begin", nil)
}

// enter makes the rules and the options those by which the breaks stand.
func enter(ctx context.Context, tx Tx, run ledger.Run, o Options, rules []Rule, sum string) error {
	if err := scan.Exec(ctx, tx, "recon/forget", nil); err != nil {
		return err
	}
	for _, r := range rules {
		err := scan.Exec(ctx, tx, "recon/enter_rule", nil,
			r.Name, r.Severity, r.Candidate, r.Tolerance, r.TitleEN, r.TitleZH, r.ComparesEN, r.ComparesZH)
		if err != nil {
			return fmt.Errorf("enter rule %s: %w", r.Name, err)
		}
	}
	if err := scan.Exec(ctx, tx, "recon/enter_basis", nil, sum, run.ID, run.At); err != nil {
		return fmt.Errorf("enter the basis of the checks: %w", err)
	}
	return enterOptions(ctx, tx, o)
}

// find adds the breaks of one rule to recon_found. Most checks find nothing: the
// steps after the comparison are for those that do.
func find(ctx context.Context, tx Tx, s *scope, r *Rule) error {
	body := r.body
	if s.far != nil && !r.readsFindings() {
		var err error
		if body, err = s.far.compared(ctx, tx, r); err != nil {
			return err
		}
	}
	if err := scan.Exec(ctx, tx, "recon/compare", r.comparison(s, body)); err != nil {
		return r.explainFailure(ctx, tx, err)
	}
	columns, err := scan.All(ctx, tx, "recon/describe", "recon_compared", columnPlaces)
	if err != nil {
		return err
	}
	names, err := r.finding(columns)
	if err != nil {
		return err
	}
	var broken, small int
	if err := scan.One(ctx, tx, "recon/count_compared", nil, nil, &broken, &small); err != nil {
		return err
	}
	if small > 0 && !r.everything { // what belongs to no order belongs to no store
		if s.far != nil {
			if err := s.far.orders(ctx, tx, r); err != nil {
				return err
			}
		}
		if err := scan.Exec(ctx, tx, "recon/keep_small", nil, r.Name); err != nil {
			return err
		}
	}
	if broken == 0 {
		return nil
	}
	if err := scan.Exec(ctx, tx, "recon/find", names); err != nil {
		return err
	}
	return r.mistakes(ctx, tx)
}

// mistakes are what a check answers for itself: all would be silent.
func (r *Rule) mistakes(ctx context.Context, tx Tx) error {
	var twice, unknown, severity sql.NullString
	err := scan.One(ctx, tx, "recon/mistakes", nil, []any{r.Name, reasons, r.severities()}, &twice, &unknown, &severity)
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

// store brings recon.breaks up to date with recon_found.
func store(ctx context.Context, tx Tx, s *scope) (result Result, err error) {
	if s.far != nil {
		if err := scan.Exec(ctx, tx, "recon/unlike", nil); err != nil {
			return Result{}, err
		}
		if err := scan.One(ctx, tx, "recon/count_unlike", nil, nil, &result.Unlike); err != nil {
			return Result{}, err
		}
	}
	err = scan.One(ctx, tx, "recon/count_changes", s.names(), nil, &result.New, &result.Reopened, &result.Resolved)
	if err != nil {
		return Result{}, err
	}
	if err := s.run(ctx, tx, "store"); err != nil {
		return Result{}, err
	}
	open, err := scan.Map[string, int](ctx, tx, "recon/count_open", nil)
	if err != nil {
		return Result{}, err
	}
	result.Open = map[string]int{}
	for _, severity := range sqlfiles.Severities {
		result.Open[severity] = open[severity]
	}
	return result, scan.Exec(ctx, tx, "recon/end", nil)
}

// AtLeast counts the open breaks at or above a severity.
func (r Result) AtLeast(severity string) int {
	n := 0
	for _, s := range sqlfiles.AtOrAbove(severity) {
		n += r.Open[s]
	}
	return n
}
