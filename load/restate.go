package load

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Restatement brings all rows of an account to another basis: those of Database,
// into which its landed answers were loaded once more; where that is "", the
// rows that are there, with the business dates of another start of the day.
type Restatement struct {
	Source   Source
	Before   AccountBasis
	After    AccountBasis
	Changes  []BasisChange // what differs between the two
	Database string        // path of that database, closed
	// WallWindows is set where the bounds of windows are wall times of the
	// account's zone.
	WallWindows bool
}

func (r *Restatement) changes(setting string) bool {
	return slices.ContainsFunc(r.Changes, func(c BasisChange) bool { return c.Setting == setting })
}

// dated are the tables with business dates.
var dated = []string{transform.TableOrders, transform.TableStays, transform.TableDeliveryEvents}

// restating is a connection on which an account is restated. Its temporary
// tables are those of a merge, so that the merge's own statements apply them.
type restating struct {
	*Stage
	of     *Restatement
	tables []tableMerge
}

func (w *Warehouse) restating(ctx context.Context, run ledger.Run, of *Restatement) (_ *restating, err error) {
	s := &restating{Stage: &Stage{w: w, run: run, source: of.Source, account: of.After.Account}, of: of}
	if s.conn, err = w.connect(ctx, run, of.Source.Name, of.After.Account); err != nil {
		return nil, err
	}
	err = setVariables(ctx, s.conn, map[string]any{"cause": "configuration", "zone_before": of.Before.Calendar.Zone.String()})
	if err == nil && of.Database != "" {
		err = s.exec(ctx, "restated_attach", of.Database)
	}
	if err != nil {
		return nil, errors.Join(err, s.close(ctx))
	}
	return s, nil
}

// close ends the connection, which holds temporary tables.
func (s *restating) close(ctx context.Context) error {
	err := s.exec(ctx, "restated_detach", nil)
	if ended := s.conn.Raw(func(any) error { return driver.ErrBadConn }); !errors.Is(ended, driver.ErrBadConn) {
		err = errors.Join(err, ended)
	}
	return err
}

// difference works out how the rows ought to stand under a calendar, and how
// that differs from the warehouse. It changes nothing.
func (s *restating) difference(ctx context.Context, c transform.Calendar) error {
	s.tables = nil
	err := setVariables(ctx, s.conn, map[string]any{"zone": c.Zone.String(), "day_start": clockText(c)})
	if err == nil && s.of.Database == "" {
		err = errors.Join(s.exec(ctx, "redated", nil), s.exec(ctx, "business_date", nil))
	}
	if err != nil {
		return err
	}
	var names []string
	for _, def := range transform.Facts {
		t := s.tableMerge(def, nil)
		if s.of.Database == "" && !slices.Contains(dated, t.Table) {
			continue
		}
		if s.of.Database != "" {
			if err := s.exec(ctx, "restated", t); err != nil {
				return err
			}
		}
		s.tables, names = append(s.tables, t), append(names, t.Table)
	}
	if err := s.exec(ctx, "restated_orders", nil); err != nil {
		return err
	}
	for _, t := range s.tables {
		if err := s.exec(ctx, "difference", t); err != nil {
			return err
		}
	}
	return s.exec(ctx, "changed_orders", names)
}

func (s *restating) changed(ctx context.Context) (n int64, err error) {
	err = scan.One(ctx, s.conn, "merge/count_changed", nil, nil, &n)
	return n, err
}

// CanRestate says why an account cannot be restated, "" where it can; names are
// those under which the database may have it. It changes nothing.
func (w *Warehouse) CanRestate(ctx context.Context, run ledger.Run, of *Restatement, names []string) (why string, err error) {
	s, err := w.restating(ctx, run, of)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, s.close(ctx)) }()
	var n int64
	if of.Database != "" {
		err = scan.One(ctx, s.conn, "merge/not_restated", nil, []any{of.Source.Name, names}, &n)
		if err == nil && n > 0 {
			why = fmt.Sprintf("%d of its orders are in no answer that is landed", n)
		}
		return why, err
	}
	// Dates are derived from instants as decoding does. Whether that is all that
	// there is to them shows where the calendar before gives those that are
	// there.
	if err = s.difference(ctx, of.Before.Calendar); err == nil {
		n, err = s.changed(ctx)
	}
	if err == nil && n > 0 {
		why = fmt.Sprintf("the business dates of %d of its orders do not follow from their instants", n)
	}
	return why, err
}

// Restate carries a restatement out as a load of the run, in one transaction,
// with what the account's rows rest on.
func (w *Warehouse) Restate(ctx context.Context, run ledger.Run, of *Restatement) (err error) {
	w.commit.Lock()
	defer w.commit.Unlock()
	fail := func(err error) error {
		return explain(w.path, fmt.Errorf("bring the rows of %s to the configuration: %w", of.After.AccountID, err))
	}
	s, err := w.restating(ctx, run, of)
	if err != nil {
		return fail(err)
	}
	defer func() { err = errors.Join(err, s.close(ctx)) }()
	if err := s.difference(ctx, of.After.Calendar); err != nil {
		return fail(err)
	}
	tx, err := s.conn.BeginTx(ctx, nil)
	if err != nil {
		return fail(err)
	}
	if err := s.apply(ctx, tx); err != nil {
		return fail(errors.Join(err, tx.Rollback()))
	}
	if err := tx.Commit(); err != nil {
		return fail(err)
	}
	return nil
}

func (s *restating) apply(ctx context.Context, tx *sql.Tx) error {
	if err := ensureRun(ctx, tx, s.run); err != nil {
		return err
	}
	closed, err := s.closedPeriods(ctx)
	if err != nil {
		return err
	}
	moved, err := s.changed(ctx)
	if err != nil {
		return err
	}
	for _, t := range s.tables {
		if err := s.exec(ctx, "apply", t); err != nil {
			return err
		}
	}
	if err := s.exec(ctx, "order_versions", tableMerge{}); err != nil {
		return err
	}
	statements := []string{"changed_since_check"}
	if s.of.Database != "" {
		statements = append(statements, "restated_exceptions")
	}
	if s.of.changes(SettingPrivacy) {
		statements = append(statements, "forget_personal")
	}
	if s.of.changes(SettingTimezone) && s.of.WallWindows {
		statements = append(statements, "moved_windows")
	}
	for _, name := range statements {
		if err := s.exec(ctx, name, nil); err != nil {
			return err
		}
	}
	for _, c := range s.of.Changes {
		if err := noteChange(ctx, tx, s.run, s.of.After.AccountID, c, moved, closed); err != nil {
			return err
		}
	}
	return enterAccount(ctx, tx, s.run, &s.of.After)
}

// closedPeriods tells how many orders of closed periods are about to move, as
// "2025-04: 12, 2025-05: 3".
func (s *restating) closedPeriods(ctx context.Context) (string, error) {
	type row struct {
		period string
		orders int64
	}
	rows, err := scan.All(ctx, s.conn, "merge/restated_months", moneyColumns(transform.TableOrders), func(r *row) []any { return []any{&r.period, &r.orders} })
	if err != nil {
		return "", fmt.Errorf("count what moves in closed periods: %w", err)
	}
	parts := make([]string, len(rows))
	for i, r := range rows {
		parts[i] = fmt.Sprintf("%s: %d", r.period, r.orders)
	}
	return strings.Join(parts, ", "), nil
}
