package extracttest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/nightaudit/nightaudit/transform"
)

// pageRows are what one page became.
type pageRows struct {
	tables            map[string][]Row
	order             []string // tables as they came
	findings, rejects []Issue
}

func (r *pageRows) equal(other *pageRows) bool {
	return maps.EqualFunc(r.tables, other.tables, func(a, b []Row) bool { return slices.EqualFunc(a, b, maps.Equal) }) &&
		slices.Equal(r.findings, other.findings) && slices.Equal(r.rejects, other.rejects)
}

// readRows empties batch into text.
func readRows(stream string, batch *transform.Batch) (*pageRows, error) {
	r := &pageRows{tables: map[string][]Row{}}
	rejected := map[string]bool{} // by _seq
	err := batch.Take(func(table string, rec arrow.RecordBatch) error {
		read, err := textRows(rec)
		if err != nil {
			return fmt.Errorf("table %s: %w", table, err)
		}
		switch table {
		case transform.TableRecords:
			for _, row := range read {
				if row["is_rejected"] == "true" {
					rejected[row[transform.ColSeq]] = true
				}
			}
		case transform.TableIssues:
			for _, row := range read {
				issue := Issue{
					Stream: stream, OrderID: row["order_id"], Field: row["field"], Reason: row["reason"], Raw: row["raw"],
					IsAmount: row["is_amount"] == "true",
				}
				if row["column_name"] != "" {
					issue.Column = row["table_name"] + "." + row["column_name"]
				}
				if row["line_no"] != "" {
					issue.Column += " #" + row["line_no"]
				}
				if row["is_reject"] == "true" {
					r.rejects = append(r.rejects, issue)
				} else {
					r.findings = append(r.findings, issue)
				}
			}
		default:
			r.tables[table] = read
			r.order = append(r.order, table)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for table, read := range r.tables {
		var kept []Row
		for _, row := range read {
			if rejected[row[transform.ColSeq]] {
				continue
			}
			for _, technical := range []string{"source", "account", transform.ColLandingRef, transform.ColPayload, transform.ColSeq} {
				delete(row, technical)
			}
			kept = append(kept, row)
		}
		r.tables[table] = kept
	}
	return r, nil
}

func textRows(rec arrow.RecordBatch) ([]Row, error) {
	read := make([]Row, rec.NumRows())
	for i := range read {
		read[i] = Row{}
		for c, column := range rec.Columns() {
			if column.IsNull(i) {
				continue
			}
			v, err := cellText(column, i)
			if err != nil {
				return nil, fmt.Errorf("column %s: %w", rec.ColumnName(c), err)
			}
			read[i][rec.ColumnName(c)] = v
		}
	}
	return read, nil
}

func cellText(column arrow.Array, i int) (string, error) {
	switch a := column.(type) {
	case *array.String:
		return string(append([]byte(nil), a.Value(i)...)), nil // the array is released after the visit
	case *array.Int64:
		return strconv.FormatInt(a.Value(i), 10), nil
	case *array.Boolean:
		return strconv.FormatBool(a.Value(i)), nil
	case *array.Decimal128:
		return a.Value(i).ToString(a.DataType().(*arrow.Decimal128Type).Scale), nil
	case *array.Timestamp:
		return time.UnixMicro(int64(a.Value(i))).UTC().Format(time.RFC3339Nano), nil
	case *array.Date32:
		return a.Value(i).ToTime().Format(time.DateOnly), nil
	}
	return "", fmt.Errorf("a column of type %s has no text form", column.DataType())
}
