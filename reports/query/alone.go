package query

import (
	"database/sql"
	"errors"
	"fmt"
	"os"

	"github.com/duckdb/duckdb-go/v2"
)

// OpenAlone opens the engine without a database, for statements that read files.
func OpenAlone(o OpenOptions) (*sql.DB, error) {
	spill, err := spillFolder()
	if err != nil {
		return nil, err
	}
	duck, err := duckdb.NewConnector("?autoinstall_known_extensions=false&autoload_known_extensions=false", nil)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the engine: %w", err), os.RemoveAll(spill))
	}
	db := sql.OpenDB(&spillingConnector{Connector: duck, folder: spill})
	if err := restrict(db, spill, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open the engine: %w", err), db.Close())
	}
	return db, nil
}
