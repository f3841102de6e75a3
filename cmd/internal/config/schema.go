package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/cmd/internal/notify"
	"github.com/nightaudit/nightaudit/extract"
)

// Schema is the JSON Schema of configurations, for editors: draft 7, which all of
// them read. It is made of the types that a configuration is decoded into, those of
// the drivers among them, and described by the comments of starter, the starter
// configuration. A configuration that the loader takes fits it, but for keys without
// a value and texts where a number or true is meant; it does not tell all that the
// loader refuses.
func Schema(drivers []extract.Driver, starter string) ([]byte, error) {
	g := schemaMaker{described: descriptions(starter), drivers: drivers}
	d := document{}
	root := g.object(reflect.ValueOf(&d).Elem(), "")
	if g.err != nil {
		return nil, g.err
	}
	root["type"] = "object"
	root["required"] = []string{"sources"}
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["title"] = "nightaudit.yaml"
	root["description"] = "The configuration of nightaudit. A single value may be ${NAME}, an environment variable, or ${file:PATH}, a file that only its owner can read."
	root["definitions"] = schema{
		"reference": schema{"type": "string", "pattern": holdsReference},
		"text":      schema{"type": []string{"string", "number"}},
		"texts":     schema{"type": []string{"array", "null"}, "items": ref("text")},
		"named":     schema{"type": []string{"object", "null"}, "additionalProperties": ref("text")},
		"integer":   schema{"anyOf": []any{schema{"type": "integer"}, ref("reference")}},
		"boolean":   schema{"anyOf": []any{schema{"type": "boolean"}, ref("reference")}},
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(root)
	return b.Bytes(), err
}

type schema = map[string]any

// holdsReference is what a text looks like in which something is to be replaced.
const holdsReference = `\$\{.+\}`

func ref(name string) schema { return schema{"$ref": "#/definitions/" + name} }

type schemaMaker struct {
	described map[string]string
	drivers   []extract.Driver
	err       error
}

// chooses is implemented by a section of several kinds, as httpx.AuthConfig is.
type chooses interface {
	Shapes() (shapes []any, otherwise string)
}

// object is the schema of a struct. The tag schema of a field says "required", or
// which values there are: "body|query".
func (g *schemaMaker) object(v reflect.Value, path string) schema {
	properties := schema{}
	var required []string
	for _, f := range fieldsOf(v) {
		path := join(path, f.key)
		tag := f.tag.Get("schema")
		one := g.value(f.value, path)
		switch {
		case tag == "required":
			required = append(required, f.key)
		case tag != "":
			one = anyOf(strings.Split(tag, "|"))
		}
		if words := g.describe(path); words != "" {
			one = described(one, words)
		}
		properties[f.key] = one
	}
	o := schema{"type": []string{"object", "null"}, "properties": properties, "additionalProperties": false}
	if required != nil {
		o["required"] = required
	}
	return o
}

func described(s schema, words string) schema {
	if _, ok := s["$ref"]; ok { // draft 7 ignores what stands beside one
		return schema{"allOf": []any{s}, "description": words}
	}
	s["description"] = words
	return s
}

// anyOf are the values that there are, or a reference.
func anyOf(values []string) schema {
	return schema{"anyOf": []any{schema{"enum": values}, ref("reference")}}
}

func (g *schemaMaker) value(v reflect.Value, path string) schema {
	switch into := v.Interface().(type) {
	case chooses:
		return g.choice(into, path)
	case interface{ Enum() []string }:
		return anyOf(into.Enum())
	case interface{ Pattern() string }:
		if v.Kind() != reflect.Pointer || !v.IsNil() {
			return schema{"type": "string", "pattern": "^(" + into.Pattern() + ")$|" + holdsReference}
		}
	case *node:
		return g.free(path)
	}
	switch v.Kind() {
	case reflect.Pointer:
		return g.value(reflect.New(v.Type().Elem()).Elem(), path)
	case reflect.Struct:
		return g.object(v, path)
	case reflect.String:
		return ref("text")
	case reflect.Bool:
		return ref("boolean")
	case reflect.Int, reflect.Int64:
		return ref("integer")
	case reflect.Map:
		return ref("named")
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.String {
			return ref("texts")
		}
		return schema{"type": []string{"array", "null"}, "items": g.value(reflect.New(v.Type().Elem()).Elem(), path)}
	}
	g.err = errors.Join(g.err, fmt.Errorf("%s: a %s has no schema", path, v.Type()))
	return nil
}

// choice is the schema of a section with a key kind that says which other keys it has.
func (g *schemaMaker) choice(c chooses, path string) schema {
	shapes, otherwise := c.Shapes()
	var all []any
	for _, shape := range shapes {
		v := reflect.New(reflect.TypeOf(shape)).Elem()
		v.Set(reflect.ValueOf(shape))
		fields := fieldsOf(v)
		kind := fields[0].value.String()
		one := g.object(v, path)
		one["properties"].(schema)["kind"] = schema{"const": kind}
		var required []string
		for _, f := range fields {
			if !strings.HasSuffix(f.tag.Get("yaml"), ",omitempty") && (f.key != "kind" || kind != otherwise) {
				required = append(required, f.key)
			}
		}
		one["type"] = "object"
		if delete(one, "required"); required != nil {
			one["required"] = required
		}
		all = append(all, one)
	}
	return schema{"oneOf": all}
}

// free is the schema of a part that the loader reads by itself.
func (g *schemaMaker) free(path string) schema {
	switch path {
	case "sources":
		properties := schema{}
		for i := range g.drivers {
			d := &g.drivers[i]
			properties[d.Name] = schema{"type": []string{"array", "null"}, "items": g.account(d)}
		}
		return schema{"type": "object", "properties": properties, "additionalProperties": false}
	case "links":
		properties := schema{"name": ref("text"), "rooms": ref("named"), "rooms_available": ref("integer")}
		for i := range g.drivers {
			properties[g.drivers[i].Name] = ref("texts")
		}
		for key, one := range properties {
			if words := g.describe(join(path, key)); words != "" {
				properties[key] = described(one.(schema), words)
			}
		}
		return schema{"type": []string{"array", "null"}, "items": schema{
			"type": "object", "properties": properties, "additionalProperties": false, "required": []string{"name"},
		}}
	case "names.accounts":
		return schema{"type": []string{"object", "null"}, "propertyNames": schema{"pattern": "^[^/]+/"}, "additionalProperties": ref("text")}
	case "notify":
		var channels []any
		for _, kind := range notify.Kinds() {
			channels = append(channels, g.channel(kind))
		}
		return schema{"type": []string{"array", "null"}, "items": schema{"oneOf": channels}}
	case recipientKey:
		return schema{"anyOf": []any{ref("text"), schema{"type": "array", "items": ref("text"), "minItems": 1}}}
	}
	g.err = errors.Join(g.err, fmt.Errorf("%s has no schema", path))
	return nil
}

// channel is the schema of a channel of a kind.
func (g *schemaMaker) channel(kind string) schema {
	needs, all := notify.Keys(kind)
	one := g.object(reflect.ValueOf(&notify.Settings{}).Elem(), "notify")
	properties := one["properties"].(schema)
	for key := range properties {
		if !slices.Contains(all, key) {
			delete(properties, key)
		}
	}
	properties["kind"] = schema{"const": kind}
	one["type"], one["required"] = "object", needs
	return one
}

// account is the schema of an account: of what its driver has it decoded into.
func (g *schemaMaker) account(d *extract.Driver) (s schema) {
	_, err := d.Open(func(into any) error {
		s = g.object(reflect.ValueOf(into).Elem(), join("sources", d.Name))
		s["type"] = "object"
		return errReported
	}, extract.Env{})
	if !errors.Is(err, errReported) {
		g.err = errors.Join(g.err, fmt.Errorf("source %s does not tell its keys: %w", d.Name, err))
	}
	return s
}

// describe is what the starter says of a key; of one that every account has, what
// it says of these.
func (g *schemaMaker) describe(path string) string {
	if words := g.described[path]; words != "" {
		return words
	}
	parts := strings.Split(path, ".")
	if len(parts) == 3 && parts[0] == "sources" {
		return g.described[join(everyAccount, parts[2])]
	}
	return ""
}

const everyAccount = "*"

// descriptions are the comments of a starter configuration by their keys: what
// stands behind a key, or, of a section, in the lines above it. Keys that are
// commented out count as well.
func descriptions(starter string) map[string]string {
	found := map[string]string{}
	type level struct {
		indent int
		key    string
	}
	var levels []level
	var above []string
	for line := range strings.Lines(starter) {
		line = strings.TrimRight(line, "\n")
		if line == "# Keys that any account may have:" {
			levels, above = []level{{0, everyAccount}}, nil
			continue
		}
		k, ok := commentedKey(line)
		if !ok {
			if words, isComment := strings.CutPrefix(line, "# "); isComment {
				above = append(above, words)
			} else {
				above = nil
			}
			continue
		}
		levels = append(slices.DeleteFunc(levels, func(l level) bool { return l.indent >= k.indent }), level{k.indent, k.key})
		path := ""
		for _, l := range levels {
			path = join(path, l.key)
		}
		if _, known := found[path]; !known {
			found[path] = k.words
			if k.words == "" && k.indent == 0 && path != "version" {
				found[path] = strings.Join(above, " ")
			}
		}
		above = nil
	}
	return found
}

// keyLine is a line of the starter that holds a key.
type keyLine struct {
	indent int
	key    string
	words  string // the comment behind it
}

func commentedKey(line string) (k keyLine, ok bool) {
	rest := strings.TrimLeft(line, " ")
	if inner, commented := strings.CutPrefix(rest, "#"); commented {
		rest = strings.TrimLeft(inner, " ")
		k.indent = len(line) - len(rest) - len("# ")
	} else {
		k.indent = len(line) - len(rest)
	}
	if inner, first := strings.CutPrefix(rest, "- "); first {
		rest = inner
		k.indent += len("- ")
	}
	key, value, ok := strings.Cut(rest, ":")
	_, k.words, _ = strings.Cut(value, " # ")
	k.key, k.words = key, strings.TrimSpace(k.words)
	return k, ok && plainKey.MatchString(key)
}
