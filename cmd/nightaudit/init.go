package main

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v3"
	"golang.org/x/term"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
	"github.com/nightaudit/nightaudit/load"
)

// The starter configuration is the header, one example account of each
// source as its driver words it, and the footer.
var (
	//go:embed starter_header.yaml
	starterHeader string
	//go:embed starter_footer.yaml
	starterFooter string
)

func (a *app) initCommand() *cli.Command {
	return &cli.Command{
		Name:      "init",
		Usage:     "write a commented starter configuration",
		ArgsUsage: "[FILE]",
		Description: "FILE is the one that --config names unless given: nightaudit.yaml. An existing\n" +
			"file is never overwritten. Nobody but you can read the new one. Beside it lies the\n" +
			"schema by which editors complete and check it, nightaudit.schema.json.\n" +
			"On a terminal it asks which systems there are, where, and where their secrets are;\n" +
			"--source and --set say it without questions.",
		DisableSliceFlagSeparator: true, // values have commas
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "source", Usage: "only this `SOURCE`; may be repeated"},
			&cli.StringSliceFlag{Name: "set", Usage: "a value of its account, as `SOURCE.KEY=VALUE`; may be repeated"},
			&cli.BoolFlag{Name: "no-input", Usage: "ask nothing, and write every source with its example"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			file := a.configFile
			switch c.Args().Len() {
			case 0:
			case 1:
				file = c.Args().First()
			default:
				return usage("init writes one file, and was given "+fmt.Sprint(c.Args().Len()), "name one file")
			}
			w, err := a.wanted(ctx, c, file)
			if err != nil {
				return err
			}
			return a.writeStarter(file, w)
		},
	}
}

// wanted is what the flags say of the starter, or a person on the terminal.
func (a *app) wanted(ctx context.Context, c *cli.Command, file string) (*wanted, error) {
	w := &wanted{drivers: all.Drivers()}
	sources, sets := c.StringSlice("source"), c.StringSlice("set")
	switch in, isFile := a.stdin.(*os.File); {
	case len(sources)+len(sets) > 0:
		return w, w.fromFlags(sources, sets)
	case c.Bool("no-input") || a.quiet || !isFile || !term.IsTerminal(int(in.Fd())) || !isTerminal(a.stdout):
		return w, nil
	}
	if _, err := os.Lstat(file); err == nil {
		return w, nil // refused before anybody is asked
	}
	if err := w.ask(ctx, &asker{bufio.NewScanner(a.stdin), a.stdout}); err != nil {
		const do = "nothing is written: begin again with nightaudit init; --no-input writes the starter without questions"
		return nil, &failure{code: exit.Failed, what: file + " is not written", err: err, do: do, again: do}
	}
	return w, nil
}

func (a *app) writeStarter(file string, w *wanted) error {
	text, err := w.apply()
	if err != nil {
		return &failure{code: exit.Failed, what: "write " + file, err: err}
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return usage(file+" exists already, and is left as it is", "nightaudit check"+configFlag(file)+" tries it; nightaudit init FILE writes another one")
	}
	if err != nil {
		return &failure{code: exit.Failed, what: "write " + file, err: err, do: "the folder must exist and be yours to write in"}
	}
	_, err = f.WriteString(text)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = writeSchemaBeside(file)
	}
	if err != nil {
		return &failure{code: exit.Failed, what: "write " + file, err: err}
	}
	if !a.quiet {
		fmt.Fprint(a.stdout, w.next(file, text))
	}
	return nil
}

// sayNext tells a person who begins which command comes next. Once there was a night
// nobody needs to be told.
func (a *app) sayNext(cfg *config.Config, command, remark string) {
	if remark != "" {
		remark = "  (" + remark + ")"
	}
	if a.begins(cfg) {
		fmt.Fprintf(a.stdout, "\nNext: nightaudit %s%s%s\n", command, configFlag(a.configFile), remark)
	}
}

// begins says whether a person on a terminal has had no night yet.
func (a *app) begins(cfg *config.Config) bool {
	_, err := os.Lstat(filepath.Join(cfg.Publish.Dir, load.PublishedName))
	return !a.quiet && isTerminal(a.stdout) && errors.Is(err, fs.ErrNotExist)
}

// schemaName is where the first line of the starter has editors look for the schema.
const schemaName = "nightaudit.schema.json"

// configSchema is the schema of configurations, in the words of the starter.
func configSchema() ([]byte, error) { return config.Schema(all.Drivers(), starter(all.Drivers())) }

// writeSchemaBeside lets editors complete and check a configuration without a
// network. A schema that is there stays.
func writeSchemaBeside(file string) error {
	schema, err := configSchema()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(filepath.Dir(file), schemaName), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.Write(schema)
	return errors.Join(err, f.Close())
}

// configFlag is the flag that makes a command read file.
func configFlag(file string) string {
	if file == defaultConfig {
		return ""
	}
	return " --config " + quoted(file)
}

func starter(drivers []extract.Driver) string {
	var b strings.Builder
	b.WriteString(starterHeader)
	for i := range drivers {
		fmt.Fprintf(&b, "  %s:\n%s", drivers[i].Name, exampleText(&drivers[i]))
	}
	b.WriteString(starterFooter)
	return b.String()
}

// exampleText is a source's example as an item of its list.
func exampleText(driver *extract.Driver) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimRight(driver.ExampleConfig, "\n") + "\n") {
		if strings.TrimSpace(line) != "" {
			line = "    " + line
		}
		b.WriteString(line)
	}
	return b.String()
}
