package trace

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/cmd/internal/personal"
)

// masked stands in the place of a personal value.
const masked = "***"

// masker shows raw answers without the personal data in them: the members
// that their source names as personal, members that are called like such, as
// a vendor may add them at any time, every further place in which a value of
// these stands, and whatever looks like a phone number, an email address or an
// identity card. What the published database shows of the order in numbers
// and ids is no secret and stays.
type masker struct {
	off      bool
	personal personal.Members
	public   map[string]bool
	values   []string // personal ones, the longest first
	collect  bool     // the values, in place of writing
}

// masker prepares to mask the answers of one story: a name that one of them
// gives is masked in the notes of another.
func (t *Tracer) masker(s *Story, pages []answerPage) *masker {
	m := &masker{off: t.Personal, public: s.public(), personal: personal.Of(t.Drivers, s.Source)}
	if t.Raw && !m.off {
		for _, p := range pages {
			m.learn(p.element, p.header)
		}
	}
	return m
}

// public are the numbers of the order that the database shows to everyone who
// may open it.
func (s *Story) public() map[string]bool {
	shown := map[string]bool{s.OrderID: true}
	add := func(r *Row) {
		for _, c := range r.Columns {
			name := c.Name
			if name == "room_no" || strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "_no") || strings.HasSuffix(name, "_ref") {
				if v := plain(c.Value); utf8.RuneCountInString(v) > 1 {
					shown[v] = true
				}
			}
		}
	}
	if s.Order != nil {
		add(s.Order)
	}
	for _, l := range s.Lines {
		for i := range l.Rows {
			if l.Table != "main.guests" {
				add(&l.Rows[i])
			}
		}
	}
	return shown
}

// learn notes the personal values of an answer.
func (m *masker) learn(part []byte, header string) {
	if part == nil {
		return
	}
	m.collect = true
	_, _ = m.write(part, header) // what cannot be read is masked as a whole when it is shown
	m.collect = false
	slices.SortFunc(m.values, func(a, b string) int { return len(b) - len(a) })
	m.values = slices.Compact(m.values)
}

// show writes the order of an answer, masked.
func (m *masker) show(part []byte, header string) (json.RawMessage, error) {
	if m.off {
		return part, nil
	}
	return m.write(part, header)
}

// write masks a JSON value. Its header is that of the CSV line which it may be.
func (m *masker) write(part []byte, header string) ([]byte, error) {
	part = bytes.TrimSpace(part)
	// A text by itself is a line of a file.
	if len(part) > 0 && part[0] == '"' {
		text := plain(part)
		if names, cells, ok := personal.CSVLine(header, text); ok {
			return m.line(header, names, cells), nil
		}
		if _, ok := personal.Document(text); !ok {
			return quote(masked), nil
		}
	}
	var b bytes.Buffer
	if err := m.value(jx.DecodeBytes(part), nil, false, &b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// line masks the cells of a CSV line by the names of their columns.
func (m *masker) line(header string, names, cells []string) []byte {
	out := make([]string, len(cells))
	for i, cell := range cells {
		keys := []string{names[i]}
		m.note(keys, cell, m.personal.Has(keys))
		out[i] = m.text(cell, m.personal.Has(keys))
	}
	return quote(personal.JoinCSV(header, out))
}

// value writes the next value of d. path are the members that lead to it.
func (m *masker) value(d *jx.Decoder, keys []string, hidden bool, b *bytes.Buffer) error {
	switch d.Next() {
	case jx.Object:
		b.WriteByte('{')
		first := true
		err := d.ObjBytes(func(d *jx.Decoder, key []byte) error {
			if !first {
				b.WriteByte(',')
			}
			first = false
			name := string(key)
			b.Write(quote(name))
			b.WriteByte(':')
			inner := append(slices.Clip(keys), name)
			return m.value(d, inner, hidden || m.personal.Has(inner), b)
		})
		b.WriteByte('}')
		return err
	case jx.Array:
		b.WriteByte('[')
		first := true
		err := d.Arr(func(d *jx.Decoder) error {
			if !first {
				b.WriteByte(',')
			}
			first = false
			return m.value(d, keys, hidden, b)
		})
		b.WriteByte(']')
		return err
	case jx.String:
		s, err := d.Str()
		if err != nil {
			return err
		}
		if document, ok := personal.Document(s); ok && !hidden {
			var inner bytes.Buffer
			if err := m.value(jx.DecodeStr(document), keys, false, &inner); err != nil {
				return err
			}
			b.Write(quote(inner.String()))
			return nil
		}
		m.note(keys, s, hidden)
		b.Write(quote(m.text(s, hidden)))
		return nil
	}
	raw, err := d.Raw()
	if err != nil {
		return err
	}
	m.note(keys, string(raw), hidden && raw.Type() == jx.Number)
	if raw.Type() == jx.Number && m.text(string(raw), hidden) != string(raw) {
		b.Write(quote(masked))
		return nil
	}
	b.Write(raw)
	return nil
}

// note remembers a personal value that may stand in other texts as well: a name
// or a number by which a person is reached, not what else is told of them.
func (m *masker) note(keys []string, s string, hidden bool) {
	if !hidden || !m.collect || m.public[s] || len(keys) == 0 || !personal.Tells(s) {
		return
	}
	if personal.Names(keys[len(keys)-1]) {
		m.values = append(m.values, s)
	}
}

// text masks one text or number.
func (m *masker) text(s string, hidden bool) string {
	switch {
	case s == "" || m.public[s]:
		return s
	case hidden:
		return masked
	}
	for _, v := range m.values {
		s = personal.ReplaceWhole(s, v, masked)
	}
	return personal.Looking.ReplaceAllString(s, "${1}"+masked+"${2}")
}
