package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// CloseOptions say which period is closed, and by whom.
type CloseOptions struct {
	Options
	Month   time.Time // any instant of the month; only year and month count
	Comment string    // optional
	Force   bool      // although data of the month is missing
}

// CloseResult is what was closed.
type CloseResult struct {
	Close    load.Close
	Figures  []load.Figure
	Breaks   map[string]int // of the month, open or explained, by severity
	Database string         // published
	Notices  []string
}

// The conditions of Close that a caller may want to tell apart.
var (
	ErrNotEnded      = errors.New("the month has not ended")
	ErrAlreadyClosed = errors.New("the month is closed already")
)

// Incomplete is a month that cannot be closed, for data of it is missing.
type Incomplete struct {
	Period  string
	Missing []string // a line for each account
}

func (e *Incomplete) Error() string {
	return fmt.Sprintf("%s is not complete: %s", e.Period, strings.Join(e.Missing, "; "))
}

// Close closes a month: the figures that its business dates have now are its
// closed figures, and later changes to them are restatements. It is kept in
// the log of ledger entries before the database changes, and published
// then. A period that is closed stays closed: to open it again would take the
// ground from what was reported of it.
//
// Errors are ErrLocked, ErrNotEnded, ErrAlreadyClosed and *Incomplete; after
// them nothing has changed.
func Close(ctx context.Context, cfg *config.Config, o CloseOptions) (result *CloseResult, err error) {
	r, end, err := begin(ctx, cfg, o.Options)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	last, err := r.prepareEntry(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.onBasis(ctx); err != nil {
		return nil, err
	}
	c, err := r.closing(ctx, o)
	if err != nil {
		return nil, err
	}
	c.RunID = last.Run
	result = &CloseResult{}
	r.observer.Stage("close")
	if result.Figures, c.FiguresSHA256, err = r.warehouse.Figures(ctx, c); err != nil {
		return nil, err
	}
	if result.Breaks, err = r.warehouse.OpenBreaks(ctx, c.From, c.To); err != nil {
		return nil, err
	}
	if err := r.record(ctx, entry{Close: &c}); err != nil {
		return nil, err
	}
	if err := r.warehouse.ClosePeriod(ctx, c); err != nil {
		return nil, err
	}
	result.Close = c
	if result.Database, result.Notices, err = r.publishEntry(ctx, last, c.Period+" is closed, but people do not see it yet"); err != nil {
		return nil, err
	}
	return result, nil
}

// closing is the close that is asked for, if it may be done.
func (r *runner) closing(ctx context.Context, o CloseOptions) (c load.Close, err error) {
	first := time.Date(o.Month.Year(), o.Month.Month(), 1, 0, 0, 0, 0, time.UTC)
	c = load.Close{
		EntryID: "close-" + r.run.ID, Period: first.Format("2006-01"), At: r.run.At, By: o.By, Comment: o.Comment,
		From: first.Format(time.DateOnly), To: first.AddDate(0, 1, -1).Format(time.DateOnly),
	}
	if ended := r.monthEnd(first); r.run.At.Before(ended) {
		return c, fmt.Errorf("%s ends on %s: %w", c.Period, ended.Format("2006-01-02 15:04 MST"), ErrNotEnded)
	}
	closes, err := r.warehouse.Closes(ctx)
	if err != nil {
		return c, err
	}
	for _, have := range closes {
		if have.Period == c.Period {
			return c, fmt.Errorf("%s was closed on %s by %s: %w", c.Period, have.At.In(r.cfg.Zone).Format("2006-01-02 15:04"), have.By, ErrAlreadyClosed)
		}
	}
	missing, err := r.missing(ctx, first)
	if err != nil {
		return c, err
	}
	if len(missing) > 0 && !o.Force {
		return c, &Incomplete{Period: c.Period, Missing: missing}
	}
	c.Missing = strings.Join(missing, "; ")
	return c, nil
}

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
// complete: no run that began after the month had ended has read all of
// what was asked of the account. Windows begin where the last complete ones
// ended, so such a run leaves no gap before it.
func (r *runner) missing(ctx context.Context, first time.Time) ([]string, error) {
	runs, err := r.landing.Runs()
	if err != nil {
		return nil, err
	}
	var missing []string
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
	ledgers, err := r.landing.WindowLedgers(run)
	if err != nil {
		return "", false, err
	}
	var windows *landing.WindowLedger
	for _, name := range a.Names() {
		if windows == nil {
			windows = ledgers[ledger.AccountID{Source: a.Driver.Name, Account: name}]
		}
	}
	if windows == nil {
		return "", false, nil // the run was not for this account
	}
	reading, err := r.warehouse.ReadIn(ctx, run.ID, a.Driver.Name, a.Name)
	if err != nil {
		return "", false, err
	}
	// A run that was asked for a range of days moves no cursor.
	return reading.Trouble, windows.Loaded && (reading.Windows == 0 || reading.Advances), nil
}
