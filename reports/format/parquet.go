package format

import (
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/reports/result"
)

// parquetRows is the number of rows that are collected before they are
// written.
const parquetRows = 16384

// writeParquet writes a result with the types it has: decimals as decimals,
// instants as UTC microseconds. It is written from Go, not by DuckDB's COPY,
// because a database opened by Open may not write files.
func writeParquet(w io.Writer, r *result.Rows) error {
	fields := make([]arrow.Field, len(r.Columns))
	for i := range r.Columns {
		fields[i] = arrow.Field{Name: r.Columns[i].Name, Type: arrowType(&r.Columns[i].Type), Nullable: true}
	}
	schema := arrow.NewSchema(fields, nil)
	out, err := pqarrow.NewFileWriter(schema, struct{ io.Writer }{w},
		parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd)),
		pqarrow.NewArrowWriterProperties())
	if err != nil {
		return err
	}
	if err := appendParquet(out, schema, r); err != nil {
		return err
	}
	return out.Close()
}

func appendParquet(out *pqarrow.FileWriter, schema *arrow.Schema, r *result.Rows) error {
	batch := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer batch.Release()
	flush := func() error {
		record := batch.NewRecordBatch()
		defer record.Release()
		return out.WriteBuffered(record)
	}
	n := 0
	for values, err := range r.All() {
		if err != nil {
			return err
		}
		for i, v := range values {
			if err := appendArrow(batch.Field(i), &r.Columns[i].Type, v); err != nil {
				return fmt.Errorf("column %s: %w", r.Columns[i].Name, err)
			}
		}
		if n++; n%parquetRows == 0 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// arrowType is the type that values have in Arrow and Parquet. Integers wider
// than 64 bits are decimals without digits after the point. A JSON document,
// a time of day, an interval and a UNION are text.
func arrowType(t *result.Type) arrow.DataType {
	switch t.Kind {
	case result.KindInteger:
		return arrow.PrimitiveTypes.Int64
	case result.KindWide:
		return &arrow.Decimal128Type{Precision: 38}
	case result.KindDecimal:
		return &arrow.Decimal128Type{Precision: int32(t.Width), Scale: int32(t.Scale)}
	case result.KindFloat:
		return arrow.PrimitiveTypes.Float64
	case result.KindFlag:
		return arrow.FixedWidthTypes.Boolean
	case result.KindDate:
		return arrow.FixedWidthTypes.Date32
	case result.KindInstant:
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	case result.KindLocal:
		return &arrow.TimestampType{Unit: arrow.Microsecond}
	case result.KindLocalNano:
		return &arrow.TimestampType{Unit: arrow.Nanosecond}
	case result.KindBytes:
		return arrow.BinaryTypes.Binary
	case result.KindList:
		return arrow.ListOf(arrowType(t.Element))
	case result.KindMap:
		if !t.UnreadableKey() {
			return arrow.MapOf(arrowType(t.Key), arrowType(t.Element))
		}
	case result.KindStruct:
		if !t.UnreadableKey() {
			fields := make([]arrow.Field, len(t.Fields))
			for i := range t.Fields {
				fields[i] = arrow.Field{Name: t.FieldName(i), Type: arrowType(&t.Fields[i].Type), Nullable: true}
			}
			return arrow.StructOf(fields...)
		}
	}
	return arrow.BinaryTypes.String
}

func appendArrow(b array.Builder, t *result.Type, v any) error {
	if v == nil {
		b.AppendNull()
		return nil
	}
	switch b := b.(type) {
	case *array.Int64Builder:
		n, err := result.Int64(v)
		if err != nil {
			return err
		}
		b.Append(n)
	case *array.Decimal128Builder:
		return appendDecimal(b, v)
	case *array.Float64Builder:
		switch v := v.(type) {
		case float64:
			b.Append(v)
		case float32:
			b.Append(float64(v))
		}
	case *array.BooleanBuilder:
		b.Append(v.(bool))
	case *array.Date32Builder:
		b.Append(arrow.Date32FromTime(v.(time.Time)))
	case *array.TimestampBuilder:
		if t.Kind == result.KindLocalNano {
			b.Append(arrow.Timestamp(v.(time.Time).UnixNano()))
		} else {
			b.Append(arrow.Timestamp(v.(time.Time).UnixMicro()))
		}
	case *array.BinaryBuilder:
		b.Append(v.([]byte))
	case *array.StringBuilder:
		text, _ := t.Plain(v)
		b.Append(text)
	case *array.MapBuilder: // before ListBuilder: it is one inside
		return appendArrowMap(b, t, v)
	case *array.ListBuilder:
		b.Append(true)
		for _, e := range v.([]any) {
			if err := appendArrow(b.ValueBuilder(), t.Element, e); err != nil {
				return err
			}
		}
	case *array.StructBuilder:
		b.Append(true)
		members := v.(map[string]any)
		for i := range t.Fields {
			if err := appendArrow(b.FieldBuilder(i), &t.Fields[i].Type, members[t.FieldName(i)]); err != nil {
				return err
			}
		}
	}
	return nil
}

func appendArrowMap(b *array.MapBuilder, t *result.Type, v any) error {
	m := v.(duckdb.OrderedMap)
	b.Append(true)
	values := m.Values()
	for i, key := range m.Keys() {
		if err := appendArrow(b.KeyBuilder(), t.Key, key); err != nil {
			return err
		}
		if err := appendArrow(b.ItemBuilder(), t.Element, values[i]); err != nil {
			return err
		}
	}
	return nil
}

// tooWide is the first whole number that has more digits than a Parquet
// decimal holds.
var tooWide = new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil)

func appendDecimal(b *array.Decimal128Builder, v any) error {
	switch v := v.(type) {
	case duckdb.Decimal:
		b.Append(decimal128.FromBigInt(v.Value))
	case *big.Int:
		if v.CmpAbs(tooWide) >= 0 {
			return fmt.Errorf("%s has more than the 38 digits of a decimal in Parquet: cast the column to VARCHAR", v)
		}
		b.Append(decimal128.FromBigInt(v))
	case uint64:
		b.Append(decimal128.FromU64(v))
	}
	return nil
}
