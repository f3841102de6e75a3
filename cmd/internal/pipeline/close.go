package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/load"
)

// CloseOptions say which period is closed.
type CloseOptions struct {
	Options
	Month   time.Time // any instant of the month; only year and month count
	Comment string    // optional
	Force   bool      // although something is missing
	Reason  string    // why it is forced, or reopened; needed there
	DryRun  bool      // only tell what would be closed
}

// CloseResult is what was closed, or would be.
type CloseResult struct {
	Close    load.Close
	Figures  []load.Figure
	Undated  []load.Undated  // in the figures of no month
	Breaks   load.BookBreaks // of the month
	Missing  []string        // why the month is closed only where that is forced
	Database string          // published; "" of a trial
	Notices  []string
}

// The conditions of Close and Reopen that a caller may want to tell apart.
var (
	ErrNotEnded      = errors.New("the month has not ended")
	ErrAlreadyClosed = errors.New("the month is closed already")
	ErrNotClosed     = errors.New("the month is not closed")
	ErrNoReason      = errors.New("no reason is given")
)

// Incomplete is a month that is closed only where that is forced.
type Incomplete struct {
	Period   string
	NotEnded bool
	Missing  []string // a line for each thing
}

func (e *Incomplete) Error() string {
	return fmt.Sprintf("%s is not complete: %s", e.Period, strings.Join(e.Missing, "; "))
}

// Is says whether the month has not ended.
func (e *Incomplete) Is(target error) bool { return e.NotEnded && target == ErrNotEnded }

// begin is beginRun, or beginLook where nothing is to be changed.
func (o *CloseOptions) begin(ctx context.Context, cfg *config.Config) (*runner, func() error, error) {
	if o.DryRun {
		return beginLook(ctx, cfg, o.Options)
	}
	return beginRun(ctx, cfg, o.Options)
}

// Close closes a month: the figures that its business dates have now are its
// closed figures, and later changes to them are restatements. It is kept in
// the log of ledger entries before the database changes, and published
// then. A period that is closed is not closed again, unless it was reopened.
//
// A month that has not ended, of which an account is not complete, that has no
// order, or beside which there are orders without a business date, is closed
// only with Force and Reason.
//
// Errors are ErrLocked, ErrNotEnded, ErrAlreadyClosed, ErrNoReason and
// *Incomplete; after them nothing has changed.
func Close(ctx context.Context, cfg *config.Config, o CloseOptions) (result *CloseResult, err error) {
	if o.Force && o.Reason == "" {
		return nil, ErrNoReason
	}
	r, end, err := o.begin(ctx, cfg)
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
	c := r.closeOf(o)
	c.RunID = last.Run
	if result, err = r.frozen(ctx, &c); err != nil {
		return nil, err
	}
	notEnded, err := r.mayClose(ctx, c, result)
	if errors.Is(err, ErrAlreadyClosed) && !o.DryRun {
		_, _, unseen := r.showUnseen(ctx, last)
		err = errors.Join(err, unseen)
	}
	if err != nil {
		return nil, err
	}
	c.Missing = strings.Join(result.Missing, "; ")
	if len(result.Missing) > 0 {
		c.Reason = o.Reason
	}
	result.Close = c
	switch {
	case o.DryRun:
		return result, nil
	case len(result.Missing) > 0 && !o.Force:
		return nil, &Incomplete{Period: c.Period, NotEnded: notEnded, Missing: result.Missing}
	}
	r.observer.Stage("close")
	if err := r.adopt(ctx, r.run.At); err != nil {
		return nil, err
	}
	if err := r.record(ctx, entry{Close: &c}); err != nil {
		return nil, err
	}
	if err := r.warehouse.ClosePeriod(ctx, c); err != nil {
		return nil, err
	}
	result.Database, result.Notices, err = r.publishEntry(ctx, last, c.Period+" is closed, but people do not see it yet")
	return result, err
}

// closeOf is the close that is asked for.
func (r *runner) closeOf(o CloseOptions) load.Close {
	first := time.Date(o.Month.Year(), o.Month.Month(), 1, 0, 0, 0, 0, time.UTC)
	return load.Close{
		EntryID: "close-" + r.run.ID, Period: first.Format("2006-01"), At: r.run.At, By: o.By, Comment: o.Comment,
		From: first.Format(time.DateOnly), To: first.AddDate(0, 1, -1).Format(time.DateOnly),
	}
}

// frozen is what a close freezes: the figures, and what is to be said beside
// them.
func (r *runner) frozen(ctx context.Context, c *load.Close) (result *CloseResult, err error) {
	result = &CloseResult{}
	if result.Figures, c.FiguresSHA256, err = r.warehouse.Figures(ctx, *c); err != nil {
		return nil, err
	}
	if result.Breaks, err = r.warehouse.BookBreaks(ctx, c.From, c.To); err != nil {
		return nil, err
	}
	result.Undated, err = r.warehouse.Undated(ctx, *c)
	return result, err
}

// mayClose refuses what cannot be closed at all, and lists why else the month
// is closed only where that is forced.
func (r *runner) mayClose(ctx context.Context, c load.Close, result *CloseResult) (notEnded bool, err error) {
	closed, err := r.standingClose(ctx, c.Period)
	if err != nil {
		return false, err
	}
	if closed != nil {
		return false, fmt.Errorf("%s was closed on %s by %s: %w", c.Period, closed.At.In(r.cfg.Zone).Format("2006-01-02 15:04"), closed.By, ErrAlreadyClosed)
	}
	first, err := time.Parse(time.DateOnly, c.From)
	if err != nil {
		return false, err
	}
	ended := r.monthEnd(first)
	notEnded = r.run.At.Before(ended)
	ends := fmt.Sprintf("%s ends on %s", c.Period, ended.Format("2006-01-02 15:04 MST"))
	if r.run.At.Before(first) { // nothing of it can be known yet
		return true, fmt.Errorf("%s: %w", ends, ErrNotEnded)
	}
	if notEnded {
		result.Missing = append(result.Missing, ends+": "+ErrNotEnded.Error())
	}
	missing, err := r.missing(ctx, first)
	if err != nil {
		return notEnded, err
	}
	result.Missing = append(result.Missing, missing...)
	lost, err := r.warehouse.LostBetween(ctx, c.From, c.To)
	if err != nil {
		return notEnded, err
	}
	for _, what := range lost {
		result.Missing = append(result.Missing, "lost when the database was rebuilt: "+what)
	}
	if len(result.Figures) == 0 {
		result.Missing = append(result.Missing, "no order has a business date in it")
	}
	for _, u := range result.Undated {
		result.Missing = append(result.Missing, u.String()+": in the figures of no month")
	}
	return notEnded, nil
}

// standingClose is the close of a period that stands, nil where it is not
// closed.
func (r *runner) standingClose(ctx context.Context, period string) (*load.Close, error) {
	closes, err := r.warehouse.Closes(ctx)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(closes, func(c load.Close) bool { return c.Period == period }); i >= 0 {
		return &closes[i], nil
	}
	return nil, nil
}

// ReopenResult is what was reopened.
type ReopenResult struct {
	Reopen   load.Reopen
	Closed   load.Close // which no longer stands
	Database string     // published; "" of a trial
	Notices  []string
}

// Reopen opens a closed month again: an entry of its own with who, when and
// why. The close stays in the ledger and no longer stands; the month may be
// closed again.
//
// Errors are ErrLocked, ErrNotClosed and ErrNoReason; after them nothing has
// changed.
func Reopen(ctx context.Context, cfg *config.Config, o CloseOptions) (result *ReopenResult, err error) {
	if o.Reason == "" {
		return nil, ErrNoReason
	}
	r, end, err := o.begin(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	last, err := r.prepareEntry(ctx)
	if err != nil {
		return nil, err
	}
	period := r.closeOf(o).Period
	closed, err := r.standingClose(ctx, period)
	if err != nil {
		return nil, err
	}
	if closed == nil {
		err := fmt.Errorf("%s: %w", period, ErrNotClosed)
		if !o.DryRun {
			_, _, unseen := r.showUnseen(ctx, last)
			err = errors.Join(err, unseen)
		}
		return nil, err
	}
	result = &ReopenResult{Closed: *closed, Reopen: load.Reopen{
		EntryID: "reopen-" + r.run.ID, Period: period, At: r.run.At, RunID: last.Run, By: o.By, Reason: o.Reason, Close: closed.EntryID,
	}}
	if o.DryRun {
		return result, nil
	}
	r.observer.Stage("reopen")
	if err := r.adopt(ctx, r.run.At); err != nil {
		return nil, err
	}
	if err := r.record(ctx, entry{Reopen: &result.Reopen}); err != nil {
		return nil, err
	}
	if err := r.warehouse.ReopenPeriod(ctx, result.Reopen); err != nil {
		return nil, err
	}
	result.Database, result.Notices, err = r.publishEntry(ctx, last, period+" is open again, but people do not see it yet")
	return result, err
}
