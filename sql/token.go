package sql

import (
	"regexp"
	"strings"
)

// Token is a part of a statement: a word, a literal, a comment, an operator, or the
// blank space between.
type Token struct {
	Text string
	Line int // of its first character, from 1
}

var tokenPattern = regexp.MustCompile(`(?s)--[^\n]*|/\*.*?\*/` + // comments
	`|[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|\$\$.*?\$\$` + // literals
	`|"(?:[^"]|"")*"` + // quoted names
	`|\$?[\p{L}_][\p{L}\p{N}_]*` + // words and parameters
	`|\d[\p{L}\p{N}_.]*|::|->>?|<=|>=|<>|!=|\|\||//|\s+|.`)

// Tokens takes a statement apart. Nothing is left out: the texts of all tokens,
// put together, are the statement.
func Tokens(statement string) []Token {
	var tokens []Token
	line := 1
	for _, text := range tokenPattern.FindAllString(statement, -1) {
		tokens = append(tokens, Token{Text: text, Line: line})
		line += strings.Count(text, "\n")
	}
	return tokens
}

// Param is the name of the parameter that the token stands for: "date_from" of
// $date_from; "" where it stands for none.
func (t Token) Param() string {
	if name, ok := strings.CutPrefix(t.Text, "$"); ok && name != "" && !strings.HasPrefix(name, "$") {
		return name
	}
	return ""
}

// isBlank tells that the token is space or a comment.
func (t Token) isBlank() bool {
	return strings.HasPrefix(t.Text, "--") || strings.HasPrefix(t.Text, "/*") || strings.TrimSpace(t.Text) == ""
}

// bare are the tokens without comments, and without space at either end.
func bare(tokens []Token) []Token {
	var kept []Token
	for _, t := range tokens {
		comment := t.isBlank() && strings.TrimSpace(t.Text) != ""
		if !comment && (len(kept) > 0 || !t.isBlank()) {
			kept = append(kept, t)
		}
	}
	for len(kept) > 0 && kept[len(kept)-1].isBlank() {
		kept = kept[:len(kept)-1]
	}
	return kept
}

// closing is the index of the bracket that closes the one at open; -1 where none
// does.
func closing(tokens []Token, open int) int {
	depth := 0
	for i := open; i < len(tokens); i++ {
		switch tokens[i].Text {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// join puts tokens together again.
func join(tokens []Token) string {
	var text strings.Builder
	for _, t := range tokens {
		text.WriteString(t.Text)
	}
	return text.String()
}
