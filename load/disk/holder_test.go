package disk_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/load/disk"
)

// Whoever finds a lock taken is told by whom and since when; after it was given back
// nobody is named any more.
func TestTake(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	since := time.Date(2026, 12, 1, 8, 30, 7, 500, time.FixedZone("", 8*3600))
	release, err := disk.Take(path, 0o600, since)
	if err != nil {
		t.Fatal(err)
	}
	_, err = disk.Take(path, 0o600, since.Add(time.Hour))
	var held *disk.HeldError
	host, _ := os.Hostname()
	if !errors.As(err, &held) || held.Process != os.Getpid() || held.Host != host || held.Since.Format(time.RFC3339) != "2026-12-01T00:30:07Z" {
		t.Errorf("a second one is told %v", err)
	}
	// What another program wrote there names nobody.
	if err := os.WriteFile(path, []byte("4711\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = disk.Take(path, 0o600, since); err == nil || err.Error() != "which process holds it is not known" {
		t.Errorf("a second one is told %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadFile(path); err != nil || len(left) > 0 {
		t.Errorf("left are %q, %v", left, err)
	}
	if release, err = disk.Take(path, 0o600, since); err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
}
