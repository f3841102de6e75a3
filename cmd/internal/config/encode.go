package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// encode makes of a value the part of the file that decode would read it from. A
// field that says nothing, an empty text, list or mapping, is null.
func encode(v reflect.Value) (*node, error) {
	if !v.IsValid() {
		return &node{}, nil
	}
	switch from := v.Interface().(type) {
	case *node:
		if from == nil {
			return &node{}, nil
		}
		return from, nil
	case yaml.InterfaceMarshaler:
		inner, err := from.MarshalYAML()
		if err != nil {
			return nil, err
		}
		return encode(reflect.ValueOf(inner))
	case time.Duration:
		return &node{kind: textual, value: from.String()}, nil
	case encoding.TextMarshaler:
		if v.Kind() == reflect.Pointer && v.IsNil() {
			return &node{}, nil
		}
		text, err := from.MarshalText()
		return &node{kind: textual, value: string(text)}, err
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return encode(v.Elem())
	case reflect.Struct:
		return encodeStruct(v)
	case reflect.Slice:
		n := &node{kind: sequence}
		for i := range v.Len() {
			inner, err := encode(v.Index(i))
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, inner)
		}
		return n, nil
	case reflect.Map:
		return encodeMap(v)
	case reflect.String:
		return &node{kind: textual, value: v.String()}, nil
	case reflect.Bool:
		return &node{kind: plain, value: strconv.FormatBool(v.Bool())}, nil
	case reflect.Int, reflect.Int32, reflect.Int64:
		return &node{kind: plain, value: strconv.FormatInt(v.Int(), 10)}, nil
	}
	return nil, fmt.Errorf("a %s cannot be written: this is an error of the program, please report it", v.Type())
}

func encodeStruct(v reflect.Value) (*node, error) {
	n := &node{kind: mapping}
	for _, f := range fieldsOf(v) {
		inner, err := encode(f.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.key, err)
		}
		if inner.empty() {
			inner = &node{}
		}
		n.set(f.key, inner)
	}
	return n, nil
}

func encodeMap(v reflect.Value) (*node, error) {
	n := &node{kind: mapping}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		inner, err := encode(v.MapIndex(key))
		if err != nil {
			return nil, err
		}
		n.set(key.String(), inner)
	}
	return n, nil
}

// empty reports whether a value says nothing.
func (n *node) empty() bool {
	switch n.kind {
	case mapping:
		return len(n.pairs) == 0
	case sequence:
		return len(n.items) == 0
	default:
		return n.value == ""
	}
}

// set gives a mapping's key another value, at its end where it is new.
func (n *node) set(key string, value *node) {
	for i := range n.pairs {
		if n.pairs[i].key == key {
			n.pairs[i].value = value
			return
		}
	}
	n.pairs = append(n.pairs, pair{key: key, value: value})
}
