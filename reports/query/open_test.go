package query

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/format"
	"github.com/nightaudit/nightaudit/reports/reportstest"
)

func TestOpenReadsAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "nightaudit.duckdb")
	reportstest.FixtureFile(t, path)
	db, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if got := writeQuery(t, db, "csv", "SELECT count(*) AS n, sum(net_amount) AS net FROM orders WHERE order_id = 'S3'"); got != "n,net\n1,88.8888\n" {
		t.Error(got)
	}
	// 15:59:59 UTC is the next day's eve in Shanghai: the session counts in UTC.
	if got := writeQuery(t, db, "csv", "SELECT finished_at::DATE AS d FROM orders WHERE order_id = '9007199254740993001'"); got != "d\n2026-03-09\n" {
		t.Error(got)
	}
	secret := filepath.Join(dir, "secret.csv")
	reportstest.Write(t, secret, "a\n1\n")
	for _, statement := range []string{
		"DELETE FROM orders",
		"CREATE TABLE main.x (a INT)",
		"COPY orders TO '" + filepath.Join(dir, "out.csv") + "'",
		"SELECT * FROM read_csv('" + secret + "')",
		"ATTACH '" + filepath.Join(dir, "other.duckdb") + "'",
		"INSTALL httpfs",
		"SET enable_external_access = true",
		"SET TimeZone = 'Asia/Shanghai'",
	} {
		if _, err := db.Exec(statement); err == nil {
			t.Errorf("%s was executed", statement)
		}
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "*")); len(found) != 2 {
		t.Errorf("files %v", found)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	reportstest.Write(t, text, "this is not a database, by far not")
	short := filepath.Join(dir, "short")
	reportstest.Write(t, short, "x")
	foreign := filepath.Join(dir, "foreign.duckdb")
	foreignDB := reportstest.At(t, foreign)
	reportstest.Exec(t, foreignDB, "DROP TABLE audit.meta")
	foreignDB.Close()
	newer := filepath.Join(dir, "newer.duckdb")
	newerDB := reportstest.At(t, newer)
	reportstest.Exec(t, newerDB, "INSERT INTO audit.meta (database_id, schema_version) VALUES ('x', 9999)")
	newerDB.Close()
	for _, test := range []struct {
		path string
		is   error
		says string
	}{
		{filepath.Join(dir, "none.duckdb"), ErrNoDatabase, "`nightaudit run` makes it"},
		{text, ErrNotDatabase, "it is no DuckDB file"},
		{short, ErrNotDatabase, "it is no DuckDB file"},
		{foreign, ErrNotDatabase, "audit.meta cannot be read"},
		{newer, ErrNewerSchema, "its schema has version 9999"},
	} {
		db, err := Open(test.path)
		if !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), test.path) {
			t.Errorf("%s: %v", test.path, err)
		}
		if db != nil {
			db.Close()
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "none.duckdb")); err == nil {
		t.Error("opening made a file")
	}
}

func writeQuery(t *testing.T, db *sql.DB, as, query string) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(t.Context(), db, &out, as, format.Layout{}, query); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
