package load

import (
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/load/recon"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
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

// Work that needs more memory than it is given amid a night is done once more with all
// that the database may take. What the first attempt did leaves nothing behind: the rows
// and what is said of the windows are those of a merge that had enough.
func TestWorkThatNeedsMoreMemory(t *testing.T) {
	t.Parallel()
	nights := func(t *testing.T, sparing int64) (Loaded, string) {
		f := openFixture(t)
		f.w.sparing = sparing
		f.night(map[string]func(b *transform.Batch){"list": all(listOrder("A", "pending", 10, 1, 4, 6), listOrder("B", "pending", 5, 1))}, 2)
		loaded := f.night(map[string]func(b *transform.Batch){"list": listOrder("A", "completed", 10, 3, 4, 6)}, 3) // one came of three
		if _, err := f.w.Check(t.Context(), ledger.Run{ID: "run2", At: time.Date(2026, 5, 2, 18, 0, 0, 0, time.UTC)}, recon.Options{}); err != nil {
			t.Fatal(err)
		}
		f.want("stream, state, message) FROM audit.extracts WHERE run_id = 'run2'", "list unreconciled the vendor states 3, 1 came")
		return loaded, f.dump()
	}
	loaded, rows := nights(t, sparingMemory)
	for _, mebibytes := range []int64{1, 2, 6, 8, 12} { // each is too little for other statements
		t.Run(fmt.Sprint(mebibytes), func(t *testing.T) {
			t.Parallel()
			gotLoaded, gotRows := nights(t, mebibytes<<20)
			if !reflect.DeepEqual(gotLoaded, loaded) {
				t.Errorf("loaded %+v, want %+v", gotLoaded, loaded)
			}
			if gotRows != rows {
				t.Errorf("rows\n%s\nwant\n%s", gotRows, rows)
			}
		})
	}
}

// A connection that is made after something was laid on the disk works as the others.
func TestConnectionAfterSpilling(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w, err := Open(t.Context(), Options{Path: filepath.Join(dir, "warehouse.duckdb"), TempDir: filepath.Join(dir, "spill"), MemoryLimit: 32 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	first, err := w.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if _, err := first.ExecContext(t.Context(), "CREATE TEMP TABLE much AS SELECT md5(i::VARCHAR) AS text FROM range(2000000) r(i)"); err != nil {
		t.Fatal(err)
	}
	var spilled int64
	if err := first.QueryRowContext(t.Context(), "SELECT sum(temporary_storage_bytes)::BIGINT FROM duckdb_memory()").Scan(&spilled); err != nil || spilled == 0 {
		t.Fatalf("%d bytes are on the disk, %v", spilled, err)
	}
	second, err := w.db.Conn(t.Context())
	if err != nil {
		t.Fatalf("the second connection: %v", err)
	}
	defer second.Close()
}
