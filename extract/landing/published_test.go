package landing

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/nightaudit/nightaudit/extract/sealed"
)

// What is noted of published files is known at once, is taken over by the next seal, and
// is known by that from then on, whatever becomes of the note; and only once.
func TestPublishedIsSealed(t *testing.T) {
	s, _ := sealedLanding(t)
	run := filepath.Base(third)
	published := func(sum string) Published {
		return Published{Run: run, SealedFile: SealedFile{Name: "nightaudit.duckdb", Bytes: 7, SHA256: sum}}
	}
	known := func(want ...string) {
		t.Helper()
		v := verify(t, s, VerifyOptions{})
		mustFind(t, v)
		got := v.Published(run, "nightaudit.duckdb")
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != published(want[i]) {
				t.Fatalf("known are %+v, want %q", got, want)
			}
		}
		if len(v.Published(run, "other")) > 0 || len(v.Published("other", "nightaudit.duckdb")) > 0 {
			t.Error("another file is known by that name")
		}
	}
	known()
	ok(t, s.NotePublished([]Published{published("one")}))
	known("one")
	ok(t, s.NotePublished([]Published{published("two")})) // of a close
	known("one", "two")
	note := filepath.Join(s.dir, PublishedNote)
	before, err := os.ReadFile(note)
	ok(t, err)
	seal(t, s, landRun(t, s, fourth), SealOptions{})
	known("one", "two")
	ok(t, os.Remove(note))
	known("one", "two")
	ok(t, s.NotePublished([]Published{published("three")}))
	known("one", "two", "three")
	ok(t, os.WriteFile(note, before, 0o600)) // that of before the seal, put back
	known("one", "two")
	edit(t, s, fourth+"/seal.json", `"two"`, `"six"`)
	seal(t, s, landRun(t, s, "2026/03/05/20260305T180000Z-ffffff"), SealOptions{})
	if v := verify(t, openWith(t, s.dir, sealed.Keys{}), VerifyOptions{}); len(v.Findings) != 1 || v.Findings[0].Kind != Unlinked {
		t.Errorf("a hash that was changed in a seal: found %v", texts(v.Findings))
	}
	ok(t, os.WriteFile(note, []byte("{"), 0o600))
	if v := verify(t, s, VerifyOptions{}); len(v.Findings) != 2 || v.Findings[0].File != PublishedNote || v.Findings[0].Kind != Unreadable {
		t.Errorf("a note that is damaged: found %v", texts(v.Findings))
	}
	seal(t, s, landRun(t, s, "2026/03/06/20260306T180000Z-ffffff"), SealOptions{}) // which it does not hold up
}

// A command reads each run and each seal once, however often it asks: there is one of
// them for every night. What it writes itself it knows, and Verify looks again.
func TestRunsAndSealsAreReadOnce(t *testing.T) {
	whole, heads := sealedLanding(t)
	s := openWith(t, whole.dir, sealed.Keys{})
	for _, run := range []string{first, died, third} {
		for _, name := range []string{"run.json", "seal.json"} {
			path := filepath.Join(s.dir, run, name)
			if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
	}
	knows := func(runs int, head string) {
		t.Helper()
		got, err := s.Runs()
		ok(t, err)
		now, err := s.Head()
		ok(t, err)
		if holds, err := s.Holds(heads[0]); len(got) != runs || now != head || !holds || err != nil {
			t.Errorf("%d runs, head %s, %v; want %d and %s", len(got), now, err, runs, head)
		}
	}
	knows(3, heads[1])
	r := landRun(t, s, fourth)
	knows(4, heads[1])
	head := seal(t, s, r, SealOptions{})
	knows(4, head)
	if runs, err := s.Runs(); err != nil || runs[3].Outcome != "complete" || runs[3].Dir != filepath.FromSlash(fourth) {
		t.Errorf("the last run is %+v, %v", runs[3], err)
	}
	if v := verify(t, s, VerifyOptions{}); v.Seals != 1 || len(v.Findings) == 0 {
		t.Errorf("verified %+v", v)
	}
}
