package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/load/disk"
)

func (a *app) verifyCommand() *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Usage:     "compare landing, published database and workbooks with the landing's chain of seals",
		ArgsUsage: "[BOOK.xlsx]…",
		Description: "Every run that ends seals what it landed: the hash of each file, and that of the seal\n" +
			"before. The last seal's hash stands in the published database and in workbooks. verify\n" +
			"walks that chain: seals, manifests, ledgers of windows and what people added by their\n" +
			"hashes, answers by their size; with --all every byte. A workbook that is named, however\n" +
			"old, is said to rest on this landing or not. Nothing is changed and no secret is\n" +
			"needed. Exit code 3 where something is not as it was sealed.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Usage: "hash every byte, also of the answers"},
			formatFlag(),
		},
		Action: a.verify,
	}
}

func (a *app) verify(ctx context.Context, c *cli.Command) error {
	asJSON, err := wantsJSON(c)
	if err != nil {
		return err
	}
	cfg, err := a.loadReader()
	if err != nil {
		return err
	}
	result, err := pipeline.Verify(ctx, cfg, pipeline.VerifyOptions{
		Options: pipeline.Options{Now: a.now, Log: a.log}, All: c.Bool("all"), Workbooks: c.Args().Slice(),
	})
	switch {
	case errors.Is(err, pipeline.ErrLocked):
		return runFailure(cfg, err)
	case err != nil:
		return &failure{code: exit.Failed, what: "the landing could not be verified", err: err, again: "verify again: nothing was changed"}
	}
	if asJSON {
		err = a.printJSON(result)
	} else {
		a.printVerified(result, c.Bool("all"))
	}
	if err == nil && len(result.Findings) > 0 {
		return exitWith(exit.Partial)
	}
	return err
}

func (a *app) printVerified(r *pipeline.VerifyResult, all bool) {
	if len(r.Findings) > 0 {
		t := newTable(a.stdout, table.Row{"what", "file", "why"})
		for _, f := range r.Findings {
			file := f.File
			if file == "" {
				file = f.Run
			}
			t.AppendRow(table.Row{f.Kind, file, f.Text})
		}
		t.Render()
		fmt.Fprintln(a.stdout)
	}
	for _, b := range r.Workbooks {
		if b.Named {
			fmt.Fprintf(a.stdout, "workbook  %s rests on seal %d, of run %s\n", b.File, b.Sequence, b.Run)
		}
	}
	for _, notice := range r.Notices {
		fmt.Fprintf(a.stdout, "note      %s\n", notice)
	}
	fmt.Fprintf(a.stdout, "verified  %s\n", verifiedText(r, all))
}

// verifiedText is what was compared, in a line.
func verifiedText(r *pipeline.VerifyResult, all bool) string {
	how := "answers by size"
	if all {
		how = "every byte hashed"
	}
	words := fmt.Sprintf("%s, %s, %s (%s, %s)", plural(int64(r.Runs), "run", "runs"), plural(int64(r.Seals), "seal", "seals"),
		plural(int64(r.Files), "file", "files"), disk.Size(r.Bytes), how)
	if r.Unsealed > 0 {
		words += fmt.Sprintf(", %d of the runs not sealed", r.Unsealed)
	}
	if r.Seals == 0 {
		words += "; the chain begins with the next run that ends"
	} else {
		words += fmt.Sprintf("; the chain begins with run %s, its head is %s", r.Begins, r.Head)
	}
	if r.Database != "" {
		words += "; the published database agrees"
		if len(r.Findings) > 0 {
			words += " but for what is said above"
		}
	}
	return words + fmt.Sprintf("; %s and %s; %s", plural(int64(len(r.Workbooks)), "workbook", "workbooks"),
		plural(int64(r.Entries), "entry of people", "entries of people"), plural(int64(len(r.Findings)), "finding", "findings"))
}
