package iceberg

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/nightaudit/nightaudit/reports/reportstest"
)

// A file that another writer takes away while the folder is looked through is left out; a
// folder that was never there is an error.
func TestWalkPastWhatIsGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "c"} {
		reportstest.Write(t, filepath.Join(dir, name), name)
	}
	var seen []string
	look := func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if filepath.Base(path) == "a" {
			if err := os.Remove(filepath.Join(dir, "b")); err != nil {
				return err
			}
		}
		info, err := entry.Info()
		if err == nil {
			seen = append(seen, info.Name())
		}
		return err
	}
	if err := (folder{}).WalkDir(dir, look); err != nil || !slices.Equal(seen, []string{"a", "c"}) {
		t.Errorf("seen %v, %v", seen, err)
	}
	if err := (folder{}).WalkDir(filepath.Join(dir, "nowhere"), look); err == nil {
		t.Error("a folder that is not there is no error")
	}
}
