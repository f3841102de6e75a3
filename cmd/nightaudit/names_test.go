package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Wherever people read, an account is called by its name with the id that they type
// beside it, and a Chinese character takes two columns of a table; programs get the id.
func TestAccountsAreCalledByTheirNames(t *testing.T) {
	t.Parallel()
	g := startGroup(t, "names:\n  accounts: {soms/a: 湖滨店, soms/b: 机场店}\n  channels: {meituan: 美团}\n")
	g.setDay(11)
	g.bIsDown.Store(true)
	for _, c := range []struct {
		call string
		code int
		want []string // what it says, on either stream
	}{
		{"run --dry-run", 1, []string{"\n湖滨店 (soms/a)  orders     the beginning", "\n机场店 (soms/b): not planned: ", "\n湖滨店 (soms/a)  1000/s", "no plan for 机场店 (soms/b)\n"}},
		{"run --no-report", 3, []string{
			"\naccount          state     orders  new  changed  unchanged  rejected\n",
			"\n湖滨店 (soms/a)  complete       1    1        0          0         0\n",
			"\n机场店 (soms/b)  failed         0    0        0          0         0\n",
			"\n机场店 (soms/b): ",
			", done in part: 机场店 (soms/b) failed, ",
		}},
		{"check", 1, []string{" 湖滨店 (soms/a): reached", "✗ 机场店 (soms/b): "}},
		{"status", 0, []string{
			"account          last complete night      age    state     errors  warnings  infos\n湖滨店 (soms/a)  2024-04-11 06:30 +08:00  0 min  complete       0         0      0\n机场店 (soms/b)  never                           failed         0         0      0\n",
			"\n机场店 (soms/b): ",
		}},
		{"runs last", 0, []string{"\n湖滨店 (soms/a) orders", "\n湖滨店 (soms/a)  ", "\n机场店 (soms/b)  "}},
		{"trace A1", 0, []string{"湖滨店 (soms/a) A1 (found by ", "  channel            美团 (meituan)\n"}},
		{"close --month 2024-04 --dry-run", 0, []string{"\n湖滨店 (soms/a)  revenue", "missing   机场店 (soms/b)"}},
	} {
		code, stdout, stderr := g.command(strings.Fields(c.call)...)
		if code != c.code {
			t.Errorf("%s ends with %d, want %d", c.call, code, c.code)
		}
		for _, want := range c.want {
			if !strings.Contains("\n"+stdout+stderr, want) {
				t.Errorf("%s does not say\n%s\nbut\n%s%s", c.call, want, stdout, stderr)
			}
		}
		if unnamed := strings.NewReplacer("(soms/a)", "", "(soms/b)", "").Replace(stdout + stderr); strings.Contains(unnamed, "soms/a") || strings.Contains(unnamed, "soms/b") {
			t.Errorf("%s calls an account by its id alone:\n%s%s", c.call, stdout, stderr)
		}
		if c.call == "run --no-report" || c.call == "status" {
			for line := range strings.Lines(stdout) {
				if table, _, sentence := strings.Cut(line, ": "); !sentence && text.StringWidth(strings.TrimSpace(table)) > 100 {
					t.Errorf("%s: wider than 100 columns: %s", c.call, line)
				}
			}
		}
	}

	var of struct {
		Accounts []struct{ Source, Account, Name string }
		Findings []struct{ Subject, Name string }
	}
	for _, call := range []string{"status --format json", "check --format json"} {
		_, stdout, _ := g.command(strings.Fields(call)...)
		if err := json.Unmarshal([]byte(stdout), &of); err != nil {
			t.Fatal(err)
		}
	}
	if a := of.Accounts; len(a) != 2 || a[0].Account != "a" || a[0].Name != "湖滨店" || a[1].Name != "机场店" {
		t.Errorf("status gives programs %+v", a)
	}
	named := map[string]string{}
	for _, f := range of.Findings {
		named[f.Subject] = f.Name
	}
	if named["soms/a"] != "湖滨店" || named["soms/b"] != "机场店" || named["configuration"] != "" {
		t.Errorf("check gives programs %v", named)
	}
}
