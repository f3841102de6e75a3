package config

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// The YAML library decodes strictly as well, but stops at the first problem,
// gives no line to the errors of UnmarshalText, and lets 1.5 pass as the
// integer 1. So the parser is the library's and the decoder is here.

// errReported stands for problems that were already noted with their places.
var errReported = errors.New("the configuration has problems")

// decode fills the struct that into points to, and notes every problem with
// its key and place. Keys that are absent or null leave the field as it is,
// so that defaults are what the struct holds before. It reports whether all
// was well.
func (p *problems) decode(n *node, path string, into any) bool {
	before := len(p.found)
	p.value(n, path, reflect.ValueOf(into).Elem())
	return len(p.found) == before
}

var nodeType = reflect.TypeFor[*node]()

func (p *problems) value(n *node, path string, v reflect.Value) {
	if n.kind == null {
		return
	}
	if v.Type() == nodeType {
		v.Set(reflect.ValueOf(n))
		return
	}
	switch into := v.Addr().Interface().(type) {
	case yaml.InterfaceUnmarshaler:
		p.itself(n, path, into)
		return
	case encoding.TextUnmarshaler:
		if p.single(n, path) {
			if err := into.UnmarshalText([]byte(n.value)); err != nil {
				p.add(n, path, "%v", err)
			}
		}
		return
	case *time.Duration:
		if p.single(n, path) {
			d, err := time.ParseDuration(n.value)
			if err != nil {
				p.add(n, path, "is no duration: write 30s, 15m or 12h")
			}
			*into = d
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		p.value(n, path, v.Elem())
	case reflect.Struct:
		p.structure(n, path, v)
	case reflect.Slice:
		if p.want(n, path, sequence) {
			v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
			for i, e := range n.items {
				p.value(e, item(path, i), v.Index(i))
			}
		}
	case reflect.Map:
		if p.want(n, path, mapping) {
			v.Set(reflect.MakeMapWithSize(v.Type(), len(n.pairs)))
			for _, e := range n.pairs {
				element := reflect.New(v.Type().Elem()).Elem()
				p.value(e.value, join(path, e.key), element)
				v.SetMapIndex(reflect.ValueOf(e.key).Convert(v.Type().Key()), element)
			}
		}
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int32, reflect.Int64, reflect.Float64:
		if p.single(n, path) {
			p.scalar(n, path, v)
		}
	case reflect.Interface: // for who only wants to know which keys there are
		told := n.value
		if n.kind == mapping || n.kind == sequence {
			told = n.kind.String()
		}
		v.Set(reflect.ValueOf(told))
	default:
		p.add(n, path, "cannot be read into a %s: this is an error of the program, please report it", v.Type())
	}
}

// scalar fills v from the text of a single value.
func (p *problems) scalar(n *node, path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.value)
	case reflect.Bool:
		b, err := strconv.ParseBool(n.value)
		if err != nil {
			p.add(n, path, "must be true or false")
		}
		v.SetBool(b)
	case reflect.Float64:
		f, err := strconv.ParseFloat(n.value, 64)
		if err != nil {
			p.add(n, path, "must be a number such as 1.5")
		}
		v.SetFloat(f)
	default:
		i, err := strconv.ParseInt(n.value, 10, v.Type().Bits())
		if err != nil {
			p.add(n, path, "must be a whole number such as 4")
		}
		v.SetInt(i)
	}
}

// itself lets a value choose what a part of the tree is decoded into, now or
// later.
func (p *problems) itself(n *node, path string, into yaml.InterfaceUnmarshaler) {
	err := into.UnmarshalYAML(func(v any) error {
		if !p.decode(n, path, v) {
			return errReported
		}
		return nil
	})
	if err != nil && !errors.Is(err, errReported) {
		p.add(n, path, "%v", err)
	}
}

func (p *problems) want(n *node, path string, k kind) bool {
	if n.kind != k {
		p.add(n, path, "must be %v, not %v", k, n.kind)
	}
	return n.kind == k
}

func (p *problems) single(n *node, path string) bool {
	if n.kind != textual && n.kind != plain {
		p.add(n, path, "must be a single value, not %v", n.kind)
		return false
	}
	return true
}

func (p *problems) structure(n *node, path string, v reflect.Value) {
	if !p.want(n, path, mapping) {
		return
	}
	fields := map[string]reflect.Value{}
	collectFields(v, fields)
	for _, e := range n.pairs {
		field, ok := fields[e.key]
		if !ok {
			p.unknownKey(e, path, keysOf(fields))
			continue
		}
		p.value(e.value, join(path, e.key), field)
	}
}

func (p *problems) unknownKey(e pair, path string, known []string) {
	hint := "remove it, or use one of " + strings.Join(known, ", ")
	if near := Nearest(e.key, known); near != "" {
		hint = fmt.Sprintf("did you mean %s?", near)
	}
	p.add(e.at, join(path, e.key), "unknown key: %s", hint)
}

func keysOf(fields map[string]reflect.Value) []string {
	keys := make([]string, 0, len(fields))
	for k := range fields {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// collectFields lists a struct's fields by their key, those of inlined
// structs among them, by the YAML library's rules.
func collectFields(v reflect.Value, into map[string]reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if slices.Contains(strings.Split(options, ","), "inline") {
			inner := v.Field(i)
			if inner.Kind() == reflect.Pointer {
				if inner.IsNil() {
					inner.Set(reflect.New(inner.Type().Elem()))
				}
				inner = inner.Elem()
			}
			collectFields(inner, into)
			continue
		}
		if name == "-" || !field.IsExported() {
			continue
		}
		if name == "" {
			name = strings.ToLower(field.Name)
		}
		into[name] = v.Field(i)
	}
}

// Nearest is the known name that differs from name by a slip of the hand, or "".
func Nearest(name string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := edits(strings.ToLower(name), k); d < distance && d < len(k)/2+1 {
			best, distance = k, d
		}
	}
	return best
}

// edits is the number of characters to insert, delete or replace to make b
// of a.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
