package shelf_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/page"
	"github.com/nightaudit/nightaudit/reports/shelf"
)

// makePage makes the page beside a workbook, which says the text.
func makePage(t *testing.T, book, text string) string {
	t.Helper()
	path := shelf.PageOf(book)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := page.Write(f, &page.Page{Title: text, Texts: []page.Text{{}}}); err != nil {
		t.Fatal(err)
	}
	return path
}

// pages lists the pages of a folder, and what they say. What is no page says itself.
func pages(t *testing.T, dir string) (list []string) {
	t.Helper()
	for _, pattern := range []string{"*.html", "taken/*.html", "previous/*.html"} {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			says := string(data)
			if page.IsOne(file) {
				_, says, _ = strings.Cut(says, "<title>")
				says, _, _ = strings.Cut(says, "</title>")
			}
			name, _ := filepath.Rel(dir, file)
			list = append(list, filepath.ToSlash(name)+": "+says)
		}
	}
	slices.Sort(list)
	return list
}

// A page goes wherever its workbook goes: replaced, kept or removed with it. What
// somebody saved under a page's name is none, and stays.
func TestPagesGoWithTheirWorkbooks(t *testing.T) {
	const (
		place   = "reconciliation_2025-05-31"
		beside  = place + ".20250601T063000.html"
		earlier = place + ".20250531T063000"
	)
	for _, c := range []struct {
		name    string
		before  func(t *testing.T, dir string)
		verdict shelf.Verdict
		want    []string // the pages and what they say
	}{
		{"nothing there", func(*testing.T, string) {}, shelf.Unknown, []string{place + ".html: new"}},
		{"untouched", func(t *testing.T, dir string) { makePage(t, make1(t, dir, plain, "old"), "old") }, shelf.Unknown, []string{place + ".html: new"}},
		{"of a version without pages", func(t *testing.T, dir string) { make1(t, dir, plain, "old") }, shelf.Unknown, []string{place + ".html: new"}},
		{"saved and taken", func(t *testing.T, dir string) {
			makePage(t, make1(t, dir, plain, "old"), "old")
			save(t, filepath.Join(dir, plain), "mine")
		}, shelf.Taken, []string{place + ".html: new", "taken/" + beside + ": old"}},
		{"saved and refused in part", func(t *testing.T, dir string) {
			makePage(t, make1(t, dir, plain, "old"), "old")
			save(t, filepath.Join(dir, plain), "mine")
		}, shelf.Refused, []string{place + ".html: new", place + ".not-taken-20250601T063000.html: old"}},
		{"saved and not read", func(t *testing.T, dir string) {
			makePage(t, make1(t, dir, plain, "old"), "old")
			save(t, filepath.Join(dir, plain), "mine")
		}, shelf.Unknown, []string{place + ".html: new", beside + ": old"}},
		{"open in LibreOffice", func(t *testing.T, dir string) {
			makePage(t, make1(t, dir, plain, "old"), "old")
			touch(t, filepath.Join(dir, ".~lock."+plain+"#"))
		}, shelf.Unknown, []string{place + ".html: old", beside + ": new"}},
		{"free again: those beside are retired", func(t *testing.T, dir string) {
			makePage(t, make1(t, dir, plain, "old"), "old")
			makePage(t, make1(t, dir, earlier+".xlsx", "last night's"), "last night's")
		}, shelf.Taken, []string{place + ".html: new"}},
		{"the workbook was taken away, its page was not", func(t *testing.T, dir string) {
			makePage(t, filepath.Join(dir, plain), "old")
		}, shelf.Unknown, []string{place + ".html: new"}},
		{"somebody saved the workbook as a web page", func(t *testing.T, dir string) {
			make1(t, dir, plain, "old")
			if err := os.WriteFile(filepath.Join(dir, place+".html"), []byte("mine"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, shelf.Unknown, []string{place + ".html: new", beside + ": mine"}},
		{"a link that leads elsewhere", func(t *testing.T, dir string) {
			make1(t, dir, plain, "old")
			elsewhere := filepath.Join(t.TempDir(), "elsewhere")
			if err := errors.Join(os.WriteFile(elsewhere, []byte("theirs"), 0o600), os.Symlink(elsewhere, filepath.Join(dir, place+".html"))); err != nil {
				t.Fatal(err)
			}
		}, shelf.Unknown, []string{place + ".html: new", beside + ": theirs"}},
		{"of another database", func(t *testing.T, dir string) {
			makePage(t, makeOf(t, dir, plain, "other"), "other")
		}, shelf.Unknown, []string{place + ".html: new", "previous/" + beside + ": other"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			c.before(t, dir)
			made := make1(t, t.TempDir(), plain, "new")
			_, err := shelf.Put(made, filepath.Join(dir, plain), shelf.Options{
				At: now, Judge: func(string) shelf.Verdict { return c.verdict }, Database: "this", Page: makePage(t, made, "new"),
			})
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(c.want)
			if got := pages(t, dir); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// A page is no workbook that somebody saved as another kind of file.
func TestPagesAreNoStrays(t *testing.T) {
	dir := t.TempDir()
	makePage(t, make1(t, dir, plain, ""), "")
	mine := filepath.Join(dir, "reconciliation_2025-05-30.html")
	if err := os.WriteFile(mine, []byte("<html>mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if strays, err := shelf.Strays(dir); err != nil || !slices.Equal(strays, []string{mine}) {
		t.Errorf("%v, %v", strays, err)
	}
}
