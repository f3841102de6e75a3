package load

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/load/disk"
)

// ErrDamaged is a database file that cannot be read as it was written.
var ErrDamaged = errors.New("the database is damaged")

// ErrNewer is a database that a newer program wrote.
var ErrNewer = errors.New("use the newer program that wrote it")

// damageTexts are how DuckDB says that a file, or the log beside it, is not as
// it wrote it. Its errors carry no number for that.
var damageTexts = []string{
	"Corrupt database file",
	"not a valid DuckDB database file",
	"Could not read enough bytes from file",
	"Failure while replaying WAL file",
	"Corrupt WAL file",
}

// IsDamaged says whether err comes from a database file that is damaged.
func IsDamaged(err error) bool {
	if err == nil {
		return false
	}
	text := err.Error()
	for _, t := range damageTexts {
		if strings.Contains(text, t) {
			return true
		}
	}
	return errors.Is(err, ErrDamaged)
}

// IsUnusable says whether err leaves the working database unusable to this
// process: its disk is full, it is damaged, or DuckDB has given it up after
// one of these.
func IsUnusable(err error) bool {
	var duck *duckdb.Error
	return disk.IsFull(err) || IsDamaged(err) || errors.As(err, &duck) && duck.Type == duckdb.ErrorTypeFatal
}

// explain says of a full disk and of a damaged file what to do.
func explain(path string, err error) error {
	switch {
	case err == nil || errors.Is(err, ErrDamaged):
		return err
	case disk.IsFull(err):
		return disk.Explain(err, Room(path), true)
	case strings.Contains(err.Error(), "Trying to read a database file with version number"):
		return fmt.Errorf("%w; it was left as it is: %w", err, ErrNewer)
	case IsDamaged(err):
		return fmt.Errorf("%w: %w; it was left as it is: nightaudit replay makes a new one from the landed answers and keeps this one beside it", ErrDamaged, err)
	}
	return err
}

// leastRoom is what a run needs however small the database.
const leastRoom = 100 << 20

// Room is how many bytes should be free for a run over the working database
// at path: its log and what a checkpoint writes anew may each become as large
// as the database.
func Room(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return leastRoom
	}
	return max(leastRoom, 2*info.Size())
}
