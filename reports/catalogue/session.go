package catalogue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/result"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// Session asks an engine one report after the other, all of one moment, as the figures of
// a workbook are.
type Session struct {
	ctx      context.Context
	engine   Engine
	Reports  []Report          // those that are asked for by name
	Given    map[string]string // values of parameters, by name
	Zone     *time.Location    // in which instants are shown
	Complete time.Time         // the last complete business date; zero where there was no run
	grids    map[string]*Grid  // that were asked for without values of their own
}

// Begin begins to ask. timezone is an IANA name, empty for the database's own.
func Begin(ctx context.Context, engine Engine, timezone, language string) (*Session, error) {
	q := &Session{ctx: ctx, engine: engine, grids: map[string]*Grid{}}
	var err error
	if q.Zone, err = q.zoneOf(timezone); err != nil {
		return nil, err
	}
	if q.Complete, err = q.lastComplete(); err != nil {
		return nil, err
	}
	q.Given = map[string]string{"timezone": q.Zone.String(), "language": language}
	return q, nil
}

// Names are what the database calls accounts, stores and channels.
func (q *Session) Names() (labels.Names, error) {
	text, err := sqlfiles.Query("names")
	if err != nil {
		return nil, err
	}
	rows, err := q.engine.Query(q.ctx, sqlfiles.Text{Path: "queries/names.sql", SQL: text})
	return namesOf(rows, err)
}

// NamesIn are what a database calls accounts, stores and channels.
func NamesIn(ctx context.Context, db *sql.DB) (labels.Names, error) {
	text, err := sqlfiles.Query("names")
	if err != nil {
		return nil, err
	}
	rows, err := result.Query(ctx, db, text)
	return namesOf(rows, err)
}

func namesOf(rows *result.Rows, err error) (labels.Names, error) {
	names := labels.Names{}
	if err == nil {
		defer rows.Close()
		for values, failed := range rows.All() {
			if err = failed; err != nil {
				break
			}
			row := result.RowOf(rows.Columns, values)
			kind := row.Str("kind")
			if names[kind] == nil {
				names[kind] = map[string]string{}
			}
			names[kind][row.Str("code")] = row.Str("name")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read the names of accounts, stores and channels: %w", err)
	}
	return names, nil
}

// Open runs a report. The caller closes the result's rows.
func (q *Session) Open(name string, given map[string]string) (*Report, *result.Rows, error) {
	r, err := Find(q.Reports, name)
	if err != nil {
		return nil, nil, err
	}
	rows, err := q.query(r, given)
	return r, rows, err
}

// Keep is Open for a report that may have millions of rows, or that is read
// more than once: see Engine.Keep.
func (q *Session) Keep(name string, given map[string]string) (*Report, *result.Kept, error) {
	r, err := Find(q.Reports, name)
	if err != nil {
		return nil, nil, err
	}
	args, err := q.prepare(r, given)
	if err != nil {
		return nil, nil, err
	}
	kept, err := q.engine.Keep(q.ctx, r.Text, args...)
	if err != nil {
		return nil, nil, fmt.Errorf("run report %s (%s): %w", r.Name, r.Path, err)
	}
	return r, kept, nil
}

func (q *Session) query(r *Report, given map[string]string) (*result.Rows, error) {
	args, err := q.prepare(r, given)
	if err != nil {
		return nil, err
	}
	res, err := q.engine.Query(q.ctx, r.Text, args...)
	if err != nil {
		return nil, fmt.Errorf("run report %s (%s): %w", r.Name, r.Path, err)
	}
	return res, nil
}

// prepare binds the parameters of a report that only reads.
func (q *Session) prepare(r *Report, given map[string]string) ([]any, error) {
	values := make(map[string]string, len(q.Given)+len(given))
	for _, from := range []map[string]string{q.Given, given} {
		maps.Copy(values, from)
	}
	args, err := r.bind(values, q.Complete)
	if err != nil {
		return nil, err
	}
	if err := q.engine.Admit(q.ctx, r.Text, r.Extra); err != nil {
		return nil, fmt.Errorf("run report %s (%s): %w", r.Name, r.Path, err)
	}
	return args, nil
}

// Grid is a small result, held whole.
type Grid struct {
	Report  *Report
	Columns []result.Column
	Rows    [][]any
}

// Grid runs a report and holds its rows, which nobody may change: whoever asks once
// more, without values of their own, is given the same.
func (q *Session) Grid(name string, given map[string]string) (*Grid, error) {
	if g := q.grids[name]; g != nil && len(given) == 0 {
		return g, nil
	}
	r, res, err := q.Open(name, given)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	g := &Grid{Report: r, Columns: res.Columns}
	for values, err := range res.All() {
		if err != nil {
			return nil, fmt.Errorf("read report %s: %w", name, err)
		}
		g.Rows = append(g.Rows, slices.Clone(values))
	}
	if len(given) == 0 {
		q.grids[name] = g
	}
	return g, nil
}

// At is a value by its column's name; nil where there is no such column.
func (g *Grid) At(row int, column string) any {
	return result.RowOf(g.Columns, g.Rows[row]).At(column)
}

// Str is a value as text, empty for null.
func (g *Grid) Str(row int, column string) string {
	return result.RowOf(g.Columns, g.Rows[row]).Str(column)
}

// Count is a whole number, 0 for null.
func (g *Grid) Count(row int, column string) int64 {
	n, err := result.Int64(g.At(row, column))
	if err != nil {
		return 0
	}
	return n
}

// Amount is a decimal, zero for null.
func (g *Grid) Amount(row int, column string) duckdb.Decimal {
	d, _ := g.At(row, column).(duckdb.Decimal)
	return d
}

// lastComplete is the last business date that is over for every account of the
// book (audit.last_complete): later dates may still grow. It is zero where there
// was no run.
func (q *Session) lastComplete() (time.Time, error) {
	v, err := q.value("SELECT business_date FROM audit.last_complete")
	if err != nil {
		return time.Time{}, fmt.Errorf("read the last complete business date: %w", err)
	}
	date, _ := v.(time.Time)
	return date, nil
}

// zoneOf is the time zone of a name; an empty one is the database's own, as
// its runs were configured.
func (q *Session) zoneOf(name string) (*time.Location, error) {
	if name == "" {
		own, err := q.value("SELECT timezone FROM audit.meta")
		if err != nil {
			return nil, fmt.Errorf("read the database's time zone: %w", err)
		}
		if name, _ = own.(string); name == "" {
			name = "UTC"
		}
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone of the report: %w", err)
	}
	return zone, nil
}

// value is the first value of a statement; nil where it has no rows.
func (q *Session) value(statement string) (v any, err error) {
	rows, err := q.engine.Query(q.ctx, sqlfiles.Text{SQL: statement})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values, err := rows.Next()
	if values == nil || err != nil {
		return nil, err
	}
	return values[0], nil
}
