package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/notify"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/figure"
	"github.com/nightaudit/nightaudit/sql"
)

// complete is the state of an account of which nothing is missing.
const complete = "complete"

// sourceFlag and accountFlag choose accounts of the configuration (config.Choose).
func sourceFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "source", Usage: "only accounts of this `SOURCE`; may be repeated"}
}

func accountFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "account", Usage: "only this `ACCOUNT`; may be repeated"}
}

func (a *app) runCommand() *cli.Command {
	return &cli.Command{
		Name:  "run",
		Usage: "one night: extract, transform, load, check, publish, report",
		Description: "Exit codes: 0 done; 1 failed, nothing was published; 2 usage or configuration;\n" +
			"3 done in part, the report says what is missing; 4 another run is at work;\n" +
			"5 breaks at or above --fail-on.\n\n" +
			"Ctrl-C ends a run cleanly: what was landed is kept, the next run goes on from it.",
		Flags: []cli.Flag{
			sourceFlag(), accountFlag(),
			&cli.StringFlag{Name: "since", Usage: "re-read orders created from this `DAY` on (yyyy-MM-dd)"},
			&cli.StringFlag{Name: "until", Usage: "re-read orders created before this `DAY` (yyyy-MM-dd)"},
			&cli.BoolFlag{Name: "full", Usage: "re-read everything since each account's own since"},
			&cli.BoolFlag{Name: "dry-run", Usage: "print the plan and load nothing"},
			adoptFlag(),
			&cli.BoolFlag{Name: "no-report", Usage: "publish the database without a workbook"},
			&cli.StringFlag{Name: "fail-on", Usage: "exit with 5 if breaks of this `SEVERITY` or above are open: info, warning or error"},
			&cli.IntFlag{Name: "allow-rejects", Usage: "refuse up to `N` rows without exit code 3"},
			formatFlag(),
			&cli.StringFlag{Name: "at", Usage: "give the night this `INSTANT` as its clock (2024-04-11T03:00:00+08:00), not later than now"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := noArguments(c); err != nil {
				return err
			}
			return a.run(ctx, c)
		},
	}
}

func (a *app) run(ctx context.Context, c *cli.Command) error {
	o, err := a.runOptions(c)
	if err != nil {
		return err
	}
	clock := a.now
	if !o.At.IsZero() {
		clock = func() time.Time { return o.At }
	}
	var most extract.HTTPLimits
	if c.Bool("dry-run") {
		most = checkLimits // a person waits
	}
	cfg, err := a.loadFor(clock, most)
	if err != nil {
		return err
	}
	if err := a.runRange(c, cfg.Zone, &o); err != nil {
		return err
	}
	chosen, err := cfg.Choose(o.Sources, o.Accounts)
	if err != nil {
		return chooseFailure(err)
	}
	if !o.Since.IsZero() {
		a.warnUnfiltered(chosen)
	}
	asJSON, err := wantsJSON(c)
	if err != nil {
		return err
	}
	if c.Bool("dry-run") {
		if asJSON {
			return usage("--format json is of a run, and the plan of --dry-run is for people", "leave one of them out")
		}
		return a.dryRun(ctx, cfg, o)
	}
	a.noticeAccess(cfg)
	o.ListBreaks = notify.Severities(cfg.Notify)
	healthcheck := notify.NewHealthcheck(cfg.Healthcheck, a.log, a.telling)
	healthcheck.Started(ctx)
	programs := a.observe(ctx, cfg)
	progress, stop := a.startProgress()
	o.Observer = a.observers(progress, programs.telemetry.Observer(), programs.lineage.Observer())
	begins := a.begins(cfg)
	result, err := pipeline.Run(ctx, cfg, o)
	stop()
	ended := a.runEnded(cfg, result, err, asJSON)
	if begins && err == nil && !asJSON {
		fmt.Fprintf(a.stdout, "\nNext: open the workbook. nightaudit status%s says how things stand, and docs/install.md how\n"+
			"a night runs by itself.\n", configFlag(a.configFile))
	}
	night := toldOf(cfg, clock(), result, ended)
	if asJSON {
		err = a.printJSON(ranNight(&night, result))
	}
	programs.ended(ctx, &night, result)
	if ctx.Err() == nil { // a run that was stopped on request ends at once
		a.tell(ctx, cfg, night, ended)
		healthcheck.Ended(ctx, night.ExitCode)
	}
	if ended == nil && asJSON {
		return err
	}
	return ended
}

// runEnded prints how a run ended, and gives the error that says so.
func (a *app) runEnded(cfg *config.Config, r *pipeline.Result, err error, asJSON bool) error {
	if errors.Is(err, pipeline.ErrNothingCame) && !asJSON {
		a.printAccounts(r)
	}
	if err != nil {
		return runFailure(cfg, err)
	}
	if !asJSON && (!a.quiet || r.ExitCode != exit.Done) {
		a.printRun(r)
	}
	return exitWith(r.ExitCode)
}

// runOptions reads the flags that mean the same in every time zone.
func (a *app) runOptions(c *cli.Command) (pipeline.Options, error) {
	o := pipeline.Options{
		Sources: c.StringSlice("source"), Accounts: c.StringSlice("account"),
		Full: c.Bool("full"), Adopt: c.Bool("adopt"), NoReport: c.Bool("no-report"),
		FailOn: c.String("fail-on"), AllowRejects: c.Int("allow-rejects"),
		Version: versionText(), By: a.userName(), Now: a.now, Log: a.log,
	}
	var err error
	if o.At, err = a.instant(c); err != nil {
		return o, err
	}
	if o.FailOn != "" && sql.AtOrAbove(o.FailOn) == nil {
		return o, usage(fmt.Sprintf("--fail-on %q is no severity", o.FailOn), "write info, warning or error")
	}
	if o.AllowRejects < 0 {
		return o, usage("--allow-rejects is negative", "write the number of rows that may be refused, 0 or more")
	}
	return o, nil
}

// runRange reads --since and --until, whose days begin at midnight of zone.
func (a *app) runRange(c *cli.Command, zone *time.Location, o *pipeline.Options) (err error) {
	at := o.At
	if at.IsZero() {
		at = a.now()
	}
	if o.Since, err = pastDay(c, "since", zone, at); err != nil {
		return err
	}
	if o.Until, err = pastDay(c, "until", zone, at.AddDate(0, 0, 1)); err != nil {
		return err
	}
	switch {
	case o.Full && !o.Since.IsZero():
		return usage("--full and --since contradict each other", "--full re-reads everything; leave one of them out")
	case !o.Until.IsZero() && o.Since.IsZero():
		return usage("--until stands without --since", "give both: --until ends the range that --since begins")
	case !o.Until.IsZero() && !o.Until.After(o.Since):
		return usage("--until is not after --since", "--until is exclusive: for one day, write the next one")
	}
	return nil
}

// chooseFailure tells what is wrong with --source or --account.
func chooseFailure(err error) error {
	var refused *config.ChoiceError
	switch {
	case !errors.As(err, &refused):
		return err
	case refused.Disabled:
		return usage(fmt.Sprintf("--%s %s is disabled", refused.Kind, refused.Name), "take enabled: false out of the configuration")
	}
	return usage(fmt.Sprintf("--%s %s chooses no account", refused.Kind, refused.Name), "the configuration has "+strings.Join(refused.Known, ", "))
}

// warnUnfiltered says which accounts cannot be asked by creation date.
func (a *app) warnUnfiltered(accounts []config.Account) {
	for _, account := range accounts {
		if !account.Driver.CreationFilter {
			a.log.Warn("the vendor has no filter by creation date: --since and --until do not apply", "source", account.Driver.Name, "account", account.Name)
		}
	}
}

// runFailure tells why a run failed.
func runFailure(cfg *config.Config, err error) *failure {
	var published *pipeline.PublishedError
	var lake *pipeline.LakeError
	switch {
	case errors.As(err, &published):
		return &failure{code: exit.Failed, what: "the night is published, but that it ended could not be noted", err: published.Err, do: "run again: it is published once more"}
	case errors.As(err, &lake):
		return lakeFailure("the night is published, but the lake is not up to date", lake.Err)
	case errors.Is(err, pipeline.ErrLocked):
		f := &failure{code: exit.Locked, what: "another run is at work in " + cfg.DataDir, do: "wait until it has ended; nothing was changed"}
		if held, ok := errors.AsType[*disk.HeldError](err); ok {
			f.err = held
		}
		return f
	case errors.As(err, new(*pipeline.BasisError)):
		return basisFailure(err)
	case isTaken(err):
		return takenFailure(err)
	case errors.Is(err, pipeline.ErrEarlier), errors.Is(err, pipeline.ErrClockAhead), errors.As(err, new(*pipeline.MovedError)):
		return &failure{code: exit.Usage, what: "the night was not begun", err: err}
	case errors.Is(err, pipeline.ErrNothingCame):
		return &failure{
			code: exit.Failed, what: "every account failed; the published database and reports are as they were", err: err,
			do: "mend what is said of each account, then run again; nightaudit check tries them without loading anything",
		}
	}
	return &failure{code: exit.Failed, what: "the night failed; the published database and reports are as they were", err: err}
}

// basisFailure tells of a configuration to which the rows that are there cannot
// be brought.
func basisFailure(err error) *failure {
	return &failure{
		code: exit.Usage, what: "the configuration says what rows that are there cannot be brought to; nothing was read and nothing was changed", err: err,
		do: "put the old value back; or load everything anew under this configuration: another data_dir, publish.dir and report.dir, then nightaudit run --full",
	}
}

// printAccounts prints what a run brought of each account, and what is wrong
// with which.
func (a *app) printAccounts(r *pipeline.Result) {
	t := a.newTable(table.Row{"account", "state", "orders", "new", "changed", "unchanged", "rejected"}, 3, 4, 5, 6, 7)
	for _, account := range r.Accounts {
		t.AppendRow(table.Row{
			account.Source + "/" + account.Account, account.State, figure.Count(account.Orders), figure.Count(account.Inserted),
			figure.Count(account.Updated), figure.Count(account.Unchanged), figure.Count(account.Rejected),
		})
	}
	t.Render()
	a.printTroubles(r)
	printEntries(a.stdout, r.Entries)
}

// printEntries prints what was taken from the workbooks that people had saved,
// and what was not and why.
func printEntries(w io.Writer, books []pipeline.TakenBook) {
	for _, b := range books {
		name := filepath.Base(b.Workbook)
		if b.Taken > 0 {
			fmt.Fprintf(w, "%s: entries on %s taken, written by %s\n", name, plural(int64(b.Taken), "break", "breaks"), b.Author)
		}
		for _, remark := range b.Remarks {
			fmt.Fprintf(w, "%s: %s\n", name, remark)
		}
		for _, why := range b.Refused {
			fmt.Fprintf(w, "%s: not taken: %s\n", name, why)
		}
	}
}

// printRun prints how a run ended.
func (a *app) printRun(r *pipeline.Result) {
	a.printAccounts(r)
	fmt.Fprintln(a.stdout)
	fmt.Fprintf(a.stdout, "breaks    %s\n", breaksText(r.Book))
	for _, line := range notTakenText(&r.NotTaken) {
		a.sayf("%s", line)
	}
	if r.Database != "" {
		fmt.Fprintf(a.stdout, "database  %s\n", r.Database)
	}
	if r.Workbook != "" {
		fmt.Fprintf(a.stdout, "workbook  %s\npage      %s\n", r.Workbook, r.Page)
	}
	if r.Lake != nil {
		fmt.Fprintf(a.stdout, "lake      %s\n", lakeText(r.Lake))
	}
	if r.Verdict.EN != "" {
		fmt.Fprintf(a.stdout, "book      %s\n", r.Verdict.EN)
	}
	if len(r.Earlier) > 0 {
		fmt.Fprintf(a.stdout, "          and %s of dates that have become over or moved since: %s\n", plural(int64(len(r.Earlier)), "workbook", "workbooks"), bookNames(r.Earlier))
	}
	a.sayf("run       %s, %s, %s", r.RunID, verdict(r), seconds(r.Duration))
	for _, notice := range r.Notices {
		a.log.Warn(notice)
	}
}

// printTroubles says what is wrong with which account.
func (a *app) printTroubles(r *pipeline.Result) {
	for _, account := range r.Accounts {
		for _, message := range account.Messages {
			a.sayf("%s/%s: %s", account.Source, account.Account, message)
		}
		if account.Err != nil {
			a.sayf("%s/%s: %v", account.Source, account.Account, account.Err)
		}
	}
}

// bookNames are the names of workbooks, or of so many as fit on a line.
func bookNames(paths []string) string {
	const most = 5
	names := make([]string, 0, most)
	for _, path := range paths[max(0, len(paths)-most):] {
		names = append(names, filepath.Base(path))
	}
	text := strings.Join(names, ", ")
	if len(paths) > most {
		text = "…, " + text
	}
	return text
}

// breaksText is the headline of a book's breaks, as its Summary counts them.
func breaksText(b load.BookBreaks) string {
	text := "none open"
	if open := bySeverity(b.Open); open != "" {
		text = open + " open"
	}
	if explained := bySeverity(b.Explained); explained != "" {
		text += "; " + explained + " explained"
	}
	if b.Carried > 0 {
		text += fmt.Sprintf("; %d carried forward", b.Carried)
	}
	if b.Later > 0 {
		text += fmt.Sprintf("; %d of dates that are not over", b.Later)
	}
	return text
}

func bySeverity(counts map[string]int) string {
	var parts []string
	for _, severity := range slices.Backward(sql.Severities) {
		if n := counts[severity]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, severity))
		}
	}
	return strings.Join(parts, ", ")
}

// verdict is the night in a word, by its exit code.
func verdict(r *pipeline.Result) string {
	switch r.ExitCode {
	case exit.Partial:
		var bad []string
		for _, account := range r.Accounts {
			if account.State != complete {
				bad = append(bad, fmt.Sprintf("%s/%s %s", account.Source, account.Account, account.State))
			}
		}
		switch {
		case bad == nil && r.Strangers > 0:
			return "done, with orders of " + plural(int64(r.Strangers), "account", "accounts") + " that the configuration does not name"
		case bad == nil:
			return "done in part: this run refused " + plural(r.Rejected, "row", "rows")
		}
		return "done in part: " + strings.Join(bad, ", ")
	case exit.Breaks:
		return "done, with breaks at or above --fail-on"
	}
	return "done"
}
