package load

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// PublishedName is the file that people open.
const PublishedName = "nightaudit.duckdb"

// PublishOptions say where the published copy goes and who may read it.
type PublishOptions struct {
	Dir      string // made with 0750; the files in it are 0440
	Group    string // optional: the group that may read
	Keep     int    // published copies to keep, earlier ones in Dir/previous
	Timezone string // its IANA name, for people's queries and reports
	// ChainHead is the hash of the landing's last seal, "" where there is none.
	ChainHead string
	Now       func() time.Time // measures the copying; nil is time.Now
	// Configuration is the file by which it is published, for whoever finds the
	// place taken; optional.
	Configuration string
	// Adopt takes a place over that is another database's: what lies there is
	// kept in Dir/previous. Else a *TakenError refuses it.
	Adopt bool
	// Heal takes the place of a file that cannot be read, for it is known to be the
	// database's own; it is kept likewise.
	Heal bool

	// Seen is what lay there when it was looked at last; optional.
	Seen *Place

	database string // that is published; "" does not look whose the place is
}

// Published tells what publishing did.
type Published struct {
	Path  string
	Bytes int64
	// Copying is how long it took to copy the file and make the copy durable.
	Copying time.Duration
	// Rows are how many each table has, by schema.table.
	Rows map[string]int64
	// Notice is something the operator should know, "" if nothing.
	Notice string
}

// Rate is how fast the file was copied, in MB (a million bytes) a second; 0
// where no time passed.
func (p Published) Rate() float64 {
	if p.Copying <= 0 {
		return 0
	}
	return float64(p.Bytes) / 1e6 / p.Copying.Seconds()
}

// Snapshot is a finished copy of the warehouse that is not yet in its place.
type Snapshot struct {
	Path    string // of the copy, already readable
	Bytes   int64
	SHA256  string // in hex
	copying time.Duration
	rows    map[string]int64
	kept    string // the further name of the copy that is replaced, "" if none
	p       PublishOptions
}

// Prepare checkpoints and closes the warehouse, copies it beside the place
// where people open it, and compares the copy with it. All that takes room on
// the disk happens here. The warehouse cannot be used afterwards.
func (w *Warehouse) Prepare(ctx context.Context, run ledger.Run, p PublishOptions) (*Snapshot, error) {
	p.database = w.id
	e, err := w.prepare(ctx, run, p)
	if err != nil {
		return nil, fmt.Errorf("prepare the database for publishing in %s: %w", p.Dir, errors.Join(err, w.Close()))
	}
	return e, nil
}

func (w *Warehouse) prepare(ctx context.Context, run ledger.Run, p PublishOptions) (*Snapshot, error) {
	if err := p.free(ctx, w.id); err != nil {
		return nil, err
	}
	if err := scan.Exec(ctx, w.db, "database/note_published", nil, run.ID, run.At, p.Timezone, p.ChainHead, p.Configuration); err != nil {
		return nil, fmt.Errorf("note the run in audit.meta of %s: %w", w.path, explain(w.path, err))
	}
	want, err := contents(ctx, w.db)
	if err != nil {
		return nil, fmt.Errorf("count the rows of %s: %w", w.path, explain(w.path, err))
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if logs := disk.Logs(w.path); len(logs) > 0 {
		return nil, fmt.Errorf("the working database %s still has a write-ahead log after its checkpoint (%s): look which program holds it open", w.path, strings.Join(logs, ", "))
	}
	return newSnapshot(ctx, w.path, want, run, p)
}

// newSnapshot copies the database at path, which is closed and holds want.
func newSnapshot(ctx context.Context, path string, want map[string]int64, run ledger.Run, p PublishOptions) (_ *Snapshot, err error) {
	if p.Now == nil {
		p.Now = time.Now
	}
	with, err := p.share()
	if err != nil {
		return nil, disk.Explain(err, sizeOf(path), false)
	}
	e := &Snapshot{Path: filepath.Join(p.Dir, "."+PublishedName+".new"), p: p, rows: want}
	defer func() {
		if err != nil {
			e.Discard()
		}
	}()
	began, sum := p.Now(), sha256.New()
	if e.Bytes, err = copyWith(path, e.Path, func(out io.Writer, in io.Reader) (int64, error) { return io.Copy(io.MultiWriter(out, sum), in) }); err != nil {
		return nil, fmt.Errorf("copy %s: %w", path, err)
	}
	e.copying, e.SHA256 = p.Now().Sub(began), hex.EncodeToString(sum.Sum(nil))
	if err := verify(ctx, e.Path, run.ID, want); err != nil {
		return nil, fmt.Errorf("check the copy %s: %w", e.Path, explain(e.Path, err))
	}
	if err := with.File(e.Path, publishedMode); err != nil {
		return nil, fmt.Errorf("publish.group: %w", err)
	}
	e.kept, err = keepCurrent(ctx, p, run.At)
	return e, disk.Explain(err, 0, false)
}

// Publish puts the copy in its place by rename: people see the whole of it
// or the one before.
func (e *Snapshot) Publish() (Published, error) {
	fail := func(err error) (Published, error) {
		return Published{}, fmt.Errorf("publish the database in %s: %w", e.p.Dir, err)
	}
	target := filepath.Join(e.p.Dir, PublishedName)
	if e.p.database != "" {
		// Somebody else may have published since. Whoever stops the program now gets the
		// whole of it: the workbooks are in their places.
		if err := e.p.free(context.Background(), e.p.database); err != nil {
			return fail(err)
		}
	}
	notice, err := setAsideLogs(target)
	if err != nil {
		return fail(err)
	}
	if err := os.Rename(e.Path, target); err != nil {
		return fail(err)
	}
	e.kept = "" // from here on it is the only name of the copy before
	if err := disk.SyncFolder(e.p.Dir); err != nil {
		return fail(err)
	}
	if err := removeOld(e.p.Dir, e.p.Keep); err != nil {
		// People have the new copy; an old file too many is no failure.
		notice = strings.TrimPrefix(notice+"; "+err.Error(), "; ")
	}
	return Published{Path: target, Bytes: e.Bytes, Copying: e.copying, Rows: e.rows, Notice: notice}, nil
}

// Discard removes a copy that was not published.
func (e *Snapshot) Discard() {
	_ = os.Remove(e.Path)
	if e.kept != "" {
		_ = os.Remove(e.kept)
		e.kept = ""
	}
}

// copyFile copies from to to, which is replaced, and makes it durable. Half a
// copy is removed: its room is what the next attempt needs. On Linux the kernel
// copies, and shares the blocks where the file system can.
func copyFile(from, to string) (n int64, err error) { return copyWith(from, to, io.Copy) }

func copyWith(from, to string, pass func(io.Writer, io.Reader) (int64, error)) (n int64, err error) {
	if err := removeDatabase(to); err != nil {
		return 0, err
	}
	in, err := os.Open(from)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	err = disk.Write(to, 0o600, func(out io.Writer) (err error) {
		n, err = pass(out, in)
		return err
	})
	return n, disk.Explain(err, sizeOf(from), false)
}

// sizeOf is the size of a file, 0 where it cannot be told.
func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// contents counts the rows of every table: schema.table.
func contents(ctx context.Context, db *sql.DB) (map[string]int64, error) {
	type table struct{ Schema, Name string }
	tables, err := scan.All(ctx, db, "database/tables", nil, func(t *table) []any { return []any{&t.Schema, &t.Name} })
	if err != nil {
		return nil, err
	}
	return scan.Map[string, int64](ctx, db, "database/count_rows", tables)
}

// verify opens the copy as people will: the run that is to be published is in
// its ledger and came to its end, every table has the rows that it had in the
// working database, and no log lies beside it.
func verify(ctx context.Context, path, runID string, want map[string]int64) (err error) {
	db, err := openReadOnly(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var runs int
	if err := scan.One(ctx, db, "database/is_published", nil, []any{runID}, &runs); err != nil {
		return err
	}
	if runs != 1 {
		return fmt.Errorf("run %s is not in its ledger", runID)
	}
	got, err := contents(ctx, db)
	if err != nil {
		return err
	}
	for table, rows := range want {
		if got[table] != rows {
			return fmt.Errorf("table %s has %d rows, and %d in the working database", table, got[table], rows)
		}
	}
	if len(got) != len(want) {
		return fmt.Errorf("it has %d tables, and the working database %d", len(got), len(want))
	}
	if logs := disk.Logs(path); len(logs) > 0 {
		return fmt.Errorf("a write-ahead log lies beside it: %s", strings.Join(logs, ", "))
	}
	return nil
}

// openReadOnly opens a published copy as people do.
func openReadOnly(path string) (*sql.DB, error) {
	connector, err := duckdb.NewConnector(path+"?access_mode=READ_ONLY&autoinstall_known_extensions=false&autoload_known_extensions=false", nil)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// publishedMode is that of the published file and the earlier ones: nobody writes
// into them.
const publishedMode = 0o440

// share makes the folder of publishing, and gives it, the earlier databases and
// their folder to the group: it may be another one than last night.
func (p *PublishOptions) share() (disk.Sharing, error) {
	with, err := disk.WithGroup(p.Group)
	if err == nil {
		err = with.Folder(p.Dir)
	}
	previous := filepath.Join(p.Dir, previousDir)
	if _, none := os.Stat(previous); err == nil && none == nil && p.Group != "" {
		err = with.Folder(previous)
	}
	earlier, _ := filepath.Glob(filepath.Join(previous, "*.duckdb"))
	for _, path := range earlier {
		if err == nil && p.Group != "" {
			err = with.File(path, publishedMode)
		}
	}
	if err != nil && p.Group != "" {
		return with, fmt.Errorf("publish.group: %w", err)
	}
	return with, err
}

// setAsideLogs moves write-ahead logs away that lie beside the published file,
// from a client that had opened it for writing, or from somebody who wanted it to
// say something else: other programs would replay them into the new one.
func setAsideLogs(target string) (notice string, err error) {
	var moved []string
	for _, log := range disk.Logs(target) {
		aside := target + ".foreign-" + strings.TrimPrefix(log, target+".")
		for n := 2; ; n++ {
			if _, err := os.Lstat(aside); errors.Is(err, os.ErrNotExist) {
				break
			}
			aside = fmt.Sprintf("%s.foreign-%d-%s", target, n, strings.TrimPrefix(log, target+"."))
		}
		if err := os.Rename(log, aside); err != nil {
			return "", fmt.Errorf("move a foreign write-ahead log away: %w", err)
		}
		// Whoever laid it there may have made it a link, which is not followed.
		if err := disk.OwnersAlone(aside); err != nil {
			return "", fmt.Errorf("move a foreign write-ahead log away: %w", err)
		}
		moved = append(moved, aside)
	}
	if len(moved) == 0 {
		return "", nil
	}
	return fmt.Sprintf("somebody had opened %s for writing, or laid a log beside it; it was moved to %s and is not part of the database", target, strings.Join(moved, ", ")), nil
}

// keepCurrent gives the copy that is about to be replaced a further name, by
// which it is kept; "" where there is none, or it has the name already.
func keepCurrent(ctx context.Context, p PublishOptions, at time.Time) (kept string, err error) {
	target := filepath.Join(p.Dir, PublishedName)
	if _, err := os.Stat(target); errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	name, adopted, err := p.keptAs(ctx, at)
	if err != nil || p.Keep <= 1 && !adopted {
		return "", err
	}
	dir := filepath.Join(p.Dir, previousDir)
	if err := disk.MakeBelow(p.Dir, dir); err != nil {
		return "", fmt.Errorf("keep the previous database: %w", err)
	}
	kept = filepath.Join(dir, name)
	err = os.Link(target, kept)
	if errors.Is(err, os.ErrExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("keep the previous database: %w", err)
	}
	return kept, nil
}
