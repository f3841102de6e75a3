package load

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/nightaudit/nightaudit/sql/scan"
)

// BookBreaks counts the breaks of a book that finance has not accepted, as its
// sheets do.
type BookBreaks struct {
	// Open and Explained are of the book's dates or without a date, by severity.
	Open, Explained map[string]int
	Carried         int // of earlier dates, open or explained
	Later           int // of later dates, likewise: in no book yet
}

// BookBreaks counts those of the book from one business date to another, both
// inclusive (yyyy-MM-dd); without dates of the last one that is over.
func (w *Warehouse) BookBreaks(ctx context.Context, from, to string) (BookBreaks, error) {
	type row struct {
		section, severity, status string
		count                     int
	}
	date := func(text string) sql.NullString { return sql.NullString{String: text, Valid: text != ""} }
	rows, err := scan.All(ctx, w.db, "ledger/open_breaks", nil, func(r *row) []any {
		return []any{&r.section, &r.severity, &r.status, &r.count}
	}, date(from), date(to))
	if err != nil {
		return BookBreaks{}, fmt.Errorf("count the breaks of the book: %w", err)
	}
	b := BookBreaks{Open: map[string]int{}, Explained: map[string]int{}}
	for _, r := range rows {
		switch {
		case r.section == "carried_forward":
			b.Carried += r.count
		case r.section == "later":
			b.Later += r.count
		case r.status == "explained":
			b.Explained[r.severity] += r.count
		default:
			b.Open[r.severity] += r.count
		}
	}
	return b, nil
}
