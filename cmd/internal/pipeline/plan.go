package pipeline

import (
	"context"
	"errors"
	"time"

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
	// SweepDays is how many days' totals are then compared with the vendor's.
	SweepDays int
	Err       error // why the account could not be planned: its vendor is down
	// Calls is how many calls each window is expected to take, -1 where
	// nothing is known: one for each order asked for by number, else as many
	// as the stream took when it was last read. LaterCalls are those for
	// orders by id, as many as the last time.
	Calls      []int
	LaterCalls int
}

// Minimum is the least time that the expected calls take under the account's
// rate; known is false where a window's calls are not known.
func (p *PlannedAccount) Minimum() (calls int, least time.Duration, known bool) {
	calls, known = p.LaterCalls+p.SweepDays, true // a sweep asks for one total a day
	for _, n := range p.Calls {
		calls += max(n, 0)
		known = known && n >= 0
	}
	return calls, time.Duration(float64(calls) / float64(p.Settings.Rate) * float64(time.Second)).Round(time.Second), known
}

// Plan says what Run would do with the same options. It asks vendors for
// nothing but the totals by which windows are cut, and changes nothing but
// for making the working database where there is none.
func Plan(ctx context.Context, cfg *config.Config, o Options) (planned []PlannedAccount, err error) {
	r, end, err := begin(ctx, cfg, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	return r.planAll(ctx)
}

func (r *runner) planAll(ctx context.Context) ([]PlannedAccount, error) {
	var planned []PlannedAccount
	for _, account := range r.accounts {
		a := &accountRun{runner: r, Account: account}
		plan, err := a.plan(ctx)
		if err != nil {
			return nil, err
		}
		p := PlannedAccount{
			Source: account.Driver.Name, Account: account.Name, Settings: account.Source.Settings(),
			ByID: hasByID(account.Driver), SweepDays: a.sweepCount(),
		}
		p.Windows, p.Err = account.Source.Plan(ctx, plan)
		if ctx.Err() != nil {
			return nil, p.Err
		}
		last, err := r.warehouse.LastPages(ctx, p.Source, p.Account)
		if err != nil {
			return nil, err
		}
		p.expect(account.Driver, last)
		planned = append(planned, p)
	}
	return planned, nil
}

// expect estimates the calls from the answers that the last night took.
func (p *PlannedAccount) expect(d *extract.Driver, last map[[2]string]int) {
	for _, w := range p.Windows {
		n := len(w.Due)
		if n == 0 {
			var known bool
			if n, known = last[[2]string{w.Stream, w.Filter}]; !known {
				n = -1
			}
		}
		p.Calls = append(p.Calls, n)
	}
	for _, s := range d.Streams {
		if s.ByID {
			p.LaterCalls += last[[2]string{s.Name, ""}]
		}
	}
}
