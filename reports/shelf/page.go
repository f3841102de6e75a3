package shelf

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/page"
)

// A workbook and its page are a pair: where the workbook goes, its page goes. A file
// of the page's name that is none of this program's is somebody's own (a workbook
// saved as a web page), and is never replaced or removed.

// PageOf is where the page of a workbook stands: beside it, under its name.
func PageOf(workbook string) string {
	return strings.TrimSuffix(workbook, filepath.Ext(workbook)) + page.Ext
}

// placePage puts the new page beside the new workbook.
func (o *Options) placePage(path string) error {
	if o.Page == "" {
		return nil
	}
	if err := disk.MoveTo(o.Page, path); err != nil {
		return fmt.Errorf("put the page beside the workbook: %w", err)
	}
	return nil
}

// swapPages exchanges the pages of two workbooks that have been exchanged; b may
// have none.
func (o *Options) swapPages(a, b string) error {
	if o.Page == "" {
		return nil
	}
	a, b = PageOf(a), PageOf(b)
	err := disk.MoveTo(a, b)
	if errors.Is(err, fs.ErrExist) {
		err = disk.Exchange(a, b)
		if err == nil && !page.IsOne(a) {
			o.say("%s was no page of this program: it is kept as %s", b, a)
		}
	}
	if err != nil {
		return fmt.Errorf("put the page in place: %w", err)
	}
	return nil
}

// removePage removes the page of a workbook that was removed.
func removePage(workbook string) error {
	if path := PageOf(workbook); page.IsOne(path) {
		return os.Remove(path)
	}
	return nil
}

// movePage gives the page of a workbook the workbook's new name.
func movePage(from, to string) error {
	from, to = PageOf(from), PageOf(to)
	if from == to || !page.IsOne(from) {
		return nil
	}
	if err := disk.MoveTo(from, to); err != nil {
		return fmt.Errorf("keep the page of a workbook: %w", err)
	}
	return nil
}
