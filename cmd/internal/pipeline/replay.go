package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// ReplayResult is what a replay did.
type ReplayResult struct {
	Runs     int
	Pages    int
	Added    int    // closes and workbooks of annotations
	Began    string // the published copy with which it began, "" without ReplaySince
	Database string // published
	Kept     string // where the working database that was replaced lies
	Notices  []string
}

// Replay rebuilds the working database from what is landed, without calling
// any source, and publishes it. Every run is repeated with its own recorded
// time, and what people added comes back between them at its own, so that the
// result is what the nights themselves gave. The database that it replaces is
// kept beside it.
//
// With Options.ReplaySince it begins with what was published before that instant, and
// repeats only what came later.
func Replay(ctx context.Context, cfg *config.Config, o Options) (result *ReplayResult, err error) {
	r, err := newRunner(cfg, o)
	if err != nil {
		return nil, err
	}
	r.accounts = cfg.Accounts
	unlock, err := r.lock()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := r.clearStaging(); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(r.staging)) }()
	if r.landing, err = landing.Open(filepath.Join(cfg.DataDir, "landing"), cfg.LandingKeys); err != nil {
		return nil, err
	}
	runs, err := r.landing.Runs()
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("nothing is landed in %s: there is nothing to replay", filepath.Join(cfg.DataDir, "landing"))
	}
	result = &ReplayResult{}
	path, id := filepath.Join(r.staging, "warehouse.duckdb"), runs[len(runs)-1].Database
	base := r.landing.Base()
	if !o.ReplaySince.IsZero() {
		if base, err = r.publishedBefore(ctx, id, result); err != nil {
			return nil, err
		}
		result.Began = base
	}
	b, have, err := r.openFrom(ctx, base, path, id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.warehouse.Close()) }()
	for _, run := range runs {
		if run.Pruned && !have[run.ID] {
			return nil, fmt.Errorf("the answers of run %s were removed (landing.keep), and %s does not hold it: replay without --since, or from a later day", run.ID, base)
		}
	}
	added, err := r.entries(strictly)
	if err != nil {
		return nil, err
	}
	entered, err := b.warehouse.Entries(ctx)
	if err != nil {
		return nil, err
	}
	var finished ledger.Run
	// What is rebuilt does not rest on what the nights left unchecked: its last
	// run checks every order.
	last := lastFinished(runs)
	for _, s := range inOrderOfTime(runs, added) {
		if s.add != nil {
			if err := b.replayEntry(ctx, *s.add, entered, result); err != nil {
				return nil, err
			}
			continue
		}
		run := *s.run
		if have[run.ID] {
			continue // it is in the base
		}
		pages, err := b.replayRun(ctx, run, run.ID == last.ID)
		if err != nil {
			return nil, fmt.Errorf("replay run %s: %w", run.ID, err)
		}
		if run.Outcome != "" {
			finished = b.run
		}
		result.Runs++
		result.Pages += pages
	}
	if finished.ID == "" {
		return nil, errors.New("no landed run came to its end: there is nothing to publish; nightaudit run takes the last one up")
	}
	r.run = finished
	if len(added) > 0 { // what was published last may be an entry
		r.run.At = laterOf(r.run.At, added[len(added)-1].at())
	}
	if err := b.warehouse.Close(); err != nil {
		return nil, err
	}
	if result.Kept, err = r.replaceWarehouse(path); err != nil {
		return nil, err
	}
	result.Database, err = r.republish(ctx)
	return result, err
}

// publishedBefore is the copy with which a replay of what came since begins.
func (r *runner) publishedBefore(ctx context.Context, id string, result *ReplayResult) (string, error) {
	base, unread, err := load.PublishedBefore(ctx, r.cfg.Publish.Dir, id, r.o.ReplaySince)
	if err != nil {
		return "", err
	}
	result.Notices = append(result.Notices, unread...)
	if base == "" {
		return "", fmt.Errorf("no database that was published before %s is kept in %s: replay without --since, or from a later day",
			r.o.ReplaySince.In(r.cfg.Zone).Format(time.DateOnly), r.cfg.Publish.Dir)
	}
	return base, nil
}

// replayEntry enters what a person added, unless the base has it.
func (r *runner) replayEntry(ctx context.Context, a entry, have map[string]bool, result *ReplayResult) error {
	entered, notice, err := r.applyOnce(ctx, a, have)
	if entered {
		result.Added++
	}
	if notice != "" {
		result.Notices = append(result.Notices, notice)
	}
	return err
}

// lastFinished is the last run that came to its end, the zero Run where none
// did.
func lastFinished(runs []landing.RunRecord) landing.RunRecord {
	for _, r := range slices.Backward(runs) {
		if r.Outcome != "" {
			return r
		}
	}
	return landing.RunRecord{}
}

// replayRun does again what a run did, from its landed answers. Accounts of
// which it loaded nothing stay as they were. full has every order checked.
func (r *runner) replayRun(ctx context.Context, landed landing.RunRecord, full bool) (pages int, err error) {
	r.run = landed.Run
	r.observer.Stage("replay " + landed.ID)
	ledgers, err := r.landing.WindowLedgers(landed)
	if err != nil {
		return 0, err
	}
	names := slices.SortedFunc(maps.Keys(ledgers), func(a, b ledger.AccountID) int {
		return strings.Compare(a.String(), b.String())
	})
	for _, name := range names {
		p, err := r.replayAccount(ctx, name, ledgers[name])
		if err != nil {
			return pages, fmt.Errorf("%s %s: %w", name.Source, name.Account, err)
		}
		pages += p
	}
	if landed.Outcome == "" {
		return pages, nil // it died: no checks, no end
	}
	if _, err := r.warehouse.Check(ctx, r.run, r.checking(full)); err != nil {
		return pages, err
	}
	return pages, r.warehouse.Finish(ctx, r.run, landed.FinishedAt, landed.Outcome, landed.ExitCode)
}

func (r *runner) replayAccount(ctx context.Context, name ledger.AccountID, windows *landing.WindowLedger) (pages int, err error) {
	if windows.Failed != nil && !windows.Loaded {
		return 0, r.warehouse.Fail(ctx, r.run, name.Source, name.Account, windows.Failed.Stream, windows.Failed.Message)
	}
	if !windows.Loaded {
		return 0, nil
	}
	account := r.cfg.Find(name.Source, name.Account)
	if account == nil {
		return 0, errors.New("the configuration has no such account: add it")
	}
	a := newAccountRun(r, *account)
	if err := a.openStage(); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, a.stage.Discard()) }()
	for _, w := range windows.LoadedWindows() {
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("the replay was interrupted; nothing was changed: %w", context.Cause(ctx))
		}
		if err := a.replay(w); err != nil {
			return 0, err
		}
	}
	for stream := range a.batches {
		if err := a.flush(stream); err != nil {
			return 0, err
		}
	}
	_, err = a.stage.Commit(ctx)
	return a.pages, err
}

// replaceWarehouse puts the rebuilt database in the place of the working one,
// which is kept.
func (r *runner) replaceWarehouse(rebuilt string) (kept string, err error) {
	target := r.warehousePath()
	kept = filepath.Join(r.cfg.DataDir, "warehouse.before-replay.duckdb")
	// A log that a crash left beside it belongs to it: beside the rebuilt one it
	// would be replayed into that. It goes first, so that a crash between the two
	// leaves no file beside another's log.
	for _, suffix := range []string{".wal", ""} {
		if err := os.Remove(kept + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("remove the working database of an earlier replay: %w", err)
		}
	}
	if err := os.Rename(target+".wal", kept+".wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("keep the log of the working database: %w", err)
	}
	if err := os.Rename(target, kept); errors.Is(err, fs.ErrNotExist) {
		kept = ""
	} else if err != nil {
		return "", fmt.Errorf("keep the working database: %w", err)
	}
	if err := os.Rename(rebuilt, target); err != nil {
		return "", fmt.Errorf("put the rebuilt database in place: %w", err)
	}
	return kept, nil
}

// republish publishes the working database as it is.
func (r *runner) republish(ctx context.Context) (string, error) {
	r.observer.Stage("publish")
	w, err := r.openWarehouse(ctx, load.Options{Path: r.warehousePath()})
	if err != nil {
		return "", err
	}
	snapshot, err := w.Prepare(ctx, r.run, r.publishing())
	if err != nil {
		return "", err
	}
	defer snapshot.Discard()
	published, err := snapshot.Publish()
	return published.Path, err
}
