package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/demo"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/reports/figure"
)

func (a *app) demoCommand() *cli.Command {
	return &cli.Command{
		Name:  "demo",
		Usage: "a whole night over five simulated systems; needs nothing but this program",
		Description: "Starts simulators of all five sources on this machine, makes a database and a\n" +
			"workbook from them, and says what to try next. Nothing leaves the machine.\n" +
			"With --case it reads the answers of a case in their place; it ends with 3 where other\n" +
			"rows, findings or breaks come of them than are expected.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "dir", Value: "nightaudit-demo", Usage: "make everything in this `DIR`", TakesFile: true},
			&cli.StringFlag{Name: "case", Usage: "in place of the simulators, play this `CASE` (see nightaudit case) and say whether what comes of it is what is expected", TakesFile: true},
			&cli.StringFlag{Name: "at", Usage: "play at this `INSTANT` (2025-06-01T06:30:00+08:00), not later than now: the same data on any day"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := noArguments(c); err != nil {
				return err
			}
			at, err := a.instant(c)
			if err != nil {
				return err
			}
			file, err := givenText(c, "case")
			switch {
			case err != nil:
				return err
			case file != "" && c.IsSet("at"):
				return usage("--at is about the simulators, and a case has times of its own", "leave --at out")
			case file != "":
				return a.demoCase(ctx, file, c.String("dir"))
			}
			return a.demo(ctx, c.String("dir"), at)
		},
	}
}

// demo plays at an instant; zero is now.
func (a *app) demo(ctx context.Context, dir string, at time.Time) error {
	clock := a.now
	if !at.IsZero() {
		clock = func() time.Time { return at }
	}
	running, err := demo.Start(ctx, dir, demo.StartOptions{Now: clock})
	if err != nil {
		return &failure{code: exit.Failed, what: "the demo did not start", err: err}
	}
	defer running.Close()

	a.configFile = running.ConfigPath
	cfg, err := a.load(clock)
	if err != nil {
		return err
	}
	observer, stop := a.startProgress()
	result, err := pipeline.Run(ctx, cfg, pipeline.Options{Version: versionText(), At: at, Adopt: running.Again, Now: a.now, Observer: a.observers(observer), Log: a.log})
	stop()
	if err != nil {
		return runFailure(cfg, err)
	}
	a.printDemo(result)
	return exitWith(result.ExitCode)
}

func (a *app) printDemo(r *pipeline.Result) {
	t := a.newTable(table.Row{"source", "account", "orders", "state"}, 3)
	var total int64
	for _, account := range r.Accounts {
		total += account.Orders
		t.AppendRow(table.Row{account.Source, account.Account, figure.Count(account.Orders), account.State})
	}
	t.AppendFooter(table.Row{"", "total", figure.Count(total), ""})
	t.Render()
	a.printTroubles(r)
	database, workbook, page := shortPath(r.Database), shortPath(r.Workbook), shortPath(r.Page)
	with := a.program + " %s" + configFlag(shortPath(a.configFile))
	fmt.Fprintf(a.stdout, `
database  %s
workbook  %s
page      %s
breaks    %s: the mismatches planted in the data
run       %s, in %s

Three things to try:
  %s
  %s
  open %s: the morning's workbook
`,
		database, workbook, page, breaksText(r.Book), verdict(r), seconds(r.Duration),
		fmt.Sprintf(with, "query")+` "SELECT rule, explanation_en FROM recon.breaks"`,
		fmt.Sprintf(with, "report")+" --list",
		quoted(workbook))
}

// shortPath is a path relative to the working folder where it lies below it.
func shortPath(file string) string {
	wd, err := filepath.Abs(".")
	if err != nil {
		return file
	}
	rel, err := filepath.Rel(wd, file)
	if err != nil || strings.HasPrefix(rel, "..") {
		return file
	}
	return rel
}

// programName is how the person called this program.
func programName(args []string) string {
	if len(args) > 0 && strings.Contains(args[0], "go-build") {
		return "go run ./cmd/nightaudit" // go run keeps the program in a folder of its own
	}
	return "nightaudit"
}
