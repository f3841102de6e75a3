package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/nightaudit/nightaudit/sql/scan"
)

// PublishedBefore finds, among the current and the earlier copies below a
// folder of publishing, the one of the given database that shows the latest
// state recorded before t; "" where none is kept. A copy that cannot be read is
// passed over, with a word why.
func PublishedBefore(ctx context.Context, dir, databaseID string, t time.Time) (path string, unread []string, err error) {
	copies, err := filepath.Glob(filepath.Join(dir, previousDir, earlierCopies))
	if err != nil {
		return "", nil, fmt.Errorf("list the earlier databases: %w", err)
	}
	var latest time.Time
	for _, file := range append(copies, filepath.Join(dir, PublishedName)) {
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
			continue
		}
		id, at, err := publishedAs(ctx, file)
		if ctx.Err() != nil {
			return "", nil, ctx.Err()
		}
		if err != nil {
			unread = append(unread, fmt.Sprintf("%s cannot be read and was passed over: %v", file, err))
			continue
		}
		if id == databaseID && at.Before(t) && at.After(latest) {
			path, latest = file, at
		}
	}
	return path, unread, nil
}

// EarlierCopies are the databases that were published before in a folder.
func EarlierCopies(ctx context.Context, dir string) (copies []*Place, err error) {
	files, err := filepath.Glob(filepath.Join(dir, previousDir, earlierCopies))
	if err != nil {
		return nil, fmt.Errorf("list the earlier databases: %w", err)
	}
	for _, file := range files {
		p := &Place{Path: file}
		p.Unread = p.read(ctx)
		copies = append(copies, p)
	}
	return copies, ctx.Err()
}

// publishedAs reads which database a published copy is of, and the recorded
// time of what it shows.
func publishedAs(ctx context.Context, path string) (id string, at time.Time, err error) {
	db, err := openReadOnly(path)
	if err != nil {
		return "", at, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = scan.One(ctx, db, "database/published_as", nil, nil, &id, &at)
	return id, at, err
}
