package load

import (
	"context"
	"fmt"

	"github.com/nightaudit/nightaudit/sql/scan"
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
	numbers, err := scan.All(ctx, w.db, "merge/known_numbers", column, func(n *ledger.KnownNumber) []any {
		return []any{&n.Number, &n.OrderID}
	}, q.Source, q.Account, q.Carriers)
	if err != nil {
		return nil, fmt.Errorf("list the numbers of %s %s: %w", q.Source, q.Account, err)
	}
	return numbers, nil
}
