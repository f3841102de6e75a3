package disk_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/nightaudit/nightaudit/load/disk"
)

func writeText(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.json")
	// What an interrupted attempt left beside it does not stay.
	if err := os.WriteFile(path+".new", []byte("a longer text that a crash left"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"first", "second"} {
		if err := disk.Replace(path, 0o600, writeText(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("the file holds %q, %v; want %q", got, err, text)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	mustHold(t, dir, "a.json")
}

func TestReplaceThatFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.json")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("no more room")
	err := disk.Replace(path, 0o600, func(w io.Writer) error {
		if _, err := io.WriteString(w, "half"); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "before" {
		t.Errorf("the file holds %q, %v; want what it held before", got, err)
	}
	mustHold(t, dir, "a.json")
	// A folder in its place cannot be replaced, and nothing is left beside it.
	if err := os.MkdirAll(filepath.Join(dir, "b.json", "c"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := disk.Replace(filepath.Join(dir, "b.json"), 0o600, writeText("x")); err == nil {
		t.Error("a folder was replaced")
	}
	mustHold(t, dir, "a.json", "b.json")
}

func TestMakeFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "2025", "06", "01")
	for range 2 {
		if err := disk.MakeFolder(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(filepath.Dir(dir)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v, %v; want 0700", info.Mode(), err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := disk.MakeFolder(filepath.Join(file, "x"), 0o700); err == nil {
		t.Error("a folder was made below a file")
	}
}

func mustHold(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if len(got) != len(want) {
		t.Errorf("the folder holds %q, want %q", got, want)
		return
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("the folder holds %q, want %q", got, want)
		}
	}
}
