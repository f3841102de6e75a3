package transform

import (
	"math/bits"
	"reflect"
	"strings"
	"unicode/utf8"
	"unsafe"

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

// columnKind is the type of a column and of its field in the row's struct.
type columnKind uint8

const (
	textColumn columnKind = iota
	lineColumn            // a number that is always there
	countColumn
	flagColumn
	moneyColumn
	rateColumn
	instantColumn
	dateColumn
)

// columnTypes are the types of the fields of a row, by kind of column, and
// how Arrow stores them.
var columnTypes = [...]struct {
	field reflect.Type
	arrow arrow.DataType
}{
	textColumn:    {reflect.TypeFor[string](), arrow.BinaryTypes.String},
	lineColumn:    {reflect.TypeFor[int](), arrow.PrimitiveTypes.Int64},
	countColumn:   {reflect.TypeFor[Count](), arrow.PrimitiveTypes.Int64},
	flagColumn:    {reflect.TypeFor[Flag](), arrow.FixedWidthTypes.Boolean},
	moneyColumn:   {reflect.TypeFor[Money](), moneyType},
	rateColumn:    {reflect.TypeFor[Rate](), rateType},
	instantColumn: {reflect.TypeFor[Instant](), instantType},
	dateColumn:    {reflect.TypeFor[Date](), arrow.FixedWidthTypes.Date32},
}

// rowColumn is a column of a table and where its field is in the row's struct.
type rowColumn struct {
	name   string
	kind   columnKind
	offset uintptr
	of     []string // the columns of which it is worked out (Record.Order, Stay, DeliveryEvent)
}

// columnsOf reads the tags of a row's struct, once for each table: rows are
// appended without reflection.
func columnsOf(row reflect.Type) []rowColumn {
	columns := make([]rowColumn, row.NumField())
	for i := range columns {
		f := row.Field(i)
		c := rowColumn{name: f.Tag.Get("column"), offset: f.Offset, of: strings.Fields(f.Tag.Get("of"))}
		for columnTypes[c.kind].field != f.Type {
			c.kind++ // a type that is none of a column's ends the program here
		}
		columns[i] = c
	}
	return columns
}

// mended is a text of the row being appended of which a part cannot be read.
type mended struct {
	target *Target
	text   string
	why    error
}

// unreadable stands for what is not valid UTF-8, and for half a pair of
// surrogates (\ud83d): the decoder of JSON puts it there.
const unreadable = "\uFFFD"

// legible puts the mark where v cannot be read. why says what is doubtful of v: the
// marks, or characters that are none of a text and that a workbook cannot hold.
func legible(v string) (text string, why error) {
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

// tableBuilder collects the rows of one table for one stream.
type tableBuilder struct {
	name    string
	builder *array.RecordBuilder
	cells   []cellBuilder // beside the fields of the schema
	// currency is the cell that states the currency of the amounts; nil where
	// the table has none.
	currency *cellBuilder
	mended   []mended // of the row that was appended last
	rows     int
}

// cellBuilder is a column that is being filled.
type cellBuilder struct {
	rowColumn
	builder array.Builder
	sum     *ControlSum // nil where the column is no amount
}

func newTable(mem memory.Allocator, d *TableDef) *tableBuilder {
	t := &tableBuilder{name: d.Name, builder: array.NewRecordBuilder(mem, d.Schema)}
	t.cells = make([]cellBuilder, len(t.builder.Fields()))
	for i, b := range t.builder.Fields() {
		t.cells[i].name, t.cells[i].builder = d.Schema.Field(i).Name, b
	}
	for i, c := range d.columns {
		cell := &t.cells[keyColumns+i]
		cell.rowColumn = c
		if c.kind == moneyColumn {
			cell.sum = newControlSum(d.Name, c.name)
		}
		if c.name == "currency" {
			t.currency = cell
		}
	}
	return t
}

// append appends a row of the table, which row points to.
func (t *tableBuilder) append(b *Batch, r *Record, row unsafe.Pointer) {
	t.mended = t.mended[:0]
	t.text(&t.cells[0], b.origin.Source)
	t.text(&t.cells[1], b.origin.Account)
	t.text(&t.cells[2], r.orderID)
	currency := ""
	if t.currency != nil {
		currency = *(*string)(unsafe.Add(row, t.currency.offset))
	}
	last := len(t.cells) - technicalColumns
	for i := keyColumns; i < last; i++ {
		t.value(&t.cells[i], unsafe.Add(row, t.cells[i].offset), currency)
	}
	t.cells[last].builder.(*array.StringBuilder).Append(r.ref)
	t.cells[last+1].builder.(*array.StringBuilder).Append(b.page.SHA256)
	t.cells[last+2].builder.(*array.Int64Builder).Append(r.seq)
	t.rows++
}

// value appends the field of a row, which v points to, to its column.
func (t *tableBuilder) value(c *cellBuilder, v unsafe.Pointer, currency string) {
	switch c.kind {
	case textColumn:
		t.text(c, *(*string)(v))
	case lineColumn:
		c.builder.(*array.Int64Builder).Append(int64(*(*int)(v)))
	case countColumn:
		if n := (*Count)(v); n.Valid {
			c.builder.(*array.Int64Builder).Append(n.N)
			return
		}
		c.builder.(*array.Int64Builder).AppendNull()
	case flagColumn:
		if f := (*Flag)(v); f.Valid {
			c.builder.(*array.BooleanBuilder).Append(f.True)
			return
		}
		c.builder.(*array.BooleanBuilder).AppendNull()
	case moneyColumn:
		m := (*Money)(v)
		c.decimal(m.Units, m.Valid)
		if m.Valid {
			c.sum.add(currency, m.Units)
		}
	case rateColumn:
		rate := (*Rate)(v)
		c.decimal(rate.Units, rate.Valid)
	case instantColumn:
		if i := (*Instant)(v); i.Valid {
			c.builder.(*array.TimestampBuilder).Append(arrow.Timestamp(i.Micros))
			return
		}
		c.builder.(*array.TimestampBuilder).AppendNull()
	case dateColumn:
		if d := (*Date)(v); d.Valid {
			c.builder.(*array.Date32Builder).Append(arrow.Date32(d.Days))
			return
		}
		c.builder.(*array.Date32Builder).AppendNull()
	}
}

func (t *tableBuilder) text(c *cellBuilder, v string) {
	b := c.builder.(*array.StringBuilder)
	if v == "" {
		b.AppendNull()
		return
	}
	text, why := legible(v)
	if why != nil {
		t.mended = append(t.mended, mended{&Target{table: t.name, column: c.name}, text, why})
	}
	b.Append(text)
}

func (c *cellBuilder) decimal(units int64, valid bool) {
	b := c.builder.(*array.Decimal128Builder)
	if !valid {
		b.AppendNull()
		return
	}
	b.Append(decimal128.FromI64(units))
}
