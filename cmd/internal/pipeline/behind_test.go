package pipeline_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
)

// A night does not begin anew beside the answers of earlier ones: over a
// working database that was lost, or over an older copy of it, it would
// publish less than people have seen. A replay brings back what is missing.
func TestWorkingDatabaseBehindTheLanding(t *testing.T) {
	slowTest(t)
	h := startHamlet(t)
	only(h.cfg, "tuya")
	working := filepath.Join(h.cfg.DataDir, "warehouse.duckdb")
	night := func() {
		if result := h.run(); result.ExitCode != 0 {
			t.Errorf("exit code %d: %+v", result.ExitCode, result.Accounts)
		}
	}
	night()
	first, err := os.ReadFile(working)
	if err != nil {
		t.Fatal(err)
	}
	h.now = h.now.AddDate(0, 0, 1)
	night()
	published := filepath.Join(h.cfg.Publish.Dir, "nightaudit.duckdb")
	before, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}

	h.now = h.now.AddDate(0, 0, 1)
	for _, c := range []struct {
		name string
		do   func() error
		says string
	}{
		{"lost", func() error { return os.Remove(working) }, "holds no run at all"},
		{"an older copy", func() error { return os.WriteFile(working, first, 0o600) }, "holds no run after "},
	} {
		if err := c.do(); err != nil {
			t.Fatal(err)
		}
		_, err := pipeline.Run(t.Context(), h.cfg, pipeline.Options{NoReport: true, Now: h.clock})
		if !errors.Is(err, pipeline.ErrBehind) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "nightaudit replay") {
			t.Errorf("%s: the night ended with %v, want ErrBehind with %q and where to go", c.name, err, c.says)
		}
		after, err := os.ReadFile(published)
		if err != nil {
			t.Fatal(err)
		}
		if string(after) != string(before) {
			t.Errorf("%s: what is published has changed", c.name)
		}
	}

	if _, err := pipeline.Replay(t.Context(), h.cfg, pipeline.Options{Now: h.clock}); err != nil {
		t.Fatal(err)
	}
	night()
}

// Of nights of one recorded time the last one is the last for whoever asks,
// and in a replay.
func TestNightsOfOneRecordedTime(t *testing.T) {
	slowTest(t)
	h := startHamlet(t)
	only(h.cfg, "tuya")
	var ids []string
	var database string
	for range 6 {
		result := h.run()
		ids, database = append(ids, result.RunID), result.Database
	}
	const inOrder = "SELECT run_id FROM audit.runs ORDER BY started_at, run_id"
	equal(t, "runs", lines(t, open(t, database), inOrder), ids)
	replayed, err := pipeline.Replay(t.Context(), h.cfg, pipeline.Options{Now: h.clock})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "runs replayed", lines(t, open(t, replayed.Database), inOrder), ids)
}
