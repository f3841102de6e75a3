package main

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// looking are the commands that only look, each as it may be called, with the exit code
// that it has where nothing was ever loaded; works are those that leave something.
var looking = map[string]map[string]int{
	"annotate":     {"annotate --dry-run book.xlsx": 2},
	"case":         {"case --order A1": 1, "case --run last --account retail": 1},
	"check":        {"check": 0, "check --format json": 0},
	"check-breaks": {"check-breaks": 2, "check-breaks --engine spark --url sc://127.0.0.1:1": 1},
	"close":        {"close --month 2024-04 --dry-run": 1, "close --month 2024-04 --reopen --reason x --dry-run": 1},
	"completion":   {"completion bash": 0},
	"config":       {"config": 0, "config --format json": 0, "config --schema": 0},
	"demo":         {"demo --help": 0},
	"describe":     {"describe": 0, "describe orders": 0},
	"export":       {"export --to lake": 1},
	"help":         {"help": 0, "help run": 0},
	"lake":         {"lake": 0, "lake list": 2, "lake verify --warehouse /no/lake": 1, "lake list --warehouse /no/lake": 1},
	"listen":       {"listen --help": 0},
	"notify":       {"notify --test": 0},
	"query":        {"query SELECT(1)": 1, "query": 1},
	"report":       {"report": 1, "report breaks": 1, "report --list": 0},
	"run":          {"run --dry-run": 0},
	"runs":         {"runs": 1, "runs last": 1, "runs --format json": 1},
	"status":       {"status": 1, "status --format json --max-age 26h": 1},
	"trace":        {"trace A1": 1, "trace --raw A1": 1},
	"verify":       {"verify": 1, "verify --all": 1, "verify --sample 5": 1, "verify --restore-test": 1},
	"version":      {"version": 0},
}

var works = []string{"init", "probe", "replay"}

// In a folder with a configuration and what a probe has left, a command that only looks leaves
// nothing: no file, no folder, and nothing among the machine's temporary ones. A command
// that is not in the table is in it tomorrow.
func TestWhatOnlyLooksLeavesNothing(t *testing.T) {
	t.Parallel()
	shop := soms.New(soms.Options{Username: shopUser, Password: shopPassword, Orders: []soms.Order{shopOrder("A1", "2024-04-10 10:00:00", "20.00")}})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/hook" {
			shop.ServeHTTP(w, r)
		} else if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	for _, c := range (&app{}).root().Commands {
		if _, looks := looking[c.Name]; !looks && !slices.Contains(works, c.Name) {
			t.Errorf("nobody says whether %s only looks", c.Name)
		}
	}
	for _, calls := range looking {
		for call, code := range calls {
			t.Run(call, func(t *testing.T) {
				t.Parallel()
				dir, temp := t.TempDir(), t.TempDir()
				ok(t, os.MkdirAll(filepath.Join(dir, "data", "probe"), 0o700)) // a probe was there
				write(t, filepath.Join(dir, "nightaudit.yaml"), "version: 1\npii: {documents: drop}\nnotify:\n  - {kind: webhook, url: "+server.URL+"/hook}\n"+
					"sources:\n  soms:\n    - {account: retail, base_url: "+server.URL+", tenant_id: '8560', auth: {kind: basic, username: "+shopUser+", password: '"+shopPassword+"'}}\n")
				cmd := exec.Command("nightaudit", strings.Fields(call)...)
				cmd.Dir, cmd.Env = dir, append(os.Environ(), "NIGHTAUDIT_CONFIG=", "TMPDIR="+temp)
				said, err := cmd.CombinedOutput()
				var ended *exec.ExitError
				if err != nil && !errors.As(err, &ended) {
					t.Fatal(err)
				}
				if got := cmd.ProcessState.ExitCode(); got != code {
					t.Errorf("exit code %d, want %d\n%s", got, code, said)
				}
				if left := append(treeBelow(t, dir), treeBelow(t, temp)...); !slices.Equal(left, []string{"data", "data/probe", "nightaudit.yaml"}) {
					t.Errorf("it leaves %q\n%s", left, said)
				}
			})
		}
	}
}

// treeBelow lists what lies in a folder.
func treeBelow(t *testing.T, dir string) (paths []string) {
	t.Helper()
	ok(t, fs.WalkDir(os.DirFS(dir), ".", func(path string, _ fs.DirEntry, err error) error {
		if path != "." {
			paths = append(paths, path)
		}
		return err
	}))
	return paths
}
