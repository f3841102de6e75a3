package reports

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// session asks the database one report after the other, inside of one
// transaction: all figures of a workbook are of one moment.
type session struct {
	ctx      context.Context
	tx       *sql.Tx
	reports  []Report
	given    map[string]string // values of parameters, by name
	complete time.Time         // the last complete business date
}

// open runs a report. The caller closes the result's rows.
func (q *session) open(name string, given map[string]string) (*Report, *result, error) {
	r, err := find(q.reports, name)
	if err != nil {
		return nil, nil, err
	}
	rows, err := q.query(r, given)
	return r, rows, err
}

func (q *session) query(r *Report, given map[string]string) (*result, error) {
	values := make(map[string]string, len(q.given)+len(given))
	for _, from := range []map[string]string{q.given, given} {
		for k, v := range from {
			values[k] = v
		}
	}
	args, err := r.bind(values, q.complete)
	if err != nil {
		return nil, err
	}
	res, err := exactRows(q.ctx, q.tx, r.SQL, args...)
	if err != nil {
		return nil, fmt.Errorf("run report %s (%s): %w", r.Name, r.Path, err)
	}
	return res, nil
}

// grid is a small result, held whole.
type grid struct {
	report  *Report
	columns []column
	rows    [][]any
}

func (q *session) grid(name string, given map[string]string) (*grid, error) {
	r, res, err := q.open(name, given)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	g := &grid{report: r, columns: res.columns}
	for values, err := range res.all() {
		if err != nil {
			return nil, fmt.Errorf("read report %s: %w", name, err)
		}
		g.rows = append(g.rows, slices.Clone(values))
	}
	return g, nil
}

// at is a value by its column's name; nil where there is no such column.
func (g *grid) at(row int, column string) any {
	return newRow(g.columns, g.rows[row]).at(column)
}

// str is a value as text, empty for null.
func (g *grid) str(row int, column string) string {
	return newRow(g.columns, g.rows[row]).str(column)
}

// count is a whole number, 0 for null.
func (g *grid) count(row int, column string) int64 {
	n, err := toInt64(g.at(row, column))
	if err != nil {
		return 0
	}
	return n
}

// amount is a decimal, zero for null.
func (g *grid) amount(row int, column string) duckdb.Decimal {
	d, _ := g.at(row, column).(duckdb.Decimal)
	return d
}

// lastCompleteDate is the last business date that was over when the latest
// run began: later days may still grow. dayStart is the time of day at which
// a business day begins. ok is false where there was no run.
func lastCompleteDate(ctx context.Context, tx *sql.Tx, zone *time.Location, dayStart time.Duration) (date time.Time, ok bool, err error) {
	var started sql.NullTime
	if err := tx.QueryRowContext(ctx, "SELECT max(started_at) FROM audit.runs").Scan(&started); err != nil {
		return time.Time{}, false, fmt.Errorf("read the latest run: %w", err)
	}
	if !started.Valid {
		return time.Time{}, false, nil
	}
	y, m, d := started.Time.In(zone).Add(-dayStart).Date()
	return time.Date(y, m, d-1, 0, 0, 0, 0, time.UTC), true, nil
}

// zoneOf is the time zone of a name; an empty one is the database's own, as
// its runs were configured.
func zoneOf(ctx context.Context, tx *sql.Tx, name string) (*time.Location, error) {
	if name == "" {
		var own sql.NullString
		err := tx.QueryRowContext(ctx, "SELECT timezone FROM audit.meta").Scan(&own)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, fmt.Errorf("read the database's time zone: %w", err)
		}
		if name = own.String; name == "" {
			name = "UTC"
		}
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone of the report: %w", err)
	}
	return zone, nil
}
