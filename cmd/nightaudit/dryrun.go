package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/reports/figure"
)

// dryRun prints what a night would ask. Some vendors have to be asked for
// numbers before windows can be cut.
func (a *app) dryRun(ctx context.Context, cfg *config.Config, o pipeline.Options) error {
	planned, err := pipeline.Plan(ctx, cfg, o)
	if err != nil {
		f := runFailure(cfg, err)
		if f.code == exit.Failed {
			f.what = "the night could not be planned; nothing was changed"
		}
		return f
	}
	var unplanned []string
	t := a.newTable(table.Row{"account", "stream", "from", "until", "what", "calls"}, 6)
	for _, account := range planned {
		name := account.Source + "/" + account.Account
		zone := account.Settings.Calendar().Zone
		if account.Restates != "" {
			t.AppendRow(table.Row{name, "", "", "", "first all its rows are brought to the configuration: " + account.Restates})
		}
		if account.Err != nil {
			unplanned = append(unplanned, name)
		}
		for i, w := range account.Windows {
			t.AppendRow(table.Row{name, w.Stream, instant(w.Start, zone, "the beginning"), instant(w.End, zone, "now"), windowText(&w), callsText(account.Calls[i])})
		}
		if n := account.SweepDays; n > 0 {
			t.AppendRow(table.Row{name, "", "", "", fmt.Sprintf("then the totals of the last %s; days that differ are read again", plural(int64(n), "day", "days")), "~" + figure.Count(int64(n))})
		}
		if account.ByID {
			t.AppendRow(table.Row{name, "", "", "", "then by id: orders that are new, changed or not final", callsText(account.LaterCalls)})
		}
	}
	t.Render()
	for _, account := range planned { // below it, for it would be as wide as what went wrong
		if account.Err != nil {
			a.sayf("%s/%s: not planned: %v", account.Source, account.Account, account.Err)
		}
	}
	fmt.Fprintln(a.stdout)
	limits := a.newTable(table.Row{"account", "rate", "at once", "page size", "calls", "takes at least"}, 2, 3, 4, 5, 6)
	for _, account := range planned {
		s := account.Settings
		calls, least, known := account.Minimum()
		row := table.Row{account.Source + "/" + account.Account, fmt.Sprintf("%.4g/s", float64(s.Rate)), s.Concurrency, s.PageSize, callsText(calls), least}
		if !known {
			row[4], row[5] = "not known", "not known: the account was never read"
		}
		limits.AppendRow(row)
	}
	limits.Render()
	fmt.Fprintln(a.stdout, "\ncalls are those of the last night, where they do not follow from the plan")
	fmt.Fprintln(a.stdout, "\nnothing was loaded; vendors were asked only for their time and for what the plan needs")
	if unplanned != nil {
		return &failure{code: exit.Failed, what: "no plan for " + strings.Join(unplanned, ", "), do: "nightaudit check says what is wrong with an account"}
	}
	a.sayNext(cfg, "run", "")
	return nil
}

// callsText is an expected number of calls.
func callsText(n int) string {
	if n < 0 {
		return "?"
	}
	return "~" + figure.Count(int64(n))
}

func instant(t time.Time, zone *time.Location, none string) string {
	if t.IsZero() {
		return none
	}
	return t.In(zone).Format("2006-01-02 15:04:05 -07:00")
}

func windowText(w *extract.Window) string {
	var parts []string
	if w.Filter != "" {
		parts = append(parts, w.Filter)
	}
	if n := len(w.Due); n > 0 {
		parts = append(parts, plural(int64(n), "order", "orders")+" by id")
	}
	if parts == nil {
		return "all"
	}
	return strings.Join(parts, ", ")
}
