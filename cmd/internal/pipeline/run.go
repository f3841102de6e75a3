package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/reports/iceberg"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/shelf"
	"github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// Options of one run; the zero value is a plain nightly run.
type Options struct {
	Sources, Accounts []string  // restrict the run to these; empty is all
	Since, Until      time.Time // re-read orders created in [Since, Until)
	Full              bool
	ReplaySince       time.Time // a replay begins with what was published before this
	CorrectClock      bool      // a replay moves what stands in the future, see correct.go
	AcceptLoss        bool      // a replay goes on although the landing lacks something
	NoReport          bool
	FailOn            string // severity: info, warning, error; "" never
	AllowRejects      int
	Adopt             bool      // take over what another database or configuration used
	At                time.Time // the recorded clock; zero is Now
	Version           string
	By                string // who runs it: an entry of a person is made in their name
	Now               func() time.Time
	// ListBreaks are severities: the open breaks of these are listed in the
	// result. None are where it is empty.
	ListBreaks []string
	Observer   Observer
	Log        *slog.Logger

	books bool // workbooks are written into the folder of reports
}

// AccountResult is how the run of one account ended.
type AccountResult struct {
	Source, Account string
	load.Loaded     // its State is Failed where nothing was loaded
	Pages           int
	Took            time.Duration // by the machine's running
	Err             error         // why it failed
}

// Result is how the run ended.
type Result struct {
	RunID    string
	Accounts []AccountResult
	Breaks   map[string]int  // by severity: all that are open or explained, of any date
	Book     load.BookBreaks // of the book of the last business date that is over
	// Checked says that the checks ran. OpenBreaks are those that Options.ListBreaks
	// asks for, of any date, and mean nothing without it.
	Checked    bool
	OpenBreaks []load.OpenBreak
	NotTaken   load.NotTaken // what stands in no figure, or in none by date
	Rejected   int64
	// Strangers are accounts with living orders that the configuration does not
	// name: see Notices.
	Strangers int
	Database  string          // published; "" where nothing was
	Copied    load.Published  // how that went
	Workbook  string          // of the last business date that is over
	Page      string          // beside it, for the morning
	Verdict   labels.Words    // its first line; empty where no book was written
	Earlier   []string        // workbooks of earlier dates that became over, or moved
	Entries   []TakenBook     // workbooks that people had saved, with what was taken from them
	Lake      *iceberg.Result // nil where there is none
	Notices   []string
	Gap       Gap // what lies between the run before and this one
	Stages    []meter.Reading
	Duration  time.Duration
	ExitCode  int
}

// ErrNothingCame is a run in which every account failed: it is in the ledger as
// failed, and what people see stays as it was.
var ErrNothingCame = errors.New("no account could be read")

// Run carries out one run, from plan to report. An error means that nothing was published; the
// result tells of accounts that failed or stayed unreconciled. It is nil where the run
// was not begun.
func Run(ctx context.Context, cfg *config.Config, o Options) (result *Result, err error) {
	o.books = !o.NoReport
	r, end, err := beginRun(ctx, cfg, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = joinEnd(err, end()) }()
	if err := r.sameTenancies(ctx); err != nil { // before another tenant is asked for anything
		return nil, err
	}
	if err := r.beginInTime(ctx); err != nil {
		return nil, err
	}
	r.ends = time.Now().Add(cfg.MaxDuration)
	if err := r.renameLogs(); err != nil {
		return nil, err
	}
	if err := r.brokenChain(ctx); err != nil {
		return nil, err
	}
	restatements, err := r.toRestate(ctx)
	if err != nil {
		return nil, r.roomFor(err)
	}
	if r.doubtful && len(restatements) > 0 {
		return nil, fmt.Errorf("%w: no vendor states its time, and the configuration has changed: the rows that are there are brought to it once one does", ErrClockAhead)
	}
	notice, err := r.resume(ctx)
	if err != nil {
		return nil, r.roomFor(err)
	}
	result = &Result{RunID: r.run.ID, Breaks: map[string]int{}, Gap: r.gap}
	r.observer.Begun(r.run)
	if err := r.adopt(ctx, r.run.At.Add(-time.Microsecond)); err != nil {
		return result, r.roomFor(err)
	}
	if err := r.takeSaved(ctx); err != nil {
		return result, r.roomFor(err)
	}
	err = r.carryOut(ctx, restatements, result)
	result.Entries = r.saved.read
	for _, n := range append([]string{r.broken, notice, r.saved.notice}, r.placeWords()...) {
		if n != "" {
			result.Notices = append(result.Notices, n)
		}
	}
	return result, r.roomFor(err)
}

// takeSaved takes what people wrote into the workbooks since the last run, as
// if they had given them to annotate a moment before this one: its workbooks
// show it.
func (r *runner) takeSaved(ctx context.Context) error {
	at := r.run.At.Add(-time.Microsecond)
	last, err := r.recorded(ctx)
	if err != nil {
		return err
	}
	if r.doubtful {
		r.saved = &savedBooks{notice: "no vendor states its time, and the last night was long ago: what people wrote into workbooks since is taken by the next one"}
		return nil
	}
	// What a run that is resumed took at its first start stands at the same
	// time. A run that repeats the time of an earlier one leaves none between
	// them: then the next one takes it.
	if again := last.Latest == r.run.ID; at.Before(last.Added) || !again && at.Before(last.Begun) {
		r.saved = &savedBooks{}
		if books, err := shelf.List(r.cfg.Report.Dir); err == nil && slices.ContainsFunc(books, func(b shelf.Book) bool { return b.Saved }) {
			r.saved.notice = "the run has the recorded time of the one before: what people wrote into workbooks since is taken by the next one"
		}
		return nil
	}
	r.observer.Stage("annotate")
	var reading *os.PathError
	if r.saved, err = r.takeEntries(ctx, r.cfg.Report.Dir, at); errors.As(err, &reading) {
		r.saved.notice, err = "what people wrote into the workbooks could not be looked for: "+err.Error(), nil
	}
	return err
}

func (r *runner) carryOut(ctx context.Context, restatements []load.Restatement, result *Result) error {
	started := r.o.Now()
	defer func() {
		result.Stages = append(r.meters.Readings(r.run.ID), r.after.Readings(r.run.ID, whole)...)
		r.logStages(result.Stages)
	}()
	if err := r.settle(ctx, restatements); err != nil {
		return err
	}
	if err := r.enterNames(ctx); err != nil {
		return err
	}
	var err error
	if result.Accounts, err = r.extractAll(ctx, wavesOf(r.accounts)); err != nil {
		return err
	}
	for _, a := range result.Accounts {
		result.Rejected += a.Rejected
	}
	notices, strangers, err := r.settled(ctx)
	if err != nil {
		return err
	}
	result.Notices, result.Strangers = append(result.Notices, notices...), strangers
	if v, _ := r.dates.judge(r.run.At); nothingCame(result.Accounts) || v == ahead {
		result.ExitCode = exit.Failed
	} else {
		r.observer.Stage("checks")
		if err := r.check(ctx, result); err != nil {
			return err
		}
		result.ExitCode = r.exitCode(result)
	}
	noteEnd, err := r.finish(ctx, started, result.ExitCode)
	if err != nil {
		return err
	}
	if result.ExitCode == exit.Failed {
		result.Duration = r.o.Now().Sub(started)
		return errors.Join(ErrNothingCame, noteEnd())
	}
	if err := r.publish(ctx, result); err != nil {
		return err
	}
	result.Duration = r.o.Now().Sub(started)
	if err := noteEnd(); err != nil {
		return &PublishedError{err}
	}
	// The run is done; answers that stay too long harm no figure.
	if err := r.prune(ctx); err != nil {
		r.log.Error("old answers were not removed", "error", err)
		result.Notices = append(result.Notices, err.Error())
	}
	if result.ExitCode == exit.Done || result.ExitCode == exit.Breaks {
		if err := r.dropKept(); err != nil {
			result.Notices = append(result.Notices, err.Error())
		}
	}
	return r.commitLake(ctx, result)
}

// finish enters how the run ended into the ledger, seals what it landed, and gives
// what notes the end in the landing.
func (r *runner) finish(ctx context.Context, started time.Time, code int) (noteEnd func() error, err error) {
	landed := r.landed()
	landed.FinishedAt = r.run.At.Add(r.o.Now().Sub(started)).Truncate(time.Microsecond)
	landed.Outcome, landed.ExitCode = exit.Outcome(code), code
	landed.Books = !r.o.NoReport && code != exit.Failed
	if err := r.enterEnd(ctx, landed); err != nil {
		return nil, err
	}
	sealed := r.after.Begin(meter.Seal)
	_, err = r.landing.Seal(landed, landing.SealOptions{PruneBefore: r.pruneBefore(), Moved: r.movedLogs()})
	sealed(meter.Amount{Calls: 1})
	if err != nil {
		return nil, err
	}
	put, err := r.landing.PrepareRun(landed)
	return func() error { r.leaveStages(); return put() }, err
}

// nothingCame says whether every account failed: such a run has nothing to
// check or to show.
func nothingCame(accounts []AccountResult) bool {
	return !slices.ContainsFunc(accounts, func(a AccountResult) bool { return a.State != ledger.Failed })
}

// wavesOf orders the accounts so that a source comes after those it needs, and an
// account after those that were split from it.
func wavesOf(accounts []config.Account) [][]config.Account {
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
			needs := slices.ContainsFunc(a.Driver.Needs, func(s string) bool { return waiting[s] && !done[s] && s != a.Driver.Name })
			if needs || slices.ContainsFunc(left, a.IsSplitInto) {
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

func (r *runner) check(ctx context.Context, result *Result) error {
	if err := r.warehouse.EnterStages(ctx, r.run, r.meters.Readings(r.run.ID)); err != nil {
		return err
	}
	end := r.meters.Of(whole).Begin(meter.Checks)
	checked, err := r.warehouse.Check(ctx, r.run, r.checking(r.o.Full))
	end(meter.Amount{Calls: 1, Rows: int64(checked.Orders)})
	if err != nil {
		return err
	}
	maps.Copy(result.Breaks, checked.Open)
	if result.Book, err = r.warehouse.BookBreaks(ctx, "", ""); err != nil {
		return err
	}
	if result.NotTaken, err = r.warehouse.NotTaken(ctx); err != nil {
		return err
	}
	if len(r.o.ListBreaks) > 0 {
		if result.OpenBreaks, err = r.warehouse.OpenBreaks(ctx, r.o.ListBreaks); err != nil {
			return err
		}
	}
	result.Checked = true
	return nil
}

// exitCode ranks what went wrong: 3 before 5 (docs/contract.md).
func (r *runner) exitCode(result *Result) int {
	for _, a := range result.Accounts {
		if a.State != ledger.Complete {
			return exit.Partial
		}
	}
	if result.Rejected > int64(r.o.AllowRejects) || result.Strangers > 0 || r.saved.refused() || r.broken != "" {
		return exit.Partial
	}
	for _, severity := range sql.AtOrAbove(r.o.FailOn) {
		if result.Breaks[severity] > 0 {
			return exit.Breaks
		}
	}
	return exit.Done
}
