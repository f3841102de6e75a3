package lake

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// nowhere stands for no month, source or account in names of files: the word that
// Hive gave it, which DuckDB, pandas, Spark and Trino read as null.
const nowhere = "__HIVE_DEFAULT_PARTITION__"

// Source is a table of the database, as it goes into the lake.
type Source struct {
	schema, name string
	datedBy      string // own, order, none: see lake_tables.sql
	columns      []Column
}

// Month is a row's month, in SQL.
func (s *Source) Month() string { return "strftime(" + s.Date() + ", '%Y-%m')" }

// Schema is main, audit or recon.
func (s *Source) Schema() string { return s.schema }

// Table is the name in its schema.
func (s *Source) Table() string { return s.name }

// Name is the table in SQL.
func (s *Source) Name() string { return s.schema + "." + s.name }

// Has says whether the table has a column.
func (s *Source) Has(column string) bool {
	return slices.ContainsFunc(s.columns, func(c Column) bool { return c.Name == column })
}

// ByMonth says whether the table is cut by business month.
func (s *Source) ByMonth() bool { return s.datedBy != "none" }

// ByOrder says whether the month is that of the order that a row names.
func (s *Source) ByOrder() bool { return s.datedBy == "order" }

// Date is the column that a row's month is that of.
func (s *Source) Date() string {
	if s.ByOrder() {
		return "o.business_date"
	}
	return "t.business_date"
}

// Selected are the columns of the files, in SQL.
func (s *Source) Selected() string {
	var columns []string
	for _, c := range s.columns {
		if c.asText() {
			columns = append(columns, "t."+c.Name+"::VARCHAR AS "+c.Name)
		} else {
			columns = append(columns, "t."+c.Name)
		}
	}
	return strings.Join(columns, ", ")
}

func (s *Source) folder() string {
	if s.schema == "main" {
		return s.name
	}
	return s.schema + "/" + s.name
}

func (s *Source) partitionBy() []string {
	if s.ByMonth() {
		return []string{"business_month"}
	}
	return []string{}
}

// asText says that the files hold text in place of the column's type, of which other
// readers know nothing: Spark 4.0 has no times of day.
func (c Column) asText() bool { return c.Type == "JSON" || c.Type == "TIME" }

// Columns are those of the files.
func (s *Source) Columns() []Column {
	var columns []Column
	for _, c := range s.columns {
		if c.asText() {
			c.Type = "VARCHAR"
		}
		columns = append(columns, c)
	}
	return columns
}

// keys are the columns by which rows are told apart and ordered, as far as tables
// have them; what has no month is ordered by all its columns.
var keys = []string{
	"source", "account", "order_id", "version_no", "line_no", "stay_id", "delivery_id", "event_id", "tip_no", "guest_no", "remind_id",
	"break_id", "run_id",
}

// Order is what the rows of a file are ordered by, in SQL.
func (s *Source) Order() string {
	if !s.ByMonth() {
		return "ALL"
	}
	return "t." + strings.Join(s.Keys(), ", t.")
}

// Keys are the columns by which its rows are told apart; no person is named there.
func (s *Source) Keys() (names []string) {
	for _, key := range keys {
		if s.Has(key) {
			names = append(names, key)
		}
	}
	return names
}

// part is what can be a file of its own: the rows of one account in one month.
type part struct {
	month, source, account, firstDay sql.NullString
	rows                             int64
	content                          string
	monthContent                     string
}

// gathered is a whole month as one part.
func gathered(month []part) part {
	whole := part{month: month[0].month, firstDay: month[0].firstDay, content: month[0].monthContent}
	for i := range month {
		whole.rows += month[i].rows
	}
	return whole
}

// file is where a part lies in the lake: apart from those of other accounts, or
// gathered with them.
func (p *part) file(s *Source, apart bool) string {
	name := "part-0.parquet"
	if apart {
		name = "part-" + valueOf(p.source) + "-" + valueOf(p.account) + ".parquet"
	}
	if s.ByMonth() {
		name = path.Join("business_month="+valueOf(p.month), name)
	}
	return path.Join(s.folder(), name)
}

func valueOf(v sql.NullString) string {
	if !v.Valid {
		return nowhere
	}
	return url.PathEscape(v.String)
}

// Sources lists the tables of the database, and by which date each is cut into
// months.
func Sources(ctx context.Context, conn *sql.Conn) ([]Source, error) {
	statement, err := sqlfiles.Query("lake_tables")
	if err != nil {
		return nil, err
	}
	list, err := scan(ctx, conn, statement, func(rows *sql.Rows) (s Source, err error) {
		var names, types []any
		err = rows.Scan(&s.schema, &s.name, &names, &types, &s.datedBy)
		for i := range names {
			s.columns = append(s.columns, Column{Name: fmt.Sprint(names[i]), Type: fmt.Sprint(types[i])})
		}
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	return list, nil
}

// scan reads every row of a query.
func scan[T any](ctx context.Context, conn *sql.Conn, statement string, read func(*sql.Rows) (T, error)) ([]T, error) {
	rows, err := conn.QueryContext(ctx, statement)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		item, err := read(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, rows.Err()
}

// months lists the parts of a table, month by month. One without rows has a
// single, empty one, so that its columns can be read.
func (s *Source) months(ctx context.Context, conn *sql.Conn) ([][]part, error) {
	statement, err := sqlfiles.Statement("queries/lake_partitions", s)
	if err != nil {
		return nil, err
	}
	parts, err := scan(ctx, conn, statement, func(rows *sql.Rows) (p part, err error) {
		err = rows.Scan(&p.month, &p.source, &p.account, &p.firstDay, &p.rows, &p.content, &p.monthContent)
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("list the partitions of %s: %w", s.Name(), err)
	}
	if len(parts) == 0 {
		parts = []part{{content: "0", monthContent: "0"}}
	}
	var months [][]part
	for _, p := range parts {
		if last := len(months) - 1; last >= 0 && months[last][0].month == p.month {
			months[last] = append(months[last], p)
		} else {
			months = append(months, []part{p})
		}
	}
	return months, nil
}

// write writes a part to a file, apart from other accounts' rows or with them.
func (s *Source) write(ctx context.Context, conn *sql.Conn, p *part, apart bool, file string) error {
	data := struct {
		Table                        *Source
		Apart                        bool
		Source, Account, First, File string
	}{s, apart, literalOf(p.source), literalOf(p.account), "", sqlfiles.Literal(file)}
	if p.firstDay.Valid {
		data.First = sqlfiles.Literal(p.firstDay.String)
	}
	statement, err := sqlfiles.Statement("queries/lake_write", data)
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, statement); err != nil {
		return err
	}
	var rows sql.NullInt64
	if err := conn.QueryRowContext(ctx, "SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata(?)", file).Scan(&rows); err != nil {
		return fmt.Errorf("read it back: %w", err)
	}
	if rows.Int64 != p.rows {
		return fmt.Errorf("it holds %d rows in place of %d", rows.Int64, p.rows)
	}
	return nil
}

func literalOf(v sql.NullString) string {
	if !v.Valid {
		return "NULL"
	}
	return sqlfiles.Literal(v.String)
}
