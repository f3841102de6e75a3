package sql

import (
	"strings"
	"testing"
)

var reportSpec = Spec{
	Required: []string{"name", "title.en"},
	Optional: []string{"layout"},
	Prefixes: []string{"param."},
}

func TestParseFile(t *testing.T) {
	f, err := ParseFile("a.sql", strings.Join([]string{
		"-- name: revenue",
		"-- title.en: Revenue by day:",
		"--    all accounts",
		"--",
		"-- param.date_to: date = last",
		"-- param.date_from: date",
		"",
		"-- a comment of the statement",
		"SELECT 1;",
		"",
	}, "\n"), reportSpec)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Keys["title.en"]; got != "Revenue by day: all accounts" {
		t.Errorf("title.en = %q", got)
	}
	if f.Body != "-- a comment of the statement\nSELECT 1;" || f.Line != 8 {
		t.Errorf("body %q at line %d", f.Body, f.Line)
	}
	params := f.Prefixed("param.")
	want := []Header{{"date_to", "date = last", 5}, {"date_from", "date", 6}}
	if len(params) != 2 || params[0] != want[0] || params[1] != want[1] {
		t.Errorf("params = %v, want %v", params, want)
	}
}

func TestParseFileIsStrict(t *testing.T) {
	const good = "-- name: x\n-- title.en: X\n"
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", good + "-- titel.zh: X\nSELECT 1", `a.sql:3: unknown header key "titel.zh"; known are name, title.en, layout, param.…`},
		{"a bare prefix is no key", good + "-- param.: date\nSELECT 1", `a.sql:3: unknown header key "param."`},
		{"duplicate key", good + "-- name: y\nSELECT 1", `a.sql:3: header key "name" is given twice`},
		{"missing key", "-- name: x\nSELECT 1", `a.sql:1: the header misses the key "title.en"`},
		{"key without value", good + "-- layout:\nSELECT 1", `a.sql:3: header key "layout" has no value`},
		{"prose in the header", good + "-- this is prose\nSELECT 1", `a.sql:3: not a header line of the form "-- key: value": "this is prose"`},
		{"prose with a colon", good + "-- mind this: prose\nSELECT 1", `a.sql:3: not a header line`},
		{"continued nothing", "--    more\n" + good, `a.sql:1: a continued line without a key before it`},
		{"no statement", good + "\n \n", `a.sql: no statement after the header`},
		{"no header", "SELECT 1", `a.sql:1: the header misses the key "name"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseFile("a.sql", c.text, reportSpec)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("error %v\n want %s", err, c.want)
			}
		})
	}
}

func TestParseFileWithWindowsLineEnds(t *testing.T) {
	f, err := ParseFile("a.sql", "\ufeff-- name: x\r\n-- title.en: X\r\n\r\nSELECT 1\r\n", reportSpec)
	if err != nil {
		t.Fatal(err)
	}
	if f.Keys["name"] != "x" || f.Body != "SELECT 1" || f.Line != 4 {
		t.Errorf("got %+v", f)
	}
}
