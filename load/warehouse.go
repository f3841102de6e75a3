package load

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/duckdb/duckdb-go/v2"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// Warehouse is the private working database. One process has it open at a
// time; its methods may be called from several goroutines.
type Warehouse struct {
	db     *sql.DB
	path   string
	id     string     // of the database
	commit sync.Mutex // one account's transaction at a time
	closed bool
}

// Options of the working database.
type Options struct {
	Path        string // of the database file
	TempDir     string // where DuckDB spills
	MemoryLimit int64  // bytes before DuckDB spills; 0 is DuckDB's own limit
	Threads     int    // 0 is DuckDB's own choice
	// DatabaseID names a database that is made; "" is a new random name. A
	// replayed database keeps the name of the one that it stands for.
	DatabaseID string
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
	settings := []string{"SET TimeZone = 'UTC'"}
	if o.TempDir != "" {
		settings = append(settings, "SET temp_directory = "+literal(o.TempDir))
	}
	if o.MemoryLimit > 0 {
		settings = append(settings, fmt.Sprintf("SET memory_limit = '%dB'", o.MemoryLimit))
	}
	if o.Threads > 0 {
		settings = append(settings, fmt.Sprintf("SET threads = %d", o.Threads))
	}
	connector, err := duckdb.NewConnector(o.Path, func(conn driver.ExecerContext) error {
		for _, set := range settings {
			if _, err := conn.ExecContext(ctx, set, nil); err != nil {
				return fmt.Errorf("%s: %w", set, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open the working database %s: %w", o.Path, explain(o.Path, err))
	}
	w := &Warehouse{db: sql.OpenDB(connector), path: o.Path, id: o.DatabaseID}
	steps, err := sqlfiles.Steps()
	if err == nil {
		err = w.migrate(ctx, steps)
	}
	if err != nil {
		w.db.Close()
		return nil, fmt.Errorf("open the working database %s: %w", o.Path, explain(o.Path, err))
	}
	if err := w.db.QueryRowContext(ctx, "SELECT database_id FROM audit.meta").Scan(&w.id); err != nil {
		w.db.Close()
		return nil, fmt.Errorf("read the name of the working database %s: %w", o.Path, explain(o.Path, err))
	}
	if err := os.Chmod(o.Path, 0o600); err != nil {
		w.db.Close()
		return nil, fmt.Errorf("protect the working database: %w", err)
	}
	return w, nil
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
	if err := os.Rename(fresh, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
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
	_, err := w.db.Exec("CHECKPOINT")
	if err != nil {
		err = fmt.Errorf("write the log of the working database %s into it: %w", w.path, explain(w.path, err))
	}
	return errors.Join(err, w.db.Close())
}

// migrate applies the numbered migrations that are not yet recorded, each in
// a transaction of its own, then the views and the comments.
func (w *Warehouse) migrate(ctx context.Context, steps []sqlfiles.Step) error {
	have, err := w.schemaVersion(ctx)
	if err != nil {
		return err
	}
	newest := len(steps)
	if have > newest {
		return fmt.Errorf("its schema version is %d and this program knows versions up to %d: use the newer program that wrote it", have, newest)
	}
	for _, m := range steps {
		if m.Version <= have {
			continue
		}
		err := w.inTx(ctx, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, m.SQL); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, "INSERT INTO audit.migrations (version, name, applied_at) VALUES (?, ?, now())", m.Version, m.Name)
			return err
		})
		if err != nil {
			return fmt.Errorf("migration %s: %w", m.Name, err)
		}
	}
	if err := w.applyViews(ctx); err != nil {
		return err
	}
	return w.describe(ctx, newest)
}

// describe puts the dictionary's comments on every table, view and column that
// has another one or none, and names the database, in one transaction: a
// process that died after a migration leaves it to the next one, and a newer
// program may say it in other words.
func (w *Warehouse) describe(ctx context.Context, version int) error {
	return w.inTx(ctx, func(tx *sql.Tx) error {
		if err := comment(ctx, tx); err != nil {
			return fmt.Errorf("comment on the schema: %w", err)
		}
		var named int
		err := tx.QueryRowContext(ctx, "SELECT coalesce(max(schema_version), 0) FROM audit.meta").Scan(&named)
		if err != nil || named == version {
			return err
		}
		if w.id == "" {
			w.id = newDatabaseID()
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO audit.meta (database_id, schema_version, created_at)
			SELECT ?, ?, now() WHERE NOT EXISTS (SELECT 1 FROM audit.meta)`, w.id, version)
		if err != nil {
			return fmt.Errorf("name the database: %w", err)
		}
		_, err = tx.ExecContext(ctx, "UPDATE audit.meta SET schema_version = ?", version)
		return err
	})
}

// comment writes the comments that are not yet as the dictionary has them.
func comment(ctx context.Context, tx *sql.Tx) error {
	dictionary, err := sqlfiles.Dictionary()
	if err != nil {
		return err
	}
	there, err := comments(ctx, tx)
	if err != nil {
		return err
	}
	for _, c := range dictionary.Comments() {
		if there[c.Object] == c.Text {
			continue
		}
		if _, err := tx.ExecContext(ctx, c.SQL); err != nil {
			return fmt.Errorf("%s: %w", c.Object, err)
		}
	}
	return nil
}

// comments reads the comments of the database, by schema.table[.column].
func comments(ctx context.Context, tx *sql.Tx) (_ map[string]string, err error) {
	text, err := sqlfiles.Query("comments")
	if err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	found := map[string]string{}
	for rows.Next() {
		var object, text string
		if err := rows.Scan(&object, &text); err != nil {
			return nil, err
		}
		found[object] = text
	}
	return found, rows.Err()
}

// applyViews makes the views as they are in this program: a view is a file
// that may change without a migration.
func (w *Warehouse) applyViews(ctx context.Context) error {
	views, err := sqlfiles.Files(sqlfiles.Views)
	if err != nil {
		return err
	}
	return w.inTx(ctx, func(tx *sql.Tx) error {
		for _, v := range views {
			if _, err := tx.ExecContext(ctx, v.SQL); err != nil {
				return fmt.Errorf("make the view of sql/%s: %w", v.Path, err)
			}
		}
		return nil
	})
}

func (w *Warehouse) schemaVersion(ctx context.Context) (int, error) {
	var tables int
	err := w.db.QueryRowContext(ctx, "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'audit' AND table_name = 'migrations'").Scan(&tables)
	if err != nil || tables == 0 {
		return 0, err
	}
	var version int
	err = w.db.QueryRowContext(ctx, "SELECT coalesce(max(version), 0) FROM audit.migrations").Scan(&version)
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
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
