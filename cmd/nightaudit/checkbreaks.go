package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/sql"
)

func (a *app) checkBreaksCommand() *cli.Command {
	return &cli.Command{
		Name:  "check-breaks",
		Usage: "every check anew over a lake, through Spark, beside what the night found",
		Description: "Matches orders across systems and runs every check over the lake's tables, as they were\n" +
			"after the last night, and prints the breaks. The column unlike names those that are not\n" +
			"as the night kept them: new, gone, other. What people wrote of a break stays with it.\n" +
			"Nothing is written, neither to the lake nor here. Exit codes: 3 where a break is not as\n" +
			"the night kept it, 5 where breaks at or above --fail-on are open.\n" +
			"With --all-databases it compares across the machines that fill the lake, which no night\n" +
			"can: the column unlike then says what their nights did not find, and is no failure.",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "fail-on", Usage: "exit with 5 if breaks of this `SEVERITY` or above are open: info, warning or error"},
			&cli.BoolFlag{Name: "all-databases", Usage: "check the orders of all databases together that share the lake"},
			&cli.StringFlag{Name: "format", Value: "table", Usage: "`FORMAT`: table, csv, json, jsonl, markdown, parquet or xlsx"},
		}, engineFlags("spark reads a lake through Spark Connect; no other runs checks apart from a night")),
		Action: a.checkBreaks,
	}
}

func (a *app) checkBreaks(ctx context.Context, c *cli.Command) (err error) {
	if err := noArguments(c); err != nil {
		return err
	}
	as, err := a.checkBreaksFlags(c)
	if err != nil {
		return err
	}
	cfg, err := a.loadReader()
	if err != nil {
		return err
	}
	folder, err := disk.Own("", "nightaudit-checks-")
	if err != nil {
		return &failure{code: exit.Failed, what: "a private folder for what is found cannot be made", err: err, do: "TMPDIR names another place"}
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	file := filepath.Join(folder, "found.duckdb")
	result, err := a.checkLake(ctx, c, file)
	if err != nil {
		return err
	}
	if err := a.printBreaks(ctx, file, as, cfg.Report.Language); err != nil {
		return &failure{code: exit.Failed, what: "the breaks were not written", err: err, again: checkAgain}
	}
	result.across = c.Bool("all-databases")
	return a.tellBreaks(result, c.String("fail-on"))
}

const checkAgain = "check again: nothing was changed"

// checkedAnew is what of a check the exit code depends on.
type checkedAnew struct {
	unlike int                       // breaks that are not as the night kept them
	across bool                      // of several databases, between which no night compares
	open   func(severity string) int // open breaks of it or above
}

// tellBreaks says how many breaks there are, and ends the command.
func (a *app) tellBreaks(r checkedAnew, failOn string) error {
	if !a.quiet {
		fmt.Fprintf(a.stderr, "%s; %s\n", plural(int64(r.open(sql.Info)), "break is open", "breaks are open"),
			plural(int64(r.unlike), "is not as the night kept it", "are not as the night kept them"))
	}
	switch {
	case r.unlike > 0 && !r.across:
		return exitWith(exit.Partial)
	case failOn != "" && r.open(failOn) > 0:
		return exitWith(exit.Breaks)
	}
	return nil
}

// checkBreaksFlags refuses what cannot be asked for, and gives the format.
func (a *app) checkBreaksFlags(c *cli.Command) (string, error) {
	as, err := queryFormat(c.String("format"), "")
	if err != nil {
		return "", err
	}
	if (as == "xlsx" || as == "parquet") && isTerminal(a.stdout) {
		return "", usage(as+" is not for a terminal", "write it to a file: > breaks."+as)
	}
	if severity := c.String("fail-on"); severity != "" && sql.AtOrAbove(severity) == nil {
		return "", usage(fmt.Sprintf("--fail-on %q is no severity", severity), "write info, warning or error")
	}
	if c.Bool("all-databases") && c.IsSet("database-id") {
		return "", usage("--database-id is one of the databases, and --all-databases all of them", "leave one of the two out")
	}
	engine, err := engineOf(c, "catalog", "database-id")
	if err == nil && engine == duckdbEngine {
		err = usage("check-breaks runs over a lake", "add --engine spark; over the database each night runs the checks, and nightaudit run --full all of them anew")
	}
	return as, err
}

// checkLake runs the checks over the lake that the flags name, into a new database.
func (a *app) checkLake(ctx context.Context, c *cli.Command, file string) (_ checkedAnew, err error) {
	lake, err := a.lastThroughSpark(ctx, c)
	if err != nil {
		return checkedAnew{}, err
	}
	defer func() { err = errors.Join(err, lake.Close()) }()
	w, err := load.Open(ctx, load.Options{Path: file, TempDir: filepath.Dir(file), Passing: true})
	if err != nil {
		return checkedAnew{}, &failure{code: exit.Failed, what: "a database for what is found cannot be made", err: err, do: "TMPDIR names another place"}
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	result, err := w.CheckElsewhere(ctx, lake, filepath.Dir(file))
	if err != nil {
		return checkedAnew{}, &failure{code: exit.Failed, what: "the lake cannot be checked through Spark", err: err, again: checkAgain}
	}
	return checkedAnew{unlike: result.Unlike, open: result.AtLeast}, nil
}

// printBreaks prints the breaks of the database that checkLake made.
func (a *app) printBreaks(ctx context.Context, file, as, language string) (err error) {
	statement, err := sql.Query("breaks_anew")
	if err != nil {
		return err
	}
	db, err := a.openDatabase(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	return db.write(ctx, a.stdout, as, statement, language)
}
