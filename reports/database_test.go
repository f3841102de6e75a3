package reports

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// emptyDatabase is a database of the current schema without rows.
func emptyDatabase(t testing.TB) *sql.DB {
	t.Helper()
	return databaseAt(t, "")
}

// fixtureDatabase holds testdata/fixture.sql.
func fixtureDatabase(t testing.TB) *sql.DB {
	t.Helper()
	return databaseAt(t, "", "fixture.sql")
}

// databaseAt makes a database in a file, or in memory for no path, and runs
// files of testdata in it.
func databaseAt(t testing.TB, path string, files ...string) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	steps, err := sqlfiles.Steps()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		mustExec(t, db, s.SQL)
	}
	views, err := sqlfiles.Files(sqlfiles.Views)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range views {
		mustExec(t, db, v.SQL)
	}
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		mustExec(t, db, string(text))
	}
	return db
}

func mustExec(t testing.TB, db *sql.DB, statements string) {
	t.Helper()
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
}

func inMemory(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	if _, err := db.Exec("SET TimeZone = 'UTC'"); err != nil {
		t.Fatal(err)
	}
	return db
}
