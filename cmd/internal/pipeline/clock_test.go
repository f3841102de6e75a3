package pipeline_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/extract/simulate"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// clocked is the hamlet whose nights are begun by a computer with a clock of its
// own: h.now is the true time, which the vendors tell.
type clocked struct {
	*hamlet
	off  time.Duration // by how much the computer's clock is ahead
	dead atomic.Bool   // no vendor answers anything
	mute atomic.Bool   // no vendor tells its time
}

// mutely answers without a Date.
type mutely struct{ http.ResponseWriter }

func (w mutely) WriteHeader(status int) {
	w.Header()["Date"] = nil
	w.ResponseWriter.WriteHeader(status)
}

func (w mutely) Write(b []byte) (int, error) {
	w.Header()["Date"] = nil
	return w.ResponseWriter.Write(b)
}

// startClocked leaves out the simulator of Tuya, whose clock is the real one,
// and those that keep names of sources.
func startClocked(t *testing.T, without ...string) *clocked {
	t.Helper()
	c := &clocked{}
	c.hamlet = startHamletBehind(t, func(_ string, vendor http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case c.dead.Load():
				panic(http.ErrAbortHandler)
			case c.mute.Load():
				w = mutely{w}
			}
			vendor.ServeHTTP(w, r)
		})
	})
	without = append(without, "tuya")
	c.cfg.Accounts = slices.DeleteFunc(c.cfg.Accounts, func(a config.Account) bool { return slices.Contains(without, a.Driver.Name) })
	return c
}

func (c *clocked) wrong() time.Time { return c.now.Add(c.off) }

func (c *clocked) night() (*pipeline.Result, error) {
	return pipeline.Run(c.t.Context(), c.cfg, pipeline.Options{Now: c.wrong, Version: "test", NoReport: true})
}

// pass lets a day pass in which orders are made and go on, and none disappears:
// after many nights that did not begin a list would lack too many at once.
func (c *clocked) pass() {
	old := c.day() - 2
	c.stay(old, 0, "checked_in")
	c.retail(old, 0, "delivered", c.day())
	c.booking(old, 0, 180)
	c.delivery(old, 0, "RECEIVED")
	c.create(c.day())
	c.now = c.now.AddDate(0, 0, 1)
}

// files are the names and sizes of all that is landed.
func (c *clocked) files() []string {
	var names []string
	err := filepath.WalkDir(filepath.Join(c.cfg.DataDir, "landing"), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		names = append(names, fmt.Sprintf("%s %d", path, info.Size()))
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return names
}

func (c *clocked) pruned() map[string]bool {
	store, err := landing.Open(filepath.Join(c.cfg.DataDir, "landing"), c.cfg.LandingKeys)
	if err != nil {
		c.t.Fatal(err)
	}
	runs, err := store.Runs()
	if err != nil {
		c.t.Fatal(err)
	}
	pruned := map[string]bool{}
	for _, r := range runs {
		pruned[r.ID] = r.Pruned
	}
	return pruned
}

// jumps are by how much a clock is off, in both directions: a little, as by a
// change of clocks made by hand, as by a wrong date, a wrong month or an empty
// battery.
var jumps = []time.Duration{
	3 * time.Minute, -3 * time.Minute, time.Hour, -time.Hour, 6 * time.Hour, -6 * time.Hour, 23 * time.Hour, -23 * time.Hour,
	26 * time.Hour, -26 * time.Hour, 9 * day, -9 * day, 40 * day, -40 * day, 3653 * day, -3653 * day, 73 * 365 * day,
}

const day = 24 * time.Hour

// off is how a night begins: by how much the clock is ahead, and whether nobody
// can be reached.
type off struct {
	by   time.Duration
	dead bool
}

// A clock walks for 60 nights, in Cairo, where a day of April has 23 hours: ahead
// by more than a few minutes no night begins and nothing is changed; behind what was
// recorded neither; whenever it is right the night comes to its end. No answer goes
// before its age, by the true time, and each does after it. In some nights nobody
// can be reached.
func TestClockWalks(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			longTest(t)
			rnd := rand.New(rand.NewPCG(seed, 0))
			nights := make([]off, 60)
			for n := range nights[1:] {
				if rnd.IntN(2) == 0 {
					nights[n+1].by = jumps[rnd.IntN(len(jumps))]
				}
				nights[n+1].dead = rnd.IntN(6) == 0
			}
			startClocked(t, "soms").walk(nights, 10*day)
		})
	}
}

// The same for a few nights and one vendor.
func TestClockWalksAWeek(t *testing.T) {
	slowTest(t)
	startClocked(t, "soms", "starhotel", "guoxiaodi").walk([]off{
		{}, {by: -23 * time.Hour}, {by: 3653 * day}, {by: 6 * time.Hour}, {}, {by: 3653 * day, dead: true}, {by: 9 * day, dead: true}, {by: -9 * day}, {by: -3653 * day, dead: true}, {},
	}, 84*time.Hour)
}

func (c *clocked) walk(nights []off, keep time.Duration) {
	t := c.t
	cairo, err := time.LoadLocation("Africa/Cairo")
	if err != nil {
		t.Fatal(err)
	}
	c.now = time.Date(2026, 4, 10, 0, 30, 0, 0, cairo)
	c.cfg.LandingKeep = keep
	begun := map[string]time.Time{} // by run, the true time
	var last time.Time              // the recorded time of the last that came to its end
	ended := map[string]int{}
	for n, night := range nights {
		var before []string
		if n > 0 {
			c.pass()
			before = c.files()
		}
		c.off = night.by
		c.dead.Store(night.dead)
		what := fmt.Sprintf("night %d, off by %s, dead %t", n, c.off, night.dead)
		result, err := c.night()
		var want error
		switch {
		case c.wrong().Before(last):
			want = pipeline.ErrEarlier
		case !night.dead && c.off > 5*time.Minute, night.dead && c.wrong().Sub(last) > 62*day:
			want = pipeline.ErrClockAhead
		case night.dead:
			want = pipeline.ErrNothingCame
		}
		ended[fmt.Sprint(want)]++
		if !errors.Is(err, want) || want == nil && result.ExitCode != 0 {
			t.Fatalf("%s: %+v, %v; want %v", what, result, err, want)
		}
		switch want {
		case nil:
			begun[result.RunID], last = c.now, c.wrong()
			c.wantNotOver(result.Database)
			c.wantPruned(what, begun, keep)
		case pipeline.ErrEarlier, pipeline.ErrClockAhead:
			equal(t, what+": landed", c.files(), before)
		}
	}
	t.Logf("the nights ended with %v", ended)
	if len(ended) != 4 {
		t.Error("the walk does not show everything")
	}
	c.off = 0
	c.dead.Store(false)
	c.pass()
	if result, err := c.night(); err != nil || result.ExitCode != 0 {
		t.Fatalf("the last night: %+v, %v", result, err)
	}
	c.wantNothingLost()
}

// wantNotOver wants no business date to be over that is not, by the true time: all
// days begin at midnight in China.
func (c *clocked) wantNotOver(database string) {
	c.t.Helper()
	db := open(c.t, database)
	today := c.now.Add(5 * time.Minute).In(soms.Zone).Format(time.DateOnly)
	equal(c.t, "dates that are over and are not", lines(c.t, db, "SELECT business_date FROM audit.last_complete WHERE business_date >= ?::DATE", today), nil)
	if err := db.Close(); err != nil {
		c.t.Fatal(err)
	}
}

// wantPruned wants the answers gone of the runs that are older than keep, by the
// true time, and of no others. A clock may be a few minutes ahead; by one that is
// behind, answers stay longer.
func (c *clocked) wantPruned(what string, begun map[string]time.Time, keep time.Duration) {
	c.t.Helper()
	for id, gone := range c.pruned() {
		at, ended := begun[id]
		if !ended {
			continue // it brought nothing
		}
		if age := c.now.Sub(at); gone && age < keep-5*time.Minute || !gone && c.off == 0 && age > keep+5*time.Minute {
			c.t.Fatalf("%s: run %s is %s old, and that its answers were removed is %t", what, id, age, gone)
		}
	}
}

// wantNothingLost compares what the nights gave with one full load.
func (c *clocked) wantNothingLost() {
	c.t.Helper()
	path := filepath.Join(c.cfg.Publish.Dir, "nightaudit.duckdb")
	walked := liveFacts(c.t, path)
	if err := errors.Join(os.RemoveAll(c.cfg.DataDir), os.RemoveAll(c.cfg.Publish.Dir)); err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.night(); err != nil {
		c.t.Fatal(err)
	}
	for table, rows := range liveFacts(c.t, path) {
		equal(c.t, "full load of "+table, walked[table], rows)
	}
}

// A refusal gives both times and says what to do; a vendor alone whose clock is
// off disturbs nobody.
func TestClockAhead(t *testing.T) {
	t.Parallel()
	c := startClocked(t, "soms", "guoxiaodi")
	c.off = 10 * 365 * day
	_, err := c.night()
	for _, words := range []string{"2036-04-06T19:00:00Z", "akubela/a says 2026-04-09T19:00:00Z", "starhotel/a says 2026-04-09T19:00:00Z", "set the computer's clock right"} {
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("the refusal %v lacks %q", err, words)
		}
	}
	if runs, err := filepath.Glob(filepath.Join(c.cfg.DataDir, "landing", "*", "*")); err != nil || len(runs) != 0 {
		t.Errorf("something is landed: %v, %v", runs, err)
	}
	c.dead.Store(true) // nobody tells: the night has failed, and stands in nobody's way
	c.off = day
	if _, err := c.night(); !errors.Is(err, pipeline.ErrNothingCame) {
		t.Errorf("nobody can be reached: %v", err)
	}
	c.dead.Store(false)
	c.off = 0
	c.answering("akubela", func(string, string) bool { return true }, simulateDate(c.now.AddDate(-3, 0, 0)))
	if result, err := c.night(); err != nil || result.ExitCode != 3 {
		t.Errorf("with one vendor three years behind: %+v, %v", result, err)
	}
}

// simulateDate is an answer of a vendor that is out of order, at a time.
func simulateDate(at time.Time) simulate.Fault {
	return simulate.Fault{Status: 500, Header: http.Header{"Date": {at.UTC().Format(http.TimeFormat)}}}
}
