package query

import (
	"regexp"
	"strings"
)

// splitStatements cuts a text at its semicolons. Each statement has as many
// empty lines before it as the text has lines there, so that the lines that
// DuckDB names in an error are those of the text. What holds nothing but
// comments is left out.
func splitStatements(text string) []string {
	var statements []string
	start, empty := 0, true
	cut := func(end int) {
		if !empty {
			statements = append(statements, strings.Repeat("\n", strings.Count(text[:start], "\n"))+text[start:end])
		}
		start, empty = end+1, true
	}
	for i := 0; i < len(text); {
		rest := text[i:]
		switch {
		case rest[0] == ';':
			cut(i)
			i++
		case strings.HasPrefix(rest, "--"):
			i += lineEnd(rest)
		case strings.HasPrefix(rest, "/*"):
			i += commentEnd(rest)
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r' || rest[0] == '\n':
			i++
		default:
			empty = false
			i += tokenEnd(rest)
		}
	}
	cut(len(text))
	return statements
}

// firstToken is where the statement begins that stands behind its comments.
func firstToken(statement string) int {
	for i := 0; i < len(statement); {
		rest := statement[i:]
		switch {
		case strings.HasPrefix(rest, "--"):
			i += lineEnd(rest)
		case strings.HasPrefix(rest, "/*"):
			i += commentEnd(rest)
		case strings.ContainsRune(" \t\r\n", rune(rest[0])):
			i++
		default:
			return i
		}
	}
	return len(statement)
}

// lineEnd is where a comment to the end of its line ends: at either of the two
// characters that end lines, as for DuckDB.
func lineEnd(text string) int {
	if end := strings.IndexAny(text, "\r\n"); end >= 0 {
		return end
	}
	return len(text)
}

// commentEnd finds the end of a comment, which may hold others.
func commentEnd(text string) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], "/*"):
			depth++
			i++
		case strings.HasPrefix(text[i:], "*/"):
			i++
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

var (
	word      = regexp.MustCompile(`^[\pL_][\pL\pN_$]*`)
	dollarTag = regexp.MustCompile(`^\$([\pL_][\pL\pN_]*)?\$`)
)

// tokenEnd finds the end of a string, a quoted name or a word; of anything
// else it takes one character.
func tokenEnd(text string) int {
	switch {
	case text[0] == '\'' || text[0] == '"':
		return quoteEnd(text, 0, false)
	case len(text) > 1 && (text[0] == 'e' || text[0] == 'E') && text[1] == '\'':
		return quoteEnd(text, 1, true)
	}
	if tag := dollarTag.FindString(text); tag != "" {
		if end := strings.Index(text[len(tag):], tag); end >= 0 {
			return end + 2*len(tag)
		}
		return len(text)
	}
	return max(1, len(word.FindString(text)))
}

// quoteEnd finds the end of what is quoted from open on. A quote that stands
// twice is part of it; so is, with escapes, one after a backslash.
func quoteEnd(text string, open int, escapes bool) int {
	quote := text[open]
	for i := open + 1; i < len(text); i++ {
		switch {
		case escapes && text[i] == '\\':
			i++
		case text[i] == quote && i+1 < len(text) && text[i+1] == quote:
			i++
		case text[i] == quote:
			return i + 1
		}
	}
	return len(text)
}
