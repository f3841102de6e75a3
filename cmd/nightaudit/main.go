// Command nightaudit turns the raw answers of hotel and retail systems
// into a database and workbooks that account for every figure. See README.md.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	// Business dates need time zones, and not every machine has them.
	_ "time/tzdata"
)

func main() {
	// The first signal ends the run cleanly; a second one ends the process.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	stderr := os.Stderr
	if os.Getenv(engineVariable) == "" {
		context.AfterFunc(ctx, stop)
	} else if given := os.NewFile(3, "standard error"); isOpen(given) {
		stderr = given // and whoever started this process ends it
	}
	code := Run(ctx, os.Args, os.Stdin, os.Stdout, stderr, os.Getenv)
	stop()
	os.Exit(code)
}

func isOpen(f *os.File) bool {
	_, err := f.Stat()
	return err == nil
}
