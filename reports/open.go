package reports

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// The conditions of Open that a caller may want to tell apart.
var (
	ErrNoDatabase  = errors.New("there is no such file")
	ErrNotDatabase = errors.New("not a nightaudit database")
	ErrNewerSchema = errors.New("written by a newer nightaudit")
)

// Open opens a database file for reading. Statements can neither change it
// nor reach any other file, the network or an extension, and cannot lift these
// limits. The session's time zone is UTC: a cast of an instant to a date gives
// the day in UTC; business_date and booked_date are columns of their own.
//
// Errors are ErrNoDatabase, ErrNotDatabase and ErrNewerSchema, wrapped with
// the path and what to do. The caller closes the result.
func Open(path string) (*sql.DB, error) {
	if err := checkFile(path); err != nil {
		return nil, err
	}
	connector, err := duckdb.NewConnector(path+"?access_mode=READ_ONLY&autoinstall_known_extensions=false&autoload_known_extensions=false", nil)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w; if another program has it open for writing, close it there", path, err)
	}
	db := sql.OpenDB(connector)
	if err := restrict(db); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), db.Close())
	}
	if err := checkSchema(db); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), db.Close())
	}
	return db, nil
}

// checkFile tells the plain mistakes apart before DuckDB sees the file.
func checkFile(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("open database %s: %w; `nightaudit run` makes it", path, ErrNoDatabase)
	}
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	defer f.Close()
	// https://duckdb.org/docs/stable/internals/storage: eight bytes of
	// checksum, then the magic bytes.
	head := make([]byte, 12)
	if _, err := io.ReadFull(f, head); err != nil || string(head[8:]) != "DUCK" {
		return fmt.Errorf("open database %s: %w: it is no DuckDB file", path, ErrNotDatabase)
	}
	return nil
}

// restrict sets what holds for every connection, and locks it.
func restrict(db *sql.DB) error {
	// What does not fit into memory must not be spilled beside the published
	// file, which its readers may not write.
	spill := filepath.Join(os.TempDir(), "nightaudit-query-"+strconv.Itoa(os.Getpid()))
	for _, statement := range []string{
		"SET temp_directory = '" + strings.ReplaceAll(spill, "'", "''") + "'",
		"SET enable_external_access = false",
		"SET GLOBAL TimeZone = 'UTC'",
		"SET lock_configuration = true",
	} {
		if _, err := db.Exec(statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// checkSchema compares the schema of the database with the one this program
// knows. An older one is read: columns are only ever added.
func checkSchema(db *sql.DB) error {
	known, err := sqlfiles.SchemaVersion()
	if err != nil {
		return err
	}
	var version int
	err = db.QueryRow("SELECT schema_version FROM audit.meta").Scan(&version)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("%w: its table audit.meta cannot be read: %w", ErrNotDatabase, err)
	case version > known:
		return fmt.Errorf("%w: its schema has version %d and this program knows %d: use the nightaudit that wrote it, or a newer one", ErrNewerSchema, version, known)
	}
	return nil
}
