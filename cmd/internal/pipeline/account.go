package pipeline

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// accountRun is the night of one account: its stage and, by stream, the
// batch and the landing segment.
type accountRun struct {
	*runner
	config.Account
	stage    *load.Stage
	journal  *landing.WindowLedger
	batches  map[string]*transform.Batch
	segments map[string]*landing.Segment
	keys     []string // of the windows staged, in order
	pages    int
}

// extractOne extracts and loads one account. What goes wrong with it stands
// in the result; an error is the night's own: it was interrupted, a disk is
// full, or the working database cannot be used.
func (r *runner) extractOne(ctx context.Context, account config.Account) (result AccountResult, err error) {
	source := account.Driver.Name
	result = AccountResult{Source: source, Account: account.Name}
	a := newAccountRun(r, account)
	defer func() { err = errors.Join(err, a.closeJournal()) }()
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
		r.log.Error("account failed", "source", source, "account", account.Name, "error", err)
		return result, a.fail(ctx, err)
	}
	result.State, result.Messages = loaded.State, loaded.Messages
	result.Orders, result.Inserted, result.Updated, result.Unchanged = loaded.Orders, loaded.Inserted, loaded.Updated, loaded.Unchanged
	result.Rejected, result.Findings = loaded.Rejected, loaded.Findings
	return result, nil
}

func newAccountRun(r *runner, account config.Account) *accountRun {
	return &accountRun{runner: r, Account: account, batches: map[string]*transform.Batch{}, segments: map[string]*landing.Segment{}}
}

// fail enters into ledger and journal that nothing of the account was loaded.
func (a *accountRun) fail(ctx context.Context, err error) error {
	f := landing.Failure{Stream: failedStream(a.Driver, err), Message: err.Error()}
	if err := a.warehouse.Fail(ctx, a.run, a.Driver.Name, a.Name, f.Stream, f.Message); err != nil {
		return err
	}
	if a.journal == nil {
		return nil // it could not be opened: that is why the account failed
	}
	return a.journal.Fail(f)
}

// closeJournal closes the account's journal, however its night ended. Every
// entry has been flushed.
func (a *accountRun) closeJournal() error {
	if a.journal == nil {
		return nil
	}
	return a.journal.Close()
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
	if a.journal, err = a.landing.WindowLedger(a.run.ID, a.run.At, a.Driver.Name, a.Name); err != nil {
		return loaded, err
	}
	// A run that is taken up again may have loaded the account already.
	loaded, done, err := a.warehouse.LoadedIn(ctx, a.run, a.Driver.Name, a.Name)
	if err != nil {
		return loaded, err
	}
	if !done {
		if loaded, err = a.extractAndCommit(ctx); err != nil {
			return loaded, err
		}
	}
	return loaded, a.journal.Commit()
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
	if err := a.journal.Load(a.keys); err != nil {
		return load.Loaded{}, err
	}
	return a.stage.Commit(ctx)
}

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
	plan, err := a.plan(ctx)
	if err != nil {
		return err
	}
	if err := a.fetchAll(ctx, plan); err != nil {
		return err
	}
	sweeps := a.sweepCount() > 0
	if !sweeps && !hasByID(a.Driver) {
		return nil
	}
	plan.Due = []extract.Due{}
	if hasByID(a.Driver) {
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
	return a.fetchAll(ctx, plan)
}

// sweepCount is how many days this night counts again: none where the
// operator asked for a range.
func (a *accountRun) sweepCount() int {
	if !a.o.Since.IsZero() {
		return 0
	}
	return a.Driver.SweepDays
}

// sweepDays are the days before that of until whose orders are counted.
func (a *accountRun) sweepDays(until time.Time) []ledger.Day {
	zone := a.Account.Source.Settings().Calendar().Zone
	year, month, day := until.In(zone).Date()
	var days []ledger.Day
	for i := a.sweepCount(); i > 0; i-- {
		start := time.Date(year, month, day-i, 0, 0, 0, 0, zone)
		days = append(days, ledger.Day{Name: start.Format(time.DateOnly), Start: start, End: time.Date(year, month, day-i+1, 0, 0, 0, 0, zone)})
	}
	return days
}

// openSince is how old an order may be that is not final and is still asked
// for.
func (a *accountRun) openSince() time.Time {
	return a.run.At.Add(-time.Duration(a.Account.Source.Settings().RefreshOpen))
}

func hasByID(d *extract.Driver) bool {
	for _, s := range d.Streams {
		if s.ByID {
			return true
		}
	}
	return false
}

// plan is what the account is asked to plan with.
func (a *accountRun) plan(ctx context.Context) (extract.Plan, error) {
	plan := extract.Plan{Until: a.run.At, Since: a.o.Since, Full: a.o.Full}
	if !a.o.Until.IsZero() && a.o.Until.Before(plan.Until) {
		plan.Until = a.o.Until
	}
	covered, err := a.warehouse.Coverages(ctx, a.Driver.Name, a.Name)
	if err != nil {
		return plan, err
	}
	settings := a.Account.Source.Settings()
	since := settings.Since.In(settings.Calendar().Zone)
	plan.Cursor = map[string]time.Time{}
	for stream, c := range covered {
		// What lies before the coverage was never read: the account's since
		// was set to an earlier day. The stream begins anew.
		if !c.From.After(since) {
			plan.Cursor[stream] = c.To
		}
	}
	if k, ok := a.Account.Source.(extract.KnowsFrom); ok {
		if q, ok := k.KnownFrom(); ok {
			if plan.Known, err = a.warehouse.Numbers(ctx, q); err != nil {
				return plan, err
			}
		}
		if !plan.Full {
			plan.Settled, err = a.warehouse.Settled(ctx, a.run, loadSource(a.Driver), a.Name, a.openSince())
		}
	}
	return plan, err
}
