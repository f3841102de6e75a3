package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
)

// edits are the keys that follow from what was learned.
func (p *probed) edits() (edits []config.Edit) {
	for _, account := range p.Accounts {
		set := map[string]bool{}
		for _, answer := range account.Answers {
			for _, key := range slices.Sorted(maps.Keys(answer.Set)) {
				if !set[key] { // the more important question was asked first
					edits = append(edits, config.Edit{Source: account.Source, Account: account.Account, Key: key, Value: answer.Set[key]})
				}
				set[key] = true
			}
		}
	}
	return edits
}

// sayProbed says what comes after a probe that has asked everybody.
func (a *app) sayProbed(cfg *config.Config, found *probed, written bool) {
	text, err := os.ReadFile(cfg.File)
	if err == nil && !written {
		if _, done, err := config.Apply(text, found.edits()); err == nil && len(done) > 0 {
			var sets []string
			for _, d := range done {
				sets = append(sets, fmt.Sprintf("%s/%s %s: %s", d.Source, d.Account, d.Key, d.Value))
			}
			a.sayNext(cfg, "probe --write", "it asks again, and sets "+strings.Join(sets, ", "))
			return
		}
	}
	a.sayNext(cfg, "run --dry-run", "")
}

// writeLearned changes the configuration as the probe found out, and shows how.
func (a *app) writeLearned(cfg *config.Config, found *probed, w io.Writer) error {
	text, err := os.ReadFile(cfg.File)
	if err != nil {
		return &failure{code: exit.Failed, what: "read the configuration again", err: err}
	}
	changed, done, err := config.Apply(text, found.edits())
	if err != nil {
		return &failure{code: exit.Failed, what: "change " + cfg.File, err: err, do: "it is left as it was"}
	}
	if len(done) == 0 {
		fmt.Fprintf(w, "\n%s is left as it is: nothing was learned that it does not say.\n", shortPath(cfg.File))
		return nil
	}
	for _, d := range done {
		fmt.Fprintf(w, "%s:%d %s/%s\n", cfg.File, d.Line, d.Source, d.Account)
		if d.Before != "" {
			fmt.Fprintf(w, "- %s: %s\n", d.Key, d.Before)
		}
		fmt.Fprintf(w, "+ %s: %s\n", d.Key, d.Value)
	}
	return writeOutput(cfg.File, func(w io.Writer) error {
		_, err := w.Write(changed)
		return err
	})
}
