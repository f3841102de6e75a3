package query

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/reports/judge"
)

// front matches what may stand before the one SELECT of a statement. It knows no
// comments: one between its words costs the statement.
var front = regexp.MustCompile(`(?i)^(?:(explain)(?:\s+analyze)?|` +
	`create\s+(?:or\s+replace\s+)?temp(?:orary)?\s+(?:table|view)\s+(?:if\s+not\s+exists\s+)?(?:[\pL_][\pL\pN_]*|"(?:[^"]|"")*")\s+as` +
	`)\b`)

// fileStatements are those that read and write files, by their first word.
var fileStatements = map[string]duckdb.StmtType{
	"COPY":   duckdb.STATEMENT_TYPE_COPY,
	"EXPORT": duckdb.STATEMENT_TYPE_EXPORT,
	"ATTACH": duckdb.STATEMENT_TYPE_ATTACH,
	"DETACH": duckdb.STATEMENT_TYPE_DETACH,
}

// admitted is a statement that may run.
type admitted struct {
	inspected
	text string // what runs: nothing stands in it that was not judged
}

// admit lets a statement pass that only reads, and says what DuckDB makes of it.
// Nothing of it runs, and nothing is bound, before it is judged: the driver runs
// all but the last of what it is given to prepare.
func admit(ctx context.Context, conn *sql.Conn, statement string, files bool) (*admitted, error) {
	begins := firstToken(statement)
	// What seems to be a comment here and might not be one to DuckDB is gone.
	a := &admitted{text: blank(statement[:begins]) + statement[begins:]}
	want, judged := duckdb.STATEMENT_TYPE_SELECT, a.text
	if m := front.FindStringSubmatchIndex(statement[begins:]); m != nil {
		want = duckdb.STATEMENT_TYPE_CREATE
		if m[2] >= 0 {
			want = duckdb.STATEMENT_TYPE_EXPLAIN
		}
		judged = blank(statement[:begins+m[1]]) + statement[begins+m[1]:]
	}
	if err := judge.Reads(ctx, conn, judged, files); err != nil {
		var refused *judge.Refusal
		kind, isFile := duckdb.StmtType(0), false
		if errors.As(err, &refused) && judged == a.text {
			kind, isFile = fileStatements[refused.Kind]
		}
		if !files || !isFile {
			return nil, err
		}
		want = kind
	}
	var err error
	a.inspected, err = inspect(ctx, conn, a.text)
	if err == nil && a.kind != want {
		err = &judge.Refusal{What: "the statement is not of the kind that it seems to be", Hint: judge.Taken}
	}
	return a, err
}

// blank is as many spaces and line ends: what follows stays in its place.
func blank(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return ' '
	}, text)
}

// traceOf begins what the engine adds to its own mistakes: addresses of its code.
const traceOf = "\n\nStack Trace:"

// statementError adds what a person can do to an error of DuckDB, by its class.
func statementError(err error, params bool) error {
	var refused *judge.Refusal
	if errors.As(err, &refused) {
		return &StatementError{What: refused.What, Hint: refused.Hint}
	}
	e := &StatementError{Err: err}
	var database *duckdb.Error
	if !errors.As(err, &database) {
		return e
	}
	switch database.Type {
	case duckdb.ErrorTypeBinder:
		e.Hint = "nightaudit describe lists tables and columns"
		if params {
			e.Hint += "; in arithmetic, say what a parameter is: $rate::DECIMAL(18,4)"
		}
	case duckdb.ErrorTypeCatalog:
		e.Hint = "nightaudit describe lists tables and columns"
	case duckdb.ErrorTypePermission:
		e.Hint = "a query reaches nothing but the published database; --allow-files lets it read and write files"
	case duckdb.ErrorTypeInvalidInput:
		e.Hint = "the published database is read-only; CREATE TEMP TABLE … AS SELECT makes a table for this one query"
	case duckdb.ErrorTypeOutOfMemory:
		e.Hint = "ask for fewer rows or columns at once, or free space in the temporary folder"
	case duckdb.ErrorTypeInternal, duckdb.ErrorTypeFatal:
		words, _, _ := strings.Cut(database.Error(), traceOf)
		e.Err = fmt.Errorf("%s (a mistake of the database engine)", words)
		e.Hint = "write the statement in another way; nothing was changed"
	}
	return e
}
