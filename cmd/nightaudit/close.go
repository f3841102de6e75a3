package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/reports/figure"
)

func (a *app) closeCommand() *cli.Command {
	return &cli.Command{
		Name:  "close",
		Usage: "close a month: later changes to it are shown as restatements",
		Description: "Freezes what is known of the month's business dates: its figures are kept with who\n" +
			"closed it and when, and orders_as_of(closed_at) gives its orders as they were. What\n" +
			"changes later stands in restatements, order by order, and in restatement_totals.\n" +
			"A month that has not ended, or of which an account is not complete, is not closed.\n" +
			"A closed month stays closed: it cannot be opened again.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "month", Usage: "the `MONTH` to close (yyyy-MM)"},
			&cli.StringFlag{Name: "comment", Usage: "a `NOTE` that is kept with the close"},
			&cli.BoolFlag{Name: "force", Usage: "close although accounts are not complete; what is missing is kept with the close"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := noArguments(c); err != nil {
				return err
			}
			return a.close(ctx, c)
		},
	}
}

func (a *app) close(ctx context.Context, c *cli.Command) error {
	words := c.String("month")
	if words == "" {
		return usage("close needs --month", "name the month as yyyy-MM")
	}
	month, err := time.Parse("2006-01", words)
	if err != nil {
		return usage(fmt.Sprintf("--month %q is no month", words), "write yyyy-MM")
	}
	by, err := osUser()
	if err != nil {
		return err
	}
	cfg, err := a.load(a.now)
	if err != nil {
		return err
	}
	observer, stop := a.startProgress()
	result, err := pipeline.Close(ctx, cfg, pipeline.CloseOptions{
		Options: pipeline.Options{Version: versionText(), Now: a.now, By: by, Observer: observer, Log: a.log},
		Month:   month, Comment: c.String("comment"), Force: c.Bool("force"),
	})
	stop()
	if err != nil {
		return closeFailure(cfg, words, err)
	}
	a.printClose(cfg, result)
	return nil
}

// osUser is who is at the keyboard, as the operating system knows them.
func osUser() (string, error) {
	u, err := user.Current()
	if err != nil {
		return "", &failure{code: exit.Failed, what: "the operating system does not say who you are", err: err}
	}
	return u.Username, nil
}

// userName is the same for what a command does by the way: a user whom the
// system does not know has no name.
func (a *app) userName() string {
	name, err := osUser()
	if err != nil {
		a.log.Debug("no user name", "error", err)
	}
	return name
}

// closeFailure tells why a month was not closed.
func closeFailure(cfg *config.Config, month string, err error) *failure {
	var incomplete *pipeline.Incomplete
	switch {
	case errors.Is(err, pipeline.ErrLocked):
		return runFailure(cfg, err)
	case errors.Is(err, pipeline.ErrNotEnded):
		return &failure{code: exit.Usage, what: month + " was not closed", err: err, do: "close it after the first night of the month that follows"}
	case errors.Is(err, pipeline.ErrAlreadyClosed):
		return &failure{code: exit.Failed, what: month + " was not closed again", err: err, do: "what has changed since is in restatements: nightaudit report restatements"}
	case errors.As(err, &incomplete):
		return &failure{
			code: exit.Failed, what: month + " was not closed, for data of it is missing", err: errors.New(strings.Join(incomplete.Missing, "\n")),
			do: "nightaudit run reads what is missing; --force closes the month without it, and says so in audit.closes",
		}
	}
	return &failure{code: exit.Failed, what: month + " was not closed, or is not seen yet", err: err, do: "nightaudit query 'FROM audit.closes' shows what is closed; try again"}
}

// printClose prints the closed figures.
func (a *app) printClose(cfg *config.Config, r *pipeline.CloseResult) {
	columns := []string{"gross_amount", "net_amount", "paid_amount", "settle_amount"}
	t := newTable(a.stdout, table.Row{"account", "flow", "currency", "orders", "gross", "net", "paid", "settled"}, 4, 5, 6, 7, 8)
	for _, f := range r.Figures {
		row := table.Row{f.Source + "/" + f.Account, f.Flow, f.Currency, figure.Count(f.Orders)}
		for _, column := range columns {
			amount := "–"
			if sum := f.Amounts[column]; sum != nil {
				amount = figure.Amount(*sum)
			}
			row = append(row, amount)
		}
		t.AppendRow(row)
	}
	t.Render()
	fmt.Fprintln(a.stdout)
	fmt.Fprintf(a.stdout, "closed    %s, %s to %s, by %s at %s\n", r.Close.Period, r.Close.From, r.Close.To, r.Close.By, r.Close.At.In(cfg.Zone).Format("2006-01-02 15:04:05 MST"))
	if r.Close.Missing != "" {
		fmt.Fprintf(a.stdout, "missing   %s\n", r.Close.Missing)
	}
	fmt.Fprintf(a.stdout, "breaks    %s\n", breaksText(r.Breaks))
	fmt.Fprintf(a.stdout, "database  %s\n", r.Database)
	for _, notice := range r.Notices {
		a.log.Warn(notice)
	}
}
