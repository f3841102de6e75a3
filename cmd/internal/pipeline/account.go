package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// accountRun is the run of one account: its stage and, by stream, the
// batch and the landing segment.
type accountRun struct {
	*runner
	config.Account
	stage    *load.Stage
	windows  *landing.WindowLedger
	batches  map[string]*transform.Batch
	segments map[string]*landing.Segment
	watches  map[string]*watch
	keys     []string // of the windows staged, in order
	pages    int
	meter    *meter.Meter // nil in a replay, whose times are none of the run's
	log      *slog.Logger
	begun    time.Time
	deadline time.Time // when the vendor is asked no more
}

// extractOne extracts and loads one account. What goes wrong with it stands
// in the result; an error is the run's own: it was interrupted, a disk is
// full, or the working database cannot be used.
func (r *runner) extractOne(ctx context.Context, account config.Account, deadline time.Time) (result AccountResult, err error) {
	source := account.Driver.Name
	result = AccountResult{Source: source, Account: account.Name}
	a := newAccountRun(r, account)
	a.meter = r.meters.Of(account.ID())
	ctx = meter.With(r.dates.hear(ctx, account.ID()), a.meter)
	a.begun, a.deadline = time.Now(), deadline
	defer func() { err = errors.Join(err, a.closeWindows()) }()
	loaded, err := a.extractAndLoad(ctx)
	result.Pages = a.pages
	err = r.roomFor(err) // before what is staged makes room
	if a.stage != nil {
		err = errors.Join(err, a.stage.Discard())
	}
	if ctx.Err() != nil {
		return result, fmt.Errorf("the run was interrupted; what was landed is kept: %w", context.Cause(ctx))
	}
	if load.IsUnusable(err) {
		return result, fmt.Errorf("%s/%s: %w", source, account.Name, err)
	}
	if err != nil {
		result.State, result.Err = ledger.Failed, err
		a.log.Error("account failed", "error", err)
		return result, a.fail(ctx, err)
	}
	result.Loaded = loaded
	return result, nil
}

func newAccountRun(r *runner, account config.Account) *accountRun {
	return &accountRun{
		runner: r, Account: account, log: r.logOf(account.ID()),
		batches: map[string]*transform.Batch{}, segments: map[string]*landing.Segment{}, watches: map[string]*watch{},
	}
}

// fail enters into the warehouse and the window ledger that nothing of the
// account was loaded.
func (a *accountRun) fail(ctx context.Context, err error) error {
	f := landing.Failure{Stream: failedStream(a.Driver, err), Message: err.Error()}
	if err := a.warehouse.Fail(ctx, a.run, a.Driver.Name, a.Name, f.Stream, f.Message); err != nil {
		return err
	}
	if a.windows == nil {
		return nil // it could not be opened: that is why the account failed
	}
	return a.windows.Fail(f)
}

// closeWindows closes the account's window ledger, however its run ended. Every
// entry has been flushed.
func (a *accountRun) closeWindows() error {
	if a.windows == nil {
		return nil
	}
	return a.windows.Close()
}

// streamError says in which stream an account failed.
type streamError struct {
	stream string
	err    error
}

func (e *streamError) Error() string { return e.err.Error() }
func (e *streamError) Unwrap() error { return e.err }

func failedStream(d *extract.Driver, err error) string {
	var e *streamError
	if errors.As(err, &e) {
		return e.stream
	}
	return d.Streams[0].Name
}

func (a *accountRun) extractAndLoad(ctx context.Context) (loaded load.Loaded, err error) {
	if a.windows, err = a.landing.WindowLedger(a.run.ID, a.run.At, a.Driver.Name, a.Name); err != nil {
		return loaded, err
	}
	// A run that is resumed may have loaded the account already.
	loaded, done, err := a.warehouse.LoadedIn(ctx, a.run, a.Driver.Name, a.Name)
	if err != nil {
		return loaded, err
	}
	if !done {
		if loaded, err = a.extractAndCommit(ctx); err != nil {
			return loaded, err
		}
	}
	return loaded, a.windows.Commit()
}

func (a *accountRun) extractAndCommit(ctx context.Context) (load.Loaded, error) {
	err := a.openStage()
	if err != nil {
		return load.Loaded{}, err
	}
	err = a.extract(ctx)
	if err := errors.Join(err, a.closeSegments()); err != nil {
		return load.Loaded{}, err
	}
	// The vendor may not have told its time before it was read.
	if v, says := a.dates.judge(a.run.At); v == ahead {
		return load.Loaded{}, a.clockAhead(says, "; nothing was loaded")
	}
	if err := a.windows.Load(a.keys); err != nil {
		return load.Loaded{}, err
	}
	if a.pages >= manyPages { // what the answers took is the database's now
		debug.FreeOSMemory()
	}
	a.observe()
	return a.stage.Commit(ctx)
}

// manyPages are so many that giving their memory back is worth its time.
const manyPages = 50

func (a *accountRun) openStage() (err error) {
	a.stage, err = a.warehouse.Stage(a.run, loadSource(a.Driver), a.Name, filepath.Join(a.staging, a.Driver.Name+"-"+a.Name))
	return err
}

// loadSource tells the loader what it needs to know of a driver.
func loadSource(d *extract.Driver) load.Source {
	return load.Source{Name: d.Name, Streams: d.Streams, DeriveSQL: d.DeriveSQL, FinalSQL: d.FinalSQL}
}

// extract fetches, lands, decodes and stages all windows: first those that
// the calendar asks for, then the orders that are to be asked for by id and
// the days that are to be read again.
func (a *accountRun) extract(ctx context.Context) error {
	// Only vendors are asked within the time: what has come is loaded in any case.
	asking, cancel := context.WithDeadlineCause(ctx, a.deadline, errTimeUp)
	defer cancel()
	plan, err := a.plan(ctx)
	if err != nil {
		return err
	}
	if err := a.fetchAll(asking, plan); err != nil {
		return a.overdue(ctx, asking, err)
	}
	sweeps := a.sweepCount() > 0
	if !sweeps && !asksByID(a.Account) {
		return nil
	}
	plan.Due = []extract.Due{}
	if asksByID(a.Account) {
		due, err := a.stage.Due(ctx, a.openSince())
		if err != nil {
			return err
		}
		plan.Due = append(plan.Due, due...)
	}
	if sweeps {
		if plan.Booked, err = a.stage.Booked(ctx, a.sweepDays(plan.Until)); err != nil {
			return err
		}
	}
	return a.overdue(ctx, asking, a.fetchAll(asking, plan))
}
