package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// A configuration of a few hundred bytes, or of a megabyte, that stands for more
// than any has is refused soon, with the place.
func TestConfigurationsBeyondMeasure(t *testing.T) {
	lines := func(n int, line string) string { return strings.Repeat(line+"\n", n) }
	laughs := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	merges := "m0: &m0 {k0: x, k1: x}\n"
	for i := 1; i < 20; i++ {
		laughs += fmt.Sprintf("a%d: &a%[1]d [*a%[2]d, *a%[2]d, *a%[2]d, *a%[2]d, *a%[2]d, *a%[2]d, *a%[2]d, *a%[2]d, *a%[2]d, *a%[2]d]\n", i, i-1)
		merges += fmt.Sprintf("m%d: &m%[1]d {x: *m%[2]d, y: *m%[2]d, <<: *m%[2]d}\n", i, i-1)
	}
	var keys, anchors strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&keys, "k%d: v\n", i)
		if i < 2_000 {
			fmt.Fprintf(&anchors, "k%d: &a%[1]d v\n", i)
		}
	}
	tally := attacks.In(t)
	const deep, much, many = "nests deeper than any configuration", "has more words and signs than any configuration", "has more anchors, aliases and tags"
	for name, c := range map[string]struct{ text, want string }{
		"aliases of aliases":           {laughs, "nightaudit.yaml:6:"},
		"a billion laughs, in words":   {laughs, "stand for more than 100000 values: write out what is meant"},
		"merged aliases of aliases":    {merges, "stand for more than 100000 values"},
		"brackets":                     {"a: " + strings.Repeat("[", 90_000), deep},
		"brackets that are closed":     {"a: " + strings.Repeat("[", 40_000) + strings.Repeat("]", 40_000), deep},
		"braces":                       {"a: " + strings.Repeat("{a: ", 30_000), deep},
		"dashes":                       {strings.Repeat("- ", 40_000) + "x", deep},
		"question marks":               {strings.Repeat("? ", 40_000) + "x", deep},
		"a hundred thousand keys":      {keys.String(), much},
		"a list without an end":        {"a: [" + strings.Repeat("1, ", 90_000) + "1]", much},
		"a sequence without an end":    {"a:\n" + lines(90_000, "- x"), much},
		"documents":                    {lines(40_000, "---\na: 1"), much},
		"comments":                     {lines(110_000, "# x"), much},
		"anchors":                      {anchors.String(), many},
		"anchors of one value":         {"a: " + strings.Repeat("&a ", 20_000) + "1", many},
		"tags":                         {"a: " + strings.Repeat("!x ", 20_000) + "1", many},
		"two megabytes":                {"a: \"" + strings.Repeat("x", 2<<20) + "\"", "it is too large: 2.0 MiB, and 1.0 MiB at most are read"},
		"zeros":                        {strings.Repeat("\x00", 1<<20), "UTF-16"},
		"a text without a quote's end": {"a: \"" + strings.Repeat("x ", 400_000), "is no YAML"},
	} {
		tally.Try(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "nightaudit.yaml")
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			_, err := Load(file, Options{Getenv: func(string) string { return "" }})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%.300v; want %s", err, c.want)
			}
			if took := time.Since(begun); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// An alias that a person would write costs nothing.
func TestAliasesOfPeople(t *testing.T) {
	p := &problems{file: "nightaudit.yaml"}
	root := parse("auth: &auth {kind: basic, username: u}\nsources:\n"+strings.Repeat("  - {auth: *auth}\n", 200), p)
	if len(p.found) > 0 || len(root.get("sources").items) != 200 || root.get("sources").items[199].get("auth").get("kind").value != "basic" {
		t.Errorf("%v", p.found)
	}
	// The mapping, auth with its anchor, the list, and of each item itself, the alias
	// and what it is.
	if size := root.size; size != 1+(1+3)+1+200*(1+1+3) {
		t.Errorf("%d values", size)
	}
}
