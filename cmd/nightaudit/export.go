package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jedib0t/go-pretty/v6/progress"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/reports/figure"
	"github.com/nightaudit/nightaudit/reports/lake"
	"github.com/nightaudit/nightaudit/reports/query"
)

func (a *app) exportCommand() *cli.Command {
	return &cli.Command{
		Name:  "export",
		Usage: "the lake: every table as Parquet, by business month",
		Description: "Writes the published database as Parquet files that DuckDB, pandas, Spark and Trino\n" +
			"read as they are, one for each table and month:\n" +
			"DIR/orders/business_month=2026-03/part-0.parquet. A month of more than 8 MB has one\n" +
			"for each account beside it (part-soms-retail.parquet). Lines of an order are in\n" +
			"their order's month; what has no business date is in\n" +
			"business_month=__HIVE_DEFAULT_PARTITION__, which is read as null. Only files whose\n" +
			"rows have changed since the last export are written; DIR/manifest.json says what\n" +
			"belongs to the lake.\n\n" +
			"With --format iceberg commits it to a lake of Apache Iceberg, in one snapshot of each\n" +
			"table that has changed. --warehouse is the folder of its files, or s3://BUCKET/PREFIX;\n" +
			"--catalog is sqlite:///PATH (catalog.db in that folder where nothing is said),\n" +
			"postgres://USER@HOST/DATABASE, whose password PGPASSWORD holds, or https:// of a REST\n" +
			"catalog. Without both, lake: of the configuration.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Value: "parquet", Usage: "`FORMAT` of the lake: parquet, or iceberg"},
			&cli.StringFlag{Name: "to", TakesFile: true, Usage: "the lake's `DIR`: new, empty, or an earlier export of this database"},
			&cli.StringFlag{Name: "catalog", Usage: "`URI` of the Iceberg catalog"},
			&cli.StringFlag{Name: "warehouse", TakesFile: true, Usage: "`PLACE` of the Iceberg lake: a folder, or s3://BUCKET/PREFIX"},
			databaseFlag(),
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := noArguments(c); err != nil {
				return err
			}
			switch c.String("format") {
			case "iceberg":
				return a.exportIceberg(ctx, c)
			case "parquet":
			default:
				return usage(fmt.Sprintf("--format %q is no format of a lake", c.String("format")), "write parquet or iceberg")
			}
			if c.String("catalog") != "" || c.String("warehouse") != "" {
				return usage("--catalog and --warehouse are of an Iceberg lake", "add --format iceberg, or leave them out")
			}
			if c.String("to") == "" {
				return usage("export needs --to DIR", "name the folder of the lake: --to ./lake")
			}
			file, err := a.databasePath(c, nil)
			if err != nil {
				return err
			}
			return a.export(ctx, file, c.String("to"))
		},
	}
}

func (a *app) export(ctx context.Context, database, dir string) error {
	db, err := a.openDatabaseWith(database, query.OpenOptions{AllowFiles: true})
	if err != nil {
		return err
	}
	defer db.close()
	show, stop := a.showExport()
	observe := func(p lake.Progress) { show(p.Table, p.File, p.Number, p.Tables) }
	result, err := db.lake(ctx, lake.Options{Dir: dir, Progress: observe})
	stop()
	switch {
	case errors.Is(err, lake.ErrLocked):
		return &failure{code: exit.Locked, what: "the lake was not written", err: err, do: "wait for the other export to end, then export again"}
	case errors.Is(err, lake.ErrForeign):
		return &failure{code: exit.Failed, what: "the lake was not written", err: err, do: "name another folder with --to, or empty this one if nobody needs it"}
	case err != nil:
		return &failure{code: exit.Failed, what: "the lake is not up to date", err: err, do: "export again: what was there before is whole", again: "export again: what was there before is whole"}
	}
	a.printExport(dir, result)
	return nil
}

func (a *app) printExport(dir string, r *lake.Result) {
	t := a.newTable(table.Row{"table", "rows", "partitions", "written", "bytes"}, 2, 3, 4, 5)
	files, written := 0, 0
	for i := range r.Manifest.Tables {
		m := &r.Manifest.Tables[i]
		var size int64
		for _, p := range m.Partitions {
			size += p.Bytes
		}
		files += len(m.Partitions)
		written += r.Written[m.Name]
		t.AppendRow(table.Row{m.Folder, figure.Count(m.Rows), figure.Count(int64(len(m.Partitions))), figure.Count(int64(r.Written[m.Name])), figure.Count(size)})
	}
	t.Render()
	fmt.Fprintln(a.stdout)
	fmt.Fprintf(a.stdout, "lake      %s\n", dir)
	fmt.Fprintf(a.stdout, "written   %d of %s, %d removed\n", written, plural(int64(files), "partition", "partitions"), r.Removed)
}

// showExport draws how far the export has come, where progress is drawn.
func (a *app) showExport() (show func(name string, file, number, tables int), stop func()) {
	observer, stop := a.startProgress()
	view, ok := observer.(*progressView)
	if !ok {
		return func(string, int, int, int) {}, stop
	}
	t := &progress.Tracker{Message: "export", Units: progress.Units{Notation: " tables", NotationPosition: progress.UnitsNotationPositionAfter, Formatter: figure.Count}}
	view.writer.AppendTracker(t)
	show = func(name string, file, number, tables int) {
		message := name
		if file > 0 {
			message = fmt.Sprintf("%s  file %d", name, file)
		}
		t.UpdateMessage(message)
		t.UpdateTotal(int64(tables))
		t.SetValue(int64(number - 1))
	}
	return show, func() {
		t.MarkAsDone()
		stop()
	}
}
