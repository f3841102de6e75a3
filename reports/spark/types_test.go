package spark

import (
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"google.golang.org/grpc"

	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/spark/wire"
)

// Each type of Spark, as its Arrow field and rows come, is the type that DuckDB has, and
// its values are written with every digit.
func TestTypes(t *testing.T) {
	micros := func(zone string) arrow.DataType {
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: zone}
	}
	for _, c := range []struct {
		name  string
		typ   arrow.DataType
		rows  string
		kind  any
		texts []string
	}{
		{"text", arrow.BinaryTypes.String, `"it's \"x\" 二"`, result.KindText, []string{`it's "x" 二`}},
		{"large text", arrow.BinaryTypes.LargeString, `"a"`, result.KindText, []string{"a"}},
		{"flag", arrow.FixedWidthTypes.Boolean, `true`, result.KindFlag, []string{"true"}},
		{"whole numbers", arrow.PrimitiveTypes.Int64, `9223372036854775807`, result.KindInteger, []string{"9223372036854775807"}},
		{"short ones", arrow.PrimitiveTypes.Int32, `-7`, result.KindInteger, []string{"-7"}},
		{"amounts", &arrow.Decimal128Type{Precision: 18, Scale: 4}, `"7.65", "-0.0001"`, result.KindDecimal, []string{"7.6500", "-0.0001"}},
		{"beyond 64 bits", &arrow.Decimal128Type{Precision: 38, Scale: 4}, `"-1234567890123456789012345678901234.5678"`, result.KindDecimal, []string{"-1234567890123456789012345678901234.5678"}},
		{"a day", arrow.FixedWidthTypes.Date32, `"2026-03-09", "0001-01-01", "9999-12-31"`, result.KindDate, []string{"2026-03-09", "0001-01-01", "9999-12-31"}},
		{"an instant", micros("UTC"), `"2026-03-09 23:59:59.123456Z", "1969-12-31 23:59:59Z"`, result.KindInstant, []string{"2026-03-09T23:59:59.123456Z", "1969-12-31T23:59:59Z"}},
		{"a wall clock", micros(""), `"2026-03-09 23:59:59.5"`, result.KindLocal, []string{"2026-03-09T23:59:59.5"}},
		{"a list", arrow.ListOf(arrow.BinaryTypes.String), `["a", null], []`, result.KindList, []string{`["a",null]`, "[]"}},
		{
			"a record", arrow.StructOf(arrow.Field{Name: "n", Type: arrow.PrimitiveTypes.Int64}, arrow.Field{Name: "m x", Type: &arrow.Decimal128Type{Precision: 18, Scale: 4}, Nullable: true}),
			`{"n": 1, "m x": "2.5"}`, result.KindStruct,
			[]string{`{"n":1,"m x":2.5000}`},
		},
	} {
		schema := arrow.NewSchema([]arrow.Field{{Name: "v", Type: c.typ, Nullable: true}}, nil)
		var rows []string
		for _, v := range splitValues(c.rows) {
			rows = append(rows, `{"v": `+v+`}`)
		}
		rows = append(rows, `{"v": null}`)
		s := &scripted{answer: func(_ string, out grpc.ServerStreamingServer[wire.ExecutePlanResponse]) error {
			return out.Send(batchOf(schema, record(schema, "["+strings.Join(rows, ",")+"]")))
		}}
		r, err := s.connect(t).Query(t.Context(), "SELECT v")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if any(r.Columns[0].Kind) != c.kind {
			t.Errorf("%s: kind %v, want %v", c.name, r.Columns[0].Kind, c.kind)
		}
		got, err := lines(r)
		if want := slices.Concat([]string{"v"}, c.texts, []string{"NULL"}); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", c.name, got, err, want)
		}
	}
}

// splitValues takes JSON values apart at commas that stand in no bracket and no text.
func splitValues(text string) (all []string) {
	depth, quoted, from := 0, false, 0
	for i, r := range text {
		switch {
		case r == '"' && (i == 0 || text[i-1] != '\\'):
			quoted = !quoted
		case quoted:
		case r == '[' || r == '{':
			depth++
		case r == ']' || r == '}':
			depth--
		case r == ',' && depth == 0:
			all, from = append(all, text[from:i]), i+1
		}
	}
	return append(all, text[from:])
}

// A type that has no counterpart is refused by its column's name: no value is guessed.
func TestTypesThatAreNotRead(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "lasted", Type: arrow.FixedWidthTypes.Duration_us}}, nil)
	s := &scripted{answer: func(_ string, out grpc.ServerStreamingServer[wire.ExecutePlanResponse]) error {
		return out.Send(batchOf(schema))
	}}
	_, err := s.connect(t).Query(t.Context(), "SELECT lasted")
	if err == nil || !strings.Contains(err.Error(), "column lasted") {
		t.Errorf("%v", err)
	}
}

// What a real server answers, typed by it, is what is written here: among it what is
// easily lost, as digits of a decimal and microseconds.
func TestTypesOfServer(t *testing.T) {
	c := server(t)
	defer c.Close()
	rows, err := c.Query(t.Context(), `SELECT
		CAST('-1234567890123456789012345678901234.5678' AS DECIMAL(38,4)) AS wide,
		CAST(7.65 AS DECIMAL(18,4)) AS amount,
		TIMESTAMP '2026-03-09 07:59:59.123456+08:00' AS at,
		TIMESTAMP_NTZ '2026-03-09 07:59:59' AS clock,
		DATE '2026-03-09' AS day,
		CAST(9223372036854775807 AS BIGINT) AS n, true AS flag, 'it\'s \"x\"' AS text,
		array('a', NULL) AS list, CAST(NULL AS DECIMAL(18,4)) AS none, NULL AS void`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	got, err := lines(rows)
	want := []string{
		"wide | amount | at | clock | day | n | flag | text | list | none | void",
		`-1234567890123456789012345678901234.5678 | 7.6500 | 2026-03-08T23:59:59.123456Z | 2026-03-09T07:59:59 | 2026-03-09 | 9223372036854775807 | true | it's "x" | ["a",null] | NULL | NULL`,
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v,\nwant %q", got, err, want)
	}
}
