package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// Every document that a comment or a document cites is in the repository, with
// the section that is named; every link between documents leads somewhere; and
// documents name no file, folder or test that does not exist.
func TestCitations(t *testing.T) {
	for _, problem := range danglingCitations(t, os.DirFS(root)) {
		t.Error(problem)
	}
}

// A citation that leads nowhere is found.
func TestDanglingCitationsAreFound(t *testing.T) {
	files := fstest.MapFS{
		"docs/mapping.md": {Data: []byte("# Mapping\n\n## The `orders` table\n\n## Final\n\nSee [status](#status), [the same](../docs/mapping.md#final) and [source](../main.go).\n\n```text\n[no](link.md)\n```\n")},
		"main.go": {Data: []byte("package main\n\n// See docs/mapping.md, Final. Also docs/mapping.md, the orders\n// table; docs/mapping.md, Status; docs/other.md.\n" +
			"// By docs/mapping.md,\n// Totals.\n")},
		"query.sql":     {Data: []byte("-- (docs/mapping.md,\n-- final), docs/gone.md\n")},
		"README.md":     {Data: []byte("![picture](docs/picture.png) [web](https://example.com/x.md) [mapping](docs/mapping.md)\n`sql/gone.sql` `sql/query.sql` `TestGone` `TestHere` `extract/NAME`\n")},
		"sql/query.sql": {Data: []byte("SELECT 1\n")},
		"a_test.go":     {Data: []byte("package a\n\nfunc TestHere(t *testing.T) {}\n")},
	}
	want := []string{
		`README.md:1: the link docs/picture.png leads nowhere`,
		`README.md:2: there is no sql/gone.sql`,
		`README.md:2: there is no test TestGone`,
		`docs/mapping.md:7: the link #status leads nowhere`,
		`main.go:4: docs/mapping.md has no section "Status; docs/other.md. By docs/mapping.md,"`,
		`main.go:4: there is no docs/other.md`,
		`main.go:5: docs/mapping.md has no section "Totals."`,
		`query.sql:2: there is no docs/gone.md`,
	}
	if got := danglingCitations(t, files); !slices.Equal(got, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

var (
	// A comma after a document's name begins the name of one of its sections.
	citation = regexp.MustCompile(`\bdocs/[A-Za-z0-9_./-]+\.md\b(,\s)?`)
	link     = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading  = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	fence    = regexp.MustCompile("(?ms)^```.*?^```$")
	// What stands between backticks in a document and is a file or a test.
	inline         = regexp.MustCompile("`([^`\\s]+)`")
	repositoryPath = regexp.MustCompile(`^(cmd|docs|extract|load|reports|sql|transform)/[A-Za-z0-9_./-]+$`)
	testName       = regexp.MustCompile(`^(Test|Fuzz)[A-Z][A-Za-z0-9]*$`)
	testFunction   = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z][A-Za-z0-9]*)\(`)
)

// placeholder stands in a path for the name of any source, report or check.
const placeholder = "NAME"

// danglingCitations lists what is cited in the files of a repository and is
// not in it.
func danglingCitations(t *testing.T, files fs.FS) []string {
	t.Helper()
	var problems []string
	tests := testFunctions(t, files)
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if hidden := strings.HasPrefix(entry.Name(), ".") && name != "."; hidden || entry.Name() == "testdata" {
				return fs.SkipDir
			}
			return nil
		}
		if !slices.Contains([]string{".go", ".sql", ".yaml", ".md"}, path.Ext(name)) || path.Base(name) == "citations_test.go" {
			return nil
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		text := string(data)
		found := func(at int, format string, args ...any) {
			problems = append(problems, fmt.Sprintf("%s:%d: %s", name, 1+strings.Count(text[:at], "\n"), fmt.Sprintf(format, args...)))
		}
		for _, at := range citation.FindAllStringIndex(text, -1) {
			cited := strings.TrimRight(text[at[0]:at[1]], ", \n")
			document, err := fs.ReadFile(files, cited)
			switch section := followingText(text[at[1]:]); {
			case strings.Contains(cited, placeholder):
			case err != nil:
				found(at[0], "there is no %s", cited)
			case strings.Contains(text[at[0]:at[1]], ",") && !hasSection(string(document), section):
				found(at[0], "%s has no section %q", cited, section)
			}
		}
		if path.Ext(name) == ".md" {
			prose := fence.ReplaceAllStringFunc(text, func(block string) string { return strings.Repeat("\n", strings.Count(block, "\n")) })
			for _, at := range link.FindAllStringSubmatchIndex(prose, -1) {
				if target := prose[at[2]:at[3]]; !leadsSomewhere(files, name, target) {
					line := strings.Count(prose[:at[0]], "\n")
					problems = append(problems, fmt.Sprintf("%s:%d: the link %s leads nowhere", name, 1+line, target))
				}
			}
			for _, at := range inline.FindAllStringSubmatchIndex(prose, -1) {
				problem := ""
				switch named := prose[at[2]:at[3]]; {
				case testName.MatchString(named) && tests[named] == nil:
					problem = "there is no test " + named
				case repositoryPath.MatchString(named) && !strings.Contains(named, placeholder):
					if _, err := fs.Stat(files, strings.TrimSuffix(named, "/")); err != nil {
						problem = "there is no " + named
					}
				}
				if problem != "" {
					problems = append(problems, fmt.Sprintf("%s:%d: %s", name, 1+strings.Count(prose[:at[0]], "\n"), problem))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return problems
}

// testFunctions are the tests and fuzz targets of a repository by their names, each
// with the folders in which there is one.
func testFunctions(t *testing.T, files fs.FS) map[string][]string {
	t.Helper()
	tests := map[string][]string{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		data, err := fs.ReadFile(files, name)
		for _, function := range testFunction.FindAllSubmatch(data, -1) {
			tests[string(function[1])] = append(tests[string(function[1])], path.Dir(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests
}

// followingText is the text after a citation, as far as the end of the next
// line, without the marks of a comment.
func followingText(rest string) string {
	lines := strings.SplitN(rest, "\n", 3)
	for i := range lines {
		lines[i] = strings.TrimLeft(lines[i], " \t/-#*")
	}
	return strings.TrimSpace(strings.Join(lines[:min(2, len(lines))], " "))
}

// hasSection reports whether text begins with one of the document's headings.
func hasSection(document, text string) bool {
	for _, section := range heading.FindAllStringSubmatch(document, -1) {
		name := plainHeading(section[1])
		if len(text) >= len(name) && strings.EqualFold(text[:len(name)], name) {
			return true
		}
	}
	return false
}

func plainHeading(heading string) string {
	return strings.TrimSpace(strings.ReplaceAll(heading, "`", ""))
}

// leadsSomewhere reports whether a link in a document is to an address in the
// web, to a file or folder of the repository, or to a heading of such a file.
func leadsSomewhere(files fs.FS, from, target string) bool {
	if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
		return true
	}
	name, anchor, anchored := strings.Cut(target, "#")
	if name = path.Join(path.Dir(from), name); strings.HasSuffix(target, "#"+anchor) && strings.HasPrefix(target, "#") {
		name = from
	}
	if !anchored {
		_, err := fs.Stat(files, name)
		return err == nil
	}
	document, err := fs.ReadFile(files, name)
	if err != nil {
		return false
	}
	for _, section := range heading.FindAllStringSubmatch(string(document), -1) {
		if slug(section[1]) == anchor {
			return true
		}
	}
	return false
}

var notInSlug = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

// slug is the anchor of a heading, as forges make it.
func slug(heading string) string {
	return strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

var vendorSection = regexp.MustCompile(`SOMS interface[\s/*#-]+document,((?:[\s/*#,-]+[0-9]+(?:\.[0-9]+)+)+)`)

// The sections of the vendor's document that comments cite are those that the
// page of the source lists.
func TestVendorsSections(t *testing.T) {
	page := readDocument(t, "docs/sources/soms.md")
	numbers := regexp.MustCompile(`[0-9]+(?:\.[0-9]+)+`)
	listed := map[string]bool{}
	_, table, _ := strings.Cut(page, "| section | is |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	for row := range strings.Lines(table) {
		for _, number := range numbers.FindAllString(strings.Split(row, "|")[1], -1) {
			listed[number] = true
		}
	}
	cited := 0
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".go" && path.Ext(name) != ".sql" {
			return err
		}
		for _, sections := range vendorSection.FindAllStringSubmatch(readDocument(t, name), -1) {
			for _, number := range numbers.FindAllString(sections[1], -1) {
				cited++
				// A section of a listed one, as the parameters of a call, is in it.
				if parent := number[:strings.LastIndex(number, ".")]; !listed[number] && !listed[parent] {
					t.Errorf("%s cites section %s, which docs/sources/soms.md does not list", name, number)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(listed) == 0 || cited == 0 {
		t.Errorf("%d sections are listed and %d cited", len(listed), cited)
	}
}
