package pipeline

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Options of one run; the zero value is a plain nightly run.
type Options struct {
	Sources, Accounts []string  // restrict the run to these; empty is all
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

// Observer is told how the run goes on. Its methods may be called from
// several goroutines.
type Observer interface {
	AccountStarted(source, account string)
	// Page is called after each answer: its records, and the number that the
	// vendor states for the window, -1 where it states none.
	Page(source, account, stream string, rows int, total int64)
	AccountDone(r AccountResult)
	// Stage names what the run as a whole is doing: "checks", "publish", …
	Stage(name string)
}

// AccountResult is how the run of one account ended.
type AccountResult struct {
	Source, Account string
	load.Loaded     // its State is Failed where nothing was loaded
	Pages           int
	Err             error // why it failed
}

// Result is how the run ended.
type Result struct {
	RunID    string
	Accounts []AccountResult
	Breaks   map[string]int // open breaks by severity
	Rejected int64
	// Strangers are accounts with living orders that the configuration does not
	// name: see Notices.
	Strangers int
	Database  string         // published; "" where nothing was
	Copied    load.Published // how that went
	Workbook  string         // of the last business date that is over
	Earlier   []string       // workbooks of earlier dates that became over, or moved
	Notices   []string
	Duration  time.Duration
	ExitCode  int
}

// Run carries out one run, from plan to report. An error means that nothing was published; the
// result tells of accounts that failed or stayed unreconciled.
func Run(ctx context.Context, cfg *config.Config, o Options) (result *Result, err error) {
	r, end, err := begin(ctx, cfg, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = joinEnd(err, end()) }()
	if err := r.renameLogs(); err != nil {
		return nil, err
	}
	restatements, err := r.toRestate(ctx)
	if err != nil {
		return nil, r.roomFor(err)
	}
	notice, err := r.resume(ctx)
	if err != nil {
		return nil, r.roomFor(err)
	}
	if result, err = r.carryOut(ctx, restatements); notice != "" {
		result.Notices = append(result.Notices, notice)
	}
	return result, r.roomFor(err)
}

func (r *runner) carryOut(ctx context.Context, restatements []load.Restatement) (*Result, error) {
	started := r.o.Now()
	result := &Result{RunID: r.run.ID, Breaks: map[string]int{}}
	if err := r.settle(ctx, restatements); err != nil {
		return result, err
	}
	if err := r.enterNames(ctx); err != nil {
		return result, err
	}
	for _, wave := range wavesOf(r.accounts) {
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
	notices, strangers, err := r.settled(ctx)
	if err != nil {
		return result, err
	}
	result.Notices, result.Strangers = append(result.Notices, notices...), strangers
	result.ExitCode = r.exitCode(result)
	landed := r.landed()
	landed.FinishedAt = r.run.At.Add(r.o.Now().Sub(started)).Truncate(time.Microsecond)
	landed.Outcome, landed.ExitCode = exit.Outcome(result.ExitCode), result.ExitCode
	landed.Books = !r.o.NoReport
	if err := r.warehouse.Finish(ctx, r.run, landed.FinishedAt, landed.Outcome, landed.ExitCode, landed.Books); err != nil {
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
	// The run is done; answers that stay too long harm no figure.
	if err := r.prune(ctx); err != nil {
		r.log.Error("old answers were not removed", "error", err)
		result.Notices = append(result.Notices, err.Error())
	}
	return result, nil
}

// wavesOf orders the accounts so that a source comes after those it needs.
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
// not disturb the others; an error is the run's own.
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
	maps.Copy(result.Breaks, checked.Open)
	return nil
}

// exitCode ranks what went wrong: 3 before 5 (docs/contract.md).
func (r *runner) exitCode(result *Result) int {
	for _, a := range result.Accounts {
		if a.State != ledger.Complete {
			return exit.Partial
		}
	}
	if result.Rejected > int64(r.o.AllowRejects) || result.Strangers > 0 {
		return exit.Partial
	}
	for _, severity := range sql.AtOrAbove(r.o.FailOn) {
		if result.Breaks[severity] > 0 {
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
