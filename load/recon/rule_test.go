package recon

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

const soundHeader = `-- rule: trial
-- severity: warning
-- title.en: Trial
-- title.zh: 试
-- compares.en: this with that
-- compares.zh: 此与彼
-- explain.en: {note}: {actual} of {expected}
-- explain.zh: {note}：{expected}之{actual}
`

// trial is a rule with the given additions to a sound header.
func trial(header, body string) sqlfiles.Text {
	return sqlfiles.Text{Name: "trial", Path: "checks/trial.sql", SQL: soundHeader + header + "\n" + body + "\n"}
}

func TestHeaderOfARule(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, new, want string }{
		{"sound", "", "", ""},
		{"another file's name", "rule: trial", "rule: other", `checks/trial.sql: rule "other" must have the file's name, trial`},
		{"unknown severity", "severity: warning", "severity: fatal", `severity "fatal": want one of error, warning, info`},
		{"unknown key", "-- severity", "-- owner: li\n-- severity", `checks/trial.sql:2: unknown header key "owner"`},
		{"no Chinese title", "-- title.zh: 试\n", "", `misses the key "title.zh"`},
		{"tolerance of five decimals", "-- severity", "-- tolerance: 0.00001\n-- severity", `tolerance "0.00001": want a number of at most four decimals`},
		{"tolerance that is SQL", "-- severity", "-- tolerance: 1 OR true\n-- severity", `tolerance "1 OR true"`},
		{"candidate of severity error", "severity: warning", "candidate: true\n-- severity: error", `a candidate rule must not have severity error`},
		{"neither true nor false", "-- severity", "-- candidate: maybe\n-- severity", `candidate "maybe": want true or false`},
		{"unknown scope", "-- severity", "-- scope: recent\n-- severity", `scope "recent": want orders or everything`},
		{"a sentence in one language", "-- explain.zh: {note}：{expected}之{actual}\n", "", `explain.: want it in both languages`},
		{"no sentence", soundHeader[strings.Index(soundHeader, "-- explain"):], "", `no sentence: add explain.en and explain.zh`},
		{"a third language", "-- severity", "-- explain.fr: x\n-- severity", `checks/trial.sql:2: key explain.fr: want it to end in .en or .zh`},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := trial("", "SELECT 1")
			if c.old != "" {
				text.SQL = strings.Replace(text.SQL, c.old, c.new, 1)
			}
			_, err := parseRule(text)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// values is a SELECT of rows: order_id, line_no, expected, actual, note.
func values(rows string) string {
	return "SELECT 's' AS source, 'a' AS account, o AS order_id, l AS line_no, DATE '2026-04-01' AS business_date, " +
		"e::DECIMAL(18,4) AS expected, a::DECIMAL(18,4) AS actual, 'CNY' AS currency, n AS note FROM (VALUES " + rows + ") v(o, l, e, a, n)"
}

// with is a SELECT of values with further columns.
func with(body, columns string) string {
	return strings.Replace(body, "n AS note", "n AS note, "+columns, 1)
}

const tips = "-- component.tip.en: the tip\n-- component.tip.zh: 小费\n-- component.fee.en: the fee\n-- component.fee.zh: 费用\n"

func runTrial(t *testing.T, db *sql.DB, text sqlfiles.Text) ([]string, error) {
	t.Helper()
	rule, err := parseRule(text)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback() // the next trial begins anew
	if _, err := check(context.Background(), tx, night(1), Options{}, []Rule{rule}); err != nil {
		return nil, err
	}
	return query(t, tx, breakColumns), nil
}

func TestReasons(t *testing.T) {
	t.Parallel()
	db := database(t)
	for _, c := range []struct{ name, header, body, want string }{
		{"agrees", "", values("('A', 1, 5, 5, 'x')"), ""},
		{"within the tolerance", "", values("('A', 1, 5, 5.01, 'x')"), ""},
		{"within, below", "", values("('A', 1, 5, 4.99, 'x')"), ""},
		{"just beyond", "", values("('A', 1, 5, 4.9899, 'x')"), "A | 1 | 5.0000 | 4.9899 | -0.0101 | CNY | amount | x: 4.9899 of 5.00."},
		{"no tolerance at all", "-- tolerance: 0\n", values("('A', 1, 5, 5.0001, 'x')"), "A | 1 | 5.0000 | 5.0001 | 0.0001 | CNY | rounding | x: 5.0001 of 5.00, at most 0.01 a line, as by rounding."},
		{"the right is missing", "", values("('A', 1, NULL, 5, 'x')"), "A | 1 | – | 5.0000 | 5.0000 | CNY | missing_right | x: 5.00 of –."},
		{"the left is missing", "", values("('A', 1, 5, NULL, 'x')"), "A | 1 | 5.0000 | – | -5.0000 | CNY | missing_left | x: – of 5.00."},
		{"both are missing", "", values("('A', 1, NULL, NULL, 'x')"), ""},
		{"both are missing, with a reason", "", strings.Replace(values("('A', 1, NULL, NULL, 'x')"), "'CNY' AS currency", "'CNY' AS currency, 'status' AS reason", 1), "A | 1 | – | – | 0.0000 | CNY | status | x: – of –."},
		{"a hundred times as much", "", values("('A', 1, 0.05, 5, 'x')"), "A | 1 | 0.0500 | 5.0000 | 4.9500 | CNY | unit_factor_100 | x: 5.00 of 0.05, a factor of exactly 100, as between yuan and fen."},
		{"a hundredth", "", values("('A', 1, 500, 5, 'x')"), "A | 1 | 500.0000 | 5.0000 | -495.0000 | CNY | unit_factor_100 | x: 5.00 of 500.00, a factor of exactly 100, as between yuan and fen."},
		{"zero is no hundredth", "", values("('A', 1, 500, 0, 'x')"), "A | 1 | 500.0000 | 0.0000 | -500.0000 | CNY | amount | x: 0.00 of 500.00."},
		{"a vendor's text with a brace and a quote", "", values("('A', 1, 1, 2, '{actual} ''x''')"), "A | 1 | 1.0000 | 2.0000 | 1.0000 | CNY | amount | {actual} 'x': 2.00 of 1.00."},
		{
			"a component", tips, with(values("('A', 1, 5, 7, 'x')"), "2::DECIMAL(18,4) AS tip, 3::DECIMAL(18,4) AS fee"),
			"A | 1 | 5.0000 | 7.0000 | 2.0000 | CNY | one_component | x: 7.00 of 5.00, which is the tip.",
		},
		{
			"two components of one amount", tips, with(values("('A', 1, 5, 7, 'x')"), "2::DECIMAL(18,4) AS tip, -2::DECIMAL(18,4) AS fee"),
			"A | 1 | 5.0000 | 7.0000 | 2.0000 | CNY | amount | x: 7.00 of 5.00.",
		},
		{
			"one component is not stated", tips, with(values("('A', 1, 5, 7, 'x')"), "2::DECIMAL(18,4) AS tip, NULL::DECIMAL(18,4) AS fee"),
			"A | 1 | 5.0000 | 7.0000 | 2.0000 | CNY | one_component | x: 7.00 of 5.00, which is the tip.",
		},
		{
			"the neighbouring day", "", with(values("('A', 1, 5, 7, 'x')"), "DATE '2026-04-02' AS cutoff_date"),
			"A | 1 | 5.0000 | 7.0000 | 2.0000 | CNY | cutoff | x: 7.00 of 5.00, the counterpart stands on 2026-04-02.",
		},
		{
			"missing, but for the neighbouring day", "", with(values("('A', 1, NULL, 7, 'x')"), "DATE '2026-04-02' AS cutoff_date"),
			"A | 1 | – | 7.0000 | 7.0000 | CNY | cutoff | x: 7.00 of –, the counterpart stands on 2026-04-02.",
		},
		{
			"a factor is surer than a day or a change", "", with(values("('A', 1, 5, 500, 'x')"), "DATE '2026-04-02' AS cutoff_date, now() AS changed_at"),
			"A | 1 | 5.0000 | 500.0000 | 495.0000 | CNY | unit_factor_100 | x: 500.00 of 5.00, a factor of exactly 100, as between yuan and fen.",
		},
		{
			"a late change", "", with(values("('A', 1, 5, 7, 'x')"), "TIMESTAMPTZ '2026-04-02 20:00:00Z' AS changed_at"),
			"A | 1 | 5.0000 | 7.0000 | 2.0000 | CNY | late_change | x: 7.00 of 5.00, after a change first seen on 2026-04-02 20:00; until then it agreed.",
		},
		{
			"a day is surer than a change", "", with(values("('A', 1, 5, 7, 'x')"), "DATE '2026-04-02' AS cutoff_date, now() AS changed_at"),
			"A | 1 | 5.0000 | 7.0000 | 2.0000 | CNY | cutoff | x: 7.00 of 5.00, the counterpart stands on 2026-04-02.",
		},
		{
			"what the check states comes first", "", with(values("('A', 1, NULL, 7, 'x')"), "DATE '2026-04-02' AS cutoff_date, 'duplicate' AS reason"),
			"A | 1 | – | 7.0000 | 7.0000 | CNY | duplicate | x: 7.00 of –.",
		},
		{"no text", "", values("('A', 1, 1, 2, NULL::VARCHAR)"), "A | 1 | 1.0000 | 2.0000 | 1.0000 | CNY | amount | –: 2.00 of 1.00."},
		{"a semicolon at the end", "", values("('A', 1, 1, 2, 'x')") + ";", "A | 1 | 1.0000 | 2.0000 | 1.0000 | CNY | amount | x: 2.00 of 1.00."},
		{
			"counts are written as counts", "",
			strings.NewReplacer("e::DECIMAL(18,4)", "e::BIGINT", "a::DECIMAL(18,4)", "a::BIGINT").Replace(values("('A', 1, 100, 220, 'x')")),
			"A | 1 | 100.0000 | 220.0000 | 120.0000 | CNY | amount | x: 220 of 100.",
		},
		{
			"one line number or none", "", values("('A', 1, 1, 2, 'x'), ('A', NULL, 1, 3, 'y')") + " WHERE l IS NULL",
			"A | – | 1.0000 | 3.0000 | 2.0000 | CNY | amount | y: 3.00 of 1.00.",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := runTrial(t, db, trial(c.header, c.body))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Join(got, "\n") != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// What a check's author gets wrong is said at once, with the file's name.
func TestMistakesOfACheck(t *testing.T) {
	t.Parallel()
	db := database(t)
	sound := values("('A', 1, 1, 2, 'x')")
	for _, c := range []struct{ name, header, body, want string }{
		{"missing column", "", strings.Replace(sound, " AS currency", " AS money", 1), "its SELECT has no column currency"},
		{"two rows for one key", "", values("('A', 1, 1, 2, 'x'), ('A', 1, 1, 3, 'x')"), "it gives two rows for one key, s a A 1"},
		{"a reason of its own", "", strings.Replace(sound, " AS note", " AS note, 'weather' AS reason", 1), `it gives the reason "weather"`},
		{"a severity of its own", "", with(sound, "'fatal' AS severity"), `it gives the severity "fatal": want one of error, warning, info`},
		{"a candidate's error", "-- candidate: true\n", with(sound, "'error' AS severity"), `it gives the severity "error": want one of warning, info`},
		{"unknown value in a sentence", "-- explain.odd.en: {nothing}\n-- explain.odd.zh: x\n", sound, "{nothing}: its SELECT has no such column"},
		{"an instant in a sentence", "-- explain.odd.en: {at}\n-- explain.odd.zh: x\n", strings.Replace(sound, " AS note", " AS note, now() AS at", 1), "{at}: a TIMESTAMP WITH TIME ZONE cannot stand in a sentence"},
		{"an open brace", "-- explain.odd.en: {note\n-- explain.odd.zh: x\n", sound, "a brace is not closed"},
		{"a sentence for a variant, no variant", "-- explain.odd.en: a\n-- explain.odd.zh: x\n", sound, "explain.odd: its SELECT has no column variant"},
		{"component without a column", "-- component.tip.en: the tip\n-- component.tip.zh: 小费\n", sound, "component.tip: its SELECT has no such column"},
		{"component that is no amount", "-- component.note.en: the note\n-- component.note.zh: 注\n", sound, "component.note: want an amount, DECIMAL, not VARCHAR"},
		{"no SQL", "", "SELECT FROM", "check trial (sql/checks/trial.sql)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := runTrial(t, db, trial(c.header, c.body))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "sql/checks/trial.sql") {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}
