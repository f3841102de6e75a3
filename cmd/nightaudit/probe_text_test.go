package main

import (
	"io"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract/probe"
)

// A person reads what was found out, and why the rest was not asked once, not with each
// question.
func TestUntoldQuestionsAreCounted(t *testing.T) {
	told := probe.Answer{Ask: probe.Text{EN: "Is it so?"}, Outcome: "so", Sure: probe.Proven, Say: probe.Text{EN: "yes"}}
	untold := probe.Answer{Ask: probe.Text{EN: "Is it otherwise?"}, Sure: probe.Open, Say: probe.Text{EN: "not asked"}, Do: probe.Text{EN: "probe again with a higher --max-calls"}}
	for name, c := range map[string]struct {
		answers []probe.Answer
		failed  string
		want    string
	}{
		"all were asked": {[]probe.Answer{told}, "", "soms/retail: 3 calls\n✓ Is it so?\n    yes\n"},
		"calls ran out":  {[]probe.Answer{told, untold}, "", "soms/retail: 3 calls\n✓ Is it so?\n    yes\n? 1 question was not asked: probe again with a higher --max-calls\n"},
		"it failed":      {[]probe.Answer{untold, untold}, "log in: code 401", "soms/retail: 3 calls\n✗ it ended early: log in: code 401\n? 2 questions were not asked: mend that, then probe again\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			a := &app{stdout: &out, stderr: newConsole(io.Discard, noEnv), getenv: noEnv}
			a.printProbed(&probed{Accounts: []probedAccount{{Source: "soms", Account: "retail", Calls: 3, Error: c.failed, Answers: c.answers}}})
			if out.String() != c.want {
				t.Errorf("it says\n%s\nwant\n%s", out.String(), c.want)
			}
		})
	}
}
