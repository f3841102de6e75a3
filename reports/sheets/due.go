package sheets

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/sql/scan"
)

// Due is the business dates of which a run leaves a workbook, in their order:
// those that have become over since the last one, and those whose book has moved
// (sql/queries/books_due.sql).
func Due(ctx context.Context, db *sql.DB, run string) ([]time.Time, error) {
	statement, err := sqlfiles.Query("books_due")
	if err != nil {
		return nil, err
	}
	dates, err := scan.Text(ctx, db, statement, func(d *time.Time) []any { return []any{d} }, run)
	if err != nil {
		return nil, fmt.Errorf("find the business dates that are over: %w", err)
	}
	return dates, nil
}
