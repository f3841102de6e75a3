package result

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// querier is a database, a connection or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Query runs one SELECT so that every value arrives as the database holds
// it. The driver alone does not give that: it reads the numbers of JSON as
// doubles, and cannot read a VARIANT, a TIME_NS, a tuple or a MAP with nested
// keys. Such columns are cast by the database, inside of a statement around
// the given one; all others are asked for as they are.
//
// statement has no semicolon at its end and may end in a comment. The caller
// closes the result's rows.
func Query(ctx context.Context, db querier, statement string, args ...any) (*Rows, error) {
	columns, asked, err := deliverable(ctx, db, statement, args)
	if err != nil {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, asked, args...)
	if err != nil {
		return nil, err
	}
	return typed(rows, columns)
}

// deliverable describes the columns of a statement, and gives the one to ask in
// its place.
func deliverable(ctx context.Context, db querier, statement string, args []any) ([]Column, string, error) {
	columns, err := Describe(ctx, db, statement, args)
	if ctx.Err() != nil { // err can be nil: it was canceled a moment after
		return nil, "", errors.Join(err, ctx.Err())
	}
	// A statement that cannot stand inside of another one (PRAGMA table_info)
	// gives nothing but texts and numbers; one that is wrong says so itself, by
	// its own lines.
	if err != nil {
		columns = nil
	}
	if slices.ContainsFunc(columns, func(c Column) bool { return c.delivery() != nil }) {
		return columns, delivered(statement, columns), nil
	}
	return columns, statement, nil
}

// typed reads rows of which the columns are known, as far as they are.
func typed(rows *sql.Rows, columns []Column) (*Rows, error) {
	r, err := Of(rows)
	if err != nil {
		return nil, errors.Join(err, rows.Close())
	}
	// Where types are settled only by running the statement, the two differ.
	if len(columns) == len(r.Columns) {
		for i := range columns {
			r.Columns[i].Type = columns[i].Type
		}
	}
	return r, nil
}

// Describe gives the columns of a SELECT without running it.
func Describe(ctx context.Context, db querier, statement string, args []any) (_ []Column, err error) {
	rows, err := db.QueryContext(ctx, "DESCRIBE ("+statement+"\n)", args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var columns []Column
	for rows.Next() {
		var name, typ string
		var rest [4]sql.NullString // null, key, default, extra
		if err := rows.Scan(&name, &typ, &rest[0], &rest[1], &rest[2], &rest[3]); err != nil {
			return nil, err
		}
		columns = append(columns, ColumnOf(name, typ))
	}
	return columns, rows.Err()
}

// delivered is the statement around another one that casts what the driver
// cannot read. It begins on the statement's own first line, so that the lines
// that DuckDB names in an error are right.
func delivered(statement string, columns []Column) string {
	var names, selected []string
	for i := range columns {
		name := fmt.Sprintf("c%d", i)
		names = append(names, name)
		value := name
		for _, to := range columns[i].delivery() {
			value += "::" + to
		}
		selected = append(selected, value+" AS "+sqlfiles.Identifier(columns[i].Name))
	}
	return "FROM (" + statement + "\n) AS given(" + strings.Join(names, ", ") + ") SELECT " + strings.Join(selected, ", ")
}

// delivery lists the casts that the type needs, one after the other; nil
// where it needs none.
func (t *Type) delivery() []string {
	if t.UnreadableKey() {
		return []string{"VARIANT", "JSON", "VARCHAR"}
	}
	readable, changed := t.castName(false)
	if !changed {
		return nil
	}
	if t.has("VARIANT") { // only a JSON can become text as it is
		first, _ := t.castName(true)
		return []string{first, readable}
	}
	return []string{readable}
}

// castName is the type as it is delivered; with variants set, only VARIANT is
// changed, to JSON. changed is false where that is the type itself.
func (t *Type) castName(variants bool) (name string, changed bool) {
	switch t.Kind {
	case KindList:
		name, changed = t.Element.castName(variants)
		return name + "[" + t.length + "]", changed
	case KindMap:
		key, keyChanged := t.Key.castName(variants)
		value, valueChanged := t.Element.castName(variants)
		return "MAP(" + key + ", " + value + ")", keyChanged || valueChanged
	case KindStruct, kindUnion:
		parts := make([]string, len(t.Fields))
		for i := range t.Fields {
			f := &t.Fields[i]
			part, partChanged := f.castName(variants)
			parts[i] = sqlfiles.Identifier(t.FieldName(i)) + " " + part
			changed = changed || partChanged || f.name == ""
		}
		if t.Kind == kindUnion {
			return "UNION(" + strings.Join(parts, ", ") + ")", changed
		}
		return "STRUCT(" + strings.Join(parts, ", ") + ")", changed
	}
	switch {
	case t.name == "VARIANT" && variants:
		return "JSON", true
	case variants:
		return t.name, false
	case t.Kind == KindJSON, t.name == "TIME_NS":
		return "VARCHAR", true
	}
	return t.name, false
}

// FieldName is the name under which a member is delivered: members of a tuple
// have none of their own.
func (t *Type) FieldName(i int) string {
	if name := t.Fields[i].name; name != "" {
		return name
	}
	return fmt.Sprintf("f%d", i+1)
}

// any says whether the type or one of its parts fulfils a condition.
func (t *Type) any(is func(t *Type) bool) bool {
	return is(t) || t.Key != nil && t.Key.any(is) || t.Element != nil && t.Element.any(is) ||
		slices.ContainsFunc(t.Fields, func(f nestedField) bool { return f.any(is) })
}

func (t *Type) has(name string) bool {
	return t.any(func(t *Type) bool { return t.name == name })
}

// UnreadableKey says whether the type has a MAP whose keys Go cannot compare.
func (t *Type) UnreadableKey() bool {
	return t.any(func(t *Type) bool {
		return t.Kind == KindMap && (t.Key.Nested() || t.Key.Kind == KindBytes || t.Key.Kind == kindUUID || t.Key.Kind == KindJSON)
	})
}
