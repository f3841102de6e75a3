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
	add *addition
}

func (s step) at() time.Time {
	if s.run != nil {
		return s.run.At
	}
	return s.add.at()
}

// stepsOf puts runs and additions, each in their order, into one order. A run
// stands before what was added at its own recorded time: that cannot have
// been added while it ran, and no later run has that time.
func stepsOf(runs []landing.RunRecord, additions []addition) []step {
	var steps []step
	for i := range runs {
		steps = append(steps, step{run: &runs[i]})
	}
	for i := range additions {
		steps = append(steps, step{add: &additions[i]})
	}
	slices.SortStableFunc(steps, func(a, b step) int { return a.at().Compare(b.at()) })
	return steps
}

// addedBefore are the additions before an instant.
func (n *night) addedBefore(limit time.Time) ([]addition, error) {
	all, err := n.additions(strictly)
	return slices.DeleteFunc(all, func(a addition) bool { return !a.at().Before(limit) }), err
}

// enter applies an addition that is not among those that the database has.
func (n *night) enter(ctx context.Context, a addition, have map[string]bool) (entered bool, notice string, err error) {
	if have[a.id()] {
		return false, "", nil
	}
	if notice, err = n.apply(ctx, a); err != nil {
		return false, "", fmt.Errorf("enter %s: %w", a.id(), err)
	}
	return true, notice, nil
}
