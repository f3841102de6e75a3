package all_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract/all"
)

const root = "../.."

// guards are what every source has. Each names what is missing without it.
var guards = []struct {
	files   string // a pattern below the root, with NAME for the source's
	holds   *regexp.Regexp
	missing string
}{
	{"extract/NAME/*_test.go", regexp.MustCompile(`(?m)^\s*extracttest\.Conformance\(t,`), "a test that calls extracttest.Conformance"},
	{"extract/NAME/*_test.go", regexp.MustCompile(`(?ms)^func Fuzz\w*\(\w+ \*testing\.F\) \{\n.*\bextracttest\.FuzzDecode\(`), "a fuzz target that calls extracttest.FuzzDecode"},
	{"extract/NAME/sim/*.go", regexp.MustCompile(`(?m)^package sim$`), "a simulated vendor in the folder sim"},
	{"testdata/samples/NAME/*/want.yaml", regexp.MustCompile(`(?m)^tables:`), "documented answers in testdata/samples/NAME, which the pipeline's TestDocumentedSamples loads"},
	{"docs/sources/NAME.md", regexp.MustCompile(`\S`), "a page docs/sources/NAME.md"},
}

// missing lists what the source name lacks below dir.
func missing(t *testing.T, dir, name string) []string {
	t.Helper()
	var list []string
	for _, g := range guards {
		files, err := filepath.Glob(filepath.Join(dir, strings.ReplaceAll(g.files, "NAME", name)))
		if err != nil {
			t.Fatal(err)
		}
		what := strings.ReplaceAll(g.missing, "NAME", name)
		if !slices.ContainsFunc(files, func(file string) bool { return g.holds.Match(read(t, file)) }) {
			list = append(list, what)
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

// TestGuards: no source goes without the tests and the page that all have.
func TestGuards(t *testing.T) {
	for _, d := range all.Drivers() {
		for _, what := range missing(t, root, d.Name) {
			t.Errorf("%s lacks %s (docs/adding-a-source.md)", d.Name, what)
		}
	}
	if got := missing(t, t.TempDir(), "nobody"); len(got) != len(guards) {
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
