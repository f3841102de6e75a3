package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/format"
	"github.com/nightaudit/nightaudit/reports/iceberg"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/lake"
	"github.com/nightaudit/nightaudit/reports/query"
	"github.com/nightaudit/nightaudit/reports/sheets"
	"github.com/nightaudit/nightaudit/sql"
)

func databaseFlag() cli.Flag {
	return &cli.StringFlag{Name: "database", TakesFile: true, Usage: "read this `FILE`, whatever the configuration says"}
}

// databasePath is the database that a command reads: the flag's, else the
// published one of the configuration. cfg is nil where it was not read yet.
func (a *app) databasePath(c *cli.Command, cfg *config.Config) (string, error) {
	if file := c.String("database"); file != "" {
		return file, nil
	}
	if cfg == nil {
		var err error
		if cfg, err = a.loadReader(); err != nil {
			return "", err
		}
	}
	return filepath.Join(cfg.Publish.Dir, load.PublishedName), nil
}

// publishedDatabase is a published database, open for reading. SQL's own package is
// the business of reports alone.
type publishedDatabase struct {
	// query runs a person's own SQL.
	query func(ctx context.Context, w io.Writer, text string, o query.Options) error
	// write writes the result of one of the program's own statements in one of
	// format.Names; a table is laid out for the terminal that w is, with instants in
	// the zone of the database's configuration.
	write func(ctx context.Context, w io.Writer, format, statement string, args ...any) error
	// texts is the first column of a result.
	texts func(ctx context.Context, statement string, args ...any) ([]string, error)
	// workbook makes the reconciliation workbook.
	workbook func(ctx context.Context, o sheets.Options) (string, error)
	// export writes one report of the catalogue to a file.
	export func(ctx context.Context, r catalogue.Report, o catalogue.ExportOptions) (string, error)
	// standings are the reports of a catalogue in which an order stands.
	standings func(ctx context.Context, all []catalogue.Report, o catalogue.ExportOptions, key catalogue.OrderKey) ([]catalogue.Standing, []error, error)
	// lake exports everything as Parquet.
	lake func(ctx context.Context, o lake.Options) (*lake.Result, error)
	// iceberg commits everything to a lake.
	iceberg func(ctx context.Context, l *iceberg.Lake) (*iceberg.Result, error)
	// names are what the database calls accounts, stores and channels.
	names func(ctx context.Context) (labels.Names, error)
	close func() error
}

// openDatabase opens a database for the program's own statements.
func (a *app) openDatabase(file string) (*publishedDatabase, error) {
	return a.openDatabaseWith(file, query.OpenOptions{Current: true})
}

func (a *app) openDatabaseWith(file string, o query.OpenOptions) (*publishedDatabase, error) {
	o.Notice = func(text string) { a.log.Warn(text) }
	db, err := query.OpenWith(file, o)
	if errors.Is(err, query.ErrNoDatabase) {
		return nil, &failure{code: exit.Failed, what: "there is no database at " + file, do: "nightaudit run makes it; --config or --database names another one"}
	}
	if errors.Is(err, query.ErrOlderSchema) {
		return nil, &failure{code: exit.Failed, what: "the database is not up to date", err: err, do: "nightaudit run brings it up to date; nightaudit query reads it as it is"}
	}
	if err != nil {
		return nil, &failure{code: exit.Failed, what: "the database cannot be opened", err: err}
	}
	var opened *publishedDatabase
	opened = &publishedDatabase{
		query: func(ctx context.Context, w io.Writer, words string, o query.Options) error {
			return query.Run(ctx, db, w, words, o)
		},
		write: func(ctx context.Context, w io.Writer, as, statement string, args ...any) error {
			l := format.Layout{Lean: true}
			if as == "table" {
				zone, err := databaseZone(ctx, opened)
				if err != nil {
					return err
				}
				l.Zone, l.Width, l.Names = zone, terminalWidth(a.stdout), a.names
			}
			return query.Write(ctx, db, w, as, l, statement, args...)
		},
		texts: func(ctx context.Context, statement string, args ...any) ([]string, error) {
			rows, err := db.QueryContext(ctx, statement, args...)
			if err != nil {
				return nil, err
			}
			defer rows.Close()
			var texts []string
			for rows.Next() {
				var words string
				if err := rows.Scan(&words); err != nil {
					return nil, err
				}
				texts = append(texts, words)
			}
			return texts, rows.Err()
		},
		workbook: func(ctx context.Context, o sheets.Options) (string, error) {
			return sheets.Workbook(ctx, db, o)
		},
		export: func(ctx context.Context, r catalogue.Report, o catalogue.ExportOptions) (string, error) {
			return catalogue.Export(ctx, db, r, o)
		},
		standings: func(ctx context.Context, all []catalogue.Report, o catalogue.ExportOptions, key catalogue.OrderKey) ([]catalogue.Standing, []error, error) {
			return catalogue.Standings(ctx, db, all, o, key)
		},
		lake: func(ctx context.Context, o lake.Options) (*lake.Result, error) {
			return lake.Export(ctx, db, o)
		},
		iceberg: func(ctx context.Context, l *iceberg.Lake) (*iceberg.Result, error) {
			return l.Commit(ctx, db)
		},
		names: func(ctx context.Context) (labels.Names, error) { return catalogue.NamesIn(ctx, db) },
		close: db.Close,
	}
	return opened, nil
}

// show prints the result of an embedded query as a table. Without rows it
// prints none and reports false.
func (d *publishedDatabase) show(ctx context.Context, w io.Writer, name string, args ...any) (bool, error) {
	statement, err := sql.Query(name)
	if err != nil {
		return false, err
	}
	some, err := d.texts(ctx, "SELECT 'row' FROM ("+statement+"\n) LIMIT 1", args...)
	if err == nil && len(some) > 0 {
		err = d.write(ctx, w, "table", statement, args...)
	}
	if err != nil {
		return false, fmt.Errorf("query %s: %w", name, err)
	}
	return len(some) > 0, nil
}

// databaseZone is the time zone that the database's runs were configured for.
func databaseZone(ctx context.Context, db *publishedDatabase) (*time.Location, error) {
	names, err := db.texts(ctx, "SELECT coalesce(timezone, 'UTC') FROM audit.meta")
	if err != nil {
		return nil, fmt.Errorf("read the database's time zone: %w", err)
	}
	if len(names) == 0 {
		return time.UTC, nil
	}
	zone, err := time.LoadLocation(names[0])
	if err != nil {
		return nil, fmt.Errorf("read the database's time zone: %w", err)
	}
	return zone, nil
}
