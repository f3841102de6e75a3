package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/figure"
	"github.com/nightaudit/nightaudit/reports/iceberg"
	"github.com/nightaudit/nightaudit/reports/query"
)

func (a *app) lakeCommand() *cli.Command {
	where := func(more ...cli.Flag) []cli.Flag {
		return append(more,
			&cli.StringFlag{Name: "catalog", Usage: "`URI` of the Iceberg catalog"},
			&cli.StringFlag{Name: "warehouse", TakesFile: true, Usage: "`DIR` of the Iceberg lake"},
			formatFlag())
	}
	return &cli.Command{
		Name:  "lake",
		Usage: "the Iceberg lake: its nights, and whether they are as they were committed",
		Action: func(_ context.Context, c *cli.Command) error {
			if !c.Args().Present() {
				return cli.ShowSubcommandHelp(c)
			}
			return usage(fmt.Sprintf("there is no command %q of lake", c.Args().First()), "nightaudit lake list, or nightaudit lake verify")
		},
		Commands: []*cli.Command{
			{
				Name:  "list",
				Usage: "the nights that the lake holds: rows, tables changed, files and bytes written",
				Description: "Reads what the snapshots state, and no file of rows. Without --warehouse, the lake of\n" +
					"the configuration.",
				Flags: where(), Action: a.lakeList,
			},
			{
				Name:  "verify",
				Usage: "compare a night's snapshots with their files, and with what was published that night",
				Description: "For each table of a night: the rows and the sums of money, by currency, that its snapshot\n" +
					"states, those that DuckDB finds in the very files that the snapshot lists, and those of the\n" +
					"database that was published that night, where it is at hand: the published one, an\n" +
					"earlier one beside it, or --database. Each file is read to its end, and the digest of its\n" +
					"rows compared with the one that it is named by. Rows are compared with the published\n" +
					"database's, to the first that is not the same: its key is told, and no personal value.\n" +
					"Without --run the last night of each database that the lake holds. Changes nothing. Exit\n" +
					"code 3 where something is not as it was committed. With --engine spark the rows and\n" +
					"sums are compared with those, too, that Spark finds in that night's snapshots.",
				Flags: where(slices.Concat([]cli.Flag{
					&cli.StringFlag{Name: "run", Usage: "the night of this `RUN`, or of the one that begins so"}, databaseFlag(),
					&cli.StringFlag{Name: "engine-catalog", DefaultText: "the one that the server takes", Usage: "with --engine spark: the `NAME` of the lake's catalog there"},
				}, serverFlags("whose totals are compared: duckdb alone, or spark too, through Spark Connect"))...), Action: a.lakeVerify,
			},
		},
	}
}

// openLake opens the lake of the flags or of the configuration, which is nil where only
// flags were read. It must be there.
func (a *app) openLake(ctx context.Context, c *cli.Command) (*iceberg.Lake, *config.Config, error) {
	if err := noArguments(c); err != nil {
		return nil, nil, err
	}
	o, cfg, err := a.lakeOptions(c)
	if err != nil {
		return nil, nil, err
	}
	lake, err := iceberg.Look(ctx, o)
	switch {
	case errors.Is(err, iceberg.ErrAddress):
		return nil, nil, usage(err.Error(), "mend lake: in the configuration, or the flags")
	case err != nil:
		return nil, nil, &failure{code: exit.Failed, what: "the lake cannot be read", err: err, do: "see that the folder and the catalog are those to which nights are committed"}
	}
	return lake, cfg, nil
}

func (a *app) lakeList(ctx context.Context, c *cli.Command) (err error) {
	asJSON, err := wantsJSON(c)
	if err != nil {
		return err
	}
	lake, _, err := a.openLake(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lake.Close()) }()
	list, err := lake.List(ctx)
	if err != nil {
		return &failure{code: exit.Failed, what: "the lake cannot be read", err: err}
	}
	if asJSON {
		return a.printJSON(map[string]any{"version": 1, "nights": list})
	}
	if len(list) == 0 {
		fmt.Fprintln(a.stdout, "no night yet")
		return nil
	}
	t := a.newTable(table.Row{"run", "published", "database", "rows", "tables changed", "files written", "bytes"}, 4, 5, 6, 7)
	for _, n := range list {
		t.AppendRow(table.Row{n.Run, n.PublishedAt, n.Database, figure.Count(n.Rows), n.Changed, figure.Count(n.Written), figure.Count(n.Bytes)})
	}
	t.Render()
	return nil
}

func (a *app) lakeVerify(ctx context.Context, c *cli.Command) (err error) {
	asJSON, err := wantsJSON(c)
	if err != nil {
		return err
	}
	engine, err := engineOf(c, "engine-catalog")
	if err != nil {
		return err
	}
	lake, cfg, err := a.openLake(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lake.Close()) }()
	o := pipeline.ProveLakeOptions{Run: c.String("run"), Memory: query.ReportMemory(), Unreadable: func(file string, err error) {
		a.log.Warn("a database was passed over", "file", file, "error", err)
	}}
	if o.Databases, err = a.databasesToCompare(ctx, c, cfg); err != nil {
		return err
	}
	if cfg != nil {
		o.Memory = cmp.Or(cfg.MemoryLimit, o.Memory)
	}
	if engine == sparkEngine {
		through, failed := a.lakeThroughSpark(ctx, c, c.String("engine-catalog"))
		if failed != nil {
			return failed
		}
		defer func() { err = errors.Join(err, through.Close()) }()
		o.Engine = through
	}
	proofs, err := pipeline.ProveLake(ctx, lake, o)
	switch {
	case errors.Is(err, iceberg.ErrNoNight):
		return usage(err.Error(), "nightaudit lake list lists them")
	case err != nil:
		return &failure{code: exit.Failed, what: "the lake could not be verified", err: err, again: "verify again: nothing was changed"}
	}
	findings := 0
	for i := range proofs {
		findings += len(proofs[i].Findings)
	}
	if asJSON {
		err = a.printJSON(map[string]any{"version": 1, "nights": proofs})
	} else {
		for i := range proofs {
			a.printLakeProof(&proofs[i])
		}
	}
	if err == nil && findings > 0 {
		return exitWith(exit.Partial)
	}
	return err
}

// databasesToCompare are those among which the nights' own are looked for. A lake that
// flags name can be verified where there is no configuration.
func (a *app) databasesToCompare(ctx context.Context, c *cli.Command, cfg *config.Config) ([]string, error) {
	if file := c.String("database"); file != "" {
		return []string{file}, nil
	}
	if cfg == nil {
		var err error
		if cfg, err = a.loadReader(); err != nil {
			return nil, nil //nolint:nilerr // that no row was compared is said
		}
	}
	return pipeline.PublishedDatabases(ctx, cfg.Publish.Dir)
}

func (a *app) printLakeProof(p *pipeline.LakeProof) {
	asked := slices.ContainsFunc(p.Tables, func(t iceberg.ProvenTable) bool { return t.Rows.Engine != nil })
	row := func(cells ...any) table.Row {
		if !asked {
			cells = slices.Delete(cells, 4, 5) // the engine's
		}
		return cells
	}
	figures := func(name, what string, f *iceberg.Figure) table.Row {
		return row(name, what, numberText(f.Stated), numberText(f.Counted), numberText(f.Engine), numberText(f.Published))
	}
	header := row("table", "what", "stated", "counted", "engine", "published")
	rows := a.newTable(header, []int{3, 4, 5, 6}[:len(header)-2]...)
	var files, totals int
	var bytes int64
	for i := range p.Tables {
		t := &p.Tables[i]
		files, bytes, totals = files+t.Files, bytes+t.Bytes, totals+len(t.Totals)
		rows.AppendRow(figures(t.Table, "rows", &t.Rows))
		for _, s := range t.Totals {
			rows.AppendRow(figures("", s.Column+" "+s.Currency, &s.Figure))
		}
	}
	rows.Render()
	fmt.Fprintln(a.stdout)
	if len(p.Findings) > 0 {
		t := a.newTable(table.Row{"what", "table", "where", "why"})
		for _, f := range p.Findings {
			t.AppendRow(table.Row{f.Kind, f.Table, cmp.Or(f.File, f.Key), f.Text})
		}
		t.Render()
		fmt.Fprintln(a.stdout)
	}
	for _, notice := range p.Notices {
		fmt.Fprintf(a.stdout, "note      %s\n", notice)
	}
	fmt.Fprintf(a.stdout, "verified  run %s: %s, %s (%s), %s", p.Run, plural(int64(len(p.Tables)), "table", "tables"),
		plural(int64(files), "file", "files"), disk.Size(bytes), plural(int64(totals), "total", "totals"))
	if p.Compared != "" {
		fmt.Fprintf(a.stdout, "; every row compared with %s", p.Compared)
	}
	fmt.Fprintf(a.stdout, "; %s\n", plural(int64(len(p.Findings)), "finding", "findings"))
}

func numberText(n *json.Number) string {
	if n == nil {
		return ""
	}
	return n.String()
}
