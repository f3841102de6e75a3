package extracttest

import (
	"encoding/json"
	"strings"
	"testing"
)

// unreadableAmounts are texts, as JSON, that state an amount and are none in
// any encoding.
var unreadableAmounts = []string{
	`"1,389"`, `"\t13"`, `"13\t"`, `" 13"`, "\"`13`\"", `"１３"`, `"NaN"`, `"Infinity"`, `"¥13"`, `"13元"`, `"null"`, `"-"`, `"+13"`, `".5"`, `"1.2.3"`,
	`"99999999999999999999"`, `true`, `{"amount":13}`, `[13]`,
}

// Amount is an amount of a source's answers, for CheckUnreadable.
type Amount struct {
	Field  string // as findings name it
	Column string // of the finding: "orders.net_amount", with " #2" for a line
	// Null are the columns that must be empty, by table; those that follow from
	// the amount among them.
	Null map[string][]string
	// Decode decodes an answer in which the amount is the given JSON.
	Decode func(t testing.TB, amount string) *Night
	Also   []string // further texts, as JSON, that are none in this encoding
}

// CheckUnreadable fails the test unless every text that is no amount leaves the
// columns empty and one finding of an amount with its text.
func CheckUnreadable(t *testing.T, a Amount) {
	t.Helper()
	for _, text := range append(a.Also, unreadableAmounts...) {
		n := a.Decode(t, text)
		for table, columns := range a.Null {
			for _, row := range n.Tables[table] {
				for _, column := range columns {
					if v, ok := row[column]; ok {
						t.Errorf("%s stated as %s: %s.%s is %s, want null", a.Field, text, table, column, v)
					}
				}
			}
			if len(n.Tables[table]) == 0 {
				t.Errorf("%s stated as %s: no rows of %s", a.Field, text, table)
			}
		}
		raw := text
		if strings.HasPrefix(text, `"`) {
			if err := json.Unmarshal([]byte(text), &raw); err != nil {
				t.Fatal(err)
			}
		}
		var told []Issue
		for _, f := range n.Findings {
			if f.IsAmount {
				told = append(told, f)
			}
		}
		if len(told) != 1 || told[0].Field != a.Field || told[0].Raw != raw || told[0].Column != a.Column || len(n.Rejects) != 0 {
			t.Errorf("%s stated as %s: findings %+v, rejects %+v; want one of %s with the text", a.Field, text, n.Findings, n.Rejects, a.Column)
		}
	}
}
