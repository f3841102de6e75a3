package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
)

const module = "github.com/nightaudit/nightaudit/"

// arrows lists, for each folder, the folders of this module that its code may
// import. A pattern is matched with path.Match; the first that fits counts.
var arrows = []struct {
	folder string
	may    []string
}{
	{"transform", nil},
	{"transform/ledger", nil},
	{"transform/parquettest", []string{"transform"}},
	{"sql", nil},
	{"extract", []string{"extract/sealed", "transform", "transform/ledger"}},
	{"extract/sealed", []string{"load/disk"}},
	{"extract/httpx", []string{"extract", "transform"}},
	{"extract/landing", []string{"extract", "extract/sealed", "load/disk", "transform/ledger"}},
	{"extract/all", []string{"extract", "extract/*"}},
	{"extract/extracttest", []string{"extract", "extract/httpx", "transform"}},
	{"extract/*/sim", []string{"extract/simulate"}},
	{"extract/simulate", nil},
	{"extract/wal", []string{"extract/sealed", "load/disk"}},
	{"extract/listen", []string{"extract", "extract/wal"}},
	{"extract/*", []string{"extract", "extract/httpx", "extract/wal", "extract/sealed", "transform"}},
	{"load", []string{"transform", "sql", "load/disk", "load/recon", "transform/ledger"}},
	{"load/disk", nil},
	{"reports/figure", nil},
	{"load/recon", []string{"transform", "sql", "transform/ledger"}},
	{"reports", []string{"sql"}},
	{"reports/lake", []string{"sql"}},
	{"cmd/internal/exit", nil},
	{"cmd/internal/config", []string{"extract", "extract/sealed", "transform", "transform/ledger"}},
	{"cmd/internal/pipeline", []string{"cmd/internal/config", "cmd/internal/exit", "extract", "extract/wal", "extract/landing", "extract/sealed", "transform", "load", "load/disk", "load/recon", "reports", "sql", "transform/ledger"}},
	{"cmd/internal/trace", []string{"extract", "extract/landing", "extract/sealed", "reports", "sql", "transform/ledger"}},
	{"cmd/internal/demo", []string{"extract/*/sim"}},
	{"cmd/nightaudit", []string{"cmd/internal/*", "extract", "extract/all", "extract/wal", "extract/landing", "extract/listen", "load", "load/disk", "reports", "reports/*", "sql", "transform/ledger"}},
}

// only names packages that few folders may import.
var only = map[string][]string{
	"net/http":     {"extract", "extract/*", "extract/*/sim", "cmd/internal/demo"},
	"database/sql": {"load", "load/recon", "reports", "reports/lake"},

	module + "extract/simulate": {"extract/*/sim"},
}

// Dependencies point one way: from the commands through the pipeline to the
// stages, and never between stages or between sources.
func TestDependencyArrows(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./../../...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		folder := strings.TrimPrefix(p.ImportPath, module)
		i := slices.IndexFunc(arrows, func(a struct {
			folder string
			may    []string
		},
		) bool {
			return matches(a.folder, folder)
		})
		if i < 0 {
			t.Errorf("%s is in no row of the table: say what it may import", folder)
			continue
		}
		for _, imported := range p.Imports {
			if few, ok := only[imported]; ok && !slices.ContainsFunc(few, func(f string) bool { return matches(f, folder) }) {
				t.Errorf("%s imports %s, which only %s may", folder, imported, strings.Join(few, ", "))
			}
			to, ours := strings.CutPrefix(imported, module)
			if !ours {
				continue
			}
			if !slices.ContainsFunc(arrows[i].may, func(f string) bool { return matches(f, to) }) {
				t.Errorf("%s imports %s: it may import only %v", folder, to, arrows[i].may)
			}
			if between(folder, to) {
				t.Errorf("source %s imports source %s", folder, to)
			}
		}
	}
	if seen < len(all.Drivers()) {
		t.Errorf("go list told of %d packages only", seen)
	}
}

func matches(pattern, folder string) bool {
	ok, err := path.Match(pattern, folder)
	return err == nil && ok
}

// between reports whether both folders are sources.
func between(from, to string) bool {
	is := func(folder string) bool {
		name, ok := strings.CutPrefix(folder, "extract/")
		return ok && slices.ContainsFunc(all.Drivers(), func(d extract.Driver) bool { return d.Name == name })
	}
	return is(from) && is(to) && from != to
}
