package pipeline

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/extract/wal"
)

// prune removes landed answers that are older than landing.keep, by the vendors'
// clocks: of one that jumped nobody knows how old an answer is. What they
// gave is first added to the base, the database from which a replay starts:
// the answers of the runs that are to go are replayed into it.
func (r *runner) prune(ctx context.Context) error {
	limit := r.pruneBefore()
	if limit.IsZero() {
		return nil
	}
	runs, err := r.landedRuns()
	if err != nil {
		return err
	}
	var old []landing.RunRecord
	for _, run := range runs {
		// The seals know of a run what its clock said, so a moved one stays until
		// that time as well; and of what stays nothing later goes.
		if !run.Pruned && (!run.At.Before(limit) || !run.VendorsSaid.Before(limit) || !run.Said.Before(limit)) {
			break
		}
		if !run.Pruned {
			old = append(old, run)
		}
	}
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
	return r.pruneNotifications(limit)
}

// pruneBefore is the recorded time before which answers may be removed, zero where
// all are kept: also where no vendor stated its time.
func (r *runner) pruneBefore() time.Time {
	if r.cfg.LandingKeep <= 0 {
		return time.Time{}
	}
	at, known := r.dates.notAfter(r.run.At)
	if !known {
		r.log.Info("no vendor stated its time: no answer is removed for its age")
		return time.Time{}
	}
	return at.Add(-r.cfg.LandingKeep)
}

// intoBase replays runs into the base and puts the result in its place. Runs
// that are in it already, for an earlier pruning did not come to its end, are
// left out. The ledger entries before the last of them go with them.
func (r *runner) intoBase(ctx context.Context, runs []landing.RunRecord) error {
	entries, err := r.entriesBefore(runs[len(runs)-1].At)
	if err != nil {
		return err
	}
	fresh := filepath.Join(r.staging, "base.duckdb")
	if _, err := r.rebuild(ctx, fresh, r.landing.Base(), runs, entries, ""); err != nil {
		return err
	}
	if err := r.landing.NoteBase(fresh); err != nil {
		return err
	}
	if err := putInPlace(fresh, r.landing.Base()); err != nil {
		return fmt.Errorf("put the base in place: %w", err)
	}
	return nil
}

// pruneNotifications removes what vendors pushed: the runs that loaded it have
// landed it. It is kept a day longer than answers, for a run reads back that
// far.
func (r *runner) pruneNotifications(before time.Time) error {
	for _, a := range r.accounts {
		source, ok := a.Source.(extract.Notified)
		if !ok {
			continue
		}
		pushed, ok := source.Notifications()
		if !ok {
			continue
		}
		for _, dir := range []string{pushed.LogDir, filepath.Join(pushed.LogDir, extract.RefusedDir)} {
			if err := wal.Prune(dir, before.AddDate(0, 0, -1)); err != nil {
				return fmt.Errorf("prune the notifications of %s %s: %w", a.Driver.Name, a.Name, err)
			}
		}
	}
	return nil
}
