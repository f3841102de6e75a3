package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/sql/scan"
)

// Comparison is what a comparison of two databases, table by table, found.
type Comparison struct {
	Tables      int
	Rows        int64 // of the second database, that were compared
	Differences []TableDifference
}

// TableDifference is a table whose rows are not the same in two databases.
type TableDifference struct {
	Table   string // schema.table
	Gone    int64  // rows that the first database alone has
	Added   int64  // rows that the second alone has
	Columns string // in which the rows differ, where as many are gone as were added
	Known   string // by which keys the first few of them are known
	Lacking string // which of the databases has no such table, or other columns; "" for neither
}

// String says it without a value of any row but its keys.
func (d TableDifference) String() string {
	if d.Lacking != "" {
		return d.Lacking
	}
	text := fmt.Sprintf("%d rows are there only, and %d in what was rebuilt only", d.Added, d.Gone)
	if d.Columns != "" {
		text += "; they differ in " + d.Columns
	}
	if d.Known != "" {
		text += "; the first: " + d.Known
	}
	return text
}

// notCompared are columns that depend on when and how a database was made or published,
// and not on what it holds; of audit.losses all do, for somebody accepts a loss of one
// database.
var notCompared = map[string][]string{
	"audit.meta":       {"created_at", "timezone", "published_run_id", "published_at", "chain_head", "configuration"},
	"audit.migrations": {"applied_at"},
	"audit.losses":     nil,
}

// keyColumns name a row for people. They hold nothing of a person.
var keyColumns = []string{"source", "account", "stream", "order_id", "version_no", "line_no", "period", "rule", "break_id", "entry_id", "run_id"}

// firstRows is how many differing rows of a table are named.
const firstRows = 3

type tableOf struct{ Schema, Name string }

func (t tableOf) String() string { return t.Schema + "." + t.Name }

// CompareTables compares every table of two database files of this program's schema,
// that nobody has open for writing: rows in whatever order, equal ones counted. o says
// with how much memory, and where it may spill.
func CompareTables(ctx context.Context, one, other string, o Options) (c Comparison, err error) {
	connector, err := duckdb.NewConnector("", o.set(ctx))
	if err != nil {
		return c, fmt.Errorf("compare databases: %w", err)
	}
	w := &Warehouse{db: sql.OpenDB(connector), path: other}
	defer func() { err = errors.Join(err, w.db.Close()) }()
	if err := w.limitMemory(ctx, o.MemoryLimit); err != nil {
		return c, err
	}
	fail := func(err error) (Comparison, error) {
		return c, fmt.Errorf("compare %s with %s: %w", one, other, err)
	}
	columns := map[string]map[tableOf][]string{}
	for name, path := range map[string]string{"one": one, "other": other} {
		if err := scan.Exec(ctx, w.db, "database/attach", struct{ Path, Name string }{path, name}); err != nil {
			return fail(err)
		}
		if columns[name], err = w.columnsOf(ctx, name); err != nil {
			return fail(err)
		}
	}
	for _, table := range tablesOf(columns["one"], columns["other"]) {
		d, rows, err := w.compareTable(ctx, table, columns["one"][table], columns["other"][table])
		if err != nil {
			return fail(fmt.Errorf("%s: %w", table, err))
		}
		c.Tables, c.Rows = c.Tables+1, c.Rows+rows
		if d != nil {
			c.Differences = append(c.Differences, *d)
		}
	}
	return c, nil
}

// columnsOf are the columns of an attached database that are compared, by table.
func (w *Warehouse) columnsOf(ctx context.Context, database string) (map[tableOf][]string, error) {
	type column struct {
		tableOf
		column string
	}
	all, err := scan.All(ctx, w.db, "database/columns", nil, func(c *column) []any { return []any{&c.Schema, &c.Name, &c.column} }, database)
	if err != nil {
		return nil, err
	}
	tables := map[tableOf][]string{}
	for _, c := range all {
		left, some := notCompared[c.tableOf.String()]
		if some && left == nil || slices.Contains(left, c.column) {
			continue
		}
		tables[c.tableOf] = append(tables[c.tableOf], c.column)
	}
	return tables, nil
}

// tablesOf are the tables of either database, by name.
func tablesOf(one, other map[tableOf][]string) (tables []tableOf) {
	for table := range one {
		tables = append(tables, table)
	}
	for table := range other {
		if _, both := one[table]; !both {
			tables = append(tables, table)
		}
	}
	slices.SortFunc(tables, func(a, b tableOf) int { return strings.Compare(a.String(), b.String()) })
	return tables
}

// compareTable is nil where the table is the same in both; rows are those of the other.
// Rows are looked at one by one only where their sum differs.
func (w *Warehouse) compareTable(ctx context.Context, table tableOf, one, other []string) (d *TableDifference, rows int64, err error) {
	switch {
	case len(one) == 0:
		return &TableDifference{Table: table.String(), Lacking: "what was rebuilt has no such table"}, 0, nil
	case len(other) == 0:
		return &TableDifference{Table: table.String(), Lacking: "the table is gone"}, 0, nil
	case !slices.Equal(one, other):
		return &TableDifference{Table: table.String(), Lacking: "its columns are " + strings.Join(other, ", ") + ", and " + strings.Join(one, ", ") + " in what was rebuilt"}, 0, nil
	}
	type of struct {
		tableOf
		Database, One, Other string
		Columns, Keys        []string
		First                int
	}
	in := of{tableOf: table, One: "one", Other: "other", Columns: one, First: firstRows}
	type fingerprint struct {
		rows int64
		sum  string
	}
	var prints [2]fingerprint
	for i, database := range []string{"one", "other"} {
		in.Database = database
		if err := scan.One(ctx, w.db, "database/fingerprint", in, nil, &prints[i].rows, &prints[i].sum); err != nil {
			return nil, 0, err
		}
	}
	rows = prints[1].rows
	if prints[0] == prints[1] {
		return nil, rows, nil
	}
	for _, key := range keyColumns {
		if slices.Contains(one, key) {
			in.Keys = append(in.Keys, key)
		}
	}
	d = &TableDifference{Table: table.String()}
	if err := scan.One(ctx, w.db, "database/differing_rows", in, nil, &d.Gone, &d.Added, &d.Columns, &d.Known); err != nil {
		return nil, 0, err
	}
	if d.Gone != d.Added {
		d.Columns = ""
	}
	return d, rows, nil
}
