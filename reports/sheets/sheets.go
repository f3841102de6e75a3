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
	"github.com/nightaudit/nightaudit/reports/page"
	"github.com/nightaudit/nightaudit/reports/scratch"
	"github.com/nightaudit/nightaudit/reports/shelf"
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
	// At, Judge and Notice are those of shelf.Options; At is Now where it is zero.
	At     time.Time
	Judge  shelf.Judge
	Notice func(string)
	Group  string // with which the folder is shared, where nobody chose another
	Adopt  bool   // a folder of another database's workbooks is taken over
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

	// What the page shows of the sheets, beside what the summary holds.
	summary *summaryView
	places  map[figureRow]rowPlace
	days    *revenueView
	hotel   *hotelView
	open    openBreaks
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

// Workbook writes the reconciliation workbook of a published database: see WorkbookFrom.
func Workbook(ctx context.Context, db *sql.DB, o Options) (path string, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return "", fmt.Errorf("write the reconciliation workbook: read the database: %w", err)
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	return WorkbookFrom(ctx, catalogue.DuckDB(tx), o)
}

// WorkbookFrom writes the reconciliation workbook of the range and puts it in place
// (see shelf.Put) as reconciliation_<date>.xlsx, or
// reconciliation_<from>_<to>.xlsx, once it has been written, reopened, checked
// and synced; until then an earlier one stays. Beside it the page for the morning
// is put, under its name (shelf.PageOf).
//
// What the sheets cover: Summary, Settlement, Payments, Delivery, Orders the
// range; Revenue the range, or for one date the 31 business dates up to it;
// Outstanding everything up to the range's end; Rooms the stays that touch the
// range; Breaks everything that still holds; Restatements every closed month
// that moved; Rejects the latest run. The same database gives the same cells,
// whichever engine reads it.
func WorkbookFrom(ctx context.Context, engine catalogue.Engine, o Options) (path string, err error) {
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
	if o.At.IsZero() {
		o.At = o.Now()
	}
	w, err := newWorkbook(ctx, engine, &o)
	if err != nil {
		return "", err
	}
	if err := w.ownFolder(&o); err != nil {
		return "", err
	}
	folder, err := scratch.Folder(o.Dir, o.Group)
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
	path = filepath.Join(o.Dir, shelf.WorkbookName+"_"+w.span()+".xlsx")
	made, err := scratch.Make(folder, filepath.Base(path), func(out io.Writer) error { return w.Write(out) }, w.Verify)
	var beside string
	if err == nil {
		beside, err = w.makePage(folder, path)
	}
	if err == nil {
		path, err = shelf.Put(made, path, shelf.Options{At: o.At.In(w.q.Zone), Judge: o.Judge, Notice: o.Notice, Database: w.identity().Database, Page: beside})
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return path, nil
}

// makePage makes the page of the workbook at path in a private folder.
func (w *reconciliation) makePage(folder, path string) (made string, err error) {
	p, err := w.page()
	if err == nil {
		made, err = scratch.Make(folder, filepath.Base(shelf.PageOf(path)), func(out io.Writer) error { return page.Write(out, p) }, nil)
	}
	if err != nil {
		return "", fmt.Errorf("make the page beside it: %w", err)
	}
	return made, nil
}

// ErrOtherDatabase is a folder in which workbooks of another database lie.
var ErrOtherDatabase = errors.New("the workbooks there are of another database")

// ownFolder refuses a folder of another database's workbooks: whoever signs them
// would find others under their names.
func (w *reconciliation) ownFolder(o *Options) error {
	id := w.identity().Database
	other, err := shelf.Owner(o.Dir, id)
	if err != nil || other == "" || o.Adopt {
		return err
	}
	return fmt.Errorf("%s: %w, %s, and this is of the database %s", o.Dir, ErrOtherDatabase, other, id)
}

// newWorkbook reads what every sheet needs to know: the range, the zone, the
// run.
func newWorkbook(ctx context.Context, engine catalogue.Engine, o *Options) (*reconciliation, error) {
	q, err := catalogue.Begin(ctx, engine, o.Timezone, o.Language)
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

// identify writes into the workbook's properties which database it is of, and
// which state of it. Spreadsheet programs keep them; the sheet of breaks says
// the same for libraries that do not.
func (w *reconciliation) identify() {
	for _, p := range w.identity().Properties() {
		w.Property(p.Name, p.Text)
	}
	w.Seal()
}

func (w *reconciliation) identity() filled.Identity {
	id := filled.Identity{
		Database: w.run.Str(0, "database_id"), Schema: w.run.Str(0, "schema_version"), Run: w.run.Str(0, "run_id"),
		ChainHead: w.run.Str(0, "chain_head"),
		Version:   w.run.Str(0, "version"),
	}
	if at, ok := w.run.At(0, "published_at").(time.Time); ok {
		id.Published = at.UTC()
	}
	return id
}
