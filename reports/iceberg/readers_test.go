package iceberg

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// PyIceberg reads what was committed: every night of the orders as it was, with exact
// money, instants in UTC, and the month of each line.
func TestPyIceberg(t *testing.T) {
	t.Parallel()
	python := os.Getenv("NIGHTAUDIT_PYTHON")
	if os.Getenv("NIGHTAUDIT_SLOW") == "" || python == "" {
		t.Skip("NIGHTAUDIT_SLOW and NIGHTAUDIT_PYTHON are not set: a Python with pyiceberg takes seconds to start")
	}
	if err := exec.Command(python, "-c", "import pyiceberg, pyarrow, sqlalchemy").Run(); err != nil {
		t.Skip("the Python of NIGHTAUDIT_PYTHON has no pyiceberg with pyarrow and sqlalchemy")
	}
	h := newHotel(t, Options{gathered: 1})
	h.night()
	h.exec("UPDATE main.orders SET net_amount = 21 WHERE order_id = 'A1'")
	h.night()
	script := `
import json, sys
from pyiceberg.catalog.sql import SqlCatalog
c = SqlCatalog("nightaudit", uri="sqlite:///" + sys.argv[1] + "/catalog.db", warehouse=sys.argv[1])
runs = c.load_table("audit.runs")
orders = c.load_table("main.orders")
for s in runs.metadata.snapshots:
    ids = json.loads(s.summary["nightaudit.snapshots"])
    rows = orders.scan(snapshot_id=ids["main.orders"]).to_arrow().sort_by("order_id").to_pylist()
    print(s.summary["nightaudit.run_id"], *[(r["order_id"], str(r["net_amount"]), r["business_month"]) for r in rows])
print(orders.scan(row_filter="order_id = 'A1'").to_arrow()["created_at"][0], orders.metadata.format_version, [f.name for f in orders.spec().fields])
march = orders.scan(row_filter="business_month = '2026-03' and source = 'tuya'")
print(len(list(march.plan_files())), march.to_arrow()["account"].to_pylist())
`
	out, err := exec.Command(python, "-c", script, h.options.Warehouse).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	rest := "('A2', '99999999999999.9999', '2026-03') ('A3', '-5.0000', '2026-04') ('A4', '7.0000', None) ('T1', '3.0000', '2026-03')"
	want := "run-1 ('A1', '20.1234', '2026-03') " + rest + "\n" +
		"run-2 ('A1', '21.0000', '2026-03') " + rest + "\n" +
		"2026-03-01 00:00:00.123456+00:00 2 ['source', 'account', 'business_month']\n" +
		"1 ['客栈 #1']\n"
	if string(out) != want {
		t.Errorf("PyIceberg reads\n%swant\n%s", out, want)
	}
}

// Nights in a bucket of S3, read again object by object, and what belongs to nothing swept.
func TestS3(t *testing.T) {
	t.Parallel()
	warehouse := os.Getenv("NIGHTAUDIT_S3")
	if warehouse == "" {
		t.Skip("NIGHTAUDIT_S3 is not set: s3://BUCKET/PREFIX of an empty bucket, with the variables of Amazon's tools (AWS_ENDPOINT_URL)")
	}
	o := Options{Warehouse: warehouse, Catalog: "sqlite://" + filepath.Join(t.TempDir(), "catalog.db"), Keep: 2, ExpireAfter: time.Nanosecond, gathered: 1}
	h := newHotel(t, o)
	h.night()
	for i := range 3 {
		h.exec("UPDATE main.orders SET net_amount = $1 WHERE order_id = 'A1'", i)
		if got, want := written(h.night()), []string{"main.orders +1 -1", "audit.meta +1 -1", "audit.runs +1 -1"}; !slices.Equal(got, want) {
			t.Errorf("wrote %v, want %v", got, want)
		}
	}
	if r, err := h.commit(h.copies["run-4"]); err != nil || r.Changed() {
		t.Errorf("the same database again: %v, %v", written(r), err)
	}
	nights := h.allNights()
	if len(nights) != 2 {
		t.Fatalf("the lake has %d nights, want 2", len(nights))
	}
	storage, err := openBucket(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stray := warehouse + "/main.db/orders/data/stray.parquet"
	if err := storage.(bucket).WriteFile(stray, []byte("of a writer that was killed")); err != nil {
		t.Fatal(err)
	}
	h.lake.o.SweepAfter = time.Nanosecond
	if r, err := h.commit(h.copies["run-4"]); err != nil || r.Swept == 0 {
		t.Errorf("swept %+v, %v", r, err)
	}
	if _, err := storage.Open(stray); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the stray file: %v", err)
	}
	for _, n := range nights {
		h.sameAs(n, h.copies[n.Run])
	}
}

// The same nights, and the same race, with the catalog in Postgres.
func TestPostgres(t *testing.T) {
	address := os.Getenv("NIGHTAUDIT_POSTGRES")
	if address == "" {
		t.Skip("NIGHTAUDIT_POSTGRES is not set: postgres://USER@HOST/DATABASE of a database without a lake")
	}
	race(t, raced(address, filepath.Join(t.TempDir(), "lake"), everyNight))
}
