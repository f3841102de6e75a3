package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/extract/wal"
	"github.com/nightaudit/nightaudit/load"
)

// prune removes landed answers that are older than landing.keep. What they
// gave is first added to the base, the database from which a replay starts:
// the answers of the runs that are to go are replayed into it.
func (r *runner) prune(ctx context.Context) error {
	keep := r.cfg.LandingKeep
	if keep <= 0 {
		return nil
	}
	runs, err := r.landing.Runs()
	if err != nil {
		return err
	}
	limit := r.run.At.Add(-keep)
	old := slices.DeleteFunc(runs, func(run landing.RunRecord) bool { return run.Pruned || !run.At.Before(limit) })
	if len(old) == 0 {
		return nil
	}
	r.observer.Stage("prune")
	if err := r.intoBase(ctx, old); err != nil {
		return fmt.Errorf("prune the landing: %w; no answer was removed", err)
	}
	for _, run := range old {
		if err := r.landing.Prune(run); err != nil {
			return err
		}
	}
	// What vendors pushed was landed by the runs that loaded it. It is kept a
	// day longer, for a night reads back that far.
	for _, a := range r.accounts {
		if p, ok := a.Source.(extract.Notified); ok {
			if pushed, ok := p.Notifications(); ok {
				if err := wal.Prune(pushed.Journal, limit.AddDate(0, 0, -1)); err != nil {
					return fmt.Errorf("prune the notifications of %s %s: %w", a.Driver.Name, a.Name, err)
				}
			}
		}
	}
	return nil
}

// intoBase replays runs into the base and puts the result in its place. Runs
// that are in it already, for an earlier pruning did not come to its end, are
// left out. What people added before the last of them goes with them.
func (r *runner) intoBase(ctx context.Context, runs []landing.RunRecord) (err error) {
	path := filepath.Join(r.staging, "base.duckdb")
	b, have, err := r.openFrom(ctx, r.landing.Base(), path, runs[len(runs)-1].Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.warehouse.Close()) }()
	added, err := r.entriesBefore(runs[len(runs)-1].At)
	if err != nil {
		return err
	}
	entered, err := b.warehouse.Entries(ctx)
	if err != nil {
		return err
	}
	for _, s := range inOrderOfTime(runs, added) {
		if s.add != nil {
			if _, _, err := b.applyOnce(ctx, *s.add, entered); err != nil {
				return err
			}
			continue
		}
		if have[s.run.ID] {
			continue
		}
		if _, err := b.replayRun(ctx, *s.run, false); err != nil {
			return fmt.Errorf("run %s: %w", s.run.ID, err)
		}
	}
	if err := b.warehouse.Close(); err != nil {
		return err
	}
	if err := os.Rename(path, r.landing.Base()); err != nil {
		return fmt.Errorf("put the base in place: %w", err)
	}
	return nil
}

// openFrom opens a working database at path that begins as a copy of base, or
// empty where there is none, and says which runs it holds.
func (r *runner) openFrom(ctx context.Context, base, path, id string) (_ *runner, have map[string]bool, err error) {
	w, err := r.openWarehouse(ctx, load.Options{Path: path, Base: base, DatabaseID: id})
	if err != nil {
		return nil, nil, err
	}
	if have, err = w.Runs(ctx); err != nil {
		return nil, nil, errors.Join(err, w.Close())
	}
	b := *r
	b.warehouse = w
	return &b, have, nil
}
