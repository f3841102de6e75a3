package pipeline_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract/simulate"
)

// Every account failed: nothing is published and no workbook is left, what
// people see stays to the byte, and what finance saved is not lost. The run is
// in the ledger as failed, is not taken up, and the next one goes on.
func TestNothingCame(t *testing.T) {
	slowTest(t)
	d := startDesk(t, 1)
	fail := func() *pipeline.Result {
		t.Helper()
		d.answering("soms", func(string, string) bool { return true }, simulate.Fault{Status: 503})
		result, err := pipeline.Run(t.Context(), d.cfg, pipeline.Options{Now: d.clock, Version: "test"})
		if !errors.Is(err, pipeline.ErrNothingCame) || result.ExitCode != 1 || result.Database+result.Workbook != "" {
			t.Errorf("the run ends with %+v, %v", result, err)
		}
		d.well("soms")
		return result
	}
	fail()
	if _, err := os.Stat(filepath.Join(d.cfg.Publish.Dir, "nightaudit.duckdb")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a first run that failed published something: %v", err)
	}
	if _, err := d.closing(pipeline.CloseOptions{Month: march}); err == nil {
		t.Error("a month was closed of which nothing is loaded")
	}

	d.now = d.now.Add(time.Hour)
	good := d.run(pipeline.Options{})
	d.save(good.Workbook, "Chen", map[string]entries{"B01": {"Accepted", "", ""}})
	before := read(t, good.Database) + read(t, good.Workbook)
	d.now = d.now.Add(time.Hour)
	fail()
	if read(t, good.Database)+read(t, good.Workbook) != before {
		t.Error("what people see is not as it was")
	}

	d.now = d.now.Add(time.Hour)
	next := d.run(pipeline.Options{})
	equal(t, "runs", d.query("SELECT outcome, exit_code FROM audit.runs ORDER BY started_at"), []string{"failed | 1", "complete | 0", "failed | 1", "complete | 0"})
	equal(t, "breaks", d.breaks(), []string{"B01 | accepted | – | –"})
	equal(t, "shown", d.shown(next.Workbook), d.breaks())
	d.wantReplayed(1)

	// A replay shows the last run that brought something.
	d.now = d.now.Add(time.Hour)
	fail()
	if _, err := pipeline.Replay(t.Context(), d.cfg, pipeline.Options{Now: d.clock}); err != nil {
		t.Fatal(err)
	}
	equal(t, "published", d.query("SELECT published_run_id FROM audit.meta"), []string{next.RunID})
	d.now = d.now.Add(time.Hour)
	d.run(pipeline.Options{})
	d.wantReplayed(1)
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
