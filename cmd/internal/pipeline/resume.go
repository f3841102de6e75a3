package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/extract/landing"
)

// resumeWithin is how long after its start a run that died is resumed. A
// later run would publish what was known too long ago: it begins anew, and the
// cursors, which no unfinished account has moved, make up for the rest.
const resumeWithin = 20 * time.Hour

// resume goes on with the latest run, if it died and asked for the same. The
// run keeps its id, its recorded time and so its frozen upper bound: windows
// that it had read to their end are taken from the landing.
//
// A person may have added something since: then the run is begun anew, for
// what was known at that moment does not change afterwards.
func (r *runner) resume(ctx context.Context) (notice string, err error) {
	if err := r.applyMissing(ctx); err != nil {
		return "", err
	}
	last, err := r.recorded(ctx)
	if err != nil {
		return "", err
	}
	runs, err := r.landedRuns()
	if err != nil {
		return "", err
	}
	// One that died by a clock that was ahead is not gone on with.
	runs = slices.DeleteFunc(runs, func(run landing.RunRecord) bool { return run.At.After(r.run.At.Add(clockTolerance)) })
	if len(runs) > 0 {
		died := runs[len(runs)-1]
		r.gap = gapAfter(died, r.run.At, r.cfg.Zone)
		// A run of a given time (--at) is asked for as that very run, however
		// long ago its time is.
		inTime := !r.o.At.IsZero() || r.o.Now().Sub(died.At) < resumeWithin
		if died.Outcome == "" && !died.Moved() && died.Asked == r.asked && died.ConfigSHA256 == r.run.ConfigSHA256 && inTime && last.Added.Before(died.At) {
			r.run = died.Run
			if keys := r.cfg.LandingKeys; keys.Seals() && !keys.Opens() {
				return fmt.Sprintf("run %s was cut short and was taken up, but its answers are encrypted and landing.identity is not set: the vendors are asked for them again", died.ID), nil
			}
			return fmt.Sprintf("run %s was cut short and was taken up where it ended", died.ID), nil
		}
		if died.Outcome == "" {
			if err := r.mend(ctx, died); err != nil {
				return "", fmt.Errorf("write down in the landing what run %s came to before it was cut short: %w", died.ID, err)
			}
		}
	}
	if err := r.inOrder(last); err != nil {
		return "", err
	}
	// Of runs of one recorded time the later one has the greater id: by that a
	// replay, and whoever asks for the last run, tells them apart.
	if r.run.At.Equal(last.Begun) && r.run.ID <= last.Latest {
		r.run.ID = last.Latest + "1"
	}
	return "", r.landing.SaveRun(r.landed())
}

// mend writes down in the landing what the database knows of a run that died and
// is not taken up, for the crash came between the two: accounts that it loaded, and
// how it ended. A replay has the landing alone.
func (r *runner) mend(ctx context.Context, died landing.RunRecord) error {
	ledgers, err := r.landing.WindowLedgers(died)
	if err != nil {
		return err
	}
	for id, l := range ledgers {
		account := r.cfg.FindLanded(id.Source, id.Account)
		if l.Loaded || account == nil {
			continue
		}
		_, done, err := r.warehouse.LoadedIn(ctx, died.Run, id.Source, account.Name)
		if err == nil && done {
			err = r.landing.CommitWindows(died, id)
		}
		if err != nil {
			return err
		}
	}
	ended, err := r.warehouse.EndOf(ctx, died.ID)
	if err != nil || ended == nil {
		return err
	}
	died.FinishedAt, died.Outcome, died.ExitCode, died.Books = ended.At, ended.Outcome, ended.ExitCode, ended.Books
	if _, err := r.landing.Seal(died, landing.SealOptions{PruneBefore: r.pruneBefore(), Moved: r.movedLogs()}); err != nil {
		return err
	}
	return r.landing.SaveRun(died)
}

// landed is what the landing keeps of this run while it is under way.
func (r *runner) landed() landing.RunRecord {
	return landing.RunRecord{
		Format: landing.Format, Run: r.run, Asked: r.asked, Database: r.warehouse.ID(), Tenancies: r.tenancies(), VendorsSaid: r.vendorsSaid,
		Configuration: r.cfg.File, Publishes: r.publishedPath(),
	}
}

// askedOf writes down what is asked of a run, for comparison.
func askedOf(o Options) (string, error) {
	data, err := json.Marshal(struct {
		Sources, Accounts []string
		Since, Until, At  time.Time
		Full              bool
	}{slices.Sorted(slices.Values(o.Sources)), slices.Sorted(slices.Values(o.Accounts)), o.Since, o.Until, o.At, o.Full})
	if err != nil {
		return "", fmt.Errorf("write down what was asked of the night: %w", err)
	}
	return string(data), nil
}
