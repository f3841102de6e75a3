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

// Kept is a result that may have millions of rows: they are kept outside of this
// program's memory, and can be read more than once.
type Kept struct {
	read func() (*Rows, error)
}

// KeptBy is a result that is kept by whoever gives its rows from the first on.
func KeptBy(read func() (*Rows, error)) *Kept { return &Kept{read} }

// Read reads the rows from the first on. The caller closes them.
func (k *Kept) Read() (*Rows, error) { return k.read() }

// Keep is Query for such a result: the database keeps it and spills what goes beyond its
// memory. A transaction keeps one at a time: the next takes its place.
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
	var from int64
	if err := tx.QueryRowContext(ctx, first).Scan(&from); err != nil {
		return nil, fmt.Errorf("find the first row: %w", err)
	}
	pages := func(from int64) (*sql.Rows, error) { return tx.QueryContext(ctx, page, from, from+pageRows) }
	return KeptBy(func() (*Rows, error) { return paged(columns, from, pages) }), nil
}

// paged reads rows a page at a time.
func paged(columns []Column, from int64, page func(from int64) (*sql.Rows, error)) (*Rows, error) {
	rows, err := page(from)
	if err != nil {
		return nil, err
	}
	r, err := typed(rows, columns)
	if err != nil {
		return nil, err
	}
	r.more = func() (Cursor, error) {
		from += pageRows
		return page(from)
	}
	return r, nil
}
