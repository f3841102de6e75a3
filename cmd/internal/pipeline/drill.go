package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/load/disk"
)

// A restore drill makes a database from the landing alone, as a replay does, in a folder
// of its own, and compares it with what people see. It changes nothing.

// DrillResult is what a restore drill compared.
type DrillResult struct {
	Runs      int               `json:"runs"`
	Answers   int               `json:"answers"`
	Entries   int               `json:"entries"`   // of people
	Databases []string          `json:"databases"` // that were compared with what was rebuilt
	Tables    int               `json:"tables"`    // of each
	Rows      int64             `json:"rows"`      // of all tables of the last of them
	Seconds   float64           `json:"seconds"`   // that it took in all
	Findings  []landing.Finding `json:"findings"`
	Notices   []string          `json:"notices,omitempty"`
}

// ErrMoved is a drill during which a command was at work: what differs may be its work.
var ErrMoved = errors.New("a run or another command worked on the data folder meanwhile")

// RestoreTest rebuilds the database in a folder beside the data folder, which is removed
// again, and compares every table with the working and the published database. The data
// folder is locked only while these are copied: runs and readers need not wait for the
// rest.
func RestoreTest(ctx context.Context, cfg *config.Config, o Options) (result *DrillResult, err error) {
	began := time.Now()
	home, err := newRunner(cfg, o)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(home.landingDir()); err != nil {
		return nil, fmt.Errorf("there is no landing: %w", err)
	}
	unlock, err := home.lockAs("restore-test.lock") // of one drill at a time
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	scratch, err := makeScratch(cfg.DataDir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	d, err := beginDrill(ctx, home, scratch)
	if err != nil {
		return nil, err
	}
	if err := d.rebuildAndCompare(ctx); err != nil {
		return nil, err
	}
	if len(d.out.Findings) > 0 {
		if err := d.unmoved(); err != nil {
			return nil, err
		}
	}
	d.out.Seconds = time.Since(began).Seconds()
	return d.out, nil
}

// makeScratch makes an empty folder beside the data folder or, where nobody but others may
// write there, in it. What a drill left that was killed is removed.
func makeScratch(data string) (dir string, err error) {
	for _, dir = range []string{filepath.Clean(data) + ".restore-test", filepath.Join(data, "restore-test")} {
		if err = os.RemoveAll(dir); err == nil {
			err = os.Mkdir(dir, 0o700)
		}
		if err == nil || !errors.Is(err, fs.ErrPermission) {
			break
		}
	}
	if err != nil {
		return "", fmt.Errorf("make a folder for the restore test: %w", err)
	}
	return dir, nil
}

// drill is a runner whose databases are copies in a folder of its own, and whose landing is
// that of home.
type drill struct {
	*runner
	home *runner
	runs []landing.RunRecord
	// What the landing had when the databases were copied: the head of its chain, and how
	// many entries of people.
	head    string
	entries int
	out     *DrillResult
}

// beginDrill copies what is compared, under the lock, and lists what is landed.
func beginDrill(ctx context.Context, home *runner, scratch string) (d *drill, err error) {
	unlock, err := home.lock()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := home.refuseNewer(ctx); err != nil {
		return nil, err
	}
	if err := home.roomToRestore(scratch); err != nil {
		return nil, err
	}
	cfg := *home.cfg
	cfg.DataDir, cfg.Publish.Dir = scratch, filepath.Join(scratch, "published")
	r, err := newRunner(&cfg, home.o)
	if err != nil {
		return nil, err
	}
	r.landingAt, r.accounts = home.landingDir(), cfg.Accounts
	for _, dir := range []string{cfg.Publish.Dir, r.staging} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make a folder for the restore test: %w", err)
		}
	}
	for _, of := range []struct {
		from, to string
		withLog  bool
	}{{home.warehousePath(), r.warehousePath(), true}, {home.publishedPath(), r.publishedPath(), false}} {
		if err := load.CopyClosed(of.from, of.to, of.withLog); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if r.landing, err = landing.Open(r.landingDir(), cfg.LandingKeys); err != nil {
		return nil, err
	}
	d = &drill{runner: r, home: home, out: &DrillResult{Findings: []landing.Finding{}}}
	if err := r.readChanges(func(error) error { return nil }); err != nil {
		return nil, err
	}
	if d.runs, err = r.landedRuns(); err != nil {
		return nil, err
	}
	if len(d.runs) == 0 {
		return nil, fmt.Errorf("nothing is landed in %s: there is nothing to restore", r.landingDir())
	}
	entries, _, err := r.journal(func(error) error { return nil })
	if err != nil {
		return nil, err
	}
	d.entries = len(entries)
	d.head, err = r.landing.Head()
	return d, err
}

// roomToRestore refuses a disk that has no room for copies of what is compared and for what
// is rebuilt with its log.
func (r *runner) roomToRestore(scratch string) error {
	var needed, largest int64
	for _, path := range []string{r.warehousePath(), r.publishedPath(), filepath.Join(r.landingDir(), "base.duckdb")} {
		if info, err := os.Stat(path); err == nil {
			needed, largest = needed+info.Size(), max(largest, info.Size())
		}
	}
	needed += max(load.Room(""), 2*largest)
	free, err := disk.Free(scratch)
	if err != nil {
		return err
	}
	if free < needed {
		return &disk.FullError{Path: scratch, Needed: needed, Least: true, Free: free, Err: fmt.Errorf("there is no room for the restore test in %s", scratch)}
	}
	return nil
}

func (d *drill) find(run, file string, kind landing.Kind, text string) {
	d.out.Findings = append(d.out.Findings, landing.Finding{Run: run, File: file, Kind: kind, Text: text})
}

// rebuildAndCompare finds what a replay would refuse, and every table that is not the
// same.
func (d *drill) rebuildAndCompare(ctx context.Context) error {
	c, err := d.beginComparison(ctx)
	if err != nil {
		return err
	}
	from, _, err := d.rebuildAll(c, d.runs)
	if err != nil {
		return err
	}
	from.fresh = filepath.Join(d.staging, "restored.duckdb")
	done, err := d.rebuild(ctx, from)
	if err != nil {
		return err
	}
	d.out.Runs, d.out.Answers, d.out.Entries = done.runs, done.pages, done.entries
	if err := d.losses(ctx, c, from.fresh, done.lost); err != nil {
		return err
	}
	d.out.Notices = append(d.out.Notices, append(c.notices, done.notices...)...)
	d.observer.Stage("compare every table")
	working, err := d.compare(ctx, from.fresh, d.warehousePath(), d.home.warehousePath(), nil)
	if err == nil {
		_, err = d.compare(ctx, from.fresh, d.publishedPath(), d.home.publishedPath(), working)
	}
	return err
}

// losses finds what a replay would refuse to go on without. What was accepted is told.
func (d *drill) losses(ctx context.Context, c *comparison, fresh string, told []load.Loss) (err error) {
	w, err := d.openWarehouse(ctx, load.Options{Path: fresh})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	known, found, err := d.lossesOf(ctx, c, w, told)
	for i := range found {
		d.find(found[i].Run, "", landing.Missing, found[i].String())
	}
	for i := range known {
		d.out.Notices = append(d.out.Notices, "accepted as lost: "+known[i].String())
	}
	return err
}

// compare compares every table of a copy, which is brought up to date, with what was
// rebuilt. Where the copy lacks runs or entries that ahead has, for these were not
// published, it is left out.
func (d *drill) compare(ctx context.Context, fresh, copied, path string, ahead *load.Ledger) (*load.Ledger, error) {
	if !isFile(copied) {
		d.find("", path, landing.Missing, "there is no such database to compare with what was rebuilt")
		return nil, nil
	}
	have, settings, err := d.ledgerOf(ctx, copied)
	switch {
	case load.IsDamaged(err):
		d.find("", path, landing.Unreadable, err.Error())
		return nil, nil
	case err != nil:
		return nil, err
	}
	if ahead != nil {
		if missing := ahead.LacksOf(have); len(missing) > 0 {
			d.out.Notices = append(d.out.Notices, fmt.Sprintf("%s was not compared table by table: it does not show %s, which the working database has", path, strings.Join(missing, ", ")))
			return have, nil
		}
	}
	result, err := load.CompareTables(ctx, fresh, copied, load.Options{TempDir: filepath.Join(d.staging, "spill"), MemoryLimit: d.cfg.MemoryLimit})
	if err != nil {
		return nil, err
	}
	d.out.Databases, d.out.Tables, d.out.Rows = append(d.out.Databases, path), result.Tables, result.Rows
	d.judge(path, settings, result.Differences)
	return have, nil
}

// ledgerOf brings a copy up to date and says what it holds in short, and under which
// settings it was made.
func (d *drill) ledgerOf(ctx context.Context, copied string) (l *load.Ledger, s *otherSettings, err error) {
	w, err := d.openWarehouse(ctx, load.Options{Path: copied})
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := w.ReadAll(ctx); err != nil {
		return nil, nil, err
	}
	if s, err = d.settingsOf(ctx, w); err != nil {
		return nil, nil, err
	}
	l, err = w.Ledger(ctx)
	return l, s, err
}

// unmoved refuses to judge what differs where a command has worked on the data folder since
// the databases were copied.
func (d *drill) unmoved() error {
	unlock, err := d.home.lock()
	if errors.Is(err, ErrLocked) {
		return fmt.Errorf("%w: %w", ErrMoved, err)
	}
	if err != nil {
		return err
	}
	d.landing.Forget()
	runs, err := d.landedRuns()
	head, headErr := d.landing.Head()
	entries, _, journalErr := d.journal(func(error) error { return nil })
	if err := errors.Join(err, headErr, journalErr, unlock()); err != nil {
		return err
	}
	if head != d.head || len(runs) != len(d.runs) || len(entries) != d.entries {
		return ErrMoved
	}
	return nil
}
