package format

import (
	"bytes"
	"database/sql"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/result"
)

// everything has one column of each type that the database or a query can
// give, and null in every one.
const everything = `
SELECT * FROM (VALUES
    (1::BIGINT, 12345678901234.5678::DECIMAL(18,4), -0.5::DECIMAL(18,4), 122.2222::DECIMAL(18,6),
     TIMESTAMPTZ '2024-04-10 16:00:00.25+08', DATE '2024-04-10', true, '=1+1', 'a"b,c' || chr(10) || '中文',
     123456789012345678901::HUGEINT, TIMESTAMP '2024-04-10 08:00:00', '{"a": 1.5}'::JSON, [1.10::DECIMAL(5,2)],
     0.1::DOUBLE, '00000000-0000-0000-0000-00000000000f'::UUID),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
) t(n, money, small, rate, instant, day, flag, formula, text, wide, local, json, list, double, uuid)
ORDER BY n NULLS LAST`

func TestWriteText(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, test := range []struct{ format, want string }{
		{"csv", "n,money,small,rate,instant,day,flag,formula,text,wide,local,json,list,double,uuid\n" +
			`1,12345678901234.5678,-0.5000,122.222200,2024-04-10T08:00:00.25Z,2024-04-10,true,'=1+1,"a""b,c` + "\n" + `中文",123456789012345678901,2024-04-10T08:00:00,"{""a"": 1.5}",[1.10],0.1,00000000-0000-0000-0000-00000000000f` + "\n" +
			",,,,,,,,,,,,,,\n"},
		{"json", "[\n" +
			`{"n":1,"money":12345678901234.5678,"small":-0.5000,"rate":122.222200,"instant":"2024-04-10T08:00:00.25Z","day":"2024-04-10","flag":true,"formula":"=1+1","text":"a\"b,c\n中文","wide":123456789012345678901,"local":"2024-04-10T08:00:00","json":{"a":1.5},"list":[1.10],"double":0.1,"uuid":"00000000-0000-0000-0000-00000000000f"}` + ",\n" +
			`{"n":null,"money":null,"small":null,"rate":null,"instant":null,"day":null,"flag":null,"formula":null,"text":null,"wide":null,"local":null,"json":null,"list":null,"double":null,"uuid":null}` + "\n]\n"},
	} {
		if got := formatted(t, db, test.format, everything); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.format, got, test.want)
		}
	}
	for _, test := range []struct{ format, query, want string }{
		{"json", "SELECT 1 AS a WHERE false", "[\n\n]\n"},
		{"jsonl", "SELECT 1 AS a WHERE false", ""},
		{"jsonl", "SELECT unnest([1, 2]) AS a ORDER BY a", "{\"a\":1}\n{\"a\":2}\n"},
		{"json", "SELECT 1 AS a, 2 AS a", "[\n{\"a\":1,\"a_2\":2}\n]\n"},
		{
			"csv", "SELECT '-5' AS t, -5 AS n, -5.00::DECIMAL(9,2) AS d, '@x' AS a, '+1' AS p, chr(9) || 'x' AS tab, chr(13) AS cr, '5' AS plain",
			"t,n,d,a,p,tab,cr,plain\n'-5,-5,-5.00,'@x,'+1,'\tx,\"'\r\",5\n",
		},
		{"markdown", "SELECT 'a' || chr(10) || '|b' AS x, 10.0000::DECIMAL(18,4) AS y", "| x | y |\n| --- | ---:|\n| a \\|b | 10.0000 |\n"},
		{
			"table", "SELECT 'x' AS name, 10.0000::DECIMAL(18,4) AS amount UNION ALL SELECT '\x1b[31m', NULL ORDER BY 2",
			"┌───────┬─────────┐\n│ name  │  amount │\n├───────┼─────────┤\n│ x     │ 10.0000 │\n│ \ufffd[31m │         │\n└───────┴─────────┘\n",
		},
	} {
		if got := formatted(t, db, test.format, test.query); got != test.want {
			t.Errorf("%s of %s:\n%q\nwant\n%q", test.format, test.query, got, test.want)
		}
	}
}

// What DuckDB reads back from the file has the types and the values that were
// written.
func TestWriteParquet(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	path := filepath.Join(t.TempDir(), "x.parquet")
	reportstest.Write(t, path, formatted(t, db, "parquet", everything))
	got := formatted(t, db, "csv", "SELECT * FROM read_parquet('"+path+"')")
	if want := formatted(t, db, "csv", everything); got != want {
		t.Errorf("read back\n%s\nwant\n%s", got, want)
	}
	types := formatted(t, db, "csv", "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet('"+path+"'))")
	for _, want := range []string{"n,BIGINT", `money,"DECIMAL(18,4)"`, `rate,"DECIMAL(18,6)"`, "instant,TIMESTAMP WITH TIME ZONE", "day,DATE", "flag,BOOLEAN", `wide,"DECIMAL(38,0)"`, "local,TIMESTAMP\n", "double,DOUBLE"} {
		if !strings.Contains(types, want) {
			t.Errorf("no %s in\n%s", want, types)
		}
	}
}

func TestWriteXLSX(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	f, err := excelize.OpenReader(strings.NewReader(formatted(t, db, "xlsx", everything)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sheet := f.GetSheetList()[0]
	for cell, want := range map[string]struct {
		value  string
		number bool
		form   string
	}{
		"A3": {"n", false, "@"},
		"A4": {"1", true, "#,##0;[Red]-#,##0"},
		"B4": {"12345678901234.5678", false, "#,##0;[Red]-#,##0"}, // 18 digits: text
		"C4": {"-0.5", true, "#,##0.00;[Red]-#,##0.00"},
		"D4": {"122.2222", true, "#,##0.######;[Red]-#,##0.######"},
		"E4": {"45392.33333622", true, "yyyy-mm-dd hh:mm:ss"}, // 28800.25 of 86400 seconds of day 45392
		"F4": {"45392", true, "yyyy-mm-dd"},
		"H4": {"=1+1", false, "@"},
		"J4": {"123456789012345678901", false, "@"},
		"A5": {"", false, "#,##0;[Red]-#,##0"},
	} {
		value, err := f.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(value) > len(want.value) && want.number {
			value = value[:len(want.value)] // an instant is a fraction of a day
		}
		if value != want.value {
			t.Errorf("%s is %q, want %q", cell, value, want.value)
		}
		if typ, _ := f.GetCellType(sheet, cell); want.value != "" && cell != "A3" && (typ == excelize.CellTypeInlineString) == want.number {
			t.Errorf("%s: number %v expected, type %v", cell, want.number, typ)
		}
		if got := reportstest.NumberFormat(t, f, sheet, cell); cell != "A3" && got != want.form {
			t.Errorf("%s has format %q, want %q", cell, got, want.form)
		}
		if formula, _ := f.GetCellFormula(sheet, cell); formula != "" {
			t.Errorf("%s has formula %s", cell, formula)
		}
	}
	notes, err := f.GetComments(sheet)
	if err != nil || len(notes) != 1 || notes[0].Cell != "B4" || !strings.Contains(notes[0].Paragraph[0].Text, "15 digits") {
		t.Errorf("notes %+v, %v", notes, err)
	}
}

// formatted is the result of a query in a format, a table as wide as it is.
func formatted(t *testing.T, db *sql.DB, name, query string) string {
	t.Helper()
	var out bytes.Buffer
	if err := writeTo(t, &out, db, name, query, 0); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func writeTo(t *testing.T, w io.Writer, db *sql.DB, name, query string, width int) error {
	t.Helper()
	r, err := result.Query(t.Context(), db, query)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	return Write(w, name, r, Layout{Width: width})
}

// What a spreadsheet and a person in another zone want of a csv, and what a table
// leaves out to be narrow.
func TestLayout(t *testing.T) {
	db := reportstest.InMemory(t)
	const query = `SELECT '=1+1' AS text, TIMESTAMPTZ '2024-04-11 00:30:00+08' AS at, [TIMESTAMPTZ '2024-07-11 00:30:00+08'] AS several, NULL::VARCHAR AS nothing`
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, format string
		layout       Layout
		want         string
	}{
		{"plain", "csv", Layout{}, "text,at,several,nothing\n'=1+1,2024-04-10T16:30:00Z,\"[\"\"2024-07-10T16:30:00Z\"\"]\",\n"},
		{"for Excel", "csv", Layout{BOM: true}, "\xef\xbb\xbftext,at,several,nothing\n'=1+1,2024-04-10T16:30:00Z,\"[\"\"2024-07-10T16:30:00Z\"\"]\",\n"},
		{"for a program", "csv", Layout{Unguarded: true}, "text,at,several,nothing\n=1+1,2024-04-10T16:30:00Z,\"[\"\"2024-07-10T16:30:00Z\"\"]\",\n"},
		{"summer time", "csv", Layout{Zone: berlin}, "text,at,several,nothing\n'=1+1,2024-04-10T18:30:00+02:00,\"[\"\"2024-07-10T18:30:00+02:00\"\"]\",\n"},
		{"json knows the zone too", "jsonl", Layout{Zone: berlin}, `{"text":"=1+1","at":"2024-04-10T18:30:00+02:00","several":["2024-07-10T18:30:00+02:00"],"nothing":null}` + "\n"},
		{"lean", "table", Layout{Lean: true}, "text  at                    several\n=1+1  2024-04-10T16:30:00Z  [\"2024-07-10T16:30:00Z\"]\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := result.Query(t.Context(), db, query)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			var out bytes.Buffer
			if err := Write(&out, test.format, r, test.layout); err != nil {
				t.Fatal(err)
			}
			if out.String() != test.want {
				t.Errorf("got\n%q, want\n%q", out.String(), test.want)
			}
		})
	}
}
