package sql

import (
	"fmt"
	"slices"
	"strings"
)

// Spec says which keys the header of a kind of file may hold.
type Spec struct {
	Required []string
	Optional []string
	Prefixes []string // "param." allows param.date_from, param.store, …
}

// Header is one line of a file's header.
type Header struct {
	Key, Value string
	Line       int
}

// File is a .sql file taken apart into its header and its statement.
type File struct {
	Name    string            // as given to ParseFile, for messages
	Keys    map[string]string // every key of the header with its value
	Headers []Header          // the same in the order in which they are written
	Body    string            // everything after the header, without blank space around it
	Line    int               // the line of the file on which Body begins, from 1
}

// Prefixed lists the header lines whose key begins with prefix, in the order
// in which they are written, with the prefix taken off.
func (f *File) Prefixed(prefix string) []Header {
	var found []Header
	for _, h := range f.Headers {
		if rest, ok := strings.CutPrefix(h.Key, prefix); ok {
			found = append(found, Header{Key: rest, Value: h.Value, Line: h.Line})
		}
	}
	return found
}

// ParseFile takes a .sql file apart. The header is the lines "-- key: value"
// at its top; it ends at the first line that is not a comment. A line "--"
// without text is allowed between them, and a line "--   text" (three spaces
// or more) goes on with the value of the line before it.
//
// The header is strict: a line that is not of this form, an unknown, empty or
// repeated key, a key without a value, a missing required key and a file
// without a statement are errors. Each names the file and, where there is
// one, the line.
func ParseFile(name, text string, spec Spec) (File, error) {
	f := File{Name: name, Keys: map[string]string{}}
	lines := strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n")
	body := len(lines)
	for i, line := range lines {
		comment, ok := strings.CutPrefix(strings.TrimSuffix(line, "\r"), "--")
		if !ok {
			body = i
			break
		}
		if err := f.add(comment, i+1, spec); err != nil {
			return File{}, err
		}
	}
	for _, h := range f.Headers {
		if h.Value == "" {
			return File{}, fmt.Errorf("%s:%d: header key %q has no value", name, h.Line, h.Key)
		}
	}
	for _, key := range spec.Required {
		if _, ok := f.Keys[key]; !ok {
			return File{}, fmt.Errorf("%s:1: the header misses the key %q: add a line \"-- %s: …\" at the top", name, key, key)
		}
	}
	rest := strings.Join(lines[body:], "\n")
	f.Body = strings.TrimSpace(rest)
	if f.Body == "" {
		return File{}, fmt.Errorf("%s: no statement after the header", name)
	}
	f.Line = body + 1 + strings.Count(rest[:strings.Index(rest, f.Body)], "\n")
	return f, nil
}

// add takes one comment line, without its dashes, into the header.
func (f *File) add(comment string, line int, spec Spec) error {
	if strings.TrimSpace(comment) == "" {
		return nil
	}
	if more := strings.TrimSpace(comment); strings.HasPrefix(comment, "   ") {
		if len(f.Headers) == 0 {
			return fmt.Errorf("%s:%d: a continued line without a key before it: %q", f.Name, line, more)
		}
		last := &f.Headers[len(f.Headers)-1]
		last.Value = strings.TrimSpace(last.Value + " " + more)
		f.Keys[last.Key] = last.Value
		return nil
	}
	key, value, ok := strings.Cut(comment, ":")
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	if !ok || key == "" || strings.ContainsAny(key, " \t") {
		return fmt.Errorf("%s:%d: not a header line of the form \"-- key: value\": %q", f.Name, line, strings.TrimSpace(comment))
	}
	if !spec.allows(key) {
		return fmt.Errorf("%s:%d: unknown header key %q; known are %s", f.Name, line, key, spec.known())
	}
	if _, twice := f.Keys[key]; twice {
		return fmt.Errorf("%s:%d: header key %q is given twice", f.Name, line, key)
	}
	f.Keys[key] = value
	f.Headers = append(f.Headers, Header{Key: key, Value: value, Line: line})
	return nil
}

func (s *Spec) allows(key string) bool {
	if slices.Contains(s.Required, key) || slices.Contains(s.Optional, key) {
		return true
	}
	return slices.ContainsFunc(s.Prefixes, func(p string) bool {
		return len(key) > len(p) && strings.HasPrefix(key, p)
	})
}

func (s *Spec) known() string {
	names := slices.Concat(s.Required, s.Optional)
	for _, p := range s.Prefixes {
		names = append(names, p+"…")
	}
	return strings.Join(names, ", ")
}
