package pipeline

import (
	"context"
	"errors"

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
	Err     error // why the account could not be planned: its vendor is down
}

// Plan says what Run would do with the same options. It asks vendors for
// nothing but the totals by which windows are cut, and changes nothing but
// for making the working database where there is none.
func Plan(ctx context.Context, cfg *config.Config, o Options) (planned []PlannedAccount, err error) {
	n, end, err := begin(ctx, cfg, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	return n.planAll(ctx)
}

func (n *night) planAll(ctx context.Context) ([]PlannedAccount, error) {
	var planned []PlannedAccount
	for _, account := range n.accounts {
		a := &accountNight{night: n, Account: account}
		plan, err := a.plan(ctx)
		if err != nil {
			return nil, err
		}
		p := PlannedAccount{
			Source: account.Driver.Name, Account: account.Name, Settings: account.Account.Settings(),
			ByID: hasByID(account.Driver),
		}
		p.Windows, p.Err = account.Account.Plan(ctx, plan)
		if ctx.Err() != nil {
			return nil, p.Err
		}
		planned = append(planned, p)
	}
	return planned, nil
}
