package sql

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// functions are those that both engines have been seen to give the same of, nulls,
// zeros and the ends of a range among it. One more is added here with the figures that
// show it: a function of one name is often another in the other engine.
var functions = words("abs bool_and bool_or chr coalesce concat_ws count date_trunc first_value greatest lag least left max md5 min nullif row_number sum")

// bracketed are the words before a bracket that is no call.
var bracketed = words("ALL AND ANY AS BETWEEN BY CAST DECIMAL DISTINCT ELSE EXISTS FILTER FROM IN IS JOIN LATERAL NOT ON OR OVER SELECT THEN UNION USING VALUES WHEN WHERE WITH")

// instead says what is written in the place of a word that one engine does not have,
// or reads in another way.
var instead = map[string]string{
	"any_value": "min(…)", "arbitrary": "min(…)", "array_agg": "ordered_text(…)", "arg_max": "last_by(x, key)", "arg_min": "first_by(x, key)",
	"array_to_string": "first_texts(…)", "asof": "a join and row_number()", "avg": "sum and count side by side: a mean of amounts is one of floats",
	"concat": "|| or concat_ws: one engine leaves nulls out", "date_diff": "days_between(later, earlier)", "datediff": "days_between(later, earlier)",
	"date_format": "second_text or minute_text", "div": "whole_part(n, d)", "double": "DECIMAL: no float holds money", "epoch_us": "the instants themselves, or microseconds(instant)",
	"exclude": "the columns", "first": "first_by(x, key)", "float": "DECIMAL: no float holds money", "generate_series": "dates(first, last)",
	"group_concat": "ordered_text(x, separator, keys)", "hugeint": "BIGINT or DECIMAL", "infinity": "forever()", "json_extract": "json_field(document, path)",
	"lambda": "CASE for each", "last": "last_by(x, key)", "list": "ordered_text or first_texts", "list_contains": "IN", "listagg": "ordered_text(x, separator, keys)",
	"lower": "the text as it is: the engines fold İ and ß in different ways", "materialized": "WITH name AS (…)", "max_by": "last_by(x, key)",
	"median": "middle(n)", "min_by": "first_by(x, key)", "pivot": "sum(…) FILTER (WHERE …)", "positional": "UNION ALL", "qualify": "a subquery with the window, and WHERE",
	"range": "dates(first, last)", "real": "DECIMAL: no float holds money", "regexp_matches": "LIKE", "regexp_replace": "a macro: one engine replaces the first match, the other all",
	"round": "the amounts as they are, or a macro", "row": "(a, b) or one count for each", "sha256": "a macro", "sign": "CASE: one engine gives a float",
	"strftime": "second_text(zone, instant) or minute_text(zone, instant)", "string_agg": "ordered_text(x, separator, keys) or distinct_text(x, separator)",
	"strpos": "LIKE", "struct_pack": "columns", "timestamptz": "an instant as it is, forever() or before_all()", "timezone": "local_date(zone, instant)",
	"trim": "trimmed(x): one engine leaves the spaces of other scripts", "trunc": "whole_part(n, d)", "unnest": "each_day(first, last), dates(first, last) or a join",
	"upper": "the text as it is: the engines fold İ and ß in different ways", "varchar": "STRING",
}

// keywords are those of them that are no functions.
var keywords = words("asof div double exclude float hugeint infinity lambda materialized pivot positional qualify real timestamptz varchar")

// allowedIn are the words that the body of a macro is there to hold.
var allowedIn = map[string][]string{
	"engines/common/first_by.sql": {"min_by"}, "engines/common/last_by.sql": {"max_by"},
	"engines/common/middle.sql": {"median", "round"}, // of whole numbers
}

// lint is what of a statement lies outside of the subset: file, line, and what to
// write instead.
func lint(t Text, macros macroSet, views []string) []string {
	l := linter{text: t, macros: macros, views: views}
	for _, token := range Tokens(t.SQL) {
		if !token.isBlank() {
			l.tokens = append(l.tokens, token)
		}
	}
	for i := range l.tokens {
		l.word(i)
		l.call(i)
		l.literal(i)
		l.operator(i)
		l.clause(i)
		l.order(i)
	}
	return l.found
}

type linter struct {
	text   Text
	tokens []Token
	macros macroSet
	views  []string // the relations and macros of schemas that DuckDB alone has
	found  []string
}

func (l *linter) refuse(i int, what, write string) {
	l.found = append(l.found, fmt.Sprintf("%s:%d: %s: write %s", l.text.Path, l.tokens[i].Line, what, write))
}

// at is the token at i in capitals; "" beyond either end.
func (l *linter) at(i int) string {
	if i < 0 || i >= len(l.tokens) {
		return ""
	}
	return strings.ToUpper(l.tokens[i].Text)
}

func (l *linter) word(i int) {
	word := strings.ToLower(l.tokens[i].Text)
	write, refused := instead[word]
	isCalled := l.at(i+1) == "(" || slices.Contains(keywords, word)
	if refused && isCalled && l.at(i-1) != "." && !slices.Contains(allowedIn[l.text.Path], word) {
		l.refuse(i, l.tokens[i].Text, write)
	}
	if l.at(i+1) == "." && slices.Contains(l.views, word+"."+strings.ToLower(l.at(i+2))) {
		l.refuse(i, word+"."+l.tokens[i+2].Text, "a macro of engines: one engine alone has it by this name")
	}
}

var name = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// call refuses functions that nobody has compared.
func (l *linter) call(i int) {
	word := l.tokens[i].Text
	if !name.MatchString(word) || l.at(i+1) != "(" || slices.Contains(bracketed, strings.ToUpper(word)) {
		return
	}
	end := closing(l.tokens, i+1)
	isName := l.at(end+1) == "AS" && l.at(end+2) == "(" || l.at(i-1) == ")" // WITH rows(a, b) AS (…), (VALUES …) rows(a, b)
	_, isMacro := l.macros[word]
	_, isKnown := instead[strings.ToLower(word)]
	if !isName && !isMacro && !isKnown && !slices.Contains(functions, strings.ToLower(word)) {
		l.refuse(i, word+"(…)", "a function that both engines have been shown to give the same of, or a macro")
	}
	if m := l.macros[word]; isMacro && m.variadic && word != "first_texts" {
		l.keys(i+2, end, len(m.params)-1)
	}
}

var float = regexp.MustCompile(`^[0-9.]+[eE]`)

func (l *linter) literal(i int) {
	switch text := l.tokens[i].Text; {
	case strings.HasPrefix(text, `"`):
		l.refuse(i, text, "a name that needs no quotes")
	case strings.HasPrefix(text, "$$") || strings.HasPrefix(strings.ToLower(text), "e'"):
		l.refuse(i, text, "a plain literal")
	case strings.HasPrefix(text, "'") && (strings.Contains(strings.Trim(text, "'"), "''") || strings.Contains(text, `\`)):
		l.refuse(i, text, "a literal without quotes and backslashes in it, or chr(39)")
	case text == "'infinity'" || text == "'-infinity'":
		l.refuse(i, text, "forever() or before_all()")
	case float.MatchString(text):
		l.refuse(i, text, "a decimal: this is a float")
	}
}

func (l *linter) operator(i int) {
	switch l.tokens[i].Text {
	case "/", "//":
		l.refuse(i, l.tokens[i].Text, "whole_part(n, d), or both figures: one engine divides in floats")
	case "->", "->>":
		l.refuse(i, l.tokens[i].Text, "json_field(document, path)")
	case "[", "{":
		l.refuse(i, l.tokens[i].Text, "columns, or first_texts(…): the engines have no list and no struct in common")
	case "-":
		last := i + 1 // of the path behind the minus
		for l.at(last+1) == "." {
			last += 2
		}
		if strings.HasSuffix(l.at(last), "_DATE") && l.at(last+1) != "(" || l.at(last+1) == "::" && l.at(last+2) == "DATE" || l.at(last) == "LOCAL_DATE" {
			l.refuse(i, "date - date", "days_between(later, earlier)")
		}
	case "*":
		if slices.Contains([]string{"EXCEPT", "REPLACE", "COLUMNS"}, l.at(i+1)) && l.at(i+2) == "(" {
			l.refuse(i+1, "* "+l.at(i+1), "the columns")
		}
	}
}

// clause refuses clauses that one engine alone has.
func (l *linter) clause(i int) {
	switch l.at(i) {
	case "FILTER":
		if l.at(i+1) != "(" { // a column
			return
		}
		if l.at(i+2) != "WHERE" {
			l.refuse(i, "FILTER (", "FILTER (WHERE …)")
		}
		if l.at(closing(l.tokens, i+1)+1) == "OVER" {
			l.refuse(i, "FILTER … OVER", "CASE in the aggregate")
		}
	case "BY":
		if l.at(i+1) == "NAME" {
			l.refuse(i, "BY NAME", "the columns in one order")
		}
	case "DISTINCT":
		if l.at(i+1) == "ON" {
			l.refuse(i, "DISTINCT ON", "a subquery with row_number(), and WHERE")
		}
	case "LATERAL":
		if l.at(i+2) == "VALUES" {
			l.refuse(i, "LATERAL (VALUES", "LATERAL (SELECT … UNION ALL SELECT …)")
		}
	case "FROM":
		if slices.Contains([]string{"", "(", "ALL", "UNION"}, l.at(i-1)) {
			l.refuse(i, "FROM without SELECT", "SELECT 1 FROM or SELECT * FROM")
		}
	case "SELECT":
		if end := closing(l.tokens, i+1); l.at(i+1) == "(" && l.at(end+1) == "FROM" && len(arguments(l.tokens[i+2:end])) > 1 {
			l.refuse(i, "SELECT (a, b)", "SELECT a, b")
		}
	}
}

// order wants the place of nulls for each key that ascends: one engine has them last,
// the other first. Of keys that descend both have them last.
func (l *linter) order(i int) {
	if l.at(i) != "ORDER" || l.at(i+1) != "BY" {
		return
	}
	if l.at(i+2) == "ALL" {
		l.refuse(i, "ORDER BY ALL", "the columns")
	}
	depth, end := 0, i+2
	for ; end < len(l.tokens) && depth >= 0; end++ {
		switch l.at(end) {
		case "(":
			depth++
		case ")":
			depth--
		case "LIMIT", "ROWS", "RANGE", ";":
			if depth == 0 {
				depth = -1
			}
		}
	}
	if depth < 0 {
		end--
	}
	l.keys(i+2, end, 0)
}

// keys looks at the expressions from the token at from to that before end, after the
// first few.
func (l *linter) keys(from, end, few int) {
	for n, key := range arguments(l.tokens[from:end]) {
		var said []string
		for _, t := range key {
			said = append(said, strings.ToUpper(t.Text))
		}
		last := len(said) - 1
		isNumber := last > 2 && said[0] == "CASE" && said[last] == "END" && said[last-2] == "ELSE" && strings.Trim(said[last-1], "0123456789") == ""
		if n >= few && !isNumber && !slices.Contains(said, "NULLS") && !slices.Contains(said, "DESC") {
			l.refuse(from, "ORDER BY "+join(key), "NULLS LAST or NULLS FIRST behind it")
		}
	}
}

func words(list string) []string { return strings.Fields(list) }
