package main

import (
	"errors"

	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/load"
)

func adoptFlag() cli.Flag {
	return &cli.BoolFlag{Name: "adopt", Usage: "take over publish.dir, report.dir or data_dir from another database or configuration; what lay there is kept"}
}

func isTaken(err error) bool {
	return errors.As(err, new(*pipeline.TakenError)) || errors.As(err, new(*load.TakenError)) || errors.Is(err, load.ErrNoFile)
}

// takenFailure tells of a place that another database or configuration uses.
func takenFailure(err error) *failure {
	f := &failure{
		code: exit.Usage, what: "another database or configuration uses this place; nothing was changed", err: err,
		do: "give each configuration a data_dir, publish.dir and report.dir of its own; or, if what lies there is to give way, run this once with --adopt: it is kept in previous, and the ledger says who took over",
	}
	var taken *pipeline.TakenError
	switch {
	case !errors.As(err, &taken): // it came there while the command was at work
		f.code, f.what = exit.Failed, "what was done is in the working database, and people do not see it yet"
	case taken.Unread:
		f.code, f.what = exit.Failed, "what lies in the place of the published database cannot be read; nothing was changed"
		f.do = "put the right file back (the earlier ones are in previous), or use the newer program that wrote it; or run this once with --adopt: the file is kept in previous, and the ledger says who took over"
	}
	return f
}
