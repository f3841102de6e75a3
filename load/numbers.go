package load

import (
	"context"
	"fmt"

	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Numbers lists the numbers that the warehouse knows, ascending.
func (w *Warehouse) Numbers(ctx context.Context, q ledger.KnownQuery) ([]ledger.KnownNumber, error) {
	column, ok := map[ledger.KnownKey]string{ledger.KnownOrderID: "o.order_id", ledger.KnownOrderNo: "o.order_no", ledger.KnownWaybill: "d.waybill_no"}[q.Key]
	if !ok {
		return nil, fmt.Errorf("list the numbers of %s %s: unknown key %q", q.Source, q.Account, q.Key)
	}
	if len(q.Carriers) == 0 {
		return nil, nil
	}
	statement, err := render("known_numbers.sql", struct {
		ledger.KnownQuery
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
	var numbers []ledger.KnownNumber
	for rows.Next() {
		var n ledger.KnownNumber
		if err := rows.Scan(&n.Number, &n.OrderID); err != nil {
			return nil, fmt.Errorf("list the numbers of %s %s: %w", q.Source, q.Account, err)
		}
		numbers = append(numbers, n)
	}
	return numbers, rows.Err()
}
