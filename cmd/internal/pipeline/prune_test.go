package pipeline_test

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/demo"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
)

// Answers are removed for their age, their manifests stay, and a replay
// still gives everything back: it starts from the base that holds what the
// removed answers gave.
func TestPruneKeepsReplayWhole(t *testing.T) {
	slowTest(t)
	g := startGroup(t, demo.Options{Small: true})
	g.cfg.LandingKeep = 36 * time.Hour
	l := &living{g: g, rnd: rand.New(rand.NewPCG(3, 3))}
	first := g.now.UTC().Format("2006/01/02")
	for n := range 4 {
		if n > 0 {
			l.day()
		}
		g.wantExit(g.run(pipeline.Options{NoReport: true}), 0)
	}
	count := func(pattern string) int {
		files, err := filepath.Glob(filepath.Join(g.cfg.DataDir, "landing", first, "*", pattern))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	if n := count("*.jsonl.zst"); n != 0 {
		t.Errorf("%d segments of the first night are still there", n)
	}
	if n := count("*.manifest.jsonl"); n < 5 {
		t.Errorf("only %d manifests of the first night are left", n)
	}
	wantVerified(t, g.cfg)
	path := filepath.Join(g.cfg.Publish.Dir, "nightaudit.duckdb")
	before := wholeDump(t, path)
	result, err := pipeline.Replay(t.Context(), g.cfg, pipeline.Options{Now: g.clock})
	if err != nil {
		t.Fatal(err)
	}
	if result.Runs != 2 {
		t.Errorf("%d runs were replayed, want the two that are not in the base", result.Runs)
	}
	after := wholeDump(t, path)
	for table, rows := range before {
		if strings.Join(after[table], "\n") != strings.Join(rows, "\n") {
			equal(t, table, after[table], rows)
		}
	}
}
