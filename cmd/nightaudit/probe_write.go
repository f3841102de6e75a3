package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

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
		fmt.Fprintf(w, "%s says all that was learned already.\n", cfg.File)
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
