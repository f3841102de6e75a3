package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/nightaudit/nightaudit/extract"
)

// Edit gives a key of an account another value.
type Edit struct {
	Source, Account string
	Key             string // below the account, "page_size" or "from_soms.as"
	Value           string // YAML, on one line
}

// Edited is what Apply did for an Edit.
type Edited struct {
	Edit
	Line   int    // of the text that came out, from 1
	Before string // the value that stood there, as it was written; "" where the key was missing
}

// Apply makes edits in the text of a configuration, in place: everything else,
// comments and blanks included, stays as it is, which is proven by reading the
// result. Edits that are there already are left out. A place that cannot be edited
// safely is an error that says what to write by hand.
func Apply(text []byte, edits []Edit) (result []byte, done []Edited, err error) {
	for _, e := range edits {
		changed, d, err := apply(text, e)
		if err != nil {
			return nil, nil, fmt.Errorf("set %s of %s/%s to %s: %w; write it by hand", e.Key, e.Source, e.Account, e.Value, err)
		}
		if d == nil {
			continue
		}
		for i := range done { // a line that was added moves those below
			if added := strings.Count(string(changed), "\n") - strings.Count(string(text), "\n"); done[i].Line >= d.Line {
				done[i].Line += added
			}
		}
		text, done = changed, append(done, *d)
	}
	return text, done, nil
}

var errByHand = errors.New("the file is written in a way that is not edited by the program")

func apply(text []byte, e Edit) (changed []byte, d *Edited, err error) {
	mapping, err := accountNode(text, e.Source, e.Account)
	if err != nil {
		return nil, nil, err
	}
	path := strings.Split(e.Key, ".")
	for _, key := range path[:len(path)-1] {
		v := valueOf(mapping, key)
		if v == nil {
			return nil, nil, fmt.Errorf("it has no %s", key)
		}
		if mapping = asMapping(v.Value); mapping == nil {
			return nil, nil, errByHand
		}
	}
	key := path[len(path)-1]
	lines := strings.SplitAfter(string(text), "\n")
	d = &Edited{Edit: e}
	if v := valueOf(mapping, key); v != nil {
		err = replaceValue(lines, v, d)
	} else {
		lines, err = addKey(lines, mapping, key, d)
	}
	if err != nil || d.Before == e.Value {
		return text, nil, err
	}
	changed = []byte(strings.Join(lines, ""))
	return changed, d, onlyChanged(text, changed, e)
}

// accountNode finds the mapping of an account.
func accountNode(text []byte, source, account string) (*ast.MappingNode, error) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil || len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil, errByHand // the loader has read it: it is something rare
	}
	root := asMapping(file.Docs[0].Body)
	for _, key := range []string{"sources", source} {
		v := valueOf(root, key)
		if v == nil {
			return nil, fmt.Errorf("%s is not there", key)
		}
		if list, ok := v.Value.(*ast.SequenceNode); ok {
			for _, item := range list.Values {
				m := asMapping(item)
				if name := valueOf(m, "account"); name != nil && scalarOf(name.Value) == account {
					return m, nil
				}
			}
			return nil, errors.New("the account is not found under its name")
		}
		root = asMapping(v.Value)
	}
	return nil, errByHand
}

func asMapping(n ast.Node) *ast.MappingNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n
	case *ast.MappingValueNode: // of one pair
		return &ast.MappingNode{Values: []*ast.MappingValueNode{n}}
	}
	return nil
}

func valueOf(m *ast.MappingNode, key string) *ast.MappingValueNode {
	if m == nil {
		return nil
	}
	i := slices.IndexFunc(m.Values, func(v *ast.MappingValueNode) bool { return scalarOf(v.Key) == key })
	if i < 0 {
		return nil
	}
	return m.Values[i]
}

func scalarOf(n ast.Node) string {
	var text string
	if n == nil || yaml.NodeToValue(n, &text) != nil {
		return ""
	}
	return text
}

// replaceValue replaces the value of a key, which stands on one line.
func replaceValue(lines []string, v *ast.MappingValueNode, d *Edited) error {
	first := v.Value.GetToken()
	last := first
	switch n := v.Value.(type) {
	case *ast.SequenceNode:
		first, last = n.Start, n.End
	case *ast.MappingNode, *ast.MappingValueNode, *ast.LiteralNode, *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.NullNode:
		return errByHand
	}
	if first == nil || last == nil || first.Position.Line != last.Position.Line {
		return errByHand
	}
	line := []rune(lines[first.Position.Line-1])
	from := first.Position.Column - 1
	to := last.Position.Column - 1 + len([]rune(strings.TrimSpace(last.Origin)))
	if from > to || to > len(line) {
		return errByHand
	}
	d.Line, d.Before = first.Position.Line, string(line[from:to])
	lines[d.Line-1] = string(line[:from]) + d.Value + string(line[to:])
	return nil
}

// addKey adds a key: below the line on which it stands as a comment, if it does
// within the mapping, else below the mapping's first key.
func addKey(lines []string, m *ast.MappingNode, key string, d *Edited) ([]string, error) {
	if len(m.Values) == 0 {
		return nil, errByHand
	}
	at, last := m.Values[0].Key.GetToken().Position, m.Values[len(m.Values)-1].GetToken().Position
	value := m.Values[0].Value.GetToken()
	if m.IsFlowStyle || value.Position.Line != at.Line {
		return addWithin(lines, m, key, d)
	}
	below := at.Line
	for n := at.Line; n < last.Line; n++ {
		if k, ok := commentedKey(strings.TrimRight(lines[n], "\r\n")); ok && k.key == key {
			below = n + 1
		}
	}
	end := "\n"
	if strings.HasSuffix(lines[below-1], "\r\n") {
		end = "\r\n"
	}
	if !strings.HasSuffix(lines[below-1], "\n") {
		lines[below-1] += end
	}
	d.Line = below + 1
	return slices.Insert(lines, below, strings.Repeat(" ", at.Column-1)+key+": "+d.Value+end), nil
}

// addWithin adds a key to a mapping in braces, before its first one.
func addWithin(lines []string, m *ast.MappingNode, key string, d *Edited) ([]string, error) {
	if !m.IsFlowStyle {
		return nil, errByHand
	}
	at := m.Values[0].Key.GetToken().Position
	line := []rune(lines[at.Line-1])
	d.Line = at.Line
	lines[at.Line-1] = string(line[:at.Column-1]) + key + ": " + d.Value + ", " + string(line[at.Column-1:])
	return lines, nil
}

// onlyChanged proves that the edit did what it says and nothing besides.
func onlyChanged(before, after []byte, e Edit) error {
	var was, is map[string]any
	if yaml.Unmarshal(before, &was) != nil || yaml.Unmarshal(after, &is) != nil {
		return errByHand
	}
	var value any
	if err := yaml.Unmarshal([]byte(e.Value), &value); err != nil {
		return fmt.Errorf("%s is no YAML", e.Value)
	}
	list, _ := was["sources"].(map[string]any)[e.Source].([]any)
	for _, item := range list {
		account, _ := item.(map[string]any)
		if fmt.Sprint(account["account"]) != e.Account {
			continue
		}
		path := strings.Split(e.Key, ".")
		for _, key := range path[:len(path)-1] {
			account, _ = account[key].(map[string]any)
		}
		if account == nil {
			return errByHand
		}
		account[path[len(path)-1]] = value
		break
	}
	if !reflect.DeepEqual(was, is) {
		return errByHand
	}
	return nil
}

// Key is a key of an account as it stands in a configuration.
type Key struct {
	Path   string // below the account, "auth.password"
	Value  string // as it is written
	Secret bool   // nobody else may know the value: the file should hold a reference
	Words  string // what the comment behind it says
}

// KeysOf lists the keys of an account that have a single value.
func KeysOf(text []byte, source, account string) ([]Key, error) {
	m, err := accountNode(text, source, account)
	if err != nil {
		return nil, err
	}
	keys := keysOfMapping(m, "")
	words := descriptions(string(text))
	for i := range keys {
		keys[i].Words = words[join(join("sources", source), keys[i].Path)]
	}
	return keys, nil
}

func keysOfMapping(m *ast.MappingNode, path string) (keys []Key) {
	for _, v := range m.Values {
		at := join(path, scalarOf(v.Key))
		if inner := asMapping(v.Value); inner != nil {
			keys = append(keys, keysOfMapping(inner, at)...)
			continue
		}
		if _, scalar := v.Value.(ast.ScalarNode); scalar {
			keys = append(keys, Key{Path: at, Value: strings.TrimSpace(v.Value.GetToken().Origin), Secret: IsSecret(at)})
		}
	}
	return keys
}

// Required lists the keys that every account of a source must have.
func Required(d *extract.Driver) ([]string, error) {
	g := schemaMaker{}
	required, _ := g.account(d)["required"].([]string)
	return required, g.err
}

// IsReference reports whether a value is ${NAME} or ${file:PATH}.
func IsReference(value string) bool {
	return strings.HasPrefix(value, "${") && strings.HasSuffix(value, "}") && reference.FindString(value) == value
}
