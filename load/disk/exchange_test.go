package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Two files change their names, at once and in steps; nothing else is left.
func TestExchange(t *testing.T) {
	for name, exchange := range map[string]func(a, b string) error{"at once": Exchange, "in steps": exchangeInSteps} {
		dir := t.TempDir()
		a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
		write(t, a, "new")
		write(t, b, "old")
		if err := exchange(a, b); err != nil {
			t.Fatal(err)
		}
		left, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if read(t, a) != "old" || read(t, b) != "new" || len(left) != 2 {
			t.Errorf("%s: a is %q, b is %q, %d files", name, read(t, a), read(t, b), len(left))
		}
		if err := exchange(a, filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) || read(t, a) != "old" {
			t.Errorf("%s, with nothing: %v", name, err)
		}
	}
}

func TestMoveTo(t *testing.T) {
	dir := t.TempDir()
	a, b, c := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "c")
	write(t, a, "new")
	write(t, b, "old")
	if err := MoveTo(a, b); !errors.Is(err, fs.ErrExist) || read(t, a) != "new" || read(t, b) != "old" {
		t.Errorf("over a file: %v", err)
	}
	if err := MoveTo(a, c); err != nil || read(t, c) != "new" {
		t.Errorf("to a free name: %v", err)
	}
	if err := MoveTo(a, filepath.Join(dir, "d")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing: %v", err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
