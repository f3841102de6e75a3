package pipeline

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// PlannedAccount is what a run would ask of one account.
type PlannedAccount struct {
	Source, Account string
	Settings        *extract.Settings
	// Windows are those known beforehand. Orders asked for by id follow from
	// what these bring, where ByID is set.
	Windows []extract.Window
	ByID    bool
	// SweepDays is how many days' totals are then compared with the vendor's.
	SweepDays int
	// Restates are the settings to which its rows are brought first, as
	// "timezone Asia/Shanghai → Asia/Tokyo"; "" for none.
	Restates string
	Err      error // why the account could not be planned: its vendor is down
	// Calls is how many calls each window is expected to take, -1 where
	// nothing is known: one for each order asked for by number, else as many
	// as the stream took when it was last read. LaterCalls are those for
	// orders by id, as many as the last time, or likewise -1.
	Calls      []int
	LaterCalls int
}

// Minimum is the least time that the expected calls take under the account's
// rate; known is false where a window's calls are not known.
func (p *PlannedAccount) Minimum() (calls int, least time.Duration, known bool) {
	calls, known = max(p.LaterCalls, 0)+p.SweepDays, p.LaterCalls >= 0 // a sweep asks for one total a day
	for _, n := range p.Calls {
		calls += max(n, 0)
		known = known && n >= 0
	}
	return calls, time.Duration(float64(calls) / float64(p.Settings.Rate) * float64(time.Second)).Round(time.Second), known
}

// Plan says what Run would do with the same options, and refuses the times that Run
// refuses. It asks vendors for nothing but their time and the totals by which windows
// are cut, and changes nothing but for making the working database where a data folder has
// none.
func Plan(ctx context.Context, cfg *config.Config, o Options) (planned []PlannedAccount, err error) {
	r, end, err := beginLook(ctx, cfg, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	if err := r.sameTenancies(ctx); err != nil {
		return nil, err
	}
	if err := r.beginInTime(ctx); err != nil {
		return nil, err
	}
	last, err := r.recorded(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.inOrder(last); err != nil {
		return nil, err
	}
	return r.planAll(ctx)
}

func (r *runner) planAll(ctx context.Context) ([]PlannedAccount, error) {
	known, err := r.warehouse.Bases(ctx)
	if err != nil {
		return nil, err
	}
	var planned []PlannedAccount
	for _, account := range r.accounts {
		a := &accountRun{runner: r, Account: account}
		plan, err := a.plan(ctx)
		if err != nil {
			return nil, err
		}
		p := PlannedAccount{
			Source: account.Driver.Name, Account: account.Name, Settings: account.Source.Settings(),
			ByID: asksByID(account), SweepDays: a.sweepCount(),
		}
		if of := r.restatementOf(&account, known); of != nil {
			p.Restates = changesText(of.Changes)
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

// expect estimates the calls from the answers that the last run took.
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
		if !s.ByID || !p.ByID {
			continue
		}
		n, known := last[[2]string{s.Name, ""}]
		if !known {
			p.LaterCalls = -1
			return
		}
		p.LaterCalls += n
	}
}

// sweepCount is how many days this run counts again: none where the
// operator asked for a range.
func (a *accountRun) sweepCount() int {
	if !a.o.Since.IsZero() {
		return 0
	}
	return a.Driver.SweepDays
}

// sweepDays are the days before that of until whose orders are counted.
func (a *accountRun) sweepDays(until time.Time) []ledger.Day {
	zone := a.Account.Source.Settings().Calendar().Zone
	year, month, day := until.In(zone).Date()
	var days []ledger.Day
	for i := a.sweepCount(); i > 0; i-- {
		start := time.Date(year, month, day-i, 0, 0, 0, 0, zone)
		days = append(days, ledger.Day{Name: start.Format(time.DateOnly), Start: start, End: time.Date(year, month, day-i+1, 0, 0, 0, 0, zone)})
	}
	return days
}

// openSince is how old an order may be that is not final and is still asked
// for.
func (a *accountRun) openSince() time.Time {
	return a.run.At.Add(-time.Duration(a.Account.Source.Settings().RefreshOpen))
}

// asksByID says whether an account asks for orders by id.
func asksByID(a config.Account) bool {
	if s, ok := a.Source.(extract.AsksByID); ok && !s.AsksByID() {
		return false
	}
	return slices.ContainsFunc(a.Driver.Streams, func(s extract.Stream) bool { return s.ByID })
}

// plan is what the account is asked to plan with.
func (a *accountRun) plan(ctx context.Context) (extract.Plan, error) {
	end := a.meter.Begin(meter.Plan)
	defer end(meter.Amount{Calls: 1})
	plan := extract.Plan{Until: a.run.At, Since: a.o.Since, Full: a.o.Full}
	if !a.o.Until.IsZero() && a.o.Until.Before(plan.Until) {
		plan.Until = a.o.Until
	}
	covered, err := a.warehouse.Coverages(ctx, a.Driver.Name, a.Name)
	if err != nil {
		return plan, err
	}
	settings := a.Account.Source.Settings()
	since := settings.Since.In(settings.Calendar().Zone)
	plan.Cursor = map[string]time.Time{}
	for stream, c := range covered {
		// What lies before the coverage was never read: the account's since
		// was set to an earlier day. The stream begins anew.
		if !c.From.After(since) {
			plan.Cursor[stream] = c.To
		}
	}
	if k, ok := a.Account.Source.(extract.KnowsFrom); ok {
		if q, ok := k.KnownFrom(); ok {
			if plan.Known, err = a.warehouse.Numbers(ctx, q); err != nil {
				return plan, err
			}
		}
		if plan.NotShown, err = a.warehouse.NotShown(ctx, a.Driver.Name, a.Name); err != nil {
			return plan, err
		}
		if !plan.Full {
			plan.Settled, err = a.warehouse.Settled(ctx, a.run, loadSource(a.Driver), a.Name, a.openSince())
		}
	}
	return plan, err
}
