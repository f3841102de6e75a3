package load

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/sql/scan"
)

// Place is what lies where a database is published.
type Place struct {
	Path     string
	Database string // its id; "" where it cannot be read
	Run      string // that it shows
	At       time.Time
	// Configuration is the file by which it was published, "" where an earlier
	// version did it.
	Configuration string
	Unread        error // why it cannot be read: damaged, or of a newer version

	file os.FileInfo
}

// still reports whether the very file lies there that was looked at.
func (p *Place) still() bool {
	if p == nil {
		return false
	}
	info, err := os.Stat(p.Path)
	return err == nil && os.SameFile(info, p.file) && info.Size() == p.file.Size() && info.ModTime().Equal(p.file.ModTime())
}

// ErrNoFile is what lies in the place of the database and is no file at all.
var ErrNoFile = errors.New("is no regular file")

// PlaceIn looks at what lies in a folder of publishing; nil where nothing does.
func PlaceIn(ctx context.Context, dir string) (*Place, error) {
	p := &Place{Path: filepath.Join(dir, PublishedName)}
	info, err := os.Stat(p.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("look at what is published: %w", err)
	case !info.Mode().IsRegular(): // opening a pipe would wait
		return nil, fmt.Errorf("%s %w: move it away", p.Path, ErrNoFile)
	}
	p.file, p.Unread = info, p.read(ctx)
	return p, ctx.Err()
}

func (p *Place) read(ctx context.Context) (err error) {
	path, done, err := apart(p.Path)
	if err != nil {
		return fmt.Errorf("look at it apart from the log beside it: %w", err)
	}
	defer func() { err = errors.Join(err, done()) }()
	db, err := openReadOnly(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return scan.One(ctx, db, "database/published_by", nil, nil, &p.Database, &p.Run, &p.At, &p.Configuration)
}

// apart gives a database beside which a log lies a further name, in a folder of
// its own, or a copy: DuckDB would replay the log, whoever laid it there. It
// follows symbolic links to where the log is.
func apart(path string) (further string, done func() error, err error) {
	if len(disk.Logs(path)) == 0 {
		return path, func() error { return nil }, nil
	}
	for _, place := range []struct {
		in   string
		give func(from, to string) error
	}{{filepath.Dir(path), os.Link}, {"", func(from, to string) error { _, err := copyFile(from, to); return err }}} {
		folder, failed := disk.Own(place.in, disk.Hidden+"place-")
		if failed != nil {
			err = failed
			continue
		}
		further = filepath.Join(folder, PublishedName)
		if err = place.give(path, further); err == nil {
			return further, func() error { return os.RemoveAll(folder) }, nil
		}
		err = errors.Join(err, os.RemoveAll(folder))
	}
	return "", nil, err
}

// GivenUp reports whether somebody took the place over after an instant: what lay
// there is kept under a name that says so.
func (p *Place) GivenUp(since time.Time) bool {
	taken, _ := filepath.Glob(filepath.Join(filepath.Dir(p.Path), previousDir, "nightaudit_*_until_*.duckdb"))
	return slices.ContainsFunc(taken, func(path string) bool {
		_, until, _ := strings.Cut(filepath.Base(path), "_until_")
		return until > untilName(since)
	})
}

// untilName ends the name of a file that was published until an instant.
func untilName(at time.Time) string { return at.UTC().Format("20060102T150405.000Z") + ".duckdb" }

// Is reports whether the place is the database's.
func (p *Place) Is(database string) bool {
	return p == nil || p.Unread == nil && p.Database == database
}

// Damage says why the place cannot be read. The first line of an error of DuckDB
// says what is wrong; the others are advice for other programs.
func (p *Place) Damage() string {
	line, _, _ := strings.Cut(p.Unread.Error(), "\n")
	return line
}

// String says whose the place is.
func (p *Place) String() string {
	if p.Unread != nil {
		return fmt.Sprintf("%s cannot be read, so nobody knows whose it is: %s", p.Path, p.Damage())
	}
	words := fmt.Sprintf("%s is of the database %s", p.Path, p.Database)
	if p.Run != "" {
		words += fmt.Sprintf(", published by run %s of %s", p.Run, p.At.UTC().Format(time.RFC3339))
	}
	if p.Configuration != "" {
		words += " by the configuration " + p.Configuration
	}
	return words
}

// TakenError is a place that is another database's.
type TakenError struct {
	Place    *Place
	Database string // for which it was wanted; "" for one that is still to be made
}

func (e *TakenError) Error() string {
	if e.Database == "" {
		return e.Place.String() + "; this is a database that is still to be made"
	}
	return e.Place.String() + "; this is the database " + e.Database
}

// free refuses a place that is another database's, unless it is
// adopted, or was found to be the database's own damaged file.
func (p *PublishOptions) free(ctx context.Context, database string) error {
	place, err := p.look(ctx)
	if err != nil || place.Is(database) || p.Adopt || p.Heal && place.Unread != nil {
		return err
	}
	return &TakenError{place, database}
}

// look is PlaceIn, which opens a database, for a file that was not looked at yet.
func (p *PublishOptions) look(ctx context.Context) (place *Place, err error) {
	if !p.Seen.still() {
		p.Seen, err = PlaceIn(ctx, p.Dir)
	}
	return p.Seen, err
}

// keptAs is the name under which what lies in a place is kept when another file
// takes it: what was adopted from another database, or cannot be read, is not
// counted among the earlier ones, and so never removed.
func (p *PublishOptions) keptAs(ctx context.Context, at time.Time) (name string, adopted bool, err error) {
	place, err := p.look(ctx)
	if err != nil {
		return "", false, err
	}
	database := p.database
	until := "until_" + untilName(at)
	switch {
	case database == "" || place.Is(database):
		return "nightaudit_" + until, false, nil
	case place.Unread != nil:
		return "nightaudit_unread_" + until, true, nil
	}
	return "nightaudit_of_" + place.Database + "_" + until, true, nil
}
