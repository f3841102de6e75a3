package transform

import (
	"reflect"
	"strings"
	"unsafe"

	"github.com/go-faster/jx"
)

// Object is embedded in the struct of an object that may be something else.
// An element of a List that embeds it keeps its place in the list where it is
// something else; other such elements are left out.
type Object struct {
	Wrong   bool   // something else stood there
	Raw     string // its text, "" where it may be personal (private)
	Members int    // how many members there are, read or not
}

func (o *Object) object() *Object { return o }

// Filled is a blank field's type in an object of which has to be known whether
// any member states a value, be it read or not.
type Filled struct{ Yes bool }

// Misfits is embedded in the struct of a record of which all objects and
// arrays that are something else, or there twice, are told, in their order.
type Misfits struct{ Found []Misfit }

// Misfit is an object or array that is something else, or there twice.
type Misfit struct {
	Field, Reason, Raw string
	Amount             *Target // an amount column that would be read from it; nil where there is none
}

// List is an array of objects.
type List[T any] struct {
	ListState
	Items []T
}

// ListState is what is known of an array besides its elements.
type ListState struct {
	Given bool   // an array stood there
	Twice bool   // one with elements stood there before; the last one counts
	Wrong bool   // something else stood there
	Raw   string // its text, "" where it may be personal (private)
	// Missed tells that an element was something else and was left out, so that
	// a sum of the others is not that of the list.
	Missed bool
}

// Each calls use for each element, within whose name the fields of r stand
// meanwhile. A list that is none or stands twice, and an element that is no
// object, are findings: it is for records that do not collect Misfits. amount is
// the column of the amounts that the elements state, nil where they state none.
func (l *List[T]) Each(r *Record, field string, amount *Target, use func(i int, element *T)) {
	finding := func(reason, raw string) {
		r.Into(amount)
		r.Finding(field, reason, raw)
		r.Into(nil)
	}
	if l.Twice {
		finding(RepeatedList, "")
	}
	if l.Wrong {
		finding(WrongType, l.Raw)
	}
	for i := range l.Items {
		element := &l.Items[i]
		if o, ok := any(element).(interface{ object() *Object }); ok && o.object().Wrong {
			finding(WrongType, o.object().Raw)
			continue
		}
		r.In(field, i)
		use(i, element)
		r.In("", 0)
	}
}

// listType is how the elements of a List are kept; its methods do not use
// their receiver, but the list that the pointer leads to.
type listType interface {
	element() reflect.Type
	grow(list unsafe.Pointer) (element unsafe.Pointer)
	empty(list unsafe.Pointer, of *shape) (had bool)
}

func (*List[T]) element() reflect.Type { return reflect.TypeFor[T]() }

// grow appends an element. What lies beyond the length has been emptied.
func (*List[T]) grow(list unsafe.Pointer) unsafe.Pointer {
	l := (*List[T])(list)
	n := len(l.Items)
	switch {
	case n < cap(l.Items):
		l.Items = l.Items[:n+1]
	case n == 0:
		l.Items = make([]T, 1, 4)
	default:
		l.Items = append(l.Items, *new(T))
	}
	return unsafe.Pointer(&l.Items[n])
}

// empty lets go of the page's memory, but keeps that of the elements.
func (*List[T]) empty(list unsafe.Pointer, of *shape) (had bool) {
	l := (*List[T])(list)
	for i := range l.Items {
		of.empty(unsafe.Pointer(&l.Items[i]))
	}
	had, l.Items = len(l.Items) > 0, l.Items[:0]
	return had
}

// shape is how objects are read into a struct, compiled from its tags once.
type shape struct {
	members []member
	slots   []uint8 // of members, by the hash of their names, from 1
	// The offsets of the marks, -1 where the struct has none.
	object, filled, misfits int
}

// member is a member that is read.
type member struct {
	name   string
	told   string // how a misfit names it
	offset uintptr
	object *shape   // nil for a value
	list   listType // nil but for a list of objects
	amount *Target  // an amount column within the object or list
	// The options of the tag.
	private, quiet, strict bool
}

// compile reads the tags of a struct. told is the path of the object.
func compile(typ reflect.Type, told string) *shape {
	s := &shape{object: -1, filled: -1, misfits: -1}
	for i := range typ.NumField() {
		f := typ.Field(i)
		switch f.Type {
		case reflect.TypeFor[Object]():
			s.object = int(f.Offset)
		case reflect.TypeFor[Filled]():
			s.filled = int(f.Offset)
		case reflect.TypeFor[Misfits]():
			s.misfits = int(f.Offset)
		}
		if !isMark(f.Type) {
			s.members = append(s.members, memberOf(f, told))
		}
	}
	s.slots = make([]uint8, 64)
	for len(s.slots) < 8*len(s.members) {
		s.slots = append(s.slots, s.slots...)
	}
	for i := range s.members {
		at := hash(s.members[i].name)
		for s.slots[at&(len(s.slots)-1)] != 0 {
			at++
		}
		s.slots[at&(len(s.slots)-1)] = uint8(i + 1)
	}
	return s
}

// isMark reports whether typ is the type of a field that is no member.
func isMark(typ reflect.Type) bool {
	switch typ {
	case reflect.TypeFor[Object](), reflect.TypeFor[Filled](), reflect.TypeFor[Misfits](), reflect.TypeFor[Computed]():
		return true
	}
	return false
}

func memberOf(f reflect.StructField, told string) member {
	m := member{name: f.Tag.Get("json"), offset: f.Offset}
	if m.name == "" {
		panic("transform: the field " + f.Name + " has no tag json")
	}
	m.told = strings.TrimPrefix(told+"."+m.name, ".")
	if as, ok := f.Tag.Lookup("told"); ok {
		m.told = as
	}
	for option := range strings.FieldsSeq(f.Tag.Get("options")) {
		switch option {
		case "private":
			m.private = true
		case "quiet":
			m.quiet = true
		case "strict":
			m.strict = true
		default:
			panic("transform: the field " + f.Name + " has an unknown option")
		}
	}
	list, isList := reflect.New(f.Type).Interface().(listType)
	switch {
	case isList:
		m.list, m.object, m.amount = list, compile(list.element(), m.told), amountWithin(list.element())
	case !isValue(f.Type):
		m.object, m.amount = compile(f.Type, m.told), amountWithin(f.Type)
	}
	return m
}

// isValue reports whether typ is an encoding.
func isValue(typ reflect.Type) bool {
	scalar := reflect.TypeFor[Scalar]()
	return typ == scalar || typ.NumField() == 1 && typ.Field(0).Type == scalar && typ.Field(0).Anonymous
}

// hash spreads names. That a hash of four characters suffices was measured: it
// is as fast as a compiled switch, and a map takes twice as long.
func hash(name string) int {
	n := len(name)
	if n == 0 {
		return 0
	}
	h := uint32(n)*0x9E3779B1 + uint32(name[0])*0x85EBCA77 + uint32(name[n>>1])*0xC2B2AE3D + uint32(name[n-1])*0x27D4EB2F
	return int(h >> 7)
}

func (s *shape) find(name string) *member {
	slots := s.slots
	for at := hash(name); ; at++ {
		i := slots[at&(len(slots)-1)]
		if i == 0 {
			return nil
		}
		if m := &s.members[i-1]; m.name == name {
			return m
		}
	}
}

// pointerTo is the value of type T at an offset of a struct.
func pointerTo[T any](object unsafe.Pointer, offset int) *T { return (*T)(unsafe.Add(object, offset)) }

// read takes the next value of d into the struct that object points to, which
// is empty. What is no object is told to its mark Object.
func (s *shape) read(d *jx.Decoder, object unsafe.Pointer, private bool, told *Misfits) (wrong string, err error) {
	if s.misfits >= 0 {
		told = pointerTo[Misfits](object, s.misfits)
	}
	wrong, err = ReadObject(d, func(d *jx.Decoder, name string) error {
		return s.readMember(d, object, name, told)
	})
	if s.object >= 0 && wrong != "" {
		o := pointerTo[Object](object, s.object)
		o.Wrong = true
		if !private {
			o.Raw = wrong
		}
	}
	return wrong, err
}

// readMember takes the member name.
func (s *shape) readMember(d *jx.Decoder, object unsafe.Pointer, name string, told *Misfits) error {
	if s.object >= 0 {
		pointerTo[Object](object, s.object).Members++
	}
	m := s.find(name)
	if s.filled >= 0 {
		return s.readFilled(d, object, m)
	}
	switch {
	case m == nil:
		return d.Skip()
	case m.object == nil:
		return (*Scalar)(unsafe.Add(object, m.offset)).Read(d)
	case m.list != nil:
		return m.readList(d, unsafe.Add(object, m.offset), told)
	}
	inner := unsafe.Add(object, m.offset)
	switch { // it may have stood there before
	case m.object.filled >= 0:
		m.object.empty(inner)
	case m.object.object >= 0:
		*pointerTo[Object](inner, m.object.object) = Object{}
	}
	wrong, err := m.object.read(d, inner, m.private, told)
	m.tell(told, wrong)
	return err
}

// readFilled takes a member, nil for one that is not read, of an object of
// which has to be known whether it states anything.
func (s *shape) readFilled(d *jx.Decoder, object unsafe.Pointer, m *member) error {
	v := new(Scalar)
	if m != nil {
		v = (*Scalar)(unsafe.Add(object, m.offset))
	}
	err := v.Read(d)
	if v.Present() {
		pointerTo[Filled](object, s.filled).Yes = true
	}
	return err
}

func (m *member) readList(d *jx.Decoder, list unsafe.Pointer, told *Misfits) error {
	listState := (*ListState)(list)
	twice := m.list.empty(list, m.object) || m.strict && listState.Given
	*listState = ListState{Given: d.Next() == jx.Array, Twice: listState.Twice || twice}
	if twice && told != nil && !m.quiet {
		told.Found = append(told.Found, Misfit{m.told, RepeatedList, "", m.amount})
	}
	wrong, err := ReadArray(d, func(d *jx.Decoder) error {
		if m.object.object < 0 && d.Next() != jx.Object {
			wrong, err := ReadObject(d, nil)
			m.tell(told, wrong)
			listState.Missed = listState.Missed || wrong != ""
			return err
		}
		wrong, err := m.object.read(d, m.list.grow(list), m.private, told)
		m.tell(told, wrong)
		return err
	})
	if wrong != "" {
		listState.Wrong = true
		if !m.private {
			listState.Raw = wrong
		}
		m.tell(told, wrong)
	}
	return err
}

// tell notes what stood in the place of an object or array.
func (m *member) tell(told *Misfits, wrong string) {
	if wrong == "" || told == nil {
		return
	}
	if m.private {
		wrong = ""
	}
	told.Found = append(told.Found, Misfit{m.told, WrongType, wrong, m.amount})
}

// empty empties a struct and lets go of the page's memory.
func (s *shape) empty(object unsafe.Pointer) {
	for i := range s.members {
		m := &s.members[i]
		v := unsafe.Add(object, m.offset)
		switch {
		case m.object == nil:
			*(*Scalar)(v) = Scalar{}
		case m.list != nil:
			m.list.empty(v, m.object)
			*(*ListState)(v) = ListState{}
		default:
			m.object.empty(v)
		}
	}
	if s.object >= 0 {
		*pointerTo[Object](object, s.object) = Object{}
	}
	if s.filled >= 0 {
		*pointerTo[Filled](object, s.filled) = Filled{}
	}
	if s.misfits >= 0 {
		told := pointerTo[Misfits](object, s.misfits)
		clear(told.Found)
		told.Found = told.Found[:0]
	}
}
