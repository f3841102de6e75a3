package sql

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every report and check, what they call, and every way of matching is in the SQL that all engines read.
func TestStatementsAreInTheSubset(t *testing.T) {
	all, err := macros(DuckDB)
	if err != nil {
		t.Fatal(err)
	}
	views := ofDuckDB(t)
	for folder, atLeast := range map[string]int{Reports: 20, Checks: 20, Recon + "/links": 3, Recon + "/rooms": 2, Engines + "/common": 20} {
		texts, err := Files(folder)
		if err != nil {
			t.Fatal(err)
		}
		if len(texts) < atLeast {
			t.Fatalf("%d files in %s", len(texts), folder)
		}
		for _, text := range texts {
			for _, f := range lint(text, all, views) {
				t.Error(f)
			}
		}
	}
}

// ofDuckDB are the views and macros that the program makes in DuckDB, by schema and
// name.
func ofDuckDB(t *testing.T) []string {
	t.Helper()
	texts, err := Files(Views)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, text := range texts {
		for _, found := range regexp.MustCompile(`CREATE OR REPLACE (?:VIEW|MACRO) (\w+\.\w+)`).FindAllStringSubmatch(text.SQL, -1) {
			names = append(names, found[1])
		}
	}
	if !slices.Contains(names, "main.classified_orders") || !slices.Contains(names, "recon.break_id") {
		t.Fatalf("views and macros: %v", names)
	}
	return names
}

// What is outside of the subset is refused with its line and what to write; what is in
// it is not.
func TestLint(t *testing.T) {
	all := set(t, "ordered_text(x, separator, keys…)", "string_agg(x, separator ORDER BY keys)", "local_date(zone, instant)", "CAST(timezone(zone, instant) AS DATE)")
	for _, c := range []struct{ text, want string }{
		{"SELECT 1,\n a::VARCHAR", "r.sql:2: VARCHAR: write STRING"},
		{"CAST(a AS VARCHAR)", "VARCHAR: write STRING"},
		{"count(*) FILTER (a = 1)", "FILTER (: write FILTER (WHERE …)"},
		{"max(a) FILTER (WHERE b) OVER (PARTITION BY c)", "FILTER … OVER: write CASE"},
		{"SELECT * FROM t QUALIFY row_number() OVER w = 1", "QUALIFY: write a subquery"},
		{"SELECT c.* EXCLUDE (a) FROM c", "EXCLUDE: write the columns"},
		{"SELECT * REPLACE (1 AS a) FROM c", "* REPLACE: write the columns"},
		{"SELECT * EXCEPT (a) FROM c", "* EXCEPT: write the columns"},
		{"SELECT 1 UNION ALL BY NAME SELECT 2", "BY NAME: write the columns in one order"},
		{"SELECT DISTINCT ON (a) b FROM c", "DISTINCT ON: write a subquery"},
		{"string_agg(a, ', ' ORDER BY a NULLS LAST)", "string_agg: write ordered_text"},
		{"strftime(a, '%Y')", "strftime: write second_text"},
		{"timezone($timezone, a)", "timezone: write local_date"},
		{"unnest(generate_series(a, b))", "generate_series: write dates"},
		{"any_value(a)", "any_value: write min(…)"},
		{"arg_min(a, b)", "arg_min: write first_by"},
		{"max_by(a, b)", "max_by: write last_by"},
		{"first(a)", "first: write first_by"},
		{"list_filter(a, lambda x: x > 1)", "lambda: write CASE for each"},
		{"{a: 1}", "{: write columns"},
		{"a[1]", "[: write columns"},
		{"EXISTS (FROM t WHERE a)", "FROM without SELECT: write SELECT 1 FROM"},
		{"FROM t", "FROM without SELECT"},
		{"SELECT 1 UNION ALL FROM t", "FROM without SELECT"},
		{"SELECT 'it''s'", "'it''s': write a literal without quotes"},
		{`SELECT 'a\b'`, `'a\b': write a literal without quotes and backslashes`},
		{`SELECT "a b"`, `"a b": write a name that needs no quotes`},
		{"net_amount / 2", "/: write whole_part(n, d)"},
		{"a // 2", "//: write whole_part(n, d)"},
		{"avg(net_amount)", "avg: write sum and count"},
		{"sign(net_amount)", "sign: write CASE"},
		{"round(net_amount, 2)", "round: write the amounts as they are"},
		{"1e3", "1e3: write a decimal"},
		{"a::DOUBLE", "DOUBLE: write DECIMAL"},
		{"SELECT a FROM t ORDER BY a", "ORDER BY a: write NULLS LAST or NULLS FIRST"},
		{"SELECT a FROM t ORDER BY a NULLS LAST, lower_bound", "ORDER BY lower_bound: write NULLS LAST"},
		{"sum(a) OVER (ORDER BY b ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)", "ORDER BY b: write NULLS LAST"},
		{"ordered_text(a, ', ', b)", "ORDER BY b: write NULLS LAST"},
		{"SELECT a FROM t ORDER BY ALL", "ORDER BY ALL: write the columns"},
		{"regexp_replace(a, 'b', '')", "regexp_replace: write a macro"},
		{"a > '-infinity'", "'-infinity': write forever() or before_all()"},
		{"NULL::TIMESTAMPTZ", "TIMESTAMPTZ: write an instant as it is"},
		{"concat(a, b)", "concat: write || or concat_ws"},
		{"trim(a)", "trim: write trimmed(x)"},
		{"lower(a)", "lower: write the text as it is"},
		{"facts ->> '$.flow'", "->>: write json_field"},
		{"(a, b) IN (SELECT (a, b) FROM t)", "SELECT (a, b): write SELECT a, b"},
		{"CROSS JOIN LATERAL (VALUES (1)) t(a)", "LATERAL (VALUES: write LATERAL (SELECT"},
		{"WITH a AS NOT MATERIALIZED (SELECT 1)", "MATERIALIZED: write WITH name AS"},
		{"$date_to::DATE - o.business_date", "date - date: write days_between"},
		{"business_date - $date_to::DATE", "date - date: write days_between"},
		{"a - local_date('UTC', b)", "date - date: write days_between"},
		{"SELECT * FROM main.classified_orders", "main.classified_orders: write a macro of engines"},
		{"recon.break_mark(a)", "recon.break_mark: write a macro of engines"},
		{"bit_count(a)", "bit_count(…): write a function that both engines have been shown"},

		{"SELECT a::STRING, count(*) FILTER (WHERE b) FROM main.orders o ORDER BY a NULLS FIRST, b DESC, CASE a WHEN 'x' THEN 1 ELSE 2 END LIMIT 1", ""},
		{"WITH rows_of(a, b) AS (VALUES (1, 'first')) SELECT $date_to::DATE - 7, r.first FROM (VALUES (1)) t(a) WHERE a IS DISTINCT FROM 1", ""},
		{"sum(-amount - 1) OVER (PARTITION BY a ORDER BY b DESC) -- strftime(a) / 2\n", ""},
		{"ordered_text(a, ', ', b NULLS LAST, c DESC), chr(39), (SELECT max(a) FROM t), 'VARCHAR'", ""},
	} {
		found := lint(Text{Path: "r.sql", SQL: c.text}, all, []string{"main.classified_orders", "recon.break_mark"})
		if c.want == "" && len(found) > 0 || c.want != "" && !strings.Contains(strings.Join(found, "\n"), c.want) {
			t.Errorf("%s\ngot  %s\nwant %s", c.text, strings.Join(found, "\n     "), c.want)
		}
	}
}

// A macro has one signature and says the same of itself in every engine, and no engine
// lacks it.
func TestMacrosAreTheSameForEveryEngine(t *testing.T) {
	duckdb, err := macros(DuckDB)
	if err != nil {
		t.Fatal(err)
	}
	spark, err := macros(Spark)
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range duckdb {
		if other := spark[name]; other.Signature != m.Signature || other.Gives != m.Gives {
			t.Errorf("%s: DuckDB has %s, which gives %s;\nSpark has %s, which gives %s", name, m.Signature, m.Gives, other.Signature, other.Gives)
		}
	}
	if len(duckdb) != len(spark) {
		t.Errorf("%d macros of DuckDB, %d of Spark", len(duckdb), len(spark))
	}
}

// Every macro is called, by a statement, a view or another macro.
func TestEveryMacroIsCalled(t *testing.T) {
	all, err := macros(DuckDB)
	if err != nil {
		t.Fatal(err)
	}
	called := map[string]bool{}
	for _, folder := range []string{Reports, Checks, Views, Recon, Recon + "/links", Recon + "/rooms", Engines + "/common", Engines + "/duckdb"} {
		texts, err := Files(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			tokens := Tokens(text.SQL)
			for i := range tokens {
				if isCall(tokens, i) {
					called[tokens[i].Text] = true
				}
			}
		}
	}
	for name := range all {
		if !called[name] {
			t.Errorf("nobody calls %s", name)
		}
	}
}

// No macro has the name of a function of DuckDB: people's reports, in which macros are
// read too, go on calling the function.
func TestMacrosAreNoFunctions(t *testing.T) {
	rows, err := migrated(t).Query("SELECT DISTINCT function_name FROM duckdb_functions() WHERE internal")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var functions []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		functions = append(functions, name)
	}
	if err := rows.Err(); err != nil || !slices.Contains(functions, "strftime") {
		t.Fatalf("%d functions, %v", len(functions), err)
	}
	all, err := macros(DuckDB)
	if err != nil {
		t.Fatal(err)
	}
	for name := range all {
		if slices.Contains(functions, name) {
			t.Errorf("%s is a function of DuckDB: give the macro another name", name)
		}
	}
}
