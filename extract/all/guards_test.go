package all_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/all"
)

const root = "../.."

// guards are what a source has: each names what is missing without it. NAME
// stands for the source's.
var guards = []struct {
	files   string // a pattern below the root
	holds   string // a regular expression
	missing string
	of      func(extract.Driver) bool // nil: of every source
}{
	{"extract/NAME/*_test.go", `(?m)^\s*extracttest\.Conformance\(t,`, "a test that calls extracttest.Conformance", nil},
	{"extract/NAME/*_test.go", `(?m)^\s*One:\s`, "extracttest.Subject.One in its conformance test, for its streams that ask by id", asksByID},
	{"extract/NAME/*_test.go", `(?ms)^func Fuzz\w*\(\w+ \*testing\.F\) \{\n.*\bextracttest\.FuzzDecode\(`, "a fuzz target that calls extracttest.FuzzDecode", nil},
	{"extract/NAME/*_test.go", `\bextracttest\.CheckDictionary\(t, "NAME",`, "a test that calls extracttest.CheckDictionary", nil},
	{"extract/NAME/*_test.go", `\bextracttest\.CheckVocabulary\(`, "a test of its documented words that calls extracttest.CheckVocabulary", nil},
	{"extract/NAME/*_test.go", `\bextracttest\.CheckUnreadable\(`, "a test of its amounts that calls extracttest.CheckUnreadable", hasAmounts},
	{"extract/NAME/*_test.go", `\bextracttest\.CheckReadsOnly\(`, "a test that calls extracttest.CheckReadsOnly", nil},
	{"extract/NAME/sim/*.go", `(?m)^package sim$`, "a simulated vendor in the folder sim", nil},
	{"testdata/samples/NAME/*/want.yaml", `(?m)^tables:`, "documented answers in testdata/samples/NAME, which the pipeline's TestDocumentedSamples loads", nil},
	{"docs/sources/NAME.md", `\S`, "a page docs/sources/NAME.md", nil},
	{"docs/mapping.md", `(?m)^\| status \|.* NAME\b`, "a column of the table under Status in docs/mapping.md", nil},
	{"docs/contract.md", `(?m)^  NAME:\n    - account:`, "an account in the configuration of docs/contract.md", nil},
	{"README.md", `(?m)^\| \[NAME\]\(docs/sources/NAME\.md\) \|`, "a line in the README's table of sources", nil},
}

func asksByID(d extract.Driver) bool {
	return slices.ContainsFunc(d.Streams, func(s extract.Stream) bool { return s.ByID })
}

func hasAmounts(d extract.Driver) bool {
	return slices.ContainsFunc(d.Streams, func(s extract.Stream) bool {
		for _, columns := range s.Carries {
			if slices.ContainsFunc(columns, func(column string) bool { return strings.HasSuffix(column, "_amount") }) {
				return true
			}
		}
		return false
	})
}

// missing lists what the source d lacks below dir.
func missing(t *testing.T, dir string, d extract.Driver) []string {
	t.Helper()
	var list []string
	for _, g := range guards {
		if g.of != nil && !g.of(d) {
			continue
		}
		named := func(text string) string { return strings.ReplaceAll(text, "NAME", d.Name) }
		files, err := filepath.Glob(filepath.Join(dir, named(g.files)))
		if err != nil {
			t.Fatal(err)
		}
		holds := regexp.MustCompile(named(g.holds))
		if !slices.ContainsFunc(files, func(file string) bool { return holds.Match(read(t, file)) }) {
			list = append(list, named(g.missing))
		}
	}
	return list
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestGuards: no source goes without the tests and the pages that all have.
func TestGuards(t *testing.T) {
	for _, d := range all.Drivers() {
		for _, what := range missing(t, root, d) {
			t.Errorf("%s lacks %s (docs/adding-a-source.md)", d.Name, what)
		}
	}
	nobody := extract.Driver{Name: "nobody", Streams: []extract.Stream{{ByID: true, Carries: map[string][]string{"orders": {"net_amount"}}}}}
	if got := missing(t, t.TempDir(), nobody); len(got) != len(guards) {
		t.Errorf("of a source that has nothing, only this is missed: %q", got)
	}
}

// TestAllAreListed: a folder that holds a driver is one of the sources.
func TestAllAreListed(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "extract/*/*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files (%v)", err)
	}
	driver := regexp.MustCompile(`(?m)^func Driver\(\) extract\.Driver`)
	var names, folders []string
	for _, d := range all.Drivers() {
		names = append(names, d.Name)
	}
	for _, file := range files {
		if driver.Match(read(t, file)) {
			folders = append(folders, filepath.Base(filepath.Dir(file)))
		}
	}
	slices.Sort(names)
	if !slices.Equal(names, folders) {
		t.Errorf("the sources are %v, but extract has drivers in %v: list them in extract/all", names, folders)
	}
}
