package catalogue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/reports/format"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/scratch"
	"github.com/nightaudit/nightaudit/reports/shelf"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// FileFormats are those a report can be exported in.
var FileFormats = []string{"xlsx", "csv", "parquet", "json"}

// ExportOptions says how one report is written to a file.
type ExportOptions struct {
	Dir      string // made where it is missing
	Format   string // one of FileFormats
	Language string // English or Chinese: headings of xlsx, texts that a report chooses by language
	// From and To are business dates, both inclusive, for the parameters
	// date_from and date_to. Zero: as the report's header says. A report
	// without such parameters refuses a range.
	From, To time.Time
	Timezone string // as sheets.Options
	Params   map[string]string
	Now      func() time.Time
	Notice   func(string)  // as shelf.Options, for xlsx
	Group    string        // as sheets.Options
	Layout   format.Layout // of a csv
}

// Export runs a report on a published database and writes it to a file: see ExportFrom.
func Export(ctx context.Context, db *sql.DB, r Report, o ExportOptions) (path string, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return "", fmt.Errorf("export report %s: read the database: %w", r.Name, err)
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	return ExportFrom(ctx, DuckDB(tx), r, o)
}

// ExportFrom runs a report and writes it to a file named after the report and the
// range, replacing an earlier one by rename; an .xlsx that somebody saved is
// kept (see shelf.Put). Column names are those of the SQL but in xlsx, which has
// headings in the language.
func ExportFrom(ctx context.Context, engine Engine, r Report, o ExportOptions) (path string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("export report %s: %w", r.Name, err)
		}
	}()
	if !slices.Contains(FileFormats, o.Format) {
		return "", fmt.Errorf("unknown format %q: choose one of %s", o.Format, strings.Join(FileFormats, ", "))
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	q, err := exportSession(ctx, engine, &r, &o)
	if err != nil {
		return "", err
	}
	folder, err := scratch.Folder(o.Dir, o.Group)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, scratch.Remove(folder)) }()
	rows, err := q.query(&r, nil)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	path = filepath.Join(o.Dir, r.Name+exportSuffix(&r, q)+"."+o.Format)
	if o.Format != "xlsx" {
		return path, scratch.Place(folder, path, func(w io.Writer) error { return format.Data(w, o.Format, rows, o.Layout) }, nil)
	}
	words, err := labels.Load()
	if err != nil {
		return "", err
	}
	b := workbook.New(words, o.Language, q.Zone, folder)
	defer func() { err = errors.Join(err, b.Close()) }()
	if b.Names, err = q.Names(); err != nil {
		return "", err
	}
	b.Properties(r.Title.In(o.Language), q.Complete)
	b.Seal()
	if _, _, err := b.List(workbook.Listing{Name: r.Title.In(o.Language), Layout: &r.Layout, Note: r.Description.In(o.Language)}, rows); err != nil {
		return "", err
	}
	made, err := scratch.Make(folder, filepath.Base(path), b.Write, b.Verify)
	if err != nil {
		return "", err
	}
	// Somebody may have written into the earlier one.
	return shelf.Put(made, path, shelf.Options{At: o.Now().In(q.Zone), Notice: o.Notice})
}

// exportSession prepares the values of the report's parameters.
func exportSession(ctx context.Context, engine Engine, r *Report, o *ExportOptions) (*Session, error) {
	q, err := Begin(ctx, engine, o.Timezone, o.Language)
	if err != nil {
		return nil, err
	}
	if q.Complete.IsZero() {
		q.Complete = Day(o.Now().In(q.Zone), time.Time{}).AddDate(0, 0, -1)
	}
	for _, date := range []struct {
		param string
		value time.Time
	}{{"date_from", o.From}, {"date_to", o.To}} {
		if date.value.IsZero() {
			continue
		}
		if !r.Has("date_from") && !r.Has("date_to") {
			return nil, errors.New("it has no dates: leave --date, --month, --from and --to out")
		}
		q.Given[date.param] = date.value.Format(time.DateOnly)
	}
	for name, value := range o.Params {
		if !r.Has(name) {
			return nil, fmt.Errorf("it has no parameter %q", name)
		}
		q.Given[name] = value
	}
	return q, nil
}

// exportSuffix is the range in a file's name, for a report that has one.
func exportSuffix(r *Report, q *Session) string {
	var dates []string
	for i := range r.Params {
		p := &r.Params[i]
		if p.Name != "date_from" && p.Name != "date_to" {
			continue
		}
		text, given := q.Given[p.Name]
		if !given {
			text = p.Default
		}
		if v, err := p.value(text, q.Complete); err == nil && v != nil {
			if s := v.(string); !slices.Contains(dates, s) {
				dates = append(dates, s)
			}
		}
	}
	slices.Sort(dates)
	if len(dates) == 0 {
		return ""
	}
	return "_" + strings.Join(dates, "_")
}

// ParseRange reads the dates of the command line: one date, a month, or from
// and to, both inclusive. All empty gives zero times: the default of what is
// reported.
func ParseRange(date, month, from, to string) (time.Time, time.Time, error) {
	given := 0
	for _, set := range []bool{date != "", month != "", from != "" || to != ""} {
		if set {
			given++
		}
	}
	if given > 1 {
		return time.Time{}, time.Time{}, errors.New("give one of --date, --month, or --from and --to")
	}
	switch {
	case date != "":
		d, err := parseDay("--date", date)
		return d, d, err
	case month != "":
		first, err := time.Parse("2006-01", month)
		if err != nil {
			return time.Time{}, time.Time{}, fmt.Errorf("--month %q: want yyyy-MM", month)
		}
		return first, first.AddDate(0, 1, -1), nil
	case from != "" || to != "":
		if from == "" || to == "" {
			return time.Time{}, time.Time{}, errors.New("--from and --to go together")
		}
		f, err := parseDay("--from", from)
		if err != nil {
			return time.Time{}, time.Time{}, err
		}
		t, err := parseDay("--to", to)
		if err == nil && t.Before(f) {
			err = fmt.Errorf("--to %s is before --from %s", to, from)
		}
		return f, t, err
	}
	return time.Time{}, time.Time{}, nil
}

func parseDay(flag, text string) (time.Time, error) {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s %q: want yyyy-MM-dd", flag, text)
	}
	return d, nil
}
