package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
)

// correctClock gives the runs and entries that stand in the future, for the clock
// was ahead when they were made, times of their own: just after the last that does
// not, in their order. So no cursor stands later than what was read, and the next
// run reads what came since once more. It is kept as an entry; nothing that is
// landed is changed. The folder and the id of a run keep what the clock said.
func (r *runner) correctClock(ctx context.Context) (corrected int, err error) {
	if err := r.askTime(ctx); err != nil {
		return 0, err
	}
	if v, says := r.dates.judge(r.run.At); v != agreed {
		return 0, fmt.Errorf("%w, or nobody confirms it: it says %s, and %s; set it right, then correct what was recorded",
			ErrClockAhead, r.run.At.Format(time.RFC3339), says)
	}
	runs, err := r.landedRuns()
	if err != nil {
		return 0, err
	}
	entries, _, err := r.journal(func(err error) error { return err })
	if err != nil {
		return 0, err
	}
	c := load.ClockCorrection{EntryID: "clock-" + r.run.ID, At: r.run.At, By: r.o.By}
	var last time.Time
	for _, s := range inOrderOfTime(runs, entries) {
		switch {
		case s.entry != nil && s.entry.Account != nil:
			continue // it goes with its run
		case !s.at().After(r.run.At):
			last = s.at()
			continue
		}
		switch {
		case s.run != nil && s.run.Pruned:
			return 0, fmt.Errorf("run %s stands in the future, and its answers were removed (landing.keep): it cannot be moved; load everything anew: another data_dir and publish.dir, then nightaudit run --full", s.run.ID)
		case last.IsZero():
			return 0, errors.New("nothing stands before what stands in the future: move data_dir and publish.dir away and load everything anew, nightaudit run")
		}
		last = last.Add(time.Microsecond)
		c.Times = append(c.Times, load.CorrectedTime{Subject: s.id(), RecordedAt: s.at(), StandsAt: last})
	}
	if len(c.Times) == 0 {
		return 0, nil
	}
	return len(c.Times), r.record(ctx, entry{Clock: &c})
}

// landedRuns are the runs of the landing by their recorded times, corrected ones
// by those.
func (r *runner) landedRuns() ([]landing.RunRecord, error) {
	runs, err := r.landing.Runs()
	if err != nil {
		return nil, err
	}
	// Who needs every line of the journal reads it strictly besides.
	entries, _, err := r.journal(func(error) error { return nil })
	if err != nil {
		return nil, err
	}
	times := correctedTimes(entries)
	for i := range runs {
		run := &runs[i]
		if at, ok := times[run.ID]; ok {
			run.Move(at)
		}
	}
	landing.SortRuns(runs)
	return runs, nil
}

// correctedTimes are the times that were corrected, by run and by entry; the last
// correction holds.
func correctedTimes(entries []entry) map[string]time.Time {
	times := map[string]time.Time{}
	for _, e := range entries {
		if e.Clock == nil {
			continue
		}
		for _, t := range e.Clock.Times {
			times[t.Subject] = t.StandsAt
		}
	}
	return times
}
