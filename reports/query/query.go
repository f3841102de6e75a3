package query

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/reports/format"
	"github.com/nightaudit/nightaudit/reports/result"
)

// Options says how people's own SQL is run and written.
type Options struct {
	Format string // one of Formats
	// Params are the values of the $name in the text. Each is a text that
	// takes the type by which the statement uses it, as a quoted literal does.
	Params map[string]string
	format.Layout
	// AllowFiles lets statements read and write files, in a database opened
	// with the same option.
	AllowFiles bool
}

// StatementError is a statement that could not be run.
type StatementError struct {
	// Usage is set where the command line is at fault, not the statement.
	Usage bool
	What  string // "" where Err says it
	Err   error  // DuckDB's own, with line and place; may be nil
	Hint  string // what the person can do; may be ""
}

// Error says what is wrong, in DuckDB's words where it is the statement.
func (e *StatementError) Error() string {
	switch {
	case e.Err == nil:
		return e.What
	case e.What == "":
		return e.Err.Error()
	}
	return e.What + ": " + e.Err.Error()
}

// Unwrap is DuckDB's own error.
func (e *StatementError) Unwrap() error { return e.Err }

var pipePath = regexp.MustCompile(`/dev/stdin|/dev/fd/\d*|/proc/self/fd/\d*`)

// Run runs the statements of a text one after the other, in one session, and
// writes the result of the last to w as Write does; temporary tables and views of
// earlier ones last until it ends. Each is one SELECT that only reads, alone or
// behind EXPLAIN or CREATE TEMP: see judge. An error of a statement is a
// *StatementError.
func Run(ctx context.Context, db *sql.DB, w io.Writer, text string, o Options) (err error) {
	if err := format.Known(o.Format); err != nil {
		return err
	}
	statements := splitStatements(text)
	if len(statements) == 0 {
		return &StatementError{Usage: true, What: "there is no statement, only comments"}
	}
	// A statement is looked at before it is run: of a pipe, nothing would be
	// left by then, and the result would be empty without a word.
	if pipe := pipePath.FindString(text); pipe != "" && o.AllowFiles {
		return &StatementError{Usage: true, What: pipe + " cannot be read: it can be a pipe, and a query reads files more than once", Hint: "write what comes from the pipe to a file, and name that"}
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	used := map[string]bool{}
	for i, statement := range statements {
		prepared, err := admit(ctx, conn, statement, o.AllowFiles)
		if err != nil {
			return statementError(err, len(o.Params) > 0)
		}
		args, err := prepared.bind(o.Params, used)
		if err != nil {
			return err
		}
		last := i == len(statements)-1
		if last {
			if err := unusedParam(o.Params, used); err != nil {
				return err
			}
		}
		if !last || !prepared.gives() {
			if _, err := conn.ExecContext(ctx, prepared.text, args...); err != nil {
				return statementError(err, len(o.Params) > 0)
			}
			continue
		}
		r, err := prepared.open(ctx, conn, prepared.text, args)
		if err != nil {
			return statementError(err, len(o.Params) > 0)
		}
		return errors.Join(format.Write(w, o.Format, r, o.Layout), r.Close())
	}
	return nil
}

// inspected is what DuckDB says of a statement before it runs.
type inspected struct {
	kind   duckdb.StmtType
	params []string // names, without $, in the order in which they are bound
}

func inspect(ctx context.Context, conn *sql.Conn, statement string) (p inspected, err error) {
	err = conn.Raw(func(raw any) error {
		prepared, err := raw.(driver.ConnPrepareContext).PrepareContext(ctx, statement)
		if err != nil {
			return err
		}
		defer prepared.Close()
		stmt := prepared.(*duckdb.Stmt)
		if p.kind, err = stmt.StatementType(); err != nil {
			return err
		}
		for i := range stmt.NumInput() {
			name, err := stmt.ParamName(i + 1)
			if err != nil {
				return err
			}
			p.params = append(p.params, name)
		}
		return nil
	})
	return p, err
}

// gives says whether the statement has a result that is worth showing.
func (p *inspected) gives() bool {
	return p.kind == duckdb.STATEMENT_TYPE_SELECT || p.kind == duckdb.STATEMENT_TYPE_EXPLAIN
}

func (p *inspected) open(ctx context.Context, conn *sql.Conn, statement string, args []any) (*result.Rows, error) {
	if p.kind == duckdb.STATEMENT_TYPE_SELECT {
		return result.Query(ctx, conn, statement, args...)
	}
	rows, err := conn.QueryContext(ctx, statement, args...)
	if err != nil {
		return nil, err
	}
	r, err := result.Of(rows)
	if err != nil {
		return nil, errors.Join(err, rows.Close())
	}
	return r, nil
}

// bind gives the statement's values in the order of its parameters, and notes
// which were used.
func (p *inspected) bind(given map[string]string, used map[string]bool) ([]any, error) {
	var args []any
	for _, name := range p.params {
		found := false
		for key, value := range given {
			if strings.EqualFold(key, name) {
				args, used[key], found = append(args, value), true, true
			}
		}
		if !found {
			return nil, &StatementError{Usage: true, What: fmt.Sprintf("the statement uses $%s, and no value is given for it", name), Hint: fmt.Sprintf("--param %s=VALUE", name)}
		}
	}
	return args, nil
}

func unusedParam(given map[string]string, used map[string]bool) error {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !used[name] {
			return &StatementError{Usage: true, What: fmt.Sprintf("--param %s is given, and the statement does not use $%s", name, name), Hint: "write $" + name + " where its value belongs, without quotes"}
		}
	}
	return nil
}
