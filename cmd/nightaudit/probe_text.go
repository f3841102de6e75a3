package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/nightaudit/nightaudit/extract/probe"
)

// printProbed prints what was learned, account by account.
func (a *app) printProbed(found *probed) {
	for i, account := range found.Accounts {
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		fmt.Fprintf(a.stdout, "%s/%s: %s\n", account.Source, account.Account, plural(int64(account.Calls), "call", "calls"))
		var untold []probe.Answer
		for _, answer := range account.Answers {
			if answer.Outcome == "" {
				untold = append(untold, answer)
				continue
			}
			a.printAnswer(&answer)
		}
		if account.Error != "" {
			fmt.Fprintf(a.stdout, "%s it ended early: %s\n", paint(a.stdoutColour(), red, "✗"), account.Error)
		}
		a.printUntold(untold, account.Error != "")
	}
}

// printUntold counts the questions that were not asked: they all have one reason.
func (a *app) printUntold(untold []probe.Answer, failed bool) {
	if len(untold) == 0 {
		return
	}
	do := untold[0].Do.EN
	if failed {
		do = "mend that, then probe again"
	}
	fmt.Fprintf(a.stdout, "? %s not asked: %s\n", plural(int64(len(untold)), "question was", "questions were"), do)
}

func (a *app) printAnswer(answer *probe.Answer) {
	mark, colours := "✓", green
	switch {
	case len(answer.Set) > 0:
		mark, colours = "!", yellow
	case answer.Sure == probe.Open:
		mark, colours = "?", text.Colors{}
	}
	fmt.Fprintf(a.stdout, "%s %s\n    %s", paint(a.stdoutColour(), colours, mark), answer.Ask.EN, answer.Say.EN)
	if answer.Sure == probe.Likely {
		fmt.Fprint(a.stdout, " (likely)")
	}
	fmt.Fprintln(a.stdout)
	for _, more := range []string{answer.Means.EN, answer.Do.EN} {
		if more != "" {
			fmt.Fprintf(a.stdout, "    %s\n", more)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(answer.Set)) {
		fmt.Fprintf(a.stdout, "    set %s: %s\n", key, answer.Set[key])
	}
}
