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
func (n *night) prune(ctx context.Context) error {
	keep := n.cfg.LandingKeep
	if keep <= 0 {
		return nil
	}
	runs, err := n.landing.Runs()
	if err != nil {
		return err
	}
	limit := n.run.At.Add(-keep)
	old := slices.DeleteFunc(runs, func(r landing.RunRecord) bool { return r.Pruned || !r.At.Before(limit) })
	if len(old) == 0 {
		return nil
	}
	n.observer.Stage("prune")
	if err := n.intoBase(ctx, old); err != nil {
		return fmt.Errorf("prune the landing: %w; no answer was removed", err)
	}
	for _, r := range old {
		if err := n.landing.Prune(r); err != nil {
			return err
		}
	}
	// What vendors pushed was landed by the runs that loaded it. It is kept a
	// day longer, for a night reads back that far.
	for _, a := range n.accounts {
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
func (n *night) intoBase(ctx context.Context, runs []landing.RunRecord) (err error) {
	path := filepath.Join(n.staging, "base.duckdb")
	b, have, err := n.openFrom(ctx, n.landing.Base(), path, runs[len(runs)-1].Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.warehouse.Close()) }()
	added, err := n.addedBefore(runs[len(runs)-1].At)
	if err != nil {
		return err
	}
	entered, err := b.warehouse.Entries(ctx)
	if err != nil {
		return err
	}
	for _, s := range stepsOf(runs, added) {
		if s.add != nil {
			if _, _, err := b.enter(ctx, *s.add, entered); err != nil {
				return err
			}
			continue
		}
		if have[s.run.ID] {
			continue
		}
		if _, err := b.repeat(ctx, *s.run, false); err != nil {
			return fmt.Errorf("run %s: %w", s.run.ID, err)
		}
	}
	if err := b.warehouse.Close(); err != nil {
		return err
	}
	if err := os.Rename(path, n.landing.Base()); err != nil {
		return fmt.Errorf("put the base in place: %w", err)
	}
	return nil
}

// openFrom opens a working database at path that begins as a copy of base, or
// empty where there is none, and says which runs it holds.
func (n *night) openFrom(ctx context.Context, base, path, id string) (_ *night, have map[string]bool, err error) {
	w, err := n.openWarehouse(ctx, load.Options{Path: path, Base: base, DatabaseID: id})
	if err != nil {
		return nil, nil, err
	}
	if have, err = w.Runs(ctx); err != nil {
		return nil, nil, errors.Join(err, w.Close())
	}
	b := *n
	b.warehouse = w
	return &b, have, nil
}
