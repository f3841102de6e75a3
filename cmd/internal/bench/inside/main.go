// Command inside is what the benchmarks do with the program's own code: `inside
// profile` runs a night under the profiler, `inside fill` writes into a database.
// It is apart from bench so that that one stays small.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the driver "duckdb"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
)

func main() {
	if err := do(context.Background(), os.Args[1:], os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "inside:", err)
		os.Exit(1)
	}
}

func do(ctx context.Context, args []string, in io.Reader) error {
	switch {
	case len(args) == 4 && args[0] == "profile":
		return profile(ctx, args[1], args[2], args[3])
	case len(args) == 2 && args[0] == "fill":
		return fill(ctx, args[1], in)
	}
	return errors.New("write: inside profile CONFIG INSTANT FILE, or: inside fill DATABASE < STATEMENTS")
}

// profile runs a night of a configuration at an instant, and writes into a file
// where its processor time went.
func profile(ctx context.Context, configuration, at, file string) (err error) {
	instant, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return err
	}
	clock := func() time.Time { return instant }
	cfg, err := config.Load(configuration, config.Options{Drivers: all.Drivers(), Env: extract.Env{Now: clock, Tokens: new(extract.TokenStore)}})
	if err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	result, err := pipeline.Run(ctx, cfg, pipeline.Options{Now: clock, NoReport: true})
	if err == nil && result.ExitCode != 0 {
		err = fmt.Errorf("the night ended with exit code %d", result.ExitCode)
	}
	return err
}

// fill runs the statements that in holds on a database.
func fill(ctx context.Context, database string, in io.Reader) error {
	statements, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	db, err := sql.Open("duckdb", database)
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(ctx, string(statements))
	return errors.Join(err, db.Close())
}
