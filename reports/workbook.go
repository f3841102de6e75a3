package reports

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/xuri/excelize/v2"
)

// WorkbookOptions says which workbook is made, and where.
type WorkbookOptions struct {
	Dir      string // made where it is missing
	Language string // English or Chinese
	// From and To are business dates, both inclusive; only year, month and day
	// count. Zero: the last complete business date of the database.
	From, To time.Time
	Timezone string        // IANA name in which instants are shown; empty: the database's own
	DayStart time.Duration // when a business day begins (business_day_start), for the default date
	RowLimit int           // rows a sheet can have; 0: what Excel takes
	Now      func() time.Time
}

// workbook is the reconciliation workbook being made.
type workbook struct {
	*book
	q        *session
	from, to time.Time
	run      *grid
	orders   ordersPlace
	issues   issueCounts
	breaks   string // the name of each sheet that the summary leads to
	revenue  string
	rejects  string

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
func (w *workbook) content(c content) { w.contents = append(w.contents, c) }

// daily says whether the workbook is of one business date.
func (w *workbook) daily() bool { return w.from.Equal(w.to) }

// tabs are the sheets behind the summary, in their order. One more is a
// method in a file of its own, a .sql file, and a line here.
func tabs() []func(*workbook) error {
	return []func(*workbook) error{
		(*workbook).revenueSheet,
		(*workbook).settlementSheet,
		(*workbook).paymentsSheet,
		(*workbook).outstandingSheet,
		(*workbook).deliverySheet,
		(*workbook).roomsSheet,
		(*workbook).breaksSheet,
		(*workbook).restatementsSheet,
		(*workbook).rejectsSheet,
		(*workbook).ordersSheet,
	}
}

// Workbook writes the reconciliation workbook of the range and gives its
// path: reconciliation_<date>.xlsx, or reconciliation_<from>_<to>.xlsx. A
// workbook of that name is replaced by rename once the new one has been
// written, reopened, checked and synced; until then the old one stays.
//
// What the sheets cover: Summary, Settlement, Payments, Delivery, Orders the
// range; Revenue the range, or for one date the 31 business dates up to it;
// Outstanding everything up to the range's end; Rooms the stays that touch the
// range; Breaks everything that still holds; Restatements every closed month
// that moved; Rejects the latest run. The same database gives the same cells.
func Workbook(ctx context.Context, db *sql.DB, o WorkbookOptions) (path string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write the reconciliation workbook: %w", err)
		}
	}()
	if o.Language != English && o.Language != Chinese {
		return "", fmt.Errorf("language %q: want %s or %s", o.Language, Chinese, English)
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
	folder, err := privateFolder(o.Dir, o.Now())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, removeFolder(folder)) }()
	words, err := loadLabels()
	if err != nil {
		return "", err
	}
	w.book = newBook(words, o.Language, w.zone, folder)
	defer func() { err = errors.Join(err, w.close()) }()
	if o.RowLimit > 0 {
		w.rowLimit = o.RowLimit
	}
	if err := w.fill(); err != nil {
		return "", err
	}
	path = filepath.Join(o.Dir, WorkbookName+"_"+w.span()+".xlsx")
	if err := place(folder, path, func(out io.Writer) error { return w.write(out) }, w.verify); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return path, nil
}

// newWorkbook reads what every sheet needs to know: the range, the zone, the
// run.
func newWorkbook(ctx context.Context, tx *sql.Tx, o *WorkbookOptions) (*workbook, error) {
	zone, err := zoneOf(ctx, tx, o.Timezone)
	if err != nil {
		return nil, err
	}
	complete, ok, err := lastCompleteDate(ctx, tx, zone, o.DayStart)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errors.New("the database holds no run yet: `nightaudit run` fills it")
	}
	w := &workbook{book: &book{zone: zone}, from: day(o.From, complete), to: day(o.To, complete)}
	if o.From.IsZero() && !o.To.IsZero() {
		w.from = w.to
	}
	if w.to.Before(w.from) {
		return nil, fmt.Errorf("the range ends (%s) before it begins (%s)", w.to.Format(time.DateOnly), w.from.Format(time.DateOnly))
	}
	all, err := Catalogue("")
	if err != nil {
		return nil, err
	}
	w.q = &session{ctx: ctx, tx: tx, reports: all, complete: complete, given: map[string]string{
		"date_from": w.from.Format(time.DateOnly),
		"date_to":   w.to.Format(time.DateOnly),
		"timezone":  zone.String(),
		"language":  o.Language,
	}}
	w.run, err = w.q.grid("run_summary", nil)
	return w, err
}

// fill writes all sheets. The summary comes first in the workbook and last in
// time: it counts what the others hold.
func (w *workbook) fill() error {
	started, _ := w.run.at(0, "started_at").(time.Time)
	w.caption = w.text("book.title") + " " + w.span()
	w.properties(w.caption, started)
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
	return w.err
}

// span is the range as file names have it.
func (w *workbook) span() string {
	if w.daily() {
		return w.to.Format(time.DateOnly)
	}
	return w.from.Format(time.DateOnly) + "_" + w.to.Format(time.DateOnly)
}

// period is the range in words.
func (w *workbook) period() string {
	if w.daily() {
		return w.text("book.day", w.to.Format(time.DateOnly))
	}
	return w.text("book.range", w.from.Format(time.DateOnly), w.to.Format(time.DateOnly))
}

// identify writes into the workbook's properties which database it is of.
// Spreadsheet programs keep them.
func (w *workbook) identify() {
	for _, p := range []struct{ name, column string }{
		{propDatabase, "database_id"}, {propSchema, "schema_version"}, {propRun, "run_id"},
	} {
		w.check(w.file.SetCustomProps(excelize.CustomProperty{Name: p.name, Value: w.run.str(0, p.column)}))
	}
}
