package load

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/load/disk"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/sql/scan"
)

// Warehouse is the private working database. One process has it open at a
// time; its methods may be called from several goroutines.
type Warehouse struct {
	db      *sql.DB
	path    string
	id      string     // of the database
	commit  sync.Mutex // one account's transaction, or other large work, at a time
	threads int        // see Options.Threads
	closed  bool
	passing bool // see Options.Passing

	limit   int64 // of memory, in bytes
	sparing int64 // that for work amid a night, see amid
	memory  sync.Mutex
	inForce int64 // which of the two; memory guards it
}

// Options of the working database.
type Options struct {
	Path        string // of the database file
	TempDir     string // where DuckDB spills
	MemoryLimit int64  // bytes before DuckDB spills; 0 is a quarter of its own limit, at most usualMemory
	Threads     int    // for all work; 0 is one, and every core over a large database, see amid
	// DatabaseID names a database that is made; "" is a new random name. A
	// replayed database keeps the name of the one that it stands for.
	DatabaseID string
	// NoNewer says that RefuseNewer has looked at Path.
	NoNewer bool
	// Passing says that nobody reads the database but this program, which removes it
	// again: its tables and columns are not described.
	Passing bool
	// Base, optional, is a database that a new one at Path begins as a copy of;
	// where there is none, it begins empty.
	Base string
}

// Open opens the working database, makes it where there is none, and brings
// its schema up to date. A database that is damaged (ErrDamaged) or was written
// by a newer version is refused and left as it is.
func Open(ctx context.Context, o Options) (*Warehouse, error) {
	if err := os.MkdirAll(filepath.Dir(o.Path), 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	if o.Base != "" {
		if _, err := copyFile(o.Base, o.Path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("begin with a copy of the database %s: %w", o.Base, err)
		}
	}
	if err := create(o.Path); err != nil {
		return nil, fmt.Errorf("make the working database %s: %w", o.Path, explain(o.Path, err))
	}
	if !o.NoNewer {
		if err := RefuseNewer(ctx, o.Path); err != nil {
			return nil, err
		}
	}
	w, err := openExisting(ctx, o)
	if err != nil {
		return nil, err
	}
	if err = w.limitMemory(ctx, o.MemoryLimit); err == nil {
		err = w.bringUpToDate(ctx)
	}
	if err != nil {
		_ = w.db.Close()
		return nil, err
	}
	return w, nil
}

// openExisting opens a database that is there, whatever its schema.
func openExisting(ctx context.Context, o Options) (*Warehouse, error) {
	connector, err := duckdb.NewConnector(o.Path, connected(ctx))
	if err != nil {
		return nil, fmt.Errorf("open the working database %s: %w", o.Path, explain(o.Path, err))
	}
	w := &Warehouse{db: sql.OpenDB(connector), path: o.Path, id: o.DatabaseID, threads: o.Threads, passing: o.Passing, sparing: SparingMemory}
	if err = w.setThreads(ctx, max(o.Threads, 1)); err == nil {
		err = o.spill(ctx, w.db)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the working database %s: %w", o.Path, explain(o.Path, err)), w.db.Close())
	}
	return w, nil
}

// connected makes ready each connection. All that the program uses is built in:
// nothing is fetched, nor read from where somebody may have laid an extension.
func connected(ctx context.Context) func(conn driver.ExecerContext) error {
	return func(conn driver.ExecerContext) error {
		_, err := conn.ExecContext(ctx, "SET TimeZone = 'UTC'; SET autoinstall_known_extensions = false; SET autoload_known_extensions = false", nil)
		return err
	}
}

// spill says where what does not fit into memory goes: once, not for every
// connection, for where something lies there already, DuckDB refuses.
func (o Options) spill(ctx context.Context, db *sql.DB) error {
	if o.TempDir == "" {
		return nil
	}
	return scan.Exec(ctx, db, "database/temp_directory", nil, o.TempDir)
}

// bringUpToDate makes the schema the newest and reads the database's name.
func (w *Warehouse) bringUpToDate(ctx context.Context) error {
	steps, err := sqlfiles.Steps()
	if err == nil {
		err = w.migrate(ctx, steps)
	}
	if err != nil {
		return fmt.Errorf("open the working database %s: %w", w.path, explain(w.path, err))
	}
	if err := scan.One(ctx, w.db, "database/database_id", nil, nil, &w.id); err != nil {
		return fmt.Errorf("read the name of the working database %s: %w", w.path, explain(w.path, err))
	}
	if err := os.Chmod(w.path, 0o600); err != nil {
		return fmt.Errorf("protect the working database: %w", err)
	}
	return nil
}

// create makes an empty database where there is none, under another name
// first: half a file, left by a full disk or a crash, would be taken for a
// damaged database.
func create(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	fresh := path + ".new"
	for _, left := range []string{fresh, fresh + ".wal"} {
		if err := os.Remove(left); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	connector, err := duckdb.NewConnector(fresh, nil)
	if err == nil {
		err = connector.Close()
	}
	if err != nil {
		return errors.Join(err, os.Remove(fresh))
	}
	return disk.Rename(fresh, path)
}

// ID names the database: a random UUID of its first making.
func (w *Warehouse) ID() string { return w.id }

// Close closes the database. It checkpoints first, so that the file alone
// holds everything. A second Close does nothing.
func (w *Warehouse) Close() error {
	if w.closed {
		return nil
	}
	w.closed = true
	err := scan.Exec(context.Background(), w.db, "database/checkpoint", nil)
	if err != nil {
		err = fmt.Errorf("write the log of the working database %s into it: %w", w.path, explain(w.path, err))
	}
	return errors.Join(err, w.db.Close())
}

// migrate applies the numbered migrations that are not yet recorded, each in
// a transaction of its own, then the views and the comments, unless they are
// this program's already.
func (w *Warehouse) migrate(ctx context.Context, steps []sqlfiles.Step) error {
	have, err := w.schemaVersion(ctx)
	if err != nil {
		return err
	}
	newest := len(steps)
	for _, m := range steps {
		if m.Version <= have {
			continue
		}
		err := w.inTx(ctx, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, m.SQL); err != nil {
				return err
			}
			return scan.Exec(ctx, tx, "database/insert_migration", nil, m.Version, m.Name)
		})
		if err != nil {
			return fmt.Errorf("migration %s: %w", m.Name, err)
		}
	}
	views, err := sqlfiles.ViewTexts()
	if err != nil {
		return err
	}
	dictionary, err := sqlfiles.Dictionary()
	if err != nil {
		return err
	}
	words := dictionary.Comments()
	made := fingerprint(views, words)
	if have == newest {
		if as, err := w.madeAs(ctx); err != nil || as == made {
			return err
		}
	}
	if err := w.applyViews(ctx, views); err != nil {
		return err
	}
	return w.describe(ctx, newest, words, made)
}

// fingerprint tells the views and comments of one program from another's. To
// write them anew takes longer than a small night's rows.
func fingerprint(views []sqlfiles.Text, words []sqlfiles.Comment) string {
	hash := sha256.New()
	for _, v := range views {
		fmt.Fprintln(hash, v.SQL)
	}
	for _, c := range words {
		fmt.Fprintln(hash, c.SQL)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// madeAs is the fingerprint of the program that wrote the views and comments;
// "" where none has done so to the end.
func (w *Warehouse) madeAs(ctx context.Context) (as string, err error) {
	err = scan.One(ctx, w.db, "database/made_as", nil, nil, &as)
	return as, err
}

// describe puts the dictionary's comments on every table, view and column that
// has another one or none, names the database and notes made, in one
// transaction: a process that died after a migration leaves it to the next one,
// and a newer program may say it in other words.
func (w *Warehouse) describe(ctx context.Context, version int, words []sqlfiles.Comment, made string) error {
	return w.inTx(ctx, func(tx *sql.Tx) error {
		if !w.passing {
			if err := comment(ctx, tx, words); err != nil {
				return fmt.Errorf("comment on the schema: %w", err)
			}
		}
		if w.id == "" {
			w.id = newDatabaseID()
		}
		if err := scan.Exec(ctx, tx, "database/name_database", nil, w.id, version); err != nil {
			return fmt.Errorf("name the database: %w", err)
		}
		return scan.Exec(ctx, tx, "database/set_version", nil, version, made)
	})
}

// comment writes the comments that are not yet as the dictionary has them.
func comment(ctx context.Context, tx *sql.Tx, words []sqlfiles.Comment) error {
	there, err := scan.Map[string, string](ctx, tx, "database/comments", nil) // by schema.table[.column]
	if err != nil {
		return err
	}
	for _, c := range words {
		if there[c.Object] == c.Text {
			continue
		}
		if _, err := tx.ExecContext(ctx, c.SQL); err != nil {
			return fmt.Errorf("%s: %w", c.Object, err)
		}
	}
	return nil
}

// applyViews makes the views as they are in this program: a view is a file
// that may change without a migration.
func (w *Warehouse) applyViews(ctx context.Context, views []sqlfiles.Text) error {
	return w.inTx(ctx, func(tx *sql.Tx) error {
		for _, v := range views {
			if _, err := tx.ExecContext(ctx, v.SQL); err != nil {
				return fmt.Errorf("make the view of sql/%s: %w", v.Path, err)
			}
		}
		return nil
	})
}

func (w *Warehouse) schemaVersion(ctx context.Context) (version int, err error) {
	var tables int
	if err := scan.One(ctx, w.db, "database/has_migrations", nil, nil, &tables); err != nil || tables == 0 {
		return 0, err
	}
	err = scan.One(ctx, w.db, "database/migrated_to", nil, nil, &version)
	return version, err
}

// newDatabaseID is a random UUID: a workbook names the database it is of.
func newDatabaseID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (w *Warehouse) inTx(ctx context.Context, do func(tx *sql.Tx) error) error {
	return explain(w.path, w.tryInTx(ctx, do))
}

func (w *Warehouse) tryInTx(ctx context.Context, do func(tx *sql.Tx) error) error {
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := w.commitTx(ctx, tx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
