package iceberg

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/catalog/rest"
	sqlcatalog "github.com/apache/iceberg-go/catalog/sql"
	_ "github.com/lib/pq" // the driver "postgres"
	"github.com/mattn/go-sqlite3"

	"github.com/nightaudit/nightaudit/load/disk"
)

// CatalogName is what readers of an SQL catalog must call it: the tables are kept there
// under this name.
const CatalogName = "nightaudit"

func openCatalog(ctx context.Context, u *url.URL, warehouse string) (catalog.Catalog, func() error, error) {
	switch u.Scheme {
	case "http", "https":
		return openREST(ctx, u, warehouse)
	case "sqlite":
		return openSQLite(filepath.Clean(u.Path), warehouse)
	default:
		return openSQL("postgres", u.String(), sqlcatalog.Postgres, warehouse)
	}
}

// openSQLite waits for other writers. The journal is the usual one and no write-ahead
// log: that could be read only by who may write beside it. A transaction locks the file
// when it writes and not when it begins: one that only reads would wait for other readers,
// and a Spark server that knows the catalog is one for as long as it runs.
func openSQLite(file, warehouse string) (catalog.Catalog, func() error, error) {
	if err := disk.MakeFolder(filepath.Dir(file), disk.SharedFolder); err != nil {
		return nil, nil, err
	}
	made, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, disk.SharedFile)
	if err != nil {
		return nil, nil, err
	}
	if err := errors.Join(made.Close(), disk.Like(filepath.Dir(file), file, disk.SharedFile)); err != nil {
		return nil, nil, err
	}
	name := url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: "_busy_timeout=60000&_synchronous=FULL"}
	return openSQL("sqlite3", name.String(), sqlcatalog.SQLite, warehouse)
}

func openSQL(driver, name string, dialect sqlcatalog.SupportedDialect, warehouse string) (catalog.Catalog, func() error, error) {
	db, err := sql.Open(driver, name)
	if err != nil {
		return nil, nil, err
	}
	properties := iceberg.Properties{"warehouse": warehouse}
	c, err := sqlcatalog.NewCatalog(CatalogName, db, dialect, properties)
	if err != nil {
		// Two writers may be the first at once, and Postgres refuses one of them.
		c, err = sqlcatalog.NewCatalog(CatalogName, db, dialect, properties)
	}
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return c, db.Close, nil
}

// openREST takes client:secret or a token from the place of user and password.
func openREST(ctx context.Context, u *url.URL, warehouse string) (catalog.Catalog, func() error, error) {
	options := []rest.Option{rest.WithWarehouseLocation(warehouse)}
	if u.User != nil {
		if password, has := u.User.Password(); has {
			options = append(options, rest.WithCredential(u.User.Username()+":"+password))
		} else {
			options = append(options, rest.WithOAuthToken(u.User.Username()))
		}
	}
	bare := *u
	bare.User = nil
	c, err := rest.NewCatalog(ctx, CatalogName, bare.String(), options...)
	if err != nil {
		return nil, nil, err
	}
	return c, func() error { return nil }, nil
}

// busy says of an error that the catalog was only in use, and that nothing was done.
func busy(err error) bool {
	if e, ok := errors.AsType[sqlite3.Error](err); ok {
		return e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked
	}
	var state interface{ SQLState() string }
	return errors.As(err, &state) && (state.SQLState() == "40001" || state.SQLState() == "40P01")
}
