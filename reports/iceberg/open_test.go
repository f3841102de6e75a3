package iceberg

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What is no address of a lake is refused before anything is made, in words that hold
// nothing of it.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ catalog, warehouse, want string }{
		{"", "/srv/lake", ""},
		{"sqlite:///srv/c.db", "/srv/lake/", ""},
		{"sqlite:////srv/c.db", "/srv/lake", ""},
		{"postgres://night:s-e-c-r-e-t@db.example:5432/lake?sslmode=require", "/srv/lake", ""},
		{"https://rest.example/v1", "/srv/lake", ""},
		{"", "lake", "absolute path"},
		{"", "/srv/../lake", "absolute path"},
		{"", "/srv/our lake", "absolute path"},
		{"", "/srv/lake#1", "absolute path"},
		{"", "/srv/客栈", "absolute path"},
		{"", "", "absolute path"},
		{"sqlite:///srv/c.db", "s3://bucket/lake", ""},
		{"", "s3://bucket/lake", "needs a catalog"},
		{"sqlite:///srv/c.db", "s3://bucket/our lake", "must be a folder or s3://BUCKET/PREFIX"},
		{"sqlite:///srv/c.db", "s3://bucket", "must be a folder or s3://BUCKET/PREFIX"},
		{"sqlite:///srv/c.db", "gs://bucket/lake", "must be a folder or s3://BUCKET/PREFIX"},
		{"sqlite:c.db", "/srv/lake", "absolute path: sqlite:///srv/lake/catalog.db"},
		{"sqlite://host/c.db", "/srv/lake", "absolute path: sqlite:///srv/lake/catalog.db"},
		{"postgres:///s-e-c-r-e-t", "/srv/lake", "names no host"},
		{"mysql://s-e-c-r-e-t", "/srv/lake", "must begin with sqlite:"},
		{"postgres://u:s-e-c%-r-e-t@h/d", "/srv/lake", "is no address"},
	} {
		err := Check(Options{Catalog: c.catalog, Warehouse: c.warehouse})
		if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, ErrAddress) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s-e-c")) {
			t.Errorf("%s in %s: %v, want %s", c.catalog, c.warehouse, err, c.want)
		}
	}
}

// No error of a catalog holds its password.
func TestCatalogSecret(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"postgres://night:s-e-c-r-e-t@127.0.0.1:1/lake?sslmode=disable&connect_timeout=1",
		"postgres://night:s-e-c-r-e-t@127.0.0.1:1/lake?sslmode=s-e-c-r-e-t",
		"http://night:s-e-c-r-e-t@127.0.0.1:1/v1",
		"http://s-e-c-r-e-t@127.0.0.1:1/v1",
	} {
		_, err := Open(t.Context(), Options{Catalog: address, Warehouse: filepath.Join(t.TempDir(), "lake")})
		if err == nil || strings.Contains(err.Error(), "s-e-c-r-e-t") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// A folder that cannot be written is said, and the catalog is not changed by it.
func TestUnwritable(t *testing.T) {
	t.Parallel()
	h := newHotel(t, Options{})
	h.night()
	data := filepath.Join(h.options.Warehouse, "main.db", "orders", "data")
	if err := os.Rename(data, data+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(data, nil, 0o600); err != nil { // a file in the folder's place
		t.Fatal(err)
	}
	h.exec("UPDATE main.orders SET net_amount = 21 WHERE order_id = 'A1'")
	_, file := h.publish()
	if _, err := h.commit(file); err == nil || !strings.Contains(err.Error(), "lake table main.orders") {
		t.Errorf("commit: %v", err)
	}
	if n := len(h.allNights()); n != 1 {
		t.Errorf("the lake has %d nights, want 1", n)
	}
	if err := errors.Join(os.Remove(data), os.Rename(data+".away", data)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.commit(file); err != nil {
		t.Error(err)
	}
	h.sameAs(h.allNights()[1], file)
}

// A partition that readers would take for null is refused, and the one file that the table
// was before stays.
func TestLongAccount(t *testing.T) {
	t.Parallel()
	h := newHotel(t, Options{})
	h.exec("INSERT INTO main.orders (source, account, order_id, net_amount) VALUES ('soms', repeat('x', 300), 'L1', 1)")
	h.night() // as one file it is no partition
	h.lake.o.gathered = 1
	h.exec("UPDATE main.orders SET net_amount = 2 WHERE order_id = 'L1'")
	_, file := h.publish()
	if _, err := h.commit(file); err == nil || !strings.Contains(err.Error(), "the account of 300 bytes is too long to be a partition") {
		t.Errorf("commit: %v", err)
	}
	h.sameAs(h.allNights()[0], h.copies["run-1"])
}

// A snapshot states the totals of so many currencies and counts the others.
func TestManyCurrencies(t *testing.T) {
	t.Parallel()
	h := newHotel(t, Options{})
	h.exec("DELETE FROM main.orders; DELETE FROM main.order_items")
	h.exec("INSERT INTO main.orders (source, account, order_id, currency, net_amount) SELECT 'soms', 'retail', 'C' || i, printf('X%02d', i), i FROM range(23) t(i)")
	h.night()
	states, err := h.lake.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range states {
		if s.Name != "main.orders" {
			continue
		}
		n := 0
		for property := range s.Properties {
			if strings.HasPrefix(property, "nightaudit.total.net_amount.") {
				n++
			}
		}
		if got := fmt.Sprintf("%d %s %s", n, s.Properties["nightaudit.totals_left"], s.Properties["nightaudit.total.net_amount.X19"]); got != "20 3 19.0000" {
			t.Errorf("%s, want 20 totals, 3 left, the last 19.0000", got)
		}
	}
}

// Who reads the catalog does not wait for others who read it, as a Spark server does for as
// long as it runs: it leaves a statement open.
func TestReadBesideReaders(t *testing.T) {
	t.Parallel()
	h := newHotel(t, Options{})
	h.night()
	other, err := sql.Open("sqlite3", filepath.Join(h.options.Warehouse, "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	rows, err := other.Query("SELECT table_name FROM iceberg_tables")
	if err != nil || !rows.Next() {
		t.Fatal(err)
	}
	defer rows.Close()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	if nights, err := h.lake.Nights(ctx); err != nil || len(nights) != 1 {
		t.Errorf("%d nights, %v", len(nights), err)
	}
}
