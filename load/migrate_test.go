package load

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// A database of every earlier version is brought to the newest: each table is
// filled by a row of that version's own columns, and after Open the row is
// there with the same values, every step is recorded once, and the database is
// one of the newest version with its views and comments.
//
// The newest version itself is tested like the earlier ones: a process may
// have died after its steps, before the views and the name. As long as there
// is one version, that is what this test shows.
func TestMigrationsFromEveryVersion(t *testing.T) {
	t.Parallel()
	steps, err := sqlfiles.Steps()
	if err != nil {
		t.Fatal(err)
	}
	for from := 1; from <= len(steps); from++ {
		t.Run(fmt.Sprintf("from version %d", from), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "warehouse.duckdb")
			rows := fillVersion(t, path, steps[:from])
			if len(rows) < 20 {
				t.Fatalf("only %d tables were filled", len(rows))
			}
			w := openAt(t, path)
			for table, want := range rows {
				if got := texts(t, w.db, want.query); !slices.Equal(got, want.values) {
					t.Errorf("%s: %q, want %q", table, got, want.values)
				}
			}
			versions := texts(t, w.db, "SELECT version FROM audit.migrations ORDER BY 1")
			if len(versions) != len(steps) || versions[len(steps)-1] != fmt.Sprint(len(steps)) {
				t.Errorf("steps recorded: %q of %d", versions, len(steps))
			}
			if got := texts(t, w.db, "SELECT schema_version FROM audit.meta"); !slices.Equal(got, []string{fmt.Sprint(len(steps))}) {
				t.Errorf("it says its version is %q", got)
			}
			for _, view := range texts(t, w.db, "SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main'") {
				if _, err := w.db.Exec("SELECT * FROM main." + view); err != nil {
					t.Errorf("view %s: %v", view, err)
				}
			}
			if bare := texts(t, w.db, "SELECT table_name FROM duckdb_tables() WHERE comment IS NULL AND NOT internal"); len(bare) > 0 {
				t.Errorf("without a comment: %q", bare)
			}
		})
	}
}

// filled is a table's row: how it is read and what it holds.
type filled struct {
	query  string
	values []string
}

// fillVersion makes a database of the version that the steps lead to, without
// Open, and puts a row into every table.
func fillVersion(t *testing.T, path string, steps []sqlfiles.Step) map[string]filled {
	t.Helper()
	db, err := sql.Open("duckdb", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range steps {
		if _, err := db.Exec(s.SQL); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("INSERT INTO audit.migrations VALUES (?, ?, '2026-05-01 00:00:00+00')", s.Version, s.Name); err != nil {
			t.Fatal(err)
		}
	}
	rows := map[string]filled{}
	for _, table := range texts(t, db, "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal") {
		if table == "audit.migrations" {
			continue
		}
		schema, name, _ := strings.Cut(table, ".")
		var columns, values []string
		for i, column := range texts(t, db, "SELECT column_name || ' ' || data_type FROM duckdb_columns() WHERE schema_name = '"+schema+"' AND table_name = '"+name+"' ORDER BY column_index") {
			column, kind, _ := strings.Cut(column, " ")
			columns, values = append(columns, column), append(values, sample(t, column, kind, i))
		}
		insert := "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")"
		if table == "audit.meta" { // the steps' own business, but for the name
			columns = []string{"database_id", "created_at"}
			insert = fmt.Sprintf("INSERT INTO audit.meta (database_id, created_at, schema_version) VALUES ('of old', '2026-05-01 00:00:00+00', %d)", len(steps))
		}
		if _, err := db.Exec(insert); err != nil {
			t.Fatal(err)
		}
		query := "SELECT concat_ws('|', " + strings.Join(columns, ", ") + ") FROM " + table
		rows[table] = filled{query, texts(t, db, query)}
	}
	return rows
}

// sample is a value of a type, another one in each column.
func sample(t *testing.T, name, kind string, column int) string {
	t.Helper()
	switch {
	case name == "timezone":
		return "'Asia/Shanghai'"
	case kind == "VARCHAR":
		return fmt.Sprintf("'text %d'", column)
	case kind == "BIGINT":
		return fmt.Sprint(1000 + column)
	case strings.HasPrefix(kind, "DECIMAL"):
		return fmt.Sprintf("%d.1234", 99_000_000+column)
	case kind == "TIME":
		return "TIME '06:00:00'"
	case kind == "DATE":
		return fmt.Sprintf("DATE '2026-05-01' + %d", column)
	case kind == "TIMESTAMP WITH TIME ZONE":
		return fmt.Sprintf("TIMESTAMPTZ '2026-05-01 18:00:00+00' + INTERVAL %d HOUR", column)
	case kind == "BOOLEAN":
		return "true"
	case kind == "JSON":
		return fmt.Sprintf(`'{"column": %d}'`, column)
	}
	t.Fatalf("no sample of type %s: add one", kind)
	return ""
}

func texts(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		found = append(found, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// Each step has a transaction of its own: where one fails, those before it
// stay and are recorded, of it and those after it there is nothing, and the
// next attempt goes on from there.
func TestFailingMigration(t *testing.T) {
	t.Parallel()
	w := openMade(t, filepath.Join(t.TempDir(), "warehouse.duckdb"))
	steps, err := sqlfiles.Steps()
	if err != nil {
		t.Fatal(err)
	}
	released := len(steps)
	step := func(n int, statements string) {
		steps = append(steps, sqlfiles.Step{Version: released + n, Text: sqlfiles.Text{Name: fmt.Sprintf("further_%d", n), SQL: statements}})
	}
	step(1, "CREATE TABLE audit.first (a BIGINT)")
	step(2, "CREATE TABLE audit.second (a BIGINT); INSERT INTO audit.nowhere VALUES (1)")
	step(3, "CREATE TABLE audit.third (a BIGINT)")
	err = w.migrate(t.Context(), steps)
	if err == nil || !strings.Contains(err.Error(), "migration further_2") {
		t.Errorf("%v, want that further_2 failed", err)
	}
	further := "SELECT table_name FROM duckdb_tables() WHERE table_name IN ('first', 'second', 'third') ORDER BY 1"
	if got := texts(t, w.db, further); !slices.Equal(got, []string{"first"}) {
		t.Errorf("tables %q, want the first alone", got)
	}
	if got, err := w.schemaVersion(t.Context()); err != nil || got != released+1 {
		t.Errorf("version %d, %v, want %d", got, err, released+1)
	}
	steps[released+1].SQL = "CREATE TABLE audit.second (a BIGINT)"
	if err := w.migrate(t.Context(), steps); err != nil {
		t.Fatal(err)
	}
	if got := texts(t, w.db, further); !slices.Equal(got, []string{"first", "second", "third"}) {
		t.Errorf("tables %q, want all three", got)
	}
}
