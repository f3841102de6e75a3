package query

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/reports/scratch"
)

// spillPrefix begins the names of the folders to which DuckDB spills what does
// not fit into memory.
const spillPrefix = "nightaudit-spill-"

// spillingConnector removes the folder when the database is closed.
type spillingConnector struct {
	*duckdb.Connector
	folder string
}

// Close closes the database.
func (c *spillingConnector) Close() error {
	return errors.Join(c.Connector.Close(), os.RemoveAll(c.folder))
}

// spillFolder makes a folder that nobody else can read, for spilled rows can
// hold personal data, away from the published file, beside which its readers
// may not write. It sweeps what processes that died left there.
func spillFolder() (string, error) {
	old, err := scratch.Abandoned(os.TempDir(), spillPrefix, time.Now())
	if err != nil {
		return "", fmt.Errorf("look for unfinished queries: %w", err)
	}
	for _, folder := range old {
		// Another person's folder cannot be removed, and need not be.
		_ = os.RemoveAll(folder)
	}
	folder, err := scratch.Own(os.TempDir(), spillPrefix)
	if err != nil {
		return "", fmt.Errorf("make a private folder to spill to: %w; TMPDIR names another place", err)
	}
	return folder, nil
}
