package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/sheets"
	"github.com/nightaudit/nightaudit/reports/spark"
)

// The engines of reports: DuckDB reads the published database, Spark a lake.
const (
	duckdbEngine = "duckdb"
	sparkEngine  = "spark"
)

// tokenVariable holds the token for a Spark server: a command line can be read by
// everybody on the machine.
const tokenVariable = "NIGHTAUDIT_SPARK_TOKEN"

// maxToken is how long the file of a token may be, in bytes.
const maxToken = 64 << 10

// serverFlags say by which engine, and where it is; engines is which there are.
func serverFlags(engines string) []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "engine", Value: duckdbEngine, Usage: "`ENGINE`: " + engines},
		&cli.StringFlag{Name: "url", DefaultText: "SPARK_REMOTE of the environment", Usage: "with --engine spark: the `ADDRESS` of the Spark Connect server, as sc://host:15002/;use_ssl=true"},
		&cli.StringFlag{Name: "token-file", TakesFile: true, DefaultText: tokenVariable + " of the environment", Usage: "with --engine spark: read the token for the server from this `FILE`"},
	}
}

// engineFlags say that and of which database of which lake.
func engineFlags(engines string) []cli.Flag {
	return append(serverFlags(engines),
		&cli.StringFlag{Name: "catalog", DefaultText: "the one that the server takes", Usage: "with --engine spark: the `NAME` of the lake's catalog there"},
		&cli.StringFlag{Name: "database-id", DefaultText: "the one that is in the lake", Usage: "with --engine spark: the database of this `ID`, of a lake that several share (see lake list)"},
	)
}

// reporter makes reports by one engine.
type reporter struct {
	workbook func(ctx context.Context, o sheets.Options) (string, error)
	export   func(ctx context.Context, r catalogue.Report, o catalogue.ExportOptions) (string, error)
	close    func() error
}

// engineOf is the engine of the flags, and refuses those of the other one: beside those of
// the server the flags that are given.
func engineOf(c *cli.Command, flags ...string) (string, error) {
	engine := c.String("engine")
	if engine != duckdbEngine && engine != sparkEngine {
		return "", usage(fmt.Sprintf("--engine %q is none", engine), "write "+duckdbEngine+" or "+sparkEngine)
	}
	for _, flag := range append(flags, "url", "token-file") {
		if engine == duckdbEngine && c.IsSet(flag) {
			return "", usage("--"+flag+" is of --engine spark", "add --engine spark, or leave it out")
		}
	}
	return engine, nil
}

// checkEngine refuses flags that do not go together, and reports that are written for
// another engine.
func checkEngine(c *cli.Command, chosen []catalogue.Report) error {
	engine, err := engineOf(c, "catalog", "database-id")
	if err != nil || engine == duckdbEngine {
		return err
	}
	if c.IsSet("database") {
		return usage("--database is a file that DuckDB reads", "leave it out with --engine spark: --url and --catalog say where the lake is")
	}
	if i := slices.IndexFunc(chosen, func(r catalogue.Report) bool { return r.Extra }); i >= 0 {
		return usage(chosen[i].Name+" is a report of your own, in the SQL of DuckDB", "make it without --engine spark")
	}
	return nil
}

// openSpark makes reports over the lake that the flags name.
func (a *app) openSpark(ctx context.Context, c *cli.Command) (*reporter, error) {
	lake, err := a.lastThroughSpark(ctx, c)
	if err != nil {
		return nil, err
	}
	return &reporter{
		workbook: func(ctx context.Context, o sheets.Options) (string, error) {
			return sheets.WorkbookFrom(ctx, lake, o)
		},
		export: func(ctx context.Context, r catalogue.Report, o catalogue.ExportOptions) (string, error) {
			return catalogue.ExportFrom(ctx, lake, r, o)
		},
		close: lake.Close,
	}, nil
}

// lastThroughSpark begins a session of the Spark server that the flags name, over the last
// night of the database, or of all, in the lake that they name.
func (a *app) lastThroughSpark(ctx context.Context, c *cli.Command) (*spark.Lake, error) {
	lake, err := a.lakeThroughSpark(ctx, c, c.String("catalog"))
	if err != nil {
		return nil, err
	}
	if c.Bool("all-databases") {
		err = lake.All(ctx)
	} else {
		err = lake.Last(ctx, c.String("database-id"))
	}
	if err != nil {
		return nil, notThroughSpark(errors.Join(err, lake.Close()))
	}
	return lake, nil
}

// lakeThroughSpark begins a session of that server, over the lake of a catalog there.
func (a *app) lakeThroughSpark(ctx context.Context, c *cli.Command, catalog string) (*spark.Lake, error) {
	address, err := a.sparkAddress(c)
	if err != nil {
		return nil, err
	}
	client, err := spark.Connect(ctx, address)
	if err != nil {
		return nil, notThroughSpark(err)
	}
	lake, err := spark.Open(ctx, client, catalog)
	if err != nil {
		return nil, notThroughSpark(err)
	}
	return lake, nil
}

func notThroughSpark(err error) error {
	return &failure{code: exit.Failed, what: "the lake cannot be read through Spark", err: err}
}

// sparkAddress is where the server is, with the token for it.
func (a *app) sparkAddress(c *cli.Command) (*spark.Address, error) {
	text, from := c.String("url"), "--url"
	if text == "" {
		text, from = a.getenv("SPARK_REMOTE"), "SPARK_REMOTE of the environment"
	}
	if text == "" {
		return nil, usage("--engine spark needs the address of a Spark Connect server", "name it with --url sc://host:15002, or in SPARK_REMOTE")
	}
	address, err := spark.ParseAddress(text)
	if err != nil {
		return nil, &failure{code: exit.Usage, what: from + " cannot be used", err: err}
	}
	if c.IsSet("url") && address.Token != "" {
		return nil, usage("a token in --url can be read by everybody on this machine", "put it into "+tokenVariable+" of the environment, or into a file for --token-file")
	}
	token := a.getenv(tokenVariable)
	if file := c.String("token-file"); file != "" {
		data, err := disk.ReadIn(file, maxToken)
		if err != nil {
			return nil, &failure{code: exit.Usage, what: "the token for the Spark server cannot be read", err: err}
		}
		if token = strings.TrimSpace(string(data)); token == "" {
			return nil, usage("the file of the token is empty: "+file, "write the token into it, on one line")
		}
	}
	if token != "" {
		if err := address.SetToken(token); err != nil {
			return nil, &failure{code: exit.Usage, what: "the token for the Spark server cannot be used", err: err}
		}
	}
	address.Agent = "nightaudit/" + versionText()
	return address, nil
}

// notByEngine says what to do about a report that Spark could not run.
func notByEngine(err error) string {
	if f, ok := errors.AsType[*spark.Failure](err); ok && strings.HasPrefix(f.State, "42") {
		return "without --engine spark it is made from the published database"
	}
	return ""
}
