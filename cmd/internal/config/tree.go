package config

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

type kind int

const (
	null    kind = iota
	textual      // a text, quoted or not
	plain        // an unquoted number, boolean, …
	mapping
	sequence
)

func (k kind) String() string {
	return [...]string{"nothing", "a text", "a single value", "a mapping (key: value)", "a list (- …)"}[k]
}

// node is a part of the file: the parser's tree with aliases and merge keys
// resolved and references to secrets expanded. It knows where it stands, so
// that a later complaint can be located.
type node struct {
	kind         kind
	line, column int
	value        string // of text and plain
	expanded     bool   // references in value have been replaced
	written      string // value as it stands in the file, where it has references
	unread       bool   // one of them could not be read, and stands as it is
	pairs        []pair // of mapping
	items        []*node
	size         int // values in it, itself included, aliases as what they stand for
}

type pair struct {
	key   string
	at    *node // the key's place
	value *node
}

// get is the value of a key of a mapping, or nil.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for _, p := range n.pairs {
		if p.key == key {
			return p.value
		}
	}
	return nil
}

// at is the value of a path such as "landing.identity", or nil.
func (n *node) at(path string) *node {
	for key := range strings.SplitSeq(path, ".") {
		n = n.get(key)
	}
	return n
}

// remove takes keys out of a mapping.
func (n *node) remove(keys ...string) {
	n.pairs = slices.DeleteFunc(n.pairs, func(p pair) bool { return slices.Contains(keys, p.key) })
}

// locate finds the place of a path such as "auth.client_id" or "aliases[1]":
// its key, or else that of the innermost part that exists.
func (n *node) locate(path string) *node {
	at := n
	for part := range strings.SplitSeq(path, ".") {
		key, rest, isItem := strings.Cut(part, "[")
		found := false
		for _, p := range n.pairs {
			if p.key == key {
				at, n, found = p.at, p.value, true
			}
		}
		if !found {
			return at
		}
		if isItem {
			i, err := strconv.Atoi(strings.TrimSuffix(rest, "]"))
			if err != nil || i < 0 || i >= len(n.items) {
				return at
			}
			n = n.items[i]
			at = n
		}
	}
	return at
}

// quotedText is a piece of the file in a message of the YAML library.
var quotedText = regexp.MustCompile(`"(\\.|[^"\\])*"`)

// parse reads the file's one YAML document.
func parse(text string, p *problems) *node {
	tokens := lexer.Tokenize(text)
	if t, why := beyond(tokens); t != nil {
		at := &node{}
		at.place(t)
		p.add(at, "", "%s", why)
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		at := &node{}
		message := "is no YAML"
		var located yaml.Error
		if errors.As(err, &located) {
			// The library's own text would quote the file, secrets included.
			message += ": " + quotedText.ReplaceAllString(strings.ReplaceAll(located.GetMessage(), "\t", `\t`), "…")
			if t := located.GetToken(); t != nil && t.Position != nil {
				at.line, at.column = t.Position.Line, t.Position.Column
			}
		}
		p.add(at, "", "%s; check the indentation (blanks, not tabs), quotes and colons of this line", message)
		return nil
	}
	var root *node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		r := &reader{problems: p, anchors: map[string]*node{}}
		n := r.read(doc.Body, "")
		if root != nil {
			p.add(n, "", "a second document starts here: keep one, without the line ---")
			return nil
		}
		root = n
	}
	switch {
	case root == nil:
		p.add(nil, "", "is empty: write a starter configuration to another file with nightaudit init")
	case root.kind != mapping:
		p.add(root, "", "must be a mapping that starts with version: 1")
		root = nil
	}
	return root
}

type reader struct {
	*problems
	anchors map[string]*node
	values  int // read so far, aliases as what they stand for
}

func (r *reader) read(from ast.Node, path string) *node {
	before := r.values
	n := r.readNode(from, path)
	r.values++
	if n.size == 0 {
		n.size = r.values - before
	}
	return n
}

func (r *reader) readNode(from ast.Node, path string) *node {
	n := &node{}
	n.place(from.GetToken())
	switch from := from.(type) {
	case *ast.NullNode:
	case *ast.StringNode:
		n.kind, n.value = textual, from.Value
	case *ast.LiteralNode:
		n.kind, n.value = textual, from.Value.Value
	case *ast.MappingNode:
		n.kind = mapping
		// Merged keys come last: the mapping's own keys go before them.
		for _, merged := range []bool{false, true} {
			for _, v := range from.Values {
				if v.Key.IsMergeKey() == merged {
					r.readPair(n, v, path)
				}
			}
		}
	case *ast.MappingValueNode:
		n.kind = mapping
		r.readPair(n, from, path)
	case *ast.SequenceNode:
		n.kind = sequence
		for i, v := range from.Values {
			n.items = append(n.items, r.read(v, item(path, i)))
		}
	case *ast.AnchorNode:
		n = r.read(from.Value, path)
		// Known only now, so that an anchor cannot hold itself.
		r.anchors[from.Name.GetToken().Value] = n
	case *ast.AliasNode:
		name := from.Value.GetToken().Value
		anchored := r.anchors[name]
		if anchored == nil {
			r.add(n, path, "an alias (*…) names no anchor above it: write the anchor (&…) before the value that is meant, or put a text that begins with * in quotes")
			return n
		}
		// An alias of aliases of aliases stands for more than fits anywhere.
		if r.values += anchored.size; r.values > maxValues {
			r.add(n, path, "*%s and the aliases before it stand for more than %d values: write out what is meant", name, maxValues)
			return n
		}
		n = anchored
	case *ast.TagNode:
		r.add(n, path, "tags (!…) are not used here: remove it, or put a text that begins with ! in quotes")
	default: // integers, floats, booleans, infinity
		n.kind, n.value = plain, from.GetToken().Value
	}
	// A mapping's own token is its first colon or brace; its first key is
	// where a person looks.
	if n.kind == mapping && len(n.pairs) > 0 {
		n.line, n.column = n.pairs[0].at.line, n.pairs[0].at.column
	}
	return n
}

func (r *reader) readPair(n *node, from *ast.MappingValueNode, path string) {
	at := &node{}
	at.place(from.Key.GetToken())
	if from.Key.IsMergeKey() {
		r.merge(n, r.read(from.Value, path), at, path)
		return
	}
	key := from.Key.GetToken().Value
	if s, ok := from.Key.(*ast.StringNode); ok {
		key = s.Value
	}
	inner := join(path, key)
	value := r.read(from.Value, inner)
	for _, p := range n.pairs {
		if p.key == key {
			r.add(at, inner, "stands twice, first in line %d: remove one of them", p.at.line)
			return
		}
	}
	n.pairs = append(n.pairs, pair{key: key, at: at, value: value})
}

// merge adds the pairs of <<: that the mapping does not have itself.
func (r *reader) merge(n, from, at *node, path string) {
	if from.kind != mapping {
		r.add(at, path, "<< wants the alias of a mapping, as <<: *name")
		return
	}
	for _, p := range from.pairs {
		if n.get(p.key) == nil {
			n.pairs = append(n.pairs, p)
		}
	}
}

func (n *node) place(t *token.Token) {
	if t != nil && t.Position != nil {
		n.line, n.column = t.Position.Line, t.Position.Column
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func item(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
