package reports

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

// exactRows runs one SELECT so that every value arrives as the database holds
// it. The driver alone does not give that: it reads the numbers of JSON as
// doubles, and cannot read a VARIANT, a TIME_NS, a tuple or a MAP with nested
// keys. Such columns are cast by the database, inside of a statement around
// the given one; all others are asked for as they are.
//
// statement has no semicolon at its end and may end in a comment. The caller
// closes the result's rows.
func exactRows(ctx context.Context, db querier, statement string, args ...any) (*result, error) {
	columns, err := describe(ctx, db, statement, args)
	if ctx.Err() != nil { // err can be nil: it was canceled a moment after
		return nil, errors.Join(err, ctx.Err())
	}
	// A statement that cannot stand inside of another one (PRAGMA table_info)
	// gives nothing but texts and numbers; one that is wrong says so itself, by
	// its own lines.
	if err != nil {
		columns = nil
	}
	asked := statement
	if slices.ContainsFunc(columns, func(c column) bool { return c.delivery() != nil }) {
		asked = delivered(statement, columns)
	}
	rows, err := db.QueryContext(ctx, asked, args...)
	if err != nil {
		return nil, err
	}
	r, err := newResult(rows)
	if err != nil {
		return nil, errors.Join(err, rows.Close())
	}
	// Where types are settled only by running the statement, the two differ.
	if len(columns) == len(r.columns) {
		for i := range columns {
			r.columns[i].valueType = columns[i].valueType
		}
	}
	return r, nil
}

// describe gives the columns of a SELECT without running it.
func describe(ctx context.Context, db querier, statement string, args []any) (_ []column, err error) {
	rows, err := db.QueryContext(ctx, "DESCRIBE ("+statement+"\n)", args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var columns []column
	for rows.Next() {
		var name, typ string
		var rest [4]sql.NullString // null, key, default, extra
		if err := rows.Scan(&name, &typ, &rest[0], &rest[1], &rest[2], &rest[3]); err != nil {
			return nil, err
		}
		columns = append(columns, column{Name: name, valueType: typeOf(typ)})
	}
	return columns, rows.Err()
}

// delivered is the statement around another one that casts what the driver
// cannot read. It begins on the statement's own first line, so that the lines
// that DuckDB names in an error are right.
func delivered(statement string, columns []column) string {
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
func (t *valueType) delivery() []string {
	if t.unreadableKey() {
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
func (t *valueType) castName(variants bool) (name string, changed bool) {
	switch t.Kind {
	case kindList:
		name, changed = t.element.castName(variants)
		return name + "[" + t.length + "]", changed
	case kindMap:
		key, keyChanged := t.key.castName(variants)
		value, valueChanged := t.element.castName(variants)
		return "MAP(" + key + ", " + value + ")", keyChanged || valueChanged
	case kindStruct, kindUnion:
		parts := make([]string, len(t.fields))
		for i := range t.fields {
			f := &t.fields[i]
			part, partChanged := f.castName(variants)
			parts[i] = sqlfiles.Identifier(t.fieldName(i)) + " " + part
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
	case t.Kind == kindJSON, t.name == "TIME_NS":
		return "VARCHAR", true
	}
	return t.name, false
}

// fieldName is the name under which a member is delivered: members of a tuple
// have none of their own.
func (t *valueType) fieldName(i int) string {
	if name := t.fields[i].name; name != "" {
		return name
	}
	return fmt.Sprintf("f%d", i+1)
}

// any says whether the type or one of its parts fulfils a condition.
func (t *valueType) any(is func(t *valueType) bool) bool {
	return is(t) || t.key != nil && t.key.any(is) || t.element != nil && t.element.any(is) ||
		slices.ContainsFunc(t.fields, func(f nestedField) bool { return f.any(is) })
}

func (t *valueType) has(name string) bool {
	return t.any(func(t *valueType) bool { return t.name == name })
}

// unreadableKey says whether the type has a MAP whose keys Go cannot compare.
func (t *valueType) unreadableKey() bool {
	return t.any(func(t *valueType) bool {
		return t.Kind == kindMap && (t.key.nested() || t.key.Kind == kindBytes || t.key.Kind == kindUUID || t.key.Kind == kindJSON)
	})
}
