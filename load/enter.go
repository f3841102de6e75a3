package load

import (
	"context"
	"database/sql"
	"errors"

	"github.com/nightaudit/nightaudit/sql/scan"
)

// enter makes an entry of the ledger by do, in a transaction of its own, and reads
// it back: the statement named count must find n rows of its id.
func (w *Warehouse) enter(ctx context.Context, count, id string, n int, do func(*sql.Tx) error) error {
	w.commit.Lock()
	defer w.commit.Unlock()
	if err := w.inTx(ctx, do); err != nil {
		return err
	}
	var found int
	if err := scan.One(ctx, w.db, count, nil, []any{id}, &found); err != nil {
		return err
	}
	if found != n {
		return errors.New("it was committed and cannot be read back")
	}
	return nil
}
