package reports

import (
	"database/sql"
	"encoding/hex"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// kind is what a column holds, as far as writing it is concerned.
type kind int

const (
	kindText    kind = iota
	kindInteger      // of at most 64 bits, signed
	kindWide         // a wider one
	kindDecimal      // exact, with Scale digits after the point
	kindFloat        // DOUBLE and FLOAT: never money
	kindFlag
	kindDate
	kindInstant // TIMESTAMPTZ
	kindLocal   // TIMESTAMP without a zone
	kindTime    // TIME of a day
	kindBytes
	kindUUID
	kindNested // JSON, LIST, STRUCT, MAP …
)

// column is one column of a result.
type column struct {
	Name         string
	Kind         kind
	Width, Scale int // of a decimal
}

// columnsOf describes the columns of a result.
func columnsOf(rows *sql.Rows) ([]column, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, fmt.Errorf("read the result's columns: %w", err)
	}
	columns := make([]column, len(types))
	for i, t := range types {
		columns[i] = columnOf(t.Name(), t.DatabaseTypeName())
	}
	return columns, nil
}

func columnOf(name, typ string) column {
	c := column{Name: name}
	switch typ {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER":
		c.Kind = kindInteger
	case "HUGEINT", "UBIGINT", "UHUGEINT", "BIGNUM":
		c.Kind = kindWide
	case "FLOAT", "DOUBLE":
		c.Kind = kindFloat
	case "BOOLEAN":
		c.Kind = kindFlag
	case "DATE":
		c.Kind = kindDate
	case "TIMESTAMPTZ":
		c.Kind = kindInstant
	case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS":
		c.Kind = kindLocal
	case "TIME", "TIMETZ":
		c.Kind = kindTime
	case "BLOB":
		c.Kind = kindBytes
	case "UUID":
		c.Kind = kindUUID
	case "JSON":
		c.Kind = kindNested
	default:
		switch {
		case strings.HasSuffix(typ, "]"), strings.HasPrefix(typ, "STRUCT("), strings.HasPrefix(typ, "MAP("), strings.HasPrefix(typ, "UNION("):
			c.Kind = kindNested
		default:
			if n, _ := fmt.Sscanf(typ, "DECIMAL(%d,%d)", &c.Width, &c.Scale); n == 2 {
				c.Kind = kindDecimal
			}
		}
	}
	return c
}

// The text forms of the contract: instants RFC 3339 in UTC, dates yyyy-MM-dd.
// DuckDB keeps microseconds; zeros at their end are left out.
const (
	instantForm = "2006-01-02T15:04:05.999999Z07:00"
	localForm   = "2006-01-02T15:04:05.999999999"
	timeForm    = "15:04:05.999999"
)

// plain is a value of the column in its text form; ok is false for null.
func (c *column) plain(v any) (text string, ok bool) {
	switch v := v.(type) {
	case nil:
		return "", false
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case duckdb.Decimal:
		return decimalText(v), true
	case *big.Int:
		return v.String(), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32), true
	case time.Time:
		switch c.Kind {
		case kindDate:
			return v.Format(time.DateOnly), true
		case kindLocal:
			return v.Format(localForm), true
		case kindTime:
			return v.Format(timeForm), true
		}
		return v.UTC().Format(instantForm), true
	case []byte:
		if c.Kind == kindUUID && len(v) == 16 {
			return uuidText(v), true
		}
		return hex.EncodeToString(v), true
	case duckdb.Interval:
		return fmt.Sprintf("%d months %d days %d µs", v.Months, v.Days, v.Micros), true
	}
	if c.Kind == kindNested {
		return string(appendJSON(nil, v)), true
	}
	return fmt.Sprint(v), true
}

func uuidText(b []byte) string {
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// decimalText writes a decimal with all the digits of its scale: 10.0000.
// The driver's own String leaves zeros out.
func decimalText(d duckdb.Decimal) string {
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

// result reads a result row by row. The slice that next returns is valid until
// the following call.
type result struct {
	rows    *sql.Rows
	columns []column
	values  []any
	into    []any
}

func newResult(rows *sql.Rows) (*result, error) {
	columns, err := columnsOf(rows)
	if err != nil {
		return nil, err
	}
	r := &result{rows: rows, columns: columns, values: make([]any, len(columns)), into: make([]any, len(columns))}
	for i := range r.values {
		r.into[i] = &r.values[i]
	}
	return r, nil
}

// next is the following row, or nil after the last.
func (r *result) next() ([]any, error) {
	if !r.rows.Next() {
		return nil, r.rows.Err()
	}
	return r.values, r.rows.Scan(r.into...)
}

// number says whether the column's values are numbers.
func (c *column) number() bool {
	return c.Kind == kindInteger || c.Kind == kindWide || c.Kind == kindDecimal || c.Kind == kindFloat
}

// index is the position of a column; -1 where there is none.
func (r *result) index(name string) int {
	for i := range r.columns {
		if r.columns[i].Name == name {
			return i
		}
	}
	return -1
}
