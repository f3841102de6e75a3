package result

import (
	"context"
	"database/sql"
	"fmt"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// pageRows is how many rows are read at a time. The driver holds all rows of
// what it is asked for in memory, half a kilobyte for each of a wide report.
const pageRows = 10_000

// Kept is a result that may have millions of rows: the database keeps them and
// spills what goes beyond its memory. They can be read more than once.
type Kept struct {
	columns []Column
	first   int64
	page    func(from int64) (*sql.Rows, error)
}

// Keep is Query for such a result. A transaction keeps one at a time: the next
// takes its place.
func Keep(ctx context.Context, tx *sql.Tx, statement string, args ...any) (*Kept, error) {
	columns, asked, err := deliverable(ctx, tx, statement, args)
	if err != nil {
		return nil, err
	}
	keep, err := sqlfiles.Statement("queries/kept", asked)
	if err != nil {
		return nil, err
	}
	first, err := sqlfiles.Query("kept_first")
	if err != nil {
		return nil, err
	}
	page, err := sqlfiles.Query("kept_page")
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, keep, args...); err != nil {
		return nil, err
	}
	k := &Kept{columns: columns, page: func(from int64) (*sql.Rows, error) {
		return tx.QueryContext(ctx, page, from, from+pageRows)
	}}
	if err := tx.QueryRowContext(ctx, first).Scan(&k.first); err != nil {
		return nil, fmt.Errorf("find the first row: %w", err)
	}
	return k, nil
}

// Read reads the rows from the first on. The caller closes them.
func (k *Kept) Read() (*Rows, error) {
	from := k.first
	rows, err := k.page(from)
	if err != nil {
		return nil, err
	}
	r, err := typed(rows, k.columns)
	if err != nil {
		return nil, err
	}
	r.more = func() (*sql.Rows, error) {
		from += pageRows
		return k.page(from)
	}
	return r, nil
}
