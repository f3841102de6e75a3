package query

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// What a query may do is judged by what its statements hold, whatever stands
// around it; and whatever is tried, the folder of the published database is byte
// for byte and name for name what it was.
func TestQueriesDoNotEscape(t *testing.T) {
	dir := t.TempDir()
	path := reportstest.FixtureFile(t, filepath.Join(dir, "nightaudit.duckdb"))
	before := reportstest.Folder(t, dir)
	db, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	held, cases := 0, reportstest.Escapes(path, dir)
	for _, c := range cases {
		var out bytes.Buffer
		err := Run(t.Context(), db, &out, c.SQL, Options{Format: "csv"})
		var statement *StatementError
		switch {
		case c.Refused == "" && err != nil, c.Want != "" && out.String() != c.Want:
			t.Errorf("%s: %v, %q, want %q", c.SQL, err, out.String(), c.Want)
		case c.Refused != "" && (!errors.As(err, &statement) || !strings.Contains(err.Error()+statement.Hint, c.Refused) || out.Len() > 0):
			t.Errorf("%s: %v, %q, want it refused: %s", c.SQL, err, out.String(), c.Refused)
		case reportstest.Folder(t, dir) != before:
			t.Fatalf("%s: the folder is\n%s\nand was\n%s", c.SQL, reportstest.Folder(t, dir), before)
		default:
			held++
		}
	}
	attacks.In(t).Count(len(cases), held)
	if len(cases) < 150 {
		t.Errorf("only %d statements", len(cases))
	}
}

// The engine allows nothing beside the published file either: were a statement
// not refused, its write would reach a folder that is not there any more.
func TestEngineWritesNothingBesideTheDatabase(t *testing.T) {
	dir := t.TempDir()
	path := reportstest.FixtureFile(t, filepath.Join(dir, "nightaudit.duckdb"))
	before := reportstest.Folder(t, dir)
	db, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var opened string
	if err := db.QueryRow("SELECT path FROM duckdb_databases() WHERE database_name = 'nightaudit'").Scan(&opened); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, opened} {
		for _, end := range []string{"", ".wal", ".wal.checkpoint", ".wal.recovery"} {
			if _, err := db.Exec("COPY (SELECT 1) TO '" + name + end + "' (FORMAT csv, USE_TMP_FILE false)"); err == nil {
				t.Errorf("%s%s was written", name, end)
			}
		}
	}
	if after := reportstest.Folder(t, dir); after != before {
		t.Errorf("the folder is\n%s\nand was\n%s", after, before)
	}
}

// A log beside the published file, as whoever may write there can lay it, is not
// replayed, and is said. The same log, replayed, shows another sum.
func TestAForeignLogIsNotRead(t *testing.T) {
	dir := t.TempDir()
	path := reportstest.FixtureFile(t, filepath.Join(dir, "nightaudit.duckdb"))
	const sum = "SELECT sum(net_amount) AS s FROM orders WHERE order_id = 'S3'"
	log := reportstest.Log(t, path, "UPDATE orders SET net_amount = net_amount * 1000")
	if err := os.WriteFile(path+".wal", log, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := replayed(t, path, sum); got != "s\n88888.8000\n" {
		t.Fatalf("the log is none: %s", got)
	}
	before := reportstest.Folder(t, dir)
	said := ""
	db, err := OpenWith(path, OpenOptions{Notice: func(text string) { said = text }})
	if err != nil {
		t.Fatal(err)
	}
	if got := writeQuery(t, db, "csv", sum); got != "s\n88.8888\n" {
		t.Error(got)
	}
	if !strings.Contains(said, path+".wal") || !strings.Contains(said, "is not read") {
		t.Errorf("said %q", said)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if after := reportstest.Folder(t, dir); after != before {
		t.Errorf("the folder is\n%s\nand was\n%s", after, before)
	}
}

// replayed is the answer of a program that opens the file as it lies there.
func replayed(t *testing.T, path, statement string) string {
	t.Helper()
	db, err := sql.Open("duckdb", path+"?access_mode=READ_ONLY")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return writeQuery(t, db, "csv", statement)
}
