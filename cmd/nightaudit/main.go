// Command nightaudit turns the raw answers of hotel and retail systems
// into a database and workbooks that account for every figure. See README.md.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	// Business dates need time zones, and not every machine has them.
	_ "time/tzdata"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/load/disk"
)

// patience is how long a command that was asked to stop may take to end cleanly.
const patience = 1500 * time.Millisecond

func main() {
	disk.Private()
	// The first signal ends the run cleanly; a second one ends the process, and so
	// does time.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	stderr := os.Stderr
	if os.Getenv(engineVariable) == "" {
		context.AfterFunc(ctx, func() {
			stop()
			time.Sleep(patience)
			giveUp(context.Cause(ctx))
		})
	} else if given := os.NewFile(3, "standard error"); isOpen(given) {
		stderr = given // and whoever started this process ends it
	}
	code := Run(ctx, os.Args, os.Stdin, os.Stdout, stderr, os.Getenv)
	stop()
	os.Exit(code)
}

// giveUp ends a process that was asked to stop and does not, for a library or a
// system call may not listen. What a process leaves that ends at any moment, the
// next one clears away.
func giveUp(why error) {
	fmt.Fprintf(os.Stderr, "nightaudit: stopped on request: %v, and what was being done did not end by itself\n"+
		"  do:  run again: what was landed is kept, and the next run goes on from it\n", why)
	os.Exit(exit.Failed)
}

func isOpen(f *os.File) bool {
	_, err := f.Stat()
	return err == nil
}
