package format

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/reportstest"
)

// The texts of both formats are written by hand from the contract: numbers
// with all their digits, instants RFC 3339 in UTC, dates yyyy-MM-dd.
func TestEveryTypeIsExact(t *testing.T) {
	db := reportstest.InMemory(t)
	for _, c := range []struct{ sql, csv, json string }{
		{`'{"amount":  1.10, "id": 9007199254740993, "n": 12345678901234567890.123456789}'::JSON`, `{"amount":  1.10, "id": 9007199254740993, "n": 12345678901234567890.123456789}`, `{"amount":1.10,"id":9007199254740993,"n":12345678901234567890.123456789}`},
		{`'{"b":1,"a":{"z":null,"y":"中"}}'::JSON`, `{"b":1,"a":{"z":null,"y":"中"}}`, `{"b":1,"a":{"z":null,"y":"中"}}`},
		{`'null'::JSON`, `null`, `null`},
		{`'"text"'::JSON`, `"text"`, `"text"`},
		{`'NaN'::JSON`, `NaN`, `"NaN"`}, // DuckDB takes it for JSON; it is none
		{`NULL::JSON`, ``, `null`},
		{`['{"x":1.10}'::JSON, NULL]`, `[{"x":1.10},null]`, `[{"x":1.10},null]`},
		{`{'j': '[1.10]'::JSON, 'm': 1.10::DECIMAL(5,2), 'at': TIMESTAMPTZ '2024-04-10 08:00:00.5+08', 'on': DATE '2024-04-10'}`, `{"j":[1.10],"m":1.10,"at":"2024-04-10T00:00:00.5Z","on":"2024-04-10"}`, `{"j":[1.10],"m":1.10,"at":"2024-04-10T00:00:00.5Z","on":"2024-04-10"}`},
		{`{'z': 1, 'a': 'x"y', 'n': NULL::INTEGER}`, `{"z":1,"a":"x\"y","n":null}`, `{"z":1,"a":"x\"y","n":null}`},
		{`row(1, 2.50::DECIMAL(4,2), '{"x":1.10}'::JSON)`, `[1,2.50,{"x":1.10}]`, `[1,2.50,{"x":1.10}]`},
		{`MAP {'k': 1.10::DECIMAL(5,2), 'j"': 0.01}`, `{"k":1.10,"j\"":0.01}`, `{"k":1.10,"j\"":0.01}`},
		{`MAP {DATE '2024-04-10': ['{"x":1.10}'::JSON]}`, `{"2024-04-10":[{"x":1.10}]}`, `{"2024-04-10":[{"x":1.10}]}`},
		{`MAP {[1, 2]: 1.10::DECIMAL(5,2)}`, `[{"key":[1,2],"value":1.10}]`, `[{"key":[1,2],"value":1.10}]`},
		{`union_value(amount := 1.10::DECIMAL(5,2))`, `{"amount":1.10}`, `{"amount":1.10}`},
		{`[[1.10::DECIMAL(5,2)], NULL, []]`, `[[1.10],null,[]]`, `[[1.10],null,[]]`},
		{`[1, 2]::INTEGER[2]`, `[1,2]`, `[1,2]`},
		{`{'a': 1.10::DECIMAL(5,2)}::VARIANT`, `{"a":1.10}`, `{"a":1.10}`},
		{`0.0001::DECIMAL(18,4)`, `0.0001`, `0.0001`},
		{`-12345678901234567890123456789012345.678::DECIMAL(38,3)`, `-12345678901234567890123456789012345.678`, `-12345678901234567890123456789012345.678`},
		{`170141183460469231731687303715884105727::HUGEINT`, `170141183460469231731687303715884105727`, `170141183460469231731687303715884105727`},
		{`18446744073709551615::UBIGINT`, `18446744073709551615`, `18446744073709551615`},
		{`0.1::DOUBLE`, `0.1`, `0.1`},
		{`0.1::FLOAT`, `0.1`, `0.1`},
		{`'NaN'::DOUBLE`, `NaN`, `null`},
		{`'3f333df6-90a4-4fda-8dd3-9485d27cee36'::UUID`, `3f333df6-90a4-4fda-8dd3-9485d27cee36`, `"3f333df6-90a4-4fda-8dd3-9485d27cee36"`},
		{`['3f333df6-90a4-4fda-8dd3-9485d27cee36'::UUID]`, `["3f333df6-90a4-4fda-8dd3-9485d27cee36"]`, `["3f333df6-90a4-4fda-8dd3-9485d27cee36"]`},
		{`'\x00\xFFa'::BLOB`, `00ff61`, `"00ff61"`},
		{`'10100'::BIT`, `10100`, `"10100"`},
		{`'b'::ENUM('a', 'b')`, `b`, `"b"`},
		{`INTERVAL '14 months 3 days 04:05:06.789'`, `1 year 2 months 3 days 04:05:06.789`, `"1 year 2 months 3 days 04:05:06.789"`},
		{`INTERVAL '-1 day -00:00:01'`, `'-1 day -00:00:01`, `"-1 day -00:00:01"`}, // guarded in csv
		{`INTERVAL '0 days'`, `00:00:00`, `"00:00:00"`},
		{`TIME '10:11:12.5'`, `10:11:12.5`, `"10:11:12.5"`},
		{`'10:11:12+08'::TIMETZ`, `10:11:12+08:00`, `"10:11:12+08:00"`},
		{`'10:11:12.123456789'::TIME_NS`, `10:11:12.123456789`, `"10:11:12.123456789"`},
		{`TIMESTAMP_NS '2024-04-10 08:00:00.123456789'`, `2024-04-10T08:00:00.123456789`, `"2024-04-10T08:00:00.123456789"`},
		{`TIMESTAMPTZ '2024-04-10 08:00:00.123456+08'`, `2024-04-10T00:00:00.123456Z`, `"2024-04-10T00:00:00.123456Z"`},
		{`'infinity'::TIMESTAMPTZ`, `infinity`, `"infinity"`},
		{`'-infinity'::DATE`, `'-infinity`, `"-infinity"`},
		{`NULL`, ``, `null`},
	} {
		// The column's name is no matter here, and a second column shows that a
		// whole row arrives.
		query := "SELECT " + c.sql + " AS v, 1 AS one -- a comment"
		if got := formatted(t, db, "csv", query); got != "v,one\n"+csvCell(c.csv)+",1\n" {
			t.Errorf("%s in csv: %s", c.sql, got)
		}
		if got := formatted(t, db, "jsonl", query); got != `{"v":`+c.json+`,"one":1}`+"\n" {
			t.Errorf("%s in json: %s", c.sql, got)
		}
	}
}

func csvCell(text string) string {
	if strings.ContainsAny(text, `",`) {
		return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}

// What has parts keeps them in Parquet: DuckDB reads the same values of the
// same types back.
func TestParquetKeepsParts(t *testing.T) {
	db := reportstest.InMemory(t)
	const query = `SELECT {'m': 1.10::DECIMAL(18,4), 'at': TIMESTAMPTZ '2024-04-10 08:00:00.25+08', 'tags': ['a', NULL]} AS s,
		[{'d': DATE '2024-04-10'}, NULL] AS l, MAP {'k': 12345678901234567890::HUGEINT} AS m,
		TIMESTAMP_NS '2024-04-10 08:00:00.123456789' AS ns, '{"x": 1.10}'::JSON AS j
		UNION ALL SELECT NULL, NULL, NULL, NULL, NULL`
	path := filepath.Join(t.TempDir(), "x.parquet")
	reportstest.Write(t, path, formatted(t, db, "parquet", query))
	read := "SELECT * FROM read_parquet('" + path + "') ORDER BY ns NULLS LAST"
	const want = `{"s":{"m":1.1000,"at":"2024-04-10T00:00:00.25Z","tags":["a",null]},"l":[{"d":"2024-04-10"},null],"m":{"k":12345678901234567890},"ns":"2024-04-10T08:00:00.123456789","j":"{\"x\": 1.10}"}
{"s":null,"l":null,"m":null,"ns":null,"j":null}
`
	if got := formatted(t, db, "jsonl", read); got != want {
		t.Errorf("read back\n%s\nwant\n%s", got, want)
	}
	types := formatted(t, db, "csv", "SELECT column_type FROM (DESCRIBE "+read+")")
	if want := "column_type\n" + `"STRUCT(m DECIMAL(18,4), ""at"" TIMESTAMP WITH TIME ZONE, tags VARCHAR[])"` + "\nSTRUCT(d DATE)[]\n" + `"MAP(VARCHAR, DECIMAL(38,0))"` + "\nTIMESTAMP_NS\nVARCHAR\n"; types != want {
		t.Errorf("types\n%s\nwant\n%s", types, want)
	}
	// 39 digits do not fit into a decimal of Parquet.
	err := writeTo(t, io.Discard, db, "parquet", "SELECT 100000000000000000000000000000000000000::HUGEINT AS n", 0)
	if err == nil || !strings.Contains(err.Error(), "column n: 100000000000000000000000000000000000000 has more than the 38 digits of a decimal in Parquet: cast the column to VARCHAR") {
		t.Error(err)
	}
}
