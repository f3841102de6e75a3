package load

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/nightaudit/nightaudit/sql/scan"
)

// NotTaken is what stands in no figure, or in none by date, over all accounts
// and as it is now, whichever run read it last.
type NotTaken struct {
	Unreadable Untaken // amounts that are stated and cannot be read
	Undated    Untaken // orders without a business date
	Refused    Untaken // rows that were refused
	// UndatedMoney is what the orders without a date come to, by flow and
	// currency.
	UndatedMoney []FlowMoney
}

// Untaken counts things of one kind, and names the first few.
type Untaken struct {
	Total int64
	First []UntakenValue
}

// UntakenValue is one of them. Field and Stated, the source's own text, are ""
// where there is none.
type UntakenValue struct{ Account, OrderID, Field, Stated string }

// FlowMoney is a sum in one currency, in major units, as decimal text.
type FlowMoney struct{ Flow, Currency, Amount string }

// firstFew is how many are named.
const firstFew = 3

// NotTaken tells what stands in no figure, or in none by date.
func (w *Warehouse) NotTaken(ctx context.Context) (n NotTaken, err error) {
	type row struct {
		what, account          string
		orderID, field, stated sql.NullString
		total                  int64
	}
	rows, err := scan.All(ctx, w.db, "queries/not_taken", nil, func(r *row) []any {
		return []any{&r.what, &r.account, &r.orderID, &r.field, &r.stated, &r.total}
	})
	if err != nil {
		return n, fmt.Errorf("list what could not be taken: %w", err)
	}
	kinds := map[string]*Untaken{"unreadable": &n.Unreadable, "undated": &n.Undated, "refused": &n.Refused}
	for _, r := range rows {
		u := kinds[r.what]
		if u.Total = r.total; len(u.First) < firstFew {
			u.First = append(u.First, UntakenValue{r.account, r.orderID.String, r.field.String, r.stated.String})
		}
	}
	type sum struct {
		flow, currency sql.NullString
		amount         string
	}
	sums, err := scan.All(ctx, w.db, "queries/undated_money", nil, func(s *sum) []any { return []any{&s.flow, &s.currency, &s.amount} })
	if err != nil {
		return n, fmt.Errorf("add up the orders without a date: %w", err)
	}
	for _, s := range sums {
		n.UndatedMoney = append(n.UndatedMoney, FlowMoney{s.flow.String, s.currency.String, s.amount})
	}
	return n, nil
}
