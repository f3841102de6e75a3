package iceberg

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrNoLake is a place where no lake is yet.
var ErrNoLake = errors.New("there is no lake")

// Look opens a lake that is there, and makes nothing.
func Look(ctx context.Context, o Options) (*Lake, error) {
	u, err := o.parse()
	if err != nil {
		return nil, err
	}
	var places []string
	if !strings.Contains(o.Warehouse, "://") {
		places = append(places, o.Warehouse)
	}
	if u.Scheme == "sqlite" {
		places = append(places, filepath.Clean(u.Path))
	}
	for _, place := range places {
		if _, err := os.Stat(place); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w at %s: %s is missing", ErrNoLake, o.Warehouse, place)
		} else if err != nil {
			return nil, fmt.Errorf("look for the lake: %w", err)
		}
	}
	return Open(ctx, o)
}

// ErrNoNight is a run of which the lake has no night, or several.
var ErrNoNight = errors.New("the lake has no such night")

// Find are the nights of a run, which may be named by how it begins; the last of each
// database where no run is named. Of a night that was committed several times it is the
// last.
func (l *Lake) Find(ctx context.Context, run string) ([]Night, error) {
	all, err := l.Nights(ctx)
	if err != nil {
		return nil, err
	}
	last := map[string]Night{}
	var order []string
	for _, n := range all {
		if !strings.HasPrefix(n.Run, run) {
			continue
		}
		key := n.Database
		if run != "" {
			key += " " + n.Run
		}
		if _, ok := last[key]; !ok {
			order = append(order, key)
		}
		last[key] = n
	}
	if len(order) == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNoNight, cmp.Or(run, "it has none at all"))
	}
	var nights []Night
	for _, key := range order {
		nights = append(nights, last[key])
		if last[key].Run == run { // and not others that begin so
			return []Night{last[key]}, nil
		}
	}
	if run != "" && len(nights) > 1 {
		return nil, fmt.Errorf("%w: %s is how %d runs begin", ErrNoNight, run, len(nights))
	}
	return nights, nil
}

// Published says which night a published database is.
func Published(ctx context.Context, db *sql.DB) (n Night, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return n, err
	}
	defer conn.Close()
	of, err := describe(ctx, conn)
	return Night{Run: of.run, Database: of.database, PublishedAt: of.published}, err
}

// Is says whether two are the same night.
func (n *Night) Is(other *Night) bool {
	return n.Run == other.Run && n.Database == other.Database && n.PublishedAt == other.PublishedAt
}
