package result

import "testing"

// The texts are those that DESCRIBE gives for such columns; casts are worked
// out by hand.
func TestTypeOf(t *testing.T) {
	for _, c := range []struct {
		text string
		kind kind
		cast string // "" where the driver reads the type as it is
	}{
		{"DECIMAL(18,4)", KindDecimal, ""},
		{"TIMESTAMP WITH TIME ZONE", KindInstant, ""},
		{"TIME WITH TIME ZONE", kindTimeZoned, ""},
		{"TIMESTAMP_NS", KindLocalNano, ""},
		{"ENUM('it''s', 'a)b, c')", KindText, ""},
		{"ENUM", KindText, ""},
		{"SOMETHING NEW(1)", KindText, ""},
		{"JSON", KindJSON, "::VARCHAR"},
		{"VARIANT", KindJSON, "::JSON::VARCHAR"},
		{"TIME_NS", KindText, "::VARCHAR"},
		{"JSON[][3]", KindList, "::VARCHAR[][3]"},
		{`STRUCT(a DECIMAL(5,2), "b ""c" TIMESTAMP WITH TIME ZONE[])`, KindStruct, ""},
		{`STRUCT("a b" MAP(VARCHAR, JSON), e ENUM('x'))`, KindStruct, `::STRUCT("a b" MAP(VARCHAR, VARCHAR), "e" VARCHAR)`},
		{"STRUCT(INTEGER, TIMESTAMP WITH TIME ZONE)", KindStruct, `::STRUCT("f1" INTEGER, "f2" TIMESTAMP WITH TIME ZONE)`},
		{"UNION(n INTEGER, j JSON)", kindUnion, `::UNION("n" INTEGER, "j" VARCHAR)`},
		{"STRUCT(v VARIANT, j JSON)", KindStruct, `::STRUCT("v" JSON, "j" JSON)::STRUCT("v" VARCHAR, "j" VARCHAR)`},
		{"MAP(VARCHAR, DECIMAL(5,2))", KindMap, ""},
		{"MAP(INTEGER[], INTEGER)", KindMap, "::VARIANT::JSON::VARCHAR"},
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
