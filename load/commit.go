package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Loaded says what a commit did for one account.
type Loaded struct {
	Orders                       int64 // distinct orders answered
	Inserted, Updated, Unchanged int64
	Rejected                     int64
	Findings                     int64
	State                        ledger.WindowState // the worst of its windows
	Messages                     []string           // why it is not complete
}

// Commit loads what is staged: facts, versions, ledger and cursors in one
// transaction. It then reads the ledger back, for a nil error from a commit
// is not proof. The stage is used up; Discard removes its files.
func (s *Stage) Commit(ctx context.Context) (Loaded, error) {
	s.w.commit.Lock()
	defer s.w.commit.Unlock()
	loaded, err := s.load(ctx)
	return loaded, explain(s.w.path, err)
}

func (s *Stage) load(ctx context.Context) (Loaded, error) {
	m, err := s.prepare(ctx)
	if err != nil {
		return Loaded{}, err
	}
	tx, err := s.conn.BeginTx(ctx, nil)
	if err != nil {
		return Loaded{}, fmt.Errorf("begin the transaction of %s %s: %w", s.source.Name, s.account, err)
	}
	loaded, err := s.commit(ctx, tx, m)
	if err != nil {
		return Loaded{}, errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return Loaded{}, fmt.Errorf("commit %s %s: %w", s.source.Name, s.account, err)
	}
	return loaded, s.readBack(ctx)
}

func (s *Stage) commit(ctx context.Context, tx *sql.Tx, m *merge) (Loaded, error) {
	if err := ensureRun(ctx, tx, s.run); err != nil {
		return Loaded{}, err
	}
	if err := forgetFailure(ctx, tx, s.run, s.source.Name, s.account); err != nil {
		return Loaded{}, err
	}
	for _, t := range m.tables {
		if err := s.execIn(ctx, tx, "apply.sql", t); err != nil {
			return Loaded{}, err
		}
		if t.Table == transform.TableOrders {
			if err := s.execIn(ctx, tx, "lost_versions.sql", t); err != nil {
				return Loaded{}, err
			}
		}
	}
	account := map[string]any{"Source": s.source.Name, "Account": s.account, "RunID": s.run.ID, "At": s.run.At}
	for _, name := range []string{"order_versions.sql", "changed_since_check.sql"} {
		if err := s.execIn(ctx, tx, name, account); err != nil {
			return Loaded{}, err
		}
	}
	for _, st := range m.streams {
		if s.files[[2]string{st.Name, transform.TableIssues}] == nil {
			continue
		}
		for _, target := range []string{"rejects", "findings"} {
			data := map[string]any{"Target": target, "Rejects": target == "rejects", "RunID": s.run.ID, "Stream": st.Name, "Listed": listed(st, m.streams)}
			if err := s.execIn(ctx, tx, "issues.sql", data); err != nil {
				return Loaded{}, err
			}
		}
	}
	return s.accountFor(ctx, tx, m)
}

// listed are the streams among streams that list the orders of which st tells
// more.
func listed(st ledger.Stream, streams []ledger.Stream) (names []string) {
	for _, other := range streams {
		if st.Enriches && !other.Enriches {
			names = append(names, other.Name)
		}
	}
	return names
}

func (s *Stage) execIn(ctx context.Context, tx *sql.Tx, name string, data any) error {
	statement, err := render(name, data)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("run sql/merge/%s for %s %s: %w", name, s.source.Name, s.account, err)
	}
	return nil
}

// endings is how the records of a window ended.
type endings struct {
	fetched, distinct, inserted, updated, unchanged, rejected int64
}

// accountFor writes the windows into the ledger and checks each by the
// equation of extraction and by its control totals.
func (s *Stage) accountFor(ctx context.Context, tx *sql.Tx, m *merge) (Loaded, error) {
	ends := map[int]endings{}
	for _, st := range m.streams {
		if err := s.windowEndings(ctx, tx, st.Name, ends); err != nil {
			return Loaded{}, err
		}
	}
	totals, err := s.controlTotals(ctx, tx, m)
	if err != nil {
		return Loaded{}, err
	}
	loaded := Loaded{State: ledger.Complete}
	for _, w := range s.windows {
		e := ends[w.no]
		w.judge(e, totals[w.no])
		if err := insertExtract(ctx, tx, s.run.ID, s.source.Name, s.account, w, e); err != nil {
			return Loaded{}, err
		}
		if w.State != ledger.Complete {
			loaded.State = ledger.Unreconciled
			loaded.Messages = append(loaded.Messages, w.Stream+": "+w.Message)
		}
	}
	if err := s.insertTotals(ctx, tx, totals); err != nil {
		return Loaded{}, err
	}
	return loaded, s.summarize(ctx, tx, &loaded)
}

// judge marks a window unreconciled when it does not add up.
func (w *window) judge(e endings, totals []controlTotal) {
	doubt := func(format string, args ...any) {
		if w.State == ledger.Complete {
			w.State = ledger.Unreconciled
		}
		w.Message = strings.TrimPrefix(w.Message+"; "+fmt.Sprintf(format, args...), "; ")
	}
	if w.Total >= 0 && w.Total != e.distinct {
		doubt("the vendor states %d, %d came", w.Total, e.distinct)
	}
	if e.distinct != e.inserted+e.updated+e.unchanged+e.rejected {
		doubt("%d distinct records, but %d inserted, %d updated, %d unchanged, %d rejected", e.distinct, e.inserted, e.updated, e.unchanged, e.rejected)
	}
	for _, t := range totals {
		if t.in != t.loaded {
			doubt("%s.%s %s: %s in the answers, %s loaded", t.table, t.column, t.currency, t.in, t.loaded)
		}
	}
}

func (s *Stage) windowEndings(ctx context.Context, tx *sql.Tx, stream string, ends map[int]endings) error {
	statement, err := render("windows.sql", map[string]any{"Stream": stream})
	if err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, statement)
	if err != nil {
		return fmt.Errorf("count the records of %s: %w", stream, err)
	}
	defer rows.Close()
	for rows.Next() {
		var no int
		var e endings
		if err := rows.Scan(&no, &e.fetched, &e.distinct, &e.inserted, &e.updated, &e.unchanged, &e.rejected); err != nil {
			return fmt.Errorf("count the records of %s: %w", stream, err)
		}
		ends[no] = e
	}
	return rows.Err()
}

// summarize counts distinct orders of the night.
func (s *Stage) summarize(ctx context.Context, tx *sql.Tx, loaded *Loaded) error {
	err := tx.QueryRowContext(ctx, `
		SELECT count(*),
			count(*) FILTER (WHERE c.change = 'inserted'),
			count(*) FILTER (WHERE c.change = 'updated'),
			count(*) FILTER (WHERE c.change IS NULL)
		FROM touched_orders t
		JOIN cand_orders o ON o.order_id = t.order_id
		LEFT JOIN changed_orders c ON c.order_id = t.order_id`).
		Scan(&loaded.Orders, &loaded.Inserted, &loaded.Updated, &loaded.Unchanged)
	if err != nil {
		return fmt.Errorf("count the orders of %s %s: %w", s.source.Name, s.account, err)
	}
	for _, c := range []struct {
		table string
		into  *int64
	}{{"rejects", &loaded.Rejected}, {"findings", &loaded.Findings}} {
		err := tx.QueryRowContext(ctx, "SELECT count(DISTINCT coalesce(order_id, landing_ref)) FROM audit."+c.table+
			" WHERE run_id = ? AND source = ? AND account = ?", s.run.ID, s.source.Name, s.account).Scan(c.into)
		if err != nil {
			return fmt.Errorf("count the %s of %s %s: %w", c.table, s.source.Name, s.account, err)
		}
	}
	return nil
}

// readBack proves that the committed ledger can be read.
func (s *Stage) readBack(ctx context.Context) error {
	var n int
	err := s.w.db.QueryRowContext(ctx, "SELECT count(*) FROM audit.extracts WHERE run_id = ? AND source = ? AND account = ?",
		s.run.ID, s.source.Name, s.account).Scan(&n)
	if err == nil && n != len(s.windows) {
		err = fmt.Errorf("%d windows found where %d were committed", n, len(s.windows))
	}
	if err != nil {
		return fmt.Errorf("read the ledger of %s %s back: %w", s.source.Name, s.account, err)
	}
	return nil
}

// controlTotal compares Σ of an amount column as decoded from the source's
// text with Σ loaded, in decimal text of four decimals.
type controlTotal struct {
	stream, table, column, currency string
	start                           time.Time
	in, loaded                      string
}

type totalKey struct {
	window                  int
	table, column, currency string
}

func (s *Stage) controlTotals(ctx context.Context, tx *sql.Tx, m *merge) (map[int][]controlTotal, error) {
	type sum struct{ loaded, apart string }
	found := map[totalKey]sum{}
	for _, t := range m.tables {
		for _, data := range t.controlTotals(s) {
			statement, err := render("control_totals.sql", data)
			if err != nil {
				return nil, err
			}
			rows, err := tx.QueryContext(ctx, statement)
			if err != nil {
				return nil, fmt.Errorf("add up %s of %s: %w", t.Table, data.Stream, err)
			}
			for rows.Next() {
				var no int
				var currency string
				texts := make([]string, 2*len(data.Sums))
				into := []any{&no, &currency}
				for i := range texts {
					into = append(into, &texts[i])
				}
				if err := rows.Scan(into...); err != nil {
					rows.Close()
					return nil, fmt.Errorf("add up %s of %s: %w", t.Table, data.Stream, err)
				}
				for i, c := range data.Sums {
					found[totalKey{no, t.Table, c.Column, currency}] = sum{texts[2*i], texts[2*i+1]}
				}
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				return nil, fmt.Errorf("add up %s of %s: %w", t.Table, data.Stream, err)
			}
		}
	}
	totals := map[int][]controlTotal{}
	for _, w := range s.windows {
		for _, cs := range w.sums {
			if !s.carries(w.Stream, cs.Table, cs.Column) {
				continue
			}
			byCurrency := cs.ByCurrency()
			for _, currency := range slices.Sorted(maps.Keys(byCurrency)) {
				f, ok := found[totalKey{w.no, cs.Table, cs.Column, currency}]
				if !ok {
					f = sum{"0.0000", "0.0000"}
				}
				in, err := subtract(byCurrency[currency], f.apart)
				if err != nil {
					return nil, err
				}
				totals[w.no] = append(totals[w.no], controlTotal{w.Stream, cs.Table, cs.Column, currency, w.Start, in, f.loaded})
			}
		}
	}
	return totals, nil
}

func (s *Stage) carries(stream, table, column string) bool {
	for _, st := range s.source.Streams {
		if st.Name == stream {
			columns, ok := st.Carries[table]
			return ok && (len(columns) == 0 || slices.Contains(columns, column))
		}
	}
	return false
}

// totalsQuery fills control_totals.sql.
type totalsQuery struct {
	tableMerge
	Stream string
	Sums   []totalsColumn
	Later  []tableStream
	// LaterFull are later streams that replace all rows of an order.
	LaterFull []string
}

type totalsColumn struct {
	Column string
	Later  []int // later streams that carry the column too
}

func (t tableMerge) controlTotals(s *Stage) []totalsQuery {
	var queries []totalsQuery
	for i, st := range t.Streams {
		q := totalsQuery{tableMerge: t, Stream: st.Name}
		for _, column := range moneyColumns(t.Table) {
			if !st.carries(column) {
				continue
			}
			c := totalsColumn{Column: column}
			for _, later := range t.Streams[i+1:] {
				if later.carries(column) {
					c.Later = append(c.Later, later.N)
				}
			}
			q.Sums = append(q.Sums, c)
		}
		q.Later, q.LaterFull = t.Streams[i+1:], st.LaterFull
		if len(q.Sums) > 0 {
			queries = append(queries, q)
		}
	}
	return queries
}
