package load

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A working database that is damaged, or that a newer program wrote, is
// refused with what to do about it, and not a byte of it changes.
func TestOpenRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	whole := filepath.Join(t.TempDir(), "warehouse.duckdb")
	w := openMade(t, whole)
	nightOn(t, w, 1)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	cut := func(size int64) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			if err := os.Truncate(path, size); err != nil {
				t.Fatal(err)
			}
		}
	}
	flipped := func(offset int64) func(t *testing.T, path string) {
		return func(t *testing.T, path string) { flip(t, path, offset) }
	}
	const replay = "nightaudit replay makes a new one"
	// https://duckdb.org/docs/stable/internals/storage: a main header and two
	// database headers of 4 KiB each, then the blocks.
	tests := []struct {
		name    string
		spoil   func(t *testing.T, path string)
		damaged bool
		says    string
	}{
		{"empty", cut(0), true, replay},
		{"in the headers cut short", cut(5000), true, replay},
		{"half of it", cut(sizeOf(whole) / 2), true, replay},
		{"without its last bytes", cut(sizeOf(whole) - 1000), true, replay},
		{"other magic bytes", flipped(0), true, replay},
		{"other first header", flipped(4096), true, replay},
		{"other second header", flipped(8192), true, replay},
		{"no database", func(t *testing.T, path string) {
			if err := os.WriteFile(path, bytes.Repeat([]byte("accounts "), 10_000), 0o600); err != nil {
				t.Fatal(err)
			}
		}, true, replay},
		{"newer schema", func(t *testing.T, path string) {
			change(t, path, "INSERT INTO audit.migrations VALUES (999, '0999_later', now()); INSERT INTO audit.runs (run_id, started_at, version) VALUES ('r', now(), '9.9.9')")
		}, false, "its schema has version 999 and this program knows 2; nightaudit 9.9.9 wrote it: use that program, or a newer one"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "warehouse.duckdb")
			if _, err := copyFile(whole, path); err != nil {
				t.Fatal(err)
			}
			test.spoil(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			w, err := Open(t.Context(), Options{Path: path})
			if err == nil {
				w.Close()
				t.Fatal("it was opened")
			}
			if errors.Is(err, ErrDamaged) != test.damaged || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), path) {
				t.Errorf("it says: %v", err)
			}
			after, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file was changed: %v", err)
			}
			wantFiles(t, dir, "warehouse.duckdb")
		})
	}
}

// A crash while the database was made leaves a file of another name, which the
// next one makes anew.
func TestOpenMakesTheDatabaseAnewThatACrashLeftHalfMade(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "warehouse.duckdb")
	if err := os.WriteFile(path+".new", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	nightOn(t, openAt(t, path), 1)
	wantFiles(t, dir, "warehouse.duckdb", "warehouse.duckdb.wal")
}
