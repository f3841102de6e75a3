package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"

	"github.com/nightaudit/nightaudit/extract"
)

// inForce is what a configuration was read into.
type inForce struct {
	root     *node
	document document
	accounts []openedAccount
}

// covered stands in the place of a secret that stands in the file itself. The
// loader refuses it there, lest somebody keys hashes with it.
const covered = "********"

// InForce is the configuration as the program goes by it: defaults filled in,
// paths absolute, accounts completed by their drivers. A value that the file takes
// from a reference is the reference as it stands there, and a secret of the file
// itself is covered. memory is what the database may take, in bytes, where the file
// does not say it.
//
// It can be written as YAML (goccy/go-yaml) and as JSON. The YAML can be read as a
// configuration in the place of the file, once what is covered stands there again.
func (c *Config) InForce(memory int64) (*Document, error) {
	d := c.inForce.document
	d.DataDir, d.Publish.Dir, d.Report.Dir, d.Report.ExtraDir = c.DataDir, c.Publish.Dir, c.Report.Dir, c.Report.ExtraDir
	d.Metrics.Textfile, d.Lineage.File = c.MetricsFile, c.Lineage.File
	if c.Lake != nil {
		d.Lake.Warehouse = c.Lake.Warehouse
	}
	if d.MemoryLimit == 0 {
		d.MemoryLimit = size(memory)
	}
	n, err := encode(reflect.ValueOf(d))
	if err != nil {
		return nil, err
	}
	sources, err := c.sourcesInForce()
	if err != nil {
		return nil, err
	}
	n.set("sources", sources)
	s := shower{secrets: map[string]bool{}}
	s.collect(n, "")
	return &Document{s.show(n, c.inForce.root, "")}, nil
}

// sourcesInForce are the accounts with what holds for them of the night.
func (c *Config) sourcesInForce() (*node, error) {
	sources := &node{kind: mapping}
	for _, account := range c.inForce.accounts {
		n, err := encode(reflect.ValueOf(account.settings).Elem())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", account.path, err)
		}
		night, err := encode(reflect.ValueOf(struct {
			Timezone         string           `yaml:"timezone"`
			BusinessDayStart extract.Clock    `yaml:"business_day_start"`
			MaxDuration      extract.Duration `yaml:"max_duration"`
			Enabled          bool             `yaml:"enabled"`
		}{c.Zone.String(), extract.Clock(c.DayStart), extract.Duration(c.MaxDuration), true}))
		if err != nil {
			return nil, err
		}
		for _, p := range night.pairs {
			if own := n.get(p.key); own.kind == null || own.value == "0s" {
				n.set(p.key, p.value)
			}
		}
		list := sources.get(account.source)
		if list == nil {
			list = &node{kind: sequence}
			sources.set(account.source, list)
		}
		list.items = append(list.items, n)
	}
	return sources, nil
}

// shower makes of what is in force what may be seen of it.
type shower struct {
	secrets map[string]bool // their values: none is shown under another key either
}

// collect notes the values of the keys that hold secrets.
func (s *shower) collect(n *node, path string) {
	const short = 6 // "8" is the value of many keys
	for _, p := range n.pairs {
		s.collect(p.value, join(path, p.key))
	}
	for i, v := range n.items {
		s.collect(v, item(path, i))
	}
	if IsSecret(path) && len(n.value) >= short {
		s.secrets[n.value] = true
	}
}

// show is n without secrets; file is what the file has in its place, or nil.
func (s *shower) show(n, file *node, path string) *node {
	shown := &node{kind: n.kind, value: n.value}
	for _, p := range n.pairs {
		if p.value.kind == null {
			continue
		}
		shown.pairs = append(shown.pairs, pair{key: p.key, value: s.show(p.value, file.get(p.key), join(path, p.key))})
	}
	for i, v := range n.items {
		var from *node
		if file != nil && i < len(file.items) {
			from = file.items[i]
		}
		shown.items = append(shown.items, s.show(v, from, item(path, i)))
	}
	if n.kind != textual && n.kind != plain {
		return shown
	}
	written := ""
	if file != nil {
		written = file.written
	}
	switch {
	case written != "" && (!IsSecret(path) || reference.ReplaceAllString(written, "") == ""):
		shown.kind, shown.value = textual, shownWritten(written, file.unread)
	case n.value != "" && (IsSecret(path) || s.secrets[n.value]):
		shown.kind, shown.value = textual, covered
	default:
		shown.value = strings.ReplaceAll(n.value, "${", "$${")
	}
	return shown
}

// shownWritten is a text with its references. One that leads nowhere may be the
// secret itself, put between braces.
func shownWritten(written string, unread bool) string {
	if !unread {
		return written
	}
	return reference.ReplaceAllStringFunc(written, func(ref string) string {
		path, isFile := strings.CutPrefix(ref, "${file:")
		switch {
		case isFile && plainPath.MatchString(filepath.ToSlash(strings.TrimSuffix(path, "}"))), strings.HasPrefix(ref, "$$"), shownName.MatchString(ref):
			return ref
		}
		return covered
	})
}

// Document is a configuration to be shown.
type Document struct{ root *node }

// MarshalYAML is the document as the YAML library writes it.
func (d *Document) MarshalYAML() (any, error) { return d.root.plain(), nil }

// MarshalJSON is the document as one JSON object, its keys in the file's order.
func (d *Document) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	err := d.root.writeJSON(&b)
	return b.Bytes(), err
}

// plain is a part of the file as values that any encoder knows, mappings in their
// order.
func (n *node) plain() any {
	switch n.kind {
	case mapping:
		values := yaml.MapSlice{}
		for _, p := range n.pairs {
			values = append(values, yaml.MapItem{Key: p.key, Value: p.value.plain()})
		}
		return values
	case sequence:
		values := []any{}
		for _, v := range n.items {
			values = append(values, v.plain())
		}
		return values
	case plain:
		if i, err := strconv.ParseInt(n.value, 10, 64); err == nil && strconv.FormatInt(i, 10) == n.value {
			return i
		}
		if n.value == "true" || n.value == "false" {
			return n.value == "true"
		}
	case null:
		return nil
	case textual:
		if strings.ContainsFunc(n.value, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return inQuotes(n.value)
		}
	}
	return n.value // in quotes a number is read as well, and keeps its digits
}

// inQuotes is a text that the YAML library would write without quotes, and read as
// another: one with a tab or another character that nobody sees.
type inQuotes string

// MarshalYAML puts the text in quotes, with escapes that Go and YAML share.
func (q inQuotes) MarshalYAML() ([]byte, error) { return []byte(strconv.Quote(string(q))), nil }

func (n *node) writeJSON(b *bytes.Buffer) error {
	separate := func(i int) {
		if i > 0 {
			b.WriteByte(',')
		}
	}
	switch n.kind {
	case mapping:
		b.WriteByte('{')
		for i, p := range n.pairs {
			separate(i)
			key, err := json.Marshal(p.key)
			if err != nil {
				return err
			}
			b.Write(key)
			b.WriteByte(':')
			if err := p.value.writeJSON(b); err != nil {
				return err
			}
		}
		b.WriteByte('}')
		return nil
	case sequence:
		b.WriteByte('[')
		for i, v := range n.items {
			separate(i)
			if err := v.writeJSON(b); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	default:
		value, err := json.Marshal(n.plain())
		b.Write(value)
		return err
	}
}
