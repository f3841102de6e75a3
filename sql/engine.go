package sql

import (
	"fmt"
	"slices"
	"sync"
)

// Engine is a program that runs the statements of reports and checks. Each has
// one text, in the SQL that all engines read; where they have no words in common,
// it calls a macro of engines/.
type Engine string

// The engines that there are bodies of the macros for.
const (
	DuckDB Engine = "duckdb"
	Spark  Engine = "spark"
)

// Expand is the statement as the engine reads it: each call of a macro is replaced
// by the macro's body, and for Spark each parameter $name by the session variable
// of Variable. Nothing else changes. A name is a macro's where the bracket of its
// arguments follows it without space, and no dot stands before it: a function of
// the same name is called by its schema, or in double quotes.
func Expand(engine Engine, t Text) (string, error) {
	key := expansion{engine, t}
	if known, ok := expanded.Load(key); ok {
		return known.(string), nil
	}
	text, err := expand(engine, t)
	if err == nil {
		expanded.Store(key, text)
	}
	return text, err
}

// expanded holds what has been expanded, by expansion: a night asks for each text some
// four times, and there are no more of them than files.
var expanded sync.Map

type expansion struct {
	engine Engine
	text   Text
}

func expand(engine Engine, t Text) (string, error) {
	all, err := macros(engine)
	if err != nil {
		return "", err
	}
	tokens := Tokens(t.SQL)
	for i := range tokens {
		tokens[i].Line += max(t.Line-1, 0)
	}
	tokens, err = all.expand(t.Path, tokens, nil)
	if err != nil {
		return "", err
	}
	if engine == Spark {
		for i, token := range tokens {
			if name := token.Param(); name != "" {
				tokens[i].Text = Variable(name)
			}
		}
	}
	return join(tokens), nil
}

// ViewTexts are the statements that make the views and macros of a database, in
// which DuckDB runs them.
func ViewTexts() ([]Text, error) {
	texts, err := Files(Views)
	if err != nil {
		return nil, err
	}
	for i := range texts {
		if texts[i].SQL, err = Expand(DuckDB, texts[i]); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// Variable is the session variable of Spark that holds the value of a parameter.
// The name is none that a column has.
func Variable(param string) string { return "na_" + param }

// expand replaces the calls; within names the macros whose bodies these tokens are of.
func (all macroSet) expand(path string, tokens []Token, within []string) ([]Token, error) {
	var out []Token
	for i := 0; i < len(tokens); i++ {
		m, isMacro := all[tokens[i].Text]
		if !isMacro || !isCall(tokens, i) {
			out = append(out, tokens[i])
			continue
		}
		fail := func(format string, args ...any) error {
			return fmt.Errorf("%s:%d: %s: %s", path, tokens[i].Line, m.Name, fmt.Sprintf(format, args...))
		}
		if slices.Contains(within, m.Name) {
			return nil, fail("the macro calls itself")
		}
		end := closing(tokens, i+1)
		if end < 0 {
			return nil, fail("the bracket of its arguments is not closed")
		}
		args := arguments(tokens[i+2 : end])
		for n := range args {
			var err error
			if args[n], err = all.expand(path, args[n], within); err != nil {
				return nil, err
			}
		}
		body, ok := m.fill(args, tokens[i].Line)
		if !ok {
			return nil, fail("it has %d arguments, want %s (sql/engines/README.md; a name of your own is written in double quotes)", len(args), m.Signature)
		}
		body, err := all.expand(path, body, append(slices.Clone(within), m.Name))
		if err != nil {
			return nil, err
		}
		out = append(out, body...)
		i = end
	}
	return out, nil
}

// isCall tells that the word at i is called, and is no member of a schema.
func isCall(tokens []Token, i int) bool {
	if i+1 == len(tokens) || tokens[i+1].Text != "(" {
		return false
	}
	for before := i - 1; before >= 0; before-- {
		if !tokens[before].isBlank() {
			return tokens[before].Text != "."
		}
	}
	return true
}

// arguments takes what stands between the brackets of a call apart.
func arguments(tokens []Token) [][]Token {
	var args [][]Token
	depth, from := 0, 0
	for i, t := range tokens {
		switch t.Text {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			depth--
		case ",":
			if depth == 0 {
				args = append(args, bare(tokens[from:i]))
				from = i + 1
			}
		}
	}
	if last := bare(tokens[from:]); len(args) > 0 || len(last) > 0 {
		args = append(args, last)
	}
	return args
}
