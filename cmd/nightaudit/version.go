package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/sql"
)

// release is the version of a released binary, set with
// -ldflags "-X main.release=1.2.3".
var release string

// versionText is the program's version, as it is kept with every run.
func versionText() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "development"
	}
	version, revision, dirty := info.Main.Version, "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			revision = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	if version == "" || version == "(devel)" {
		version = "development"
		if revision != "" {
			version += "-" + revision + dirty
		}
	}
	return version
}

func (a *app) versionCommand() *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print the version of the program and of the database's schema",
		Action: func(_ context.Context, c *cli.Command) error {
			if err := noArguments(c); err != nil {
				return err
			}
			schema, err := sql.SchemaVersion()
			if err != nil {
				return &failure{code: exit.Failed, what: "read the embedded schema", err: err}
			}
			fmt.Fprintf(a.stdout, "nightaudit %s\nschema %d\n%s %s/%s\n", versionText(), schema, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			if duckdb := moduleVersion("github.com/duckdb/duckdb-go/v2"); duckdb != "" {
				fmt.Fprintf(a.stdout, "duckdb-go %s\n", duckdb)
			}
			return nil
		},
	}
}

func moduleVersion(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range info.Deps {
		if m.Path == path {
			return m.Version
		}
	}
	return ""
}
