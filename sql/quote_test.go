package sql_test

import (
	"testing"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

func TestQuoting(t *testing.T) {
	for _, c := range []struct{ text, literal, identifier string }{
		{"", "''", `""`},
		{"orders", "'orders'", `"orders"`},
		{"O'Hara", "'O''Hara'", `"O'Hara"`},
		{`a "b" c`, `'a "b" c'`, `"a ""b"" c"`},
		{"'; DROP TABLE orders; --", "'''; DROP TABLE orders; --'", `"'; DROP TABLE orders; --"`},
		{`C:\new`, `'C:\new'`, `"C:\new"`}, // a backslash means nothing in SQL
		{"湖滨店", "'湖滨店'", `"湖滨店"`},
	} {
		if got := sqlfiles.Literal(c.text); got != c.literal {
			t.Errorf("Literal(%q) = %s, want %s", c.text, got, c.literal)
		}
		if got := sqlfiles.Identifier(c.text); got != c.identifier {
			t.Errorf("Identifier(%q) = %s, want %s", c.text, got, c.identifier)
		}
	}
}
