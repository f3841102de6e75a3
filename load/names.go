package load

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Name is what people call an account, a store or a channel.
type Name struct {
	Kind   string // account, store or channel
	Source string // of an account; else empty
	Code   string
	Name   string
}

// HotelRooms is how many rooms an account of a PMS has to sell each night.
type HotelRooms struct {
	ledger.AccountID
	Available int
}

// EnterNames enters what the configuration calls things, and how many rooms its
// hotels have to sell, in place of what stood there.
func (w *Warehouse) EnterNames(ctx context.Context, names []Name, rooms []HotelRooms) error {
	w.commit.Lock()
	defer w.commit.Unlock()
	err := w.inTx(ctx, func(tx *sql.Tx) error {
		if err := scan.Exec(ctx, tx, "ledger/forget_names", nil); err != nil {
			return err
		}
		for _, n := range names {
			if err := scan.Exec(ctx, tx, "ledger/enter_name", nil, n.Kind, n.Source, n.Code, n.Name); err != nil {
				return fmt.Errorf("%s %s: %w", n.Kind, n.Code, err)
			}
		}
		for _, r := range rooms {
			if err := scan.Exec(ctx, tx, "ledger/enter_rooms", nil, r.Source, r.Account, r.Available); err != nil {
				return fmt.Errorf("rooms of %s: %w", r.AccountID, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("enter the names of the configuration: %w", err)
	}
	return nil
}
