package extract

import (
	"context"
	"errors"
	"log/slog"
)

// ErrRefused marks a refusal that may concern the one call only: the vendor
// gives no reason that concerns the account or its own state. Log-ins never
// end with it.
var ErrRefused = errors.New("the vendor refused the call")

// ByID asks for the orders of due, at most workers at a time, and yields the
// answers in due's order, their subject filled in. An order that the vendor
// refuses to show (ErrRefused) or answers without a record is passed over with
// a warning to log: one that is gone must not keep the others from being
// refreshed. If several are asked for and all are refused, that is an error.
func ByID(ctx context.Context, log *slog.Logger, due []Due, workers int, ask func(ctx context.Context, id string) (*Page, error), yield Yield) error {
	refusals := make([]error, len(due))
	shown := 0
	passOver := func(id string) {
		log.Warn("the vendor no longer shows an order; it stays as it was last seen", "order_id", id)
	}
	err := InOrder(ctx, len(due), workers,
		func(ctx context.Context, i int) (*Page, error) {
			p, err := ask(ctx, due[i].OrderID)
			if errors.Is(err, ErrRefused) {
				refusals[i] = err
				return nil, nil
			}
			if err != nil {
				return nil, err
			}
			p.Subject.OrderID = due[i].OrderID
			return p, nil
		},
		func(i int, p *Page) error {
			if p == nil {
				passOver(due[i].OrderID)
				return nil
			}
			shown++
			facts, err := yield(p)
			if err == nil && facts.Rows == 0 {
				passOver(due[i].OrderID)
			}
			return err
		})
	if err == nil && shown == 0 && len(due) > 1 {
		return refusals[0]
	}
	return err
}
