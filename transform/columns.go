package transform

import (
	"math/bits"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// The Arrow types of the canonical columns.
var (
	moneyType   = &arrow.Decimal128Type{Precision: maxDigits, Scale: moneyScale}
	rateType    = &arrow.Decimal128Type{Precision: maxDigits, Scale: priceScale}
	instantType = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
)

// columns visits the columns of one table's row, in the order of the table.
// Each row type names its columns once, in its columns method; without
// builders that visit describes the schema, with builders it appends a row
// and adds the amounts to the control sums.
type columns struct {
	fields   []arrow.Field
	builders []array.Builder // nil while describing
	sums     []*ControlSum   // by column; nil where the column is no amount
	i        int
	currency string // of the row being appended
	mended   []mended
}

// mended is a text of the row being appended of which a part cannot be read.
type mended struct {
	column, text string
	why          error
}

// unreadable stands for what is not valid UTF-8, and for half a pair of
// surrogates (\ud83d): the decoder of JSON puts it there.
const unreadable = "\uFFFD"

// mend puts the mark where v cannot be read. why says what is doubtful of v: the
// marks, or characters that are none of a text and that a workbook cannot hold.
func mend(v string) (text string, why error) {
	ascii := true
	for i := range len(v) {
		switch c := v[i]; {
		case c >= utf8.RuneSelf:
			ascii = false
		case c < ' ' && c != '\t' && c != '\n' && c != '\r':
			why = errControl
		}
	}
	switch {
	case ascii:
		return v, why
	case !utf8.ValidString(v):
		return strings.ToValidUTF8(v, unreadable), errUnreadable
	case strings.Contains(v, unreadable):
		return v, errUnreadable
	}
	return v, why
}

// row is one canonical row of a table.
type row interface {
	columns(c *columns)
}

func (c *columns) column(name string, typ arrow.DataType) (array.Builder, bool) {
	if c.builders == nil {
		c.fields = append(c.fields, arrow.Field{Name: name, Type: typ, Nullable: true})
		return nil, false
	}
	b := c.builders[c.i]
	c.i++
	return b, true
}

func (c *columns) text(name, v string) {
	if b, ok := c.column(name, arrow.BinaryTypes.String); ok {
		sb := b.(*array.StringBuilder)
		if v == "" {
			sb.AppendNull()
			return
		}
		text, why := mend(v)
		if why != nil {
			c.mended = append(c.mended, mended{name, text, why})
		}
		sb.Append(text)
	}
}

func (c *columns) decimal(name string, typ *arrow.Decimal128Type, units int64, valid bool) {
	if b, ok := c.column(name, typ); ok {
		db := b.(*array.Decimal128Builder)
		if !valid {
			db.AppendNull()
			return
		}
		db.Append(decimal128.FromI64(units))
		if s := c.sums[c.i-1]; s != nil {
			s.add(c.currency, units)
		}
	}
}

func (c *columns) money(name string, v Money) { c.decimal(name, moneyType, v.Units, v.Valid) }
func (c *columns) rate(name string, v Rate)   { c.decimal(name, rateType, v.Units, v.Valid) }

func (c *columns) count(name string, v Count) {
	if b, ok := c.column(name, arrow.PrimitiveTypes.Int64); ok {
		ib := b.(*array.Int64Builder)
		if !v.Valid {
			ib.AppendNull()
			return
		}
		ib.Append(v.N)
	}
}

func (c *columns) flag(name string, v Flag) {
	if b, ok := c.column(name, arrow.FixedWidthTypes.Boolean); ok {
		bb := b.(*array.BooleanBuilder)
		if !v.Valid {
			bb.AppendNull()
			return
		}
		bb.Append(v.True)
	}
}

func (c *columns) instant(name string, v Instant) {
	if b, ok := c.column(name, instantType); ok {
		tb := b.(*array.TimestampBuilder)
		if !v.Valid {
			tb.AppendNull()
			return
		}
		tb.Append(arrow.Timestamp(v.Micros))
	}
}

func (c *columns) date(name string, v Date) {
	if b, ok := c.column(name, arrow.FixedWidthTypes.Date32); ok {
		db := b.(*array.Date32Builder)
		if !v.Valid {
			db.AppendNull()
			return
		}
		db.Append(arrow.Date32(v.Days))
	}
}

// describe visits r's columns without builders.
func describe(r row) []arrow.Field {
	var c columns
	r.columns(&c)
	return c.fields
}

// ControlSum is Σ of one amount column by currency as decoded from the
// source's text, before anything else touched it. Sums are 128 bits wide.
type ControlSum struct {
	Table, Column string
	byCurrency    map[string]decimal128.Num // in ten-thousandths
	last          string
	lastSum       decimal128.Num
	rows          int64
}

func newControlSum(table, column string) *ControlSum {
	return &ControlSum{Table: table, Column: column, byCurrency: map[string]decimal128.Num{}}
}

// ByCurrency gives the sums as decimal text in major units, four decimals.
func (s *ControlSum) ByCurrency() map[string]string {
	text := make(map[string]string, len(s.byCurrency))
	for currency, sum := range s.byCurrency {
		text[currency] = sum.ToString(moneyScale)
	}
	return text
}

func (s *ControlSum) add(currency string, units int64) {
	if currency != s.last || s.rows == 0 {
		s.flush()
		s.last, s.lastSum = currency, s.byCurrency[currency]
	}
	lo, carry := bits.Add64(s.lastSum.LowBits(), uint64(units), 0)
	hi := s.lastSum.HighBits() + (units >> 63) + int64(carry)
	s.lastSum = decimal128.New(hi, lo)
	s.rows++
}

func (s *ControlSum) flush() {
	if s.rows > 0 {
		s.byCurrency[s.last] = s.lastSum
	}
}

// table collects the rows of one table for one stream.
type table struct {
	name    string
	schema  *arrow.Schema
	builder *array.RecordBuilder
	cols    columns
	rows    int
}

func newTable(mem memory.Allocator, def *TableDef) *table {
	t := &table{name: def.Name, schema: def.Schema, builder: array.NewRecordBuilder(mem, def.Schema)}
	t.cols.builders = t.builder.Fields()
	t.cols.sums = make([]*ControlSum, len(t.cols.builders))
	for i, f := range def.Schema.Fields() {
		if arrow.TypeEqual(f.Type, moneyType) {
			t.cols.sums[i] = newControlSum(def.Name, f.Name)
		}
	}
	return t
}
