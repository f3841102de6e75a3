package catalogue

import (
	"context"
	"database/sql"

	"github.com/nightaudit/nightaudit/reports/judge"
	"github.com/nightaudit/nightaudit/reports/result"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// Engine answers the statements of a session, all of one moment. A statement is in the
// SQL that all engines read, with $parameters, whose values are sql.NamedArg.
type Engine interface {
	// Admit refuses a statement that does more than read, or that the engine does not
	// take; extra says that it is a person's own.
	Admit(ctx context.Context, statement sqlfiles.Text, extra bool) error
	// Query runs a SELECT. The caller closes the result's rows.
	Query(ctx context.Context, statement sqlfiles.Text, args ...any) (*result.Rows, error)
	// Keep is Query for a result that may have millions of rows, or that is read more
	// than once. The next that is kept may take its place.
	Keep(ctx context.Context, statement sqlfiles.Text, args ...any) (*result.Kept, error)
}

// DuckDB is the engine of a published database.
func DuckDB(tx *sql.Tx) Engine { return duckDB{tx} }

type duckDB struct{ tx *sql.Tx }

// Admit judges what is a person's own. Of the program's own statements a test says
// that they read alone: taking one apart takes as long as planning it.
func (d duckDB) Admit(ctx context.Context, statement sqlfiles.Text, extra bool) error {
	if !extra {
		return nil
	}
	text, err := sqlfiles.Expand(sqlfiles.DuckDB, statement)
	if err != nil {
		return err
	}
	return judge.Reads(ctx, d.tx, text, false)
}

func (d duckDB) Query(ctx context.Context, statement sqlfiles.Text, args ...any) (*result.Rows, error) {
	text, err := sqlfiles.Expand(sqlfiles.DuckDB, statement)
	if err != nil {
		return nil, err
	}
	return result.Query(ctx, d.tx, text, args...)
}

func (d duckDB) Keep(ctx context.Context, statement sqlfiles.Text, args ...any) (*result.Kept, error) {
	text, err := sqlfiles.Expand(sqlfiles.DuckDB, statement)
	if err != nil {
		return nil, err
	}
	return result.Keep(ctx, d.tx, text, args...)
}
