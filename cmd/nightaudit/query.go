package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/format"
	"github.com/nightaudit/nightaudit/reports/query"
)

func (a *app) queryCommand() *cli.Command {
	return &cli.Command{
		Name:      "query",
		Usage:     "SQL on the published database, read-only",
		ArgsUsage: "[SQL | -]",
		Description: "- reads the statement from standard input. Without a statement: how to open the\n" +
			"database with other programs. It computes in the configured time zone, created_at::DATE\n" +
			"for instance, and a table shows instants in it, other formats in UTC; --timezone names\n" +
			"another for all of them. business_date and booked_date are in each account's own zone. Several statements, separated by semicolons,\n" +
			"share one session (CREATE TEMP TABLE …; SELECT …); the last one's result is shown.\n" +
			"A table that is wider than the terminal has its texts wrapped, or, where that is\n" +
			"not enough, each row is written as a list of its values.",
		Flags: append(csvFlags(),
			&cli.StringFlag{Name: "file", Aliases: []string{"f"}, TakesFile: true, Usage: "read the statement from this `FILE`"},
			&cli.StringFlag{Name: "format", Usage: "`FORMAT`: table, csv, json, jsonl, markdown, parquet or xlsx", DefaultText: "that of --out's name, else table"},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, TakesFile: true, Usage: "write to this `FILE`"},
			&cli.StringSliceFlag{Name: "param", Aliases: []string{"p"}, Usage: "`NAME=VALUE` for $NAME in the statement; may be given several times"},
			&cli.StringFlag{Name: "timezone", Usage: "compute and write with days and instants of this `ZONE`, as Asia/Tokyo"},
			&cli.BoolFlag{Name: "wide", Usage: "leave a table as wide as it is"},
			&cli.BoolFlag{Name: "allow-files", Usage: "let the statement read and write files of your own; without, it reaches nothing but the database"},
			databaseFlag(),
		),
		// A value may hold a comma: one flag is one value.
		DisableSliceFlagSeparator: true,
		Action:                    a.query,
	}
}

func (a *app) query(ctx context.Context, c *cli.Command) error {
	statement, err := a.statement(c)
	if err != nil {
		return err
	}
	options, err := a.queryOptions(c)
	if err != nil {
		return err
	}
	file, err := a.databasePath(c, nil)
	if err != nil {
		return err
	}
	if statement == "" {
		return a.howToOpen(file)
	}
	out := c.String("out")
	if out == "" && (options.Format == "xlsx" || options.Format == "parquet") && isTerminal(a.stdout) {
		return usage(options.Format+" is not for a terminal", "name a file: --out FILE."+options.Format)
	}
	write := func(w io.Writer) error { return a.answer(ctx, w, file, statement, options) }
	if out == "" || a.getenv(engineVariable) != "" {
		return write(a.stdout) // the process that asked for it writes the file
	}
	if err := writeOutput(out, write); err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "%s is written\n", out)
	return nil
}

// answer runs the statement and writes its result, in a process of its own where
// that can be.
func (a *app) answer(ctx context.Context, w io.Writer, database, statement string, o query.Options) error {
	if a.apart() {
		return a.runApart(ctx, strings.NewReader(statement), w, func(pid int) error { return query.Forget(database, pid) })
	}
	open := query.OpenOptions{AllowFiles: o.AllowFiles, Configured: true}
	if o.Zone != nil {
		open.Timezone = o.Zone.String()
	}
	db, err := a.openDatabaseWith(database, open)
	if err != nil {
		return err
	}
	defer db.close()
	if o.Zone == nil && o.Format == "table" {
		if o.Zone, err = databaseZone(ctx, db); err != nil {
			return err
		}
	}
	return queryFailure(db.query(ctx, w, statement, o))
}

func (a *app) queryOptions(c *cli.Command) (query.Options, error) {
	chosen, err := queryFormat(c.String("format"), c.String("out"))
	if err != nil {
		return query.Options{}, err
	}
	params, err := queryParams(c.StringSlice("param"))
	if err != nil {
		return query.Options{}, err
	}
	o := query.Options{Format: chosen, Params: params, AllowFiles: c.Bool("allow-files")}
	if o.Layout, err = csvLayout(c, chosen); err != nil {
		return query.Options{}, err
	}
	if name := c.String("timezone"); name != "" {
		if o.Zone, err = time.LoadLocation(name); err != nil || name == "Local" {
			return query.Options{}, usage(fmt.Sprintf("--timezone %q is none", name), "write a name of the IANA database, as Asia/Shanghai or UTC")
		}
	}
	if !c.Bool("wide") && c.String("out") == "" {
		o.Width = terminalWidth(a.stdout)
	}
	return o, nil
}

// csvFlags are those of a csv for spreadsheets.
func csvFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "csv-bom", Usage: "begin a csv with a byte order mark, by which Excel reads Chinese"},
		&cli.BoolFlag{Name: "csv-unguarded", Usage: "write texts of a csv that begin with = + - @ as they are, without an apostrophe before them"},
	}
}

func csvLayout(c *cli.Command, chosen string) (format.Layout, error) {
	for _, name := range []string{"csv-bom", "csv-unguarded"} {
		if c.Bool(name) && chosen != "csv" {
			return format.Layout{}, usage("--"+name+" is of csv, and the format is "+chosen, "write --format csv")
		}
	}
	return format.Layout{BOM: c.Bool("csv-bom"), Unguarded: c.Bool("csv-unguarded")}, nil
}

// queryParams reads NAME=VALUE; the value may be empty and hold anything.
func queryParams(given []string) (map[string]string, error) {
	params := map[string]string{}
	for _, words := range given {
		name, value, ok := strings.Cut(words, "=")
		name = strings.TrimPrefix(name, "$")
		if !ok || name == "" {
			return nil, usage(fmt.Sprintf("--param %q is not NAME=VALUE", words), "for $month in the statement: --param month=2024-04")
		}
		if _, twice := params[name]; twice {
			return nil, usage("--param "+name+" is given twice", "give it once")
		}
		params[name] = value
	}
	return params, nil
}

// queryFailure is what a person reads of a statement that could not be run.
func queryFailure(err error) error {
	if err == nil {
		return nil
	}
	var statement *query.StatementError
	if !errors.As(err, &statement) {
		return &failure{code: exit.Failed, what: "the result was not written", err: err, again: queryAgain}
	}
	if statement.Usage {
		return usage(statement.What, statement.Hint)
	}
	return &failure{code: exit.Failed, what: "the statement failed", err: statement, do: statement.Hint, again: queryAgain}
}

const queryAgain = "nothing was changed"

// statement is the SQL to run, "" where none was given.
func (a *app) statement(c *cli.Command) (string, error) {
	file, args := c.String("file"), c.Args()
	switch {
	case a.getenv(engineVariable) != "": // it was read already, and is handed on
		data, err := io.ReadAll(a.stdin)
		return string(data), err
	case args.Len() > 1:
		return "", usage("query takes one statement, and was given "+fmt.Sprint(args.Len())+" arguments", `put it in quotes: nightaudit query "SELECT count(*) FROM orders"`)
	case args.Present() && file != "":
		return "", usage("a statement was given twice, as an argument and by --file", "give one of them")
	case args.First() == "-" || file == "-":
		data, err := readStatement(a.stdin)
		if err != nil {
			return "", &failure{code: exit.Failed, what: "read the statement from standard input", err: err}
		}
		return writtenStatement("what standard input gives", data)
	case file != "":
		// Who names it may name a pipe: a shell makes one of <(…).
		f, err := os.Open(file)
		if err != nil {
			return "", &failure{code: exit.Usage, what: "the statement cannot be read", err: err}
		}
		defer f.Close() // read only: nothing to lose
		data, err := readStatement(f)
		if err != nil {
			return "", &failure{code: exit.Usage, what: "the statement cannot be read", err: err}
		}
		return writtenStatement(file, data)
	case args.Present():
		return statementText(args.First())
	}
	return "", nil
}

// maxStatement is how long a statement may be, in bytes.
const maxStatement = 16 << 20

func readStatement(from io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, maxStatement+1))
	if err == nil && len(data) > maxStatement {
		err = fmt.Errorf("it is longer than %s: no statement is", disk.Size(maxStatement))
	}
	return data, err
}

// writtenStatement is the statement of a file, as any editor leaves it.
func writtenStatement(name string, data []byte) (string, error) {
	text, err := disk.Text(data)
	if err != nil {
		return "", &failure{code: exit.Usage, what: "the statement cannot be read", err: fmt.Errorf("%s %w", name, err)}
	}
	return statementText(text)
}

func statementText(statement string) (string, error) {
	if strings.TrimSpace(statement) == "" {
		return "", usage("the statement is empty", `write one: nightaudit query "SELECT count(*) FROM orders"`)
	}
	return statement, nil
}

// queryFormat is the format by its name, else by the file's.
func queryFormat(name, out string) (string, error) {
	if name == "" {
		name = strings.ToLower(strings.TrimPrefix(filepath.Ext(out), "."))
		switch {
		case name == "md":
			name = "markdown"
		case !slices.Contains(format.Names, name):
			name = "table"
		}
	}
	if !slices.Contains(format.Names, name) {
		return "", usage(fmt.Sprintf("--format %q is none", name), "write one of "+strings.Join(format.Names, ", "))
	}
	return name, nil
}

// howToOpen tells people how to look at the database without nightaudit.
func (a *app) howToOpen(file string) error {
	db, err := a.openDatabaseWith(file, query.OpenOptions{})
	if err != nil {
		return err
	}
	if err := db.close(); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, `The database is %[1]s

  here     nightaudit query "SELECT source, count(*) FROM orders GROUP BY source"
  DuckDB   duckdb -readonly %[2]s
  DBeaver  New connection, DuckDB; Path: %[4]s
           Driver properties: duckdb.read_only = true
  Python   duckdb.connect(%[3]q, read_only=True)
  Excel    nightaudit query "SELECT * FROM orders" --out orders.xlsx

Open it read-only: it is replaced after every run. Whoever has it open goes on
reading the old one until they connect again. nightaudit describe lists its
tables.
`, file, quoted(file), file, absolute(file))
	return nil
}

// absolute is a path for a program that runs elsewhere.
func absolute(file string) string {
	if abs, err := filepath.Abs(file); err == nil {
		return abs
	}
	return file
}

// quoted is a path as it is written in a shell.
func quoted(file string) string {
	if strings.ContainsAny(file, " '\"$&;()<>|*?") {
		return "'" + strings.ReplaceAll(file, "'", `'\''`) + "'"
	}
	return file
}
