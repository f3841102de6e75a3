package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
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
	Moved    int    // runs and entries that stood in the future
	Added    int    // closes and workbooks of annotations
	Began    string // the published copy with which it began, "" without ReplaySince
	Database string // published
	Kept     string // where the working database that was replaced lies
	Lost     []load.Loss
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
//
// What the landing lacks, by what it tells of itself and by what the databases
// hold that are replaced, is a *LossError, and nothing is changed then; with
// Options.AcceptLoss it is recorded instead, and stands in the result.
func Replay(ctx context.Context, cfg *config.Config, o Options) (result *ReplayResult, err error) {
	r, end, err := prepare(ctx, cfg, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	result = &ReplayResult{}
	if o.CorrectClock {
		if result.Moved, err = r.correctClock(ctx); err != nil {
			return nil, err
		}
	}
	r.accounts = cfg.Accounts
	runs, err := r.landedRuns()
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("nothing is landed in %s: there is nothing to replay", r.landingDir())
	}
	c, err := r.beginComparison(ctx)
	if err != nil {
		return nil, err
	}
	from, changes, err := r.rebuildAll(c, runs)
	if err != nil {
		return nil, err
	}
	// By its seal: the run's own file may have been changed since.
	database := runs[len(runs)-1].Database
	if sealed := c.record(runs[len(runs)-1].ID); sealed != nil {
		database = sealed.Database
	}
	if err := r.placesFree(ctx, database); err != nil {
		return nil, err
	}
	if !o.ReplaySince.IsZero() {
		if from.base, err = r.publishedBefore(ctx, database, result); err != nil {
			return nil, err
		}
		result.Began = from.base
	}
	done, err := r.rebuild(ctx, from)
	if err != nil {
		return nil, err
	}
	if done.finished.ID == "" {
		return nil, errors.New("no landed run came to its end: there is nothing to publish; nightaudit run takes the last one up")
	}
	result.Runs, result.Pages, result.Added = done.runs, done.pages, done.entries
	r.run = done.finished
	if n := len(from.entries); n > 0 { // what was published last may be an entry
		r.run.At = laterOf(r.run.At, from.entries[n-1].at())
	}
	if result.Lost, err = r.settleLosses(ctx, c, from.fresh, done.lost); err != nil {
		return nil, err
	}
	if err := r.recordAll(ctx, changes); err != nil {
		return nil, err
	}
	result.Notices = append(result.Notices, append(c.notices, done.notices...)...)
	if result.Kept, err = r.replaceWarehouse(from.fresh, c.holdsAll); err != nil {
		return nil, err
	}
	result.Database, err = r.republish(ctx)
	result.Notices = append(result.Notices, r.placeWords()...)
	return result, err
}

// rebuildAll says from what a database is rebuilt that is to hold all that is landed,
// and what is to be noted in the journal of it. The last run is as it was sealed.
func (r *runner) rebuildAll(c *comparison, runs []landing.RunRecord) (from rebuildFrom, changes []load.AccountChange, err error) {
	if changes, err = r.changesOfReplay(runs); err != nil {
		return from, nil, err
	}
	r.changes = append(r.changes, changes...)
	if last := &runs[len(runs)-1]; c.sealed != nil && last.ID == c.sealed.ID {
		sealed := *c.sealed
		if sealed.Dir = last.Dir; last.Moved() {
			sealed.Move(last.At)
		}
		*last = sealed
	}
	return rebuildFrom{
		fresh: filepath.Join(r.staging, "warehouse.duckdb"), base: r.landing.Base(), runs: runs, held: c.held, entries: c.entries,
		// What is rebuilt does not rest on what the runs left unchecked: the last one checks
		// every order.
		checkAll: lastFinished(runs).ID,
	}, changes, nil
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

// rebuildFrom says from what a database is rebuilt.
type rebuildFrom struct {
	fresh    string // the file
	base     string // the database that it begins as a copy of, if there is one
	runs     []landing.RunRecord
	entries  []entry
	checkAll string          // the run that has every order checked
	held     []*load.Holding // what databases hold that were made of the same landing
}

// loaded says whether a database is known to hold what a run loaded of an account:
// a crash may have come between that and the window ledger.
func (f *rebuildFrom) loaded(run string, id ledger.AccountID) bool {
	return slices.ContainsFunc(f.held, func(h *load.Holding) bool { return h.Loaded(run, id) })
}

func (f *rebuildFrom) unreadBase(err error) error {
	if !isFile(f.base) {
		return err
	}
	return fmt.Errorf("begin with %s: %w; take the file from a backup, or move it away and see what the replay then misses", f.base, err)
}

// rebuilt is what a database was rebuilt from, beside its base.
type rebuilt struct {
	runs, pages, entries int
	notices              []string
	lost                 []load.Loss // what the landing lacks by what it tells of itself
	finished             ledger.Run  // the last of the runs that came to their end with something to show
}

// rebuild makes a working database in a file that begins as a copy of the base,
// or empty where there is none: it replays the runs that the base does not
// hold and applies the entries between them.
func (r *runner) rebuild(ctx context.Context, from rebuildFrom) (done rebuilt, err error) {
	b := *r
	if b.warehouse, err = r.openWarehouse(ctx, load.Options{Path: from.fresh, Base: from.base, DatabaseID: from.runs[len(from.runs)-1].Database}); err != nil {
		return done, from.unreadBase(err)
	}
	defer func() { err = errors.Join(err, b.warehouse.Close()) }()
	if err := b.warehouse.ReadAll(ctx); err != nil { // damage in it would be found by whoever reads it, much later
		return done, from.unreadBase(err)
	}
	have, err := b.warehouse.Runs(ctx)
	if err != nil {
		return done, err
	}
	applied, err := b.warehouse.Entries(ctx)
	if err == nil {
		err = b.renameBase(ctx, applied)
	}
	if err == nil {
		err = b.settleBase(ctx, from.base, from.runs, have)
	}
	if err != nil {
		return done, err
	}
	entries := slices.DeleteFunc(slices.Clone(from.entries), func(e entry) bool { return e.Account != nil })
	for _, s := range inOrderOfTime(from.runs, entries) {
		switch {
		case s.entry != nil:
			err = b.replayEntry(ctx, *s.entry, applied, &done)
		case have[s.run.ID]:
		case s.run.Pruned:
			done.lost = append(done.lost, load.Loss{Run: s.run.ID, To: s.run.At.UTC().Format(time.DateOnly), What: fmt.Sprintf(
				"the answers of run %s were removed (landing.keep), and %s does not hold it: replay without --since, or from a later day", s.run.ID, from.base)})
		default:
			err = b.replayRun(ctx, *s.run, from, &done)
		}
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// replayEntry applies an entry, unless the base has it. One that cannot be
// entered, for what it rests on is gone, is lost.
func (r *runner) replayEntry(ctx context.Context, e entry, applied map[string]bool, done *rebuilt) error {
	fresh, notice, err := r.applyOnce(ctx, e, applied)
	if err != nil {
		if ctx.Err() != nil || load.IsUnusable(err) {
			return err
		}
		done.lost = append(done.lost, load.Loss{Entry: e.id(), To: e.at().UTC().Format(time.DateOnly), What: err.Error()})
		return nil
	}
	if fresh {
		done.entries++
	}
	if notice != "" {
		done.notices = append(done.notices, notice)
	}
	return nil
}

// replayRun does again what a run did, from its landed answers. Accounts of
// which it loaded nothing stay as they were.
func (r *runner) replayRun(ctx context.Context, landed landing.RunRecord, from rebuildFrom, done *rebuilt) error {
	r.run, r.shifted = landed.Run, landed.Moved()
	r.observer.Stage("replay " + landed.ID)
	err := r.enterAccounts(ctx)
	if err == nil {
		err = r.enterNames(ctx)
	}
	if err == nil {
		err = r.replayAccounts(ctx, landed, from, done)
	}
	if err == nil && landed.Outcome != "" { // one that died has no checks and no end
		err = r.endAgain(ctx, landed, landed.ID == from.checkAll, done)
	}
	if err != nil {
		return fmt.Errorf("replay run %s: %w", landed.ID, err)
	}
	done.runs++
	return nil
}

func (r *runner) replayAccounts(ctx context.Context, landed landing.RunRecord, from rebuildFrom, done *rebuilt) error {
	defer collectSooner()()
	ledgers, err := r.windowLedgers(landed)
	if err != nil {
		return err
	}
	var accounts []config.Account
	for _, id := range sortedIDs(ledgers) {
		account := r.cfg.FindLanded(id.Source, id.Account)
		for _, l := range ledgers[id] {
			if said := l.Told(); said != "" && landed.Outcome != "" {
				done.lost = append(done.lost, lossOf(landed, id, said))
			}
			l.Loaded = l.Loaded || from.loaded(landed.ID, id)
		}
		switch l := ledgers[id][0]; {
		case account != nil:
			accounts = append(accounts, *account)
		case l.Loaded:
			return fmt.Errorf("%s %s: the configuration has no such account: add it, with enabled: false if nobody shall ask it, or name it under aliases: of the account that it is now", id.Source, id.Account)
		case l.Failed != nil:
			if err := r.warehouse.Fail(ctx, r.run, id.Source, id.Account, l.Failed.Stream, l.Failed.Message); err != nil {
				return err
			}
		}
	}
	for _, wave := range wavesOf(accounts) {
		for i := range wave {
			p, damaged, err := r.replayAccount(ctx, &wave[i], ledgers[wave[i].ID()])
			if err != nil {
				return fmt.Errorf("%s %s: %w", wave[i].Driver.Name, wave[i].Name, err)
			}
			done.pages += p
			for _, d := range damaged {
				done.lost = append(done.lost, lossOf(landed, wave[i].ID(), d.Error()))
			}
		}
		if err := r.splitAgain(ctx, wave); err != nil {
			return err
		}
	}
	return nil
}

// lossOf is what the landing tells of an account of a run.
func lossOf(landed landing.RunRecord, id ledger.AccountID, said string) load.Loss {
	return load.Loss{Run: landed.ID, Source: id.Source, Account: id.Account, What: said, To: landed.At.UTC().Format(time.DateOnly)}
}

// sortedIDs are the accounts of a map, in order.
func sortedIDs[V any](accounts map[ledger.AccountID]V) []ledger.AccountID {
	return slices.SortedFunc(maps.Keys(accounts), func(a, b ledger.AccountID) int { return strings.Compare(a.String(), b.String()) })
}

// replayAccount loads what a run has landed of an account, under its name and
// its earlier ones. A window with an answer that is damaged, or not what the window
// should hold, is left out and named.
func (r *runner) replayAccount(ctx context.Context, account *config.Account, ledgers []*landing.WindowLedger) (pages int, damaged []error, err error) {
	var windows []landing.WindowEntry
	loaded := false
	for _, l := range ledgers {
		windows, loaded = append(windows, l.LoadedWindows()...), loaded || l.Loaded
	}
	if !loaded {
		for _, l := range ledgers {
			if l.Failed != nil {
				return 0, nil, r.warehouse.Fail(ctx, r.run, account.Driver.Name, account.Name, l.Failed.Stream, l.Failed.Message)
			}
		}
		return 0, nil, nil
	}
	for {
		pages, at, err := r.replayWindows(ctx, account, windows)
		var torn *landing.Damaged
		var wrong *undecoded
		if at < 0 || !errors.As(err, &torn) && !errors.As(err, &wrong) {
			return pages, damaged, err
		}
		// Some of the window was staged: begin again without it.
		damaged, windows = append(damaged, err), slices.Delete(windows, at, at+1)
	}
}

// replayWindows loads windows; at is the one that could not be read, or -1.
func (r *runner) replayWindows(ctx context.Context, account *config.Account, windows []landing.WindowEntry) (pages, at int, err error) {
	a := newAccountRun(r, *account)
	if err := a.openStage(); err != nil {
		return 0, -1, err
	}
	defer func() { err = errors.Join(err, a.stage.Discard()) }()
	for i, w := range windows {
		if err := ctx.Err(); err != nil {
			return 0, -1, fmt.Errorf("the replay was interrupted; nothing was changed: %w", context.Cause(ctx))
		}
		if err := a.replay(w); err != nil {
			return 0, i, err
		}
	}
	for stream := range a.batches {
		if err := a.flush(stream); err != nil {
			return 0, -1, err
		}
	}
	a.observe()
	_, err = a.stage.Commit(ctx)
	return a.pages, -1, err
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
	r.warehouse = w
	at := r.recordedNow()
	if err := r.adopt(ctx, at); err != nil {
		return "", errors.Join(err, w.Close())
	}
	if len(r.adoptions) > 0 {
		r.run.At = laterOf(r.run.At, at)
	}
	published, err := r.publishAs(ctx, w, r.run)
	return published.Path, err
}
