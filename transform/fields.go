package transform

import (
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"github.com/go-faster/jx"
)

// Fields is the table of the fields of one kind of object in a vendor's
// answers, as an order or a line of it. T is a struct whose fields declare, by
// their types and tags, all that has to be known of the vendor's:
//
//	Room transform.Private `json:"residence_no" orders:"room_no" stays:"room_no"`
//
// is the member residence_no, a text that findings must not quote, and fills
// the column room_no of main.orders and of main.stays. From this one line come
// the reading (Read), the rows (Fill), the name in findings and what a stream
// says that it carries (Carries), so that none of them can differ.
//
// A field of T is of an encoding of wire.go; or a struct, for an object within
// the object; or a List, whose elements have Fields of their own; or one of
// the marks Object, Filled, Misfits and Computed. Fields are exported, as the
// tag json wants it.
//
// Of several columns, as orders:"gross_amount net_amount", each gets the value;
// one that has a vocabulary gets what the value means in it. A field without
// columns is read for the source's own code.
type Fields[T any] struct {
	shape    *shape
	values   []value
	rows     []rowPlace
	declared []Declared
}

// Declared is a column that a field fills: the vendor's name of it, "" where
// the source's code fills it.
type Declared struct{ Table, Column, Path string }

// Words are the vocabularies of columns, by their names.
type Words map[string]StatusMap

// Computed is the type of a blank field whose tags name columns that are not
// one value of the vendor's: the source's code fills them.
type Computed struct{}

// Rows holds a row of each table, for Fields to fill.
type Rows struct {
	Order              Order
	Item               OrderItem
	Payment            Payment
	Discount           Discount
	Settlement         Settlement
	SettlementDiscount SettlementDiscount
	Stay               Stay
	Delivery           Delivery
	DeliveryEvent      DeliveryEvent
	DeliveryTip        DeliveryTip
	Invoice            Invoice
	Reminder           Reminder
	Guest              Guest
}

// rowPlace is a row that Fill fills.
type rowPlace struct {
	table    *TableDef
	offset   uintptr // in Rows
	currency int     // offset of its column currency in Rows, or -1
	stated   int     // offset in T of the value that states the currency, or -1
}

// value is a value of the vendor's that fills columns.
type value struct {
	path   string  // as findings name it
	target *Target // the first of its columns
	offset uintptr // in T
	read   func(f *fill, v *value)
	to     []uintptr // in Rows
	// The columns that get the meaning of the value, and its vocabulary.
	means []uintptr
	words StatusMap
}

// fill is one call of Fill.
type fill struct {
	record   *Record
	object   unsafe.Pointer
	rows     unsafe.Pointer
	currency string
}

// encoding is how a type of wire.go is read into a type of columns.
type encoding struct {
	wire, column reflect.Type
	read         func(f *fill, v *value)
}

// encodings are all that there are.
var encodings = []encoding{
	reads((*Text).Value), reads((*Private).Value), reads((*Bool).Flag),
	reads((*Decimal).Money), reads((*Decimal).Rate),
	reads((*Integer).Count), reads((*Integer).Rate), reads((*Integer).Code),
	reads((*Millis).Instant), reads((*Seconds).Instant), reads((*MillisOrSeconds).Instant),
	reads((*ISO8601).Instant), reads((*UTCTime).Instant), reads((*LocalTime).Instant), reads((*LocalDay).Date),
	{reflect.TypeFor[Fen](), reflect.TypeFor[Money](), func(f *fill, v *value) {
		put(f, v, (*Fen)(unsafe.Add(f.object, v.offset)).Money(f.record, v.path, f.currency))
	}},
}

func reads[W, C any](read func(*W, *Record, string) C) encoding {
	return encoding{reflect.TypeFor[W](), reflect.TypeFor[C](), func(f *fill, v *value) {
		put(f, v, read((*W)(unsafe.Add(f.object, v.offset)), f.record, v.path))
	}}
}

// put puts what was read into the columns of v.
func put[C any](f *fill, v *value, c C) {
	for _, to := range v.to {
		*(*C)(unsafe.Add(f.rows, to)) = c
	}
	if v.words != nil {
		code, _ := any(c).(string)
		meaning := v.words.Status(f.record, v.path, code)
		for _, to := range v.means {
			*(*string)(unsafe.Add(f.rows, to)) = meaning
		}
	}
}

// Declare compiles the declaration that T is. A mistake in it ends the
// program when it starts.
func Declare[T any](words Words) *Fields[T] {
	typ := reflect.TypeFor[T]()
	f := &Fields[T]{shape: compile(typ, "")}
	f.declare(typ, "", 0, words)
	return f
}

// declare takes the columns of a struct at path within T. Elements of lists,
// and objects with the mark Object, have Fields of their own.
func (f *Fields[T]) declare(typ reflect.Type, path string, offset uintptr, words Words) {
	for i := range typ.NumField() {
		field := typ.Field(i)
		v := value{path: strings.TrimPrefix(path+"."+field.Tag.Get("json"), "."), offset: offset + field.Offset}
		if !isMark(field.Type) {
			if m := memberOf(field, ""); m.object != nil && m.list == nil && m.object.object < 0 {
				f.declare(field.Type, v.path, v.offset, words)
				continue
			}
		}
		kind, has := f.columns(&v, field, words)
		if !has || field.Type == reflect.TypeFor[Computed]() {
			continue
		}
		at := slices.IndexFunc(encodings, func(e encoding) bool {
			return e.wire == field.Type && e.column == columnTypes[kind].field
		})
		if at < 0 {
			panic("transform: " + v.path + " cannot be read into its column")
		}
		v.read = encodings[at].read
		f.values = append(f.values, v)
	}
	for i := range f.rows {
		for _, v := range f.values {
			if at := f.rows[i].currency; at >= 0 && slices.Contains(v.to, uintptr(at)) {
				f.rows[i].stated = int(v.offset)
			}
		}
	}
}

// columns takes the columns that the tags of a field name.
func (f *Fields[T]) columns(v *value, field reflect.StructField, words Words) (kind columnKind, has bool) {
	for i := range reflect.TypeFor[Rows]().NumField() {
		row := rowOf(i)
		for name := range strings.FieldsSeq(field.Tag.Get(row.table.Name)) {
			c, ok := row.table.column(name)
			if !ok || has && c.kind != kind && field.Type != reflect.TypeFor[Computed]() {
				panic("transform: " + name + " is no column of " + row.table.Name + ", or not of the type of the others of " + v.path)
			}
			if !slices.ContainsFunc(f.rows, func(p rowPlace) bool { return p.table == row.table }) {
				f.rows = append(f.rows, row)
			}
			f.declared = append(f.declared, Declared{row.table.Name, name, v.path})
			if v.target == nil {
				v.target = TargetOf(row.table.Name, name)
			}
			if w, ok := words[name]; ok {
				v.means, v.words = append(v.means, row.offset+c.offset), w
			} else {
				v.to = append(v.to, row.offset+c.offset)
			}
			kind, has = c.kind, true
		}
	}
	return kind, has
}

// rowOf is the row that is the field i of Rows.
func rowOf(i int) rowPlace {
	field := reflect.TypeFor[Rows]().Field(i)
	at := slices.IndexFunc(Facts, func(d *TableDef) bool { return d.row == field.Type })
	p := rowPlace{table: Facts[at], offset: field.Offset, currency: -1, stated: -1}
	if c, ok := Facts[at].column("currency"); ok {
		p.currency = int(p.offset + c.offset)
	}
	return p
}

// Read reads the next value of d into v, which it empties before. What is no
// object is returned as text for a finding.
func (f *Fields[T]) Read(d *jx.Decoder, v *T) (wrong string, err error) {
	f.Empty(v)
	return f.shape.read(d, unsafe.Pointer(v), false, nil)
}

// ReadMember reads the value of the member name into v, or skips it.
func (f *Fields[T]) ReadMember(d *jx.Decoder, name string, v *T) error {
	var told *Misfits
	if f.shape.misfits >= 0 {
		told = pointerTo[Misfits](unsafe.Pointer(v), f.shape.misfits)
	}
	return f.shape.readMember(d, unsafe.Pointer(v), name, told)
}

// Value is the value of the member name in v, nil where none is read under that
// name: for answers that are not JSON.
func (f *Fields[T]) Value(v *T, name string) *Scalar {
	if m := f.shape.find(name); m != nil && m.object == nil {
		return (*Scalar)(unsafe.Add(unsafe.Pointer(v), m.offset))
	}
	return nil
}

// Any reports whether v states any value that fills a column.
func (f *Fields[T]) Any(v *T) bool {
	return slices.ContainsFunc(f.values, func(field value) bool {
		return (*Scalar)(unsafe.Add(unsafe.Pointer(v), field.offset)).Present()
	})
}

// Empty empties v. It keeps the memory of its lists, and lets go of the page's.
func (f *Fields[T]) Empty(v *T) { f.shape.empty(unsafe.Pointer(v)) }

// Fill fills a row of each table that T has columns of, with what v says;
// values that are doubtful are findings of r, each with its column. currency is
// that of v's amounts where v itself names none. The rows are used again by the next call.
func (f *Fields[T]) Fill(r *Record, v *T, currency string) *Rows {
	rows, filling := &r.batch.filled, &r.batch.filling
	*filling = fill{record: r, object: unsafe.Pointer(v), rows: unsafe.Pointer(rows), currency: currency}
	for i := range f.rows {
		f.rows[i].table.clear(unsafe.Add(filling.rows, f.rows[i].offset))
	}
	for i := range f.values {
		v := &f.values[i]
		if (*Scalar)(unsafe.Add(filling.object, v.offset)).Present() {
			r.target = v.target
			v.read(filling, v)
		}
	}
	r.target = nil
	for i := range f.rows {
		f.rows[i].completeCurrency(filling)
	}
	return rows
}

// completeCurrency gives a row the currency of the caller where the vendor
// states none. One that is stated and cannot be read is not known.
func (p *rowPlace) completeCurrency(f *fill) {
	if p.currency < 0 {
		return
	}
	of := (*string)(unsafe.Add(f.rows, p.currency))
	if *of == "" && (p.stated < 0 || !(*Scalar)(unsafe.Add(f.object, p.stated)).Present()) {
		*of = f.currency
	}
}

// Carries lists the columns of table that T declares, with the dates that
// follow from its instants: what a stream carries of a table that other
// streams fill, too. Those of without are left out, as another answer of the
// same form has them.
func (f *Fields[T]) Carries(table string, without ...string) []string {
	var names []string
	for _, d := range f.declared {
		if d.Table == table {
			names = append(names, d.Column)
		}
	}
	if len(names) == 0 {
		panic("transform: " + table + " has no column in these fields") // no list would stand for all columns
	}
	return slices.DeleteFunc(Def(table).withDerived(names), func(name string) bool { return slices.Contains(without, name) })
}

// Declared lists the columns that the fields fill, for who compares them with
// a document.
func (f *Fields[T]) Declared() []Declared { return f.declared }
