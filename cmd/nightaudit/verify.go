package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract/landing"
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
			"hashes, answers by their size; with --all every byte, and the earlier databases. The\n" +
			"published database, workbooks and pages are compared byte by byte with what was\n" +
			"published; a workbook that somebody saved is their work. One that is named, however\n" +
			"old, is said to rest on this landing or not. A sample of the answers, others after each\n" +
			"night, is decoded anew and compared with the published database; that alone needs\n" +
			"secrets, and is left out where they are not at hand and --sample is not given. Nothing\n" +
			"is changed. Exit code 3 where something is not as it was.\n" +
			"--restore-test is a restore drill: it makes the database anew from the landing in a folder\n" +
			"beside data_dir, compares every table with the working and the published database, says\n" +
			"what differs and how long it took, and removes the folder.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Usage: "hash every byte, also of the answers"},
			&cli.IntFlag{Name: "sample", Value: usualSample, Usage: "decode up to `N` landed answers anew, and compare what they give with the published database; 0 decodes none"},
			&cli.BoolFlag{Name: "restore-test", Usage: "rebuild the database in a folder of its own, as replay would, and compare every table"},
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
	if c.Bool("restore-test") {
		return a.restoreTest(ctx, c, asJSON)
	}
	sample := c.Int("sample")
	if sample < 0 {
		return usage(fmt.Sprintf("--sample %d is no number of answers", sample), "0 decodes none")
	}
	cfg, without, err := a.loadToVerify(sample, c.IsSet("sample"))
	if err != nil {
		return err
	}
	if without != "" {
		sample = 0
	}
	result, err := pipeline.Verify(ctx, cfg, pipeline.VerifyOptions{
		Options: pipeline.Options{Version: versionText(), Now: a.now, Log: a.log}, All: c.Bool("all"), Workbooks: c.Args().Slice(), Sample: sample,
	})
	switch {
	case errors.Is(err, pipeline.ErrLocked):
		return runFailure(cfg, err)
	case err != nil:
		return &failure{code: exit.Failed, what: "the landing could not be verified", err: err, again: "verify again: nothing was changed"}
	}
	if without != "" {
		result.Notices = append(result.Notices, without)
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

// usualSample is how many answers a verification decodes that nobody asks for a number.
const usualSample = 100

// loadToVerify reads the configuration, with the secrets that decoding a sample takes;
// without says why there is none where it was not asked for.
func (a *app) loadToVerify(sample int, asked bool) (cfg *config.Config, without string, err error) {
	if sample > 0 {
		if cfg, err = a.load(a.now); err == nil || asked {
			return cfg, "", err
		}
		without = "no sample was decoded: that takes the configuration's secrets, which are not at hand; --sample says what is wrong with them"
	}
	cfg, err = a.loadReader()
	return cfg, without, err
}

func (a *app) printFindings(findings []landing.Finding) {
	if len(findings) == 0 {
		return
	}
	t := a.newTable(table.Row{"what", "file", "why"})
	for _, f := range findings {
		t.AppendRow(table.Row{f.Kind, cmp.Or(f.File, f.Run), f.Text})
	}
	t.Render()
	fmt.Fprintln(a.stdout)
}

func (a *app) printVerified(r *pipeline.VerifyResult, all bool) {
	a.printFindings(r.Findings)
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
		if r.Bytewise {
			words += ", byte by byte"
		}
		if len(r.Findings) > 0 {
			words += " but for what is said above"
		}
	}
	if s := r.Sample; s != nil {
		words += fmt.Sprintf("; a sample of %s with %s was decoded anew", plural(int64(s.Answers), "answer", "answers"), plural(s.Orders, "order", "orders"))
	}
	return words + fmt.Sprintf("; %s and %s; %s", plural(int64(len(r.Workbooks)), "workbook", "workbooks"),
		plural(int64(r.Entries), "entry of people", "entries of people"), plural(int64(len(r.Findings)), "finding", "findings"))
}
