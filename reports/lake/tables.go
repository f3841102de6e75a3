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

// nowhere is the partition of what has no source or no month: the name that
// Hive gave it, which DuckDB, pandas, Spark and Trino read as null.
const nowhere = "__HIVE_DEFAULT_PARTITION__"

// source is a table of the database, as it goes into the lake.
type source struct {
	schema, name string
	datedBy      string // own, order, source, none: see lake_tables.sql
	columns      []Column
}

// The methods without lower case are those that the templates call.

// Name is the table in SQL.
func (s *source) Name() string { return s.schema + "." + s.name }

// BySource says whether the table is cut by source.
func (s *source) BySource() bool { return s.datedBy != "none" }

// ByMonth says whether the table is cut by business month.
func (s *source) ByMonth() bool { return s.datedBy == "own" || s.datedBy == "order" }

// ByOrder says whether the month is that of the order that a row names.
func (s *source) ByOrder() bool { return s.datedBy == "order" }

// Date is the column that a row's month is that of.
func (s *source) Date() string {
	if s.ByOrder() {
		return "o.business_date"
	}
	return "t.business_date"
}

func (s *source) folder() string {
	if s.schema == "main" {
		return s.name
	}
	return s.schema + "/" + s.name
}

func (s *source) partitionBy() []string {
	switch {
	case s.ByMonth():
		return []string{"source", "business_month"}
	case s.BySource():
		return []string{"source"}
	}
	return []string{}
}

// written are the columns of the files.
func (s *source) written() []Column {
	var columns []Column
	for _, c := range s.columns {
		if c.Name == "source" && s.BySource() {
			continue
		}
		if c.Type == "JSON" {
			c.Type = "VARCHAR"
		}
		columns = append(columns, c)
	}
	return columns
}

// keys are the columns by which rows of one source are told apart, as far as
// tables have them; where a table has none of them its rows are ordered by all
// their columns.
var keys = []string{
	"account", "order_id", "version_no", "line_no", "stay_id", "delivery_id", "event_id", "tip_no", "guest_no", "remind_id",
	"break_id", "run_id",
}

func (s *source) order() string {
	if !s.ByMonth() {
		return "ALL"
	}
	var order []string
	for _, key := range keys {
		if slices.ContainsFunc(s.columns, func(c Column) bool { return c.Name == key }) {
			order = append(order, "t."+key)
		}
	}
	return strings.Join(order, ", ")
}

// part is a partition as the database has it.
type part struct {
	source, month, firstDay sql.NullString
	rows                    int64
	content                 string
}

// file is where the partition lies in the lake.
func (p *part) file(s *source) string {
	name := s.folder()
	if s.BySource() {
		name = path.Join(name, "source="+valueOf(p.source))
	}
	if s.ByMonth() {
		name = path.Join(name, "business_month="+valueOf(p.month))
	}
	return path.Join(name, "part-0.parquet")
}

func valueOf(v sql.NullString) string {
	if !v.Valid {
		return nowhere
	}
	return url.PathEscape(v.String)
}

// sources lists the tables of the database.
func sources(ctx context.Context, conn *sql.Conn) ([]source, error) {
	statement, err := sqlfiles.Query("lake_tables")
	if err != nil {
		return nil, err
	}
	list, err := scan(ctx, conn, statement, func(rows *sql.Rows) (s source, err error) {
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

// parts lists the partitions of a table. One without rows has a single, empty
// one, so that its columns can be read.
func (s *source) parts(ctx context.Context, conn *sql.Conn) ([]part, error) {
	statement, err := sqlfiles.Statement("queries/lake_partitions", s)
	if err != nil {
		return nil, err
	}
	parts, err := scan(ctx, conn, statement, func(rows *sql.Rows) (p part, err error) {
		err = rows.Scan(&p.source, &p.month, &p.firstDay, &p.rows, &p.content)
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("list the partitions of %s: %w", s.Name(), err)
	}
	if len(parts) == 0 {
		parts = []part{{content: "0"}}
	}
	return parts, nil
}

// write writes one partition to a file.
func (s *source) write(ctx context.Context, conn *sql.Conn, p *part, file string) error {
	var columns []string
	for _, c := range s.columns {
		switch {
		case c.Name == "source" && s.BySource():
		case c.Type == "JSON":
			columns = append(columns, "t."+c.Name+"::VARCHAR AS "+c.Name)
		default:
			columns = append(columns, "t."+c.Name)
		}
	}
	data := struct {
		Table                               *source
		Columns, Source, First, Order, File string
	}{s, strings.Join(columns, ", "), literalOf(p.source), "", s.order(), sqlfiles.Literal(file)}
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
