package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// keptDemo is the instant of the demo of which documents and reports are kept
// as text, for a demo of today has today's dates. keptDate is the business date
// before it.
const (
	keptDemo = "2025-06-01T06:30:00+08:00"
	keptDate = "2025-05-31"
)

// kept is the folder in which that demo has run, once for all tests.
var kept struct {
	once sync.Once
	dir  string
}

// copyDemo copies the demo of keptDemo to a folder of a test's own.
func copyDemo(t *testing.T, to string) {
	t.Helper()
	kept.once.Do(func() {
		parent, err := os.MkdirTemp("", "nightaudit-demo-")
		if err != nil {
			t.Fatal(err)
		}
		kept.dir = filepath.Join(parent, "demo")
		nightaudit(t, "demo", "--dir", kept.dir, "--at", keptDemo)
	})
	err := filepath.WalkDir(kept.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(kept.dir, path)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, below), info.Mode().Perm())
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, below), data, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// suite are this package's tests; it removes the demo that they shared.
type suite struct{ *testing.M }

func (s suite) Run() int {
	code := s.M.Run()
	if kept.dir != "" {
		os.RemoveAll(filepath.Dir(kept.dir))
	}
	return code
}
