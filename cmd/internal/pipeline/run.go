package pipeline

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/sync/errgroup"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// ErrLocked is returned when another run has the data folder.
var ErrLocked = errors.New("another run is at work on this data folder")

// Options of one night; the zero value is a plain nightly run.
type Options struct {
	Sources, Accounts []string  // restrict the night to these; empty is all
	Since, Until      time.Time // re-read orders created in [Since, Until)
	Full              bool
	ReplaySince       time.Time // a replay begins with what was published before this
	NoReport          bool
	FailOn            string // severity: info, warning, error; "" never
	AllowRejects      int
	At                time.Time // the recorded clock; zero is Now
	Version           string
	Now               func() time.Time
	Observer          Observer
	Log               *slog.Logger
}

// Observer is told how the night goes on. Its methods may be called from
// several goroutines.
type Observer interface {
	AccountStarted(source, account string)
	// Page is called after each answer: its records, and the number that the
	// vendor states for the window, -1 where it states none.
	Page(source, account, stream string, rows int, total int64)
	AccountDone(r AccountResult)
	// Stage names what the night as a whole is doing: "checks", "publish", …
	Stage(name string)
}

// AccountResult is how the night of one account ended.
type AccountResult struct {
	Source, Account                                string
	State                                          ledger.WindowState
	Orders, Inserted, Updated, Unchanged, Rejected int64
	Findings                                       int64
	Pages                                          int
	Messages                                       []string // why it is unreconciled
	Err                                            error    // why it failed
}

// Result is how the night ended.
type Result struct {
	RunID    string
	Accounts []AccountResult
	Breaks   map[string]int // open breaks by severity
	Rejected int64
	Database string         // published; "" where nothing was
	Copied   load.Published // how that went
	Workbook string
	Notices  []string
	Duration time.Duration
	ExitCode int
}

// runner carries out one command on a data folder.
type runner struct {
	cfg       *config.Config
	o         Options
	asked     string // of this night, see resume.go
	run       ledger.Run
	accounts  []config.Account
	warehouse *load.Warehouse
	landing   *landing.Store
	staging   string
	observer  Observer
	log       *slog.Logger
}

// Run carries out one night. An error means that nothing was published; the
// result tells of accounts that failed or stayed unreconciled.
func Run(ctx context.Context, cfg *config.Config, o Options) (result *Result, err error) {
	r, end, err := begin(ctx, cfg, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = ended(err, end()) }()
	notice, err := r.resume(ctx)
	if err != nil {
		return nil, r.roomFor(err)
	}
	if result, err = r.carryOut(ctx); notice != "" {
		result.Notices = append(result.Notices, notice)
	}
	return result, r.roomFor(err)
}

// begin takes the data folder's lock and opens what a night works with; end
// gives all of it back.
func begin(ctx context.Context, cfg *config.Config, o Options) (_ *runner, end func() error, err error) {
	r, err := newRunner(cfg, o)
	if err != nil {
		return nil, nil, err
	}
	unlock, err := r.lock()
	if err != nil {
		return nil, nil, err
	}
	if err := r.open(ctx); err != nil {
		return nil, nil, errors.Join(err, unlock())
	}
	return r, func() error {
		// Publishing closes the warehouse; a second Close does nothing.
		return errors.Join(r.warehouse.Close(), os.RemoveAll(r.staging), unlock())
	}, nil
}

func newRunner(cfg *config.Config, o Options) (*runner, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	r := &runner{cfg: cfg, o: o, observer: o.Observer, log: o.Log}
	if r.observer == nil {
		r.observer = silent{}
	}
	if r.log == nil {
		r.log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	var err error
	if r.accounts, err = cfg.Choose(o.Sources, o.Accounts); err != nil {
		return nil, err
	}
	if r.asked, err = asked(o); err != nil {
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

// runID sorts by the recorded time; the random part keeps two nights of one
// recorded time apart.
func runID(at time.Time) string {
	var b [3]byte
	rand.Read(b[:])
	return at.Format("20060102T150405Z") + "-" + hex.EncodeToString(b[:])
}

func (r *runner) lock() (unlock func() error, err error) {
	if err := os.MkdirAll(r.cfg.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	lock := flock.New(filepath.Join(r.cfg.DataDir, "lock"), flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data folder %s: %w", r.cfg.DataDir, err)
	}
	if !ok {
		return nil, fmt.Errorf("%s: %w", r.cfg.DataDir, ErrLocked)
	}
	return lock.Unlock, nil
}

func (r *runner) open(ctx context.Context) error {
	if err := r.clearStaging(); err != nil {
		return err
	}
	var err error
	if r.landing, err = landing.Open(filepath.Join(r.cfg.DataDir, "landing"), r.cfg.LandingKeys); err != nil {
		return err
	}
	if r.warehouse, err = r.openWarehouse(ctx, load.Options{Path: r.warehousePath()}); err != nil {
		return err
	}
	if err := r.holdsLanded(ctx); err != nil {
		return errors.Join(err, r.warehouse.Close())
	}
	return nil
}

// ErrBehind is a working database that lacks runs which are landed: it was
// lost, or an older copy stands in its place. A night over it would publish
// less than people have seen.
var ErrBehind = errors.New("the working database is behind what is landed")

// holdsLanded refuses a working database that lacks the last landed run: a
// run is landed as ended only after the database holds it.
func (r *runner) holdsLanded(ctx context.Context) error {
	runs, err := r.landing.Runs()
	if err != nil {
		return err
	}
	landed := lastFinished(runs)
	if landed.ID == "" {
		return nil
	}
	last, err := r.warehouse.Recorded(ctx)
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

// clearStaging begins with an empty staging folder: what an earlier run left
// staged is of no use, for its pages are landed.
func (r *runner) clearStaging() error {
	r.staging = filepath.Join(r.cfg.DataDir, "staging")
	if err := os.RemoveAll(r.staging); err != nil {
		return fmt.Errorf("clear the staging folder: %w", err)
	}
	if err := os.MkdirAll(r.staging, 0o700); err != nil {
		return fmt.Errorf("make the staging folder: %w", err)
	}
	return nil
}

func (r *runner) openWarehouse(ctx context.Context, o load.Options) (*load.Warehouse, error) {
	o.TempDir, o.MemoryLimit = filepath.Join(r.staging, "spill"), r.cfg.MemoryLimit
	return load.Open(ctx, o)
}

func (r *runner) warehousePath() string { return filepath.Join(r.cfg.DataDir, "warehouse.duckdb") }

func (r *runner) carryOut(ctx context.Context) (*Result, error) {
	started := r.o.Now()
	result := &Result{RunID: r.run.ID, Breaks: map[string]int{}}
	for _, wave := range waves(r.accounts) {
		results, err := r.extractAll(ctx, wave)
		if err != nil {
			return result, err
		}
		result.Accounts = append(result.Accounts, results...)
	}
	for _, a := range result.Accounts {
		result.Rejected += a.Rejected
	}
	r.observer.Stage("checks")
	if err := r.check(ctx, result); err != nil {
		return result, err
	}
	result.ExitCode = r.exitCode(result)
	landed := r.landed()
	landed.FinishedAt = r.run.At.Add(r.o.Now().Sub(started)).Truncate(time.Microsecond)
	landed.Outcome, landed.ExitCode = exit.Outcome(result.ExitCode), result.ExitCode
	if err := r.warehouse.Finish(ctx, r.run, landed.FinishedAt, landed.Outcome, landed.ExitCode); err != nil {
		return result, err
	}
	noteEnd, err := r.landing.PrepareRun(landed)
	if err != nil {
		return result, err
	}
	if err := r.publish(ctx, result); err != nil {
		return result, err
	}
	result.Duration = r.o.Now().Sub(started)
	if err := noteEnd(); err != nil {
		return result, &PublishedError{err}
	}
	// The night is done; answers that stay too long harm no figure.
	if err := r.prune(ctx); err != nil {
		r.log.Error("old answers were not removed", "error", err)
		result.Notices = append(result.Notices, err.Error())
	}
	return result, nil
}

// waves orders the accounts so that a source comes after those it needs.
func waves(accounts []config.Account) [][]config.Account {
	var waves [][]config.Account
	done := map[string]bool{}
	left := slices.Clone(accounts)
	for len(left) > 0 {
		waiting := map[string]bool{}
		for _, a := range left {
			waiting[a.Driver.Name] = true
		}
		var wave, later []config.Account
		for _, a := range left {
			if slices.ContainsFunc(a.Driver.Needs, func(s string) bool { return waiting[s] && !done[s] && s != a.Driver.Name }) {
				later = append(later, a)
			} else {
				wave = append(wave, a)
			}
		}
		if len(wave) == 0 { // sources that need each other: no order is right
			wave, later = left, nil
		}
		for _, a := range wave {
			done[a.Driver.Name] = true
		}
		waves, left = append(waves, wave), later
	}
	return waves
}

// extractAll runs the accounts of a wave side by side. One that fails does
// not disturb the others; an error is the night's own.
func (r *runner) extractAll(ctx context.Context, accounts []config.Account) ([]AccountResult, error) {
	results := make([]AccountResult, len(accounts))
	group, ctx := errgroup.WithContext(ctx)
	for i, a := range accounts {
		group.Go(func() error {
			r.observer.AccountStarted(a.Driver.Name, a.Name)
			done, err := r.extractOne(ctx, a)
			if err != nil {
				return err
			}
			r.observer.AccountDone(done)
			results[i] = done
			return nil
		})
	}
	return results, group.Wait()
}

func (r *runner) check(ctx context.Context, result *Result) error {
	checked, err := r.warehouse.Check(ctx, r.run, r.checking(r.o.Full))
	if err != nil {
		return err
	}
	for severity, open := range checked.Open {
		result.Breaks[severity] = open
	}
	return nil
}

// exitCode ranks what went wrong: 3 before 5 (docs/contract.md).
func (r *runner) exitCode(result *Result) int {
	for _, a := range result.Accounts {
		if a.State != ledger.Complete {
			return exit.Partial
		}
	}
	if result.Rejected > int64(r.o.AllowRejects) {
		return exit.Partial
	}
	for _, s := range sql.AtOrAbove(r.o.FailOn) {
		if result.Breaks[s] > 0 {
			return exit.Breaks
		}
	}
	return exit.Done
}

type silent struct{}

func (silent) AccountStarted(string, string)           {}
func (silent) Page(string, string, string, int, int64) {}
func (silent) AccountDone(AccountResult)               {}
func (silent) Stage(string)                            {}
