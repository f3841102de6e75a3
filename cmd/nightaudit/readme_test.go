package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The README's commands work and print what it says: the blocks marked
// console, one after the other, in the folder where a demo has just run.
func TestReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a demo")
	}
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no sh:", err)
	}
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	script, want := readmeCommands(string(text))
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
	shell("nightaudit demo")
	for i, command := range script {
		if folder, ok := strings.CutPrefix(command, "cd "); ok {
			dir += "/" + folder
			continue
		}
		if got := shell(command); got != want[i] {
			t.Errorf("$ %s\ngot:\n%s\nwant:\n%s", command, got, want[i])
		}
	}
}

// readmeCommands finds the commands of the blocks marked console and what each is
// said to print.
func readmeCommands(markdown string) (commands, outputs []string) {
	inside := false
	for line := range strings.Lines(markdown) {
		command, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case strings.HasPrefix(line, "```"):
			inside = strings.TrimSpace(line) == "```console"
		case inside && isCommand:
			commands, outputs = append(commands, strings.TrimSpace(command)), append(outputs, "")
		case inside:
			outputs[len(outputs)-1] += line
		}
	}
	return commands, outputs
}
