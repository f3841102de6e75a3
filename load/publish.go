package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// PublishedName is the file that people open.
const PublishedName = "nightaudit.duckdb"

// Publishing says where the published copy goes.
type Publishing struct {
	Dir      string // made with 0750; the files in it are 0440
	Group    string // optional: the group that may read
	Keep     int    // published copies to keep, earlier ones in Dir/previous
	Timezone string // for people's queries and reports
}

// Published tells what publishing did.
type Published struct {
	Path  string
	Bytes int64
	// Notice is something the operator should know, "" if nothing.
	Notice string
}

// Edition is a finished copy of the warehouse that is not yet in its place.
type Edition struct {
	Path  string // of the copy, already readable
	Bytes int64
	run   Run
	p     Publishing
}

// Prepare checkpoints and closes the warehouse and copies it beside the
// place where people open it. The warehouse cannot be used afterwards.
func (w *Warehouse) Prepare(ctx context.Context, run Run, p Publishing) (*Edition, error) {
	e, err := w.prepare(ctx, run, p)
	if err != nil {
		return nil, fmt.Errorf("prepare the database for publishing in %s: %w", p.Dir, errors.Join(err, w.Close()))
	}
	return e, nil
}

func (w *Warehouse) prepare(ctx context.Context, run Run, p Publishing) (*Edition, error) {
	_, err := w.db.ExecContext(ctx, "UPDATE audit.meta SET published_run_id = ?, published_at = ?, timezone = ?", run.ID, run.At, p.Timezone)
	if err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("close the working database: %w", err)
	}
	if _, err := os.Stat(w.path + ".wal"); err == nil {
		return nil, errors.New("the working database still has a write-ahead log after its checkpoint")
	}
	if err := os.MkdirAll(p.Dir, 0o750); err != nil {
		return nil, err
	}
	fresh := filepath.Join(p.Dir, "."+PublishedName+".new")
	size, err := copyFile(w.path, fresh)
	if err != nil {
		return nil, err
	}
	if err := verify(ctx, fresh, run.ID); err != nil {
		return nil, fmt.Errorf("check the copy: %w", err)
	}
	return &Edition{Path: fresh, Bytes: size, run: run, p: p}, share(p, fresh)
}

// Publish puts the copy in its place by rename: people see the whole night
// or the one before.
func (e *Edition) Publish() (Published, error) {
	fail := func(err error) (Published, error) {
		return Published{}, fmt.Errorf("publish the database in %s: %w", e.p.Dir, err)
	}
	target := filepath.Join(e.p.Dir, PublishedName)
	notice, err := setAsideLog(target)
	if err != nil {
		return fail(err)
	}
	if err := keepPrevious(target, e.run.At, e.p.Keep-1); err != nil {
		return fail(err)
	}
	if err := os.Rename(e.Path, target); err != nil {
		return fail(err)
	}
	if err := syncDir(e.p.Dir); err != nil {
		return fail(err)
	}
	return Published{Path: target, Bytes: e.Bytes, Notice: notice}, nil
}

// Discard removes a copy that was not published.
func (e *Edition) Discard() { os.Remove(e.Path) }

// copyFile copies from to to, which is replaced, and makes it durable.
func copyFile(from, to string) (int64, error) {
	if err := os.Remove(to); err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, err
	}
	in, err := os.Open(from)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(out, in)
	return n, errors.Join(err, out.Sync(), out.Close())
}

// verify opens the copy as people will and looks for the run in it.
func verify(ctx context.Context, path, runID string) error {
	connector, err := duckdb.NewConnector(path+"?access_mode=READ_ONLY", nil)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	var runs int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM audit.runs WHERE run_id = ? AND outcome IS NOT NULL", runID).Scan(&runs); err != nil {
		return err
	}
	if runs != 1 {
		return fmt.Errorf("run %s is not in its ledger", runID)
	}
	return nil
}

// share gives the file the mode and group under which people may read it.
func share(p Publishing, path string) error {
	if p.Group != "" {
		g, err := user.LookupGroup(p.Group)
		if err != nil {
			return fmt.Errorf("publish.group: %w", err)
		}
		gid, err := strconv.Atoi(g.Gid)
		if err != nil {
			return fmt.Errorf("publish.group: group id %q is no number", g.Gid)
		}
		for _, shared := range []string{p.Dir, path} {
			if err := os.Chown(shared, -1, gid); err != nil {
				return fmt.Errorf("publish.group: %w", err)
			}
		}
	}
	return os.Chmod(path, 0o440)
}

// setAsideLog moves a write-ahead log away that a client left beside the
// published file: DuckDB would replay it into the new one.
func setAsideLog(target string) (notice string, err error) {
	log := target + ".wal"
	if _, err := os.Stat(log); errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	aside := target + ".foreign-wal"
	if err := os.Rename(log, aside); err != nil {
		return "", fmt.Errorf("move a foreign write-ahead log away: %w", err)
	}
	return fmt.Sprintf("a client had opened %s for writing and left a log; it was moved to %s and is not part of the database", target, aside), nil
}

// keepPrevious keeps the copy that is about to be replaced, and no more than
// keep of them.
func keepPrevious(target string, at time.Time, keep int) error {
	if keep <= 0 {
		return nil
	}
	if _, err := os.Stat(target); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	dir := filepath.Join(filepath.Dir(target), "previous")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("keep the previous database: %w", err)
	}
	name := "nightaudit_until_" + at.UTC().Format("20060102T150405.000Z") + ".duckdb"
	if err := os.Link(target, filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("keep the previous database: %w", err)
	}
	kept, err := filepath.Glob(filepath.Join(dir, "nightaudit_until_*.duckdb"))
	if err != nil {
		return fmt.Errorf("keep the previous database: %w", err)
	}
	slices.Sort(kept)
	for len(kept) > keep {
		if err := os.Remove(kept[0]); err != nil {
			return fmt.Errorf("remove an old copy: %w", err)
		}
		kept = kept[1:]
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
