package query

import (
	"context"
	"database/sql"
	"errors"
	"io"

	"github.com/nightaudit/nightaudit/reports/format"
	"github.com/nightaudit/nightaudit/reports/result"
)

// Write runs one SELECT of the program's own, with its arguments, and writes
// the result to w in one of Formats. Decimals keep all their digits, also
// inside of lists, structures and JSON; instants are RFC 3339, in UTC but for the layout's zone, dates
// yyyy-MM-dd; null is an empty cell, in JSON null. csv, json, jsonl and parquet
// are written as the rows come; table and markdown are laid out in memory.
func Write(ctx context.Context, db *sql.DB, w io.Writer, as string, l format.Layout, statement string, args ...any) error {
	if err := format.Known(as); err != nil {
		return err
	}
	r, err := result.Query(ctx, db, statement, args...)
	if err != nil {
		return err
	}
	return errors.Join(format.Write(w, as, r, l), r.Close())
}
