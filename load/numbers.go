package load

import (
	"context"
	"fmt"
)

// NumberQuery asks for the numbers of orders that a carrier delivers.
type NumberQuery struct {
	Source, Account string   // whose orders
	Carriers        []string // the carrier's ids there
	Key             string   // order_id, order_no or waybill_no
}

// Number is a number and the order it belongs to.
type Number struct{ Number, OrderID string }

// Numbers lists the numbers that the warehouse knows, ascending.
func (w *Warehouse) Numbers(ctx context.Context, q NumberQuery) ([]Number, error) {
	column, ok := map[string]string{"order_id": "o.order_id", "order_no": "o.order_no", "waybill_no": "d.waybill_no"}[q.Key]
	if !ok {
		return nil, fmt.Errorf("list the numbers of %s %s: unknown key %q", q.Source, q.Account, q.Key)
	}
	if len(q.Carriers) == 0 {
		return nil, nil
	}
	statement, err := render("known_numbers.sql", struct {
		NumberQuery
		Number string
	}{q, column})
	if err != nil {
		return nil, err
	}
	rows, err := w.db.QueryContext(ctx, statement)
	if err != nil {
		return nil, fmt.Errorf("list the numbers of %s %s: %w", q.Source, q.Account, err)
	}
	defer rows.Close()
	var numbers []Number
	for rows.Next() {
		var n Number
		if err := rows.Scan(&n.Number, &n.OrderID); err != nil {
			return nil, fmt.Errorf("list the numbers of %s %s: %w", q.Source, q.Account, err)
		}
		numbers = append(numbers, n)
	}
	return numbers, rows.Err()
}
