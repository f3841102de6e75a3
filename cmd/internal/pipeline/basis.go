package pipeline

import (
	"context"

	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// enterAccounts enters what the rows of the configuration's accounts rest on.
func (r *runner) enterAccounts(ctx context.Context) error {
	accounts := make([]load.AccountBasis, 0, len(r.cfg.Accounts))
	for _, a := range r.cfg.Accounts {
		settings := a.Source.Settings()
		accounts = append(accounts, load.AccountBasis{
			AccountID: ledger.AccountID{Source: a.Driver.Name, Account: a.Name},
			Calendar:  settings.Calendar(), Currency: settings.Currency, MemoOnly: a.MemoOnly,
			Since: settings.Since.In(settings.Calendar().Zone),
		})
	}
	return r.warehouse.EnterAccounts(ctx, r.run, accounts)
}
