package lake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/nightaudit/nightaudit/load/disk"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// Options says where a lake goes.
type Options struct {
	Dir string // made where it is missing
	// Progress, if set, is told before each table is read, and before each of
	// its files is written.
	Progress func(Progress)
	worth    int64 // see gatheredMost; 0 is that
}

// gatheredMost is how many bytes a file of several accounts has at most. A month
// of a table is one file up to that, and above it one file for each account.
const gatheredMost = 8 << 20

// Progress is how far an export has come.
type Progress struct {
	Table  string // main.orders
	File   int    // the file of the table that is written, from 1; 0 while it is compared
	Number int    // of the table, from 1
	Tables int
}

// Result is what an export did.
type Result struct {
	Manifest *Manifest
	Written  map[string]int // files by table, main.orders
	Removed  int            // files whose rows are gone
}

// Export brings the lake in a folder up to date with a database, which must
// be open for reading and able to write files. It reads one state of the
// database: the file stays the one that was opened.
//
// Errors are ErrLocked and ErrForeign, wrapped with the folder; any other
// leaves the manifest and all files that it names as they were, or whole and
// newer.
func Export(ctx context.Context, db *sql.DB, o Options) (_ *Result, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.worth == 0 {
		o.worth = gatheredMost
	}
	e := &export{conn: conn, dir: o.Dir, worth: o.worth, progress: o.Progress, result: &Result{Written: map[string]int{}}}
	if err := e.describe(ctx); err != nil {
		return nil, err
	}
	release, broken, err := claim(e.dir, e.manifest.Database)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := e.run(ctx); err != nil {
		return nil, errors.Join(err, e.giveUp(broken))
	}
	return e.result, nil
}

// export is one export under way.
type export struct {
	conn     *sql.Conn
	dir      string
	worth    int64
	progress func(Progress)
	at       Progress
	manifest *Manifest // to be
	known    map[string]knownFile
	moves    []move
	moving   bool // files have begun to take their places
	result   *Result
}

// move is a file that is written and not in its place yet.
type move struct{ from, to string }

// describe begins the manifest.
func (e *export) describe(ctx context.Context) error {
	statement, err := sqlfiles.Query("lake_meta")
	if err != nil {
		return err
	}
	m := &Manifest{Format: manifestFormat}
	err = e.conn.QueryRowContext(ctx, statement).Scan(&m.Database, &m.Run, &m.PublishedAt, &m.Schema, &m.Engine)
	if err != nil {
		return fmt.Errorf("read whose database it is: %w", err)
	}
	e.manifest, e.result.Manifest = m, m
	return nil
}

func (e *export) run(ctx context.Context) error {
	old, err := readManifest(e.dir)
	if err != nil {
		return err
	}
	e.known = old.known(e.manifest.Engine)
	tables, err := Sources(ctx, e.conn)
	if err != nil {
		return err
	}
	for i := range tables {
		if err := e.table(ctx, &tables[i], Progress{Table: tables[i].Name(), Number: i + 1, Tables: len(tables)}); err != nil {
			return fmt.Errorf("export %s: %w", tables[i].Name(), err)
		}
	}
	// From here on the lake changes. Every file is written by now: what is
	// left is renaming.
	e.moving = true
	for _, m := range e.moves {
		if err := place(e.dir, m.from, m.to); err != nil {
			return fmt.Errorf("put a partition in its place: %w", err)
		}
	}
	if e.result.Removed, err = sweep(e.dir, e.manifest); err != nil {
		return err
	}
	if err := e.manifest.write(e.dir); err != nil {
		return err
	}
	return e.done()
}

// done removes the sign of an export under way.
func (e *export) done() error {
	if err := os.RemoveAll(filepath.Join(e.dir, writingFolder)); err != nil {
		return fmt.Errorf("remove what was written aside: %w", err)
	}
	return nil
}

// giveUp clears away what was written aside. Where files have begun to take
// their places, now or in an export before, the folder stays as the sign of it.
func (e *export) giveUp(broken bool) error {
	if err := e.done(); err != nil {
		return err
	}
	if !broken && !e.moving {
		return nil
	}
	if err := os.Mkdir(filepath.Join(e.dir, writingFolder), 0o700); err != nil {
		return fmt.Errorf("mark the lake as half written: %w", err)
	}
	return nil
}

// table plans and writes the files of a table that have changed.
func (e *export) table(ctx context.Context, s *Source, at Progress) error {
	e.at = at
	e.progress(at)
	months, err := s.months(ctx, e.conn)
	if err != nil {
		return err
	}
	t := Table{Name: s.Name(), Folder: s.folder(), PartitionBy: s.partitionBy(), Columns: s.Columns()}
	for _, month := range months {
		entries, err := e.month(ctx, s, &t, month)
		if err != nil {
			return err
		}
		for i := range entries {
			t.Rows += entries[i].Rows
		}
		t.Partitions = append(t.Partitions, entries...)
	}
	e.manifest.Tables = append(e.manifest.Tables, t)
	return nil
}

// month gives the files of one month of a table, and writes those that have
// changed: one for all accounts, or one for each where that is worth it.
func (e *export) month(ctx context.Context, s *Source, t *Table, month []part) ([]Partition, error) {
	whole := gathered(month)
	one := []Partition{{File: whole.file(s, false), Month: text(whole.month), Rows: whole.rows, Content: whole.content}}
	if e.same(t, &one[0]) {
		return one, nil
	}
	var apart []Partition
	unchanged, bytes := true, int64(0)
	for i := range month {
		p := &month[i]
		entry := Partition{
			File: p.file(s, true), Month: text(p.month), Source: text(p.source), Account: text(p.account),
			Rows: p.rows, Content: p.content,
		}
		bytes += e.known[entry.File].Bytes
		unchanged = e.same(t, &entry) && unchanged
		apart = append(apart, entry)
	}
	if unchanged {
		return apart, nil
	}
	// Files that had twice as much are not one small one now.
	if bytes <= 2*e.worth {
		if err := e.write(ctx, s, &whole, false, &one[0]); err != nil || one[0].Bytes <= e.worth {
			return one, err
		}
		e.takeBack(t)
	}
	for i := range apart {
		if apart[i].SHA256 != "" {
			continue // it is in the lake
		}
		if err := e.write(ctx, s, &month[i], true, &apart[i]); err != nil {
			return nil, err
		}
	}
	return apart, nil
}

// same reports whether a file is in the lake as its rows are in the database, and
// describes it then: the manifest says so, and what lies there is what it says,
// byte for byte. An export that was cut short, a disk or a person may have put
// something else there.
func (e *export) same(t *Table, p *Partition) bool {
	k, ok := e.known[p.File]
	if !ok || k.Content != p.Content || k.Rows != p.Rows || !slices.Equal(k.columns, t.Columns) {
		return false
	}
	size, sum, err := fingerprint(filepath.Join(e.dir, filepath.FromSlash(p.File)))
	if err != nil || size != k.Bytes || sum != k.SHA256 {
		return false
	}
	p.Bytes, p.SHA256 = size, sum
	return true
}

// write writes a part aside.
func (e *export) write(ctx context.Context, s *Source, p *part, apart bool, entry *Partition) error {
	e.at.File++
	e.progress(e.at)
	// No reader takes a file of this name for a part of the lake.
	aside := filepath.Join(e.dir, writingFolder, strconv.Itoa(len(e.moves)+1)+".tmp")
	e.moves = append(e.moves, move{aside, filepath.Join(e.dir, filepath.FromSlash(entry.File))})
	e.result.Written[s.Name()]++
	err := s.write(ctx, e.conn, p, apart, aside)
	if err == nil {
		err = disk.Like(e.dir, aside, disk.SharedFile)
	}
	if err == nil {
		entry.Bytes, entry.SHA256, err = fingerprint(aside)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", entry.File, err)
	}
	return nil
}

// takeBack forgets the file that was written last: its place aside is taken by
// the next one.
func (e *export) takeBack(t *Table) {
	e.moves = e.moves[:len(e.moves)-1]
	e.result.Written[t.Name]--
	e.at.File--
}

func text(v sql.NullString) *string {
	if !v.Valid {
		return nil
	}
	return &v.String
}
