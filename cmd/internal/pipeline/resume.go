package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/extract/landing"
)

// resumeWithin is how long after its start a run that died is taken up. A
// later night would publish what was known too long ago: it begins anew, and
// the cursors, which no unfinished account has moved, make up for the rest.
const resumeWithin = 20 * time.Hour

// takeUp goes on with the latest run, if it died and asked for the same. The
// run keeps its id, its recorded time and so its frozen upper bound: windows
// that it had read to their end are taken from the landing.
//
// A person may have added something since: then the run is begun anew, for
// what was known at that moment does not change afterwards.
func (n *night) takeUp(ctx context.Context) (notice string, err error) {
	if err := n.catchUp(ctx); err != nil {
		return "", err
	}
	last, err := n.warehouse.Recorded(ctx)
	if err != nil {
		return "", err
	}
	runs, err := n.landing.Runs()
	if err != nil {
		return "", err
	}
	if len(runs) > 0 {
		died := runs[len(runs)-1]
		// A night of a given time (--at) is asked for as that very night, however
		// long ago its time is.
		inTime := !n.o.At.IsZero() || n.o.Now().Sub(died.At) < resumeWithin
		if died.Outcome == "" && died.Asked == n.asked && died.ConfigSHA256 == n.run.ConfigSHA256 && inTime && last.Added.Before(died.At) {
			n.run = died.Run
			if keys := n.cfg.LandingKeys; keys.Seals() && !keys.Opens() {
				return fmt.Sprintf("run %s was cut short and was taken up, but its answers are encrypted and landing.identity is not set: the vendors are asked for them again", died.ID), nil
			}
			return fmt.Sprintf("run %s was cut short and was taken up where it ended", died.ID), nil
		}
	}
	if err := n.inOrder(last); err != nil {
		return "", err
	}
	// Of runs of one recorded time the later one has the greater id: by that a
	// replay, and whoever asks for the last run, tells them apart.
	if n.run.At.Equal(last.Begun) && n.run.ID <= last.Latest {
		n.run.ID = last.Latest + "1"
	}
	return "", n.landing.SaveRun(n.landed())
}

// landed is what the landing keeps of this run while it is under way.
func (n *night) landed() landing.RunRecord {
	return landing.RunRecord{Run: n.run, Asked: n.asked, Database: n.warehouse.ID()}
}

// asked writes down what is asked of a night, for comparison.
func asked(o Options) (string, error) {
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
