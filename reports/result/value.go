package result

import (
	"database/sql"
	"encoding/hex"
	"fmt"
	"iter"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// kind is what a column holds, as far as writing it is concerned.
type kind int

const (
	KindText    kind = iota
	KindInteger      // of at most 64 bits, signed
	KindWide         // a wider one
	KindDecimal      // exact, with Scale digits after the point
	KindFloat        // DOUBLE and FLOAT: never money
	KindFlag
	KindDate
	KindInstant   // TIMESTAMPTZ
	KindLocal     // TIMESTAMP without a zone
	KindLocalNano // the same in nanoseconds
	kindTime      // TIME of a day
	kindTimeZoned // the same with its distance from UTC
	KindBytes
	kindUUID
	KindJSON // a JSON document, delivered as its text
	KindList // LIST and ARRAY
	KindStruct
	KindMap
	kindUnion
)

// Column is one column of a result.
type Column struct {
	Name string
	Type
}

// ColumnOf is a column of a type, as DuckDB writes it.
func ColumnOf(name, typ string) Column { return Column{Name: name, Type: typeOf(typ)} }

// ColumnsOf describes the columns of a result as the driver gives them.
func ColumnsOf(rows *sql.Rows) ([]Column, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, fmt.Errorf("read the result's columns: %w", err)
	}
	columns := make([]Column, len(types))
	for i, t := range types {
		columns[i] = ColumnOf(t.Name(), t.DatabaseTypeName())
	}
	return columns, nil
}

// The text forms of the contract: instants RFC 3339 in UTC, dates yyyy-MM-dd.
// DuckDB keeps microseconds; zeros at their end are left out.
const (
	instantForm = "2006-01-02T15:04:05.999999Z07:00"
	localForm   = "2006-01-02T15:04:05.999999999"
	timeForm    = "15:04:05.999999"
	zonedForm   = "15:04:05.999999Z07:00"
)

// Plain is a value of the type in its text form; ok is false for null.
func (t *Type) Plain(v any) (text string, ok bool) {
	if v != nil && t.Nested() {
		return string(t.AppendJSON(nil, v)), true
	}
	switch v := v.(type) {
	case nil:
		return "", false
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case duckdb.Decimal:
		return DecimalText(v), true
	case *big.Int:
		return v.String(), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32), true
	case time.Time:
		return t.moment(v), true
	case []byte:
		if t.Kind == kindUUID && len(v) == 16 {
			return uuidText(v), true
		}
		return hex.EncodeToString(v), true
	case duckdb.Bit:
		return v.String(), true
	case duckdb.Interval:
		return intervalText(v), true
	}
	return fmt.Sprint(v), true
}

// moment writes what the driver gives as a time. The ends of time that DuckDB
// calls infinity arrive as the outermost of its own range.
func (t *Type) moment(v time.Time) string {
	const beyond = 290_000 // DuckDB's instants end in the year 294247
	switch {
	case t.Kind == kindTime:
		return v.Format(timeForm)
	case t.Kind == kindTimeZoned:
		return v.Format(zonedForm)
	case v.Year() > beyond:
		return "infinity"
	case v.Year() < -beyond:
		return "-infinity"
	case t.Kind == KindDate:
		return v.Format(time.DateOnly)
	case t.Kind == KindLocal, t.Kind == KindLocalNano:
		return v.Format(localForm)
	}
	if t.zone != nil {
		return v.In(t.zone).Format(instantForm)
	}
	return v.UTC().Format(instantForm)
}

// intervalText writes an interval as DuckDB does, and reads it:
// 1 year 2 months 3 days 04:05:06.789.
func intervalText(v duckdb.Interval) string {
	var parts []string
	count := func(n int32, unit string) {
		switch {
		case n == 1 || n == -1:
			parts = append(parts, fmt.Sprintf("%d %s", n, unit))
		case n != 0:
			parts = append(parts, fmt.Sprintf("%d %ss", n, unit))
		}
	}
	count(v.Months/12, "year")
	count(v.Months%12, "month")
	count(v.Days, "day")
	if v.Micros != 0 || len(parts) == 0 {
		sign, micros := "", uint64(v.Micros)
		if v.Micros < 0 {
			sign, micros = "-", -micros
		}
		clock := fmt.Sprintf("%s%02d:%02d:%02d", sign, micros/3_600_000_000, micros/60_000_000%60, micros/1_000_000%60)
		if rest := micros % 1_000_000; rest != 0 {
			clock += strings.TrimRight(fmt.Sprintf(".%06d", rest), "0")
		}
		parts = append(parts, clock)
	}
	return strings.Join(parts, " ")
}

func uuidText(b []byte) string {
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// DecimalText writes a decimal with all the digits of its scale: 10.0000.
// The driver's own String leaves zeros out.
func DecimalText(d duckdb.Decimal) string {
	digits := d.Value.String()
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	scale := int(d.Scale)
	if scale == 0 {
		return sign + digits
	}
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	return sign + digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
}

// Cursor gives the rows of a result one after the other: *sql.Rows does, and so does
// what reads those of another engine. It scans into places of type *any, with values of
// the types that DuckDB's driver gives.
type Cursor interface {
	Next() bool
	Scan(into ...any) error
	Err() error
	Close() error
}

// Rows reads a result row by row. The slice that next returns is valid until
// the following call.
type Rows struct {
	rows    Cursor
	more    func() (Cursor, error) // the page after rows; nil where there is one only
	Columns []Column
	values  []any
	into    []any
}

// Of reads rows as the driver gives them; see Query.
func Of(rows *sql.Rows) (*Rows, error) {
	columns, err := ColumnsOf(rows)
	if err != nil {
		return nil, err
	}
	return From(columns, rows), nil
}

// From reads the rows of a cursor.
func From(columns []Column, rows Cursor) *Rows {
	r := &Rows{rows: rows, Columns: columns, values: make([]any, len(columns)), into: make([]any, len(columns))}
	for i := range r.values {
		r.into[i] = &r.values[i]
	}
	return r
}

// In has instants written in a zone, with their distance from UTC, and not in UTC.
func (r *Rows) In(zone *time.Location) {
	for i := range r.Columns {
		r.Columns[i].in(zone)
	}
}

// Close ends the reading.
func (r *Rows) Close() error { return r.rows.Close() }

// All gives the rows one after the other, and an error in place of a row that
// cannot be read.
func (r *Rows) All() iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for {
			values, err := r.Next()
			if err == nil && values == nil || !yield(values, err) || err != nil {
				return
			}
		}
	}
}

// Next is the following row, or nil after the last.
func (r *Rows) Next() ([]any, error) {
	for fresh := false; !r.rows.Next(); fresh = true {
		if err := r.rows.Err(); err != nil || r.more == nil || fresh {
			return nil, err // a page without rows is behind the last
		}
		if err := r.turn(); err != nil {
			return nil, err
		}
	}
	return r.values, r.rows.Scan(r.into...)
}

// turn goes on to the next page.
func (r *Rows) turn() error {
	if err := r.rows.Close(); err != nil {
		return err
	}
	rows, err := r.more()
	if err == nil {
		r.rows = rows
	}
	return err
}

// Index is the position of a column; -1 where there is none.
func (r *Rows) Index(name string) int {
	return Index(r.Columns, name)
}

// Int64 is a whole number of whichever width.
func Int64(v any) (int64, error) {
	switch v := v.(type) {
	case int64:
		return v, nil
	case int32:
		return int64(v), nil
	case int16:
		return int64(v), nil
	case int8:
		return int64(v), nil
	case uint8:
		return int64(v), nil
	case uint16:
		return int64(v), nil
	case uint32:
		return int64(v), nil
	}
	return 0, fmt.Errorf("%v is no whole number of 64 bits", v)
}

// Row reads a row by the names of its columns.
type Row struct {
	columns []Column
	values  []any
}

// RowOf names the values of a row.
func RowOf(columns []Column, values []any) *Row { return &Row{columns, values} }

// At is a value, nil where there is no such column.
func (r *Row) At(name string) any {
	if i := Index(r.columns, name); i >= 0 {
		return r.values[i]
	}
	return nil
}

// Str is a value as text, empty for null.
func (r *Row) Str(name string) string {
	i := Index(r.columns, name)
	if i < 0 {
		return ""
	}
	text, _ := r.columns[i].Plain(r.values[i])
	return text
}

// Index is the position of a column; -1 where there is none.
func Index(columns []Column, name string) int {
	return slices.IndexFunc(columns, func(c Column) bool { return c.Name == name })
}

// Amount is a value as something to add up.
func Amount(v any) duckdb.Decimal {
	if d, ok := v.(duckdb.Decimal); ok {
		return d
	}
	if n, err := Int64(v); v != nil && err == nil {
		return Whole(n)
	}
	return duckdb.Decimal{}
}
