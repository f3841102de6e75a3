package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/reports/figure"
	"github.com/nightaudit/nightaudit/reports/iceberg"
	"github.com/nightaudit/nightaudit/reports/query"
)

// exportIceberg commits the published database to an Iceberg lake.
func (a *app) exportIceberg(ctx context.Context, c *cli.Command) (err error) {
	if c.String("to") != "" {
		return usage("--to is of a lake of plain Parquet", "name the folder of the Iceberg lake with --warehouse")
	}
	o, cfg, err := a.lakeOptions(c)
	if err != nil {
		return err
	}
	file, err := a.databasePath(c, cfg)
	if err != nil {
		return err
	}
	db, err := a.openDatabaseWith(file, query.OpenOptions{AllowFiles: true})
	if err != nil {
		return err
	}
	defer db.close()
	show, stop := a.showExport()
	o.Progress = func(p iceberg.Progress) { show(p.Table, 0, p.Number, p.Tables) }
	lake, err := iceberg.Open(ctx, o)
	var result *iceberg.Result
	if err == nil {
		result, err = db.iceberg(ctx, lake)
		err = errors.Join(err, lake.Close())
	}
	stop()
	if errors.Is(err, iceberg.ErrUntidy) {
		a.log.Warn(err.Error())
		err = nil
	}
	if err != nil {
		return lakeFailure("the lake is not up to date", err)
	}
	a.printIceberg(o.Warehouse, result)
	return nil
}

// lakeOptions are those of the flags, else those of the configuration, which is nil where
// nothing needs it.
func (a *app) lakeOptions(c *cli.Command) (o iceberg.Options, cfg *config.Config, err error) {
	catalog, warehouse := c.String("catalog"), c.String("warehouse")
	switch {
	case warehouse == "" && catalog != "":
		return o, nil, usage("--catalog stands without --warehouse", "name the folder of the lake: --warehouse /srv/lake")
	case warehouse == "":
		if cfg, err = a.loadWith(config.Options{Reader: true, Lake: true}); err != nil {
			return o, nil, err
		}
		if cfg.Lake == nil {
			return o, nil, usage("no lake is named: --warehouse DIR is missing", "name the folder of the lake: --warehouse /srv/lake, or write lake: into the configuration")
		}
		return pipeline.LakeOptions(cfg.Lake), cfg, nil
	}
	if holdsSecret(catalog) {
		return o, nil, usage("--catalog holds a password, which every user of this machine can read there", "leave it out and set PGPASSWORD, or write lake.catalog into the configuration, with ${NAME} in its place")
	}
	if !strings.Contains(warehouse, "://") {
		if warehouse, err = filepath.Abs(warehouse); err != nil {
			return o, nil, err
		}
	}
	o = iceberg.Options{Catalog: catalog, Warehouse: warehouse}
	if err := iceberg.Check(o); err != nil {
		return o, nil, usage(err.Error(), "nightaudit export --help says which addresses there are")
	}
	return o, nil, nil
}

// holdsSecret says whether an address has a password, or of a REST catalog a token.
func holdsSecret(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return false
	}
	_, password := u.User.Password()
	return password || strings.HasPrefix(u.Scheme, "http")
}

// lakeFailure tells why a lake is not up to date.
func lakeFailure(what string, err error) *failure {
	f := &failure{code: exit.Failed, what: what, err: err}
	switch {
	case errors.Is(err, iceberg.ErrLocked):
		f.code, f.do = exit.Locked, "wait for the other export to end, then: nightaudit export --format iceberg"
	case errors.Is(err, iceberg.ErrSuperseded):
		f.do = "export the later database, or into another lake"
	case errors.Is(err, iceberg.ErrAddress):
		f.do = "mend lake: in the configuration, or the flags"
	default:
		f.do = "nightaudit export --format iceberg, or the next night, completes it: readers of nights see the last whole one"
		f.again = f.do
	}
	return f
}

func (a *app) printIceberg(warehouse string, r *iceberg.Result) {
	t := a.newTable(table.Row{"table", "rows", "files", "bytes", "written", "bytes written", "removed"}, 2, 3, 4, 5, 6, 7)
	for i := range r.Tables {
		m := &r.Tables[i]
		t.AppendRow(table.Row{
			m.Name, figure.Count(m.Rows), figure.Count(int64(m.Files)), figure.Count(m.Bytes),
			figure.Count(int64(m.Written)), figure.Count(m.WrittenBytes), figure.Count(int64(m.Removed)),
		})
	}
	t.Render()
	fmt.Fprintln(a.stdout)
	fmt.Fprintf(a.stdout, "lake      %s\n", warehouse)
	fmt.Fprintf(a.stdout, "run       %s, %s\n", r.Run, lakeText(r))
}

// lakeText says in a line what a night made of the lake.
func lakeText(r *iceberg.Result) string {
	text := "unchanged"
	if r.Changed() {
		tables := 0
		for i := range r.Tables {
			if r.Tables[i].Changed {
				tables++
			}
		}
		files, bytes := r.Written()
		text = fmt.Sprintf("%s of %s committed, %s bytes", plural(int64(files), "file", "files"), plural(int64(tables), "table", "tables"), figure.Count(bytes))
	}
	if r.Expired > 0 {
		text += fmt.Sprintf(", %s expired", plural(int64(r.Expired), "snapshot", "snapshots"))
	}
	if r.Swept > 0 {
		text += fmt.Sprintf(", %s swept that belonged to nothing", plural(int64(r.Swept), "file", "files"))
	}
	return text
}
