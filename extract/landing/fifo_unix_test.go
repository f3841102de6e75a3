//go:build unix

package landing

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// A pipe in the place of any file is found, and nobody waits for who writes into
// it. A night that meets one where its seal looks goes on.
func TestPipesInPlaceOfFiles(t *testing.T) {
	s, _ := sealedLanding(t)
	names := slices.DeleteFunc(filesBelow(t, s.dir), func(name string) bool { return filepath.Base(name) == "lock" })
	for _, name := range names {
		path := filepath.Join(s.dir, name)
		ok(t, os.Rename(path, path+".new"))
		ok(t, syscall.Mkfifo(path, 0o600))
		if v := verify(t, s, VerifyOptions{}); len(v.Findings) == 0 {
			t.Errorf("%s: nothing is found", name)
		}
		ok(t, os.Remove(path))
		ok(t, os.Rename(path+".new", path))
	}
	mustFind(t, verify(t, s, VerifyOptions{}))

	ok(t, syscall.Mkfifo(filepath.Join(s.dir, died, "seal.json"), 0o600))
	ok(t, syscall.Mkfifo(filepath.Join(s.dir, died, "soms-other.jsonl.zst"), 0o600))
	ok(t, syscall.Mkfifo(filepath.Join(s.dir, "people", "2026-03-01-000003.jsonl"), 0o600))
	seal(t, openWith(t, s.dir, sealed.Keys{}), landRun(t, s, fourth), SealOptions{})
	mustFind(t, verify(t, s, VerifyOptions{}), "unreadable "+died+"/seal.json", "unknown "+died+"/soms-other.jsonl.zst", "unreadable people/2026-03-01-000003.jsonl")
	attacks.In(t).All(len(names) + 3)
}
