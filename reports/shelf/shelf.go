package shelf

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/reports/page"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// WorkbookName begins the name of every reconciliation workbook.
const WorkbookName = "reconciliation"

// Book is a workbook in the folder.
type Book struct {
	Path string
	// From and To are its business dates, both inclusive; zero where its name
	// is none that this program gives.
	From, To time.Time
	Plain    bool // its name is reconciliation_<dates>.xlsx and no more
	Saved    bool // somebody saved it since it was made
}

// SameDates says whether two workbooks are of the same business dates.
func (b Book) SameDates(other Book) bool { return b.From.Equal(other.From) && b.To.Equal(other.To) }

// notTaken stands in the name of a file that was kept because something in it
// could not be taken. Such a file is not read again by itself.
const notTaken = ".not-taken-"

// takenFolder, inside of the folder, keeps the files as people saved them, once
// what they wrote was taken and a new workbook stands in their place.
const takenFolder = "taken"

// stamp is how an instant stands in a file's name, in the zone of the reports.
const stamp = "20060102T150405"

var named = regexp.MustCompile(`^` + WorkbookName + `_(\d{4}-\d\d-\d\d)(?:_(\d{4}-\d\d-\d\d))?(\.\d{8}T\d{6}(?:-\d+)?)?\.xlsx$`)

// List gives the workbooks of a folder in the order of their names, without
// those that were put aside. A folder that is not there has none.
func List(dir string) ([]Book, error) {
	books, err := list(dir)
	for i := range books {
		books[i].Saved = isSaved(books[i].Path)
	}
	return books, err
}

// isSaved says whether somebody saved a workbook. Of one that cannot be read, whoever
// reads it says so.
func isSaved(path string) bool {
	untouched, err := workbook.Untouched(path)
	return err != nil || !untouched
}

// list is List without a look into the workbooks: there is one for every night.
func list(dir string) ([]Book, error) {
	paths, err := filepath.Glob(filepath.Join(escape(dir), WorkbookName+"_*.xlsx"))
	if err != nil {
		return nil, err
	}
	var books []Book
	for _, path := range paths {
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || strings.Contains(filepath.Base(path), notTaken) {
			continue
		}
		b := Book{Path: path}
		if m := named.FindStringSubmatch(filepath.Base(path)); m != nil {
			b.From, b.To, b.Plain = day(m[1]), day(m[1]), m[3] == ""
			if m[2] != "" {
				b.To = day(m[2])
			}
		}
		books = append(books, b)
	}
	return books, nil
}

// TakenFiles gives the files that people saved and all of which was taken.
func TakenFiles(dir string) (paths []string, err error) {
	return filepath.Glob(filepath.Join(escape(dir), takenFolder, "*.xlsx"))
}

// Strays gives the files of a folder that have a workbook's name and the ending
// of another kind of file: somebody saved one as that. The pages beside workbooks
// are none.
func Strays(dir string) (paths []string, err error) {
	all, err := filepath.Glob(filepath.Join(escape(dir), WorkbookName+"_*"))
	for _, path := range all {
		info, unseen := os.Lstat(path)
		if unseen == nil && info.Mode().IsRegular() && slices.Contains(strayEndings, strings.ToLower(filepath.Ext(path))) && !page.IsOne(path) {
			paths = append(paths, path)
		}
	}
	return paths, err
}

var strayEndings = []string{".xls", ".xlsb", ".et", ".ods", ".numbers", ".csv", ".tsv", ".txt", ".htm", ".html"}

// escape takes the folder's own name literally in a pattern.
func escape(dir string) string {
	return regexp.MustCompile(`[*?\[\\]`).ReplaceAllStringFunc(dir, func(s string) string { return "[" + s + "]" })
}

func day(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}
	}
	return d
}

// OpenBy is the file by which a program says that it has the workbook open, ""
// where none does.
func OpenBy(path string) string {
	dir, name := filepath.Split(path)
	for _, lock := range []string{".~lock." + name + "#", "~$" + name} { // LibreOffice, Excel
		if _, err := os.Lstat(filepath.Join(dir, lock)); err == nil {
			return filepath.Join(dir, lock)
		}
	}
	return ""
}
