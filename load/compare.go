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
	// Accounts are those of the rows that differ, as source/account; nil where the table
	// does not say of which account its rows are.
	Accounts []string
	Lacking  string // which of the databases has no such table, or other columns; "" for neither
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
	p, err := attachPair(ctx, one, other, o)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, p.db.Close()) }()
	for _, table := range tablesOf(p.one, p.other) {
		d, rows, err := p.compareTable(ctx, table)
		if err != nil {
			return c, fmt.Errorf("compare %s of %s with %s: %w", table, other, one, err)
		}
		c.Tables, c.Rows = c.Tables+1, c.Rows+rows
		if d != nil {
			c.Differences = append(c.Differences, *d)
		}
	}
	return c, nil
}

// pair is two database files that are attached to be read, as one and other.
type pair struct {
	db         *sql.DB
	one, other map[tableOf][]string // the columns of their tables that are compared
}

// attachPair opens two database files that nobody has open for writing.
func attachPair(ctx context.Context, one, other string, o Options) (_ *pair, err error) {
	connector, err := duckdb.NewConnector("", connected(ctx))
	if err != nil {
		return nil, fmt.Errorf("compare databases: %w", err)
	}
	p := &pair{db: sql.OpenDB(connector)}
	attach := func(name, path string) (columns map[tableOf][]string, err error) {
		if err = scan.Exec(ctx, p.db, "database/attach", struct{ Path, Name string }{path, name}); err == nil {
			columns, err = columnsOf(ctx, p.db, name)
		}
		if err != nil {
			return nil, fmt.Errorf("open %s to compare it: %w", path, err)
		}
		return columns, nil
	}
	limit, err := memoryLimit(ctx, p.db, o.MemoryLimit)
	if err == nil {
		err = limitTo(ctx, p.db, limit)
	}
	if err == nil {
		err = o.spill(ctx, p.db)
	}
	if err == nil {
		p.one, err = attach("one", one)
	}
	if err == nil {
		p.other, err = attach("other", other)
	}
	if err != nil {
		return nil, errors.Join(err, p.db.Close())
	}
	return p, nil
}

// columnsOf are the columns of an attached database that are compared, by table.
func columnsOf(ctx context.Context, db *sql.DB, database string) (map[tableOf][]string, error) {
	type column struct {
		tableOf
		column string
	}
	all, err := scan.All(ctx, db, "database/columns", nil, func(c *column) []any { return []any{&c.Schema, &c.Name, &c.column} }, database)
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
func (p *pair) compareTable(ctx context.Context, table tableOf) (d *TableDifference, rows int64, err error) {
	one, other := p.one[table], p.other[table]
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
		OfAccounts           bool
	}
	in := of{tableOf: table, One: "one", Other: "other", Columns: one, First: firstRows}
	type fingerprint struct {
		rows int64
		sum  string
	}
	var prints [2]fingerprint
	for i, database := range []string{"one", "other"} {
		in.Database = database
		if err := scan.One(ctx, p.db, "database/fingerprint", in, nil, &prints[i].rows, &prints[i].sum); err != nil {
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
	in.OfAccounts = slices.Contains(one, "source") && slices.Contains(one, "account")
	var accounts string
	if err := scan.One(ctx, p.db, "database/differing_rows", in, nil, &d.Gone, &d.Added, &d.Columns, &d.Known, &accounts); err != nil {
		return nil, 0, err
	}
	if d.Gone != d.Added {
		d.Columns = ""
	}
	d.Accounts = strings.Fields(accounts)
	return d, rows, nil
}
