package load

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A newer program died and left its log beside the database: to open the two for
// writing would bring the one into the other. Both stay as they are, byte for byte.
func TestNewerWithLogIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := openMade(t, filepath.Join(dir, "made.duckdb"))
	if _, err := w.db.Exec("SET wal_autocheckpoint = '1GB'; INSERT INTO audit.migrations VALUES (999, '0999_later', now())"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "warehouse.duckdb")
	before := map[string][]byte{}
	for _, suffix := range []string{"", ".wal"} { // as a machine without power leaves them
		data, err := os.ReadFile(w.path + suffix)
		if err == nil {
			err = os.WriteFile(path+suffix, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		before[path+suffix] = data
	}
	if opened, err := Open(t.Context(), Options{Path: path}); !errors.Is(err, ErrNewerSchema) {
		t.Fatalf("%v, %v", opened, err)
	}
	for file, data := range before {
		if after, err := os.ReadFile(file); err != nil || !bytes.Equal(after, data) {
			t.Errorf("%s was changed: %v", file, err)
		}
	}
}
