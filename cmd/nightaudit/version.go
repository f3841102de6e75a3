package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/sql"
)

// The tag and the commit of a released binary, set with
// -ldflags "-X main.release=v1.2.3 -X main.commit=0123abc". Without them the
// build information tells what it knows.
var release, commit string

// duckdbModule is numbered after the DuckDB that is built into it.
const duckdbModule = "github.com/duckdb/duckdb-go/v2"

// buildInfo is what the Go tool has noted of this binary.
type buildInfo struct {
	version string // the module's: a tag, a pseudo-version, or (devel)
	commit  string // "" where it was not built in a checkout
	changed bool   // the checkout held changes that were not committed
	duckdb  string // the version of duckdbModule
}

func readBuildInfo() buildInfo {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return buildInfo{}
	}
	b := buildInfo{version: info.Main.Version}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.commit = s.Value
		case "vcs.modified":
			b.changed = s.Value == "true"
		}
	}
	for _, m := range info.Deps {
		if m.Path == duckdbModule {
			b.duckdb = m.Version
		}
	}
	return b
}

// versionText is the program's version, as it is kept with every run.
func versionText() string {
	b := readBuildInfo()
	switch {
	case release != "":
		return release
	case b.version != "" && b.version != "(devel)":
		return b.version
	case len(b.commit) < 12:
		return "development"
	case b.changed:
		return "development-" + b.commit[:12] + "+changes"
	}
	return "development-" + b.commit[:12]
}

// commitText is the commit that the program was built from.
func (b buildInfo) commitText() string {
	switch {
	case commit != "":
		return commit
	case b.commit == "":
		return "unknown"
	case b.changed:
		return b.commit + "+changes"
	}
	return b.commit
}

// duckdbText is the DuckDB built into the program: 1.5.5 where the module has
// the version v2.10505.0.
func (b buildInfo) duckdbText() string {
	if parts := strings.Split(b.duckdb, "."); len(parts) == 3 {
		if n, err := strconv.Atoi(parts[1]); err == nil {
			return fmt.Sprintf("%d.%d.%d", n/10000, n/100%100, n%100)
		}
	}
	return "unknown"
}

func (a *app) versionCommand() *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print the version of the program, of the database's schema and of DuckDB",
		Action: func(_ context.Context, c *cli.Command) error {
			if err := noArguments(c); err != nil {
				return err
			}
			schema, err := sql.SchemaVersion()
			if err != nil {
				return &failure{code: exit.Failed, what: "read the embedded schema", err: err}
			}
			b := readBuildInfo()
			fmt.Fprintf(a.stdout, "nightaudit %s\ncommit %s\nschema %d\n%s %s/%s\n", versionText(), b.commitText(), schema, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			fmt.Fprintf(a.stdout, "duckdb %s\n", b.duckdbText())
			if b.duckdb != "" {
				fmt.Fprintf(a.stdout, "duckdb-go %s\n", b.duckdb)
			}
			return nil
		},
	}
}
