package load

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/nightaudit/nightaudit/load/recon"
	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Check runs the checks over what changed since they last ran to their end
// (see recon.Check) and brings recon.breaks up to date, in one transaction.
func (w *Warehouse) Check(ctx context.Context, run ledger.Run, o recon.Options) (result recon.Result, err error) {
	err = w.amid(ctx, func() error {
		var changed int64
		if err := scan.One(ctx, w.db, "recon/count_waiting", nil, nil, &changed); err != nil {
			return fmt.Errorf("count what waits for them: %w", err)
		}
		return w.inTx(ctx, func(tx *sql.Tx) (err error) {
			if err := ensureRun(ctx, tx, run); err != nil {
				return err
			}
			result, err = recon.Check(ctx, w.thrifty(tx, changed), ledger.Run{ID: run.ID, At: run.At}, o)
			return err
		})
	})
	if err != nil {
		return recon.Result{}, fmt.Errorf("run the checks: %w", err)
	}
	return result, nil
}

// CheckElsewhere runs every check over the facts of another database, which another engine
// reads (see recon.CheckElsewhere); this one is a new one, for what is found. folder is a
// private one.
func (w *Warehouse) CheckElsewhere(ctx context.Context, facts recon.Facts, folder string) (result recon.Result, err error) {
	err = w.inTx(ctx, func(tx *sql.Tx) (err error) {
		result, err = recon.CheckElsewhere(ctx, tx, facts, folder)
		return err
	})
	if err != nil {
		return recon.Result{}, fmt.Errorf("run the checks: %w", err)
	}
	return result, nil
}
