package reports

import (
	"encoding/json"
	"io"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/go-faster/jx"
)

// writeJSON writes one object a row, between before and after, with a
// separator between rows. No rows and JSON lines: nothing at all.
func writeJSON(w io.Writer, r *result, before, separator, after string) error {
	keys := jsonKeys(r.columns)
	buf := []byte(before)
	for n := 0; ; n++ {
		values, err := r.next()
		if err != nil {
			return err
		}
		if values == nil {
			if n > 0 || before != "" {
				buf = append(buf, after...)
			}
			_, err := w.Write(buf)
			return err
		}
		if n > 0 {
			buf = append(buf, separator...)
		}
		for i, v := range values {
			buf = append(buf, keys[i]...)
			buf = r.columns[i].appendJSON(buf, v)
		}
		buf = append(buf, '}')
		if _, err := w.Write(buf); err != nil {
			return err
		}
		buf = buf[:0]
	}
}

// jsonKeys is what stands before each value of a row. A name that comes twice
// gets a number, for a key that comes twice is lost on most readers.
func jsonKeys(columns []column) []string {
	keys := make([]string, len(columns))
	seen := map[string]int{}
	for i := range columns {
		name := columns[i].Name
		seen[name]++
		if n := seen[name]; n > 1 {
			name += "_" + strconv.Itoa(n)
		}
		open := ","
		if i == 0 {
			open = "{"
		}
		keys[i] = open + string(appendString(nil, name)) + ":"
	}
	return keys
}

// appendJSON writes a column's value: numbers as numbers with all their
// digits, everything else in its text form.
func (c *column) appendJSON(buf []byte, v any) []byte {
	switch c.Kind {
	case kindInteger, kindWide, kindDecimal, kindFlag:
		if text, ok := c.plain(v); ok {
			return append(buf, text...)
		}
		return append(buf, "null"...)
	case kindFloat, kindNested:
		return appendJSON(buf, v)
	}
	text, ok := c.plain(v)
	if !ok {
		return append(buf, "null"...)
	}
	return appendString(buf, text)
}

// appendJSON writes a value whose column says nothing about it: one inside of
// a list, a structure or a JSON document.
func appendJSON(buf []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(buf, "null"...)
	case string:
		return appendString(buf, v)
	case duckdb.Decimal:
		return append(buf, decimalText(v)...)
	case *big.Int:
		return append(buf, v.String()...)
	case float32:
		return appendFloat(buf, float64(v), 32)
	case float64:
		return appendFloat(buf, v, 64)
	case time.Time:
		return appendString(buf, v.UTC().Format(instantForm))
	case []any:
		buf = append(buf, '[')
		for i, e := range v {
			if i > 0 {
				buf = append(buf, ',')
			}
			buf = appendJSON(buf, e)
		}
		return append(buf, ']')
	case map[string]any:
		buf = append(buf, '{')
		for i, key := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				buf = append(buf, ',')
			}
			buf = append(appendString(buf, key), ':')
			buf = appendJSON(buf, v[key])
		}
		return append(buf, '}')
	case duckdb.OrderedMap:
		buf = append(buf, '{')
		values := v.Values()
		for i, key := range v.Keys() {
			if i > 0 {
				buf = append(buf, ',')
			}
			text, _ := (&column{}).plain(key)
			buf = append(appendString(buf, text), ':')
			buf = appendJSON(buf, values[i])
		}
		return append(buf, '}')
	}
	if data, err := json.Marshal(v); err == nil {
		return append(buf, data...)
	}
	text, _ := (&column{}).plain(v)
	return appendString(buf, text)
}

// appendFloat writes the shortest text that is this number again. JSON has no
// word for what is none.
func appendFloat(buf []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(buf, "null"...)
	}
	return strconv.AppendFloat(buf, f, 'g', -1, bits)
}

func appendString(buf []byte, s string) []byte {
	var w jx.Writer
	w.Buf = buf
	w.Str(s)
	return w.Buf
}
