package load

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// AccountBasis is what the rows of an account rest on: the settings by which its
// answers are decoded (audit.accounts).
type AccountBasis struct {
	ledger.AccountID
	Calendar transform.Calendar
	Currency string    // where the source states none
	MemoOnly bool      // its orders are billed by a PMS
	Privacy  string    // hash of the policy for personal data
	Since    time.Time // first creation day that is loaded; zero: all
}

// EnterAccounts enters the accounts of the configuration, and notes that others
// are no longer in it.
func (w *Warehouse) EnterAccounts(ctx context.Context, run ledger.Run, accounts []AccountBasis) error {
	w.commit.Lock()
	defer w.commit.Unlock()
	err := w.inTx(ctx, func(tx *sql.Tx) error {
		names := make([]string, 0, len(accounts))
		for i := range accounts {
			if err := enterAccount(ctx, tx, run, &accounts[i]); err != nil {
				return fmt.Errorf("%s: %w", accounts[i].AccountID, err)
			}
			names = append(names, accounts[i].String())
		}
		return scan.Exec(ctx, tx, "ledger/retire_accounts", nil, names)
	})
	if err != nil {
		return fmt.Errorf("enter the accounts of the configuration: %w", err)
	}
	return nil
}

func enterAccount(ctx context.Context, tx *sql.Tx, run ledger.Run, a *AccountBasis) error {
	var since any
	if !a.Since.IsZero() {
		since = a.Since.Format(time.DateOnly)
	}
	clock := time.Time{}.Add(a.Calendar.DayStart).Format(time.TimeOnly)
	return scan.Exec(ctx, tx, "ledger/enter_account", nil, a.Source, a.Account,
		a.Calendar.Zone.String(), clock, a.Currency, a.MemoOnly, a.Privacy, since, run.ID)
}
