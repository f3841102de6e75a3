package transform

import (
	"fmt"
	"slices"
	"strings"
)

// repair notes repairs within the current value.
func (m *mender) repair(repairs ...Repair) {
	for _, r := range repairs {
		r.Path, r.Record = jsonPointer(m.stack), recordOf(m.stack)
		m.repairs = append(m.repairs, r)
	}
}

// recordOf is where the record begins that is being read: the element of the
// outermost array, else the object that is a member of the whole; 0 for none.
func recordOf(stack []open) int {
	if i := slices.IndexFunc(stack, func(o open) bool { return o.array }); i >= 0 {
		return stack[i].child.at
	}
	if len(stack) > 1 {
		return stack[1].self.at
	}
	return 0
}

// jsonPointer is the JSON pointer to what is being read.
func jsonPointer(stack []open) string {
	var b strings.Builder
	for i := range stack {
		if stack[i].array {
			fmt.Fprintf(&b, "/%d", stack[i].index)
		} else if stack[i].first != nil {
			b.WriteString("/" + stack[i].member)
		}
	}
	return b.String()
}

var (
	escapePointer   = strings.NewReplacer("~", "~0", "/", "~1")
	unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")
)

// Within reports whether a JSON pointer leads to the value at another one, or
// into it.
func Within(path, at string) bool {
	return strings.HasPrefix(path, at) && (len(path) == len(at) || path[len(at)] == '/')
}
