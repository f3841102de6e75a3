package cases

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/trace"
)

// rowsOf reads rows as they stand in a case.
func rowsOf(t *testing.T, texts ...string) (rows []trace.Row) {
	t.Helper()
	for _, text := range texts {
		var row trace.Row
		if err := json.Unmarshal([]byte(text), &row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

// Every row that only one of two outcomes has is told, as often as it is there.
func TestDifferences(t *testing.T) {
	for _, c := range []struct {
		what      string
		want, got []string
		found     []string
	}{
		{"the same in another order", []string{`{"a":1}`, `{"a":2}`}, []string{`{"a":2}`, `{"a":1}`}, nil},
		{"another value", []string{`{"a":1}`}, []string{`{"a":1.0}`}, []string{`t: missing: {"a":1}`, `t: not expected: {"a":1.0}`}},
		{"one of two that are the same", []string{`{"a":1}`, `{"a":1}`}, []string{`{"a":1}`}, []string{`t: missing: {"a":1}`}},
		{"one too many", []string{`{"a":1}`}, []string{`{"a":1}`, `{"a":1}`}, []string{`t: not expected: {"a":1}`}},
		{"a column that is not looked at", []string{`{"a":1}`}, []string{`{"b":2,"a":1}`}, nil},
		{"a whole table", nil, []string{`{"a":1}`}, []string{`t: not expected: {"a":1}`}},
		{"null and an empty text", []string{`{"a":null}`}, []string{`{"a":""}`}, []string{`t: missing: {"a":null}`, `t: not expected: {"a":""}`}},
	} {
		t.Run(c.what, func(t *testing.T) {
			want, got := Outcome{}, Outcome{}
			if c.want != nil {
				want["t"] = rowsOf(t, c.want...)
			}
			if c.got != nil {
				got["t"] = rowsOf(t, c.got...)
			}
			if found := Differences(want, got); !slices.Equal(found, c.found) {
				t.Errorf("found %q, want %q", found, c.found)
			}
		})
	}
}
