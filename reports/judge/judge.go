package judge

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/nightaudit/nightaudit/sql/scan"
)

// Refusal is a statement that does not run.
type Refusal struct {
	What string // why, in one sentence
	Hint string // what the person can do; "" where What says it
	// Syntax is set where the statement is none at all.
	Syntax bool
	// Kind is the word that the statement begins with, where it is no SELECT.
	Kind string
}

func (r *Refusal) Error() string {
	if r.Hint == "" {
		return r.What
	}
	return r.What + "; " + r.Hint
}

// Taken are the statements that run.
const Taken = "SELECT, FROM, VALUES, DESCRIBE, SHOW and SUMMARIZE are taken, in a query also EXPLAIN and CREATE TEMP TABLE or VIEW … AS SELECT"

// parsed is DuckDB's answer to queries/parse.
type parsed struct {
	Error      bool              `json:"error"`
	Kind       string            `json:"error_type"`
	Message    string            `json:"error_message"`
	Position   json.Number       `json:"position"`
	Statements []json.RawMessage `json:"statements"`
}

// Reads refuses, with a *Refusal, what is not one SELECT that only reads. It
// parses the statement and runs nothing of it. files lets it read files.
func Reads(ctx context.Context, q scan.Querier, statement string, files bool) error {
	var answer string
	if err := scan.One(ctx, q, "queries/parse", nil, []any{statement}, &answer); err != nil {
		return fmt.Errorf("parse the statement: %w", err)
	}
	var p parsed
	if err := json.Unmarshal([]byte(answer), &p); err != nil {
		// The library reads no more than 10,000 levels.
		return &Refusal{What: "the statement is nested too deeply", Hint: "name its parts: WITH part AS (SELECT …)"}
	}
	switch {
	case p.Error && p.Kind == "parser":
		return &Refusal{What: "Parser Error: " + p.Message + place(statement, p.Position), Syntax: true}
	case p.Error:
		return otherKind(statement, p.Message)
	case len(p.Statements) != 1:
		return &Refusal{What: fmt.Sprintf("%d statements stand where one belongs", len(p.Statements)), Hint: "write one SELECT"}
	}
	return readingFunctions(ctx, q, p.Statements[0], files)
}

// place is the line that an error is in, and a mark below it.
func place(statement string, position json.Number) string {
	at, err := position.Int64()
	if err != nil || at < 0 || at > int64(len(statement)) {
		return ""
	}
	before := statement[:at]
	start := strings.LastIndexByte(before, '\n') + 1
	line, _, _ := strings.Cut(statement[start:], "\n")
	named := fmt.Sprintf("LINE %d: ", strings.Count(before, "\n")+1)
	if len(line) > 200 { // what a program wrote; the words say what is wrong
		return ""
	}
	return "\n\n" + named + line + "\n" + strings.Repeat(" ", len(named)+utf8.RuneCountInString(statement[start:at])) + "^"
}

var firstWord = regexp.MustCompile(`(?s)^(?:\s|--[^\n]*\n|/\*.*?\*/)*([A-Za-z]+)`)

// The statements that are not taken, in words: what people type most.
var (
	settingKinds = map[string]string{
		"SET": "SET, RESET or USE", "RESET": "SET, RESET or USE", "USE": "SET, RESET or USE", "PRAGMA": "PRAGMA",
		"INSTALL": "INSTALL or LOAD", "LOAD": "INSTALL or LOAD", "CALL": "CALL or CHECKPOINT", "CHECKPOINT": "CALL or CHECKPOINT",
	}
	fileKinds = map[string]bool{"COPY": true, "EXPORT": true, "IMPORT": true, "ATTACH": true, "DETACH": true}
)

// otherKind says which kind of statement it is that is no SELECT.
func otherKind(statement, message string) *Refusal {
	r := &Refusal{What: message, Hint: Taken}
	m := firstWord.FindStringSubmatch(statement)
	if m == nil {
		return r
	}
	r.Kind = strings.ToUpper(m[1])
	switch name := settingKinds[r.Kind]; {
	case name != "":
		r.What = name + " is refused: a statement changes no settings and loads no extensions"
	case fileKinds[r.Kind]:
		r.What = r.Kind + " is refused: a statement reaches nothing but the published database"
		r.Hint = "in a query, --allow-files lets it read and write files; --out writes the result to one without"
	case r.Kind == "SELECT" || r.Kind == "FROM" || r.Kind == "WITH" || r.Kind == "PIVOT":
		// The parser makes several statements of a PIVOT without its values.
		r.What = "the statement cannot be judged: " + message
		r.Hint = "PIVOT needs its values: PIVOT … ON column IN ('a', 'b'); parameters are all named or all numbered"
	default:
		r.What = r.Kind + " is refused: a statement reads, and changes nothing"
	}
	return r
}
