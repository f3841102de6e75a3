package disk

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// What a process that died left is removed with the next folder of its prefix, once
// it is a day old: not what is younger, of another prefix, no folder or a link to
// one, and nothing that such a link leads to.
func TestOwnFolders(t *testing.T) {
	dir, elsewhere := filepath.Join(t.TempDir(), "a [b]*"), t.TempDir()
	yesterday := time.Now().Add(-25 * time.Hour)
	make := func(name string, old bool) {
		t.Helper()
		path := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Join(path, "inside"), 0o700)
		if old {
			err = errors.Join(err, os.Chtimes(path, yesterday, yesterday))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	make(".own-1-old", true)
	make(".own-2-young", false)
	make(".other-1-old", true)
	for name, put := range map[string]func(string) error{
		".own-3-file": func(path string) error { return os.WriteFile(path, nil, 0o600) },
		".own-4-link": func(path string) error { return os.Symlink(elsewhere, path) },
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(put(path), os.Chtimes(path, yesterday, yesterday)); err != nil {
			t.Fatal(err)
		}
	}
	mine, err := Own(dir, ".own-")
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(mine); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
	left := func() (names []string) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
	want := []string{".other-1-old", ".own-2-young", ".own-3-file", ".own-4-link", filepath.Base(mine)}
	slices.Sort(want)
	if got := left(); !slices.Equal(got, want) {
		t.Errorf("left are %q, want %q", got, want)
	}
	if _, err := os.Stat(elsewhere); err != nil {
		t.Error("what a link leads to is gone")
	}
	attacks.In(t).All(5)

	if err := Forget(dir, ".own-", os.Getpid()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(left(), " "); got != ".other-1-old .own-2-young .own-3-file .own-4-link" {
		t.Errorf("left are %q", got)
	}
}
