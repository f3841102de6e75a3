package query

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"runtime"
	"strings"

	"github.com/nightaudit/nightaudit/load/disk"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/sql/scan"
)

// The conditions of Open that a caller may want to tell apart.
var (
	ErrNoDatabase  = errors.New("there is no such file")
	ErrNotDatabase = errors.New("not a nightaudit database")
	ErrNewerSchema = errors.New("written by a newer nightaudit")
	ErrOlderSchema = errors.New("published by an earlier nightaudit")
)

// OpenOptions says what statements may do beyond reading the database.
type OpenOptions struct {
	// AllowFiles lets statements read and write files of the person's own.
	// The database stays read-only, extensions and settings stay locked.
	AllowFiles bool
	// MemoryLimit is how many bytes a statement may take before it spills; 0 is
	// two fifths of the machine's memory.
	MemoryLimit int64
	// Timezone is the session's, an IANA name; "" is UTC. Configured takes that of the
	// configuration by which the database was published.
	Timezone   string
	Configured bool
	// Current refuses what an earlier program published: the program's own statements
	// read tables that it does not have.
	Current bool
	// Notice, if set, is told what the person should know of the file.
	Notice func(string)
}

// Open opens a database file for reading. Statements can neither change it
// nor reach any other file, the network or an extension, and cannot lift these
// limits. A log that lies beside it is not replayed. The session's time zone is UTC
// unless the options name one: a cast of an instant to a date gives the day in it;
// business_date and booked_date are columns of their own.
//
// Errors are ErrNoDatabase, ErrNotDatabase, ErrNewerSchema and ErrOlderSchema, wrapped with
// the path and what to do. The caller closes the result, which also removes
// what statements have spilled to disk.
func Open(path string) (*sql.DB, error) { return OpenWith(path, OpenOptions{}) }

// OpenWith is Open with options.
func OpenWith(path string, o OpenOptions) (*sql.DB, error) {
	if err := checkFile(path); err != nil {
		return nil, err
	}
	spill, err := spillFolder()
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	duck, err := openApart(path, spill)
	if err != nil {
		err = errors.Join(err, os.RemoveAll(spill))
		hint := "it is damaged: nightaudit run publishes it anew and keeps it, and earlier ones lie beside it in the folder previous"
		if strings.Contains(err.Error(), "lock on file") {
			hint = "another program has it open for writing: close it there"
		}
		return nil, fmt.Errorf("open database %s: %w; %s", path, err, hint)
	}
	db := sql.OpenDB(&spillingConnector{Connector: duck, folder: spill})
	if err := restrict(db, spill, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), db.Close())
	}
	if err := checkSchema(db, o.Current); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), db.Close())
	}
	if notice := foreignLogs(path); notice != "" && o.Notice != nil {
		o.Notice(notice)
	}
	return db, nil
}

// checkFile tells the plain mistakes apart before DuckDB sees the file.
func checkFile(path string) error {
	f, _, err := disk.Open(path, math.MaxInt64)
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
func restrict(db *sql.DB, spill string, o OpenOptions) error {
	memory := o.MemoryLimit
	if memory == 0 { // half of what the engine would take: a night may be running beside whoever reads
		own, err := scan.MemoryLimit(context.Background(), db)
		if err != nil {
			return err
		}
		memory = own / 2
	}
	zone := cmp.Or(o.Timezone, "UTC")
	if o.Timezone == "" && o.Configured { // what cannot be read is said by checkSchema
		_ = db.QueryRow("SELECT timezone FROM audit.meta WHERE timezone IS NOT NULL").Scan(&zone)
	}
	settings := []string{
		// What a statement freed is given back, and not kept for the next one.
		"SET allocator_flush_threshold = '16MB'",
		"SET temp_directory = " + sqlfiles.Literal(spill),
		fmt.Sprintf("SET memory_limit = '%dB'", memory),
		"SET GLOBAL TimeZone = " + sqlfiles.Literal(zone),
	}
	if !o.AllowFiles {
		settings = append(settings, "SET enable_external_access = false")
	}
	for _, statement := range append(settings, "SET lock_configuration = true") {
		if _, err := db.Exec(statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// ReportMemory is a MemoryLimit for reports of the program's own: room for each
// thread to sort in. A workbook of 1.2 million orders is made within it, and what
// it spills costs it a second.
func ReportMemory() int64 { return 64<<20 + 64<<20*int64(runtime.NumCPU()) }

// checkSchema compares the schema of the database with the one this program
// knows. An older one is read: columns are only ever added.
func checkSchema(db *sql.DB, current bool) error {
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
		return fmt.Errorf("%w: its schema has version %d and this program knows %d; %s wrote it: use that program, or a newer one", ErrNewerSchema, version, known, writtenBy(db))
	case version < known && current:
		return fmt.Errorf("%w: its schema has version %d, and this command reads version %d", ErrOlderSchema, version, known)
	}
	return nil
}

// writtenBy says which program wrote the database last, as far as it can be read.
func writtenBy(db *sql.DB) string {
	var by string
	statement, err := sqlfiles.Statement("database/written_by", nil)
	if err == nil {
		err = db.QueryRow(statement).Scan(&by)
	}
	if err != nil || by == "" {
		return "a newer nightaudit"
	}
	return by
}
