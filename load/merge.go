package load

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// tableMerge fills the templates that work on one table.
type tableMerge struct {
	Source, Account string
	RunID           string
	At              time.Time // of the run
	Table           string
	Keys            []string // without source and account
	RestKeys        []string // Keys without order_id
	Columns         []string // canonical, without keys
	Replace         bool
	OwnKey          bool // the key is not the order's
	SoftDelete      bool // rows are marked deleted, not removed
	Streams         []tableStream
	Full            []string // streams that carry all rows and columns
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
	t := tableMerge{
		Source: s.source.Name, Account: s.account, RunID: s.run.ID, At: s.run.At,
		Table: def.Name, Keys: def.Keys[2:], Replace: def.Mode == transform.Replace,
	}
	t.RestKeys = slices.DeleteFunc(slices.Clone(t.Keys), func(k string) bool { return k == "order_id" })
	t.OwnKey = len(t.RestKeys) == len(t.Keys)
	t.SoftDelete = def.Name == transform.TableOrders
	for _, c := range def.Columns() {
		if !slices.Contains(t.Keys, c) {
			t.Columns = append(t.Columns, c)
		}
	}
	for i, st := range streams {
		columns, ok := st.Carries[def.Name]
		if !ok || s.files[[2]string{st.Name, def.Name}] == nil {
			// A stream that carries the whole table and has staged no row of
			// it says that its orders have none.
			if ok && len(columns) == 0 {
				t.Full = append(t.Full, st.Name)
				for j := range t.Streams {
					t.Streams[j].LaterFull = append(t.Streams[j].LaterFull, st.Name)
				}
			}
			continue
		}
		if len(columns) == 0 {
			t.Full = append(t.Full, st.Name)
			for j := range t.Streams {
				t.Streams[j].LaterFull = append(t.Streams[j].LaterFull, st.Name)
			}
		}
		t.Streams = append(t.Streams, tableStream{Name: st.Name, N: i, Columns: columns})
	}
	return t
}

// merge holds what Due and Commit share: the rendered table merges.
type merge struct {
	streams []ledger.Stream
	tables  []tableMerge
}

// prepare brings all that is staged so far into temporary tables: the
// records that load, the candidate rows of every table, and how they differ
// from the warehouse. It changes nothing.
func (s *Stage) prepare(ctx context.Context) (*merge, error) {
	if err := s.seal(); err != nil {
		return nil, err
	}
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	m := &merge{streams: s.staged()}
	if err := s.stageRecords(ctx, m.streams); err != nil {
		return nil, err
	}
	for _, def := range transform.Facts {
		t := s.tableMerge(def, m.streams)
		m.tables = append(m.tables, t)
		if err := s.exec(ctx, "candidate.sql", t); err != nil {
			return nil, err
		}
	}
	if s.source.DeriveSQL != "" {
		if _, err := s.conn.ExecContext(ctx, s.source.DeriveSQL); err != nil {
			return nil, fmt.Errorf("derive the columns of source %s: %w", s.source.Name, err)
		}
	}
	if err := s.exec(ctx, "business_date.sql", nil); err != nil {
		return nil, err
	}
	type named struct {
		Name     string
		IsOrders bool
	}
	var tables []named
	for _, t := range m.tables {
		if err := s.exec(ctx, "difference.sql", t); err != nil {
			return nil, err
		}
		tables = append(tables, named{t.Table, t.Table == transform.TableOrders})
	}
	return m, s.exec(ctx, "changed_orders.sql", map[string]any{"Tables": tables})
}

// stageRecords makes the staged files and the records of each stream visible
// to SQL: first the streams that make orders known, then those that enrich.
func (s *Stage) stageRecords(ctx context.Context, streams []ledger.Stream) error {
	type file struct {
		Table string
		Paths []string
	}
	views := func(st ledger.Stream) []file {
		var files []file
		for key, f := range s.files {
			if key[0] == st.Name {
				files = append(files, file{key[1], f.paths})
			}
		}
		return files
	}
	var makers, names []string
	for _, enriches := range []bool{false, true} {
		if enriches {
			if err := s.stageKnown(ctx, streams, makers); err != nil {
				return err
			}
		}
		for _, st := range streams {
			if st.Enriches != enriches {
				continue
			}
			if s.files[[2]string{st.Name, transform.TableOrders}] != nil && !enriches {
				makers = append(makers, st.Name)
			}
			names = append(names, st.Name)
			data := map[string]any{"Stream": st.Name, "Enriches": st.Enriches, "Files": views(st), "Superseded": s.superseded(st.Name)}
			if err := s.exec(ctx, "staged.sql", data); err != nil {
				return err
			}
		}
	}
	if err := s.stageGone(ctx, names); err != nil {
		return err
	}
	return s.exec(ctx, "touched_orders.sql", map[string]any{"Streams": names})
}

// stageKnown lists which of the orders that enriching streams tell of exist.
func (s *Stage) stageKnown(ctx context.Context, streams []ledger.Stream, makers []string) error {
	var told [][]string
	for _, st := range streams {
		if st.Enriches {
			told = append(told, s.files[[2]string{st.Name, transform.TableRecords}].paths)
		}
	}
	if told == nil {
		return nil
	}
	return s.exec(ctx, "known_orders.sql", map[string]any{"Source": s.source.Name, "Account": s.account, "Told": told, "Makers": makers})
}

func (s *Stage) exec(ctx context.Context, name string, data any) error {
	statement, err := render(name, data)
	if err != nil {
		return err
	}
	if _, err := s.conn.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("run sql/merge/%s for %s %s: %w", name, s.source.Name, s.account, err)
	}
	return nil
}

// Due lists the orders to ask for by id, given what is staged so far: those
// that are new, changed or not final, the latter as long as they were
// created at openSince or later. It seals the streams staged so far.
func (s *Stage) Due(ctx context.Context, openSince time.Time) ([]ledger.Due, error) {
	if _, err := s.prepare(ctx); err != nil {
		return nil, err
	}
	statement, err := render("due_orders.sql", dueOrders{s.source.Name, s.account, openSince, s.source.FinalSQL})
	if err != nil {
		return nil, err
	}
	rows, err := s.conn.QueryContext(ctx, statement)
	if err != nil {
		return nil, fmt.Errorf("list the orders of %s %s to ask for: %w", s.source.Name, s.account, err)
	}
	defer rows.Close()
	var due []ledger.Due
	for rows.Next() {
		var id, no *string
		if err := rows.Scan(&id, &no); err != nil {
			return nil, fmt.Errorf("list the orders of %s %s to ask for: %w", s.source.Name, s.account, err)
		}
		o := ledger.Due{OrderID: *id}
		if no != nil {
			o.OrderNo = *no
		}
		due = append(due, o)
	}
	return due, rows.Err()
}

// Settled lists the ids of the account's orders that are final or were
// created before openSince, and the numbers by which other systems know them.
func (w *Warehouse) Settled(ctx context.Context, run ledger.Run, source Source, account string, openSince time.Time) (map[string]bool, error) {
	fail := func(err error) (map[string]bool, error) {
		return nil, fmt.Errorf("list the final orders of %s %s: %w", source.Name, account, err)
	}
	statement, err := render("settled_orders.sql", dueOrders{source.Name, account, openSince, source.FinalSQL})
	if err != nil {
		return nil, err
	}
	conn, err := w.connect(ctx, run)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	rows, err := conn.QueryContext(ctx, statement)
	if err != nil {
		return fail(err)
	}
	defer rows.Close()
	settled := map[string]bool{}
	for rows.Next() {
		var id, link string
		if err := rows.Scan(&id, &link); err != nil {
			return fail(err)
		}
		settled[id] = true
		if link != "" {
			settled[link] = true
		}
	}
	return settled, rows.Err()
}

type dueOrders struct {
	Source, Account string
	OpenSince       time.Time
	FinalSQL        string
}

// Final is the condition under which an order o is final.
func (d dueOrders) Final() string {
	final := "o.status IN ('completed', 'canceled', 'closed', 'refunded')"
	if d.FinalSQL != "" {
		final += " AND (" + strings.TrimSpace(d.FinalSQL) + ")"
	}
	return final
}
