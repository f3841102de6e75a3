package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// A night is killed with a private folder open: while it looks at the published database
// apart from a log that lies beside it, and while it writes the workbook. The folder is
// left; once it is a day old the next run removes it, though nothing of its kind is done
// then, and leaves what is younger or nobody's.
func TestSweptByTheNextRun(t *testing.T) {
	slowTest(t)
	in := startInn(t, 5, innFolders{})
	in.pass()
	in.wantDone()
	yesterday := time.Now().Add(-25 * time.Hour)
	var left []string
	for _, folder := range []string{"published/.nightaudit-place-*", "reports/.nightaudit-report-*"} {
		in.pass()
		write(t, filepath.Join(in.dir, "published", load.PublishedName+".wal"), "of another program")
		left = append(left, in.killedWith(folder)...)
	}
	if err := os.Remove(filepath.Join(in.dir, "published", load.PublishedName+".wal")); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	young := filepath.Join(in.dir, "reports", ".nightaudit-report-1-young")
	if err := os.Mkdir(young, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, folder := range left {
		if err := os.Chtimes(folder, yesterday, yesterday); err != nil {
			t.Fatal(err)
		}
	}
	in.wantDone()
	for _, folder := range left {
		if _, err := os.Stat(folder); err == nil {
			t.Errorf("%s is left", folder)
		}
	}
	if _, err := os.Stat(young); err != nil {
		t.Error("what another process may be using is gone")
	}
	attacks.In(t).All(len(left))
}

// killedWith kills nights until one leaves a folder of that name, and gives what is left.
func (in *inn) killedWith(pattern string) []string {
	in.t.Helper()
	for range 40 {
		cmd := in.runNight()
		var stderr strings.Builder
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			in.t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() {
			_ = cmd.Wait() // it is killed
			close(ended)
		}()
		look := time.NewTicker(200 * time.Microsecond)
		for running := true; running; {
			select {
			case <-ended:
				running = false
			case <-look.C:
				if in.exists(pattern) {
					_ = cmd.Process.Kill() // else it has ended
				}
			}
		}
		look.Stop()
		if left, _ := filepath.Glob(filepath.Join(in.dir, pattern)); len(left) > 0 {
			return left
		}
		if cmd.ProcessState.ExitCode() > 0 {
			in.t.Fatalf("the night ended with %d: %s", cmd.ProcessState.ExitCode(), stderr.String())
		}
		in.pass()
	}
	in.t.Fatalf("no night left %s", pattern)
	return nil
}
