package transform

import (
	"reflect"
	"strings"
)

// Target is the column that a value of the vendor's is read for. A finding
// about the value names it, so that a check can tell an amount that was lost
// from a name that was.
type Target struct {
	table, column string
	isAmount      bool // DECIMAL(18,4)
	hasLines      bool // the table's rows are numbered by line_no
}

// TargetOf is a column of a table of facts. A name that is none ends the
// program when it starts, for sources keep their targets in variables.
func TargetOf(table, column string) *Target {
	d := Def(table)
	c, ok := d.column(column)
	if !ok {
		panic("transform: " + column + " is no column of " + table)
	}
	_, hasLines := d.column("line_no")
	return &Target{table, column, c.kind == moneyColumn, hasLines}
}

// Into says for which column the source's own code reads a value next. It holds
// until the next row, element or declared field.
func (r *Record) Into(t *Target) { r.target = t }

// amountWithin is the first amount column that the tags of a struct name,
// those of the structs and lists in it included; nil where there is none.
func amountWithin(typ reflect.Type) *Target {
	for i := range typ.NumField() {
		field := typ.Field(i)
		for _, d := range Facts {
			for name := range strings.FieldsSeq(field.Tag.Get(d.Name)) {
				if t := TargetOf(d.Name, name); t.isAmount {
					return t
				}
			}
		}
		if isMark(field.Type) || isValue(field.Type) {
			continue
		}
		inner := field.Type
		if list, ok := reflect.New(inner).Interface().(listType); ok {
			inner = list.element()
		}
		if t := amountWithin(inner); t != nil {
			return t
		}
	}
	return nil
}
