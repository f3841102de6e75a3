package sheets

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/filled"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/scratch"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// Options says which workbook is made, and where.
type Options struct {
	Dir      string // made where it is missing
	Language string // English or Chinese
	// From and To are business dates, both inclusive; only year, month and day
	// count. Zero: the last complete business date of the database.
	From, To time.Time
	Timezone string // IANA name in which instants are shown; empty: the database's own
	RowLimit int    // rows a sheet can have; 0: what Excel takes
	Now      func() time.Time
}

// reconciliation is the reconciliation workbook being made.
type reconciliation struct {
	*workbook.Book
	q        *catalogue.Session
	from, to time.Time
	run      *catalogue.Grid
	orders   ordersPlace
	issues   issueCounts
	breaks   string // the name of each sheet that the summary leads to

	breakParts   []workbook.Part
	breakColumns []workbook.Column

	revenue string
	rejects string

	outstanding  string
	restatements string
	restated     int // orders, each once for every total that it moved
	contents     []content
}

// content is a sheet as the summary lists it.
type content struct {
	title, sheet string
	rows         int
	checks       string // the area of its checks; empty where it has none
	agree        bool   // whether they all do
}

// content lists a sheet that has been written.
func (w *reconciliation) content(c content) { w.contents = append(w.contents, c) }

// daily says whether the workbook is of one business date.
func (w *reconciliation) daily() bool { return w.from.Equal(w.to) }

// tabs are the sheets behind the summary, in their order. One more is a
// method in a file of its own, a .sql file, and a line here.
func tabs() []func(*reconciliation) error {
	return []func(*reconciliation) error{
		(*reconciliation).revenueSheet,
		(*reconciliation).hotelSheet,
		(*reconciliation).settlementSheet,
		(*reconciliation).paymentsSheet,
		(*reconciliation).outstandingSheet,
		(*reconciliation).deliverySheet,
		(*reconciliation).roomsSheet,
		(*reconciliation).breaksSheet,
		(*reconciliation).restatementsSheet,
		(*reconciliation).rejectsSheet,
		(*reconciliation).ordersSheet,
	}
}

// Workbook writes the reconciliation workbook of the range and gives its
// path: reconciliation_<date>.xlsx, or reconciliation_<from>_<to>.xlsx. A
// reconciliation of that name is replaced by rename once the new one has been
// written, reopened, checked and synced; until then the old one stays.
//
// What the sheets cover: Summary, Settlement, Payments, Delivery, Orders the
// range; Revenue the range, or for one date the 31 business dates up to it;
// Outstanding everything up to the range's end; Rooms the stays that touch the
// range; Breaks everything that still holds; Restatements every closed month
// that moved; Rejects the latest run. The same database gives the same cells.
func Workbook(ctx context.Context, db *sql.DB, o Options) (path string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write the reconciliation workbook: %w", err)
		}
	}()
	if o.Language != labels.English && o.Language != labels.Chinese {
		return "", fmt.Errorf("language %q: want %s or %s", o.Language, labels.Chinese, labels.English)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return "", fmt.Errorf("read the database: %w", err)
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	w, err := newWorkbook(ctx, tx, &o)
	if err != nil {
		return "", err
	}
	folder, err := scratch.Folder(o.Dir, o.Now())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, scratch.Remove(folder)) }()
	words, err := labels.Load()
	if err != nil {
		return "", err
	}
	w.Book = workbook.New(words, o.Language, w.q.Zone, folder)
	defer func() { err = errors.Join(err, w.Close()) }()
	if w.Names, err = w.q.Names(); err != nil {
		return "", err
	}
	if o.RowLimit > 0 {
		w.RowLimit = o.RowLimit
	}
	if err := w.fill(); err != nil {
		return "", err
	}
	path = filepath.Join(o.Dir, catalogue.WorkbookName+"_"+w.span()+".xlsx")
	if err := scratch.Place(folder, path, func(out io.Writer) error { return w.Write(out) }, w.Verify); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return path, nil
}

// newWorkbook reads what every sheet needs to know: the range, the zone, the
// run.
func newWorkbook(ctx context.Context, tx *sql.Tx, o *Options) (*reconciliation, error) {
	q, err := catalogue.Begin(ctx, tx, o.Timezone, o.Language)
	if err != nil {
		return nil, err
	}
	w := &reconciliation{q: q, from: catalogue.Day(o.From, q.Complete), to: catalogue.Day(o.To, q.Complete)}
	if o.From.IsZero() && !o.To.IsZero() {
		w.from = w.to
	}
	if w.to.Before(w.from) {
		return nil, fmt.Errorf("the range ends (%s) before it begins (%s)", w.to.Format(time.DateOnly), w.from.Format(time.DateOnly))
	}
	if q.Reports, err = catalogue.Load(""); err != nil {
		return nil, err
	}
	q.Given["date_from"], q.Given["date_to"] = w.from.Format(time.DateOnly), w.to.Format(time.DateOnly)
	if w.run, err = w.q.Grid("run_summary", nil); err == nil && (len(w.run.Rows) == 0 || w.to.IsZero()) {
		err = errors.New("the database holds no run yet: `nightaudit run` fills it")
	}
	return w, err
}

// fill writes all sheets. The summary comes first in the workbook and last in
// time: it counts what the others hold.
func (w *reconciliation) fill() error {
	started, _ := w.run.At(0, "started_at").(time.Time)
	w.Caption = w.Text("book.title") + " " + w.span()
	w.Properties(w.Caption, started)
	w.identify()
	summary, err := w.beginSummary()
	if err != nil {
		return err
	}
	for _, tab := range tabs() {
		if err := tab(w); err != nil {
			return err
		}
	}
	if err := summary(); err != nil {
		return err
	}
	return w.Err
}

// span is the range as file names have it.
func (w *reconciliation) span() string {
	if w.daily() {
		return w.to.Format(time.DateOnly)
	}
	return w.from.Format(time.DateOnly) + "_" + w.to.Format(time.DateOnly)
}

// period is the range in words.
func (w *reconciliation) period() string {
	if w.daily() {
		return w.Text("book.day", w.to.Format(time.DateOnly))
	}
	return w.Text("book.range", w.from.Format(time.DateOnly), w.to.Format(time.DateOnly))
}

// identify writes into the workbook's properties which database it is of.
// Spreadsheet programs keep them.
func (w *reconciliation) identify() {
	for _, p := range []struct{ name, column string }{
		{filled.PropDatabase, "database_id"}, {filled.PropSchema, "schema_version"}, {filled.PropRun, "run_id"},
	} {
		w.Property(p.name, w.run.Str(0, p.column))
	}
}
