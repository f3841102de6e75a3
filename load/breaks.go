package load

import (
	"context"
	"database/sql"
	"fmt"
	"time"

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

// OpenBreak is a break that nobody has explained, accepted or resolved.
type OpenBreak struct {
	ID                       string
	Rule, Severity           string
	TitleEN, TitleZH         string // of the rule
	Source, Account, OrderID string
	FirstSeen                time.Time // the recorded time of the run that found it first
	SaysEN, SaysZH           string    // its sentence
	OfAccount                bool      // it is of no order, but of the account
}

// OpenBreaks lists the open breaks of some severities, of any date, by rule and
// age, the oldest first.
func (w *Warehouse) OpenBreaks(ctx context.Context, severities []string) ([]OpenBreak, error) {
	breaks, err := scan.All(ctx, w.db, "ledger/standing_breaks", nil, func(b *OpenBreak) []any {
		return []any{&b.ID, &b.Rule, &b.Severity, &b.TitleEN, &b.TitleZH, &b.Source, &b.Account, &b.OrderID, &b.FirstSeen, &b.SaysEN, &b.SaysZH, &b.OfAccount}
	}, severities)
	if err != nil {
		return nil, fmt.Errorf("list the open breaks: %w", err)
	}
	return breaks, nil
}
