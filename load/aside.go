package load

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// What lies in a folder of publishing beside the published database.
const (
	// previousDir has the earlier ones, and what was kept of other files.
	previousDir    = "previous"
	earlierCopies  = "nightaudit_until_*.duckdb"        // of this database
	unreadCopies   = "nightaudit_unread_until_*.duckdb" // that were damaged when they gave way
	strangerCopies = "nightaudit_of_*_until_*.duckdb"   // of other databases, whose place was taken over
	foreignLogs    = PublishedName + ".foreign-*"       // that lay beside the published database
)

// Aside are the files in a folder of publishing that are no database of its own: they
// were in the way, may be evidence, and are kept. The oldest come first.
func Aside(dir string) (files []string, err error) {
	for _, pattern := range []string{filepath.Join(previousDir, unreadCopies), filepath.Join(previousDir, strangerCopies), foreignLogs} {
		found, bad := filepath.Glob(filepath.Join(dir, pattern))
		files, err = append(files, found...), errors.Join(err, bad)
	}
	return files, err
}

// keptLogs is how many logs of other programs are kept.
const keptLogs = 14

// removeOld leaves the newest keep copies of the database, the published one among them;
// as many of what was damaged; and the newest logs of other programs: there may be more of
// these each night. Databases of others stay until somebody removes them.
func removeOld(dir string, keep int) error {
	age := func(path string) int64 {
		info, err := os.Lstat(path)
		if err != nil {
			return 0
		}
		return info.ModTime().UnixNano()
	}
	for _, old := range []struct {
		pattern string
		keep    int
		compare func(a, b string) int
	}{
		{filepath.Join(previousDir, earlierCopies), keep - 1, cmp.Compare[string]},
		{filepath.Join(previousDir, unreadCopies), keep, cmp.Compare[string]},
		{foreignLogs, keptLogs, func(a, b string) int { return cmp.Compare(age(a), age(b)) }},
	} {
		files, err := filepath.Glob(filepath.Join(dir, old.pattern))
		if err != nil {
			return fmt.Errorf("list the earlier databases: %w", err)
		}
		slices.SortFunc(files, old.compare)
		for old.keep > 0 && len(files) > old.keep {
			if err := os.Remove(files[0]); err != nil {
				return fmt.Errorf("remove an earlier database: %w", err)
			}
			files = files[1:]
		}
	}
	return nil
}
