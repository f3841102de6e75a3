package result

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/go-faster/jx"
)

// AppendJSON writes a value: numbers as numbers with all their digits, JSON as
// the document it is, what has parts as an array or object, and everything
// else in its text form.
func (t *Type) AppendJSON(buf []byte, v any) []byte {
	if v == nil {
		return append(buf, "null"...)
	}
	switch t.Kind {
	case KindInteger, KindWide, KindDecimal, KindFlag:
		text, _ := t.Plain(v)
		return append(buf, text...)
	case KindFloat:
		if f, single := v.(float32); single {
			return appendFloat(buf, float64(f), 32)
		}
		if f, double := v.(float64); double {
			return appendFloat(buf, f, 64)
		}
	case KindJSON:
		if text, ok := v.(string); ok {
			return appendDocument(buf, text)
		}
	case KindList:
		if values, ok := v.([]any); ok {
			return appendSequence(buf, "[]", values, func(buf []byte, _ int, e any) []byte { return t.Element.AppendJSON(buf, e) })
		}
	case KindStruct:
		if members, ok := v.(map[string]any); ok {
			return t.appendStruct(buf, members)
		}
	case KindMap:
		if m, ok := v.(duckdb.OrderedMap); ok {
			keys := m.Keys()
			return appendSequence(buf, "{}", m.Values(), func(buf []byte, i int, e any) []byte {
				key, _ := t.Key.Plain(keys[i])
				return t.Element.AppendJSON(append(AppendString(buf, key), ':'), e)
			})
		}
	case kindUnion:
		if u, ok := v.(duckdb.Union); ok {
			return t.appendUnion(buf, u)
		}
	}
	if t.Nested() {
		return appendUnknown(buf, v)
	}
	text, _ := t.Plain(v)
	return AppendString(buf, text)
}

// appendStruct writes the members in the order of the type; a tuple, whose
// members have no names, is an array.
func (t *Type) appendStruct(buf []byte, members map[string]any) []byte {
	values := make([]any, len(t.Fields))
	tuple := false
	for i := range t.Fields {
		values[i] = members[t.FieldName(i)]
		tuple = tuple || t.Fields[i].name == ""
	}
	brackets := "{}"
	if tuple {
		brackets = "[]"
	}
	return appendSequence(buf, brackets, values, func(buf []byte, i int, e any) []byte {
		if !tuple {
			buf = append(AppendString(buf, t.Fields[i].name), ':')
		}
		return t.Fields[i].AppendJSON(buf, e)
	})
}

// appendUnion writes an object with the one member that is set.
func (t *Type) appendUnion(buf []byte, u duckdb.Union) []byte {
	for i := range t.Fields {
		if t.Fields[i].name == u.Tag {
			buf = append(AppendString(append(buf, '{'), u.Tag), ':')
			return append(t.Fields[i].AppendJSON(buf, u.Value), '}')
		}
	}
	return appendUnknown(buf, u)
}

func appendSequence(buf []byte, brackets string, values []any, item func(buf []byte, i int, v any) []byte) []byte {
	buf = append(buf, brackets[0])
	for i, v := range values {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = item(buf, i, v)
	}
	return append(buf, brackets[1])
}

// appendDocument writes a JSON document on one line, its numbers as they are.
// DuckDB takes some texts for JSON that are none, NaN among them: those
// become strings.
func appendDocument(buf []byte, text string) []byte {
	var line bytes.Buffer
	if err := json.Compact(&line, []byte(text)); err != nil {
		return AppendString(buf, text)
	}
	return append(buf, line.Bytes()...)
}

// appendUnknown writes a value that is not of its column's type: the driver
// gave something of its own.
func appendUnknown(buf []byte, v any) []byte {
	if text, ok := v.(string); ok {
		return appendDocument(buf, text) // a MAP delivered as JSON
	}
	return AppendString(buf, fmt.Sprint(v))
}

// appendFloat writes the shortest text that is this number again. JSON has no
// word for what is none.
func appendFloat(buf []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(buf, "null"...)
	}
	return strconv.AppendFloat(buf, f, 'g', -1, bits)
}

// AppendString writes a text as JSON.
func AppendString(buf []byte, s string) []byte {
	var w jx.Writer
	w.Buf = buf
	w.Str(s)
	return w.Buf
}
