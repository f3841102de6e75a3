package transform

import "slices"

// Walks through text that need be no JSON: by quotes and brackets only.

// nameList is the names of an object's members in the text.
type nameList struct {
	list  []string
	ends  []int // where the value of each ends, as far as is known
	whole bool  // the object's end was found after the last of them
}

// mostNames is how many members of an object are looked at.
const mostNames = 1000

// names are those of the object that begins at a place, up to whatever is odd.
func (m *mender) names(at int) nameList {
	var n nameList
	if at >= len(m.text) || m.text[at] != '{' {
		return n
	}
	for at = m.space(at + 1); at < len(m.text) && m.text[at] == '"' && len(n.list) < mostNames; at = m.space(at + 1) {
		end := m.quoted(at)
		colon := m.space(end)
		if end == 0 || colon >= len(m.text) || m.text[colon] != ':' {
			return n
		}
		name := string(m.text[at:end])
		at = m.nextComma(colon + 1)
		n.list, n.ends = append(n.list, name), append(n.ends, at)
		if at >= len(m.text) || m.text[at] != ',' {
			n.whole = at < len(m.text) && m.text[at] == '}'
			return n
		}
	}
	return n
}

// cutAt leaves out the members that are not whole before a place.
func (n *nameList) cutAt(at int) {
	n.whole = false
	for i, end := range n.ends {
		if end > at {
			n.list = n.list[:i]
			return
		}
	}
}

// alike reports whether an object begins at a place that is like another one: of
// a whole one it has the first name and most others, and no more of its own; of one that was read in
// part it has all, of which there must be two. An object within the other, though
// it may begin alike, is not.
func (m *mender) alike(at int, other nameList) bool {
	own := m.names(at)
	common := 0
	for _, name := range own.list {
		if slices.Contains(other.list, name) {
			common++
		}
	}
	if !other.whole {
		return common >= 2 && common == len(other.list)
	}
	return len(other.list) > 0 && slices.Contains(own.list, other.list[0]) && common >= min(2, len(other.list)) && 2*common > len(own.list) && (!own.whole || 2*common > len(other.list))
}

// begins reports whether an object with a member begins at a place.
func (m *mender) begins(at int) bool {
	if at = m.space(at); at == len(m.text) || m.text[at] != '{' {
		return false
	}
	at = m.space(at + 1)
	return at < len(m.text) && m.text[at] == '"'
}

// matching is the end of an object or array by its brackets, those in texts not
// counted; 0 where there is none.
func (m *mender) matching(at int) int {
	var brackets []byte
	var before byte
	for i := at; i < len(m.text); i++ {
		switch c := m.text[i]; c {
		case '"':
			if i = m.quoted(i); i == 0 {
				return 0
			}
			before = '"'
			i--
			continue
		case '{', '[':
			if string(brackets) == "{" && c == '{' && before == ',' {
				return 0 // the next element: this one was never closed
			}
			brackets = append(brackets, c)
		case '}', ']':
			n := len(brackets)
			if n == 0 || brackets[n-1] != c-2 { // { and }, [ and ] are two apart
				return 0
			}
			if brackets = brackets[:n-1]; n == 1 {
				return i + 1
			}
		}
		if len(brackets) == 0 {
			return 0
		}
		if m.text[i] > ' ' {
			before = m.text[i]
		}
	}
	return 0
}

// nextComma is the next comma outside of all brackets, or the bracket that ends
// what it would stand in, or the end.
func (m *mender) nextComma(at int) int {
	depth := 0
	for i := at; i < len(m.text); i++ {
		switch m.text[i] {
		case '"':
			if i = m.quoted(i) - 1; i < 0 {
				return len(m.text)
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return i
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return len(m.text)
}

// quoted is the end of a text; 0 where there is none.
func (m *mender) quoted(at int) int {
	for i := at + 1; i < len(m.text); i++ {
		switch m.text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}
