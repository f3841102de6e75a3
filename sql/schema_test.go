package sql

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"testing/fstest"

	_ "github.com/duckdb/duckdb-go/v2"
)

// migrated opens a database in memory and applies every migration and view.
func migrated(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	steps, err := Steps()
	if err != nil {
		t.Fatal(err)
	}
	views, err := ViewTexts()
	if err != nil {
		t.Fatal(err)
	}
	texts := views
	for i := len(steps) - 1; i >= 0; i-- {
		texts = append([]Text{steps[i].Text}, texts...)
	}
	for _, text := range texts {
		if _, err := db.ExecContext(context.Background(), text.SQL); err != nil {
			t.Fatalf("%s: %v", text.Path, err)
		}
	}
	return db
}

func dictionary(t *testing.T) *Dict {
	t.Helper()
	d, err := Dictionary()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Every column of the database has an entry in the dictionary, in the same
// place and of the same type, and the reverse.
func TestDictionaryIsTheSchema(t *testing.T) {
	db := migrated(t)
	rows, err := db.Query(`SELECT schema_name || '.' || table_name, column_name, data_type
		FROM duckdb_columns() WHERE NOT internal ORDER BY table_oid, column_index`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	type column struct{ name, typ string }
	inDatabase := map[string][]column{}
	for rows.Next() {
		var table string
		var c column
		if err := rows.Scan(&table, &c.name, &c.typ); err != nil {
			t.Fatal(err)
		}
		inDatabase[table] = append(inDatabase[table], c)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, table := range dictionary(t).Tables {
		name := table.Schema + "." + table.Name
		have, ok := inDatabase[name]
		if !ok {
			t.Errorf("%s is in the dictionary, not in the database", name)
			continue
		}
		delete(inDatabase, name)
		for i := range max(len(have), len(table.Columns)) {
			var h, w column
			if i < len(have) {
				h = have[i]
				h.typ = strings.ReplaceAll(h.typ, "TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")
			}
			if i < len(table.Columns) {
				w = column{table.Columns[i].Name, table.Columns[i].Type}
			}
			if h != w {
				t.Errorf("%s, column %d: database %v, dictionary %v", name, i+1, h, w)
				break
			}
		}
	}
	for name := range inDatabase {
		t.Errorf("%s is in the database, not in the dictionary", name)
	}
}

// The comments arrive in the database, for every table and column, with the
// quotes that they hold.
func TestComments(t *testing.T) {
	db := migrated(t)
	d := dictionary(t)
	for _, c := range d.Comments() {
		if _, err := db.Exec(c.SQL); err != nil {
			t.Fatalf("%s: %v", c.SQL, err)
		}
	}
	var bare int
	if err := db.QueryRow(`SELECT (SELECT count(*) FROM duckdb_columns() WHERE comment IS NULL AND NOT internal)
		+ (SELECT count(*) FROM duckdb_views() WHERE comment IS NULL AND NOT internal)
		+ (SELECT count(*) FROM duckdb_tables() WHERE comment IS NULL)`).Scan(&bare); err != nil {
		t.Fatal(err)
	}
	if bare != 0 {
		t.Errorf("%d tables or columns without a comment", bare)
	}
	var comment string
	if err := db.QueryRow(`SELECT comment FROM duckdb_columns() WHERE table_name = 'orders' AND column_name = 'gross_amount'`).Scan(&comment); err != nil {
		t.Fatal(err)
	}
	const want = "Amount before discounts, major units of currency. From: tuya order_amount; soms orig_total; " // and what more sources state
	if !strings.HasPrefix(comment, want) || !strings.HasSuffix(comment, ".") {
		t.Errorf("comment %q\n   want %q and more", comment, want)
	}
}

// A version is known from valid_from inclusive until valid_to exclusive.
func TestOrdersAsOf(t *testing.T) {
	db := migrated(t)
	if _, err := db.Exec(`SET TimeZone = 'UTC';
		INSERT INTO audit.order_versions (source, account, order_id, version_no, valid_from, valid_to, net_amount) VALUES
		('soms', 'retail', 'A', 1, '2026-04-01 00:00:00Z', '2026-04-02 00:00:00Z', 10),
		('soms', 'retail', 'A', 2, '2026-04-02 00:00:00Z', NULL, 12)`); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ instant, want string }{
		{"2026-03-31 23:59:59Z", ""},
		{"2026-04-01 00:00:00Z", "10.0000"},
		{"2026-04-01 23:59:59Z", "10.0000"},
		{"2026-04-02 00:00:00Z", "12.0000"},
		{"2027-01-01 00:00:00Z", "12.0000"},
	} {
		var got sql.NullString
		if err := db.QueryRow(`SELECT string_agg(net_amount::VARCHAR, ', ') FROM orders_as_of(?::TIMESTAMPTZ)`, c.instant).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got.String != c.want {
			t.Errorf("as of %s: %q, want %q", c.instant, got.String, c.want)
		}
	}
	// The macro names the columns of orders one by one; it must keep up.
	var differ int
	if err := db.QueryRow(`SELECT count(*) FROM (FROM (DESCRIBE SELECT * FROM orders_as_of(now())) SELECT column_name, column_type) a
		FULL JOIN (FROM (DESCRIBE orders) SELECT column_name, column_type) b USING (column_name, column_type)
		WHERE a.column_name IS NULL OR b.column_name IS NULL`).Scan(&differ); err != nil {
		t.Fatal(err)
	}
	if differ != 0 {
		t.Errorf("%d columns differ between orders_as_of and orders", differ)
	}
	// As it is for an analyst who has attached the file under a name of their own.
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var sum string
	if _, err := conn.ExecContext(t.Context(), `ATTACH ':memory:' AS own; USE own`); err != nil {
		t.Fatal(err)
	}
	if err := conn.QueryRowContext(t.Context(), `SELECT sum(net_amount)::VARCHAR FROM memory.orders_as_of('2026-04-01 12:00:00Z'::TIMESTAMPTZ, database := 'memory')`).Scan(&sum); err != nil || sum != "10.0000" {
		t.Errorf("attached: %s, %v", sum, err)
	}
}

func TestDictionaryIsStrict(t *testing.T) {
	const column = "{name: a, type: VARCHAR, en: A, zh: 甲, comment: c}"
	table := func(columns string) string {
		return "shared: [{name: s, type: VARCHAR, en: S, zh: 丙, comment: c}]\n" +
			"tables: [{name: main.t, en: T, zh: 表, comment: c, columns: [" + columns + "]}]"
	}
	for _, c := range []struct{ name, yaml, want string }{
		{"sound", table(column + ", {name: s}"), ""},
		{"unknown key", table("{name: a, label: A}"), `unknown field "label"`},
		{"no comment", table("{name: a, type: VARCHAR, en: A, zh: 甲}"), `table main.t: column "a": want name, type, en, zh and comment`},
		{"neither shared nor described", table("{name: b}"), `column "b": want name`},
		{"twice", table(column + "," + column), "column a stands twice"},
		{"like nothing", table("{like: main.u}"), "like: main.u: want the name of a table listed before"},
		{"table without schema", "tables: [{name: t, en: T, zh: 表, comment: c}]", `table "t": want a name schema.table`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := readDictionary(fstest.MapFS{"d/x.yaml": {Data: []byte(c.yaml)}}, "d", []string{"x.yaml"})
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}
