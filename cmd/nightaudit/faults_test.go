package main

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// faultsPage lists every fault that was tried.
const faultsPage = "docs/faults.md"

// faultEntry is a row of its tables.
type faultEntry struct{ fault, becomes, promise, test string }

var (
	cellBorder  = regexp.MustCompile(`(?:^| )\|(?: |$)`)
	promiseCell = regexp.MustCompile(`^\[([a-z-]+)\]$`)
	promiseText = regexp.MustCompile(`(?m)^\[([a-z-]+)\]: (\S+)$`)
	testCell    = regexp.MustCompile("^`((?:Test|Fuzz)[A-Za-z0-9]+)`(?: “(.+)”)?$")
	inSuite     = regexp.MustCompile(`\battacks\.In\(t\)`)
)

// Each fault of docs/faults.md has a promise, which is a section of a document, and
// a test, which exists with the case that is named; every promise is that of a fault;
// and every test of the suite of attacks is that of a fault.
func TestFaultsAreShown(t *testing.T) {
	page, root := readDocument(t, faultsPage), os.DirFS(root)
	entries := faultEntries(t, page)
	if len(entries) < 120 {
		t.Errorf("%d faults are listed", len(entries))
	}
	t.Logf("%d faults are listed", len(entries))
	promises := map[string]string{}
	for _, p := range promiseText.FindAllStringSubmatch(page, -1) {
		if promises[p[1]] = p[2]; !leadsSomewhere(root, faultsPage, p[2]) {
			t.Errorf("the promise [%s] leads nowhere: %s", p[1], p[2])
		}
	}
	tests, texts := testFunctions(t, root), testTexts(t, root)
	seen, kept, shown := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, e := range entries {
		if seen[e.fault] || e.fault == "" || e.becomes == "" {
			t.Errorf("the fault stands twice, or says nothing: %+v", e)
		}
		seen[e.fault] = true
		if promise := promiseCell.FindStringSubmatch(e.promise); promise == nil || promises[promise[1]] == "" {
			t.Errorf("%s: no promise: %s", e.fault, e.promise)
		} else {
			kept[promise[1]] = true
		}
		test := testCell.FindStringSubmatch(e.test)
		if test == nil || tests[test[1]] == nil {
			t.Errorf("%s: no test: %s", e.fault, e.test)
			continue
		}
		shown[test[1]] = true
		if !slices.ContainsFunc(tests[test[1]], func(folder string) bool { return strings.Contains(texts[folder], test[2]) }) &&
			!strings.Contains(texts[forTests], test[2]) {
			t.Errorf("%s: %s has no case “%s”", e.fault, test[1], test[2])
		}
	}
	for promise := range promises {
		if !kept[promise] {
			t.Errorf("the promise [%s] is that of no fault", promise)
		}
	}
	for _, test := range suiteOfAttacks(t, root) {
		if !shown[test] {
			t.Errorf("%s is of the suite of attacks, and no fault names it", test)
		}
	}
}

// faultEntries are the rows of the tables of faults.
func faultEntries(t *testing.T, page string) (entries []faultEntry) {
	t.Helper()
	inside := false
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "| fault |"):
			inside = true
		case !strings.HasPrefix(line, "|"):
			inside = false
		case inside && !strings.HasPrefix(line, "| ---"):
			cells := cellBorder.Split(line, -1)
			if len(cells) != 6 {
				t.Errorf("it is no row of four cells: %s", line)
				continue
			}
			entries = append(entries, faultEntry{cells[1], cells[2], cells[3], cells[4]})
		}
	}
	return entries
}

// forTests stands for the folders of what tests of several folders share.
const forTests = "…"

// testTexts are the texts in which tests have their cases, by folder.
func testTexts(t *testing.T, files fs.FS) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !slices.Contains([]string{".go", ".yaml", ".txt", ".txtar"}, path.Ext(name)) {
			return err
		}
		folder, _, ofData := strings.Cut(name, "/testdata/")
		if !ofData {
			folder = path.Dir(name)
		}
		shared := strings.HasSuffix(path.Base(folder), "test")
		if !ofData && !shared && !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		if shared {
			folder = forTests
		}
		data, err := fs.ReadFile(files, name)
		texts[folder] += string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// suiteOfAttacks are the tests that make attacks runs: those that count attacks.
func suiteOfAttacks(t *testing.T, files fs.FS) (tests []string) {
	t.Helper()
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		data, err := fs.ReadFile(files, name)
		for _, at := range inSuite.FindAllIndex(data, -1) {
			functions := testFunction.FindAllSubmatch(data[:at[0]], -1)
			if last := len(functions) - 1; last >= 0 {
				tests = append(tests, string(functions[last][1]))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(tests) < 20 {
		t.Errorf("the suite of attacks has %d tests", len(tests))
	}
	return tests
}
