package shelf_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/shelf"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

const plain = "reconciliation_2025-05-31.xlsx"

var now = time.Date(2025, 6, 1, 6, 30, 0, 0, time.UTC)

// make1 makes a workbook of one sheet that says the text.
func make1(t *testing.T, dir, name, text string) string {
	t.Helper()
	return makeBook(t, dir, name, text, "")
}

// makeOf makes a workbook of a database.
func makeOf(t *testing.T, dir, name, database string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return makeBook(t, dir, name, "of "+database, database)
}

func makeBook(t *testing.T, dir, name, text, database string) string {
	t.Helper()
	words, err := labels.Load()
	if err != nil {
		t.Fatal(err)
	}
	b := workbook.New(words, labels.English, time.UTC, t.TempDir())
	defer b.Close()
	if database != "" {
		b.Property(workbook.PropDatabase, database)
	}
	b.Seal()
	b.Sheet(workbook.Frame{Name: "Breaks", Widths: []float64{10}}).Line(workbook.RoleBody, 18, text)
	path := filepath.Join(dir, name)
	f, err := os.Create(path)
	if err == nil {
		err = errors.Join(b.Write(f), f.Close())
	}
	if err == nil {
		err = b.Verify(path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// save saves a workbook in place, with a text in another cell.
func save(t *testing.T, path, text string) {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.SetCellStr("Breaks", "B1", text), f.Save(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// says is what the first row of a workbook says.
func says(t *testing.T, path string) string {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	rows, err := f.GetRows("Breaks")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(rows[0], " ")
}

// A workbook is untouched until anything about it changes, and only then.
func TestUntouched(t *testing.T) {
	path := make1(t, t.TempDir(), plain, "made")
	untouched := func(path string) bool {
		t.Helper()
		whole, err := workbook.Untouched(path)
		if err != nil {
			t.Fatal(err)
		}
		return whole
	}
	if !untouched(path) {
		t.Error("a workbook just made counts as saved")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "copy of it.xlsx")
	for _, c := range []struct {
		name string
		data []byte
		want bool
	}{
		{"a copy with another time", data, true},
		{"cut short", data[:len(data)-10], false},
		{"empty", nil, false},
		{"a text", []byte("status,owner"), false},
	} {
		if err := os.WriteFile(other, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := untouched(other); got != c.want {
			t.Errorf("%s: untouched %v", c.name, got)
		}
	}
	// As it came, saved by another program: its properties are kept, its parts
	// are others.
	save(t, path, "")
	if untouched(path) {
		t.Error("a workbook that was saved counts as untouched")
	}
}

// What becomes of the file in whose place a new one comes, by what is known of
// it. The new one says "new".
func TestPut(t *testing.T) {
	const beside, taken, refused = "reconciliation_2025-05-31.20250601T063000.xlsx", "taken/" + "reconciliation_2025-05-31.20250601T063000.xlsx", "reconciliation_2025-05-31.not-taken-20250601T063000.xlsx"
	for _, c := range []struct {
		name    string
		before  func(t *testing.T, dir string)
		verdict shelf.Verdict
		placed  string
		want    []string // the files and what they say
		notices int
	}{
		{"nothing there", func(*testing.T, string) {}, shelf.Unknown, plain, []string{plain + ": new"}, 0},
		{"untouched", func(t *testing.T, dir string) { make1(t, dir, plain, "old") }, shelf.Unknown, plain, []string{plain + ": new"}, 0},
		{"saved and taken", func(t *testing.T, dir string) {
			save(t, make1(t, dir, plain, "old"), "mine")
		}, shelf.Taken, plain, []string{plain + ": new", taken + ": old mine"}, 0},
		{"saved and refused in part", func(t *testing.T, dir string) {
			save(t, make1(t, dir, plain, "old"), "mine")
		}, shelf.Refused, plain, []string{plain + ": new", refused + ": old mine"}, 1},
		{"saved and not read", func(t *testing.T, dir string) {
			save(t, make1(t, dir, plain, "old"), "mine")
		}, shelf.Unknown, plain, []string{plain + ": new", beside + ": old mine"}, 1},
		{"a name that is taken is never overwritten", func(t *testing.T, dir string) {
			save(t, make1(t, dir, plain, "old"), "mine")
			save(t, make1(t, dir, refused, "before"), "theirs")
		}, shelf.Refused, plain, []string{
			plain + ": new", refused + ": before theirs", strings.TrimSuffix(refused, ".xlsx") + "-2.xlsx: old mine",
		}, 1},
		{"open in LibreOffice", func(t *testing.T, dir string) {
			make1(t, dir, plain, "old")
			touch(t, filepath.Join(dir, ".~lock."+plain+"#"))
		}, shelf.Unknown, beside, []string{plain + ": old", beside + ": new"}, 1},
		{"open in Excel, for the second night", func(t *testing.T, dir string) {
			save(t, make1(t, dir, plain, "old"), "mine")
			make1(t, dir, "reconciliation_2025-05-31.20250531T063000.xlsx", "last night's")
			touch(t, filepath.Join(dir, "~$"+plain))
		}, shelf.Taken, beside, []string{plain + ": old mine", beside + ": new"}, 1},
		{"free again: those beside are retired, other dates are not", func(t *testing.T, dir string) {
			make1(t, dir, plain, "old")
			save(t, make1(t, dir, "reconciliation_2025-05-31.20250531T063000.xlsx", "last night's"), "mine")
			make1(t, dir, "reconciliation_2025-05-31.20250530T063000.xlsx", "the night's before")
			make1(t, dir, "reconciliation_2025-05-31_2025-06-01.xlsx", "of two days")
			make1(t, dir, "reconciliation_2025-05-31.copy.xlsx", "somebody's own")
		}, shelf.Taken, plain, []string{
			plain + ": new", "reconciliation_2025-05-31.copy.xlsx: somebody's own", "reconciliation_2025-05-31_2025-06-01.xlsx: of two days", taken + ": last night's mine",
		}, 0},
		{"a folder of that name does not fail the run", func(t *testing.T, dir string) {
			if err := os.Mkdir(filepath.Join(dir, "taken"), 0o700); err != nil {
				t.Fatal(err)
			}
		}, shelf.Unknown, plain, []string{plain + ": new"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			c.before(t, dir)
			var notices []string
			made := make1(t, t.TempDir(), plain, "new")
			placed, err := shelf.Put(made, filepath.Join(dir, plain), shelf.Options{
				At: now, Judge: func(string) shelf.Verdict { return c.verdict }, Notice: func(n string) { notices = append(notices, n) },
			})
			if err != nil || placed != filepath.Join(dir, c.placed) {
				t.Errorf("it stands at %s, %v", placed, err)
			}
			if len(notices) != c.notices {
				t.Errorf("notices: %q", notices)
			}
			var got []string
			for _, pattern := range []string{"*.xlsx", "taken/*.xlsx"} {
				files, _ := filepath.Glob(filepath.Join(dir, pattern))
				for _, file := range files {
					if name, _ := filepath.Rel(dir, file); !strings.HasPrefix(name, "~") {
						got = append(got, filepath.ToSlash(name)+": "+says(t, file))
					}
				}
			}
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func touch(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A workbook that was saved as another kind of file is found by its name, in
// whatever case its ending is.
func TestStrays(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"reconciliation_2025-05-31.xls", "reconciliation_2025-05-31.CSV", plain, "reconciliation_2025-05-31.pdf", "list.xls"} {
		touch(t, filepath.Join(dir, name))
	}
	if err := os.Mkdir(filepath.Join(dir, "reconciliation_folder.ods"), 0o700); err != nil {
		t.Fatal(err)
	}
	strays, err := shelf.Strays(dir)
	want := []string{filepath.Join(dir, "reconciliation_2025-05-31.CSV"), filepath.Join(dir, "reconciliation_2025-05-31.xls")}
	if err != nil || !slices.Equal(strays, want) {
		t.Errorf("%v, %v; want %v", strays, err, want)
	}
	if none, err := shelf.Strays(filepath.Join(dir, "none")); err != nil || len(none) > 0 {
		t.Errorf("a folder that is not there: %v, %v", none, err)
	}
}

func TestList(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "reports [2025]")
	if books, err := shelf.List(dir); err != nil || len(books) > 0 {
		t.Errorf("a folder that is not there: %v, %v", books, err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	make1(t, dir, plain, "")
	save(t, make1(t, dir, "reconciliation_2025-05-01_2025-05-31.xlsx", ""), "mine")
	make1(t, dir, "reconciliation_2025-05-31.20250601T063000-2.xlsx", "")
	make1(t, dir, "reconciliation_2025-05-31.not-taken-20250601T063000.xlsx", "")
	make1(t, dir, "revenue_2025-05-31.xlsx", "")
	touch(t, filepath.Join(dir, "reconciliation_mine.xlsx"))
	books, err := shelf.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range books {
		got = append(got, strings.Join([]string{
			filepath.Base(b.Path), b.From.Format(time.DateOnly), b.To.Format(time.DateOnly), map[bool]string{true: "plain"}[b.Plain], map[bool]string{true: "saved"}[b.Saved],
		}, " "))
	}
	want := []string{
		"reconciliation_2025-05-01_2025-05-31.xlsx 2025-05-01 2025-05-31 plain saved",
		"reconciliation_2025-05-31.20250601T063000-2.xlsx 2025-05-31 2025-05-31  ",
		plain + " 2025-05-31 2025-05-31 plain ",
		"reconciliation_mine.xlsx 0001-01-01 0001-01-01  saved",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
