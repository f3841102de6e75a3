package main

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/load"
)

// Accounts report from several goroutines, and log lines come in between:
// nothing is lost, and nothing is left of the drawing's hold on the terminal.
func TestProgress(t *testing.T) {
	var out bytes.Buffer
	a := &app{stderr: &console{out: &out, terminal: true}, progress: true}
	observer, stop := a.startProgress()
	log := slog.New(slog.NewTextHandler(a.stderr, nil))
	var group sync.WaitGroup
	for _, account := range []string{"retail", "wholesale"} {
		group.Go(func() {
			observer.AccountStarted("soms", account)
			for range 50 {
				observer.Page("soms", account, "orders", 100, 5000)
			}
			log.Warn("asked again", "account", account)
			r := pipeline.AccountResult{Source: "soms", Account: account, Loaded: load.Loaded{State: complete}}
			if account == "wholesale" {
				r.State, r.Err = "failed", errors.New("down")
			}
			observer.AccountDone(r)
		})
	}
	group.Wait()
	observer.Stage("checks")
	observer.Stage("publish")
	stop()
	for _, want := range []string{"soms/retail", "5,000 records", "soms/wholesale  failed", "checks", "publish", "account=retail", "account=wholesale"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q was not drawn:\n%s", want, out.String())
		}
	}
	before := out.Len()
	log.Warn("afterwards")
	if !strings.Contains(out.String()[before:], "afterwards") {
		t.Error("a log line after the progress is lost")
	}
}

// What a night does before it asks anybody does not go on beside the accounts.
func TestStageEndsWithTheFirstAccount(t *testing.T) {
	var out bytes.Buffer
	a := &app{stderr: &console{out: &out, terminal: true}, progress: true}
	observer, stop := a.startProgress()
	observer.Stage("annotate")
	before := observer.(*progressView).stage
	observer.AccountStarted("soms", "retail")
	if !before.IsDone() {
		t.Error("it is drawn as if it went on")
	}
	stop()
}

// Without a terminal nothing is drawn.
func TestNoProgress(t *testing.T) {
	var out bytes.Buffer
	a := &app{stderr: newConsole(&out, func(string) string { return "" })}
	if observer, stop := a.startProgress(); observer != nil {
		t.Error("progress is drawn into a pipe")
	} else {
		stop()
	}
}
