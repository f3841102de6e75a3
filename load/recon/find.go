package recon

import (
	"context"
	"fmt"
	"slices"
	"strings"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/sql/scan"
)

// reasons is the closed list of reports.
var reasons = []string{
	"missing_left", "missing_right", "amount", "status", "unit_factor_100",
	"one_component", "rounding", "cutoff", "duplicate", "late_change", "unreadable", "older_version", "vendor_change",
}

// column is a column of a check's SELECT, with its type as DuckDB writes it.
type column struct{ name, typ string }

// The columns that mean something to the engine; all others are facts.
var (
	requiredColumns = []string{"source", "account", "order_id", "business_date", "expected", "actual", "currency"}
	optionalColumns = []string{"line_no", "right_source", "right_account", "right_order_id", "reason", "lines", "variant", "severity", "cutoff_date", "changed_at"}
	// keyColumns are what a break is known by, in the order of recon.break_id;
	// field is a fact of the checks that have it.
	keyColumns = []string{"source", "account", "order_id", "line_no", "right_source", "right_account", "right_order_id", "field"}
)

// finding fills in sql/recon/find.sql: the columns of a check and its
// sentences, as SQL expressions over them.
type finding struct {
	Rule, Severity string
	Key            []string
	Facts          []fact
	// Component is the one component that alone makes up the difference, null
	// where none does, or more than one; ComponentEN and ComponentZH its name.
	Component, ComponentEN, ComponentZH string
	SentenceEN, SentenceZH              string // without full stop

	columns []column
}

// fact is a column that means nothing to the engine, and its value in JSON.
type fact struct{ Name, Value string }

// Has says whether the check's SELECT has a column.
func (f finding) Has(name string) bool { return slices.ContainsFunc(f.columns, named(name)) }

// Optional is a column of the check, null where it has none.
func (f finding) Optional(name, typ string) string {
	if f.Has(name) {
		return "c." + sqlfiles.Identifier(name) + "::" + typ
	}
	return "NULL::" + typ
}

// comparison fills in sql/recon/compare.sql.
type comparison struct {
	Body      string // the check's SELECT
	Tolerance string
	Scoped    bool
}

func (r *Rule) comparison(s *scope, body string) comparison {
	return comparison{Body: body, Tolerance: r.Tolerance, Scoped: !s.full && !r.everything}
}

func columnPlaces(c *column) []any { return []any{&c.name, &c.typ} }

// explainFailure says which column a check lacks, where that is why it failed.
func (r *Rule) explainFailure(ctx context.Context, tx Tx, failed error) error {
	columns, err := scan.All(ctx, tx, "recon/describe", "(\n"+r.body+"\n)", columnPlaces)
	if err != nil { // that is no SELECT, then
		return failed
	}
	if err := required(columns); err != nil {
		return err
	}
	return failed
}

func required(columns []column) error {
	for _, name := range requiredColumns {
		if !slices.ContainsFunc(columns, named(name)) {
			return fmt.Errorf("its SELECT has no column %s", name)
		}
	}
	return nil
}

// finding prepares the statement that says what is broken; columns are those of
// recon_compared, of which the last ones are compare.sql's own.
func (r *Rule) finding(columns []column) (f finding, err error) {
	f = finding{Rule: r.Name, Severity: r.Severity, Key: keyColumns, columns: columns}
	if err := required(columns); err != nil {
		return f, err
	}
	for _, c := range columns {
		if !strings.HasPrefix(c.name, "_") && !slices.Contains(requiredColumns, c.name) && !slices.Contains(optionalColumns, c.name) {
			f.Facts = append(f.Facts, fact{c.name, c.json()})
		}
	}
	if err := f.nameComponents(r.components); err != nil {
		return f, err
	}
	return f, f.explain(r.explanations)
}

// nameComponents gives the expressions of the one component.
func (f *finding) nameComponents(components []bilingualText) error {
	if len(components) == 0 {
		f.Component, f.ComponentEN, f.ComponentZH = "NULL", "NULL::VARCHAR", "NULL::VARCHAR"
		return nil
	}
	var which, whichEN, whichZH, equals []string
	for _, w := range components {
		i := slices.IndexFunc(f.columns, named(w.name))
		if i < 0 {
			return fmt.Errorf("component.%s: its SELECT has no such column", w.name)
		}
		if typ := f.columns[i].typ; !strings.HasPrefix(typ, "DECIMAL") {
			return fmt.Errorf("component.%s: want an amount, DECIMAL, not %s", w.name, typ)
		}
		en, zh, err := f.sentences(w)
		if err != nil {
			return fmt.Errorf("component.%s.%w", w.name, err)
		}
		// A zero makes up no difference: the smallest is above the tolerance.
		equal := "abs(c." + sqlfiles.Identifier(w.name) + ") = abs(_difference)"
		equals = append(equals, "coalesce(("+equal+")::INTEGER, 0)")
		when := "WHEN " + equal + " THEN "
		which = append(which, when+sqlfiles.Literal(w.name))
		whichEN = append(whichEN, when+en)
		whichZH = append(whichZH, when+zh)
	}
	caseOf := func(whens []string) string { return "CASE " + strings.Join(whens, " ") + " END" }
	f.Component = "CASE WHEN " + strings.Join(equals, " + ") + " = 1 THEN " + caseOf(which) + " END"
	f.ComponentEN, f.ComponentZH = caseOf(whichEN), caseOf(whichZH)
	return nil
}

func named(name string) func(column) bool {
	return func(c column) bool { return c.name == name }
}
