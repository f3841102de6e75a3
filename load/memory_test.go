package load

import (
	"path/filepath"
	"testing"
)

// The limit that is asked for is the one that DuckDB keeps to.
func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	w, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "warehouse.duckdb"), MemoryLimit: 256 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var limit string
	if err := w.db.QueryRow("SELECT current_setting('memory_limit')").Scan(&limit); err != nil {
		t.Fatal(err)
	}
	if limit != "256.0 MiB" {
		t.Errorf("the memory limit is %s, want 256.0 MiB", limit)
	}
}
