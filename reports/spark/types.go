package spark

import (
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/duckdb/duckdb-go/v2"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// reader reads the values of a column as DuckDB's driver would give them; row is not null.
type reader func(values arrow.Array, row int) (any, error)

// read is reader for a row that may be null.
func (r reader) read(values arrow.Array, row int) (any, error) {
	if values.IsNull(row) {
		return nil, nil
	}
	return r(values, row)
}

// of is a reader of one kind of Arrow array.
func of[A arrow.Array, V any](value func(A, int) V) reader {
	return func(values arrow.Array, row int) (any, error) {
		a, ok := values.(A)
		if !ok {
			return nil, fmt.Errorf("a batch holds %s where the first one held another type", values.DataType())
		}
		return value(a, row), nil
	}
}

// simple are the types without parts, by their names in Arrow, each with its name in
// DuckDB, by which result knows them.
var simple = map[arrow.Type]struct {
	name string
	read reader
}{
	arrow.NULL:         {"VARCHAR", of(func(*array.Null, int) any { return nil })},
	arrow.BOOL:         {"BOOLEAN", of((*array.Boolean).Value)},
	arrow.INT8:         {"TINYINT", of((*array.Int8).Value)},
	arrow.INT16:        {"SMALLINT", of((*array.Int16).Value)},
	arrow.INT32:        {"INTEGER", of((*array.Int32).Value)},
	arrow.INT64:        {"BIGINT", of((*array.Int64).Value)},
	arrow.FLOAT32:      {"FLOAT", of((*array.Float32).Value)},
	arrow.FLOAT64:      {"DOUBLE", of((*array.Float64).Value)},
	arrow.STRING:       {"VARCHAR", of(func(a *array.String, row int) string { return strings.Clone(a.Value(row)) })},
	arrow.LARGE_STRING: {"VARCHAR", of(func(a *array.LargeString, row int) string { return strings.Clone(a.Value(row)) })},
	arrow.BINARY:       {"BLOB", of(func(a *array.Binary, row int) []byte { return append([]byte{}, a.Value(row)...) })},
	arrow.DATE32:       {"DATE", of(func(a *array.Date32, row int) time.Time { return a.Value(row).ToTime() })},
}

// typeOf is the name that DuckDB has for a type, and how its values are read.
func typeOf(t arrow.DataType) (string, reader, error) {
	if s, ok := simple[t.ID()]; ok {
		return s.name, s.read, nil
	}
	switch t := t.(type) {
	case *arrow.Decimal128Type:
		width, scale := t.Precision, t.Scale
		return fmt.Sprintf("DECIMAL(%d,%d)", width, scale), of(func(a *array.Decimal128, row int) duckdb.Decimal {
			return duckdb.Decimal{Width: uint8(width), Scale: uint8(scale), Value: new(big.Int).Set(a.Value(row).BigInt())}
		}), nil
	case *arrow.TimestampType:
		if t.Unit != arrow.Microsecond {
			return "", nil, fmt.Errorf("a time in %s, where Spark keeps microseconds", t.Unit)
		}
		name := "TIMESTAMP WITH TIME ZONE"
		if t.TimeZone == "" {
			name = "TIMESTAMP"
		}
		return name, of(func(a *array.Timestamp, row int) time.Time { return time.UnixMicro(int64(a.Value(row))).UTC() }), nil
	case *arrow.ListType:
		name, element, err := typeOf(t.Elem())
		return name + "[]", listOf(element), err
	case *arrow.StructType:
		return structOf(t)
	}
	return "", nil, fmt.Errorf("a value of Spark's type %s is not read here: cast it in the statement", t)
}

func listOf(element reader) reader {
	return func(values arrow.Array, row int) (any, error) {
		list, ok := values.(*array.List)
		if !ok {
			return nil, fmt.Errorf("a batch holds %s where the first one held a list", values.DataType())
		}
		from, to := list.ValueOffsets(row)
		all := make([]any, 0, to-from)
		for i := from; i < to; i++ {
			v, err := element.read(list.ListValues(), int(i))
			if err != nil {
				return nil, err
			}
			all = append(all, v)
		}
		return all, nil
	}
}

func structOf(t *arrow.StructType) (string, reader, error) {
	members := make([]string, t.NumFields())
	readers := make([]reader, t.NumFields())
	for i, f := range t.Fields() {
		name, r, err := typeOf(f.Type)
		if err != nil {
			return "", nil, err
		}
		members[i], readers[i] = sqlfiles.Identifier(f.Name)+" "+name, r
	}
	return "STRUCT(" + strings.Join(members, ", ") + ")", func(values arrow.Array, row int) (any, error) {
		s, ok := values.(*array.Struct)
		if !ok || s.NumField() != len(readers) {
			return nil, fmt.Errorf("a batch holds %s where the first one held a record", values.DataType())
		}
		all := make(map[string]any, len(readers))
		for i, r := range readers {
			v, err := r.read(s.Field(i), row)
			if err != nil {
				return nil, err
			}
			all[t.Field(i).Name] = v
		}
		return all, nil
	}, nil
}
