package recon

import (
	"fmt"
	"slices"
	"strings"
)

// reasons is the closed list of reports.
var reasons = []string{
	"missing_left", "missing_right", "amount", "status", "unit_factor_100",
	"one_component", "rounding", "cutoff", "duplicate", "late_change",
}

// column is a column of a check's SELECT, with its type as DuckDB writes it.
type column struct{ name, typ string }

// The columns that mean something to the engine; all others are facts.
var (
	requiredColumns = []string{"source", "account", "order_id", "business_date", "expected", "actual", "currency"}
	optionalColumns = []string{"line_no", "right_source", "right_account", "right_order_id", "reason", "lines", "variant", "severity", "cutoff_date", "changed_at"}
	keyColumns      = []string{"source", "account", "order_id", "line_no", "right_source", "right_account", "right_order_id"}
)

// wide holds any amount that a rule may compute: a product or a sum of
// amounts can be wider than an amount.
const wide = "DECIMAL(38,4)"

// money is the type of recon.breaks. A figure that does not fit is null there
// and stands in the explanation.
const money = "DECIMAL(18,4)"

// findSQL is one statement that runs the rule's SELECT, keeps what does not
// agree, and adds it to recon_found with difference, reason, explanation and
// id. columns are those of the SELECT. Where it is scoped, only what is said of
// the orders of scope_asked is kept.
//
// The reason is the first of these that holds, from what is certain to what is
// left over:
//
//	what the check states        status, duplicate, …: it knows best
//	cutoff                       one side is missing, and cutoff_date says on
//	                             which neighbouring business day it stands
//	missing_right, missing_left  one side is missing
//	unit_factor_100              one figure is exactly 100 times the other
//	one_component                exactly one component equals the difference;
//	                             where two do, neither is named
//	rounding                     at most 0.01 for each of lines
//	cutoff                       cutoff_date: the neighbouring business day
//	                             makes up the difference
//	late_change                  changed_at: the figures agreed until they
//	                             changed then, over a day after they were final
//	amount                       none of these
func (r *Rule) findSQL(columns []column, scoped bool) (string, error) {
	has := func(name string) bool {
		return slices.ContainsFunc(columns, func(c column) bool { return c.name == name })
	}
	for _, name := range requiredColumns {
		if !has(name) {
			return "", fmt.Errorf("its SELECT has no column %s", name)
		}
	}
	optional := func(name, typ string) string {
		if has(name) {
			return "c." + quoteName(name) + "::" + typ
		}
		return "NULL::" + typ
	}

	var facts []string
	for _, c := range columns {
		if slices.Contains(requiredColumns, c.name) || slices.Contains(optionalColumns, c.name) {
			continue
		}
		facts = append(facts, quoteText(c.name), c.json())
	}
	factsJSON := "NULL::JSON"
	if len(facts) > 0 {
		factsJSON = "json_object(" + strings.Join(facts, ", ") + ")"
	}

	component, componentEN, componentZH, err := r.componentSQL(columns)
	if err != nil {
		return "", err
	}
	sentenceEN, sentenceZH, err := r.sentenceSQL(columns)
	if err != nil {
		return "", err
	}
	asked := ""
	if scoped && !r.everything {
		asked = "SEMI JOIN scope_asked USING (source, account, order_id)"
	}
	fieldsZH := "NULL"
	if has(fields) {
		fieldsZH = inWords("c." + fields)
	}
	var key []string
	for _, name := range keyColumns {
		key = append(key, "coalesce("+optional(name, "VARCHAR")+", '')")
	}

	return fmt.Sprintf(`
WITH compared AS (
	SELECT * FROM (
%[1]s
	) %[20]s
),
figures AS (
	SELECT c.*, c.expected::%[2]s AS _expected, c.actual::%[2]s AS _actual, %[3]s AS _reason
	FROM compared c
),
broken AS (
	SELECT c.*, coalesce(_actual, 0) - coalesce(_expected, 0) AS _difference, %[25]s AS _fields_zh
	FROM figures c
	WHERE CASE
		WHEN _expected IS NULL AND _actual IS NULL THEN _reason IS NOT NULL
		WHEN _expected IS NULL OR _actual IS NULL THEN true
		ELSE abs(_actual - _expected) > %[4]s::%[2]s
	END
),
reasoned AS (
	SELECT c.*, CASE
		WHEN _reason IS NOT NULL THEN _reason
		WHEN (_expected IS NULL OR _actual IS NULL) AND %[21]s IS NOT NULL THEN 'cutoff'
		WHEN _expected IS NULL THEN 'missing_right'
		WHEN _actual IS NULL THEN 'missing_left'
		WHEN _expected <> 0 AND _actual <> 0 AND (_actual = _expected * 100 OR _expected = _actual * 100) THEN 'unit_factor_100'
		WHEN %[5]s IS NOT NULL THEN 'one_component'
		WHEN abs(_difference) <= 0.01 * %[6]s THEN 'rounding'
		WHEN %[21]s IS NOT NULL THEN 'cutoff'
		WHEN %[22]s IS NOT NULL THEN 'late_change'
		ELSE 'amount'
	END AS _why
	FROM broken c
)
INSERT INTO recon_found BY NAME
SELECT
	sha256(concat_ws(chr(31), %[7]s, %[8]s)) AS break_id,
	%[7]s AS rule,
	coalesce(%[23]s, %[9]s) AS severity,
	c.source, c.account, c.order_id, %[10]s AS line_no,
	%[11]s AS right_source, %[12]s AS right_account, %[13]s AS right_order_id,
	c.business_date::DATE AS business_date,
	try_cast(_expected AS %[14]s) AS expected,
	try_cast(_actual AS %[14]s) AS actual,
	try_cast(_difference AS %[14]s) AS difference,
	c.currency::VARCHAR AS currency,
	_why AS reason,
	%[15]s AS facts,
	%[16]s || CASE _why
		WHEN 'one_component' THEN ', which is ' || coalesce(%[17]s, '')
		WHEN 'unit_factor_100' THEN ', a factor of exactly 100, as between yuan and fen'
		WHEN 'rounding' THEN ', at most 0.01 a line, as by rounding'
		WHEN 'cutoff' THEN coalesce(', the counterpart stands on ' || %[21]s, '')
		WHEN 'late_change' THEN ', after a change first seen on ' || %[24]s || '; until then it agreed'
		ELSE ''
	END || '.' AS explanation_en,
	%[18]s || CASE _why
		WHEN 'one_component' THEN '，恰为' || coalesce(%[19]s, '')
		WHEN 'unit_factor_100' THEN '，恰为100倍，疑为元与分之别'
		WHEN 'rounding' THEN '，每行不超过0.01，为四舍五入所致'
		WHEN 'cutoff' THEN coalesce('，对方记在' || %[21]s, '')
		WHEN 'late_change' THEN '，自' || %[24]s || '发现变动，此前相符'
		ELSE ''
	END || '。' AS explanation_zh,
	(SELECT recorded_at FROM recon_run) AS first_seen,
	(SELECT recorded_at FROM recon_run) AS last_seen,
	'open' AS status
FROM reasoned c`,
		r.body, wide, optional("reason", "VARCHAR"), r.Tolerance,
		component, optionalLines(has("lines")),
		quoteText(r.Name), strings.Join(key, ", "), quoteText(r.Severity),
		optional("line_no", "BIGINT"), optional("right_source", "VARCHAR"), optional("right_account", "VARCHAR"), optional("right_order_id", "VARCHAR"),
		money, factsJSON,
		sentenceEN, componentEN, sentenceZH, componentZH,
		asked, optional("cutoff_date", "DATE"), optional("changed_at", "TIMESTAMPTZ"),
		optional("severity", "VARCHAR"), instantText(optional("changed_at", "TIMESTAMPTZ")), fieldsZH), nil
}

// instantText writes an instant in the zone of the options.
func instantText(value string) string {
	return "strftime(timezone((SELECT zone FROM recon_run), " + value + "), '%Y-%m-%d %H:%M')"
}

func optionalLines(given bool) string {
	if given {
		return "greatest(coalesce(c.lines, 1), 1)"
	}
	return "1"
}

// componentSQL gives three expressions: the one component that alone makes up
// the difference (null where none does, or more than one), and its name in
// both languages.
func (r *Rule) componentSQL(columns []column) (column, en, zh string, err error) {
	if len(r.components) == 0 {
		return "NULL", "NULL::VARCHAR", "NULL::VARCHAR", nil
	}
	var which, whichEN, whichZH, equals []string
	for _, c := range r.components {
		i := slices.IndexFunc(columns, named(c.column))
		if i < 0 {
			return "", "", "", fmt.Errorf("component.%s: its SELECT has no such column", c.column)
		}
		if !strings.HasPrefix(columns[i].typ, "DECIMAL") {
			return "", "", "", fmt.Errorf("component.%s: want an amount, DECIMAL, not %s", c.column, columns[i].typ)
		}
		// A zero makes up no difference: the smallest is above the tolerance.
		equal := "abs(c." + quoteName(c.column) + ") = abs(_difference)"
		equals = append(equals, "coalesce(("+equal+")::INTEGER, 0)")
		when := "WHEN " + equal + " THEN "
		nameEN, err := sentence(c.en, columns, false)
		if err != nil {
			return "", "", "", fmt.Errorf("component.%s.en: %w", c.column, err)
		}
		nameZH, err := sentence(c.zh, columns, true)
		if err != nil {
			return "", "", "", fmt.Errorf("component.%s.zh: %w", c.column, err)
		}
		which = append(which, when+quoteText(c.column))
		whichEN = append(whichEN, when+nameEN)
		whichZH = append(whichZH, when+nameZH)
	}
	caseOf := func(whens []string) string { return "CASE " + strings.Join(whens, " ") + " END" }
	only := "CASE WHEN " + strings.Join(equals, " + ") + " = 1 THEN " + caseOf(which) + " END"
	return only, caseOf(whichEN), caseOf(whichZH), nil
}

func named(name string) func(column) bool {
	return func(c column) bool { return c.name == name }
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
func quoteText(text string) string { return `'` + strings.ReplaceAll(text, `'`, `''`) + `'` }

func quoteList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = quoteText(t)
	}
	return strings.Join(quoted, ", ")
}
