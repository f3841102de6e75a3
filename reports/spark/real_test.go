package spark

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

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

// lakeOf is the lake with everything that a database holds, in a catalog that a folder
// is. Its tables are written by Spark, not by this program.
func lakeOf(t testing.TB, warehouse string) *Lake {
	t.Helper()
	c := server(t)
	use(t, c, warehouse)
	l, err := Open(t.Context(), c, testCatalog)
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

const testCatalog = "na_test"

// use makes the catalog known to the session.
func use(t testing.TB, c *Client, warehouse string) {
	t.Helper()
	for _, set := range []string{
		"SET spark.sql.catalog." + testCatalog + "=org.apache.iceberg.spark.SparkCatalog",
		"SET spark.sql.catalog." + testCatalog + ".type=hadoop",
		"SET spark.sql.catalog." + testCatalog + ".warehouse=file://" + warehouse,
	} {
		run(t, c, set)
	}
}

func run(t testing.TB, c *Client, statement string) {
	t.Helper()
	if err := c.exec(context.Background(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// fixtureLake is the folder of a lake with the small hotel group of the reports' tests,
// written once.
var fixtureLake struct {
	once   sync.Once
	folder string
}

func lakeOfFixture(t *testing.T) *Lake {
	t.Helper()
	server(t).Close() // or skips
	fixtureLake.once.Do(func() {
		folder, err := os.MkdirTemp("", "nightaudit-lake-*")
		if err != nil {
			t.Fatal(err)
		}
		writeLake(t, reportstest.Shared(t), folder)
		fixtureLake.folder = folder
	})
	if fixtureLake.folder == "" {
		t.Fatal("the lake was not written")
	}
	return lakeOf(t, fixtureLake.folder)
}

// writeLake writes every table of a database into a lake, and then a snapshot of audit.runs
// that says which snapshots belong to the night.
func writeLake(t *testing.T, db *sql.DB, folder string) {
	t.Helper()
	c := server(t)
	defer c.Close()
	use(t, c, folder)
	for _, schema := range schemas {
		run(t, c, "CREATE NAMESPACE IF NOT EXISTS "+testCatalog+"."+schema)
	}
	rows, err := db.Query("SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT temporary ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	var tables []string
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, table)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	night := map[string]int64{}
	for _, table := range tables {
		file := filepath.Join(t.TempDir(), table+".parquet")
		columns := "*"
		if table == "audit.accounts" { // Spark 4.0 has no TIME
			columns = "* REPLACE (business_day_start::VARCHAR AS business_day_start)"
		}
		reportstest.Exec(t, db, fmt.Sprintf("COPY (SELECT %s FROM %s) TO '%s' (FORMAT parquet)", columns, table, file))
		run(t, c, fmt.Sprintf("CREATE TABLE %s.%s USING iceberg AS SELECT * FROM parquet.`file://%s`", testCatalog, table, file))
		night[table] = number(t, c, fmt.Sprintf("SELECT snapshot_id FROM %s.%s.snapshots", testCatalog, table))
	}
	list, err := json.Marshal(night)
	if err != nil {
		t.Fatal(err)
	}
	run(t, c, fmt.Sprintf("INSERT INTO %s.audit.runs WITH ('snapshot-property.nightaudit.snapshots' = '%s') SELECT * FROM %[1]s.audit.runs WHERE false", testCatalog, list))
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
