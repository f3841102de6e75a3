package transform

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/go-faster/jx"
)

// Repair is one place at which a text was no JSON, and what Mend made of it.
// It quotes nothing of the text, which may be personal.
type Repair struct {
	Offset int    // of the first byte that is not as it should be
	Record int    // where the record begins in which that stands, 0 where it is in none
	Path   string // JSON pointer to the value in which it stands, "" for what is none of them
	What   string // for people
	// Lost tells that the object at Apart, in which Path lies, could not be read
	// to its end: what is left of it are the members before the damage.
	Lost  bool
	Apart string
	// Bare tells that the value is a word or number that JSON does not have,
	// such as NaN, and is now a text: whoever wants an amount there refuses it
	// with its text.
	Bare bool
}

// ErrEndsEarly is a text that ends before its value does.
var ErrEndsEarly = errors.New("the answer ends early")

// errDamaged is a text of which no single record can be told apart.
type errDamaged struct{ offset int }

func (e errDamaged) Error() string {
	return fmt.Sprintf("the answer is no JSON from byte %d on, and no record can be told apart from the others", e.offset)
}

// Mend makes valid JSON of a text that is nearly such, and says what it did.
// Valid JSON is returned as it is. The structure is never guessed:
//
//   - what stands in the way within a value is mended there: control characters
//     and backslashes in texts are kept, now escaped; a word that JSON does
//     not have, such as NaN, becomes a text; a comma too many is left out;
//   - else the record around the place is set apart (Repair.Lost), if its end
//     can be told: the rest of the text must then be JSON to its end. Of it are
//     kept the members that are whole, and the hash of its text, so that it can
//     be told from others;
//   - bytes after the end are left out;
//   - all else is an error, ErrEndsEarly where the text ends too soon.
func Mend(text []byte) ([]byte, []Repair, error) {
	if jx.Valid(text) {
		return text, nil, nil
	}
	m := &mender{text: text, out: make([]byte, 0, len(text)+len(text)/16)}
	at := m.space(0)
	if at == len(text) || text[at] != '{' && text[at] != '[' {
		return nil, nil, errDamaged{at}
	}
	if f := m.run(at, wantValue); f != nil {
		if f.at >= len(text) {
			return nil, nil, ErrEndsEarly
		}
		return nil, nil, errDamaged{f.at}
	}
	if !jx.Valid(m.out) {
		return nil, nil, errDamaged{at} // it does not happen; see the fuzz test
	}
	if len(m.repairs) == 0 {
		m.repairs = []Repair{{What: "control characters between the values were left out"}}
	}
	return m.out, m.repairs, nil
}

// mender reads a text once, from the front, and writes what it understands.
type mender struct {
	text    []byte
	out     []byte
	repairs []Repair
	stack   []open
	apart   apart
	tries   int // ends that were tried, of all
	work    int // bytes that were read to try them
}

// apart is what was set apart on the way to where the mender is.
type apart struct {
	n    int
	list int // where the array begins whose elements they are
	at   int // where the last one begins
}

// open is an object or array that is being read.
type open struct {
	array   bool
	member  string // of an object: the current name, escaped for a pointer
	index   int    // of an array: of the current element
	first   []byte // of an object: the first name with its quotes, as written
	needs   bool   // a comma before the next element or member
	self    mark   // where it begins
	child   mark   // where the current element, or the member's value, begins
	whole   int    // of an object: in out, the end of the last member known to be whole
	wholeAt int    // and where that ends in the text
	inner   int    // of an array: what whole is of the current element, once it has ended
	model   int    // and where its first whole object begins
	last    mark   // and the element before the current one, which is number lastNo
	lastNo  int
	lastEnd int // what inner was of it
}

// mark is a place to which the mender can go back.
type mark struct{ at, out, repairs int }

// fault is a place at which the text cannot be read on.
type fault struct{ at int }

// state is what is expected next.
type state int

const (
	wantValue state = iota
	wantFirst       // the first element or member, or the end
	wantNext        // a further element or member, after a comma
	wantComma       // a comma, or the end
)

const deepest = 500 // nested objects and arrays

// run reads from a place on to the end of the text. Where it cannot go on, it
// sets apart what the place lies in.
func (m *mender) run(at int, want state) *fault {
	for {
		at = m.space(at)
		if len(m.stack) == 0 && want == wantComma {
			return m.rest(at)
		}
		if at >= len(m.text) {
			return &fault{at} // an end that is not there cannot be guessed
		}
		next, then, ok := m.step(at, want)
		if !ok {
			if next >= len(m.text) {
				return &fault{next}
			}
			return m.setApart(next)
		}
		at, want = next, then
	}
}

// step reads one token. Where that fails, next is the place.
func (m *mender) step(at int, want state) (next int, then state, ok bool) {
	c := m.text[at]
	if want == wantValue {
		return m.value(at)
	}
	top := &m.stack[len(m.stack)-1]
	switch {
	case c == '}' && !top.array || c == ']' && top.array:
		if want == wantNext {
			m.repair(Repair{Offset: at, What: "a comma too many was left out"})
		}
		m.close(at)
		return at + 1, wantComma, true
	case want == wantComma && c == '{' && top.array && top.model > 0 && m.text[top.child.at] == '{' && m.alike(at, m.names(top.model)):
		m.repair(Repair{Offset: at, What: "a comma is missing before this element"})
		top.needs = true
		top.index++
		return m.value(at)
	case want == wantComma:
		if c != ',' {
			return at, 0, false
		}
		top.whole, top.wholeAt, top.needs = len(m.out), at, true
		top.index++
		return at + 1, wantNext, true
	case top.array:
		return m.value(at)
	case c != '"':
		return at, 0, false
	}
	return m.name(at)
}

// name reads the name of a member and its colon.
func (m *mender) name(at int) (next int, then state, ok bool) {
	top := &m.stack[len(m.stack)-1]
	before := len(m.out)
	m.comma(top)
	begin := len(m.out)
	end, repairs, ok := m.string(at)
	if !ok {
		return end, 0, false
	}
	name := m.out[begin+1 : len(m.out)-1]
	if bytes.IndexByte(name, '\\') >= 0 {
		plain, err := jx.DecodeBytes(m.out[begin:]).Str()
		if err != nil {
			return at, 0, false
		}
		name = []byte(plain)
	}
	top.member = escapePointer.Replace(string(name))
	m.repair(repairs...)
	colon := m.space(end)
	if colon == len(m.text) || m.text[colon] != ':' {
		m.out = m.out[:before]
		return colon, 0, false
	}
	if top.first == nil {
		top.first = m.text[at:end]
	}
	m.out = append(m.out, ':')
	return colon + 1, wantValue, true
}

func (m *mender) comma(top *open) {
	if top.needs {
		m.out = append(m.out, ',')
		top.needs = false
	}
}

// value reads a value, or the beginning of an object or array.
func (m *mender) value(at int) (next int, then state, ok bool) {
	if len(m.stack) > 0 {
		top := &m.stack[len(m.stack)-1]
		if top.array {
			top.last, top.lastNo, top.lastEnd, top.inner = top.child, top.index-1, top.inner, 0
		}
		top.child = mark{at, len(m.out), len(m.repairs)}
		m.comma(top)
	}
	switch c := m.text[at]; c {
	case '{', '[':
		if len(m.stack) == deepest {
			return at, 0, false
		}
		self := mark{at, len(m.out), len(m.repairs)}
		m.out = append(m.out, c)
		m.stack = append(m.stack, open{array: c == '[', self: self, whole: len(m.out), wholeAt: at + 1})
		return at + 1, wantFirst, true
	case '"':
		end, repairs, ok := m.string(at)
		m.repair(repairs...)
		return end, wantComma, ok
	}
	end, repairs, ok := m.word(at)
	m.repair(repairs...)
	return end, wantComma, ok
}

// close ends the innermost object or array, whose bracket stands at a place.
func (m *mender) close(at int) {
	top := m.stack[len(m.stack)-1]
	if !top.needs {
		top.whole = len(m.out)
	}
	m.stack = m.stack[:len(m.stack)-1]
	m.out = append(m.out, m.text[at])
	if n := len(m.stack); n > 0 && m.stack[n-1].array && !top.array {
		array := &m.stack[n-1]
		array.inner = top.whole
		if array.model == 0 {
			array.model = top.self.at
		}
	}
}

// rest takes what stands after the end. After something was set apart, what looks
// like JSON there shows that its end was not the right one.
func (m *mender) rest(at int) *fault {
	if at == len(m.text) {
		return nil
	}
	if c := m.text[at]; m.apart.n > 0 && (isWord(c) || strings.IndexByte(`"{}[],:`, c) >= 0) {
		return &fault{at}
	}
	m.repairs = append(m.repairs, Repair{Offset: at, What: fmt.Sprintf("%d bytes after its end were left out", len(m.text)-at)})
	return nil
}
