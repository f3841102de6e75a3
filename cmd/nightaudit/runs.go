package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/sql"
)

func (a *app) runsCommand() *cli.Command {
	return &cli.Command{
		Name:      "runs",
		Usage:     "the ledger of runs, of closed months and of accepted losses; one run in detail with its control totals",
		ArgsUsage: "[RUN]",
		Description: "RUN is a run's id, as much of it as tells it from others, or the word last.\n" +
			"Reads the published database, so a run that published nothing appears with the\n" +
			"next one that does.",
		Flags: []cli.Flag{formatFlag(), databaseFlag()},
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.Args().Len() > 1 {
				return usage("runs shows one run at a time", "nightaudit runs lists them")
			}
			asJSON, err := wantsJSON(c)
			if err != nil {
				return err
			}
			file, err := a.databasePath(c, nil)
			if err != nil {
				return err
			}
			db, err := a.openDatabase(file)
			if err != nil {
				return err
			}
			defer db.close()
			if a.names, err = db.names(ctx); err != nil {
				return err
			}
			if name := c.Args().First(); name != "" {
				return a.showRun(ctx, db, name, asJSON)
			}
			if asJSON {
				return a.printRow(ctx, db, "runs_json")
			}
			some, err := db.show(ctx, a.stdout, "runs")
			if err != nil {
				return err
			}
			if !some {
				fmt.Fprintln(a.stdout, "no run yet")
			}
			if err := a.showBelow(ctx, db, "closes", "Months closed and reopened"); err != nil {
				return err
			}
			return a.showBelow(ctx, db, "losses", "Lost when the database was rebuilt, and accepted")
		},
	}
}

// showBelow lists the rows of a query under a title, if there are any.
func (a *app) showBelow(ctx context.Context, db *publishedDatabase, query, title string) error {
	var b strings.Builder
	some, err := db.show(ctx, &b, query)
	if err == nil && some {
		fmt.Fprintf(a.stdout, "\n%s\n%s", title, b.String())
	}
	return err
}

func (a *app) showRun(ctx context.Context, db *publishedDatabase, name string, asJSON bool) error {
	id, err := findRun(ctx, db, name)
	if err != nil {
		return err
	}
	if asJSON {
		return a.printRow(ctx, db, "run_json", id)
	}
	for _, part := range []struct{ title, query string }{
		{"", "run"},
		{"What was fetched (times of each account's own zone)", "run_windows"},
		{"Control totals: the sources' own text against what was loaded", "run_totals"},
		{"How long its stages took; what was under way at once is added up", "run_stages"},
		{"Rows refused and values doubted", "run_issues"},
		{"What stands in no figure, or in none by date, as it is now", "not_taken"},
	} {
		var b strings.Builder
		var args []any
		if part.query != "not_taken" { // which is of no run
			args = append(args, id)
		}
		some, err := db.show(ctx, &b, part.query, args...)
		if err != nil {
			return err
		}
		switch {
		case part.title == "":
			fmt.Fprint(a.stdout, b.String())
		case some:
			fmt.Fprintf(a.stdout, "\n%s\n%s", part.title, b.String())
		default:
			fmt.Fprintf(a.stdout, "\n%s: none\n", part.title)
		}
	}
	return nil
}

// findRun is the id of the one run that name means.
func findRun(ctx context.Context, db *publishedDatabase, name string) (string, error) {
	statement, err := sql.Query("run_find")
	if err != nil {
		return "", err
	}
	ids, err := db.texts(ctx, statement, name)
	if err != nil {
		return "", fmt.Errorf("find run %s: %w", name, err)
	}
	switch {
	case len(ids) == 0:
		return "", usage(fmt.Sprintf("there is no run %q", name), "nightaudit runs lists them")
	case len(ids) > 1 && ids[0] != name:
		return "", usage(fmt.Sprintf("%q is the beginning of %d runs", name, len(ids)), "write more of it: "+strings.Join(ids[:min(len(ids), 5)], ", "))
	}
	return ids[0], nil
}
