//go:build linux || darwin

package disk_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/nightaudit/nightaudit/load/disk"
)

// A lock is one file's: a second one is refused until the first is given back. In the
// place of a link nothing is locked and nothing made, and nobody waits for a pipe.
func TestLock(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	first := disk.Lock(path("lock"), 0o600)
	if ok, err := first.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if ok, err := disk.Lock(path("lock"), 0o600).TryLock(); ok || err != nil {
		t.Errorf("a second one: %v, %v", ok, err)
	}
	if err := first.Unlock(); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"to nothing": "made", "to a file": "lock"} {
		if err := os.Symlink(to, path(name)); err != nil {
			t.Fatal(err)
		}
		if ok, err := disk.Lock(path(name), 0o600).TryLock(); ok || err == nil {
			t.Errorf("a link %s is locked: %v", name, err)
		}
	}
	if _, err := os.Lstat(path("made")); err == nil {
		t.Error("a file was made where the link leads")
	}
	if err := syscall.Mkfifo(path("pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	pipe := disk.Lock(path("pipe"), 0o600)
	if _, err := pipe.TryLock(); err != nil { // it may be locked as any other file
		t.Log(err)
	}
	if err := pipe.Unlock(); err != nil {
		t.Error(err)
	}
}
