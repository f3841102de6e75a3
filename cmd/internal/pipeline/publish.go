package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/query"
	"github.com/nightaudit/nightaudit/reports/sheets"
	"github.com/nightaudit/nightaudit/reports/shelf"
	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// PublishedError is what went wrong with a run after it was published.
type PublishedError struct{ Err error }

func (e *PublishedError) Error() string { return e.Err.Error() }
func (e *PublishedError) Unwrap() error { return e.Err }

// publish copies the database, makes the workbook from the copy, and only
// then puts the copy in place: people see both of one run.
func (r *runner) publish(ctx context.Context, result *Result) error {
	r.observer.Stage("publish")
	publishing, err := r.publishing()
	if err != nil {
		return err
	}
	copied := r.after.Begin(meter.Publish)
	snapshot, err := r.warehouse.Prepare(ctx, r.run, publishing)
	if err != nil {
		return err
	}
	copied(meter.Amount{Calls: 1, Bytes: snapshot.Bytes})
	defer snapshot.Discard()
	if !r.o.NoReport {
		r.observer.Stage("report")
		written := r.after.Begin(meter.Report)
		if err = r.workbooks(ctx, snapshot.Path, result); err != nil {
			return disk.Explain(err, 0, false)
		}
		written(amountOf(result))
	}
	placed := r.after.Begin(meter.Publish)
	books := slices.DeleteFunc(append(slices.Clone(result.Earlier), result.Workbook), func(b string) bool { return b == "" })
	if err := r.notePublished(ctx, r.run.ID, snapshot, books...); err != nil {
		return disk.Explain(err, 0, false)
	}
	published, err := snapshot.Publish()
	if err != nil {
		return err
	}
	placed(meter.Amount{})
	result.Database, result.Copied = published.Path, published
	r.log.Info("published", "database", published.Path, "bytes", published.Bytes,
		"stage", string(meter.Publish), "seconds", secondsOf(published.Copying), "mb_per_s", math.Round(published.Rate()))
	if published.Notice != "" {
		result.Notices = append(result.Notices, published.Notice)
	}
	return nil
}

// publishAs publishes what stands in a database in the name of a run.
func (r *runner) publishAs(ctx context.Context, w *load.Warehouse, run ledger.Run) (load.Published, error) {
	r.observer.Stage("publish")
	publishing, err := r.publishing()
	if err != nil {
		return load.Published{}, err
	}
	snapshot, err := w.Prepare(ctx, run, publishing)
	if err != nil {
		return load.Published{}, err
	}
	defer snapshot.Discard()
	if err := r.notePublished(ctx, run.ID, snapshot); err != nil {
		return load.Published{}, disk.Explain(err, 0, false)
	}
	return snapshot.Publish()
}

func (r *runner) publishing() (load.PublishOptions, error) {
	head, err := r.landing.Head()
	return load.PublishOptions{
		Dir: r.cfg.Publish.Dir, Group: r.cfg.Publish.Group, Keep: r.cfg.Publish.Keep, Timezone: r.cfg.Zone.String(), Now: r.o.Now, ChainHead: head,
		Configuration: r.cfg.File, Adopt: r.o.Adopt, Heal: r.unread != nil, Seen: r.place,
	}, err
}

// mostBooks is how many workbooks of single dates a run writes: two months of
// nights that were missed.
const mostBooks = 62

// workbooks writes the book of every business date that has become over since
// the last run that left one, and anew those of dates that have moved.
func (r *runner) workbooks(ctx context.Context, database string, result *Result) (err error) {
	db, err := query.OpenWith(database, query.OpenOptions{MemoryLimit: cmp.Or(r.cfg.MemoryLimit, query.ReportMemory())})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	dates, err := sheets.Due(ctx, db, r.run.ID)
	if err != nil {
		return err
	}
	if left := len(dates) - mostBooks; left > 0 {
		result.Notices = append(result.Notices, fmt.Sprintf("%d books of business dates from %s to %s were not written: one run writes %d at most; nightaudit report --date DAY writes one",
			left, dates[0].Format(time.DateOnly), dates[left-1].Format(time.DateOnly), mostBooks))
		dates = dates[left:]
	}
	put := func(from, to time.Time) (string, error) {
		// What somebody saved in its place is kept by what is known of it.
		return sheets.Workbook(ctx, db, sheets.Options{
			Dir: r.cfg.Report.Dir, Adopt: r.o.Adopt, Group: r.cfg.Publish.Group, Language: r.cfg.Report.Language, Timezone: r.cfg.Zone.String(), From: from, To: to,
			At: r.run.At, Judge: r.saved.judge, Notice: func(n string) { result.Notices = append(result.Notices, n) },
		})
	}
	for _, date := range dates {
		path, err := put(date, date)
		if err != nil {
			return err
		}
		if result.Workbook != "" {
			result.Earlier = append(result.Earlier, result.Workbook)
		}
		result.Workbook, result.Page = path, shelf.PageOf(path)
	}
	if result.Verdict, _, err = sheets.Verdict(ctx, db, sheets.Options{Timezone: r.cfg.Zone.String()}); err != nil {
		return err
	}
	for i, b := range r.saved.again {
		if b.From.Equal(b.To) && slices.ContainsFunc(dates, b.From.Equal) || slices.ContainsFunc(r.saved.again[:i], b.SameDates) {
			continue
		}
		path, err := put(b.From, b.To)
		if err != nil {
			return err
		}
		result.Earlier = append(result.Earlier, path)
	}
	return nil
}

// joinEnd joins what went wrong with a run and what with its end. A disk that
// was full is still full then, and a database that DuckDB gave up stays given
// up: that is said once.
func joinEnd(err, end error) error {
	if load.IsUnusable(err) && load.IsUnusable(end) {
		return err
	}
	return errors.Join(err, end)
}

// roomFor says of a full disk how much room a run needs.
func (r *runner) roomFor(err error) error {
	return disk.Explain(err, load.Room(r.warehousePath()), true)
}
