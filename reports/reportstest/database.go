package reportstest

import (
	"database/sql"
	_ "embed"
	"os"
	"path/filepath"
	"sync"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2" // the driver "duckdb"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

//go:embed fixture.sql
var fixture string

// Shared holds fixture.sql, for tests that only read.
func Shared(t testing.TB) *sql.DB {
	t.Helper()
	db, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return db
}

var shared = sync.OnceValues(func() (*sql.DB, error) { return made("", fixture) })

// Fixture holds fixture.sql, for a test that changes it.
func Fixture(t testing.TB) *sql.DB {
	t.Helper()
	return opened(t, FixtureFile(t, filepath.Join(t.TempDir(), "fixture.duckdb")))
}

// FixtureFile writes a database with fixture.sql to a file and gives its path
// back.
func FixtureFile(t testing.TB, path string) string {
	t.Helper()
	return written(t, path, filledFile)
}

// Empty is a database of the current schema without rows.
func Empty(t testing.TB) *sql.DB {
	t.Helper()
	return At(t, filepath.Join(t.TempDir(), "empty.duckdb"))
}

// At is such a database in a file.
func At(t testing.TB, path string) *sql.DB {
	t.Helper()
	return opened(t, written(t, path, emptyFile))
}

// OpenFile opens a database that is there.
func OpenFile(t testing.TB, path string) *sql.DB {
	t.Helper()
	return opened(t, path)
}

// InMemory is a database without tables, in UTC.
func InMemory(t testing.TB) *sql.DB {
	t.Helper()
	db := opened(t, "")
	db.SetMaxOpenConns(1)
	Exec(t, db, "SET TimeZone = 'UTC'")
	return db
}

// Exec runs statements.
func Exec(t testing.TB, db *sql.DB, statements string) {
	t.Helper()
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
}

func opened(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// The files that tests get copies of: the schema takes a quarter of a second
// to make.
var (
	emptyFile  = sync.OnceValues(func() ([]byte, error) { return fileWith("") })
	filledFile = sync.OnceValues(func() ([]byte, error) { return fileWith(fixture) })
)

func written(t testing.TB, path string, content func() ([]byte, error)) string {
	t.Helper()
	data, err := content()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func fileWith(rows string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "nightaudit-test-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "made.duckdb")
	db, err := made(path, rows)
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil { // which writes everything to the file
		return nil, err
	}
	return os.ReadFile(path)
}

// made is a new database with the current schema and rows.
func made(path, rows string) (*sql.DB, error) {
	db, err := sql.Open("duckdb", path)
	if err != nil {
		return nil, err
	}
	steps, err := sqlfiles.Steps()
	if err != nil {
		return nil, err
	}
	var statements []string
	for _, s := range steps {
		statements = append(statements, s.SQL)
	}
	views, err := sqlfiles.ViewTexts()
	if err != nil {
		return nil, err
	}
	for _, v := range views {
		statements = append(statements, v.SQL)
	}
	for _, s := range append(statements, rows) {
		if s == "" {
			continue
		}
		if _, err := db.Exec(s); err != nil {
			return nil, err
		}
	}
	return db, nil
}
