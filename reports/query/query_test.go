package query

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/reports/format"
	"github.com/nightaudit/nightaudit/reports/reportstest"
)

func published(t *testing.T, o OpenOptions) *sql.DB {
	t.Helper()
	path := reportstest.FixtureFile(t, filepath.Join(t.TempDir(), "nightaudit.duckdb"))
	db, err := OpenWith(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestSplitStatements(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"SELECT 1", []string{"SELECT 1"}},
		{"SELECT 1; -- done;", []string{"SELECT 1"}},
		{";;/* ; /* ; */ ; */;", nil},
		{"SELECT ';', \"a;b\", 'it''s;' ;SELECT 2", []string{"SELECT ';', \"a;b\", 'it''s;' ", "SELECT 2"}},
		{`SELECT E'\';', e'\\'; SELECT 2`, []string{`SELECT E'\';', e'\\'`, " SELECT 2"}},
		{"SELECT $$;$$, $a$;$$;$a$, $b; SELECT 3", []string{"SELECT $$;$$, $a$;$$;$a$, $b", " SELECT 3"}},
		// The second statement begins on the third line.
		{"SELECT 1\n;\nSELECT 2", []string{"SELECT 1\n", "\n\nSELECT 2"}},
		{"SELECT name'a;b'", []string{"SELECT name'a;b'"}},
		{"SELECT 'open;", []string{"SELECT 'open;"}},
	} {
		got := splitStatements(c.text)
		// Empty lines in front stand for the lines before the statement.
		if strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func TestQuery(t *testing.T) {
	db := published(t, OpenOptions{})
	for _, c := range []struct {
		name, text string
		params     map[string]string
		want       string
	}{
		{name: "one statement", text: "SELECT order_id, net_amount FROM orders WHERE order_id = 'S3';", want: "order_id,net_amount\nS3,88.8888\n"},
		{name: "temporary things last", text: "CREATE TEMP TABLE x AS SELECT 1 AS n UNION ALL SELECT 2; CREATE TEMP VIEW twice AS FROM x UNION ALL FROM x; SELECT sum(n) AS s FROM twice", want: "s\n6\n"},
		{name: "no result", text: "CREATE TEMP TABLE y AS SELECT 1 AS a", want: ""},
		{name: "not the statement's own business", text: "SHOW recon.rules", want: ""},
		// Each value takes the type by which it is used: 88.8888 is a decimal
		// (a double would find more digits), the instant has a zone of its own.
		{
			name: "typed by use", text: "SELECT order_id FROM orders WHERE net_amount = $net AND business_date = $day AND created_at = $at AND source IN ($source, $other) LIMIT $n",
			params: map[string]string{"net": "88.8888", "day": "2026-03-09", "at": "2026-03-09T14:00:00+08:00", "source": "soms", "other": "tuya", "n": "1"},
			want:   "order_id\nS3\n",
		},
		{name: "a text stays one", text: "SELECT $a AS a", params: map[string]string{"a": "1'; DROP TABLE orders; --"}, want: "a\n1'; DROP TABLE orders; --\n"},
		{name: "large numbers", text: "SELECT 9007199254740993 = $n AS same, $n::BIGINT AS n", params: map[string]string{"N": "9007199254740993"}, want: "same,n\ntrue,9007199254740993\n"},
		{name: "in several statements", text: "CREATE TEMP TABLE z AS SELECT $a::INT AS a; SELECT a + $b::INT AS c FROM z", params: map[string]string{"a": "1", "b": "2"}, want: "c\n3\n"},
		{name: "numbered", text: "SELECT $2 || $1 AS s", params: map[string]string{"1": "b", "2": "a"}, want: "s\nab\n"},
		{name: "with a JSON column", text: "SELECT break_id, facts FROM recon.breaks WHERE reason = $r", params: map[string]string{"r": "one_component"}, want: "break_id,facts\ne1000000000000000000000000000001,\"{\"\"promotion\"\":\"\"1111\"\"}\"\n"},
		{name: "instants are in UTC", text: "SELECT created_at::DATE AS d FROM orders WHERE order_id = 'S4'", want: "d\n2026-03-09\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			err := Run(t.Context(), db, &out, c.text, Options{Format: "csv", Params: c.params})
			if err != nil {
				t.Fatal(err)
			}
			if c.name == "not the statement's own business" {
				if !strings.Contains(out.String(), "tolerance,\"DECIMAL(18,4)\"") {
					t.Error(out.String())
				}
				return
			}
			if out.String() != c.want {
				t.Errorf("%q, want %q", out.String(), c.want)
			}
		})
	}
}

// What a query may not do fails, says why, and leaves nothing behind.
func TestQueryIsLockedDown(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "x.csv")
	reportstest.Write(t, file, "a\n1\n")
	db := published(t, OpenOptions{})
	for _, c := range []struct{ text, says string }{
		{"SELECT * FROM read_csv('" + file + "')", "read_csv is refused"},
		{"SELECT * FROM '" + file + "'", "file system operations are disabled"},
		{"SELECT * FROM 'https://example.com/x.parquet'", "file system operations are disabled"},
		{"COPY orders TO '" + filepath.Join(dir, "out.csv") + "'", "COPY is refused: a statement reaches nothing but the published database"},
		{"ATTACH '" + filepath.Join(dir, "other.duckdb") + "'", "ATTACH is refused"},
		{"INSTALL httpfs", "INSTALL or LOAD is refused"},
		{"SET threads = 1", "SET, RESET or USE is refused"},
		{"PRAGMA enable_profiling", "PRAGMA is refused"},
		{"CALL enable_logging()", "CALL or CHECKPOINT is refused"},
		{"DELETE FROM orders", "DELETE is refused: a statement reads, and changes nothing"},
		{"SELECT 1; SET threads = 1; SELECT 2", "SET, RESET or USE is refused"},
	} {
		var out bytes.Buffer
		err := Run(t.Context(), db, &out, c.text, Options{Format: "csv"})
		var statement *StatementError
		if !errors.As(err, &statement) || statement.Usage || statement.Hint == "" || !strings.Contains(err.Error(), c.says) || out.Len() > 0 {
			t.Errorf("%s: %v, %q", c.text, err, out.String())
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("files %v", left)
	}
}

func TestQueryWithFiles(t *testing.T) {
	dir := t.TempDir()
	file, copied := filepath.Join(dir, "x.csv"), filepath.Join(dir, "y.csv")
	reportstest.Write(t, file, "id,note\nS3,mine\n")
	db := published(t, OpenOptions{AllowFiles: true})
	var out bytes.Buffer
	o := Options{Format: "csv", AllowFiles: true, Params: map[string]string{"file": file}}
	if err := Run(t.Context(), db, &out, "SELECT note, net_amount FROM orders JOIN read_csv($file) ON order_id = id", o); err != nil || out.String() != "note,net_amount\nmine,88.8888\n" {
		t.Errorf("%v, %q", err, out.String())
	}
	o.Params = nil
	if err := Run(t.Context(), db, &out, "COPY (SELECT net_amount FROM orders WHERE order_id = 'S3') TO '"+copied+"'", o); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(copied); err != nil || string(text) != "net_amount\n88.8888\n" {
		t.Errorf("%v, %q", err, text)
	}
	for text, says := range map[string]string{
		"SELECT * FROM read_csv('/dev/stdin')": "/dev/stdin cannot be read",
		"INSTALL httpfs":                       "INSTALL or LOAD is refused",
		"SET threads = 1":                      "SET, RESET or USE is refused",
		"DELETE FROM orders":                   "DELETE is refused",
	} {
		if err := Run(t.Context(), db, &out, text, o); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Errors name the line of the text as the person wrote it, with the place
// below, also where the statement is run inside of another.
func TestQueryErrors(t *testing.T) {
	db := published(t, OpenOptions{})
	for _, c := range []struct {
		text, says string
		params     map[string]string
		usage      bool
	}{
		{text: "SELECT 1;\nSELECT order_id,\n  nope\nFROM orders", says: "LINE 3:   nope\n          ^"},
		{text: "SELECT * FORM orders", says: "LINE 1: SELECT * FORM orders\n                      ^"},
		{text: "SELECT '{}'::JSON,\n  order_no::INTEGER FROM orders WHERE order_id = 'S4'", says: "LINE 2:   order_no::INTEGER FROM orders"},
		{text: "SELECT $a", says: "the statement uses $a, and no value is given for it", usage: true},
		{text: "SELECT $a", params: map[string]string{"a": "1", "b": "2"}, says: "--param b is given, and the statement does not use $b", usage: true},
		{text: "SELECT business_date = $d FROM orders", params: map[string]string{"d": "yesterday"}, says: `invalid date field format: "yesterday"`},
		{text: "SELECT net_amount * $rate FROM orders", params: map[string]string{"rate": "1.1"}, says: "LINE 1: SELECT net_amount * $rate FROM orders\n                          ^"},
		{text: "-- nothing", says: "there is no statement", usage: true},
	} {
		err := Run(t.Context(), db, &bytes.Buffer{}, c.text, Options{Format: "csv", Params: c.params})
		var statement *StatementError
		if !errors.As(err, &statement) || statement.Usage != c.usage || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v\nwant %s", c.text, err, c.says)
		}
	}
}

// A statement that takes hours ends when it is called off: the test would not
// end otherwise. The function of the statement calls it off, so it is running.
func TestQueryStops(t *testing.T) {
	db := published(t, OpenOptions{})
	ctx, stop := context.WithCancel(t.Context())
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := duckdb.RegisterScalarUDF(conn, "call_off", callOff{stop}); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	err = Run(ctx, db, &bytes.Buffer{}, "SELECT sum(call_off(a.range) + b.range) FROM range(1000000000000) a, range(1000) b", Options{Format: "csv"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// callOff is a function of SQL: of a number it gives the same.
type callOff struct{ stop func() }

func (callOff) Config() duckdb.ScalarFuncConfig {
	number, err := duckdb.NewTypeInfo(duckdb.TYPE_BIGINT)
	if err != nil {
		panic(err)
	}
	return duckdb.ScalarFuncConfig{InputTypeInfos: []duckdb.TypeInfo{number}, ResultTypeInfo: number}
}

func (f callOff) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{RowExecutor: func(values []driver.Value) (any, error) {
		f.stop()
		return values[0], nil
	}}
}

// What does not fit into memory is spilled to a folder of the person's own,
// which is gone afterwards.
func TestQuerySpills(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	path := reportstest.FixtureFile(t, filepath.Join(t.TempDir(), "nightaudit.duckdb"))
	db, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	folders, _ := filepath.Glob(filepath.Join(temp, spillPrefix+"*"))
	if len(folders) != 1 {
		t.Fatalf("folders %v", folders)
	}
	if info, err := os.Stat(folders[0]); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
	var where string
	if err := db.QueryRow("SELECT current_setting('temp_directory')").Scan(&where); err != nil || where != folders[0] {
		t.Errorf("%q, %v", where, err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(temp, "*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWriteUnknownFormat(t *testing.T) {
	err := Write(t.Context(), nil, &bytes.Buffer{}, "yaml", format.Layout{}, "SELECT 1")
	if err == nil || !strings.Contains(err.Error(), `unknown format "yaml": choose one of table, csv`) {
		t.Error(err)
	}
}
