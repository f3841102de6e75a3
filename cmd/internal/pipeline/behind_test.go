package pipeline_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/demo"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
)

// A night does not begin anew beside the answers of earlier ones: over a
// working database that was lost, or over an older copy of it, it would
// publish less than people have seen. A replay brings back what is missing.
func TestWorkingDatabaseBehindTheLanding(t *testing.T) {
	g := startGroup(t, demo.Options{Clean: true})
	g.cfg.Accounts = slices.DeleteFunc(g.cfg.Accounts, func(a config.Account) bool { return a.Driver.Name != "tuya" })
	working := filepath.Join(g.cfg.DataDir, "warehouse.duckdb")
	night := func() { g.wantExit(g.run(pipeline.Options{NoReport: true}), 0) }
	night()
	first, err := os.ReadFile(working)
	if err != nil {
		t.Fatal(err)
	}
	g.now = g.now.AddDate(0, 0, 1)
	night()
	published := filepath.Join(g.cfg.Publish.Dir, "nightaudit.duckdb")
	before, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}

	g.now = g.now.AddDate(0, 0, 1)
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
		_, err := pipeline.Run(t.Context(), g.cfg, pipeline.Options{NoReport: true, Now: g.clock})
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

	if _, err := pipeline.Replay(t.Context(), g.cfg, pipeline.Options{Now: g.clock}); err != nil {
		t.Fatal(err)
	}
	night()
}

// Of nights of one recorded time the last one is the last for whoever asks,
// and in a replay.
func TestNightsOfOneRecordedTime(t *testing.T) {
	g := startGroup(t, demo.Options{Clean: true})
	g.cfg.Accounts = slices.DeleteFunc(g.cfg.Accounts, func(a config.Account) bool { return a.Driver.Name != "tuya" })
	var ids []string
	var database string
	for range 6 {
		result := g.run(pipeline.Options{NoReport: true})
		g.wantExit(result, 0)
		ids, database = append(ids, result.RunID), result.Database
	}
	const inOrder = "SELECT run_id FROM audit.runs ORDER BY started_at, run_id"
	equal(t, "runs", lines(t, open(t, database), inOrder), ids)
	replayed, err := pipeline.Replay(t.Context(), g.cfg, pipeline.Options{Now: g.clock})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "runs replayed", lines(t, open(t, replayed.Database), inOrder), ids)
}
