package guoxiaodi

import (
	"fmt"
	"slices"
	"strings"
)

// other is what older lines of the register say of an order, in the last line
// of it at Index of a page: a figure other than Here, or where Here is "" one
// that this line does not state.
type other struct {
	Index int    `json:"index"`
	Field string `json:"field"`
	Here  string `json:"here"`
	There string `json:"there"`
	Place string `json:"place"` // file:line
}

// reason is the finding's.
func (o *other) reason(at string) string {
	return fmt.Sprintf("%s says %s and counts, being the newer; %s says %s", at, o.Here, o.Place, o.There)
}

// comparison holds what the lines so far say of the orders of which several
// tell.
type comparison struct {
	left map[uint64]int // lines that are still to come, by the hash of the order
	hash func(orderNo string) uint64
	said map[string][]figure // by orderNo, of each field the latest last
}

// figure is a value that a line states.
type figure struct{ field, text, place string }

// compared are the fields in which two lines can disagree.
var compared = comparedFields()

func comparedFields() []string {
	fields := []string{"sourceOrderNo"}
	for _, d := range createdFields.Declared() {
		if d.Path != "" && !slices.Contains(fields, d.Path) {
			fields = append(fields, d.Path)
		}
	}
	return fields
}

// add notes what a line says. Of the last line of an order it returns what was
// said otherwise, or besides, before.
func (c *comparison) add(l line, file string, index int) (others []other) {
	w, err := l.read()
	if err != nil || !w.tells() {
		return nil
	}
	no := w.OrderNo.Plain()
	id := c.hash(no)
	if c.left[id] == 0 {
		return nil
	}
	c.left[id]--
	said, last := c.said[no], c.left[id] == 0
	for _, field := range compared {
		text := createdFields.Value(&w.created, field).Plain()
		for _, before := range slices.Backward(said) {
			if before.field == field && before.text != text {
				if last {
					others = append(others, other{Index: index, Field: field, Here: strings.Clone(text), There: before.text, Place: before.place})
				}
				break
			}
		}
		if text != "" {
			said = slices.DeleteFunc(said, func(f figure) bool { return f.field == field && f.text == text })
			said = append(said, figure{field, strings.Clone(text), fmt.Sprintf("%s:%d", file, l.no)})
		}
	}
	c.said[strings.Clone(no)] = said
	return others
}
