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
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/load/disk"
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
// any source, and publishes it. Every run is replayed with its own recorded
// time, and the ledger entries come back between them at theirs, so that the
// result is what the runs themselves gave. The database that it replaces is
// kept beside it.
//
// With Options.ReplaySince it begins with what was published before that
// instant, and replays only what came later.
func Replay(ctx context.Context, cfg *config.Config, o Options) (result *ReplayResult, err error) {
	r, end, err := prepare(ctx, cfg, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	r.accounts = cfg.Accounts
	runs, err := r.landing.Runs()
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("nothing is landed in %s: there is nothing to replay", r.landingDir())
	}
	result = &ReplayResult{}
	base := r.landing.Base()
	if !o.ReplaySince.IsZero() {
		if base, err = r.publishedBefore(ctx, runs[len(runs)-1].Database, result); err != nil {
			return nil, err
		}
		result.Began = base
	}
	entries, err := r.entries(strictly)
	if err != nil {
		return nil, err
	}
	changes, err := r.changesOfReplay(runs)
	if err != nil {
		return nil, err
	}
	r.changes = append(r.changes, changes...)
	// What is rebuilt does not rest on what the runs left unchecked: the last
	// one checks every order.
	fresh := filepath.Join(r.staging, "warehouse.duckdb")
	done, err := r.rebuild(ctx, fresh, base, runs, entries, lastFinished(runs).ID)
	if err != nil {
		return nil, err
	}
	if done.finished.ID == "" {
		return nil, errors.New("no landed run came to its end: there is nothing to publish; nightaudit run takes the last one up")
	}
	if err := r.recordAll(ctx, changes); err != nil {
		return nil, err
	}
	result.Runs, result.Pages, result.Added = done.runs, done.pages, done.entries
	result.Notices = append(result.Notices, done.notices...)
	r.run = done.finished
	if len(entries) > 0 { // what was published last may be an entry
		r.run.At = laterOf(r.run.At, entries[len(entries)-1].at())
	}
	if result.Kept, err = r.replaceWarehouse(fresh); err != nil {
		return nil, err
	}
	result.Database, err = r.republish(ctx)
	return result, err
}

// publishedBefore is what was published last before Options.ReplaySince.
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

// lastFinished is the last run that came to its end with something to show,
// the zero value where none did.
func lastFinished(runs []landing.RunRecord) landing.RunRecord {
	for _, run := range slices.Backward(runs) {
		if run.Outcome != "" && run.ExitCode != exit.Failed {
			return run
		}
	}
	return landing.RunRecord{}
}

// rebuilt is what a database was rebuilt from, beside its base.
type rebuilt struct {
	runs, pages, entries int
	notices              []string
	finished             ledger.Run // the last of the runs that came to their end with something to show
}

// rebuild makes a working database in the file fresh that begins as a copy of
// base, or empty where there is none: it replays the runs that base does not
// hold and applies the entries between them. The run named checkAll has every
// order checked.
func (r *runner) rebuild(ctx context.Context, fresh, base string, runs []landing.RunRecord, entries []entry, checkAll string) (done rebuilt, err error) {
	b := *r
	if b.warehouse, err = r.openWarehouse(ctx, load.Options{Path: fresh, Base: base, DatabaseID: runs[len(runs)-1].Database}); err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, b.warehouse.Close()) }()
	have, err := b.warehouse.Runs(ctx)
	if err != nil {
		return done, err
	}
	for _, run := range runs {
		if run.Pruned && !have[run.ID] {
			return done, fmt.Errorf("the answers of run %s were removed (landing.keep), and %s does not hold it: replay without --since, or from a later day", run.ID, base)
		}
	}
	applied, err := b.warehouse.Entries(ctx)
	if err == nil {
		err = b.renameBase(ctx, applied)
	}
	if err == nil {
		err = b.settleBase(ctx, base, runs, have)
	}
	if err != nil {
		return done, err
	}
	entries = slices.DeleteFunc(slices.Clone(entries), func(e entry) bool { return e.Account != nil })
	for _, s := range inOrderOfTime(runs, entries) {
		switch {
		case s.entry != nil:
			err = b.replayEntry(ctx, *s.entry, applied, &done)
		case !have[s.run.ID]:
			err = b.replayRun(ctx, *s.run, s.run.ID == checkAll, &done)
		}
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// replayEntry applies an entry, unless the base has it.
func (r *runner) replayEntry(ctx context.Context, e entry, applied map[string]bool, done *rebuilt) error {
	fresh, notice, err := r.applyOnce(ctx, e, applied)
	if fresh {
		done.entries++
	}
	if notice != "" {
		done.notices = append(done.notices, notice)
	}
	return err
}

// replayRun does again what a run did, from its landed answers. Accounts of
// which it loaded nothing stay as they were. full has every order checked.
func (r *runner) replayRun(ctx context.Context, landed landing.RunRecord, full bool, done *rebuilt) error {
	r.run = landed.Run
	r.observer.Stage("replay " + landed.ID)
	err := r.enterAccounts(ctx)
	if err == nil {
		err = r.enterNames(ctx)
	}
	pages := 0
	if err == nil {
		pages, err = r.replayAccounts(ctx, landed)
	}
	// One that died has no checks and no end, one in which every account failed
	// no checks.
	if err == nil && landed.Outcome != "" && landed.ExitCode != exit.Failed {
		_, err = r.warehouse.Check(ctx, r.run, r.checking(full))
		done.finished = r.run
	}
	if err == nil && landed.Outcome != "" {
		err = r.warehouse.Finish(ctx, r.run, landed.FinishedAt, landed.Outcome, landed.ExitCode, landed.Books)
	}
	if err != nil {
		return fmt.Errorf("replay run %s: %w", landed.ID, err)
	}
	done.runs++
	done.pages += pages
	return nil
}

func (r *runner) replayAccounts(ctx context.Context, landed landing.RunRecord) (pages int, err error) {
	ledgers, err := r.windowLedgers(landed)
	if err != nil {
		return 0, err
	}
	var accounts []config.Account
	for _, id := range sortedIDs(ledgers) {
		account := r.cfg.FindLanded(id.Source, id.Account)
		switch l := ledgers[id][0]; {
		case account != nil:
			accounts = append(accounts, *account)
		case l.Loaded:
			return 0, fmt.Errorf("%s %s: the configuration has no such account: add it, with enabled: false if nobody shall ask it, or name it under aliases: of the account that it is now", id.Source, id.Account)
		case l.Failed != nil:
			if err := r.warehouse.Fail(ctx, r.run, id.Source, id.Account, l.Failed.Stream, l.Failed.Message); err != nil {
				return 0, err
			}
		}
	}
	for _, wave := range wavesOf(accounts) {
		for i := range wave {
			p, err := r.replayAccount(ctx, &wave[i], ledgers[wave[i].ID()])
			if err != nil {
				return pages, fmt.Errorf("%s %s: %w", wave[i].Driver.Name, wave[i].Name, err)
			}
			pages += p
		}
		if err := r.splitAgain(ctx, wave); err != nil {
			return pages, err
		}
	}
	return pages, nil
}

// sortedIDs are the accounts of a map, in order.
func sortedIDs[V any](accounts map[ledger.AccountID]V) []ledger.AccountID {
	return slices.SortedFunc(maps.Keys(accounts), func(a, b ledger.AccountID) int { return strings.Compare(a.String(), b.String()) })
}

// replayAccount loads what a run has landed of an account, under its name and
// its earlier ones.
func (r *runner) replayAccount(ctx context.Context, account *config.Account, ledgers []*landing.WindowLedger) (pages int, err error) {
	var windows []landing.WindowEntry
	loaded := false
	for _, l := range ledgers {
		windows, loaded = append(windows, l.LoadedWindows()...), loaded || l.Loaded
	}
	if !loaded {
		for _, l := range ledgers {
			if l.Failed != nil {
				return 0, r.warehouse.Fail(ctx, r.run, account.Driver.Name, account.Name, l.Failed.Stream, l.Failed.Message)
			}
		}
		return 0, nil
	}
	a := newAccountRun(r, *account)
	if err := a.openStage(); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, a.stage.Discard()) }()
	for _, w := range windows {
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
func (r *runner) replaceWarehouse(fresh string) (kept string, err error) {
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
	if err := disk.Rename(target+".wal", kept+".wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("keep the log of the working database: %w", err)
	}
	if err := disk.Rename(target, kept); errors.Is(err, fs.ErrNotExist) {
		kept = ""
	} else if err != nil {
		return "", fmt.Errorf("keep the working database: %w", err)
	}
	if err := putInPlace(fresh, target); err != nil {
		return "", fmt.Errorf("put the rebuilt database in place: %w", err)
	}
	return kept, nil
}

// putInPlace moves a database that is closed, so that after a crash the place
// holds what it held before or all of the new one.
func putInPlace(fresh, place string) error {
	if err := disk.SyncFile(fresh); err != nil {
		return err
	}
	return disk.Rename(fresh, place)
}

// republish publishes the working database as it is.
func (r *runner) republish(ctx context.Context) (string, error) {
	w, err := r.openWarehouse(ctx, load.Options{Path: r.warehousePath()})
	if err != nil {
		return "", err
	}
	published, err := r.publishAs(ctx, w, r.run)
	return published.Path, err
}
