package transform

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"slices"

	"github.com/go-faster/jx"
)

// Bounds of the search for the end of what is set apart: how many ends are
// tried, of one record and of all of a text, and how many times over the text
// may be read for it.
const (
	endsOfOne = 200
	endsOfAll = 500
	readings  = 40
)

// mendMark is the member that stands for what could not be read of a record: the
// hash of its whole text.
const mendMark = `"(unreadable)":`

// piece is what can be set apart around a place: a record.
type piece struct {
	element bool // of the outermost array; else an object that is a member of the whole
	from    mark
	outside []open   // what it lies in
	whole   []byte   // as it was written up to the damage: its bracket and whole members
	like    nameList // what a neighbour has to be like
	search  int      // its end lies from here on
	list    int      // where the array begins
}

// setApart sets apart the record around a place at which the text cannot be
// read on, if after one of its possible ends the text can be read to its own
// end. Records are the elements of the outermost array, of one array of a text:
// to set apart less could make a record of what lies in one.
func (m *mender) setApart(at int) *fault {
	stack, repairs, before := m.stack, slices.Clone(m.repairs), m.apart
	for _, p := range m.pieces(stack) {
		if before.n > 0 && (p.list != before.list || p.from.at <= before.at) {
			continue
		}
		for end, matched := range m.ends(p, at) {
			if m.tries++; m.tries > endsOfAll || m.work > readings*len(m.text) {
				return &fault{at}
			}
			m.stack = slices.Clone(p.outside)
			m.out = append(m.out[:p.from.out], p.whole...)
			if text := m.text[p.from.at:end]; matched {
				m.out = append(m.out[:p.from.out], m.members(p, text)...)
			}
			m.mark(m.text[p.from.at:end])
			r := Repair{
				Offset: at, Record: p.from.at, Path: jsonPointer(stack), Apart: jsonPointer(p.outside), Lost: true,
				What: "the record is no JSON and was set apart",
			}
			if !Within(r.Path, r.Apart) {
				r.Path = r.Apart
			}
			m.repairs = append(slices.Clone(repairs[:p.from.repairs]), r)
			m.apart = apart{before.n + 1, p.list, p.from.at}
			f := m.run(end, wantComma)
			if f == nil {
				return nil
			}
			m.work += f.at - end
		}
	}
	return &fault{at}
}

// mark writes the last member of a record that was set apart.
func (m *mender) mark(text []byte) {
	if m.out[len(m.out)-1] != '{' {
		m.out = append(m.out, ',')
	}
	sum := sha256.Sum256(text)
	m.out = append(append(append(m.out, mendMark+`"`...), hex.EncodeToString(sum[:])...), `"}`...)
}

// pieces are what can be set apart: the current element of the outermost array,
// else the object that is a member of the whole.
func (m *mender) pieces(stack []open) []piece {
	var pieces []piece
	if i := slices.IndexFunc(stack, func(o open) bool { return o.array }); i >= 0 {
		pieces = append(pieces, m.element(stack, i))
	}
	if len(stack) > 1 && !stack[0].array && !stack[1].array {
		o := &stack[1]
		pieces = append(pieces, piece{from: o.self, list: o.self.at, outside: stack[:1], search: o.wholeAt, whole: m.written(o.self.out, o.whole)})
	}
	return pieces
}

// element is the current element of the array at level i of the stack.
func (m *mender) element(stack []open, i int) piece {
	array := stack[i]
	from, whole, search := array.child, array.inner, array.child.at
	reading := i+1 < len(stack)
	switch {
	case reading:
		search, whole = stack[i+1].wholeAt, stack[i+1].whole
	case m.continues(&array):
		from, whole = array.last, array.lastEnd
		array.index = array.lastNo
	}
	p := piece{element: true, list: array.self.at, from: from, outside: append(slices.Clone(stack[:i]), array), search: search}
	p.whole = m.written(from.out, whole)
	if array.model > 0 && array.model < from.at {
		p.like = m.names(array.model)
	} else if p.like = m.names(from.at); reading {
		p.like.cutAt(search)
	} else {
		p.like.whole = false
	}
	return p
}

// continues reports whether the current element is rather a member of the one
// before, which a bracket within it ended too soon: it is no object, and does not
// begin with that one's first name, which may lack a member that others have.
func (m *mender) continues(array *open) bool {
	if array.lastEnd == 0 || m.text[array.child.at] != '"' {
		return false
	}
	before := m.names(array.last.at)
	if len(before.list) == 0 {
		return true
	}
	if array.model < array.last.at && slices.Equal(before.list, m.names(array.model).list) {
		return false // it lacks nothing
	}
	first := before.list[0]
	const stray = 2 // bytes in the place of the bracket
	begin := m.text[array.child.at:min(array.child.at+stray+len(first), len(m.text))]
	return !bytes.Contains(begin, []byte(first))
}

// written is what was written of an object from one place to the other.
func (m *mender) written(from, to int) []byte {
	if to > from {
		return slices.Clone(m.out[from:to])
	}
	return append(m.before(from), '{')
}

// before is the comma that was written before an element.
func (m *mender) before(at int) []byte {
	if at < len(m.out) && m.out[at] == ',' {
		return []byte{','}
	}
	return nil
}

// members are the members of an object that are whole, those after the damage
// too; brackets and quotes match in its text.
func (m *mender) members(p piece, text []byte) []byte {
	kept := append(m.before(p.from.out), '{')
	if text[0] != '{' {
		return kept
	}
	s := mender{text: text[:len(text)-1]}
	for at := 1; at < len(s.text); {
		end := s.nextComma(at)
		pair := s.text[at:end]
		if jx.Valid(slices.Concat([]byte{'{'}, pair, []byte{'}'})) && len(bytes.TrimSpace(pair)) > 0 {
			if kept[len(kept)-1] != '{' {
				kept = append(kept, ',')
			}
			kept = append(kept, bytes.TrimSpace(pair)...)
		}
		at = end + 1
	}
	return kept
}

// ends are the places at which a piece may end: where its brackets match, else
// the nearest that may be its end, up to the next record that is like it.
func (m *mender) ends(p piece, at int) iter.Seq2[int, bool] {
	return func(yield func(int, bool) bool) {
		matching := m.matching(p.from.at)
		if matching >= at && !yield(matching, true) || p.element && len(p.like.list) == 0 {
			return
		}
		for n, i := 0, p.search; i < len(m.text) && n < endsOfOne; i++ {
			end, ok, last := i, false, false
			switch m.text[i] {
			case ',':
				ok = p.element && m.alike(m.space(i+1), p.like)
				last = ok
				if p.element && !p.like.whole && m.begins(i+1) {
					last = true // whether that is another record cannot be told
				}
			case ']':
				ok = p.element
			case '}':
				end, ok = i+1, !p.element
			}
			if ok {
				n++
			}
			if ok && end != matching && !yield(end, false) || last {
				return
			}
		}
	}
}
