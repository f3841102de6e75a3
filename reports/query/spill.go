package query

import (
	"errors"
	"fmt"
	"os"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/load/disk"
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
// may not write.
func spillFolder() (string, error) {
	folder, err := disk.Own("", spillPrefix)
	if err != nil {
		return "", fmt.Errorf("make a private folder to spill to: %w; TMPDIR names another place", err)
	}
	return folder, nil
}
