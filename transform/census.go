package transform

import (
	"slices"
	"strings"

	"github.com/go-faster/jx"
)

// Census counts the members of the objects of a vendor's answers, whether anything
// reads them or not: how often each stands there, out of how many objects, and what
// it holds. The zero value is ready. It is not safe for concurrent use.
type Census struct {
	root  censusNode
	ref   string // of the answer that is being counted
	nodes int
}

// CountedMember is a member of the objects at a path: "currency" of "orders[].items[]".
type CountedMember struct {
	Path, Name string
	Types      string // what it held, without null: "number", "string|object"; "" where only null
	Count      int64
	Among      int64  // objects at the path
	Ref        string // the first answer in which it stood
}

// censusNode is a value at one path.
type censusNode struct {
	name     string
	at       int // among the members of its object, as they came first
	ref      string
	count    int64
	objects  int64 // that stood there, themselves or as elements
	types    uint16
	members  map[string]*censusNode
	sequence []*censusNode
	elements *censusNode
}

const (
	// mostMembers is how many members of one object are told apart: with more, the
	// names are data, as where an object is a table by its ids.
	mostMembers = 256
	// mostNodes bounds what a census holds.
	mostNodes = 4096
	// mostDepth is how deep it looks.
	mostDepth = 12
)

// Add counts the members of an answer, which ref names. An answer that is no JSON is
// counted as far as it is.
func (c *Census) Add(body []byte, ref string) {
	c.ref = ref
	d := jx.GetDecoder()
	defer jx.PutDecoder(d)
	d.ResetBytes(body)
	_ = c.value(d, &c.root, 0) // whoever decodes the answer has told what is wrong with it
}

func (c *Census) value(d *jx.Decoder, n *censusNode, depth int) error {
	kind := d.Next()
	if kind != jx.Null {
		n.types |= 1 << kind
	}
	switch {
	case kind == jx.Object && depth < mostDepth:
		n.objects++
		next := 0 // most objects have their members in the same sequence
		return d.ObjBytes(func(d *jx.Decoder, name []byte) error {
			var m *censusNode
			if next < len(n.sequence) && n.sequence[next].name == string(name) {
				m = n.sequence[next]
			} else if m = c.member(n, name); m == nil {
				return d.Skip()
			}
			next = m.at + 1
			m.count++
			return c.value(d, m, depth+1)
		})
	case kind == jx.Array && depth < mostDepth:
		if n.elements == nil {
			n.elements = c.node()
		}
		if n.elements == nil {
			return d.Skip()
		}
		return d.Arr(func(d *jx.Decoder) error { return c.value(d, n.elements, depth+1) })
	}
	return d.Skip()
}

// member is the member name of the objects at n; nil where it is not counted.
func (c *Census) member(n *censusNode, name []byte) *censusNode {
	if m := n.members[string(name)]; m != nil {
		return m
	}
	if !isMemberName(name) || len(n.members) >= mostMembers {
		return nil
	}
	m := c.node()
	if m == nil {
		return nil
	}
	if n.members == nil {
		n.members = map[string]*censusNode{}
	}
	m.name, m.at = string(name), len(n.sequence)
	n.members[m.name], n.sequence = m, append(n.sequence, m)
	return m
}

func (c *Census) node() *censusNode {
	if c.nodes >= mostNodes {
		return nil
	}
	c.nodes++
	return &censusNode{ref: c.ref}
}

// isMemberName reports whether a name may be a word of the vendor's, and no number,
// phone or text of a person's that is used as a name.
func isMemberName(name []byte) bool {
	if len(name) == 0 || len(name) > 64 {
		return false
	}
	letters := 0
	for _, b := range name {
		switch {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z':
			letters++
		case b >= '0' && b <= '9', b == '_', b == '-', b == '.':
		default:
			return false
		}
	}
	return 2*letters >= len(name)
}

// Members lists what was counted, by path and name. Objects with so many members
// that these are data have none.
func (c *Census) Members() []CountedMember {
	var all []CountedMember
	c.root.list("", &all)
	slices.SortFunc(all, func(a, b CountedMember) int {
		if byPath := strings.Compare(a.Path, b.Path); byPath != 0 {
			return byPath
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all
}

func (n *censusNode) list(path string, all *[]CountedMember) {
	if n.elements != nil {
		n.elements.list(path+"[]", all)
	}
	if len(n.members) >= mostMembers {
		return
	}
	for name, m := range n.members {
		*all = append(*all, CountedMember{Path: path, Name: name, Types: m.typeNames(), Count: m.count, Among: n.objects, Ref: m.ref})
		m.list(strings.TrimPrefix(path+"."+name, "."), all)
	}
}

func (n *censusNode) typeNames() string {
	var names []string
	for _, t := range []jx.Type{jx.String, jx.Number, jx.Bool, jx.Array, jx.Object} {
		if n.types&(1<<t) != 0 {
			names = append(names, t.String())
		}
	}
	return strings.Join(names, "|")
}
