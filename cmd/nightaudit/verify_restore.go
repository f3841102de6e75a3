package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
)

// restoreTest is verify --restore-test: what a restore drill runs.
func (a *app) restoreTest(ctx context.Context, c *cli.Command, asJSON bool) error {
	if c.Bool("all") || c.Args().Present() {
		return usage("--restore-test goes without --all and without workbooks", "run both, one after the other")
	}
	cfg, err := a.load(a.now)
	if err != nil {
		return err
	}
	observer, stop := a.startProgress()
	result, err := pipeline.RestoreTest(ctx, cfg, pipeline.Options{Version: versionText(), Now: a.now, Observer: observer, Log: a.log})
	stop()
	switch {
	case errors.Is(err, pipeline.ErrLocked), errors.As(err, new(*pipeline.BasisError)):
		return runFailure(cfg, err)
	case err != nil:
		return &failure{code: exit.Failed, what: "the restore could not be tested", err: err, again: "test again: nothing was changed"}
	}
	if asJSON {
		err = a.printJSON(result)
	} else {
		a.printDrill(result)
	}
	if err == nil && len(result.Findings) > 0 {
		return exitWith(exit.Partial)
	}
	return err
}

func (a *app) printDrill(r *pipeline.DrillResult) {
	a.printFindings(r.Findings)
	for _, notice := range r.Notices {
		fmt.Fprintf(a.stdout, "note      %s\n", notice)
	}
	fmt.Fprintf(a.stdout, "restored  %s, %s and %s in %.1f s; nothing was changed\n", plural(int64(r.Runs), "run", "runs"),
		plural(int64(r.Answers), "answer", "answers"), plural(int64(r.Entries), "entry of people", "entries of people"), r.Seconds)
	if len(r.Databases) > 0 {
		fmt.Fprintf(a.stdout, "compared  %s, %s, with %s: %s\n", plural(int64(r.Tables), "table", "tables"), plural(r.Rows, "row", "rows"),
			strings.Join(r.Databases, " and "), plural(int64(len(r.Findings)), "finding", "findings"))
	}
}
