package load

import (
	"path/filepath"
	"strings"
	"testing"
)

// A process that dies after a migration leaves comments and the database's
// name to the next one.
func TestOpenFinishesWhatADeadProcessBegan(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	w, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.db.Exec("DELETE FROM audit.meta; COMMENT ON TABLE main.orders IS NULL"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w, err = Open(t.Context(), Options{Path: path}); err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var comment string
	if err := w.db.QueryRow("SELECT comment FROM duckdb_tables() WHERE table_name = 'orders'").Scan(&comment); err != nil || comment == "" {
		t.Errorf("the comment on orders is %q, %v", comment, err)
	}
	if len(w.ID()) != 36 {
		t.Errorf("the database's name is %q, want a UUID", w.ID())
	}
}

// A database that a newer program wrote is refused and left as it is.
func TestOpenRefusesANewerDatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	w, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.db.Exec("INSERT INTO audit.migrations VALUES (999, '0999_later', now())"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w, err := Open(t.Context(), Options{Path: path}); err == nil {
		w.Close()
		t.Error("it was opened")
	}
}

// The dictionary's words reach a database that an earlier program commented,
// and the views, which lose theirs whenever they are made again.
func TestOpenBringsCommentsUpToDate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	for range 2 {
		w, err := Open(t.Context(), Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		var stale, bare int
		if err := w.db.QueryRow("SELECT count(*) FROM duckdb_columns() WHERE comment = 'in other words'").Scan(&stale); err != nil {
			t.Fatal(err)
		}
		if err := w.db.QueryRow(`SELECT (SELECT count(*) FROM duckdb_columns() WHERE comment IS NULL AND NOT internal)
			+ (SELECT count(*) FROM duckdb_views() WHERE comment IS NULL AND NOT internal)`).Scan(&bare); err != nil {
			t.Fatal(err)
		}
		if stale > 0 || bare > 0 {
			t.Errorf("%d comments of an earlier program, %d columns and views without one", stale, bare)
		}
		if _, err := w.db.Exec("COMMENT ON COLUMN main.orders.net_amount IS 'in other words'; COMMENT ON TABLE main.stays IS NULL; UPDATE audit.meta SET objects_sha256 = 'another program'; CREATE OR REPLACE VIEW main.daily_revenue AS SELECT 1 AS one"); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// The engine fetches no extension, and loads none that lies somewhere: a file of
// another kind than those that are built in is refused for that reason.
func TestExtensionsAreLeftAlone(t *testing.T) {
	t.Parallel()
	w, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "warehouse.duckdb")})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	_, err = w.db.Exec("SELECT * FROM read_csv('https://127.0.0.1:1/x.csv')")
	if err == nil || !strings.Contains(err.Error(), "requires the extension httpfs") {
		t.Errorf("a file behind https: %v", err)
	}
	for _, name := range []string{"autoinstall_known_extensions", "autoload_known_extensions"} {
		var on bool
		if err := w.db.QueryRow("SELECT current_setting($1)", name).Scan(&on); err != nil || on {
			t.Errorf("%s is %v, %v", name, on, err)
		}
	}
}
