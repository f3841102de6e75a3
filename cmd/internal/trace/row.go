package trace

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Row is a row of the database: its columns in their order, each value as the
// contract's JSON writes it, so that decimals keep all their digits.
type Row struct{ Columns []Column }

// Column is one value of a row.
type Column struct {
	Name  string
	Value json.RawMessage
}

// Raw is a value by its column's name; nil where there is no such column or
// it is null.
func (r *Row) Raw(name string) json.RawMessage {
	for i := range r.Columns {
		if r.Columns[i].Name == name && string(r.Columns[i].Value) != "null" {
			return r.Columns[i].Value
		}
	}
	return nil
}

// Text is a value as text: that of a string, else as it is written; "" for
// null.
func (r *Row) Text(name string) string { return plain(r.Raw(name)) }

func plain(v json.RawMessage) string {
	if len(v) == 0 || string(v) == "null" {
		return ""
	}
	var s string
	if v[0] == '"' && json.Unmarshal(v, &s) == nil {
		return s
	}
	return string(v)
}

// MarshalJSON writes the columns in their order.
func (r Row) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i := range r.Columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, quote(r.Columns[i].Name)...), ':'), r.Columns[i].Value...)
	}
	return append(b, '}'), nil
}

// UnmarshalJSON reads an object and keeps the order of its members.
func (r *Row) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("not a row: %.40s", data)
	}
	r.Columns = nil
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var c Column
		if err := d.Decode(&c.Value); err != nil {
			return err
		}
		c.Name, _ = name.(string) // a member's name is one
		r.Columns = append(r.Columns, c)
	}
	return nil
}

// quote writes a text as JSON, as it is: nothing here goes into HTML.
func quote(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
