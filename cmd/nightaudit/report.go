package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/query"
	"github.com/nightaudit/nightaudit/reports/scratch"
	"github.com/nightaudit/nightaudit/reports/sheets"
	"github.com/nightaudit/nightaudit/reports/shelf"
)

// workbookReport is the name of the reconciliation workbook, beside the reports of
// the catalogue.
const workbookReport = "reconciliation"

func (a *app) reportCommand() *cli.Command {
	return &cli.Command{
		Name:      "report",
		Usage:     "reports from what is loaded",
		ArgsUsage: "[NAME]…",
		Description: "Without NAME: the reconciliation workbook, of the last complete business date\n" +
			"unless a date is given. --list shows the names of all reports.",
		Flags: slices.Concat(csvFlags(), []cli.Flag{
			&cli.StringFlag{Name: "date", Usage: "of this business `DAY` (yyyy-MM-dd)"},
			&cli.StringFlag{Name: "month", Usage: "of this `MONTH` (yyyy-MM)"},
			&cli.StringFlag{Name: "from", Usage: "from this business `DAY` on (yyyy-MM-dd)"},
			&cli.StringFlag{Name: "to", Usage: "up to and with this business `DAY` (yyyy-MM-dd)"},
			&cli.StringFlag{Name: "format", Value: "xlsx", Usage: "`FORMAT`: xlsx, csv, parquet or json"},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, TakesFile: true, Usage: "write to this `DIR`", DefaultText: "report.dir of the configuration"},
			&cli.StringMapFlag{Name: "param", Usage: "a parameter of the report, as `NAME=VALUE`; may be repeated"},
			&cli.BoolFlag{Name: "list", Usage: "list the reports, with --format json for programs"},
			databaseFlag(),
		}, engineFlags("duckdb reads the published database, spark a lake through Spark Connect")),
		Action: a.makeReports,
	}
}

// businessDays is an inclusive range of business dates; both are zero where
// none was given.
type businessDays struct{ from, to time.Time }

func reportDays(c *cli.Command) (businessDays, error) {
	date, of, from, to := c.IsSet("date"), c.IsSet("month"), c.IsSet("from"), c.IsSet("to")
	ways := 0
	for _, is := range []bool{date, of, from || to} {
		if is {
			ways++
		}
	}
	if ways > 1 {
		return businessDays{}, usage("--date, --month and --from with --to are three ways to say one thing", "use one of them")
	}
	switch {
	case of:
		first, err := monthFlag(c)
		return businessDays{first, first.AddDate(0, 1, -1)}, err
	case date:
		d, err := day(c, "date", time.UTC)
		return businessDays{d, d}, err
	case from || to:
		if !from || !to {
			return businessDays{}, usage("--from and --to belong together", "give both, or --date for one day")
		}
		first, err := day(c, "from", time.UTC)
		if err != nil {
			return businessDays{}, err
		}
		last, err := day(c, "to", time.UTC)
		if err != nil {
			return businessDays{}, err
		}
		if last.Before(first) {
			return businessDays{}, usage("--to is before --from", "write the earlier day in --from")
		}
		return businessDays{first, last}, nil
	}
	return businessDays{}, nil
}

func (a *app) makeReports(ctx context.Context, c *cli.Command) error {
	days, err := reportDays(c)
	if err != nil {
		return err
	}
	format := c.String("format")
	if !slices.Contains(catalogue.FileFormats, format) {
		return usage(fmt.Sprintf("--format %q is none", format), "write one of "+strings.Join(catalogue.FileFormats, ", "))
	}
	layout, err := csvLayout(c, format)
	if err != nil {
		return err
	}
	cfg, err := a.loadReader()
	if err != nil {
		return err
	}
	all, err := catalogue.Load(cfg.Report.ExtraDir)
	if err != nil {
		return &failure{code: exit.Usage, what: "the catalogue of reports cannot be read", err: err}
	}
	if c.Bool("list") {
		return a.listReports(all, cfg.Report.Language, c.IsSet("format") && format == "json")
	}
	chosen, err := chooseReports(c, all, days)
	if err != nil {
		return err
	}
	if err := checkEngine(c, chosen); err != nil {
		return err
	}
	dir := c.String("out")
	if dir == "" {
		dir = cfg.Report.Dir
	}
	extra := slices.ContainsFunc(chosen, func(r catalogue.Report) bool { return r.Extra })
	if a.apart() && extra {
		return a.reportApart(ctx, c, cfg, dir)
	}
	var judge shelf.Judge
	refused := false
	if slices.ContainsFunc(chosen, func(r catalogue.Report) bool { return r.Name == workbookReport }) && c.String("database") == "" && c.String("engine") == duckdbEngine {
		judge, refused = a.takeEntries(ctx, cfg, dir)
	}
	open := a.openPublished
	if c.String("engine") == sparkEngine {
		open = func(ctx context.Context, c *cli.Command, _ *config.Config, _ bool) (*reporter, error) {
			return a.openSpark(ctx, c)
		}
	}
	made, err := open(ctx, c, cfg, extra)
	if err != nil {
		return err
	}
	defer made.close()
	notice := func(text string) { a.log.Warn(text) }
	for _, r := range chosen {
		var file string
		if r.Name == workbookReport {
			file, err = made.workbook(ctx, sheets.Options{
				Dir: dir, Language: cfg.Report.Language, From: days.from, To: days.to,
				Timezone: cfg.Zone.String(), Now: a.now, Judge: judge, Notice: notice, Group: cfg.Publish.Group,
			})
		} else {
			file, err = made.export(ctx, r, catalogue.ExportOptions{
				Dir: dir, Format: format, Language: cfg.Report.Language, From: days.from, To: days.to,
				Timezone: cfg.Zone.String(), Params: c.StringMap("param"), Now: a.now, Notice: notice, Group: cfg.Publish.Group, Layout: layout,
			})
		}
		if errors.Is(err, sheets.ErrOtherDatabase) {
			return &failure{code: exit.Usage, what: "the report " + r.Name + " was not made", err: err, do: "name another folder with --out"}
		}
		if err != nil {
			return &failure{code: exit.Failed, what: "the report " + r.Name + " was not made", err: err, do: notByEngine(err)}
		}
		fmt.Fprintln(a.stdout, file)
	}
	if refused {
		return exitWith(exit.Partial)
	}
	return nil
}

// openPublished opens the published database; extra says that people's own SQL will read
// it.
func (a *app) openPublished(_ context.Context, c *cli.Command, cfg *config.Config, extra bool) (*reporter, error) {
	name, err := a.databasePath(c, cfg)
	if err != nil {
		return nil, err
	}
	o := query.OpenOptions{Current: true}
	if !extra {
		o.MemoryLimit = query.ReportMemory()
	}
	db, err := a.openDatabaseWith(name, o)
	if err != nil {
		return nil, err
	}
	return &reporter{workbook: db.workbook, export: db.export, close: db.close}, nil
}

// reportApart makes reports of which some are people's own SQL in a process of its
// own.
func (a *app) reportApart(ctx context.Context, c *cli.Command, cfg *config.Config, dir string) error {
	database, err := a.databasePath(c, cfg)
	if err != nil {
		return err
	}
	return a.runApart(ctx, a.stdin, a.stdout, func(pid int) error {
		return errors.Join(query.Forget(database, pid), disk.Forget(dir, scratch.Prefix, pid))
	})
}

// takeEntries takes what people wrote into the workbooks of the folder before
// one of them is replaced. Where that cannot be done, for whoever reports may
// not use the data folder or a run is at work there, it says so and knows
// nothing: what people saved is kept then. refused says that some of it could not
// be taken.
func (a *app) takeEntries(ctx context.Context, cfg *config.Config, dir string) (judge shelf.Judge, refused bool) {
	books, err := shelf.List(dir)
	if err == nil && !slices.ContainsFunc(books, func(b shelf.Book) bool { return b.Saved }) {
		return nil, false
	}
	var taken *pipeline.Taken
	if err == nil {
		taken, err = pipeline.TakeEntries(ctx, cfg, pipeline.Options{Version: versionText(), By: a.userName(), Now: a.now, Log: a.log}, dir)
	}
	if err != nil {
		a.log.Warn("what people wrote into the workbooks there was not taken: "+err.Error(), "folder", dir)
		return nil, false
	}
	printEntries(a.stderr, taken.Books)
	for _, notice := range taken.Notices {
		a.log.Warn(notice)
	}
	return taken.Judge, slices.ContainsFunc(taken.Books, func(b pipeline.TakenBook) bool { return len(b.Refused) > 0 })
}

// chooseReports finds the reports that were named, and refuses what they
// cannot be asked for.
func chooseReports(c *cli.Command, all []catalogue.Report, days businessDays) ([]catalogue.Report, error) {
	const list = "nightaudit report --list shows them"
	names := c.Args().Slice()
	if len(names) == 0 {
		names = []string{workbookReport}
	}
	var chosen []catalogue.Report
	for _, name := range names {
		r := catalogue.Report{Name: workbookReport}
		if i := slices.IndexFunc(all, func(r catalogue.Report) bool { return r.Name == name }); i >= 0 {
			r = all[i]
		} else if name != workbookReport {
			return nil, usage(fmt.Sprintf("there is no report %q", name), list)
		}
		for param := range c.StringMap("param") {
			if !r.Has(param) {
				return nil, usage(fmt.Sprintf("%s has no parameter %q", name, param), "its file says which it has; "+list)
			}
		}
		switch {
		case name == workbookReport && c.String("format") != "xlsx":
			return nil, usage("the workbook is an xlsx and nothing else", "name a report for --format "+c.String("format")+": "+list)
		case name != workbookReport && !days.to.IsZero() && !r.Has("date_from") && !r.Has("date_to"):
			return nil, usage(name+" has no dates", "leave --date, --month, --from and --to out")
		}
		chosen = append(chosen, r)
	}
	return chosen, nil
}

func (a *app) listReports(all []catalogue.Report, language string, asJSON bool) error {
	title, holds := "Reconciliation workbook", "twelve sheets in one file, from Summary to Orders: what is made without NAME"
	if language == labels.Chinese {
		title, holds = "对账工作簿", "从总览到订单明细共十二张表，合为一个文件；不给 NAME 时即生成它"
	}
	list := []listed{{workbookReport, title, holds, []string{}}}
	for i := range all {
		parameters := []string{}
		for _, p := range all[i].Params {
			parameters = append(parameters, p.Name)
		}
		list = append(list, listed{all[i].Name, all[i].Title.In(language), all[i].Description.In(language), parameters})
	}
	if asJSON {
		return a.printJSON(map[string]any{"version": 1, "reports": list})
	}
	t := a.newTable(table.Row{"name", "title", "what it holds"})
	a.wrapLast(t, 3, 50)
	for _, r := range list {
		t.AppendRow(table.Row{r.Name, r.Title, r.Description})
	}
	t.Render()
	return nil
}
