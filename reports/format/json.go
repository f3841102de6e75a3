package format

import (
	"io"
	"strconv"

	"github.com/nightaudit/nightaudit/reports/result"
)

// writeJSON writes one object a row, between before and after, with a
// separator between rows. No rows and JSON lines: nothing at all.
func writeJSON(w io.Writer, r *result.Rows, before, separator, after string) error {
	keys := jsonKeys(r.Columns)
	buf := []byte(before)
	written := false
	for values, err := range r.All() {
		if err != nil {
			return err
		}
		if written {
			buf = append(buf, separator...)
		}
		written = true
		for i, v := range values {
			buf = append(buf, keys[i]...)
			buf = r.Columns[i].AppendJSON(buf, v)
		}
		buf = append(buf, '}')
		if _, err := w.Write(buf); err != nil {
			return err
		}
		buf = buf[:0]
	}
	if written || before != "" {
		buf = append(buf, after...)
	}
	_, err := w.Write(buf)
	return err
}

// jsonKeys is what stands before each value of a row. A name that comes twice
// gets a number, for a key that comes twice is lost on most readers.
func jsonKeys(columns []result.Column) []string {
	keys := make([]string, len(columns))
	seen := map[string]int{}
	for i := range columns {
		name := columns[i].Name
		seen[name]++
		if n := seen[name]; n > 1 {
			name += "_" + strconv.Itoa(n)
		}
		open := ","
		if i == 0 {
			open = "{"
		}
		keys[i] = open + string(result.AppendString(nil, name)) + ":"
	}
	return keys
}
