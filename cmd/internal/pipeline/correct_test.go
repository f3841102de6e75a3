package pipeline_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
)

// The way out of runs that stand in the future, as an operator goes it: vendors
// that tell no time let a clock pass that is 40 days ahead; a month is closed by
// it. With the clock right no night begins, and says what to do; that moves the
// two runs and the close to just after the last night, and nights go on with
// nothing lost. A plain replay gives the same.
func TestCorrectClock(t *testing.T) {
	slowTest(t)
	c := startClocked(t, "guoxiaodi")
	night := func() *pipeline.Result {
		t.Helper()
		result, err := c.night()
		if err != nil || result.ExitCode != 0 {
			t.Fatalf("%+v, %v", result, err)
		}
		return result
	}
	first, firstAt := night().RunID, c.now
	c.pass()
	c.off = 40 * day
	c.mute.Store(true)
	second, secondAt := night().RunID, c.wrong()
	c.pass()
	third, thirdAt := night().RunID, c.wrong()
	closing := pipeline.CloseOptions{
		Options: pipeline.Options{Now: c.wrong, By: "Chen"}, Month: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), Force: true, Reason: "a test",
	}
	if _, err := pipeline.Close(t.Context(), c.cfg, closing); err != nil {
		t.Fatal(err)
	}

	c.pass()
	c.off = 0
	c.mute.Store(false)
	correct := pipeline.Options{Now: c.wrong, By: "Li", CorrectClock: true}
	if _, err := c.night(); !errors.Is(err, pipeline.ErrEarlier) || !strings.Contains(err.Error(), "the computer's clock is right") ||
		!strings.Contains(err.Error(), "nightaudit replay --correct-clock") {
		t.Errorf("the night after: %v", err)
	}
	c.off = -10 * 365 * day // by such a clock all nights stand in the future
	if _, err := pipeline.Replay(t.Context(), c.cfg, correct); !errors.Is(err, pipeline.ErrClockAhead) {
		t.Errorf("corrected by a clock that is behind: %v", err)
	}
	c.off = 0
	c.dead.Store(true)
	if _, err := pipeline.Replay(t.Context(), c.cfg, correct); !errors.Is(err, pipeline.ErrClockAhead) {
		t.Errorf("corrected by a clock that nobody confirms: %v", err)
	}
	c.dead.Store(false)
	result, err := pipeline.Replay(t.Context(), c.cfg, correct)
	if err != nil || result.Moved != 3 {
		t.Fatalf("%+v, %v; want 3 moved", result, err)
	}
	micro := func(at time.Time, n int) string {
		return at.UTC().Add(time.Duration(n) * time.Microsecond).Format("2006-01-02 15:04:05.999999")
	}
	path := filepath.Join(c.cfg.Publish.Dir, "nightaudit.duckdb")
	db := open(t, path)
	text := func(column string) string { return "strftime(timezone('UTC', " + column + "), '%Y-%m-%d %H:%M:%S.%f')" }
	equal(t, "runs", lines(t, db, "SELECT run_id, rtrim(rtrim("+text("started_at")+", '0'), '.') FROM audit.runs"),
		[]string{first + " | " + micro(firstAt, 0), second + " | " + micro(firstAt, 1), third + " | " + micro(firstAt, 2)})
	equal(t, "closes", lines(t, db, "SELECT period, rtrim("+text("closed_at")+", '0') FROM audit.closes"), []string{"2026-04 | " + micro(firstAt, 3)})
	equal(t, "corrections", lines(t, db, "SELECT subject, corrected_by, rtrim(rtrim("+text("recorded_at")+", '0'), '.') FROM audit.clock_corrections WHERE subject NOT LIKE 'close%'"),
		[]string{second + " | Li | " + micro(secondAt, 0), third + " | Li | " + micro(thirdAt, 0)})
	equal(t, "what stands in the future", lines(t, db, "SELECT max(window_end) FROM audit.extracts WHERE window_end > ?", c.now), []string{"–"})
	equal(t, "versions in the future", lines(t, db, "SELECT count(*) FROM audit.order_versions WHERE valid_from > ?", c.now), []string{"0"})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	wantVerified(t, c.cfg)
	c.now = c.now.Add(time.Hour)
	night()
	wantVerified(t, c.cfg)
	before := wholeDump(t, path)
	if _, err := pipeline.Replay(t.Context(), c.cfg, pipeline.Options{Now: c.wrong}); err != nil {
		t.Fatal(err)
	}
	for table, rows := range wholeDump(t, path) {
		equal(t, "replayed "+table, rows, before[table])
	}
	c.now = c.now.Add(time.Hour)
	if again, err := pipeline.Replay(t.Context(), c.cfg, correct); err != nil || again.Moved != 0 {
		t.Errorf("corrected once more: %+v, %v", again, err)
	}
	c.wantNothingLost()
}
