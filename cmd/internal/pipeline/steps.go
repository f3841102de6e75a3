package pipeline

import (
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/extract/landing"
)

// step is a run or a ledger entry: one of them is set.
type step struct {
	run   *landing.RunRecord
	entry *entry
}

func (s step) at() time.Time {
	if s.run != nil {
		return s.run.At
	}
	return s.entry.at()
}

func (s step) id() string {
	if s.run != nil {
		return s.run.ID
	}
	return s.entry.id()
}

// inOrderOfTime puts runs and entries, each in their order, into one order. A
// run stands before the entries of its own recorded time: they cannot have been
// made while it ran, and no later run has that time.
func inOrderOfTime(runs []landing.RunRecord, entries []entry) []step {
	var steps []step
	for i := range runs {
		steps = append(steps, step{run: &runs[i]})
	}
	for i := range entries {
		steps = append(steps, step{entry: &entries[i]})
	}
	slices.SortStableFunc(steps, func(a, b step) int { return a.at().Compare(b.at()) })
	return steps
}
