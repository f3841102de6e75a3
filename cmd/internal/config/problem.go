package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Problem is one thing wrong with the configuration: where it stands and
// what to do about it. It never holds the value of a secret.
type Problem struct {
	File         string // as the operator named it
	Line, Column int    // from 1; 0 where the file as a whole is meant
	Key          string // "sources.tuya[0].rate"; "" where no key is meant
	Text         string // what is wrong and the remedy
}

func (p Problem) String() string {
	s := p.File
	if p.Line > 0 {
		s += fmt.Sprintf(":%d:%d", p.Line, p.Column)
	}
	if p.Key != "" {
		s += ": " + p.Key
	}
	return s + ": " + p.Text
}

// Error holds all problems of a configuration, in the order of the file.
type Error struct {
	Problems []Problem
}

// Error lists the problems, one a line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// problems collects what is wrong while a file is read.
type problems struct {
	file  string
	found []Problem
	// secrets are the values that came from the environment and from files,
	// by the reference that named them, and those that stand in the file itself
	// under a key of secrets. No message shows them.
	secrets []secret
}

type secret struct{ reference, value string }

func (p *problems) add(n *node, key, format string, args ...any) {
	problem := Problem{File: p.file, Key: shownKey(key), Text: p.redact(fmt.Sprintf(format, args...))}
	if n != nil {
		problem.Line, problem.Column = n.line, n.column
	}
	p.found = append(p.found, problem)
}

// plainKey is what a key looks like that this program could know. Whatever
// else stands in the place of one may be a secret.
var plainKey = regexp.MustCompile(`^[a-z][a-z_]{0,23}(\[\d+\])*$`)

// shownKey is a key as messages name it.
func shownKey(key string) string {
	if key == "" {
		return ""
	}
	parts := strings.Split(key, ".")
	for i, part := range parts {
		if !plainKey.MatchString(part) {
			parts[i] = hidden
		}
	}
	return strings.Join(parts, ".")
}

// hidden stands where something of the file is not repeated.
const hidden = "…"

// redact puts the reference in the place of a secret's value. A short value
// is replaced where it stands in quotes only: "8" is part of many texts.
func (p *problems) redact(message string) string {
	const short = 6
	for _, s := range p.secrets {
		quoted := strconv.Quote(s.value)
		message = strings.ReplaceAll(message, quoted, s.reference)
		if len(s.value) >= short {
			message = strings.ReplaceAll(message, quoted[1:len(quoted)-1], s.reference)
			message = strings.ReplaceAll(message, s.value, s.reference)
		}
	}
	return message
}

// err is nil, or an *Error with the problems found so far.
func (p *problems) err() error {
	if len(p.found) == 0 {
		return nil
	}
	found := slices.Clone(p.found)
	slices.SortStableFunc(found, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return &Error{Problems: slices.Compact(found)}
}
