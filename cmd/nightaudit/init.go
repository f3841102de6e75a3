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
	"regexp"
	"slices"
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
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "source", Usage: "only this `SOURCE`; may be repeated"},
			&cli.StringSliceFlag{Name: "set", Usage: "a value of its account, as `SOURCE.KEY=VALUE`; may be repeated"},
			&cli.BoolFlag{Name: "no-input", Usage: "ask nothing, and write every source with its example"},
		},
		Action: func(_ context.Context, c *cli.Command) error {
			file := a.configFile
			switch c.Args().Len() {
			case 0:
			case 1:
				file = c.Args().First()
			default:
				return usage("init writes one file, and was given "+fmt.Sprint(c.Args().Len()), "name one file")
			}
			w, err := a.wanted(c, file)
			if err != nil {
				return err
			}
			return a.writeStarter(file, w)
		},
	}
}

// wanted is what the flags say of the starter, or a person on the terminal.
func (a *app) wanted(c *cli.Command, file string) (*wanted, error) {
	w := &wanted{}
	sources, sets := c.StringSlice("source"), c.StringSlice("set")
	switch in, isFile := a.stdin.(*os.File); {
	case len(sources)+len(sets) > 0:
		return w, w.fromFlags(all.Drivers(), sources, sets)
	case c.Bool("no-input") || a.quiet || !isFile || !term.IsTerminal(int(in.Fd())) || !isTerminal(a.stdout):
		return w, nil
	}
	if _, err := os.Lstat(file); err == nil {
		return w, nil // refused before anybody is asked
	}
	if err := w.ask(&asker{bufio.NewScanner(a.stdin), a.stdout}, all.Drivers()); err != nil {
		return nil, &failure{code: exit.Failed, what: "write " + file, err: err, do: "nothing is written; --no-input writes the starter without questions"}
	}
	return w, nil
}

func (a *app) writeStarter(file string, w *wanted) error {
	text, err := w.apply(all.Drivers())
	if err != nil {
		return &failure{code: exit.Failed, what: "write " + file, err: err}
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return usage(file+" exists already, and is left as it is", "name another file: nightaudit init FILE")
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
	first := "delete the sources you do not have, and fill in the addresses of the others"
	variables := "the environment variables that it names"
	if w.sources != nil {
		first = "look it through: what each key means stands beside it"
		variables = strings.Join(variablesOf(text), ", ")
	}
	fmt.Fprintf(a.stdout, "%s is written. Next:\n"+
		"  1. %s\n"+
		"  2. set %s, or use ${file:PATH}\n"+
		"  3. nightaudit check%s\n", file, first, variables, configFlag(file))
	return nil
}

var namedVariable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// variablesOf lists the environment variables that a configuration takes values from.
func variablesOf(text string) (names []string) {
	for line := range strings.Lines(text) {
		value, _, _ := strings.Cut(" "+line, " #")
		for _, found := range namedVariable.FindAllStringSubmatch(value, -1) {
			if !slices.Contains(names, found[1]) {
				names = append(names, found[1])
			}
		}
	}
	return names
}

// sayNext tells a person who begins which command comes next. Once there was a night
// nobody needs to be told.
func (a *app) sayNext(cfg *config.Config, command string) {
	_, err := os.Lstat(filepath.Join(cfg.Publish.Dir, load.PublishedName))
	if !a.quiet && isTerminal(a.stdout) && errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(a.stdout, "\nNext: nightaudit %s%s\n", command, configFlag(a.configFile))
	}
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
		fmt.Fprintf(&b, "  %s:\n", drivers[i].Name)
		for line := range strings.Lines(strings.TrimRight(drivers[i].ExampleConfig, "\n") + "\n") {
			if strings.TrimSpace(line) != "" {
				line = "    " + line
			}
			b.WriteString(line)
		}
	}
	b.WriteString(starterFooter)
	return b.String()
}
