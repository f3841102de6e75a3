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

// leaves are folders that import nothing of this module but each other, and
// that any other folder may import.
var leaves = []string{"load/disk", "reports/figure", "sql", "sql/scan", "transform/ledger", "transform/meter"}

// arrows lists, for each other folder, the folders of this module that its
// code may import besides the leaves. A pattern is matched with path.Match; the
// first that fits counts.
var arrows = []struct {
	folder string
	may    []string
}{
	{"testdata/attacks", nil}, // for tests alone
	{"transform", nil},
	{"transform/parquettest", []string{"transform"}},
	{"extract", []string{"extract/sealed", "transform"}},
	{"extract/sealed", nil},
	{"extract/httpx", []string{"extract", "transform"}},
	{"extract/landing", []string{"extract", "extract/sealed", "extract/wal"}},
	{"extract/wal", []string{"extract/sealed"}},
	{"extract/listen", []string{"extract", "extract/wal"}},
	{"extract/probe", []string{"extract", "extract/httpx", "transform"}},
	{"extract/all", []string{"extract", "extract/*"}},
	{"extract/extracttest", []string{"extract", "extract/httpx", "extract/probe", "extract/simulate", "transform"}},
	{"extract/simulate", nil},
	{"extract/*/sim", []string{"extract/simulate"}},
	{"extract/*", []string{"extract", "extract/httpx", "extract/probe", "extract/wal", "extract/sealed", "transform"}}, // a source
	{"load", []string{"transform", "load/recon"}},
	{"load/recon", []string{"transform"}},
	// The rooms of reports, each above those that it may import.
	{"reports/scratch", nil},
	{"reports/judge", nil},
	{"reports/result", nil},
	{"reports/labels", nil},
	{"reports/workbook", []string{"reports/labels", "reports/result"}},
	{"reports/format", []string{"reports/labels", "reports/result", "reports/scratch", "reports/workbook"}},
	{"reports/query", []string{"reports/format", "reports/judge", "reports/result", "reports/scratch"}},
	{"reports/page", nil},
	{"reports/shelf", []string{"reports/page", "reports/workbook"}},
	{"reports/catalogue", []string{"reports/format", "reports/judge", "reports/labels", "reports/result", "reports/scratch", "reports/shelf", "reports/workbook"}},
	{"reports/filled", []string{"reports/catalogue", "reports/labels", "reports/scratch", "reports/workbook"}},
	{"reports/sheets", []string{"reports/catalogue", "reports/filled", "reports/labels", "reports/page", "reports/result", "reports/scratch", "reports/shelf", "reports/workbook"}},
	{"reports/lake", nil},
	{"reports/iceberg", []string{"reports/lake", "reports/result"}},
	{"reports/spark", []string{"reports/iceberg", "reports/result", "reports/spark/wire"}},
	{"reports/spark/wire", nil},
	{"reports/reportstest", nil},
	{"cmd/internal/exit", nil},
	{"cmd/internal/notify", []string{"cmd/internal/exit", "extract", "reports/labels"}},
	{"cmd/internal/config", []string{"cmd/internal/notify", "extract", "extract/sealed", "reports/iceberg", "reports/labels", "transform"}},
	{"cmd/internal/observe", []string{"cmd/internal/config", "cmd/internal/exit", "cmd/internal/notify", "cmd/internal/pipeline", "extract"}},
	{"cmd/internal/pipeline", []string{"cmd/internal/config", "cmd/internal/exit", "extract", "extract/wal", "extract/landing", "extract/sealed", "transform", "load", "load/recon", "reports/*"}},
	{"cmd/internal/personal", []string{"extract"}},
	{"cmd/internal/cases", []string{"cmd/internal/config", "cmd/internal/exit", "cmd/internal/personal", "cmd/internal/trace", "extract", "extract/landing", "extract/sealed", "extract/wal", "load", "transform"}},
	{"cmd/internal/trace", []string{"cmd/internal/personal", "extract", "extract/landing", "extract/sealed", "reports/*"}},
	{"cmd/internal/demo", []string{"extract/*/sim"}},
	{"cmd/internal/bench", []string{"extract/*/sim"}},
	{"cmd/internal/bench/inside", []string{"cmd/internal/config", "cmd/internal/pipeline", "extract", "extract/all"}},
	{"cmd/nightaudit", []string{"cmd/internal/*", "extract", "extract/all", "extract/wal", "extract/landing", "extract/listen", "extract/probe", "load", "reports/*", "transform"}},
}

// only names packages that few folders may import.
var only = map[string][]string{
	"net/http":     {"extract", "extract/*", "extract/*/sim", "cmd/internal/demo", "cmd/internal/bench", "cmd/internal/notify"},
	"database/sql": {"load", "load/recon", "reports/result", "reports/query", "reports/catalogue", "reports/sheets", "reports/lake", "reports/iceberg", "reports/spark", "reports/reportstest", "sql/scan", "cmd/internal/bench/inside"},

	module + "extract/simulate": {"extract/*/sim", "extract/extracttest"}, // tests say how a simulator is to be
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
		may, known := mayImport(folder)
		if !known {
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
			if !slices.ContainsFunc(may, func(f string) bool { return matches(f, to) }) {
				t.Errorf("%s imports %s: it may import only %v", folder, to, may)
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

// mayImport lists what a folder may import; known is false where the table
// does not name it.
func mayImport(folder string) (may []string, known bool) {
	if slices.Contains(leaves, folder) {
		return leaves, true
	}
	for _, a := range arrows {
		if matches(a.folder, folder) {
			return append(slices.Clone(leaves), a.may...), true
		}
	}
	return nil, false
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
