package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
)

const contract = "docs/contract.md"

// The contract names every command with its flags, and no other.
func TestContractNamesCommands(t *testing.T) {
	root := (&app{getenv: os.Getenv}).root()
	text := readDocument(t, contract)
	rows := map[string]string{} // by command
	for _, row := range regexp.MustCompile("(?m)^\\| `nightaudit ([a-z-]+)(.*?)` \\|").FindAllStringSubmatch(text, -1) {
		rows[row[1]] = row[2]
	}
	for _, command := range root.Commands {
		row, ok := rows[command.Name]
		if !ok {
			t.Errorf("%s lacks the command %s", contract, command.Name)
		}
		delete(rows, command.Name)
		sameFlags(t, command.Name, row, flagsBelow(command))
	}
	delete(rows, "completion") // the library's own
	for name := range rows {
		t.Errorf("%s has a command %s, which does not exist", contract, name)
	}
	_, global, _ := strings.Cut(text, "\nGlobal: ")
	global, _, _ = strings.Cut(global, "\n\n")
	sameFlags(t, "nightaudit", global, root.Flags)
}

// flagsBelow are the flags of a command and of those below it, each once.
func flagsBelow(c *cli.Command) []cli.Flag {
	flags := slices.Clone(c.Flags)
	for _, below := range c.Commands {
		for _, f := range below.Flags {
			if !slices.ContainsFunc(flags, func(have cli.Flag) bool { return have.Names()[0] == f.Names()[0] }) {
				flags = append(flags, f)
			}
		}
	}
	return flags
}

func sameFlags(t *testing.T, command, text string, flags []cli.Flag) {
	t.Helper()
	var want []string
	for _, flag := range flags {
		want = append(want, "--"+flag.Names()[0])
	}
	got := regexp.MustCompile(`--[a-z-]+`).FindAllString(text, -1)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%s gives %s the flags %v, want %v", contract, command, got, want)
	}
}

// The contract's example of a configuration is one.
func TestContractsConfigurationLoads(t *testing.T) {
	dir := t.TempDir()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"landing.key": identity.String(), "soms": "secret"} {
		if err := os.MkdirAll(filepath.Join(dir, "secrets"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "secrets", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(dir, "hook.tmpl"), "{{.text}}")
	_, rest, _ := strings.Cut(readDocument(t, contract), "```yaml\n")
	text, _, closed := strings.Cut(rest, "```\n")
	if !closed {
		t.Fatalf("%s has no block marked yaml", contract)
	}
	text = regexp.MustCompile(`age1[a-z0-9]+`).ReplaceAllString(text, identity.Recipient().String())
	file := filepath.Join(dir, "nightaudit.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(file, config.Options{
		Drivers: all.Drivers(), Env: extract.Env{Tokens: new(extract.TokenStore)},
		Getenv: exampleSecret,
	}); err != nil {
		t.Errorf("%s: %v", contract, err)
	}
}
