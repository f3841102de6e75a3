package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/extract"
)

// failure is how a command ends that did not succeed.
type failure struct {
	code int
	what string // what failed
	err  error  // why; nil where what says it all
	do   string // what the person can do; "" where err says it
	// again is what to do once the command was stopped on request; "" is what
	// holds for a night.
	again string
	// said is set where the command's own output tells all: only the exit
	// code is left to give.
	said bool
}

func (f *failure) Error() string {
	if f.err == nil {
		return f.what
	}
	return f.what + ": " + f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

// usage is a wrong command line.
func usage(what, do string) error { return &failure{code: exit.Usage, what: what, do: do} }

// exitWith ends a command that has said everything already.
func exitWith(code int) error {
	if code == exit.Done {
		return nil
	}
	return &failure{code: code, said: true}
}

// report tells the person what went wrong and returns the exit code.
func (a *app) report(ctx context.Context, err error) int {
	if err == nil {
		return exit.Done
	}
	f := asFailure(err)
	if f.said {
		return f.code
	}
	if ctx.Err() != nil && f.code == exit.Failed {
		do := "run again: what was landed is kept, and the next run goes on from it"
		if f.again != "" {
			do = f.again
		}
		f = &failure{code: exit.Failed, what: "stopped on request: " + context.Cause(ctx).Error(), do: do}
	}
	why := ""
	if f.err != nil {
		why = f.err.Error()
	}
	var e *extract.Error
	if f.do == "" && errors.As(err, &e) {
		f.do = e.Hint
		why = strings.TrimSuffix(why, "; "+e.Hint)
	}
	if a.json {
		a.log.LogAttrs(context.Background(), slog.LevelError, f.what, slog.String("why", why), slog.String("do", f.do), slog.Int("exit_code", f.code))
	} else {
		a.printFailure(f, why)
	}
	return f.code
}

// asFailure is the failure that a command ended with, or one that says what is
// known of any other error.
func asFailure(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	var coder cli.ExitCoder // the library's own: an unknown help topic
	if errors.As(err, &coder) {
		return &failure{code: exit.Usage, what: strings.TrimSuffix(err.Error(), "."), do: "nightaudit help lists the commands"}
	}
	return &failure{code: exit.Failed, what: "failed", err: err}
}

func (a *app) printFailure(f *failure, why string) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", a.stderr.paint(red, "nightaudit:"), f.what)
	var problems *config.Error
	switch {
	case errors.As(f.err, &problems):
		for _, p := range problems.Problems {
			fmt.Fprintf(&b, "  %s\n", p)
		}
	case why != "":
		fmt.Fprintf(&b, "  why: %s\n", strings.ReplaceAll(strings.TrimSpace(why), "\n", "\n       "))
	}
	if f.do != "" {
		fmt.Fprintf(&b, "  do:  %s\n", f.do)
	}
	fmt.Fprint(a.stderr, a.names.In(b.String()))
}
