package pipeline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract/landing"
)

// monthEnd is when the last business day of the month has ended everywhere:
// hotels roll theirs in the morning.
func (r *runner) monthEnd(first time.Time) time.Time {
	end := monthEndOf(first, r.cfg.Zone, r.cfg.DayStart)
	for _, a := range r.cfg.Accounts {
		cal := a.Source.Settings().Calendar()
		if other := monthEndOf(first, cal.Zone, cal.DayStart); other.After(end) {
			end = other
		}
	}
	return end
}

func monthEndOf(first time.Time, zone *time.Location, dayStart time.Duration) time.Time {
	clock := time.Time{}.Add(dayStart)
	return time.Date(first.Year(), first.Month()+1, 1, clock.Hour(), clock.Minute(), clock.Second(), 0, zone)
}

// missing lists the accounts whose business dates of the month are not
// complete, and those whose orders are in the month and that the configuration does
// not name: no run that began after the month had ended has read all of
// what was asked of the account. Windows begin where the last complete ones
// ended, so such a run leaves no gap before it.
func (r *runner) missing(ctx context.Context, first time.Time) ([]string, error) {
	runs, err := r.landedRuns()
	if err != nil {
		return nil, err
	}
	missing, err := r.strangers(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range r.cfg.Accounts {
		cal := a.Source.Settings().Calendar()
		ended := monthEndOf(first, cal.Zone, cal.DayStart)
		why := fmt.Sprintf("no night after %s has read it", ended.Format("2006-01-02 15:04 MST"))
		complete := false
		for i := len(runs) - 1; i >= 0 && !complete && !runs[i].At.Before(ended); i-- {
			trouble, read, err := r.readBy(ctx, runs[i], a)
			if err != nil {
				return nil, err
			}
			complete = read && trouble == ""
			if trouble != "" {
				why = fmt.Sprintf("the night of %s: %s", runs[i].At.In(cal.Zone).Format("2006-01-02 15:04"), trouble)
			}
		}
		if !complete {
			missing = append(missing, a.Driver.Name+"/"+a.Name+": "+why)
		}
	}
	return missing, nil
}

// readBy says whether a run read all of what was asked of an account, and
// what was wrong where it did not. The landing tells of an account that had
// nothing to be asked for, of which the ledger has no line.
func (r *runner) readBy(ctx context.Context, run landing.RunRecord, a config.Account) (trouble string, read bool, err error) {
	ledgers, err := r.windowLedgers(run)
	if err != nil {
		return "", false, err
	}
	windows := ledgers[a.ID()]
	if windows == nil {
		return "", false, nil // the run was not for this account
	}
	reading, err := r.warehouse.ReadIn(ctx, run.ID, a.Driver.Name, a.Name)
	if err != nil {
		return "", false, err
	}
	// A run that was asked for a range of days moves no cursor.
	loaded := !slices.ContainsFunc(windows, func(l *landing.WindowLedger) bool { return !l.Loaded })
	return reading.Trouble, loaded && (reading.Windows == 0 || reading.Advances), nil
}
