package reports

import "testing"

// The texts are those that DESCRIBE gives for such columns; casts are worked
// out by hand.
func TestTypeOf(t *testing.T) {
	for _, c := range []struct {
		text string
		kind kind
		cast string // "" where the driver reads the type as it is
	}{
		{"DECIMAL(18,4)", kindDecimal, ""},
		{"TIMESTAMP WITH TIME ZONE", kindInstant, ""},
		{"TIME WITH TIME ZONE", kindTimeZoned, ""},
		{"TIMESTAMP_NS", kindLocalNano, ""},
		{"ENUM('it''s', 'a)b, c')", kindText, ""},
		{"ENUM", kindText, ""},
		{"SOMETHING NEW(1)", kindText, ""},
		{"JSON", kindJSON, "::VARCHAR"},
		{"VARIANT", kindJSON, "::JSON::VARCHAR"},
		{"TIME_NS", kindText, "::VARCHAR"},
		{"JSON[][3]", kindList, "::VARCHAR[][3]"},
		{`STRUCT(a DECIMAL(5,2), "b ""c" TIMESTAMP WITH TIME ZONE[])`, kindStruct, ""},
		{`STRUCT("a b" MAP(VARCHAR, JSON), e ENUM('x'))`, kindStruct, `::STRUCT("a b" MAP(VARCHAR, VARCHAR), "e" VARCHAR)`},
		{"STRUCT(INTEGER, TIMESTAMP WITH TIME ZONE)", kindStruct, `::STRUCT("f1" INTEGER, "f2" TIMESTAMP WITH TIME ZONE)`},
		{"UNION(n INTEGER, j JSON)", kindUnion, `::UNION("n" INTEGER, "j" VARCHAR)`},
		{"STRUCT(v VARIANT, j JSON)", kindStruct, `::STRUCT("v" JSON, "j" JSON)::STRUCT("v" VARCHAR, "j" VARCHAR)`},
		{"MAP(VARCHAR, DECIMAL(5,2))", kindMap, ""},
		{"MAP(INTEGER[], INTEGER)", kindMap, "::VARIANT::JSON::VARCHAR"},
	} {
		got := typeOf(c.text)
		cast := ""
		for _, to := range got.delivery() {
			cast += "::" + to
		}
		if got.Kind != c.kind || cast != c.cast {
			t.Errorf("%s: kind %d, cast %s; want %d, %s", c.text, got.Kind, cast, c.kind, c.cast)
		}
	}
}
