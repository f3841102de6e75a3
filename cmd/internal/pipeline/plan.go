package pipeline

import (
	"context"
	"errors"
	"os"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
)

// PlannedAccount is what a night would ask of one account.
type PlannedAccount struct {
	Source, Account string
	Settings        *extract.Settings
	// Windows are those known beforehand. Orders asked for by id follow from
	// what these bring, where ByID is set.
	Windows []extract.Window
	ByID    bool
}

// Plan says what Run would do with the same options. It calls no vendor and
// changes nothing but for making the working database where there is none.
func Plan(ctx context.Context, cfg *config.Config, o Options) ([]PlannedAccount, error) {
	n, err := newNight(cfg, o)
	if err != nil {
		return nil, err
	}
	unlock, err := n.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := n.open(ctx); err != nil {
		return nil, err
	}
	planned, err := n.planAll(ctx)
	return planned, errors.Join(err, n.warehouse.Close(), os.RemoveAll(n.staging))
}

func (n *night) planAll(ctx context.Context) ([]PlannedAccount, error) {
	var planned []PlannedAccount
	for _, account := range n.accounts {
		a := &accountNight{night: n, Account: account}
		plan, err := a.plan(ctx)
		if err != nil {
			return nil, err
		}
		windows, err := account.Account.Plan(ctx, plan)
		if err != nil {
			return nil, err
		}
		planned = append(planned, PlannedAccount{
			Source: account.Driver.Name, Account: account.Name, Settings: account.Account.Settings(),
			Windows: windows, ByID: hasByID(account.Driver),
		})
	}
	return planned, nil
}
