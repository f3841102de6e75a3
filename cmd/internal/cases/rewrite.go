package cases

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/cmd/internal/personal"
	"github.com/nightaudit/nightaudit/extract/wal"
)

// visitor goes through an answer and writes it anew. Every text and number passes scalar,
// with the path of its member, elements of a list being one, and whether it is personal.
type visitor struct {
	members personal.Members
	scalar  func(path string, keys []string, value string, hidden bool) string
	name    func(name string) string // of a member

	out bytes.Buffer
}

// place is where a value stands.
type place struct {
	keys   []string // the members that lead to it
	path   string
	hidden bool
	header string // of the CSV whose lines stand there
}

func (p place) member(name string, members personal.Members) place {
	p.keys = append(slices.Clip(p.keys), name)
	p.path += "/" + name
	p.hidden = p.hidden || members.Has(p.keys)
	return p
}

func (v *visitor) document(body []byte) ([]byte, error) {
	v.out.Reset()
	if err := v.value(jx.DecodeBytes(body), place{header: personal.HeaderOf(body)}); err != nil {
		return nil, err
	}
	return bytes.Clone(v.out.Bytes()), nil
}

func (v *visitor) value(d *jx.Decoder, at place) error {
	switch d.Next() {
	case jx.Object:
		v.out.WriteByte('{')
		first := true
		err := d.ObjBytes(func(d *jx.Decoder, key []byte) error {
			v.part(&first)
			name := string(key)
			v.text(v.name(name))
			v.out.WriteByte(':')
			return v.value(d, at.member(name, v.members))
		})
		v.out.WriteByte('}')
		return err
	case jx.Array:
		v.out.WriteByte('[')
		first := true
		at.path += "/*"
		err := d.Arr(func(d *jx.Decoder) error {
			v.part(&first)
			return v.value(d, at)
		})
		v.out.WriteByte(']')
		return err
	case jx.String:
		s, err := d.Str()
		if err == nil {
			s, err = v.written(s, at)
		}
		v.text(s)
		return err
	case jx.Number:
		n, err := d.Num()
		if err != nil {
			return err
		}
		v.out.WriteString(v.number(n.String(), at))
		return nil
	}
	raw, err := d.Raw()
	v.out.Write(raw)
	return err
}

func (v *visitor) part(first *bool) {
	if !*first {
		v.out.WriteByte(',')
	}
	*first = false
}

// text writes a JSON string; nothing here goes into HTML.
func (v *visitor) text(s string) {
	e := json.NewEncoder(&v.out)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	v.out.Truncate(v.out.Len() - 1)
}

// number keeps the power of ten, which is no digit of anybody's number.
func (v *visitor) number(n string, at place) string {
	digits, power := n, ""
	if i := strings.IndexAny(n, "eE"); i >= 0 {
		digits, power = n[:i], n[i:]
	}
	return v.given(at, digits) + power
}

func (v *visitor) given(at place, s string) string {
	if s == "" {
		return ""
	}
	return v.scalar(at.path, at.keys, s, at.hidden)
}

// written is a text that may itself hold a document, a line of a CSV, or one of what a
// vendor pushed, with its hash.
func (v *visitor) written(s string, at place) (string, error) {
	if pushed, err := wal.Decode(s); err == nil {
		body, err := v.inner(string(pushed.Body), at)
		if err != nil {
			return "", err
		}
		line, err := wal.Encode(wal.Record{At: pushed.At, Body: []byte(body)})
		return strings.TrimSuffix(string(line), "\n"), err
	}
	if text, ok := personal.Document(s); ok {
		return v.inner(text, at)
	}
	if at.header != "" {
		if names, cells, ok := personal.CSVLine(at.header, s); ok {
			return v.line(names, cells, at), nil
		}
		at.hidden = true // a line that is nothing known
	}
	return v.given(at, s), nil
}

// inner writes a document within a text.
func (v *visitor) inner(text string, at place) (string, error) {
	if !jx.Valid([]byte(text)) {
		at.hidden = true
		return v.given(at, text), nil
	}
	w := &visitor{members: v.members, scalar: v.scalar, name: v.name}
	at.path, at.header = at.path+"/text", ""
	err := w.value(jx.DecodeStr(text), at)
	return w.out.String(), err
}

// line writes the cells of a line of a CSV.
func (v *visitor) line(names, cells []string, at place) string {
	for i, name := range names {
		cells[i] = v.given(at.member(name, v.members), cells[i])
	}
	return personal.JoinCSV(at.header, cells)
}
