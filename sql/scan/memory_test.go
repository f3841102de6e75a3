package scan

import (
	"database/sql"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
)

func TestMemoryLimit(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for set, want := range map[string]int64{"512MiB": 512 << 20, "3GiB": 3 << 30, "1536KiB": 1536 << 10} {
		if _, err := db.Exec("SET memory_limit = '" + set + "'"); err != nil {
			t.Fatal(err)
		}
		if got, err := MemoryLimit(t.Context(), db); err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", set, got, err, want)
		}
	}
}
