package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// The last run is told by when it began. Its id knows no more than the second, and
// what follows is chance.
func TestLandedSinceInOneSecond(t *testing.T) {
	dir := t.TempDir()
	store, err := landing.Open(filepath.Join(dir, "landing"), (&config.Config{}).LandingKeys)
	ok(t, err)
	at := time.Date(2024, 4, 11, 3, 0, 0, 0, time.UTC)
	const published, failed = "20240411T030000Z-ffffff", "20240411T030000Z-000000"
	for id, began := range map[string]time.Time{published: at, failed: at.Add(400 * time.Millisecond)} {
		ok(t, store.SaveRun(landing.RunRecord{Run: ledger.Run{ID: id, At: began}, Outcome: "failed"}))
	}
	s := &status{Run: published}
	ok(t, s.landedSince(&config.Config{DataDir: dir}))
	if s.LastRun == nil || s.LastRun.Run != failed {
		t.Errorf("the last run is %+v, want %s", s.LastRun, failed)
	}
	s = &status{Run: failed}
	ok(t, s.landedSince(&config.Config{DataDir: dir}))
	if s.LastRun != nil {
		t.Errorf("what was published last is told as landed since: %+v", s.LastRun)
	}
}
