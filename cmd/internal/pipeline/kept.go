package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/nightaudit/nightaudit/load/disk"
)

// keptName is what a working database that a replay replaced is called. Further
// ones, of later replays, have a number.
const keptName = "warehouse.before-replay"

// logSuffix is what DuckDB calls the log beside a database.
const logSuffix = ".wal"

// keptPath is where the working database lies that the nth replay since the last
// good night replaced.
func (r *runner) keptPath(n int) string {
	if n == 1 {
		return filepath.Join(r.cfg.DataDir, keptName+".duckdb")
	}
	return filepath.Join(r.cfg.DataDir, fmt.Sprintf("%s-%d.duckdb", keptName, n))
}

// keptDatabases are the working databases that replays replaced since the last
// good night, the first first.
func (r *runner) keptDatabases() (kept []string) {
	for n := 1; isFile(r.keptPath(n)); n++ {
		kept = append(kept, r.keptPath(n))
	}
	return kept
}

// replaceWarehouse puts the rebuilt database in the place of the working one. That
// is kept, and so is each that an earlier replay kept, for the first may be the
// best; but of one that has nothing which the rebuilt one has not, the first is
// enough.
func (r *runner) replaceWarehouse(fresh string, hasAll bool) (kept string, err error) {
	target, earlier := r.warehousePath(), r.keptDatabases()
	place := r.keptPath(len(earlier) + 1)
	// A log that a crash left beside it belongs to it: beside the rebuilt one it
	// would be replayed into that. It goes first, so that a crash between the two
	// leaves no file beside another's log. One beside the place is of no database.
	if err := removeIfThere(place + logSuffix); err != nil {
		return "", fmt.Errorf("keep the working database: %w", err)
	}
	if err := disk.Rename(target+logSuffix, place+logSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("keep the log of the working database: %w", err)
	}
	if err := disk.Rename(target, place); err == nil {
		earlier = append(earlier, place)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("keep the working database: %w", err)
	}
	if err := putInPlace(fresh, target); err != nil {
		return "", fmt.Errorf("put the rebuilt database in place: %w", err)
	}
	if len(earlier) == 0 {
		return "", nil
	}
	if len(earlier) > 1 && hasAll && earlier[len(earlier)-1] == place {
		return earlier[0], errors.Join(removeIfThere(place+logSuffix), removeIfThere(place))
	}
	return earlier[len(earlier)-1], nil
}

// dropKept removes the databases that replays replaced: a good night has been
// published since.
func (r *runner) dropKept() error {
	for _, kept := range slices.Backward(r.keptDatabases()) { // a crash leaves no gap in the numbers
		if err := errors.Join(removeIfThere(kept+logSuffix), removeIfThere(kept)); err != nil {
			return fmt.Errorf("remove the database that a replay replaced: %w", err)
		}
		r.log.Info("removed the database that a replay replaced: a good night is published", "database", kept)
	}
	return nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
