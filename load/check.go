package load

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/nightaudit/nightaudit/load/recon"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Check runs the checks over what changed since they last ran to their end
// (see recon.Check) and brings recon.breaks up to date, in one transaction.
func (w *Warehouse) Check(ctx context.Context, run ledger.Run, o recon.Options) (result recon.Result, err error) {
	w.commit.Lock()
	defer w.commit.Unlock()
	err = w.amid(ctx, func() error {
		return w.inTx(ctx, func(tx *sql.Tx) (err error) {
			if err := ensureRun(ctx, tx, run); err != nil {
				return err
			}
			result, err = recon.Check(ctx, tx, ledger.Run{ID: run.ID, At: run.At}, o)
			return err
		})
	})
	if err != nil {
		return recon.Result{}, fmt.Errorf("run the checks: %w", err)
	}
	return result, nil
}
