package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/reports/figure"
	"github.com/nightaudit/nightaudit/reports/filled"
	"github.com/nightaudit/nightaudit/reports/labels"
)

func (a *app) annotateCommand() *cli.Command {
	return &cli.Command{
		Name:      "annotate",
		Usage:     "take the status, owner and comment that finance filled in back into the database",
		ArgsUsage: "BOOK.xlsx",
		Description: "Reads the sheet of breaks of a reconciliation workbook, in either language, whatever was\n" +
			"sorted, filtered, hidden or deleted in it. Only cells that were changed in the workbook\n" +
			"count. Where somebody else has changed the same cell since, the newer entry counts, and\n" +
			"the one before stays in recon.annotations. The workbook itself is not changed; the next\n" +
			"one shows what was taken. Where something could not be taken, the exit code is 3.\n\n" +
			"A workbook that was saved where it lies, in the folder of reports, needs no annotate:\n" +
			"the next run takes what was written in it.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "dry-run", Usage: "only tell what would be taken"},
			adoptFlag(),
			&cli.StringFlag{Name: "author", DefaultText: "who saved the workbook last", Usage: "who wrote it, the `NAME` that is kept with it"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.Args().Len() != 1 {
				return usage("annotate takes one workbook", "nightaudit annotate BOOK.xlsx")
			}
			return a.annotate(ctx, c)
		},
	}
}

func (a *app) annotate(ctx context.Context, c *cli.Command) error {
	by, err := osUser()
	if err != nil {
		return err
	}
	cfg, err := a.loadReader()
	if err != nil {
		return err
	}
	book := c.Args().First()
	observer, stop := a.startProgress()
	result, err := pipeline.Annotate(ctx, cfg, pipeline.AnnotateOptions{
		Options:  pipeline.Options{Version: versionText(), Now: a.now, By: by, Adopt: c.Bool("adopt"), Observer: observer, Log: a.log},
		Workbook: book, Author: c.String("author"), DryRun: c.Bool("dry-run"),
	})
	stop()
	if err != nil {
		return annotateFailure(cfg, book, err)
	}
	a.printAnnotated(result, c.Bool("dry-run"))
	if result.Refused > 0 {
		return exitWith(exit.Partial)
	}
	return nil
}

// annotateFailure tells why nothing was taken.
func annotateFailure(cfg *config.Config, book string, err error) *failure {
	f := &failure{code: exit.Failed, what: "nothing was taken from " + book, err: err}
	switch {
	case errors.Is(err, pipeline.ErrLocked) || isTaken(err):
		return runFailure(cfg, err)
	case errors.Is(err, filled.ErrNoWorkbook):
		f.code, f.do = exit.Usage, "name the workbook that was filled in"
	case errors.Is(err, filled.ErrOtherKind):
		return inWords(cfg, f, "open it, save it as .xlsx (Excel workbook), and give that file to annotate")
	case errors.Is(err, filled.ErrProtected):
		return inWords(cfg, f, "save it without a password, and give that file to annotate")
	case errors.Is(err, filled.ErrDamaged), errors.Is(err, filled.ErrTooMuch):
		return inWords(cfg, f, "") // why says what to do
	case errors.Is(err, filled.ErrNotWorkbook):
		f.do = "take the reconciliation workbook itself: a copy of its sheets in another file does not say what it is of"
	case errors.Is(err, pipeline.ErrOtherDatabase):
		f.do = "name with --config the configuration that the workbook was made with"
	}
	return f
}

// inWords puts what to do, and why, into the language of the reports: whoever
// saved the workbook so may not read English.
func inWords(cfg *config.Config, f *failure, do string) *failure {
	words, err := labels.Load()
	if err != nil {
		f.do = do
		return f
	}
	f.err, f.do = errors.New(words.Say(cfg.Report.Language, f.err.Error())), words.Say(cfg.Report.Language, do)
	return f
}

// printAnnotated prints what was taken, and what was not and why.
func (a *app) printAnnotated(r *pipeline.AnnotateResult, dryRun bool) {
	t := a.newTable(table.Row{"place", "break", "order", "taken"})
	counts := map[string]int64{}
	remarks := r.Remarks
	for _, d := range r.Rows {
		counts[d.Outcome]++
		if d.Outcome == load.Accepted {
			t.AppendRow(table.Row{d.Place, d.Break.Rule, orderOf(d.Break), strings.Join(d.Accepted, ", ")})
		}
		for _, note := range d.Notes {
			remarks = append(remarks, d.Place+": "+note)
		}
	}
	if r.Taken > 0 {
		t.Render()
		fmt.Fprintln(a.stdout)
	}
	for _, remark := range remarks {
		fmt.Fprintln(a.stdout, remark)
	}
	verb := "taken"
	if dryRun {
		verb = "would be taken"
	}
	fmt.Fprintf(a.stdout, "breaks    %s %s; %s unchanged, %s refused, %s unknown\n", figure.Count(int64(r.Taken)), verb,
		figure.Count(counts[load.Unchanged]), figure.Count(counts[load.Refused]), figure.Count(counts[load.Unknown]))
	fmt.Fprintf(a.stdout, "author    %s\n", r.Author)
	if r.Database != "" {
		fmt.Fprintf(a.stdout, "database  %s\n", r.Database)
	}
	for _, notice := range r.Notices {
		a.log.Warn(notice)
	}
}

// orderOf names the order of a break, and its line.
func orderOf(b load.BreakState) string {
	order := b.Source + "/" + b.Account + " " + b.OrderID
	if b.Line != 0 {
		order += fmt.Sprintf(" line %d", b.Line)
	}
	return order
}
