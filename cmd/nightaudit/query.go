package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/reports"
)

func (a *app) queryCommand() *cli.Command {
	return &cli.Command{
		Name:      "query",
		Usage:     "SQL on the published database, read-only",
		ArgsUsage: "[SQL | -]",
		Description: "- reads the statement from standard input. Without a statement: how to open the\n" +
			"database with other programs. Instants are in UTC; business_date and booked_date\n" +
			"are in each account's own time zone.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "file", Aliases: []string{"f"}, TakesFile: true, Usage: "read the statement from this `FILE`"},
			&cli.StringFlag{Name: "format", Usage: "`FORMAT`: table, csv, json, jsonl, markdown, parquet or xlsx", DefaultText: "that of --out's name, else table"},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, TakesFile: true, Usage: "write to this `FILE`"},
			databaseFlag(),
		},
		Action: a.query,
	}
}

func (a *app) query(ctx context.Context, c *cli.Command) error {
	statement, err := a.statement(c)
	if err != nil {
		return err
	}
	out := c.String("out")
	format, err := queryFormat(c.String("format"), out)
	if err != nil {
		return err
	}
	path, err := a.databasePath(c)
	if err != nil {
		return err
	}
	if statement == "" {
		return a.howToOpen(path)
	}
	if out == "" && (format == "xlsx" || format == "parquet") && isTerminal(a.stdout) {
		return usage(format+" is not for a terminal", "name a file: --out FILE."+format)
	}
	db, err := openDatabase(path)
	if err != nil {
		return err
	}
	defer db.close()
	write := func(w io.Writer) error {
		if err := db.write(ctx, w, format, statement); err != nil {
			return &failure{code: exitFailed, what: "the statement failed", err: err, do: "nightaudit describe lists tables and columns"}
		}
		return nil
	}
	if out == "" {
		return write(a.stdout)
	}
	if err := writeBeside(out, write); err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "%s is written\n", out)
	return nil
}

// statement is the SQL to run, "" where none was given.
func (a *app) statement(c *cli.Command) (string, error) {
	file, args := c.String("file"), c.Args()
	switch {
	case args.Len() > 1:
		return "", usage("query takes one statement, and was given "+fmt.Sprint(args.Len())+" arguments", `put it in quotes: nightaudit query "SELECT count(*) FROM orders"`)
	case args.Present() && file != "":
		return "", usage("a statement was given twice, as an argument and by --file", "give one of them")
	case args.First() == "-" || file == "-":
		data, err := io.ReadAll(a.stdin)
		if err != nil {
			return "", &failure{code: exitFailed, what: "read the statement from standard input", err: err}
		}
		return given(string(data))
	case file != "":
		data, err := os.ReadFile(file)
		if err != nil {
			return "", &failure{code: exitUsage, what: "the statement cannot be read", err: err}
		}
		return given(string(data))
	case args.Present():
		return given(args.First())
	}
	return "", nil
}

func given(statement string) (string, error) {
	if strings.TrimSpace(statement) == "" {
		return "", usage("the statement is empty", `write one: nightaudit query "SELECT count(*) FROM orders"`)
	}
	return statement, nil
}

// queryFormat is the format by its name, else by the file's.
func queryFormat(format, out string) (string, error) {
	if format == "" {
		format = strings.ToLower(strings.TrimPrefix(filepath.Ext(out), "."))
		switch {
		case format == "md":
			format = "markdown"
		case !slices.Contains(reports.Formats, format):
			format = "table"
		}
	}
	if !slices.Contains(reports.Formats, format) {
		return "", usage(fmt.Sprintf("--format %q is none", format), "write one of "+strings.Join(reports.Formats, ", "))
	}
	return format, nil
}

// writeBeside writes a file under another name and renames it once it is
// whole, so that nobody reads half of it.
func writeBeside(path string, write func(io.Writer) error) error {
	name := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text())
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) // less what the person's umask takes away
	if err != nil {
		return &failure{code: exitFailed, what: "write " + path, err: err, do: "the folder must exist and be yours to write in"}
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(name, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

// howToOpen tells people how to look at the database without nightaudit.
func (a *app) howToOpen(path string) error {
	db, err := openDatabase(path)
	if err != nil {
		return err
	}
	if err := db.close(); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, `The database is %[1]s

  here    nightaudit query "SELECT source, count(*) FROM orders GROUP BY source"
  DuckDB  duckdb -readonly %[2]s
  Python  duckdb.connect(%[3]q, read_only=True)
  Excel   nightaudit query "SELECT * FROM orders" --out orders.xlsx

Open it read-only: it is replaced after every run. nightaudit describe lists
its tables.
`, path, quoted(path), path)
	return nil
}

// quoted is a path as it is written in a shell.
func quoted(path string) string {
	if strings.ContainsAny(path, " '\"$&;()<>|*?") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
