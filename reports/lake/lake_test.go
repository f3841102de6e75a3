package lake

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/gofrs/flock"

	"github.com/nightaudit/nightaudit/reports/reportstest"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// seed is a shop with two orders in March 2026, one in April and one without
// a date, a hotel with one in March, and what belongs to them.
const seed = `
INSERT INTO audit.meta (database_id, created_at, schema_version, timezone, published_run_id, published_at)
VALUES ('db-1', '2026-04-02 00:00:00+00', 1, 'Asia/Shanghai', 'run-2', '2026-04-02 18:00:00+00');
INSERT INTO main.orders (source, account, order_id, flow, currency, net_amount, paid_amount, quantity, created_at, business_date) VALUES
	('soms', 'retail', 'A1', 'revenue', 'CNY', 20.1234, 20.1234, 1.5, '2026-03-01 00:00:00.123456+00', '2026-03-01'),
	('soms', 'retail', 'A2', 'revenue', 'CNY', 99999999999999.9999, NULL, 2, '2026-03-31 15:00:00+00', '2026-03-31'),
	('soms', 'retail', 'A3', 'revenue', 'CNY', -5, 0, 0.000001, '2026-04-01 02:00:00+00', '2026-04-01'),
	('soms', 'retail', 'A4', 'revenue', 'CNY', 7, 7, 1, NULL, NULL),
	('tuya', 'hotel', 'T1', 'memo', 'CNY', 3, NULL, 1, '2026-03-05 00:00:00+00', '2026-03-05');
INSERT INTO main.order_items (source, account, order_id, line_no, title, total_amount, currency) VALUES
	('soms', 'retail', 'A1', 1, 'tea', 10.1234, 'CNY'), ('soms', 'retail', 'A1', 2, 'cake''s', 10, 'CNY'),
	('soms', 'retail', 'A3', 1, '退货', -5, 'CNY'), ('tuya', 'hotel', 'T1', 1, 'water', 3, 'CNY');
INSERT INTO recon.breaks (break_id, rule, severity, source, account, order_id, business_date, expected, actual, difference, currency, reason, facts, first_seen, last_seen, status)
VALUES ('b1', 'item_pay', 'error', 'soms', 'retail', 'A1', '2026-03-01', 20, 20.1234, 0.1234, 'CNY', 'amount', '{"pay": 20.1234}', '2026-03-02 00:00:00+00', '2026-04-02 18:00:00+00', 'open');
`

func newDatabase(t *testing.T) *sql.DB {
	t.Helper()
	db := reportstest.Empty(t)
	exec(t, db, seed)
	return db
}

func exec(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%.80s: %v", statement, err)
	}
}

func one(t *testing.T, db *sql.DB, query string) (value string) {
	t.Helper()
	if err := db.QueryRow(query).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

func exportTo(t *testing.T, db *sql.DB, dir string) *Result {
	t.Helper()
	r, err := Export(t.Context(), db, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// written are the tables of which files were written, with their number.
func written(r *Result) map[string]int {
	tables := map[string]int{}
	for table, n := range r.Written {
		if n > 0 {
			tables[table] = n
		}
	}
	return tables
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	if err := eachFile(dir, func(name string) error {
		names = append(names, name)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

func TestExportLayout(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lake")
	exportTo(t, newDatabase(t), dir)
	all := files(t, dir)
	for folder, want := range map[string][]string{
		"orders/": {
			"orders/business_month=2026-03/part-0.parquet",
			"orders/business_month=2026-04/part-0.parquet",
			"orders/business_month=__HIVE_DEFAULT_PARTITION__/part-0.parquet",
		},
		// Lines go with their order.
		"order_items/": {
			"order_items/business_month=2026-03/part-0.parquet",
			"order_items/business_month=2026-04/part-0.parquet",
		},
		"recon/breaks/": {"recon/breaks/business_month=2026-03/part-0.parquet"},
		// No row, and still a file that tells the columns.
		"payments/":       {"payments/business_month=__HIVE_DEFAULT_PARTITION__/part-0.parquet"},
		"audit/extracts/": {"audit/extracts/part-0.parquet"},
		"audit/runs/":     {"audit/runs/part-0.parquet"},
	} {
		got := slices.DeleteFunc(slices.Clone(all), func(name string) bool { return !strings.HasPrefix(name, folder) })
		if !slices.Equal(got, want) {
			t.Errorf("%s holds %v, want %v", folder, got, want)
		}
	}
}

// What the files hold is what the database holds, type by type and row by
// row: nothing on either side alone.
func TestExportIsExact(t *testing.T) {
	db, dir := newDatabase(t), filepath.Join(t.TempDir(), "it's a lake")
	exportTo(t, db, dir)
	for _, table := range []string{"main.orders", "main.order_items", "audit.order_versions", "recon.links"} {
		folder := filepath.Join(dir, strings.TrimPrefix(strings.ReplaceAll(table, ".", "/"), "main/"))
		read := "(SELECT * EXCLUDE (business_month) FROM read_parquet(" + sqlfiles.Literal(folder+"/**/*.parquet") + "))"
		kept := "(FROM " + table + ")"
		for _, q := range []string{"FROM " + read + " EXCEPT ALL FROM " + kept, "FROM " + kept + " EXCEPT ALL FROM " + read} {
			if n := one(t, db, "SELECT count(*) FROM ("+q+")"); n != "0" {
				t.Errorf("%s: %s rows on one side alone", table, n)
			}
		}
		types := "SELECT string_agg(column_name || ' ' || column_type, ', ' ORDER BY column_name) FROM (DESCRIBE FROM "
		if got, want := one(t, db, types+read+")"), one(t, db, types+kept+")"); got != want {
			t.Errorf("%s reads as %s, want %s", table, got, want)
		}
	}
	// By hand: 20.1234 + 99999999999999.9999 − 5 + 7 + 3.
	if sum := one(t, db, "SELECT sum(net_amount)::VARCHAR FROM read_parquet("+sqlfiles.Literal(dir+"/orders/**/*.parquet")+")"); sum != "100000000000025.1233" {
		t.Errorf("net amounts add up to %s", sum)
	}
	if n := one(t, db, "SELECT count(*)::VARCHAR FROM read_parquet("+sqlfiles.Literal(dir+"/orders/**/*.parquet")+") WHERE business_month IS NULL"); n != "1" {
		t.Errorf("%s orders have a null month, want the one without a date", n)
	}
	if facts := one(t, db, "SELECT facts FROM read_parquet("+sqlfiles.Literal(dir+"/recon/breaks/**/*.parquet")+")"); facts != `{"pay": 20.1234}` {
		t.Errorf("facts read %s", facts)
	}
}

func TestExportWritesWhatChanged(t *testing.T) {
	db, dir := newDatabase(t), filepath.Join(t.TempDir(), "lake")
	exportTo(t, db, dir)
	manifest, err := os.ReadFile(filepath.Join(dir, ManifestFile))
	if err != nil {
		t.Fatal(err)
	}
	if got := written(exportTo(t, db, dir)); len(got) != 0 {
		t.Errorf("the second export wrote %v", got)
	}
	again, err := os.ReadFile(filepath.Join(dir, ManifestFile))
	if err != nil {
		t.Fatal(err)
	}
	if string(manifest) != string(again) {
		t.Error("the manifest of one database is not always the same")
	}

	for _, c := range []struct {
		what, change string
		want         map[string]int
		removed      int
	}{
		{"an order and its line", "UPDATE main.orders SET paid_amount = 1 WHERE order_id = 'A3'; UPDATE main.order_items SET total_amount = -6 WHERE order_id = 'A3'", map[string]int{"main.orders": 1, "main.order_items": 1}, 0},
		{"two rows change places", "UPDATE main.order_items SET line_no = 3 - line_no WHERE order_id = 'A1'", map[string]int{"main.order_items": 1}, 0},
		// The month that it leaves has A2 and T1 left in orders and T1 in items,
		// which go with it; the break has a date of its own.
		{"an order moves to a later month", "UPDATE main.orders SET business_date = '2026-05-01' WHERE order_id = 'A1'", map[string]int{"main.orders": 2, "main.order_items": 2}, 0},
		{"the last order of a month is gone", "DELETE FROM main.orders WHERE order_id = 'A3'; DELETE FROM main.order_items WHERE order_id = 'A3'", map[string]int{}, 2},
		{"a first row", "INSERT INTO main.payments (source, account, order_id, line_no, amount) VALUES ('soms', 'retail', 'A4', 1, 7)", map[string]int{"main.payments": 1}, 0},
		{"a new column", "ALTER TABLE main.guests ADD COLUMN title VARCHAR", map[string]int{"main.guests": 1}, 0},
	} {
		exec(t, db, c.change)
		r := exportTo(t, db, dir)
		if got := written(r); !equal(got, c.want) || r.Removed != c.removed {
			t.Errorf("%s: wrote %v and removed %d, want %v and %d", c.what, got, r.Removed, c.want, c.removed)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "orders", "business_month=2026-04")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of a month without orders is still there: %v", err)
	}
}

func equal(a, b map[string]int) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

// A month that is worth it has a file for each account: what changes in one
// account leaves the others' files, and readers see the same rows. Where the
// month is small again, its rows are in one file.
func TestExportOfAMonthThatIsWorthIt(t *testing.T) {
	db, dir := newDatabase(t), filepath.Join(t.TempDir(), "lake")
	export := func(worth int64) *Result {
		t.Helper()
		r, err := Export(t.Context(), db, Options{Dir: dir, worth: worth})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	ordersOf := func(r *Result) (names []string) {
		for _, p := range r.Manifest.Tables[slices.IndexFunc(r.Manifest.Tables, func(t Table) bool { return t.Name == "main.orders" })].Partitions {
			names = append(names, strings.TrimPrefix(p.File, "orders/business_month="))
		}
		return names
	}
	// Any file of Parquet has more than 100 bytes: its magic, footer and schema.
	want := []string{"2026-03/part-soms-retail.parquet", "2026-03/part-tuya-hotel.parquet", "2026-04/part-soms-retail.parquet", nowhere + "/part-soms-retail.parquet"}
	if got := ordersOf(export(100)); !slices.Equal(got, want) {
		t.Errorf("the orders are in %v, want %v", got, want)
	}
	if got := written(export(100)); len(got) != 0 {
		t.Errorf("the second export wrote %v", got)
	}
	exec(t, db, "UPDATE main.orders SET paid_amount = 2 WHERE order_id = 'T1'")
	if got := written(export(100)); !equal(got, map[string]int{"main.orders": 1}) {
		t.Errorf("for one account's order it wrote %v", got)
	}
	// By hand: 20.1234 + 99999999999999.9999 − 5 + 7 + 3.
	sum := "SELECT sum(net_amount)::VARCHAR || ' of ' || count(DISTINCT source || account) FROM read_parquet(" + sqlfiles.Literal(dir+"/orders/**/*.parquet") + ")"
	if got := one(t, db, sum); got != "100000000000025.1233 of 2" {
		t.Errorf("the orders add up to %s accounts", got)
	}
	exec(t, db, "UPDATE main.orders SET paid_amount = 3 WHERE order_id = 'T1'")
	r := export(1 << 20)
	if got, want := ordersOf(r), []string{"2026-03/part-0.parquet", "2026-04/part-soms-retail.parquet", nowhere + "/part-soms-retail.parquet"}; !slices.Equal(got, want) {
		t.Errorf("the orders are in %v, want %v", got, want)
	}
	if got := one(t, db, sum); r.Removed != 2 || got != "100000000000025.1233 of 2" {
		t.Errorf("%d files were removed, and the orders add up to %s accounts", r.Removed, got)
	}
}

// A lake that an earlier version wrote, with a folder for each source, becomes one
// of this version: no row is left in two files.
func TestExportIntoAnEarlierLayout(t *testing.T) {
	db, dir := newDatabase(t), filepath.Join(t.TempDir(), "lake")
	exportTo(t, db, dir)
	now := filepath.Join(dir, "orders", "business_month=2026-03")
	then := filepath.Join(dir, "orders", "source=soms", "business_month=2026-03")
	manifest := filepath.Join(dir, ManifestFile)
	data, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Replace(data, []byte(`"format": 2`), []byte(`"format": 1`), 1)
	data = bytes.ReplaceAll(data, []byte("orders/business_month=2026-03/"), []byte("orders/source=soms/business_month=2026-03/"))
	if err := errors.Join(os.MkdirAll(filepath.Dir(then), 0o750), os.Rename(now, then), os.WriteFile(manifest, data, 0o600)); err != nil {
		t.Fatal(err)
	}
	r := exportTo(t, db, dir)
	if got := written(r); !equal(got, map[string]int{"main.orders": 1}) || r.Removed != 1 || r.Manifest.Format != 2 {
		t.Errorf("wrote %v and removed %d, format %d", got, r.Removed, r.Manifest.Format)
	}
	if got := one(t, db, "SELECT count(*)::VARCHAR FROM read_parquet("+sqlfiles.Literal(dir+"/orders/**/*.parquet")+")"); got != "5" {
		t.Errorf("%s orders are read, want the five", got)
	}
}

// A file that is gone, or of another size, is written again.
func TestExportMends(t *testing.T) {
	db, dir := newDatabase(t), filepath.Join(t.TempDir(), "lake")
	exportTo(t, db, dir)
	gone := filepath.Join(dir, "orders/business_month=2026-03/part-0.parquet")
	short := filepath.Join(dir, "orders/business_month=2026-04/part-0.parquet")
	if err := errors.Join(os.Remove(gone), os.Truncate(short, 10)); err != nil {
		t.Fatal(err)
	}
	if got := written(exportTo(t, db, dir)); !equal(got, map[string]int{"main.orders": 2}) {
		t.Errorf("wrote %v", got)
	}
}

// A file of the same size that holds something else is written again, and so is
// what is no file: the size says nothing of the content.
func TestExportMendsWhatHasTheSize(t *testing.T) {
	db, dir := newDatabase(t), filepath.Join(t.TempDir(), "lake")
	exportTo(t, db, dir)
	whole := contentsOf(t, dir)
	flipped, swapped := filepath.Join(dir, "orders", "business_month=2026-03", "part-0.parquet"), filepath.Join(dir, "order_items", "business_month=2026-03", "part-0.parquet")
	linked := filepath.Join(dir, "order_items", "business_month=2026-04", "part-0.parquet")
	data := []byte(whole[flipped])
	data[len(data)/2] ^= 1
	other := bytes.Repeat([]byte{'x'}, len(whole[swapped]))
	if err := errors.Join(os.WriteFile(flipped, data, 0o600), os.WriteFile(swapped, other, 0o600),
		os.WriteFile(filepath.Join(dir, "..", "elsewhere"), []byte(whole[linked]), 0o600), os.Remove(linked), os.Symlink(filepath.Join(dir, "..", "elsewhere"), linked)); err != nil {
		t.Fatal(err)
	}
	if got, want := written(exportTo(t, db, dir)), map[string]int{"main.orders": 1, "main.order_items": 2}; !maps.Equal(got, want) {
		t.Errorf("written again: %v, want %v", got, want)
	}
	if !maps.Equal(contentsOf(t, dir), whole) {
		t.Error("the lake is not what it was")
	}
	if info, err := os.Lstat(linked); err != nil || !info.Mode().IsRegular() {
		t.Errorf("a link is still there: %v", err)
	}
}

func contentsOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	held := map[string]string{}
	for _, name := range files(t, dir) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		held[path] = string(data)
	}
	return held
}

// An export that died while files took their places leaves its folder: the
// next one believes no file that is not what the manifest says.
func TestExportAfterACrash(t *testing.T) {
	db, dir := newDatabase(t), filepath.Join(t.TempDir(), "lake")
	exportTo(t, db, dir)
	a := filepath.Join(dir, "orders/business_month=2026-03/part-0.parquet")
	data, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1 // as long as before
	orphan := filepath.Join(dir, "orders/business_month=2031-01/part-0.parquet")
	if err := errors.Join(
		os.WriteFile(a, data, 0o640), os.MkdirAll(filepath.Dir(orphan), 0o750), os.WriteFile(orphan, data, 0o640),
		os.Mkdir(filepath.Join(dir, writingFolder), 0o700),
	); err != nil {
		t.Fatal(err)
	}
	r := exportTo(t, db, dir)
	if got := written(r); !equal(got, map[string]int{"main.orders": 1}) || r.Removed != 1 {
		t.Errorf("wrote %v and removed %d", got, r.Removed)
	}
	if _, err := os.Stat(filepath.Join(dir, writingFolder)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of the export that died is still there: %v", err)
	}
}

// An export that is stopped leaves the lake as it was, and no trace of itself.
func TestExportStopped(t *testing.T) {
	db, dir := newDatabase(t), filepath.Join(t.TempDir(), "lake")
	exportTo(t, db, dir)
	before := files(t, dir)
	exec(t, db, "UPDATE main.orders SET net_amount = 1")
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Export(ctx, db, Options{Dir: dir, Progress: func(p Progress) {
		if p.File == 2 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) && (err == nil || ctx.Err() == nil) {
		t.Fatalf("a stopped export says %v", err)
	}
	if after := files(t, dir); !slices.Equal(before, after) {
		t.Errorf("%v became %v", before, after)
	}
	if _, err := os.Stat(filepath.Join(dir, writingFolder)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was written aside is still there: %v", err)
	}
	// It writes all three, the two that had been written aside among them.
	if got := written(exportTo(t, db, dir)); !equal(got, map[string]int{"main.orders": 3}) {
		t.Errorf("the next export wrote %v", got)
	}
}

func TestExportRefuses(t *testing.T) {
	db := newDatabase(t)
	t.Run("a folder with other things", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "thesis.txt"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, db, dir, ErrForeign)
		if got := files(t, dir); !slices.Equal(got, []string{"thesis.txt"}) {
			t.Errorf("the folder holds %v", got)
		}
	})
	t.Run("a lake into which somebody put a file", func(t *testing.T) {
		dir := t.TempDir()
		exportTo(t, db, dir)
		if err := os.WriteFile(filepath.Join(dir, "orders", "mine.parquet"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, db, dir, ErrForeign)
	})
	t.Run("another database's lake", func(t *testing.T) {
		dir := t.TempDir()
		exportTo(t, db, dir)
		other := newDatabase(t)
		exec(t, other, "UPDATE audit.meta SET database_id = 'db-2'")
		refused(t, other, dir, ErrForeign)
	})
	t.Run("a lake that is being written", func(t *testing.T) {
		dir := t.TempDir()
		exportTo(t, db, dir)
		lock := flock.New(filepath.Join(dir, markerFile))
		if ok, err := lock.TryLock(); !ok || err != nil {
			t.Fatal(ok, err)
		}
		defer lock.Unlock()
		refused(t, db, dir, ErrLocked)
	})
}

func refused(t *testing.T, db *sql.DB, dir string, want error) {
	t.Helper()
	if _, err := Export(t.Context(), db, Options{Dir: dir}); !errors.Is(err, want) {
		t.Errorf("the export says %v, want %v", err, want)
	}
}

// Every table of the dictionary is in the lake, or is one that the program
// keeps for itself.
func TestExportHoldsEveryTable(t *testing.T) {
	d, err := sqlfiles.Dictionary()
	if err != nil {
		t.Fatal(err)
	}
	r := exportTo(t, newDatabase(t), t.TempDir())
	left := []string{"audit.migrations", "recon.basis", "recon.changed"}
	var want, got []string
	for i := range d.Tables {
		name := d.Tables[i].Schema + "." + d.Tables[i].Name
		if !d.Tables[i].View && !slices.Contains(left, name) {
			want = append(want, name)
		}
	}
	for _, table := range r.Manifest.Tables {
		got = append(got, table.Name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the lake holds %v, want %v", got, want)
	}
}
