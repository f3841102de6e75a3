package shelf

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// previousFolder, inside of the folder, keeps workbooks of another database that
// a new one took the place of.
const previousFolder = "previous"

// Owner is another database whose workbooks lie in the folder in the places that
// this program gives them, "" where there is none, or where workbooks of this
// database lie there too: the folder is its own then, and whoever put others there
// had a reason.
func Owner(dir, database string) (other string, err error) {
	books, err := list(dir)
	if err != nil {
		return "", err
	}
	for _, b := range slices.Backward(books) { // the newest is most likely its own
		if !b.Plain || isSaved(b.Path) {
			continue
		}
		switch of := workbook.Database(b.Path); of {
		case "": // of an earlier version, or damaged
		case database:
			return "", nil
		default:
			other = cmp.Or(other, of)
		}
	}
	return other, nil
}

// stranger says whether a workbook is of another database than the new one.
func (o *Options) stranger(file string) bool {
	of := workbook.Database(file)
	return o.Database != "" && of != "" && of != o.Database
}

// keepStranger moves a workbook of another database out of the way.
func keepStranger(old, path string, o *Options) (kept string, err error) {
	folder := filepath.Join(filepath.Dir(path), previousFolder)
	if err := disk.MakeBelow(filepath.Dir(path), folder); err != nil {
		return old, fmt.Errorf("keep a workbook of another database: %w", err)
	}
	kept, err = moveFree(old, func(n string) string {
		return with(filepath.Join(folder, filepath.Base(path)), "."+o.At.Format(stamp)+n)
	})
	o.say("%s was the workbook of another database: it is kept as %s", path, kept)
	return kept, err
}
