package sql

import (
	"strings"
	"testing"
)

// set is a set of macros for a test, by signature and body.
func set(t *testing.T, signaturesAndBodies ...string) macroSet {
	t.Helper()
	all := macroSet{}
	for i := 0; i < len(signaturesAndBodies); i += 2 {
		name, _, _ := strings.Cut(signaturesAndBodies[i], "(")
		m, err := parseMacro(Text{Name: name, Path: name + ".sql", SQL: "-- macro: " + signaturesAndBodies[i] + "\n-- gives: x\n" + signaturesAndBodies[i+1]})
		if err != nil {
			t.Fatal(err)
		}
		all[name] = m
	}
	return all
}

// A call becomes the macro's body, whole and in brackets where it must be; what
// only looks like a call stays as it is.
func TestExpand(t *testing.T) {
	all := set(t,
		"minus(a, b)", "a - b",
		"lower_of(a, b)", "least(a, b)",
		"joined(x, separator, keys…)", "string_agg(x, separator ORDER BY keys)",
		"now_of()", "TIMESTAMP '2026-03-01 00:00:00' -- a comment",
		"kind_of(amount)", "CASE WHEN amount < 0 THEN 'less' ELSE CASE amount WHEN 0 THEN 'none' END END",
		"gap(a)", "minus(a, 1)",
		"of_zone(zone)", "SELECT b.zone, zone FROM zone.places b WHERE b.zone = zone AND zone(1)",
		"rows_of(day)", "WITH d AS (SELECT day AS one) SELECT one FROM d;",
	)
	for _, c := range []struct{ name, text, want string }{
		{"brackets around the body", "SELECT 2 * minus(x, y)", "SELECT 2 * (x - y)"},
		{"brackets around an argument", "minus(x + 1, y::DATE)", "((x + 1) - (y::DATE))"},
		{"none around one piece", "lower_of(t.x, f(y, 2))", "least(t.x, f(y, 2))"},
		{"none around brackets", "minus((x + 1), (SELECT 1))", "((x + 1) - (SELECT 1))"},
		{"two brackets are not one piece", "minus((a) + (b), c)", "(((a) + (b)) - c)"},
		{"a CASE is one piece", "kind_of(x)", "CASE WHEN x < 0 THEN 'less' ELSE CASE x WHEN 0 THEN 'none' END END"},
		{"two CASEs are not", "minus(CASE WHEN a THEN 1 END + CASE WHEN b THEN 1 END, 1)", "((CASE WHEN a THEN 1 END + CASE WHEN b THEN 1 END) - 1)"},
		{"call in a call", "minus(minus(a, b), lower_of(minus(c, d), 1))", "((a - b) - least((c - d), 1))"},
		{"call in a body", "gap(x)", "(x - 1)"},
		{"commas in brackets and literals", "lower_of(f(a, b), ',')", "least(f(a, b), ',')"},
		{"many keys", "joined(n, ', ', a DESC, b)", "string_agg(n, ', ' ORDER BY a DESC, b)"},
		{"no arguments", "now_of()", "(TIMESTAMP '2026-03-01 00:00:00')"},
		{"a table", "SELECT * FROM rows_of(d.day) r", "SELECT * FROM (WITH d AS (SELECT d.day AS one) SELECT one FROM d) r"},
		{"names beside dots are no parameters", "of_zone('UTC')", "(SELECT b.zone, 'UTC' FROM zone.places b WHERE b.zone = 'UTC' AND zone(1))"},
		{"a comment in an argument", "minus(a, -- not )\n b)", "(a - b)"},
		{"literals and comments", "'minus(a, b)' -- minus(a)\n/* minus( */ \"minus\"(a)", "'minus(a, b)' -- minus(a)\n/* minus( */ \"minus\"(a)"},
		{"of a schema", "main.minus(a), x . minus(b)", "main.minus(a), x . minus(b)"},
		{"a column", "minus, minus (a)", "minus, minus (a)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tokens, err := all.expand("r.sql", Tokens(c.text), nil)
			if got := join(tokens); err != nil || got != c.want {
				t.Errorf("got  %s\nwant %s\nerror %v", got, c.want, err)
			}
		})
	}
}

// A call that is wrong says of which file and line, and what is wanted.
func TestExpandRefuses(t *testing.T) {
	all := set(t, "minus(a, b)", "a - b", "joined(x, separator, keys…)", "f(x, separator, keys)", "again(a)", "1 + again(a)")
	for _, c := range []struct{ text, want string }{
		{"SELECT\nminus(a)", "r.sql:8: minus: it has 1 arguments, want minus(a, b)"},
		{"minus()", "r.sql:7: minus: it has 0 arguments, want minus(a, b)"},
		{"minus(a, b, c)", "it has 3 arguments"},
		{"joined(a, b)", "joined: it has 2 arguments, want joined(x, separator, keys…)"},
		{"minus(a,\n minus(b))", "r.sql:8: minus: it has 1 arguments"},
		{"minus(a, (b)", "minus: the bracket of its arguments is not closed"},
		{"again(1)", "again: the macro calls itself"},
	} {
		tokens := Tokens(c.text)
		for i := range tokens {
			tokens[i].Line += 6
		}
		if _, err := all.expand("r.sql", tokens, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\nerror %v\nwant  %s", c.text, err, c.want)
		}
	}
}

// The engines read the same statement with bodies and parameters of their own.
func TestExpandForAnEngine(t *testing.T) {
	text := Text{Path: "r.sql", SQL: "SELECT local_date($timezone, at), '$timezone', $date_to::DATE -- $x"}
	for engine, want := range map[Engine]string{
		DuckDB: "SELECT CAST(timezone($timezone, at) AS DATE), '$timezone', $date_to::DATE -- $x",
		Spark:  "SELECT CAST(from_utc_timestamp(at, na_timezone) AS DATE), '$timezone', na_date_to::DATE -- $x",
	} {
		if got, err := Expand(engine, text); err != nil || got != want {
			t.Errorf("%s: got %s, %v\nwant %s", engine, got, err, want)
		}
	}
	if _, err := Expand("sqlite", text); err == nil || !strings.Contains(err.Error(), `engine "sqlite": want duckdb or spark`) {
		t.Errorf("another engine: %v", err)
	}
	if _, err := Expand(DuckDB, Text{Path: "r.sql", Line: 9, SQL: "\nlocal_date(1)"}); err == nil || !strings.HasPrefix(err.Error(), "r.sql:10: local_date: ") {
		t.Errorf("the line of a part of a file: %v", err)
	}
}
