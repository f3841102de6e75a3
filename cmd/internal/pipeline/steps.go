package pipeline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/extract/landing"
)

// step is a run, or what a person added between runs.
type step struct {
	run *landing.RunRecord
	add *entry
}

func (s step) at() time.Time {
	if s.run != nil {
		return s.run.At
	}
	return s.add.at()
}

// inOrderOfTime puts runs and entries, each in their order, into one order. A run
// stands before what was added at its own recorded time: that cannot have
// been added while it ran, and no later run has that time.
func inOrderOfTime(runs []landing.RunRecord, entries []entry) []step {
	var steps []step
	for i := range runs {
		steps = append(steps, step{run: &runs[i]})
	}
	for i := range entries {
		steps = append(steps, step{add: &entries[i]})
	}
	slices.SortStableFunc(steps, func(a, b step) int { return a.at().Compare(b.at()) })
	return steps
}

// entriesBefore are the entries before an instant.
func (r *runner) entriesBefore(limit time.Time) ([]entry, error) {
	all, err := r.entries(strictly)
	return slices.DeleteFunc(all, func(a entry) bool { return !a.at().Before(limit) }), err
}

// applyOnce applies an entry that is not among those that the database has.
func (r *runner) applyOnce(ctx context.Context, a entry, have map[string]bool) (entered bool, notice string, err error) {
	if have[a.id()] {
		return false, "", nil
	}
	if notice, err = r.apply(ctx, a); err != nil {
		return false, "", fmt.Errorf("enter %s: %w", a.id(), err)
	}
	return true, notice, nil
}
