package main

import (
	"os"
	"strings"
	"testing"
)

// Every direct dependency has a line in the README that says why.
func TestReadmeNamesDependencies(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	direct := 0
	for line := range strings.Lines(string(mod)) {
		fields := strings.Fields(line)
		if len(fields) != 2 || !strings.HasPrefix(line, "\t") || !strings.HasPrefix(fields[1], "v") {
			continue // not a requirement, or an indirect one, which has a comment
		}
		direct++
		module := fields[0]
		short := strings.TrimPrefix(module, "github.com/")
		if parts := strings.Split(short, "/"); len(parts) > 2 {
			short = strings.Join(parts[:2], "/")
		}
		if !strings.Contains(string(readme), "github.com/"+short+")") && !strings.Contains(string(readme), "pkg.go.dev/"+module+")") {
			t.Errorf("README.md has no line for %s", module)
		}
	}
	if direct < 10 {
		t.Errorf("only %d direct requirements were found in go.mod", direct)
	}
}
