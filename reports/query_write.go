package reports

import (
	"context"
	"database/sql"
	"errors"
	"io"
)

// Write runs one SELECT of the program's own, with its arguments, and writes
// the result to w in one of Formats. Decimals keep all their digits, also
// inside of lists, structures and JSON; instants are RFC 3339 in UTC, dates
// yyyy-MM-dd; null is an empty cell, in JSON null. csv, json, jsonl and parquet
// are written as the rows come; table and markdown are laid out in memory.
func Write(ctx context.Context, db *sql.DB, w io.Writer, as, statement string, args ...any) error {
	if err := knownFormat(as); err != nil {
		return err
	}
	r, err := exactRows(ctx, db, statement, args...)
	if err != nil {
		return err
	}
	return errors.Join(writeFormat(w, as, r, 0), r.Close())
}
