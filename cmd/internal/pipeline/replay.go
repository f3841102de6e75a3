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
	n, err := newNight(cfg, o)
	if err != nil {
		return nil, err
	}
	n.accounts = cfg.Accounts
	unlock, err := n.lock()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := n.clearStaging(); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(n.staging)) }()
	if n.landing, err = landing.Open(filepath.Join(cfg.DataDir, "landing"), cfg.LandingKeys); err != nil {
		return nil, err
	}
	runs, err := n.landing.Runs()
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("nothing is landed in %s: there is nothing to replay", filepath.Join(cfg.DataDir, "landing"))
	}
	result = &ReplayResult{}
	path, id := filepath.Join(n.staging, "warehouse.duckdb"), runs[len(runs)-1].Database
	base := n.landing.Base()
	if !o.ReplaySince.IsZero() {
		if base, err = n.publishedBefore(ctx, id, result); err != nil {
			return nil, err
		}
		result.Began = base
	}
	b, have, err := n.openFrom(ctx, base, path, id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.warehouse.Close()) }()
	for _, r := range runs {
		if r.Pruned && !have[r.ID] {
			return nil, fmt.Errorf("the answers of run %s were removed (landing.keep), and %s does not hold it: replay without --since, or from a later day", r.ID, base)
		}
	}
	added, err := n.additions(strictly)
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
	for _, s := range stepsOf(runs, added) {
		if s.add != nil {
			if err := b.addAgain(ctx, *s.add, entered, result); err != nil {
				return nil, err
			}
			continue
		}
		r := *s.run
		if have[r.ID] {
			continue // it is in the base
		}
		pages, err := b.repeat(ctx, r, r.ID == last.ID)
		if err != nil {
			return nil, fmt.Errorf("replay run %s: %w", r.ID, err)
		}
		if r.Outcome != "" {
			finished = b.run
		}
		result.Runs++
		result.Pages += pages
	}
	if finished.ID == "" {
		return nil, errors.New("no landed run came to its end: there is nothing to publish; nightaudit run takes the last one up")
	}
	n.run = finished
	if len(added) > 0 { // what was published last may be an addition
		n.run.At = laterOf(n.run.At, added[len(added)-1].at())
	}
	if err := b.warehouse.Close(); err != nil {
		return nil, err
	}
	if result.Kept, err = n.replaceWarehouse(path); err != nil {
		return nil, err
	}
	result.Database, err = n.republish(ctx)
	return result, err
}

// publishedBefore is the copy with which a replay of what came since begins.
func (n *night) publishedBefore(ctx context.Context, id string, result *ReplayResult) (string, error) {
	base, unread, err := load.PublishedBefore(ctx, n.cfg.Publish.Dir, id, n.o.ReplaySince)
	if err != nil {
		return "", err
	}
	result.Notices = append(result.Notices, unread...)
	if base == "" {
		return "", fmt.Errorf("no database that was published before %s is kept in %s: replay without --since, or from a later day",
			n.o.ReplaySince.In(n.cfg.Zone).Format(time.DateOnly), n.cfg.Publish.Dir)
	}
	return base, nil
}

// addAgain enters what a person added, unless the base has it.
func (n *night) addAgain(ctx context.Context, a addition, have map[string]bool, result *ReplayResult) error {
	entered, notice, err := n.enter(ctx, a, have)
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

// repeat does again what a run did, from its landed answers. Accounts of
// which it loaded nothing stay as they were. full has every order checked.
func (n *night) repeat(ctx context.Context, r landing.RunRecord, full bool) (pages int, err error) {
	n.run = r.Run
	n.observer.Stage("replay " + r.ID)
	journals, err := n.landing.WindowLedgers(r)
	if err != nil {
		return 0, err
	}
	names := slices.SortedFunc(maps.Keys(journals), func(a, b ledger.AccountID) int {
		return strings.Compare(a.String(), b.String())
	})
	for _, name := range names {
		p, err := n.repeatAccount(ctx, name, journals[name])
		if err != nil {
			return pages, fmt.Errorf("%s %s: %w", name.Source, name.Account, err)
		}
		pages += p
	}
	if r.Outcome == "" {
		return pages, nil // it died: no checks, no end
	}
	if _, err := n.warehouse.Check(ctx, n.run, n.checking(full)); err != nil {
		return pages, err
	}
	return pages, n.warehouse.Finish(ctx, n.run, r.FinishedAt, r.Outcome, r.ExitCode)
}

func (n *night) repeatAccount(ctx context.Context, name ledger.AccountID, j *landing.WindowLedger) (pages int, err error) {
	if j.Failed != nil && !j.Loaded {
		return 0, n.warehouse.Fail(ctx, n.run, name.Source, name.Account, j.Failed.Stream, j.Failed.Message)
	}
	if !j.Loaded {
		return 0, nil
	}
	account := n.cfg.Find(name.Source, name.Account)
	if account == nil {
		return 0, errors.New("the configuration has no such account: add it")
	}
	a := newAccountNight(n, *account)
	if err := a.openStage(); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, a.stage.Discard()) }()
	for _, w := range j.LoadedWindows() {
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("the replay was interrupted; nothing was changed: %w", context.Cause(ctx))
		}
		if err := a.again(w); err != nil {
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
func (n *night) replaceWarehouse(rebuilt string) (kept string, err error) {
	target := n.warehousePath()
	kept = filepath.Join(n.cfg.DataDir, "warehouse.before-replay.duckdb")
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
func (n *night) republish(ctx context.Context) (string, error) {
	n.observer.Stage("publish")
	w, err := n.openWarehouse(ctx, load.Options{Path: n.warehousePath()})
	if err != nil {
		return "", err
	}
	snapshot, err := w.Prepare(ctx, n.run, n.publishing())
	if err != nil {
		return "", err
	}
	defer snapshot.Discard()
	published, err := snapshot.Publish()
	return published.Path, err
}
