package iceberg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/apache/iceberg-go/catalog"

	"github.com/nightaudit/nightaudit/load/disk"
)

// Options say where a lake is and how it is kept.
type Options struct {
	// Catalog is sqlite:///PATH, postgres://… or, of a REST catalog, http(s)://…; "" is
	// the file catalog.db in the warehouse.
	Catalog string
	// Warehouse is a folder, by its absolute path, or s3://BUCKET/PREFIX.
	Warehouse string
	// Keep is how many snapshots of each table are kept whatever their age; 0 is 30.
	Keep int
	// ExpireAfter is the age at which others go; 0 is 30 days.
	ExpireAfter time.Duration
	// SweepAfter is the age at which files go that belong to nothing; 0 is a day. It must
	// be longer than any night is written.
	SweepAfter time.Duration
	// Progress, if set, is told before each table is read.
	Progress func(Progress)

	gathered     int64              // see gatheredMost; 0 is that
	beforeCommit func(table string) // for tests of conflicts
}

// gatheredMost is how many bytes a table holds at most as one file.
const gatheredMost = 8 << 20

// Progress is how far a night has come.
type Progress struct {
	Table  string // main.orders
	Number int    // from 1
	Tables int
}

// Lake is a lake that is open.
type Lake struct {
	o       Options
	catalog catalog.Catalog
	close   func() error
	// local is the folder of the lock and of what is written aside: the warehouse, or of
	// one in a bucket the folder of the catalog's file, else that of temporary files.
	local string
	// secret, where the catalog's address holds one, is taken out of errors.
	secret string
}

// ErrAddress is a catalog or a warehouse that is no address of one.
var ErrAddress = errors.New("the address of the lake cannot be used")

// safe are the paths that all readers take as they are: in some, an address is decoded
// and in others not.
var (
	safe       = regexp.MustCompile(`^/[A-Za-z0-9._~/-]+$`)
	safeBucket = regexp.MustCompile(`^s3://[a-z0-9][a-z0-9.-]+(/[A-Za-z0-9._~-]+)+$`)
)

// Check says what is wrong with the addresses of a lake, without looking at what is there.
func Check(o Options) error {
	_, err := o.parse()
	return err
}

// parse reads the catalog's address and completes the options.
func (o *Options) parse() (*url.URL, error) {
	o.Warehouse = strings.TrimRight(filepath.ToSlash(o.Warehouse), "/")
	switch remote := strings.Contains(o.Warehouse, "://"); {
	case remote && !safeBucket.MatchString(o.Warehouse):
		return nil, fmt.Errorf("%w: the warehouse must be a folder or s3://BUCKET/PREFIX, of the letters A to Z, digits and . _ ~ - / alone", ErrAddress)
	case remote && o.Catalog == "":
		return nil, fmt.Errorf("%w: a warehouse in a bucket needs a catalog: sqlite:///PATH, postgres://USER@HOST/DATABASE or https://HOST/PATH", ErrAddress)
	case !remote && (!safe.MatchString(o.Warehouse) || filepath.Clean(o.Warehouse) != o.Warehouse):
		return nil, fmt.Errorf("%w: the warehouse must be the absolute path of a folder, of the letters A to Z, digits and . _ ~ - / alone: readers take other characters in different ways", ErrAddress)
	}
	o.Keep = cmp.Or(o.Keep, 30)
	o.ExpireAfter = cmp.Or(o.ExpireAfter, 30*24*time.Hour)
	o.SweepAfter = cmp.Or(o.SweepAfter, 24*time.Hour)
	o.gathered = cmp.Or(o.gathered, gatheredMost)
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.beforeCommit == nil {
		o.beforeCommit = func(string) {}
	}
	return parseCatalog(cmp.Or(o.Catalog, "sqlite://"+o.Warehouse+"/catalog.db"))
}

// parseCatalog never tells the address in its errors: it may hold a password.
func parseCatalog(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%w: the catalog is no address: write sqlite:///PATH, postgres://USER@HOST/DATABASE or https://HOST/PATH", ErrAddress)
	}
	switch u.Scheme {
	case "sqlite":
		if u.Host != "" || u.RawQuery != "" || !filepath.IsAbs(u.Path) {
			return nil, fmt.Errorf("%w: the catalog's file must be an absolute path: sqlite:///srv/lake/catalog.db", ErrAddress)
		}
	case "postgres", "postgresql", "http", "https":
		if u.Host == "" {
			return nil, fmt.Errorf("%w: the catalog names no host", ErrAddress)
		}
	default:
		return nil, fmt.Errorf("%w: the catalog must begin with sqlite:, postgres:, http: or https:", ErrAddress)
	}
	return u, nil
}

// Open opens a lake, and makes its folder and an SQLite catalog where they are missing.
// Errors wrap ErrAddress where another address is what helps.
func Open(ctx context.Context, o Options) (*Lake, error) {
	u, err := o.parse()
	if err != nil {
		return nil, err
	}
	storages()
	l := &Lake{o: o, local: o.Warehouse}
	if u.User != nil {
		password, has := u.User.Password()
		if l.secret = password; !has {
			l.secret = u.User.Username()
		}
	}
	if strings.HasPrefix(o.Warehouse, "s3://") {
		if l.local = os.TempDir(); u.Scheme == "sqlite" {
			l.local = filepath.Dir(u.Path)
		}
	}
	if err := disk.MakeFolder(l.local, disk.SharedFolder); err != nil {
		return nil, fmt.Errorf("make the lake's folder: %w", err)
	}
	if l.catalog, l.close, err = openCatalog(ctx, u, o.Warehouse); err != nil {
		return nil, l.hide(fmt.Errorf("open the catalog: %w", err))
	}
	return l, nil
}

// Close ends the connection with the catalog.
func (l *Lake) Close() error { return l.hide(l.close()) }

// hide takes the catalog's secret out of an error.
func (l *Lake) hide(err error) error {
	if err == nil || l.secret == "" || !strings.Contains(err.Error(), l.secret) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), l.secret, "****"))
}
