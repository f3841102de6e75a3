package load

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// tableMerge fills the templates that work on one table.
type tableMerge struct {
	Table      string
	Keys       []string // without source and account
	RestKeys   []string // Keys without order_id
	Columns    []string // canonical, without keys
	Replace    bool     // an answer replaces all rows of its orders
	OwnKey     bool     // the key is not the order's
	SoftDelete bool     // rows are marked deleted, not removed
	Streams    []tableStream
	Full       []string // streams that carry all rows and columns
	Parts      bool     // an answer may carry a part of an order's rows; see whole_orders.sql
	Carriers   string   // numbers of the streams that carry the table
	carriers   int

	// What outset.sql found; false is always right, and slower.
	New   bool // the warehouse has no rows that the answers may touch
	Plain bool // one stream tells of it, and of nothing twice
	// Direct is set where, so, the staged rows are the candidate rows, and no
	// statement reads these.
	Direct bool
}

// Alone says that the candidate rows are those of one stream, as they are.
func (t tableMerge) Alone() bool {
	return t.New && len(t.Streams) == 1 && len(t.Streams[0].LaterFull) == 0
}

// Joined are the streams whose rows are put beside each other.
func (t tableMerge) Joined() []tableStream {
	if t.Alone() {
		return nil
	}
	return t.Streams
}

// tableStream is a stream with staged rows of the table.
type tableStream struct {
	Name      string
	N         int
	Columns   []string // carried; empty is all
	LaterFull []string // later streams that carry all rows and columns
}

func (t tableStream) carries(column string) bool {
	return len(t.Columns) == 0 || column == "payload_sha256" || column == "landing_ref" || slices.Contains(t.Columns, column)
}

func (s *Stage) tableMerge(def *transform.TableDef, streams []ledger.Stream) tableMerge {
	t := tableMerge{Table: def.Name, Keys: def.Keys[2:], Replace: def.Mode == transform.Replace}
	t.RestKeys = slices.DeleteFunc(slices.Clone(t.Keys), func(k string) bool { return k == "order_id" })
	t.OwnKey = len(t.RestKeys) == len(t.Keys)
	t.SoftDelete = def.Name == transform.TableOrders
	t.Parts = !t.Replace && !t.OwnKey
	for _, c := range def.Columns() {
		if !slices.Contains(t.Keys, c) {
			t.Columns = append(t.Columns, c)
		}
	}
	carriers := []string{"-1"} // for none
	for i, st := range streams {
		columns, carries := st.Carries[def.Name]
		if carries {
			carriers = append(carriers, strconv.Itoa(i))
		}
		if carries && len(columns) == 0 {
			// Also where it has staged no row: then its orders have none.
			t.Full = append(t.Full, st.Name)
			for j := range t.Streams {
				t.Streams[j].LaterFull = append(t.Streams[j].LaterFull, st.Name)
			}
		}
		if carries && s.files[[2]string{st.Name, def.Name}] != nil {
			t.Streams = append(t.Streams, tableStream{Name: st.Name, N: i, Columns: columns})
		}
	}
	t.Carriers, t.carriers = strings.Join(carriers, ", "), len(carriers)-1
	return t
}

// stillListed fills in the condition that no later answer has left out a
// staged row of stream number N.
type stillListed struct {
	N        int
	Carriers string
}

// StillListed says so of the rows of a stream.
func (t tableMerge) StillListed(n int) stillListed { return stillListed{n, t.Carriers} }

// resolved is a column of a candidate row: the numbers of the streams that
// carry it, the latest first.
type resolved struct {
	Column  string
	Streams []int
	Alone   bool
}

// Resolve says which streams a column of a candidate row comes from.
func (t tableMerge) Resolve(column string) resolved {
	r := resolved{Column: column, Alone: t.Alone()}
	for _, s := range slices.Backward(t.Streams) {
		if s.carries(column) {
			r.Streams = append(r.Streams, s.N)
		}
	}
	return r
}

// Carried lists the canonical columns of t that the stream carries.
func (t tableMerge) Carried(s tableStream) []string {
	return slices.DeleteFunc(slices.Clone(t.Columns), func(c string) bool { return !s.carries(c) })
}

// merge holds what Due and Commit share: the rendered table merges.
type merge struct {
	streams []ledger.Stream
	tables  []tableMerge
	lost    bool // records lost to others, or are older than what stands
	// exceptions is set where any stand, or come to stand.
	exceptions bool
}

// prepare brings all that is staged so far, and sealed, into temporary tables: the
// records that load, the candidate rows of every table, and how they differ
// from the warehouse. It changes nothing.
func (s *Stage) prepare(ctx context.Context) (*merge, error) {
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	m := &merge{streams: s.staged()}
	if err := s.stageRecords(ctx, m.streams); err != nil {
		return nil, err
	}
	if err := s.outset(ctx, m); err != nil {
		return nil, err
	}
	for _, t := range m.tables {
		if err := s.stageTable(ctx, m, t); err != nil {
			return nil, err
		}
	}
	if err := s.stageExceptions(ctx, m); err != nil {
		return nil, err
	}
	if s.source.DeriveSQL != "" {
		if _, err := s.conn.ExecContext(ctx, s.source.DeriveSQL); err != nil {
			return nil, fmt.Errorf("derive the columns of source %s: %w", s.source.Name, err)
		}
	}
	if err := s.exec(ctx, "business_date", nil); err != nil {
		return nil, err
	}
	var tables []string
	for _, t := range m.tables {
		if t.empty() {
			continue
		}
		if err := s.exec(ctx, "difference", t); err != nil {
			return nil, err
		}
		tables = append(tables, t.Table)
	}
	return m, s.exec(ctx, "changed_orders", tables)
}

// stageTable makes the candidate rows of one table.
func (s *Stage) stageTable(ctx context.Context, m *merge, t tableMerge) error {
	switch {
	case t.empty():
		return s.exec(ctx, "nothing", t)
	case t.Direct:
		return nil
	}
	err := s.exec(ctx, "candidate", t)
	if err == nil && t.SoftDelete { // the orders are there, by which it is known which answers list all
		err = s.exec(ctx, "whole_orders", streamNames(m.streams))
	}
	return err
}

// empty says that neither the answers nor the warehouse have anything of it.
func (t tableMerge) empty() bool { return t.New && len(t.Streams) == 0 && !t.SoftDelete }

// outset lists the tables to merge, and asks what can be left out of it. A table of
// which no answer tells stays as it is; those that other statements read are there
// all the same.
func (s *Stage) outset(ctx context.Context, m *merge) error {
	m.tables = nil
	var alone []tableMerge
	for _, def := range s.source.tables() {
		t := s.tableMerge(def, m.streams)
		if t.carriers == 0 && !s.reads(t.Table) {
			continue
		}
		if m.tables = append(m.tables, t); t.carriers == 1 && len(t.Streams) == 1 {
			alone = append(alone, t)
		}
	}
	told := s.exceptionStreams(m.streams)
	type finding struct{ what, name string }
	found, err := scan.All(ctx, s.conn, "merge/outset",
		map[string]any{"Tables": m.tables, "Streams": told, "Alone": alone},
		func(f *finding) []any { return []any{&f.what, &f.name} })
	if err != nil {
		return fmt.Errorf("ask what the warehouse has of %s %s: %w", s.source.Name, s.account, err)
	}
	is := func(what, name string) bool { return slices.Contains(found, finding{what, name}) }
	for i := range m.tables {
		t := &m.tables[i]
		t.New, t.Plain = !is("held", t.Table), is("plain", t.Table)
		t.Direct = t.Plain && t.Alone() && !s.reads(t.Table)
	}
	m.lost = slices.ContainsFunc(found, func(f finding) bool { return f.what == "lost" })
	m.exceptions = slices.ContainsFunc(found, func(f finding) bool { return f.what == "exceptions" }) ||
		slices.ContainsFunc(told, func(t exceptionStream) bool { return t.Issues })
	return nil
}

// reads says whether statements of a merge read the candidate rows of a table,
// besides those that bring them into the warehouse.
func (s *Stage) reads(table string) bool {
	switch table {
	case transform.TableOrders, transform.TableStays, transform.TableDeliveries:
		return true
	}
	return strings.Contains(s.source.DeriveSQL, "cand_"+table)
}

// Delivers reports whether the source may have deliveries.
func (s Source) Delivers() bool {
	return slices.ContainsFunc(s.tables(), func(def *transform.TableDef) bool { return def.Name == transform.TableDeliveries })
}

// tables are the tables of facts of which the source may have rows, and those by
// which every order is dated.
func (s Source) tables() []*transform.TableDef {
	return slices.DeleteFunc(slices.Clone(transform.Facts), func(def *transform.TableDef) bool {
		return def.Name != transform.TableOrders && def.Name != transform.TableStays && !slices.ContainsFunc(s.Streams, func(st ledger.Stream) bool { _, carries := st.Carries[def.Name]; return carries })
	})
}

// stageRecords makes the staged files and the records of each stream visible
// to SQL: first the streams that make orders known, then those that enrich.
func (s *Stage) stageRecords(ctx context.Context, streams []ledger.Stream) error {
	makers, enriching := separate(streams)
	if err := s.stageStreams(ctx, makers); err != nil {
		return err
	}
	if len(enriching) > 0 {
		// Which of the orders that they tell of exist.
		withOrders := slices.DeleteFunc(streamNames(makers), func(stream string) bool {
			return s.files[[2]string{stream, transform.TableOrders}] == nil
		})
		if err := s.exec(ctx, "known_orders", map[string]any{"Told": streamNames(enriching), "Makers": withOrders}); err != nil {
			return err
		}
	}
	if err := s.stageStreams(ctx, enriching); err != nil {
		return err
	}
	staged := append(streamNames(makers), streamNames(enriching)...)
	if err := s.exec(ctx, "older_orders", staged); err != nil {
		return err
	}
	if err := s.doubtBackwards(ctx, staged); err != nil {
		return err
	}
	if err := s.stageGone(ctx, staged); err != nil {
		return err
	}
	return s.exec(ctx, "touched_orders", staged)
}

// separate tells the streams that make orders known from those that enrich.
func separate(streams []ledger.Stream) (makers, enriching []ledger.Stream) {
	for _, st := range streams {
		if st.Enriches && !st.Makes {
			enriching = append(enriching, st)
		} else {
			makers = append(makers, st)
		}
	}
	return makers, enriching
}

func streamNames(streams []ledger.Stream) (all []string) {
	for _, st := range streams {
		all = append(all, st.Name)
	}
	return all
}

func (s *Stage) stageStreams(ctx context.Context, streams []ledger.Stream) error {
	for _, st := range streams {
		var tables []string
		for key := range s.files {
			if key[0] == st.Name {
				tables = append(tables, key[1])
			}
		}
		names := map[string]any{
			"Stream": st.Name, "Enriches": st.Enriches && !st.Makes, "Tables": tables, "Issues": s.has(st.Name, transform.TableIssues),
			"Versioned": s.versioned(st.Name),
		}
		if err := s.exec(ctx, "staged", names); err != nil {
			return err
		}
	}
	return nil
}

// exec carries out a statement of sql/merge on the stage's connection.
func (s *Stage) exec(ctx context.Context, name string, names any, values ...any) error {
	if err := scan.Exec(ctx, s.conn, "merge/"+name, names, values...); err != nil {
		return fmt.Errorf("run sql/merge/%s.sql for %s %s: %w", name, s.source.Name, s.account, err)
	}
	return s.giveBack(ctx)
}

// manyRows are so many staged rows that giving memory back after each statement is
// worth its time.
const manyRows = 50_000

// giveBack gives back what statements over many rows have used.
func (s *Stage) giveBack(ctx context.Context) error {
	var rows int64
	for _, f := range s.files {
		rows += f.rows
	}
	if rows < manyRows {
		return nil
	}
	return s.w.giveBack(ctx, s.conn)
}

// Due lists the orders to ask for by id, given what is staged so far: those
// that are new, changed, not final, or were not shown when they were last asked
// for, the latter two as long as they were created at openSince or later. It seals the streams staged so far.
func (s *Stage) Due(ctx context.Context, openSince time.Time) ([]ledger.Due, error) {
	if err := s.seal(ctx); err != nil {
		return nil, err
	}
	end := meter.From(ctx).Begin(meter.Plan)
	defer end(meter.Amount{Calls: 1})
	if _, err := s.prepare(ctx); err != nil {
		return nil, err
	}
	due, err := scan.All(ctx, s.conn, "merge/due_orders", s.source, func(d *ledger.Due) []any {
		return []any{&d.OrderID, &d.OrderNo, &d.OnItsWay, &d.Again}
	}, openSince)
	if err != nil {
		return nil, fmt.Errorf("list the orders of %s %s to ask for: %w", s.source.Name, s.account, err)
	}
	return due, nil
}

// Settled lists the ids of the account's orders that are final or were
// created before openSince, and the numbers by which other systems know them.
func (w *Warehouse) Settled(ctx context.Context, run ledger.Run, source Source, account string, openSince time.Time) (map[string]bool, error) {
	conn, err := w.connect(ctx, run, source.Name, account)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	settled, err := scan.Set[string](ctx, conn, "merge/settled_orders", source, openSince)
	if err != nil {
		return nil, fmt.Errorf("list the final orders of %s %s: %w", source.Name, account, err)
	}
	return settled, nil
}

// NotShown lists the numbers that the account asked for last and was not shown.
func (w *Warehouse) NotShown(ctx context.Context, source, account string) (map[string]bool, error) {
	numbers, err := scan.Set[string](ctx, w.db, "ledger/not_shown", nil, source, account)
	if err != nil {
		return nil, fmt.Errorf("list the orders of %s %s that were not shown: %w", source, account, err)
	}
	return numbers, nil
}

// Final is the condition under which an order o is final.
func (s Source) Final() string {
	final := "o.status IN ('completed', 'canceled', 'closed', 'refunded')"
	if s.FinalSQL != "" {
		final += " AND (" + strings.TrimSpace(s.FinalSQL) + ")"
	}
	return final
}
