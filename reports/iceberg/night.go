package iceberg

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/apache/iceberg-go"

	"github.com/nightaudit/nightaudit/load/disk"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// Table is what a night made of one table. Files, Bytes and Rows are those of this
// database.
type Table struct {
	Name    string // main.orders
	Changed bool   // a snapshot was committed
	Rows    int64
	Files   int
	Bytes   int64

	Written, Removed int // files
	WrittenBytes     int64
}

func (t *Table) count(files []iceberg.DataFile) {
	t.Files, t.Bytes = len(files), 0
	for _, f := range files {
		t.Bytes += f.FileSizeBytes()
	}
}

// Result is what a night made of the lake.
type Result struct {
	Run     string
	Tables  []Table
	Expired int // snapshots
	Swept   int // files that belonged to nothing
}

// Changed says whether anything was committed.
func (r *Result) Changed() bool {
	for i := range r.Tables {
		if r.Tables[i].Changed {
			return true
		}
	}
	return false
}

// Written is how many files the night wrote, and their bytes.
func (r *Result) Written() (files int, bytes int64) {
	for i := range r.Tables {
		files += r.Tables[i].Written
		bytes += r.Tables[i].WrittenBytes
	}
	return files, bytes
}

// The conditions of Commit that a caller may want to tell apart.
var (
	ErrLocked     = errors.New("another export of this database is writing to the lake")
	ErrSuperseded = errors.New("the lake holds a later night of this database")
	// ErrUntidy is a night that is committed whole, and old snapshots or files that
	// could not be removed.
	ErrUntidy = errors.New("the night is committed, and what is old in the lake was not removed")
)

// night is what is published.
type night struct {
	database, run, published string
	key                      string // the database in names of files
}

func (n *night) properties() map[string]string {
	return map[string]string{propertyRun: n.run, propertyDatabase: n.database, propertyPublished: n.published}
}

// writer is a night that is being written.
type writer struct {
	lake  *Lake
	conn  *sql.Conn
	night night
	aside string // folder of files that are not in the lake yet
}

// Commit brings the lake up to date with a published database, which must be open for
// reading and able to write files. What has not changed is not written, and where nothing
// has, nothing is committed. A night that was cut short is completed by the next.
//
// Errors are ErrLocked, ErrSuperseded and ErrUntidy, wrapped. After any but the last,
// readers of nights see the lake as it was.
func (l *Lake) Commit(ctx context.Context, db *sql.DB) (_ *Result, err error) {
	defer func() { err = l.hide(err) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	w := &writer{lake: l, conn: conn}
	if w.night, err = describe(ctx, conn); err != nil {
		return nil, err
	}
	release, err := w.claim(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, release()) }()
	result, err := w.commit(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.tidy(ctx, result); err != nil {
		return result, fmt.Errorf("%w: %w", ErrUntidy, err)
	}
	return result, nil
}

func describe(ctx context.Context, conn *sql.Conn) (n night, err error) {
	statement, err := sqlfiles.Query("lake_meta")
	if err != nil {
		return n, err
	}
	var schema int
	var engine string
	if err := conn.QueryRowContext(ctx, statement).Scan(&n.database, &n.run, &n.published, &schema, &engine); err != nil {
		return n, fmt.Errorf("read whose database it is: %w", err)
	}
	n.key = keyOf(n.database)
	return n, nil
}

// keyOf is what stands for a database in names of files.
func keyOf(database string) string {
	sum := sha256.Sum256([]byte(database))
	return hex.EncodeToString(sum[:8])
}

// longestWait is how long a writer waits for another of the same database, and tries
// again where others are in its way.
const longestWait = 10 * time.Minute

// claim takes the lock of this database's writers, and makes the folder for what is
// written aside: what a writer that was killed left there goes.
func (w *writer) claim(ctx context.Context) (release func() error, err error) {
	own := filepath.Join(w.lake.local, ".nightaudit-"+w.night.key)
	lock := disk.Lock(own+".lock", disk.SharedFile)
	wait, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	locked, err := lock.TryLockContext(wait, 100*time.Millisecond)
	if errors.Is(err, context.DeadlineExceeded) || err == nil && !locked {
		return nil, fmt.Errorf("%s: %w", w.lake.o.Warehouse, ErrLocked)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the lake %s: %w", w.lake.o.Warehouse, err)
	}
	w.aside = own + ".writing"
	if err = os.RemoveAll(w.aside); err == nil {
		err = os.Mkdir(w.aside, 0o700)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("prepare the lake %s: %w", w.lake.o.Warehouse, err), lock.Unlock())
	}
	return func() error { return errors.Join(os.RemoveAll(w.aside), lock.Unlock()) }, nil
}
