// Package scan runs the embedded statements of package sql and reads their
// results, so that no caller writes the loop over rows.
//
// Every function takes the path of a statement and the names that it fills in
// (nil for most), see sql.Statement, and the values that are bound to it. None
// says in its error which statement failed: the caller knows for whom it asked.
package scan

import (
	"context"
	"database/sql"
	"errors"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// Querier is a database, a connection or a transaction.
type Querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Exec carries out a statement. A file of several statements takes no values.
func Exec(ctx context.Context, q Querier, path string, names any, values ...any) error {
	text, err := sqlfiles.Statement(path, names)
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, text, values...)
	return err
}

// One reads the first row into the given places; sql.ErrNoRows where there is
// none.
func One(ctx context.Context, q Querier, path string, names any, values []any, into ...any) error {
	text, err := sqlfiles.Statement(path, names)
	if err != nil {
		return err
	}
	return q.QueryRowContext(ctx, text, values...).Scan(into...)
}

// All reads all rows. places gives, for a row, where its columns go, in order.
func All[T any](ctx context.Context, q Querier, path string, names any, places func(row *T) []any, values ...any) ([]T, error) {
	text, err := sqlfiles.Statement(path, names)
	if err != nil {
		return nil, err
	}
	return Text(ctx, q, text, places, values...)
}

// Text is All for a statement that is no file: one that is made of a check, or
// for each table of the database.
func Text[T any](ctx context.Context, q Querier, text string, places func(row *T) []any, values ...any) (all []T, err error) {
	rows, err := q.QueryContext(ctx, text, values...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var row T
		if err := rows.Scan(places(&row)...); err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

// Set reads the first column, whose values are of interest as to whether they
// are there.
func Set[K comparable](ctx context.Context, q Querier, path string, names any, values ...any) (map[K]bool, error) {
	rows, err := All(ctx, q, path, names, func(k *K) []any { return []any{k} }, values...)
	if err != nil {
		return nil, err
	}
	set := make(map[K]bool, len(rows))
	for _, k := range rows {
		set[k] = true
	}
	return set, nil
}

// Map reads a key and a value of each row.
func Map[K comparable, V any](ctx context.Context, q Querier, path string, names any, values ...any) (map[K]V, error) {
	rows, err := All(ctx, q, path, names, func(p *pair[K, V]) []any { return []any{&p.key, &p.value} }, values...)
	if err != nil {
		return nil, err
	}
	found := make(map[K]V, len(rows))
	for _, p := range rows {
		found[p.key] = p.value
	}
	return found, nil
}

type pair[K comparable, V any] struct {
	key   K
	value V
}
