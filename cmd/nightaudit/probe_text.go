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
		for _, answer := range account.Answers {
			a.printAnswer(&answer)
		}
		if account.Error != "" {
			fmt.Fprintf(a.stdout, "%s it ended early: %s\n", paint(a.stdoutColour(), red, "✗"), account.Error)
		}
	}
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
