package spark

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/reports/iceberg"
	"github.com/nightaudit/nightaudit/reports/reportstest"
)

// A test against a Spark server runs where NIGHTAUDIT_SPARK names one, as
// sc://127.0.0.1:15002: Spark 4 with Iceberg's runtime among its JARs, and with this
// machine's files before its eyes.
func server(t testing.TB) *Client {
	t.Helper()
	text := os.Getenv("NIGHTAUDIT_SPARK")
	if text == "" || testing.Short() {
		t.Skip("NIGHTAUDIT_SPARK names no Spark Connect server, as sc://127.0.0.1:15002, or the short tests are asked for")
	}
	a, err := ParseAddress(text)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Connect(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// lakeOf is the last night of a database in the lake of a warehouse.
func lakeOf(t testing.TB, warehouse, database string) *Lake {
	t.Helper()
	c := server(t)
	for _, set := range []string{
		"=org.apache.iceberg.spark.SparkCatalog",
		".type=jdbc",
		".uri=jdbc:sqlite:" + filepath.Join(warehouse, "catalog.db"),
		".warehouse=" + warehouse,
	} {
		if err := c.exec(t.Context(), "SET spark.sql.catalog."+iceberg.CatalogName+set); err != nil {
			t.Fatalf("%s: %v", set, err)
		}
	}
	l, err := Open(t.Context(), c, iceberg.CatalogName)
	if err == nil {
		err = l.Last(t.Context(), database)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// lakeOfFixture is that of the small hotel group of the reports' tests.
func lakeOfFixture(t *testing.T) *Lake {
	t.Helper()
	server(t).Close() // or skips
	fixtureLake.once.Do(func() {
		folder, err := os.MkdirTemp("", "nightaudit-lake-*")
		if err != nil {
			t.Fatal(err)
		}
		commit(t, reportstest.Shared(t), folder)
		fixtureLake.folder = folder
	})
	if fixtureLake.folder == "" {
		t.Fatal("the lake was not written")
	}
	return lakeOf(t, fixtureLake.folder, "")
}

// fixtureLake is written once.
var fixtureLake struct {
	once   sync.Once
	folder string
}

// commit commits a database to a lake, as a night does.
func commit(t *testing.T, db *sql.DB, warehouse string) {
	t.Helper()
	l, err := iceberg.Open(t.Context(), iceberg.Options{Warehouse: warehouse})
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.Commit(t.Context(), db)
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
}

// number is the whole number that a statement gives.
func number(t *testing.T, c *Client, statement string) int64 {
	t.Helper()
	rows, err := c.Query(t.Context(), statement)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	values, err := rows.Next()
	if err != nil || values == nil {
		t.Fatal(values, err)
	}
	return values[0].(int64)
}

func TestMain(m *testing.M) {
	code := m.Run()
	if fixtureLake.folder != "" {
		os.RemoveAll(fixtureLake.folder)
	}
	os.Exit(code)
}

// A statement of a real server that would take hours ends with its context, and the
// session goes on.
func TestCalledOffOnServer(t *testing.T) {
	c := server(t)
	defer c.Close()
	ctx, stop := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer stop()
	if _, err := c.Query(ctx, "SELECT sum(a.id * b.id % 7) FROM range(1000000) a, range(100000000) b"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if n := number(t, c, "SELECT CAST(7 AS BIGINT)"); n != 7 {
		t.Errorf("afterwards %d", n)
	}
}
