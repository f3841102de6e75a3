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

	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
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
func (s *Stage) Commit(ctx context.Context) (loaded Loaded, err error) {
	if err := s.seal(ctx); err != nil {
		return loaded, err
	}
	s.nothingToAsk()
	err = s.w.amid(ctx, func() (err error) {
		end := meter.From(ctx).Begin(meter.Merge)
		defer func() { end(meter.Amount{Calls: 1, Rows: loaded.Inserted + loaded.Updated}) }()
		loaded, err = s.load(ctx)
		return err
	})
	return loaded, explain(s.w.path, err)
}

// nothingToAsk notes in the ledger that there was nothing to ask the account for
// (a courier who was given no order): it is complete, and not forgotten.
func (s *Stage) nothingToAsk() {
	if slices.ContainsFunc(s.windows, func(w *window) bool { return s.lists(w.Stream) }) {
		return
	}
	for _, st := range s.source.Streams {
		if s.lists(st.Name) {
			s.End(s.Begin(ledger.Window{Stream: st.Name, Advances: true}), -1, 0, ledger.Complete, "", nil)
			return
		}
	}
}

// lists says whether a stream makes orders known: a date is covered by it, and
// not by what only adds to them.
func (s *Stage) lists(stream string) bool {
	return slices.ContainsFunc(s.source.Streams, func(st ledger.Stream) bool {
		_, orders := st.Carries[transform.TableOrders]
		return st.Name == stream && orders && !st.ByID && !st.Enriches
	})
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
	if err := s.w.commitTx(ctx, tx); err != nil {
		return Loaded{}, fmt.Errorf("commit %s %s: %w", s.source.Name, s.account, err)
	}
	return loaded, s.readBack(ctx)
}

func (s *Stage) commit(ctx context.Context, tx *sql.Tx, m *merge) (Loaded, error) {
	if err := beginAccount(ctx, tx, s.run, s.source.Name, s.account); err != nil {
		return Loaded{}, err
	}
	for _, t := range m.tables {
		if t.empty() {
			continue
		}
		if err := s.exec(ctx, "apply", t); err != nil {
			return Loaded{}, err
		}
		if t.Table != transform.TableOrders {
			continue
		}
		if m.lost {
			t.New = false // the lost states are versions
			if err := s.exec(ctx, "lost_versions", t); err != nil {
				return Loaded{}, err
			}
		}
		if err := s.exec(ctx, "order_versions", t); err != nil {
			return Loaded{}, err
		}
	}
	for _, name := range []string{"changed_since_check", "older_since_check"} {
		if err := s.exec(ctx, name, nil); err != nil {
			return Loaded{}, err
		}
	}
	for _, st := range m.streams {
		if !s.has(st.Name, transform.TableIssues) {
			continue
		}
		for _, target := range []string{"rejects", "findings"} {
			names := map[string]any{"Target": target, "Rejects": target == "rejects", "Stream": st.Name, "Listed": listed(st, m.streams)}
			if err := s.exec(ctx, "issues", names, st.Name); err != nil {
				return Loaded{}, err
			}
		}
	}
	if err := s.watch(ctx, m); err != nil {
		return Loaded{}, err
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
	for _, read := range s.windows {
		w := *read // another attempt judges it anew, see amid
		e := ends[w.no]
		w.judge(e, totals[w.no])
		if err := insertExtract(ctx, tx, s.run.ID, s.source.Name, s.account, w.Window, w.Advances && !w.OwnCursor && s.lists(w.Stream), e); err != nil {
			return Loaded{}, err
		}
		if w.State != ledger.Complete {
			loaded.State = ledger.Unreconciled
			if says := w.Stream + ": " + w.Message; !slices.Contains(loaded.Messages, says) { // two scans of one time say the same
				loaded.Messages = append(loaded.Messages, says)
			}
		}
	}
	if err := s.insertTotals(ctx, tx, totals); err != nil {
		return Loaded{}, err
	}
	if m.exceptions {
		if err := s.exec(ctx, "keep_exceptions", nil); err != nil {
			return Loaded{}, err
		}
	}
	if err := s.exec(ctx, "keep_absences", nil); err != nil {
		return Loaded{}, err
	}
	versioned := slices.DeleteFunc(streamNames(m.streams), func(stream string) bool { return !s.versioned(stream) })
	if err := s.exec(ctx, "keep_older", versioned); err != nil {
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
	type row struct {
		window int
		endings
	}
	rows, err := scan.All(ctx, tx, "merge/windows", stream, func(r *row) []any {
		return []any{&r.window, &r.fetched, &r.distinct, &r.inserted, &r.updated, &r.unchanged, &r.rejected}
	})
	if err != nil {
		return fmt.Errorf("count the records of %s: %w", stream, err)
	}
	for _, r := range rows {
		ends[r.window] = r.endings
	}
	return nil
}

// summarize counts the distinct orders that were answered.
func (s *Stage) summarize(ctx context.Context, tx *sql.Tx, loaded *Loaded) error {
	err := scan.One(ctx, tx, "merge/order_counts", nil, nil,
		&loaded.Orders, &loaded.Inserted, &loaded.Updated, &loaded.Unchanged, &loaded.Rejected, &loaded.Findings)
	if err != nil {
		return fmt.Errorf("count the orders of %s %s: %w", s.source.Name, s.account, err)
	}
	return nil
}

// readBack proves that the committed ledger can be read.
func (s *Stage) readBack(ctx context.Context) error {
	var n int
	err := scan.One(ctx, s.w.db, "ledger/count_windows", nil, []any{s.run.ID, s.source.Name, s.account}, &n)
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

// loadedSum is an amount column of the rows of a window and currency: what
// stands in the warehouse, and what was set apart and did not load.
type loadedSum struct{ loaded, apart string }

func (s *Stage) controlTotals(ctx context.Context, tx *sql.Tx, m *merge) (map[int][]controlTotal, error) {
	found := map[totalKey]loadedSum{}
	for _, t := range m.tables {
		for _, names := range t.controlTotals() {
			if err := addUp(ctx, s.thrifty(tx), names, found); err != nil {
				return nil, fmt.Errorf("add up %s of %s: %w", t.Table, names.Stream, err)
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
					f = loadedSum{"0.0000", "0.0000"}
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

// addUp reads the sums of one stream's rows of one table into found.
func addUp(ctx context.Context, tx scan.Querier, names totalsQuery, found map[totalKey]loadedSum) error {
	type row struct {
		window   int
		currency string
		sums     []loadedSum // in the order of names.Sums
	}
	rows, err := scan.All(ctx, tx, "merge/control_totals", names, func(r *row) []any {
		r.sums = make([]loadedSum, len(names.Sums))
		places := []any{&r.window, &r.currency}
		for i := range r.sums {
			places = append(places, &r.sums[i].loaded, &r.sums[i].apart)
		}
		return places
	})
	for _, r := range rows {
		for i, c := range names.Sums {
			found[totalKey{r.window, names.Table, c.Column, r.currency}] = r.sums[i]
		}
	}
	return err
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

// totalsQuery holds the names of control_totals.sql.
type totalsQuery struct {
	tableMerge
	Stream string
	No     int // of the stream
	Sums   []totalsColumn
	Later  []tableStream
	// LaterFull are later streams that replace all rows of an order.
	LaterFull []string
}

type totalsColumn struct {
	Column string
	Later  []int // later streams that carry the column too
}

func (t tableMerge) controlTotals() []totalsQuery {
	var queries []totalsQuery
	for i, st := range t.Streams {
		q := totalsQuery{tableMerge: t, Stream: st.Name, No: st.N}
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
