package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
)

// engineVariable is set in a process that runs people's SQL for another one. Its
// third file descriptor is standard error: what the library of the database
// engine prints when it breaks goes to the second, which the other process reads.
const engineVariable = "NIGHTAUDIT_ENGINE"

// apart says whether this process has others run people's SQL. Statements exist
// that end the process of the database engine (its parts recurse over what is
// nested very deeply), and nothing but a process of their own contains them. It is
// not for tests that are not run as a program, nor for Windows, where no further
// file can be handed on.
func (a *app) apart() bool {
	return a.getenv(engineVariable) == "" && a.stdin == io.Reader(os.Stdin) && runtime.GOOS != "windows"
}

// runApart runs this command line once more, in a process of its own, with other
// input and output. forget removes what that process has left, if it broke.
func (a *app) runApart(ctx context.Context, stdin io.Reader, stdout io.Writer, forget func(pid int) error) error {
	program, err := os.Executable()
	if err != nil {
		return &failure{code: exit.Failed, what: "the database engine was not started", err: err}
	}
	var printed bytes.Buffer
	cmd := exec.CommandContext(ctx, program)
	cmd.Args = a.args
	cmd.Env = append(os.Environ(), engineVariable+"=1", "GOTRACEBACK=none")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, &printed
	cmd.ExtraFiles = []*os.File{os.Stderr}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it ends cleanly, and says so
	// The thread that starts a process that ends with it has to last.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	endWith(cmd)
	err = cmd.Run()
	var ended *exec.ExitError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &ended):
		return &failure{code: exit.Failed, what: "the database engine was not started", err: err}
	case ended.Exited() && printed.Len() == 0:
		return exitWith(ended.ExitCode())
	}
	return broken(errors.Join(errors.New(lastWords(ended, printed.String())), forget(ended.Pid())))
}

// broken is how a command ends whose statement ended the engine.
func broken(why error) error {
	return &failure{
		code: exit.Failed, what: "the database engine broke over the statement", err: why,
		do: "nothing was changed; write it in another way: values that are nested less deeply, shorter chains of names, fewer rows at once",
	}
}

// lastWords is why a process ended: the first line of what it printed, which no
// person can use more of.
func lastWords(ended *exec.ExitError, printed string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(printed), "\n")
	if line == "" {
		return ended.String() // signal: killed
	}
	return line
}
