package pipeline_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
)

// The journal of people is gone: a replay says which close it would lose and
// changes nothing; told to go on, it records the loss where the next replay and
// every reader find it, and the database that it replaced stays.
func TestReplayLosesNoCloseUnsaid(t *testing.T) {
	t.Parallel()
	h := startHamlet(t)
	only(h.cfg, "soms")
	options := pipeline.Options{Now: h.clock, Version: "test", By: "chen", NoReport: true}
	if result, err := pipeline.Run(t.Context(), h.cfg, options); err != nil || result.ExitCode != 0 {
		t.Fatalf("%v, %+v", err, result)
	}
	h.now = h.now.Add(time.Minute)
	if _, err := pipeline.Close(t.Context(), h.cfg, pipeline.CloseOptions{Month: h.now, Force: true, Reason: "a test", Options: options}); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(h.cfg.DataDir, "landing", "people")); err != nil {
		t.Fatal(err)
	}
	working, kept := filepath.Join(h.cfg.DataDir, "warehouse.duckdb"), filepath.Join(h.cfg.DataDir, "warehouse.before-replay.duckdb")
	before, err := os.ReadFile(working)
	if err != nil {
		t.Fatal(err)
	}

	_, err = pipeline.Replay(t.Context(), h.cfg, options)
	if lost := (*pipeline.LossError)(nil); !errors.As(err, &lost) || !strings.Contains(err.Error(), "the close of 2026-04, entered at 2026-04-09 19:01:00+00") {
		t.Fatalf("without the journal: %v", err)
	}
	if after, err := os.ReadFile(working); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the working database was touched: %v", err)
	}

	options.AcceptLoss = true
	if result, err := pipeline.Replay(t.Context(), h.cfg, options); err != nil || len(result.Lost) == 0 || result.Kept != kept {
		t.Fatalf("accepted: %v, %+v", err, result)
	}
	if there, err := os.ReadFile(kept); err != nil || !bytes.Equal(there, before) {
		t.Errorf("the database that was replaced is not kept: %v", err)
	}
	db := open(t, filepath.Join(h.cfg.Publish.Dir, "nightaudit.duckdb"))
	equal(t, "recorded", lines(t, db, "SELECT accepted_by, date_from, date_to FROM audit.losses WHERE lost_entry_id LIKE 'close-%'"), []string{"chen | 2026-04-01 | 2026-04-30"})
	shut(t, db)
}

// run carries out a night of a copy of the landing, a day later.
func (c *holed) run(o pipeline.Options) (*pipeline.Result, error) {
	o.Version, o.NoReport, o.Now = "test", true, func() time.Time { return c.now.AddDate(0, 0, 1) }
	return pipeline.Run(c.t.Context(), c.cfg, o)
}

// refusesRun wants a night to be refused, for the working database is behind or,
// begun anew, another one than people see, and to leave what they see.
func (c *holed) refusesRun(what string) {
	c.t.Helper()
	published := c.read(c.published())
	if _, err := c.run(pipeline.Options{}); !errors.Is(err, pipeline.ErrBehind) && !errors.As(err, new(*pipeline.TakenError)) {
		c.t.Errorf("%s: a night is not refused: %v", what, err)
	}
	if !bytes.Equal(c.read(c.published()), published) {
		c.t.Errorf("%s: what people see was touched", what)
	}
}

// No night begins over a working database that has less than people have seen,
// whatever of the landing is gone with it.
func TestRunNeverBeginsAnewBehindPeople(t *testing.T) {
	slowTest(t)
	l := buildLanding(t)
	for what, gone := range map[string][]string{
		"the working database": nil, "and the last night": {"{4}"}, "and all nights": {"{1}", "{2}", "{3}", "{4}"},
	} {
		c := l.copy(t)
		for _, name := range gone {
			c.do("rm " + name)
		}
		if err := os.Remove(c.working()); err != nil {
			t.Fatal(err)
		}
		c.refusesRun(what)
	}
	// An older copy in its place, and the night in between gone from the landing.
	c := l.copy(t)
	earlier, err := filepath.Glob(filepath.Join(c.cfg.Publish.Dir, "previous", "*.duckdb"))
	if err != nil || len(earlier) == 0 {
		t.Fatalf("%v, %v", earlier, err)
	}
	c.write(c.working(), c.read(earlier[len(earlier)-1]))
	c.do("rm {4}")
	c.refusesRun("an older copy")
}

// What a replay replaces is kept until a good night, and over several replays the
// first, and each that had more than what came after it.
func TestReplayKeepsWhatItReplaces(t *testing.T) {
	slowTest(t)
	l := buildLanding(t)
	kept := func(c *holed) int {
		files, err := filepath.Glob(filepath.Join(c.cfg.DataDir, "warehouse.before-replay*.duckdb"))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}

	t.Run("replays and a good night", func(t *testing.T) {
		c := l.copy(t)
		first := c.read(c.working())
		for range 2 {
			if _, err := c.replay(pipeline.Options{}); err != nil {
				t.Fatal(err)
			}
		}
		if kept(c) != 1 || !bytes.Equal(c.read(c.kept()), first) {
			t.Errorf("%d databases are kept, want the first", kept(c))
		}
		c.do("rm {4}") // the second had more than the third will have
		if _, err := c.replay(pipeline.Options{AcceptLoss: true}); err != nil {
			t.Fatal(err)
		}
		if kept(c) != 2 || !bytes.Equal(c.read(c.kept()), first) {
			t.Errorf("%d databases are kept, want two", kept(c))
		}
		if r, err := c.run(pipeline.Options{}); err != nil || r.ExitCode != 0 {
			t.Fatalf("%v, %+v", err, r)
		}
		if kept(c) != 0 {
			t.Errorf("%d databases are kept after a good night", kept(c))
		}
		db := open(t, c.published())
		defer shut(t, db)
		if n := lines(t, db, "SELECT count(*) > 0 FROM audit.losses")[0]; n != "true" {
			t.Error("the good night forgot what was lost")
		}
	})
	// The chain of seals has grown over what was lost: it is the same loss, and no
	// other.
	for what, step := range map[string]string{"the last run": "rm {4}", "its seal": "rm {4}/seal.json", "two files swapped": "swap {4}/seal.json {4}/run.json"} {
		t.Run("nights after losing "+what, func(t *testing.T) {
			c := l.copy(t)
			c.do(step)
			accepted, err := c.replay(pipeline.Options{AcceptLoss: true})
			if err != nil {
				t.Fatal(err)
			}
			// A night may bring orders again, and a seal that allows what none did.
			for n := range 3 {
				again, err := c.replay(pipeline.Options{})
				if err != nil || len(again.Lost) == 0 || n == 0 && len(again.Lost) != len(accepted.Lost) || len(again.Lost) > len(accepted.Lost) {
					t.Fatalf("after %d nights: %v", n, err)
				}
				if _, err := c.run(pipeline.Options{}); err != nil {
					t.Fatal(err)
				}
				c.now = c.now.AddDate(0, 0, 1)
			}
		})
	}
	t.Run("a damaged working database", func(t *testing.T) {
		c := l.copy(t)
		broken := append([]byte("this is no database "), c.read(c.working())[20:]...)
		c.write(c.working(), broken)
		r, err := c.replay(pipeline.Options{})
		if err != nil || len(r.Notices) != 1 || !strings.Contains(r.Notices[0], "could not be read, so nobody can say") {
			t.Fatalf("%v, %+v", err, r)
		}
		if !bytes.Equal(c.read(c.kept()), broken) {
			t.Error("the damaged database is not kept")
		}
		// What people see is compared all the same.
		d := l.copy(t)
		d.write(d.working(), broken)
		d.do("rm people")
		if _, err := d.replay(pipeline.Options{}); err == nil || !strings.Contains(err.Error(), "the close of 2026-04") {
			t.Errorf("without the journal: %v", err)
		}
	})
	t.Run("killed between the two renames", func(t *testing.T) {
		c := l.copy(t)
		if err := os.Rename(c.working(), c.kept()); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(c.published()); err != nil { // and people see nothing
			t.Fatal(err)
		}
		c.do("rm people")
		if _, err := c.replay(pipeline.Options{}); err == nil || !strings.Contains(err.Error(), "the close of 2026-04") {
			t.Errorf("the kept database is not compared: %v", err)
		}
	})
	t.Run("since a day", func(t *testing.T) {
		c := l.copy(t)
		since := pipeline.Options{ReplaySince: c.now.Add(-12 * time.Hour)}
		if r, err := c.replay(since); err != nil || r.Runs != 1 {
			t.Fatalf("%v, %+v", err, r)
		}
		c.do("keep {4}/soms-a.journal.jsonl 2")
		if _, err := c.replay(since); err == nil || !strings.Contains(err.Error(), "run "+c.runs[3]+", soms/a: its window ledger says neither") {
			t.Errorf("with a cut journal: %v", err)
		}
	})
}

// Answers are not removed for their age while the landing lacks something of their
// run, nor rows brought to another setting from a landing that does.
func TestHolesArePrunedAndRestatedByNobody(t *testing.T) {
	slowTest(t)
	l := buildLanding(t)
	c := l.copy(t)
	c.do("keep {3}/soms-a.journal.jsonl 4")
	c.cfg.LandingKeep = 24 * time.Hour
	r, err := c.run(pipeline.Options{})
	if err != nil || !strings.Contains(strings.Join(r.Notices, "\n"), "no answer was removed") {
		t.Errorf("%v, %+v", err, r)
	}
	c.at("{3}/soms-a-orders.jsonl.zst")

	d := l.copy(t)
	d.cfg.LandingKeep = 24 * time.Hour
	d.do("rm base.duckdb")
	r, err = d.run(pipeline.Options{})
	if err != nil || !strings.Contains(strings.Join(r.Notices, "\n"), "no answer was removed") {
		t.Errorf("without the base: %v, %+v", err, r)
	}
	d.at("{3}/soms-a-orders.jsonl.zst")
}

// A run's answers are no longer there for the account: the new setting is refused.
func TestRestateNeedsAWholeLanding(t *testing.T) {
	slowTest(t)
	h := startHamlet(t)
	only(h.cfg, "soms")
	wantComplete := func() {
		t.Helper()
		if r, err := pipeline.Run(t.Context(), h.cfg, pipeline.Options{Now: h.clock, Version: "test", NoReport: true}); err != nil || r.ExitCode != 0 {
			t.Fatalf("%v, %+v", err, r)
		}
	}
	wantComplete()
	h.pass()
	wantComplete()
	ledgers, err := filepath.Glob(filepath.Join(h.cfg.DataDir, "landing", "2026", "*", "*", "*", "soms-a.journal.jsonl"))
	if err == nil {
		err = os.Remove(ledgers[1])
	}
	if err != nil {
		t.Fatal(err)
	}
	h.cfg.Accounts = append([]config.Account(nil), h.cfg.Accounts...)
	h.cfg.Accounts[0].MemoOnly = true
	_, err = pipeline.Run(t.Context(), h.cfg, pipeline.Options{Now: h.clock, Version: "test", NoReport: true})
	if basis := (*pipeline.BasisError)(nil); !errors.As(err, &basis) || !strings.Contains(err.Error(), "the landing is not whole: run ") {
		t.Errorf("restated from a landing with a hole: %v", err)
	}
}
