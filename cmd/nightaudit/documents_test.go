package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

const readme = "../../README.md"

// readmeDemo makes the database of the README's examples: at a fixed instant,
// for a demo of today has today's dates.
const readmeDemo = "nightaudit demo --at 2025-06-01T03:30:00+08:00"

// The README's commands work and print what it says: the blocks marked
// console, one after the other, in the folder where a demo has just run.
// UPDATE_GOLDENS=1 writes what they print into the README, to be read again.
func TestReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a demo")
	}
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no sh:", err)
	}
	text := readReadme(t)
	if !strings.Contains(text, readmeDemo) {
		t.Errorf("the README does not say that its examples are of %s", readmeDemo)
	}
	script := readmeCommands(text)
	if len(script) == 0 {
		t.Fatal("the README has no block marked console")
	}
	dir := t.TempDir()
	shell := func(command string) string {
		cmd := exec.Command("sh", "-ec", command)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "NIGHTAUDIT_CONFIG=")
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s%s", command, err, out, &stderr)
		}
		return string(out)
	}
	shell(readmeDemo)
	var updated strings.Builder
	end := 0
	for _, c := range script {
		got := ""
		if folder, ok := strings.CutPrefix(c.command, "cd "); ok {
			dir += "/" + folder
		} else {
			got = shell(c.command)
		}
		if want := text[c.from:c.to]; got != want && os.Getenv("UPDATE_GOLDENS") == "" {
			t.Errorf("$ %s\ngot:\n%s\nwant:\n%s", c.command, got, want)
		}
		updated.WriteString(text[end:c.from] + got)
		end = c.to
	}
	updated.WriteString(text[end:])
	updateReadme(t, updated.String())
}

// SQL in the README that no test runs would go wrong unseen.
func TestReadmeHasNoOtherSQL(t *testing.T) {
	inside := ""
	for line := range strings.Lines(readReadme(t)) {
		if block, ok := strings.CutPrefix(line, "```"); ok {
			if inside = strings.TrimSpace(block); inside == "sql" {
				t.Error("the README has a block marked sql: show it as a query in a console block")
			}
		}
		if inside != "console" && strings.Contains(line, "nightaudit query \"") {
			t.Errorf("the README shows a query outside of a console block: %s", line)
		}
	}
}

// The README's list of tables is that of the dictionary.
func TestReadmeTables(t *testing.T) {
	dictionary, err := sqlfiles.Dictionary()
	if err != nil {
		t.Fatal(err)
	}
	var list strings.Builder
	list.WriteString("| table or view | holds |\n| --- | --- |\n")
	for i := range dictionary.Tables {
		fmt.Fprintf(&list, "| `%s` | %s |\n", tableName(&dictionary.Tables[i]), strings.ReplaceAll(dictionary.Tables[i].Comment, "|", "\\|"))
	}
	text := readReadme(t)
	const end = "<!-- /tables -->"
	before, rest, opened := strings.Cut(text, "<!-- tables:")
	head, rest, headed := strings.Cut(rest, "-->\n")
	have, after, closed := strings.Cut(rest, end)
	if !opened || !headed || !closed {
		t.Fatal("the README has no place for the list of tables")
	}
	if have != list.String() && os.Getenv("UPDATE_GOLDENS") == "" {
		t.Errorf("the README's list of tables is not the dictionary's; UPDATE_GOLDENS=1 writes it. Want:\n%s", &list)
	}
	updateReadme(t, before+"<!-- tables:"+head+"-->\n"+list.String()+end+after)
}

func readReadme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func updateReadme(t *testing.T, text string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDENS") == "" {
		return
	}
	if err := os.WriteFile(readme, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// readmeCommand is a command and where in the text its output stands.
type readmeCommand struct {
	command  string
	from, to int
}

// readmeCommands finds the commands of the blocks marked console and what
// each is said to print.
func readmeCommands(markdown string) []readmeCommand {
	var commands []readmeCommand
	inside, at := false, 0
	for line := range strings.Lines(markdown) {
		at += len(line)
		command, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case strings.HasPrefix(line, "```"):
			inside = strings.TrimSpace(line) == "```console"
		case inside && isCommand:
			commands = append(commands, readmeCommand{strings.TrimSpace(command), at, at})
		case inside && len(commands) > 0:
			commands[len(commands)-1].to = at
		}
	}
	return commands
}
