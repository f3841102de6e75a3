package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"strings"

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
			"A month that has not ended, of which an account is not complete, that has no order,\n" +
			"or beside which orders have no business date, is closed only with --force and --reason.\n" +
			"--dry-run shows what would be frozen. --reopen opens a closed month again: the close\n" +
			"stays in the ledger with who reopened it, when and why, and the month can be closed anew.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "month", Usage: "the `MONTH` to close (yyyy-MM)"},
			&cli.StringFlag{Name: "comment", Usage: "a `NOTE` that is kept with the close"},
			&cli.BoolFlag{Name: "dry-run", Usage: "only show what would be closed, or reopened"},
			&cli.BoolFlag{Name: "force", Usage: "close although something is missing; what and why is kept with the close"},
			adoptFlag(),
			&cli.BoolFlag{Name: "reopen", Usage: "open the closed month again"},
			&cli.StringFlag{Name: "reason", Usage: "why it is forced or reopened, a `TEXT` that is kept with it"},
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
	first, err := monthFlag(c)
	if err != nil {
		return err
	}
	if first.IsZero() {
		return usage("close needs --month", "name the month as yyyy-MM")
	}
	words := c.String("month")
	if err := forcedFlags(c); err != nil {
		return err
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
	o := pipeline.CloseOptions{
		Options: pipeline.Options{Version: versionText(), Now: a.now, By: by, Adopt: c.Bool("adopt"), Observer: observer, Log: a.log},
		Month:   first, Comment: c.String("comment"), Force: c.Bool("force"), Reason: c.String("reason"), DryRun: c.Bool("dry-run"),
	}
	if c.Bool("reopen") {
		result, err := pipeline.Reopen(ctx, cfg, o)
		stop()
		if err != nil {
			return closeFailure(cfg, words, "reopened", err)
		}
		a.printReopen(cfg, result)
		return nil
	}
	result, err := pipeline.Close(ctx, cfg, o)
	stop()
	if err != nil {
		return closeFailure(cfg, words, "closed", err)
	}
	a.printClose(cfg, result, o)
	return nil
}

// forcedFlags reads the flags that go together.
func forcedFlags(c *cli.Command) error {
	force, reopen, reason := c.Bool("force"), c.Bool("reopen"), strings.TrimSpace(c.String("reason"))
	switch {
	case force && reopen:
		return usage("--force and --reopen contradict each other", "close the month or reopen it")
	case reopen && c.IsSet("comment"):
		return usage("--comment is of a close", "say with --reason why the month is reopened")
	case (force || reopen) && reason == "":
		return usage("there is no --reason", "say why: it is kept with the month, and the workbook shows it")
	case !force && !reopen && c.IsSet("reason"):
		return usage("--reason stands alone", "it says why a month is closed with --force, or reopened; a note on a close is --comment")
	}
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
// done is what was to be done with it.
func closeFailure(cfg *config.Config, month, done string, err error) *failure {
	var incomplete *pipeline.Incomplete
	switch {
	case errors.Is(err, pipeline.ErrLocked) || isTaken(err):
		return runFailure(cfg, err)
	case errors.As(err, &incomplete):
		code := exit.Failed
		if incomplete.NotEnded {
			code = exit.Usage
		}
		return &failure{
			code: code, what: month + " was not closed, for something is missing", err: errors.New(strings.Join(incomplete.Missing, "\n")),
			do: "mend it, nightaudit run reads what is missing; --force with --reason TEXT closes the month as it is, and says so in audit.closes",
		}
	case errors.Is(err, pipeline.ErrNotEnded):
		return &failure{code: exit.Usage, what: month + " was not closed", err: err, do: "close it after the first night of the month that follows"}
	case errors.Is(err, pipeline.ErrNotClosed):
		return &failure{code: exit.Failed, what: month + " was not reopened", err: err, do: "nightaudit report closes shows what is closed"}
	case errors.Is(err, pipeline.ErrAlreadyClosed):
		return &failure{code: exit.Failed, what: month + " was not closed again", err: err, do: "what has changed since is in restatements: nightaudit report restatements; --reopen opens the month again"}
	}
	return &failure{code: exit.Failed, what: month + " was not " + done + ", or that is not seen yet", err: err, do: "nightaudit query 'FROM audit.closes' shows what is closed; try again"}
}

// printReopen prints what was reopened.
func (a *app) printReopen(cfg *config.Config, r *pipeline.ReopenResult) {
	const clock = "2006-01-02 15:04:05 MST"
	fmt.Fprintf(a.stdout, "was closed  by %s at %s\n", r.Closed.By, r.Closed.At.In(cfg.Zone).Format(clock))
	if r.Database == "" {
		fmt.Fprintf(a.stdout, "%s would be reopened; nothing was changed\n", r.Reopen.Period)
		return
	}
	fmt.Fprintf(a.stdout, "reopened    %s, by %s at %s: %s\n", r.Reopen.Period, r.Reopen.By, r.Reopen.At.In(cfg.Zone).Format(clock), r.Reopen.Reason)
	fmt.Fprintf(a.stdout, "database    %s\n", r.Database)
	for _, notice := range r.Notices {
		a.log.Warn(notice)
	}
}

// printClose prints the closed figures, or those that would be.
func (a *app) printClose(cfg *config.Config, r *pipeline.CloseResult, o pipeline.CloseOptions) {
	columns := []string{"gross_amount", "net_amount", "paid_amount", "settle_amount"}
	t := a.newTable(table.Row{"account", "flow", "standing", "currency", "orders", "gross", "net", "paid", "settled"}, 5, 6, 7, 8, 9)
	for _, f := range r.Figures {
		row := table.Row{f.Source + "/" + f.Account, f.Flow, f.Standing, f.Currency, figure.Count(f.Orders)}
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
	for _, missing := range r.Missing {
		a.sayf("missing   %s", missing)
	}
	fmt.Fprintf(a.stdout, "breaks    %s\n", breaksText(r.Breaks))
	if o.DryRun {
		words := "would be closed"
		if len(r.Missing) > 0 && !o.Force {
			words = "would be refused without --force and --reason"
		}
		fmt.Fprintf(a.stdout, "trial     %s, %s to %s, %s; nothing was changed\n", r.Close.Period, r.Close.From, r.Close.To, words)
		return
	}
	fmt.Fprintf(a.stdout, "closed    %s, %s to %s, by %s at %s\n", r.Close.Period, r.Close.From, r.Close.To, r.Close.By, r.Close.At.In(cfg.Zone).Format("2006-01-02 15:04:05 MST"))
	if r.Close.Reason != "" {
		fmt.Fprintf(a.stdout, "reason    %s\n", r.Close.Reason)
	}
	fmt.Fprintf(a.stdout, "database  %s\n", r.Database)
	for _, notice := range r.Notices {
		a.log.Warn(notice)
	}
}
