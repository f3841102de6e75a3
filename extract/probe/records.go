package probe

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Record is a record of an answer as the vendor wrote it, by its members' names.
type Record map[string]json.RawMessage

// Records are those of the answer, at path within it ("result", "data"): a list, or
// one object. There are none where the answer was refused or has no such path.
func (r *Reading) Records(path ...string) []Record {
	if r == nil || r.Page == nil {
		return nil
	}
	at := json.RawMessage(r.Page.Body)
	for _, name := range path {
		at = objectOf(at)[name]
	}
	var list []json.RawMessage
	if json.Unmarshal(at, &list) != nil {
		list = []json.RawMessage{at}
	}
	var records []Record
	for _, element := range list {
		if record := objectOf(element); record != nil {
			records = append(records, record)
		}
	}
	return records
}

// objectOf is what text holds, nil where it is no object.
func objectOf(text json.RawMessage) (r Record) {
	if json.Unmarshal(text, &r) != nil {
		return nil
	}
	return r
}

// Text is what a member states: of a text its characters, of a number its digits;
// "" where there is none.
func (r Record) Text(name string) string {
	var text string
	if json.Unmarshal(r[name], &text) == nil {
		return text
	}
	var number json.Number
	if json.Unmarshal(r[name], &number) == nil {
		return number.String()
	}
	return ""
}

// List are the objects of a member that is an array.
func (r Record) List(name string) (list []Record) {
	var elements []json.RawMessage
	if json.Unmarshal(r[name], &elements) != nil {
		return nil
	}
	for _, e := range elements {
		if o := objectOf(e); o != nil {
			list = append(list, o)
		}
	}
	return list
}

// Lacking names the members of r that other has not.
func (r Record) Lacking(other Record) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(r)), func(name string) bool {
		_, has := other[name]
		return has
	})
}

// Counts counts values of an enumeration.
type Counts map[string]int

// String lists the values in their order, "CNY ×12, USD ×1".
func (c Counts) String() string {
	var parts []string
	for _, value := range slices.SortedFunc(maps.Keys(c), compareValues) {
		parts = append(parts, fmt.Sprintf("%s ×%d", value, c[value]))
	}
	return strings.Join(parts, ", ")
}
