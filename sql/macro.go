package sql

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Engines is the folder of the macros: engines/common for a body that all engines
// read, else one in the folder of each engine.
const Engines = "engines"

// macro is one file below Engines.
type macro struct {
	Name      string
	Signature string // local_date(zone, instant)
	Gives     string
	params    []string
	variadic  bool // the last parameter takes all that is left
	body      []Token
}

// macroSet are the macros of one engine, by name.
type macroSet map[string]macro

var (
	macroSpec      = Spec{Required: []string{"macro", "gives"}}
	macroSignature = regexp.MustCompile(`^([a-z][a-z0-9_]*)\(([a-z0-9_, ]*)(…?)\)$`)
)

// readMacros are the macros of an engine, each read once.
var readMacros = map[Engine]func() (macroSet, error){
	DuckDB: sync.OnceValues(func() (macroSet, error) { return macrosOf(DuckDB) }),
	Spark:  sync.OnceValues(func() (macroSet, error) { return macrosOf(Spark) }),
}

func macros(engine Engine) (macroSet, error) {
	read, known := readMacros[engine]
	if !known {
		return nil, fmt.Errorf("engine %q: want %s or %s", engine, DuckDB, Spark)
	}
	return read()
}

func macrosOf(engine Engine) (macroSet, error) {
	all := macroSet{}
	for _, folder := range []string{Engines + "/common", Engines + "/" + string(engine)} {
		texts, err := Files(folder)
		if err != nil {
			return nil, err
		}
		for _, t := range texts {
			m, err := parseMacro(t)
			if err != nil {
				return nil, err
			}
			if _, twice := all[m.Name]; twice {
				return nil, fmt.Errorf("%s: the macro has a body in %s/common already", t.Path, Engines)
			}
			all[m.Name] = m
		}
	}
	return all, nil
}

func parseMacro(t Text) (macro, error) {
	f, err := ParseFile(t.Path, t.SQL, macroSpec)
	if err != nil {
		return macro{}, err
	}
	m := macro{Signature: f.Keys["macro"], Gives: f.Keys["gives"], body: bare(Tokens(strings.TrimSuffix(f.Body, ";")))}
	found := macroSignature.FindStringSubmatch(m.Signature)
	if found == nil || found[1] != t.Name {
		return macro{}, fmt.Errorf("%s: macro %q: want %s(…) with the names of its parameters", t.Path, m.Signature, t.Name)
	}
	m.Name, m.variadic = t.Name, found[3] != ""
	if found[2] != "" {
		m.params = strings.Split(found[2], ", ")
	}
	return m, nil
}

// fill puts arguments in the place of the parameters. What is not of one piece
// goes into brackets, as does the body, so that nothing outside of them binds
// nearer than what is inside.
func (m *macro) fill(args [][]Token, line int) ([]Token, bool) {
	if m.variadic {
		if len(args) < len(m.params) {
			return nil, false
		}
		last := args[len(m.params)-1]
		for _, more := range args[len(m.params):] {
			last = append(append(slices.Clip(last), Token{", ", line}), more...)
		}
		args = append(args[:len(m.params)-1:len(m.params)-1], last)
	}
	if len(args) != len(m.params) {
		return nil, false
	}
	values := map[string][]Token{}
	for i, name := range m.params {
		if values[name] = args[i]; !m.variadic || i+1 < len(m.params) {
			values[name] = enclosed(args[i], line)
		}
	}
	var out []Token
	for i, t := range m.body {
		value, isParam := values[t.Text]
		if isParam && (i == 0 || m.body[i-1].Text != ".") && (i+1 == len(m.body) || m.body[i+1].Text != "." && m.body[i+1].Text != "(") {
			out = append(out, value...)
			continue
		}
		out = append(out, Token{t.Text, line})
	}
	return enclosed(out, line), true
}

// enclosed puts tokens into brackets where they are not of one piece.
func enclosed(tokens []Token, line int) []Token {
	if isOnePiece(tokens) {
		return tokens
	}
	out := append([]Token{{"(", line}}, tokens...)
	return append(out, Token{")", line})
}

var plainWord = regexp.MustCompile(`^(?:\$?[\p{L}_][\p{L}\p{N}_]*|"(?:[^"]|"")*")$`)

// isOnePiece tells that nothing can bind to a part of the expression: a value, a
// column, a call, what stands in brackets, a CASE.
func isOnePiece(tokens []Token) bool {
	i := 0
	for i+2 < len(tokens) && plainWord.MatchString(tokens[i].Text) && tokens[i+1].Text == "." {
		i += 2
	}
	switch {
	case i+1 == len(tokens):
		return true
	case i+1 < len(tokens) && tokens[i].Text == "(":
		return closing(tokens, i) == len(tokens)-1
	case i+1 < len(tokens) && plainWord.MatchString(tokens[i].Text) && tokens[i+1].Text == "(":
		return closing(tokens, i+1) == len(tokens)-1
	case i == 0 && len(tokens) > 0 && tokens[0].Text == "CASE":
		return endOfCase(tokens) == len(tokens)-1
	}
	return false
}

// endOfCase is the index of the END of the CASE with which tokens begin.
func endOfCase(tokens []Token) int {
	depth := 0
	for i, t := range tokens {
		switch t.Text {
		case "CASE":
			depth++
		case "END":
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
