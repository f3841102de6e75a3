package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/nightaudit/nightaudit/testdata/attacks"
)

// timed are the flags of all commands that name a time, as "run --since", by what
// they name: found by their help, so that a new one cannot be forgotten.
func timed(root *cli.Command) map[string]string {
	found := map[string]string{}
	kind := regexp.MustCompile("`(DAY|MONTH|INSTANT)`")
	var walk func(c *cli.Command, path string)
	walk = func(c *cli.Command, path string) {
		for _, f := range c.Flags {
			if s, ok := f.(*cli.StringFlag); ok {
				if m := kind.FindStringSubmatch(s.Usage); m != nil {
					found[strings.TrimSpace(path+" --"+s.Name)] = m[1]
				}
			}
		}
		for _, sub := range c.Commands {
			walk(sub, strings.TrimSpace(path+" "+sub.Name))
		}
	}
	walk(root, "")
	return found
}

// beside are the flags that must stand beside another for it to be read at all.
var beside = map[string][]string{
	"run --until":   {"--since", "2024-01-01"},
	"report --from": {"--to", "2024-01-01"},
	"report --to":   {"--from", "2024-01-01"},
}

// Every flag of a time refuses with exit code 2, and in words that name it, what
// is empty, no time, of the years 0, 1 and 9999, or in the future where nothing can
// be known of that. The months of close and the dates of reports may be future:
// close says that the month has not ended, and rooms are booked in advance.
func TestFlagsOfTime(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "nightaudit.yaml")
	config := "version: 1\npii: {key: k}\nsources:\n  soms:\n    - {account: retail, base_url: 'http://127.0.0.1:1', tenant_id: '1', auth: {kind: basic, username: u, password: p}}\n"
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := timed((&app{stdout: &bytes.Buffer{}, stderr: newConsole(&bytes.Buffer{}, noEnv), now: time.Now}).root())
	want := []string{"close --month", "demo --at", "replay --since", "report --date", "report --from", "report --month", "report --to", "run --at", "run --since", "run --until"}
	if len(flags) != len(want) {
		t.Errorf("the flags of a time are %v, want %v", flags, want)
	}
	future := time.Now().AddDate(1, 0, 0)
	layouts := map[string]string{"DAY": time.DateOnly, "MONTH": "2006-01", "INSTANT": time.RFC3339}
	tried := 0
	for _, name := range want {
		layout := layouts[flags[name]]
		bad := []string{"", " ", "yesterday", "0", "-1", "2024-13-41", "2024/04/01", "１２３４-01-01"}
		for _, year := range []int{0, 1, 1969, 9999} {
			bad = append(bad, fmt.Sprintf("%04d", year)+time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Format(layout)[4:])
		}
		if !strings.HasPrefix(name, "report ") && name != "close --month" {
			bad = append(bad, future.Format(layout))
		}
		command, flag, _ := strings.Cut(name, " ")
		for _, value := range bad {
			args := append([]string{"nightaudit", "--config", file, command, flag, value}, beside[name]...)
			var out, said bytes.Buffer
			code := Run(t.Context(), args, strings.NewReader(""), &out, &said, noEnv)
			if code != 2 || !strings.Contains(said.String(), flag) {
				t.Errorf("%s %q ends with %d and says %q", name, value, code, said.String())
			}
			tried++
		}
	}
	attacks.In(t).All(tried)
}

func noEnv(string) string { return "" }
