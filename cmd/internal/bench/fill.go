package main

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the driver "duckdb"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

//go:embed million.sql
var million string

// fill puts so many orders into a database, in a process of its own: statements
// find their number and the end of their time in the variables orders and
// history_end.
func (b *bench) fill(database, statements string, orders int, end time.Time) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	statements = fmt.Sprintf("SET VARIABLE orders = %d; SET VARIABLE history_end = TIMESTAMPTZ %s;\n%s", orders, sqlfiles.Literal(end.Format(time.RFC3339)), statements)
	c := exec.CommandContext(b.ctx, program, "fill", database)
	c.Stdin = strings.NewReader(statements)
	if said, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("fill %s: %w\n%s", database, err, said)
	}
	return nil
}

// fillCommand is that process: it reads the statements from in.
func fillCommand(ctx context.Context, args []string, in io.Reader) error {
	if len(args) != 1 {
		return errors.New("bench fill needs DATABASE")
	}
	statements, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	db, err := sql.Open("duckdb", args[0])
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(ctx, string(statements))
	return errors.Join(err, db.Close())
}

// workbookOf is a workbook of one day with so many orders.
func workbookOf(orders int) row {
	return row{
		name: "workbook", toReach: "45 s, 500 MB",
		work: fmt.Sprintf("workbook of a day with %s orders, from a published database", count(orders)),
		begin: func(b *bench) ([]subject, func(), error) {
			// The database of a night with some orders of another day, filled up.
			o := vendorOptions{accounts: 1, soms: 10}
			address, stop, err := startVendors(b.ctx, o)
			if err != nil {
				return nil, nil, err
			}
			defer stop()
			p, err := b.newPlace(address, o, concurrency)
			if err != nil {
				return nil, nil, err
			}
			if _, err := p.night(nightAfter(o.soms)); err != nil {
				return nil, nil, err
			}
			day := epoch.AddDate(0, 0, 7)
			if err := b.fill(filepath.Join(p.dir, "published", "nightaudit.duckdb"), million, orders, day); err != nil {
				return nil, nil, err
			}
			return []subject{{name: "nightaudit", command: "nightaudit report --date DAY", run: func() (measured, error) {
				out, err := b.newFolder("workbook-*")
				if err != nil {
					return measured{}, err
				}
				defer remove(out)
				u, _, err := run(b.ctx, p.dir, b.binary, "--quiet", "report", "--date", day.Format(time.DateOnly), "--out", out)
				if err != nil {
					return measured{}, err
				}
				_, size, err := filesIn(out)
				return measured{u, []extra{{"MB", size / 1e6}}}, err
			}}}, func() { remove(p.dir) }, nil
		},
	}
}
