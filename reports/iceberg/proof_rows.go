package iceberg

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/reports/lake"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// share is the rows of one partition: its values, the files that hold it, and what the
// published database has of it.
type share struct {
	values    []any
	files     []string
	published cell
}

// sliceRows is of about how many rows the difference is made at once.
const sliceRows = 10_000

// rows compares a table with the published database's, a partition at a time, up to the
// first row that is not the same. Digests that were made of both just now, by the same
// engine, say of most partitions that they are.
func (p *proving) rows(ctx context.Context, name string, h *holding) error {
	if p.published == nil {
		return nil
	}
	source, ok := p.published[name]
	if !ok {
		if len(h.files) > 0 {
			p.find(Finding{Kind: differs, Table: name, Text: "the published database has no such table"})
		}
		return nil
	}
	by := h.partitionedBy()
	list, err := cells(ctx, p.conn, source, by)
	if err != nil {
		return fmt.Errorf("read the published database: %w", err)
	}
	shares := h.shares(by)
	for _, c := range list {
		key := fmt.Sprint(c.values)
		if shares[key] == nil {
			shares[key] = &share{values: c.values}
		}
		shares[key].published = c
	}
	for _, key := range slices.Sorted(maps.Keys(shares)) {
		s := shares[key]
		if slices.ContainsFunc(s.files, func(f string) bool { return h.unread[f] }) {
			continue // which is said already
		}
		if len(s.files) == 1 && h.digest[s.files[0]] == s.published.digest {
			continue
		}
		found, err := p.difference(ctx, source, by, s)
		if err != nil {
			return fmt.Errorf("compare with the published database: %w", err)
		}
		if found != nil {
			p.find(*found)
			return nil
		}
	}
	return nil
}

// partitionedBy are the columns by which all the files are partitioned; none where they
// are not, or not alike.
func (h *holding) partitionedBy() (columns []string) {
	for i, f := range h.files {
		if i > 0 && f.SpecID() != h.files[0].SpecID() {
			return nil
		}
	}
	if len(h.files) == 0 {
		return nil
	}
	spec := h.table.Metadata().PartitionSpecByID(int(h.files[0].SpecID()))
	for _, field := range spec.Fields() {
		columns = append(columns, field.Name)
	}
	return columns
}

// shares are the files by partition.
func (h *holding) shares(by []string) map[string]*share {
	shares := map[string]*share{}
	for _, f := range h.files {
		values := make([]any, len(by))
		for i := range by {
			spec := h.table.Metadata().PartitionSpecByID(int(f.SpecID()))
			values[i] = f.Partition()[spec.Field(i).FieldID]
		}
		key := fmt.Sprint(values)
		if shares[key] == nil {
			shares[key] = &share{values: values}
		}
		shares[key].files = append(shares[key].files, f.FilePath())
	}
	return shares
}

// difference is the first row of a partition that the files and the published database do
// not both hold, as often; nil for none.
func (p *proving) difference(ctx context.Context, s *lake.Source, by []string, of *share) (*Finding, error) {
	if err := p.choose(ctx, of.files...); err != nil {
		return nil, err
	}
	names := make([]string, 0, len(s.Columns())+1)
	for _, c := range s.Columns() {
		names = append(names, sqlfiles.Identifier(c.Name))
	}
	if s.ByMonth() {
		names = append(names, "business_month")
	}
	data := differenceData{Table: s, Names: strings.Join(names, ", "), Files: len(of.files) > 0, Keys: s.Keys(), Slices: 1}
	if len(data.Keys) > 0 {
		data.Slices = 1 + of.published.rows/sliceRows
	}
	for i := range of.values {
		data.Cell = append(data.Cell, cellColumn{by[i], i + 1})
	}
	for ; data.Slice < data.Slices; data.Slice++ {
		if found, err := p.differenceIn(ctx, &data, of.values); found != nil || err != nil {
			return found, err
		}
	}
	return nil, nil
}

// differenceData are the names of lake_difference.sql.
type differenceData struct {
	Table         *lake.Source
	Names         string
	Files         bool
	Cell          []cellColumn
	Keys          []string
	Slice, Slices int64
}

func (p *proving) differenceIn(ctx context.Context, data *differenceData, values []any) (*Finding, error) {
	statement, err := sqlfiles.Statement("queries/lake_difference", data)
	if err != nil {
		return nil, err
	}
	rows, err := p.conn.QueryContext(ctx, statement, values...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var apart []map[string]sql.NullString
	for rows.Next() {
		row, err := readRow(rows)
		if err != nil {
			return nil, err
		}
		apart = append(apart, row)
	}
	if err := rows.Err(); err != nil || len(apart) == 0 {
		return nil, err
	}
	return tell(data.Table, apart), nil
}

func readRow(rows *sql.Rows) (map[string]sql.NullString, error) {
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values := make([]sql.NullString, len(names))
	var into []any
	for i := range values {
		into = append(into, &values[i])
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	row := map[string]sql.NullString{}
	for i, name := range names {
		row[name] = values[i]
	}
	return row, nil
}

// standsIn is the column of lake_difference.sql that says where a row stands: lake or
// database.
const standsIn = "stands_in"

// tell says what is not the same, with amounts and without any other value: those may be
// personal.
func tell(s *lake.Source, apart []map[string]sql.NullString) *Finding {
	first := apart[0]
	f := &Finding{Kind: differs, Table: s.Name(), Key: keyText(s, first), Text: "this row stands in the " + first[standsIn].String + " alone"}
	if len(apart) < 2 || first[standsIn] == apart[1][standsIn] || keyText(s, apart[1]) != f.Key {
		return f
	}
	var columns []string
	for _, c := range s.Columns() {
		published, held := first[c.Name], apart[1][c.Name] // database stands before lake
		switch {
		case held == published:
		case isMoney(c.Type):
			columns = append(columns, fmt.Sprintf("%s is %s in the lake and %s in the published database", c.Name, orNull(held), orNull(published)))
		default:
			columns = append(columns, c.Name+" is another")
		}
	}
	f.Text = strings.Join(columns, ", ")
	return f
}

func orNull(v sql.NullString) string {
	if !v.Valid {
		return "null"
	}
	return v.String
}

func keyText(s *lake.Source, row map[string]sql.NullString) string {
	var parts []string
	for _, key := range s.Keys() {
		if row[key].Valid {
			parts = append(parts, key+"="+row[key].String)
		}
	}
	return strings.Join(parts, " ")
}
