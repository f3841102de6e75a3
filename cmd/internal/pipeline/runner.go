package pipeline

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/scratch"
	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// ErrLocked is returned when another run has the data folder.
var ErrLocked = errors.New("another run is at work on this data folder")

// runner carries out one command on a data folder: a run, the plan of one, a
// replay, a close or annotations.
type runner struct {
	cfg       *config.Config
	o         Options
	asked     string     // what the options ask for, see resume.go
	run       ledger.Run // under way; a replay sets one after the other
	accounts  []config.Account
	warehouse *load.Warehouse
	landing   *landing.Store
	changes   []load.AccountChange // of names, see rename.go
	splitting *sync.Mutex          // one account is split at a time
	moved     []landing.Moved      // segments of what vendors pushed
	saved     *savedBooks          // what people had saved, for a run and for a report
	broken    string               // what is wrong with the landing's chain of seals, "" if nothing
	ends      time.Time            // when no vendor is asked any more, by the machine's running
	gap       Gap                  // between the run before and this one
	dates     *vendorDates
	doubtful  bool // the run's time may be wrong, see clock.go
	shifted   bool // a replayed run stands at another time than its clock said
	staging   string
	landingAt string          // the folder of the landing, for one that works elsewhere than in data_dir
	adoptions []load.Adoption // that are to be entered
	place     *load.Place     // what lay where the database is published; nil for nothing
	unread    *load.Place     // the published file, where it is this database's own and damaged
	meters    *meter.Accounts
	after     *meter.Meter // of what comes after the ledger was written, see stages.go
	observer  Observer
	log       *slog.Logger

	vendorsSaid time.Time // zero unless the run's clock is behind all of them
}

// prepare takes the data folder's lock and opens the landing; end gives both
// back.
func prepare(ctx context.Context, cfg *config.Config, o Options) (_ *runner, end func() error, err error) {
	r, err := newRunner(cfg, o)
	if err != nil {
		return nil, nil, err
	}
	unlock, err := r.lock()
	if err != nil {
		return nil, nil, err
	}
	end = func() error { return errors.Join(os.RemoveAll(r.staging), unlock()) }
	r.sweep()
	if err = r.refuseNewer(ctx); err == nil {
		err = r.clearStaging()
	}
	if err == nil {
		r.landing, err = landing.Open(r.landingDir(), cfg.LandingKeys)
	}
	if err == nil {
		err = r.dataFree()
	}
	if err == nil {
		err = r.readChanges(func(error) error { return nil }) // said where entries are entered
	}
	if err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return r, end, nil
}

// refuseNewer refuses databases that a newer program has written: they are neither
// opened nor replaced.
func (r *runner) refuseNewer(ctx context.Context) error {
	if err := load.RefuseNewer(ctx, r.warehousePath()); err != nil {
		return err
	}
	return load.RefuseNewer(ctx, r.publishedPath())
}

// beginRun prepares, and opens the working database besides.
func beginRun(ctx context.Context, cfg *config.Config, o Options) (_ *runner, end func() error, err error) {
	r, release, err := prepare(ctx, cfg, o)
	if err != nil {
		return nil, nil, err
	}
	made := r.hasWarehouse()
	if !made { // a new database would have a name of its own
		err = r.placesFree(ctx, r.landedDatabase())
	}
	if err == nil {
		r.warehouse, err = r.openWarehouse(ctx, load.Options{Path: r.warehousePath(), NoNewer: true}) // see prepare
	}
	if err != nil {
		return nil, nil, errors.Join(err, release())
	}
	// Publishing closes the warehouse; a second Close does nothing.
	end = func() error { return errors.Join(r.warehouse.Close(), release()) }
	if err = r.holdsLanded(ctx); err == nil && made {
		err = r.placesFree(ctx, r.warehouse.ID())
	}
	if err != nil {
		return nil, nil, errors.Join(err, end())
	}
	if !r.adopts(load.AdoptPublished) {
		err = r.holdsPublished(ctx)
	}
	if err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return r, end, nil
}

// beginLook is beginRun for a command that only looks: where there was no run yet, it
// begins in a folder of its own, which is removed again.
func beginLook(ctx context.Context, cfg *config.Config, o Options) (_ *runner, end func() error, err error) {
	for _, name := range []string{"landing", "warehouse.duckdb"} {
		if _, err := os.Lstat(filepath.Join(cfg.DataDir, name)); !errors.Is(err, fs.ErrNotExist) {
			return beginRun(ctx, cfg, o)
		}
	}
	aside := *cfg
	if aside.DataDir, err = disk.Own("", scratch.Prefix); err != nil {
		return nil, nil, fmt.Errorf("make a private folder to look in: %w", err)
	}
	remove := func() error { return os.RemoveAll(aside.DataDir) }
	r, release, err := beginRun(ctx, &aside, o)
	if err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	return r, func() error { return errors.Join(release(), remove()) }, nil
}

func newRunner(cfg *config.Config, o Options) (*runner, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	r := &runner{
		splitting: new(sync.Mutex), cfg: cfg, o: o, dates: &vendorDates{}, staging: filepath.Join(cfg.DataDir, "staging"),
		meters: &meter.Accounts{}, after: &meter.Meter{}, observer: o.Observer, log: o.Log,
	}
	if r.observer == nil {
		r.observer = Unheard{}
	}
	r.meters.Heard, r.after.Heard = r.observer.Measured, func(s meter.Span) { r.observer.Measured(whole, s) }
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if r.accounts, err = cfg.Choose(o.Sources, o.Accounts); err != nil {
		return nil, err
	}
	if r.asked, err = askedOf(o); err != nil {
		return nil, err
	}
	at := o.At
	if at.IsZero() {
		at = o.Now()
	}
	at = at.UTC().Truncate(time.Microsecond)
	r.run = ledger.Run{ID: runID(at), At: at, Version: o.Version, ConfigSHA256: cfg.SHA256}
	return r, nil
}

// runID sorts by the recorded time; the random part keeps two runs of one
// recorded time apart.
func runID(at time.Time) string {
	var b [3]byte
	rand.Read(b[:])
	return at.Format("20060102T150405Z") + "-" + hex.EncodeToString(b[:])
}

// logOf is the log of an account.
func (r *runner) logOf(id ledger.AccountID) *slog.Logger {
	return r.log.With("source", id.Source, "account", id.Account)
}

func (r *runner) lock() (unlock func() error, err error) { return r.lockAs("lock") }

// lockAs takes a lock of the data folder, which is a file there.
func (r *runner) lockAs(name string) (unlock func() error, err error) {
	if err := disk.MakeFolder(r.cfg.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	unlock, err = disk.Take(filepath.Join(r.cfg.DataDir, name), 0o600, r.o.Now())
	var held *disk.HeldError
	if errors.As(err, &held) {
		return nil, fmt.Errorf("%s: %w: %w", r.cfg.DataDir, ErrLocked, held)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the data folder %s: %w", r.cfg.DataDir, err)
	}
	return unlock, nil
}

// ErrBehind is a working database that lacks runs which are landed: it was
// lost, or an older copy stands in its place. A run over it would publish
// less than people have seen.
var ErrBehind = errors.New("the working database is behind what is landed")

// holdsLanded refuses a working database that lacks the last landed run: a
// run is landed as ended only after the database holds it.
func (r *runner) holdsLanded(ctx context.Context) error {
	runs, err := r.landedRuns()
	if err != nil {
		return err
	}
	landed := lastFinished(runs)
	if landed.ID == "" {
		return nil
	}
	last, err := r.recorded(ctx)
	if err != nil {
		return err
	}
	if !last.RunAt.Before(landed.At) {
		return nil
	}
	holds := "no run at all"
	if last.Run != "" {
		holds = "no run after " + last.Run
	}
	return fmt.Errorf("%w: %s holds %s, and run %s is landed; put the right file back, or rebuild it with nightaudit replay",
		ErrBehind, r.warehousePath(), holds, landed.ID)
}

// recorded is what the database holds last, for a run of this time.
func (r *runner) recorded(ctx context.Context) (load.Recorded, error) {
	return r.warehouse.Recorded(ctx, r.run.At)
}

// clearStaging begins with an empty staging folder: what an earlier run left
// staged is of no use, for its pages are landed.
func (r *runner) clearStaging() error {
	if err := os.RemoveAll(r.staging); err != nil {
		return fmt.Errorf("clear the staging folder: %w", err)
	}
	if err := os.MkdirAll(r.staging, 0o700); err != nil {
		return fmt.Errorf("make the staging folder: %w", err)
	}
	return nil
}

// sweep removes private folders of processes that died, whatever these were doing:
// the next one that does the same may be long in coming.
func (r *runner) sweep() {
	for _, dir := range []string{r.cfg.DataDir, r.cfg.Publish.Dir, r.cfg.Report.Dir, os.TempDir()} {
		disk.Sweep(dir, disk.Hidden)
	}
}

func (r *runner) openWarehouse(ctx context.Context, o load.Options) (*load.Warehouse, error) {
	o.TempDir, o.MemoryLimit = filepath.Join(r.staging, "spill"), r.cfg.MemoryLimit
	return load.Open(ctx, o)
}

func (r *runner) landingDir() string {
	return cmp.Or(r.landingAt, filepath.Join(r.cfg.DataDir, "landing"))
}

func (r *runner) warehousePath() string { return filepath.Join(r.cfg.DataDir, "warehouse.duckdb") }

func (r *runner) publishedPath() string { return filepath.Join(r.cfg.Publish.Dir, load.PublishedName) }
