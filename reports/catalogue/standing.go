package catalogue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/reports/judge"
	"github.com/nightaudit/nightaudit/reports/result"
)

// OrderKey names one order of the database.
type OrderKey struct{ Source, Account, OrderID string }

// Standing is a report in which an order stands.
type Standing struct {
	Report string `json:"report"`
	Title  string `json:"title"`
	// Date is the business date that the report was asked for; "" where it
	// has no dates.
	Date string `json:"date,omitempty"`
	Rows int    `json:"rows"`
	// KnownBy says how it is known.
	KnownBy string `json:"known_by"`
}

// Standings runs every report of a catalogue that names single orders, for
// one business date where it has dates, and tells which of them have rows that
// name the order. Nothing is concluded from a report's rule: what is told is
// what its rows say. Reports that only add up are left out. A report that
// cannot be run is told in failed, and does not end the rest.
func Standings(ctx context.Context, db *sql.DB, catalogue []Report, o ExportOptions, key OrderKey) (found []Standing, failed []error, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("read the database: %w", err)
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	dated := o
	o.From, o.To = time.Time{}, time.Time{}
	for i := range catalogue {
		r := &catalogue[i]
		with := o
		if r.Has("date_from") || r.Has("date_to") {
			if dated.From.IsZero() {
				continue // an order without a business date is in no report of one
			}
			with = dated
		}
		s, err := standing(ctx, tx, r, with, key)
		switch {
		case ctx.Err() != nil:
			return nil, nil, ctx.Err()
		case err != nil:
			failed = append(failed, fmt.Errorf("run report %s: %w", r.Name, err))
		case s.Rows > 0:
			found = append(found, s)
		}
	}
	return found, failed, nil
}

func standing(ctx context.Context, tx *sql.Tx, r *Report, o ExportOptions, key OrderKey) (s Standing, err error) {
	s = Standing{Report: r.Name, Title: r.Title.In(o.Language)}
	if !o.From.IsZero() {
		s.Date = o.From.Format(time.DateOnly)
	}
	q, err := exportSession(ctx, DuckDB(tx), r, &o)
	if err != nil {
		return s, err
	}
	// A report without a column for an order is not run at all.
	args, err := r.bind(q.Given, q.Complete)
	if err != nil {
		return s, err
	}
	if err := judge.Reads(ctx, tx, r.SQL, false); err != nil {
		return s, err
	}
	columns, err := result.Describe(ctx, tx, r.SQL, args)
	if err != nil {
		return s, err
	}
	names := orderNames(columns)
	if len(names) == 0 {
		return s, nil
	}
	rows, err := q.query(r, nil)
	if err != nil {
		return s, err
	}
	defer rows.Close()
	for values, err := range rows.All() {
		if err != nil {
			return s, err
		}
		if column := naming(rows, values, names, key); column != "" {
			s.Rows++
			s.KnownBy = "its column " + column + " names the order"
		}
	}
	return s, nil
}

// orderName is a column that names an order, with those that say whose it is.
type orderName struct{ id, source, account string }

// orderNames finds the columns that name orders: order_id, order_ref, and
// such as shop_order_id, whose source and account stand in columns of the
// same beginning, or else in those of the row.
func orderNames(columns []result.Column) []orderName {
	has := map[string]bool{}
	for i := range columns {
		has[columns[i].Name] = true
	}
	if !has["source"] && !has["account"] {
		return nil
	}
	var names []orderName
	for i := range columns {
		name := columns[i].Name
		prefix, ok := strings.CutSuffix(name, "order_id")
		if !ok && name != "order_ref" {
			continue
		}
		n := orderName{name, "source", "account"}
		if ok && has[prefix+"source"] && has[prefix+"account"] {
			n.source, n.account = prefix+"source", prefix+"account"
		}
		if has[n.source] && has[n.account] {
			names = append(names, n)
		}
	}
	return names
}

// naming is the column by which a row names the order, "" for none. A row
// that stands for several orders lists them with commas.
func naming(r *result.Rows, values []any, names []orderName, key OrderKey) string {
	row := result.RowOf(r.Columns, values)
	for _, n := range names {
		if row.Str(n.source) != key.Source || row.Str(n.account) != key.Account {
			continue
		}
		for id := range strings.SplitSeq(row.Str(n.id), ", ") {
			if id == key.OrderID {
				return n.id
			}
		}
	}
	return ""
}
