package iceberg

import (
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/reports/reportstest"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// seed is a shop with two orders in March 2026, one in April and one without a date, a
// hotel with one in March, and what belongs to them.
const seed = `
INSERT INTO audit.meta (database_id, created_at, schema_version, timezone) VALUES ('db-1', '2026-04-02 00:00:00+00', 2, 'Asia/Shanghai');
INSERT INTO main.orders (source, account, order_id, flow, currency, net_amount, paid_amount, quantity, created_at, business_date) VALUES
	('soms', 'retail', 'A1', 'revenue', 'CNY', 20.1234, 20.1234, 1.5, '2026-03-01 00:00:00.123456+00', '2026-03-01'),
	('soms', 'retail', 'A2', 'revenue', 'CNY', 99999999999999.9999, NULL, 2, '2026-03-31 15:00:00+00', '2026-03-31'),
	('soms', 'retail', 'A3', 'revenue', 'HKD', -5, 0, 0.000001, '2026-04-01 02:00:00+00', '2026-04-01'),
	('soms', 'retail', 'A4', 'revenue', 'CNY', 7, 7, 1, NULL, NULL),
	('tuya', '客栈 #1', 'T1', 'memo', 'CNY', 3, NULL, 1, '2026-03-05 00:00:00+00', '2026-03-05');
INSERT INTO main.order_items (source, account, order_id, line_no, title, total_amount, currency) VALUES
	('soms', 'retail', 'A1', 1, 'tea', 10.1234, 'CNY'), ('soms', 'retail', 'A1', 2, 'cake''s', 10, 'CNY'),
	('soms', 'retail', 'A3', 1, '退货', -5, 'CNY'), ('tuya', '客栈 #1', 'T1', 1, 'water', 3, 'CNY');
INSERT INTO recon.breaks (break_id, rule, severity, source, account, order_id, business_date, expected, actual, difference, currency, reason, facts, first_seen, last_seen, status)
VALUES ('b1', 'item_pay', 'error', 'soms', 'retail', 'A1', '2026-03-01', 20, 20.1234, 0.1234, 'CNY', 'amount', '{"pay": 20.1234}', '2026-03-02 00:00:00+00', '2026-04-02 18:00:00+00', 'open');
`

// hotel is a published database night after night, and the lake that it goes to.
type hotel struct {
	t       *testing.T
	db      *sql.DB // the working database
	dir     string  // of what is published
	file    string
	lake    *Lake
	nights  int
	copies  map[string]string // published databases by run
	options Options
}

func newHotel(t *testing.T, o Options) *hotel {
	t.Helper()
	dir := t.TempDir()
	h := &hotel{t: t, dir: dir, file: filepath.Join(dir, "working.duckdb"), copies: map[string]string{}, options: o}
	if h.options.Warehouse == "" {
		h.options.Warehouse = filepath.Join(t.TempDir(), "lake")
	}
	h.db = reportstest.At(t, h.file)
	h.exec(seed)
	h.open()
	return h
}

// open opens the lake, anew where it is open.
func (h *hotel) open() {
	h.t.Helper()
	l, err := Open(h.t.Context(), h.options)
	if err != nil {
		h.t.Fatal(err)
	}
	h.lake = l
	h.t.Cleanup(func() { l.Close() })
}

func (h *hotel) exec(statement string, args ...any) {
	h.t.Helper()
	if _, err := h.db.Exec(statement, args...); err != nil {
		h.t.Fatalf("%.80s: %v", statement, err)
	}
}

// publish makes a run, and a copy of the database in its name.
func (h *hotel) publish() (run, file string) {
	h.t.Helper()
	h.nights++
	run = fmt.Sprintf("run-%d", h.nights)
	at := time.Date(2026, 4, 2, 18, 0, 0, 0, time.UTC).AddDate(0, 0, h.nights)
	h.exec("INSERT INTO audit.runs (run_id, started_at, outcome) VALUES ($1, $2, 'done')", run, at)
	h.exec("UPDATE audit.meta SET published_run_id = $1, published_at = $2", run, at)
	h.exec("CHECKPOINT")
	file = filepath.Join(h.dir, run+".duckdb")
	data, err := os.ReadFile(h.file)
	if err == nil {
		err = os.WriteFile(file, data, 0o600)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	h.copies[run] = file
	return run, file
}

// commit commits a published database.
func (h *hotel) commit(file string) (*Result, error) {
	h.t.Helper()
	db, err := sql.Open("duckdb", file+"?access_mode=READ_ONLY")
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	return h.lake.Commit(h.t.Context(), db)
}

func (h *hotel) night() *Result {
	h.t.Helper()
	_, file := h.publish()
	r, err := h.commit(file)
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// written are the tables that a night changed, with the numbers of files that it wrote
// and removed.
func written(r *Result) (list []string) {
	for _, t := range r.Tables {
		if t.Changed {
			list = append(list, fmt.Sprintf("%s +%d -%d", t.Name, t.Written, t.Removed))
		}
	}
	return list
}

func of(t *testing.T, r *Result, name string) Table {
	t.Helper()
	i := slices.IndexFunc(r.Tables, func(t Table) bool { return t.Name == name })
	if i < 0 {
		t.Fatalf("no table %s", name)
	}
	return r.Tables[i]
}

// files are the data files of a table's snapshot.
func (h *hotel) files(name string, snapshot int64) []string {
	h.t.Helper()
	files, err := h.lake.Files(h.t.Context(), name, snapshot)
	if err != nil {
		h.t.Fatal(err)
	}
	return files
}

func (h *hotel) allNights() []Night {
	h.t.Helper()
	nights, err := h.lake.Nights(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return nights
}

// sameAs compares a night of the lake, file by file, with the database that was published
// then: every row of every table, both ways. It gives the number of rows.
func (h *hotel) sameAs(n Night, file string) (rows int) {
	h.t.Helper()
	db, err := sql.Open("duckdb", "") // closed here: a race opens hundreds
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("ATTACH " + sqlfiles.Literal(file) + " AS night (READ_ONLY)"); err != nil {
		h.t.Fatal(err)
	}
	for name, columns := range columnsOf(h.t, db) {
		published := "SELECT " + columns + " FROM night." + name
		files := h.filesOf(n, name)
		if len(files) == 0 {
			if got := one(h.t, db, "SELECT count(*) FROM ("+published+")"); got != "0" {
				h.t.Errorf("%s: the lake has no file of %s, which has %s rows", n.Run, name, got)
			}
			continue
		}
		lake := "SELECT " + columns + " FROM read_parquet([" + strings.Join(files, ", ") + "])"
		got := one(h.t, db, fmt.Sprintf("SELECT count(*) FROM ((%[1]s EXCEPT ALL %[2]s) UNION ALL (%[2]s EXCEPT ALL %[1]s))", published, lake))
		if got != "0" {
			h.t.Errorf("%s: %s rows of %s differ", n.Run, got, name)
		}
		var here int
		if err := db.QueryRow("SELECT count(*) FROM (" + published + ")").Scan(&here); err != nil {
			h.t.Fatal(err)
		}
		rows += here
	}
	return rows
}

// filesOf are the files of a table in a night, as SQL; of the hotel's own database alone.
func (h *hotel) filesOf(n Night, name string) (list []string) {
	snapshot, ok := n.Snapshots[name]
	if !ok {
		return nil
	}
	own := keyOf(n.Database)
	for _, f := range h.files(name, snapshot) {
		if database, _ := named(f); database == own {
			list = append(list, sqlfiles.Literal(h.fetched(f)))
		}
	}
	return list
}

// fetched is a data file where DuckDB can read it.
func (h *hotel) fetched(file string) string {
	if !strings.HasPrefix(file, "s3://") {
		return file
	}
	h.t.Helper()
	storage, err := openBucket(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	from, err := storage.Open(file)
	if err != nil {
		h.t.Fatal(err)
	}
	defer from.Close()
	data, err := io.ReadAll(from)
	if err != nil {
		h.t.Fatal(err)
	}
	local := filepath.Join(h.dir, filepath.Base(file))
	if err := os.WriteFile(local, data, 0o600); err != nil {
		h.t.Fatal(err)
	}
	return local
}

// columnsOf are the published tables of a database that is attached as night, JSON as text.
func columnsOf(t *testing.T, db *sql.DB) map[string]string {
	t.Helper()
	rows, err := db.Query(`SELECT c.schema_name || '.' || c.table_name, string_agg('"' || column_name || '"' || CASE data_type WHEN 'JSON' THEN '::VARCHAR' ELSE '' END, ', ' ORDER BY column_index)
		FROM duckdb_columns() c JOIN duckdb_tables() t USING (database_name, schema_name, table_name)
		WHERE database_name = 'night' AND c.schema_name || '.' || c.table_name NOT IN ('audit.migrations', 'recon.changed', 'recon.basis') GROUP BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	tables := map[string]string{}
	for rows.Next() {
		var name, columns string
		if err := rows.Scan(&name, &columns); err != nil {
			t.Fatal(err)
		}
		tables[name] = columns
	}
	if err := rows.Err(); err != nil || len(tables) < 20 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	return tables
}

func one(t *testing.T, db *sql.DB, query string) (value string) {
	t.Helper()
	if err := db.QueryRow(query).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}
