package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/notify"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/reports/labels"
)

func (a *app) notifyCommand() *cli.Command {
	return &cli.Command{
		Name:  "notify",
		Usage: "send a sample to each channel that is told how nights end",
		Description: "The channels stand under notify: in the configuration. With --test each is sent one\n" +
			"message, and a line says whether it was taken; nothing of what they were told changes.\n" +
			"Exit code 1 where one did not take it.",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "test", Usage: "send the sample"}},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := noArguments(c); err != nil {
				return err
			}
			if !c.Bool("test") {
				return usage("notify sends nothing by itself: runs do", "nightaudit notify --test sends each channel a sample")
			}
			return a.notifyTest(ctx)
		},
	}
}

func (a *app) notifyTest(ctx context.Context) error {
	cfg, err := a.load(a.now)
	if err != nil {
		return err
	}
	if len(cfg.Notify) == 0 {
		return usage("the configuration names no channel", "add notify: to "+a.configFile+"; nightaudit init shows how")
	}
	teller, err := a.teller(cfg, cfg.DataDir)
	if err != nil {
		return err
	}
	failed := false
	for _, o := range teller.Test(ctx) {
		mark, words := paint(a.stdoutColour(), green, "✓"), "taken"
		if o.Err != nil {
			mark, words, failed = paint(a.stdoutColour(), red, "✗"), "not taken: "+o.Err.Error(), true
		}
		fmt.Fprintf(a.stdout, "%s %s (%s): %s\n", mark, o.Name, strings.TrimSpace(o.Kind+" "+o.Host), words)
	}
	if failed {
		return exitWith(exit.Failed)
	}
	return nil
}

func (a *app) teller(cfg *config.Config, dir string) (*notify.Teller, error) {
	return notify.New(notify.Options{
		Channels: cfg.Notify, Dir: dir, Language: cfg.Report.Language, Zone: cfg.Zone, Names: cfg.Names, Log: a.log, Limits: a.telling,
	})
}

// tell tells people how a run ended, and changes nothing of that.
func (a *app) tell(ctx context.Context, cfg *config.Config, night notify.Night, ended error) {
	if len(cfg.Notify) == 0 {
		return
	}
	dir := cfg.DataDir
	if errors.As(ended, new(*pipeline.TakenError)) {
		dir = "" // which may be another configuration's
	}
	teller, err := a.teller(cfg, dir)
	if err != nil {
		a.log.Error("nobody is told of this run", "error", err)
		return
	}
	teller.Tell(ctx, night)
}

// toldOf is the night as people are told of it: r as far as it went, nil where it
// was not begun, and the error that the command ends with, nil for none.
func toldOf(cfg *config.Config, at time.Time, r *pipeline.Result, ended error) notify.Night {
	n := notify.Night{At: at}
	for _, account := range cfg.Accounts {
		n.Configured = append(n.Configured, account.Driver.Name+"/"+account.Name)
	}
	if ended != nil {
		f := asFailure(ended)
		n.ExitCode = f.code
		if !f.said {
			n.Failure = &notify.Failure{What: f.what, Do: f.do}
			if f.err != nil {
				n.Failure.Why = f.err.Error()
			}
		}
	}
	n.Outcome = exit.Outcome(n.ExitCode)
	if n.ExitCode == exit.Locked {
		n.Outcome = "locked"
	}
	if r != nil {
		fillNight(&n, cfg, r)
	}
	return n
}

func fillNight(n *notify.Night, cfg *config.Config, r *pipeline.Result) {
	n.Run, n.Verdict, n.CutShort, n.Checked = r.RunID, r.Verdict.In(cfg.Report.Language), r.Gap.Died, r.Checked
	for _, day := range r.Gap.Missed {
		n.Missed = append(n.Missed, day.Format(time.DateOnly))
	}
	whole := true
	for i := range r.Accounts {
		if account := &r.Accounts[i]; account.State != "" { // else it was not asked any more
			n.Accounts = append(n.Accounts, accountOf(cfg, account))
			whole = whole && account.State == complete
		}
	}
	if n.ExitCode == exit.Partial && whole || n.ExitCode == exit.Breaks {
		n.InPart = verdict(r)
	}
	for i := range r.OpenBreaks {
		b := &r.OpenBreaks[i]
		told := notify.Break{
			ID: b.ID, Rule: b.Rule, Severity: b.Severity, Title: labels.Words{EN: b.TitleEN, ZH: b.TitleZH},
			Order: strings.TrimSpace(b.Source + "/" + b.Account + " " + b.OrderID), FirstSeen: b.FirstSeen,
		}
		if b.OfAccount {
			told.Order, told.Says = b.Source+"/"+b.Account, labels.Words{EN: b.SaysEN, ZH: b.SaysZH}
		}
		n.Breaks = append(n.Breaks, told)
	}
	for _, file := range []notify.File{{Kind: notify.Workbook, Path: r.Workbook}, {Kind: notify.Page, Path: r.Page}} {
		if file.Path != "" {
			n.Files = append(n.Files, notify.File{Kind: file.Kind, Path: filepath.Clean(file.Path)})
		}
	}
}

func accountOf(cfg *config.Config, r *pipeline.AccountResult) notify.Account {
	account := notify.Account{
		Account: r.Source + "/" + r.Account, State: string(r.State), Orders: r.Orders,
		Inserted: r.Inserted, Updated: r.Updated, Unchanged: r.Unchanged, Rejected: r.Rejected,
		Message: strings.Join(r.Messages, "; "),
	}
	if r.Err != nil {
		account.Message = r.Err.Error()
	}
	if configured := cfg.Find(r.Source, r.Account); configured != nil {
		account.Name = cfg.Names[labels.Account][configured.ID().String()]
	}
	return account
}
