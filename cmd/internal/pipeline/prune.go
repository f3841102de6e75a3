package pipeline

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/extract/wal"
	"github.com/nightaudit/nightaudit/load"
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
	// Those that were pruned before must be in the base, too.
	gone := slices.DeleteFunc(runs, func(run landing.RunRecord) bool { return !run.At.Before(limit) })
	if err := r.intoBase(ctx, gone); err != nil {
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
	at := r.dates.first()
	if at.IsZero() {
		r.log.Info("no vendor stated its time: no answer is removed for its age")
		return time.Time{}
	}
	if at.After(r.run.At) {
		at = r.run.At
	}
	return at.Add(-r.cfg.LandingKeep)
}

// intoBase replays runs into the base and puts the result in its place. Runs
// that are in it already, for an earlier pruning did not come to its end, are
// left out. The ledger entries before the last of them go with them. What the
// working database holds of these runs and the landing does not give is refused:
// their answers are the only other place where it stands.
func (r *runner) intoBase(ctx context.Context, runs []landing.RunRecord) error {
	var told []load.Loss
	entries, accepted, err := r.journal(noteDamage(&told))
	if err != nil {
		return err
	}
	limit := runs[len(runs)-1].At
	working, err := r.holding(ctx, r.warehousePath(), workingDatabase)
	if err != nil {
		return err
	}
	from := rebuildFrom{
		fresh: filepath.Join(r.staging, "base.duckdb"), base: r.landing.Base(), runs: runs, held: []*load.Holding{working},
		entries: slices.DeleteFunc(entries, func(e entry) bool { return !e.at().Before(limit) }),
	}
	done, err := r.rebuild(ctx, from)
	if err != nil {
		return err
	}
	lost, err := r.lostIn(ctx, from, working, accepted)
	if err != nil {
		return err
	}
	for _, l := range append(told, done.lost...) {
		if !slices.ContainsFunc(accepted, l.SameAs) {
			lost = append(lost, l)
		}
	}
	if len(lost) > 0 {
		return &LossError{Lost: lost}
	}
	if err := r.landing.NoteBase(from.fresh); err != nil {
		return err
	}
	if err := putInPlace(from.fresh, r.landing.Base()); err != nil {
		return fmt.Errorf("put the base in place: %w", err)
	}
	return nil
}

// pruneNotifications removes what vendors pushed: the runs that loaded it have
// landed it. It is kept a day longer than answers, for a run reads back that
// far.
func (r *runner) pruneNotifications(before time.Time) error {
	for a, logDir := range pushedLogs(r.accounts) {
		for _, dir := range []string{logDir, filepath.Join(logDir, extract.RefusedDir)} {
			if err := wal.Prune(dir, before.AddDate(0, 0, -1)); err != nil {
				return fmt.Errorf("prune the notifications of %s %s: %w", a.Driver.Name, a.Name, err)
			}
		}
	}
	return nil
}
