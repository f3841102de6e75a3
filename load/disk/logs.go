package disk

import (
	"errors"
	"io/fs"
	"os"
)

// logEnds are what the names of DuckDB's write-ahead logs end in, behind that of
// their database: whoever opens the database replays them.
var logEnds = []string{".wal", ".wal.checkpoint", ".wal.recovery"}

// Logs lists the write-ahead logs that lie beside a database file. One that
// cannot be looked at counts as there.
func Logs(database string) []string {
	var found []string
	for _, end := range logEnds {
		if _, err := os.Lstat(database + end); !errors.Is(err, fs.ErrNotExist) {
			found = append(found, database+end)
		}
	}
	return found
}
