package iceberg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"
	"github.com/cenkalti/backoff/v5"

	"github.com/nightaudit/nightaudit/reports/lake"
)

// runsTable is committed last: its snapshot says which ones of the others belong to it.
const runsTable = "audit.runs"

// commit makes the lake's tables where they are missing and commits what has changed.
func (w *writer) commit(ctx context.Context) (*Result, error) {
	sources, err := lake.Sources(ctx, w.conn)
	if err != nil {
		return nil, err
	}
	var tables []*target
	var runs *target
	for i := range sources {
		var t *target
		err := w.lake.retry(ctx, func() (_ []*table.Table, err error) {
			t, err = w.make(ctx, &sources[i])
			return nil, err
		})
		if err != nil {
			return nil, fmt.Errorf("lake table %s: %w", sources[i].Name(), err)
		}
		if sources[i].Name() == runsTable {
			runs = t
		} else {
			tables = append(tables, t)
		}
	}
	if runs == nil {
		return nil, errors.New("the database has no table " + runsTable)
	}
	last, err := w.last(ctx, runs)
	if err != nil {
		return nil, err
	}
	if last != nil && last.PublishedAt > w.night.published {
		return nil, fmt.Errorf("%w: run %s, published at %s, and this is %s, of %s", ErrSuperseded, last.Run, last.PublishedAt, w.night.run, w.night.published)
	}
	if _, ok := w.lake.catalog.(catalog.TransactionalCatalog); ok {
		return w.together(ctx, tables, runs, last)
	}
	return w.inTurn(ctx, tables, runs, last)
}

// last is the night that this database committed last; nil for none.
func (w *writer) last(ctx context.Context, runs *target) (*Night, error) {
	t, err := w.lake.catalog.LoadTable(ctx, runs.id())
	if err != nil {
		return nil, err
	}
	nights, err := nightsOf(t)
	for i := len(nights) - 1; i >= 0; i-- {
		if nights[i].Database == w.night.database {
			return &nights[i], err
		}
	}
	return nil, err
}

// index is which snapshots of the tables belong to the night.
type index struct {
	snapshots map[string]int64
	changed   bool // it must be written
}

// add takes a table into the index. It changes by a snapshot that was committed now, and
// by one that an earlier attempt at this night committed before it was cut short.
func (x *index) add(w *writer, st *staged, last *Night) {
	if st.snapshot != 0 {
		x.snapshots[st.result.Name] = st.snapshot
	}
	x.changed = x.changed || st.tx != nil || last == nil || w.missed(st, last)
}

// missed says whether this database committed a snapshot of the table after the one that
// its last night names.
func (w *writer) missed(st *staged, last *Night) bool {
	var newest *table.Snapshot
	snapshots := st.base.Metadata().Snapshots()
	for i := range snapshots {
		s := &snapshots[i]
		own := s.Summary != nil && s.Summary.Properties[propertyDatabase] == w.night.database
		if own && (newest == nil || s.SequenceNumber > newest.SequenceNumber) {
			newest = s
		}
	}
	if newest == nil {
		return false
	}
	named := st.base.SnapshotByID(last.Snapshots[st.result.Name])
	return named == nil || named.SequenceNumber < newest.SequenceNumber
}

func (x *index) properties() (map[string]string, error) {
	text, err := json.Marshal(x.snapshots)
	return map[string]string{propertySnapshots: string(text)}, err
}

// inTurn commits table after table, and the runs last.
func (w *writer) inTurn(ctx context.Context, tables []*target, runs *target, last *Night) (*Result, error) {
	result := &Result{Run: w.night.run}
	x := &index{snapshots: map[string]int64{}}
	one := func(t *target, stage func() (*staged, error)) error {
		w.progress(t, len(result.Tables)+1, len(tables)+1)
		st, err := w.one(ctx, t, stage)
		if err != nil {
			return fmt.Errorf("lake table %s: %w", t.source.Name(), err)
		}
		x.add(w, st, last)
		result.Tables = append(result.Tables, st.result)
		return nil
	}
	for _, t := range tables {
		if err := one(t, func() (*staged, error) { return w.stage(ctx, t, false, nil) }); err != nil {
			return nil, err
		}
	}
	err := one(runs, func() (*staged, error) { return w.stageRuns(ctx, runs, x) })
	return result, err
}

// one stages and commits one table until no other writer is in the way.
func (w *writer) one(ctx context.Context, t *target, stage func() (*staged, error)) (st *staged, err error) {
	err = w.lake.retry(ctx, func() (read []*table.Table, err error) {
		if st, err = stage(); err != nil || st.tx == nil {
			return st.read(), err
		}
		w.lake.o.beforeCommit(t.source.Name())
		_, err = st.tx.Commit(ctx)
		return st.read(), err
	})
	return st, err
}

// stageRuns stages the table of runs, with the index, where either has changed.
func (w *writer) stageRuns(ctx context.Context, runs *target, x *index) (*staged, error) {
	properties, err := x.properties()
	if err != nil {
		return nil, err
	}
	return w.stage(ctx, runs, x.changed, properties)
}

// together commits all tables in one transaction.
func (w *writer) together(ctx context.Context, tables []*target, runs *target, last *Night) (result *Result, err error) {
	err = w.lake.retry(ctx, func() (read []*table.Table, err error) {
		result = &Result{Run: w.night.run}
		x := &index{snapshots: map[string]int64{}}
		all, err := catalog.NewMultiTableTransaction(w.lake.catalog)
		if err != nil {
			return nil, err
		}
		one := func(t *target, stage func() (*staged, error)) error {
			w.progress(t, len(result.Tables)+1, len(tables)+1)
			st, err := stage()
			read = append(read, st.read()...)
			if err != nil {
				return fmt.Errorf("lake table %s: %w", t.source.Name(), err)
			}
			x.add(w, st, last)
			result.Tables = append(result.Tables, st.result)
			if st.tx == nil {
				return nil
			}
			return all.AddTransaction(st.tx)
		}
		for _, t := range tables {
			if err := one(t, func() (*staged, error) { return w.stage(ctx, t, false, nil) }); err != nil {
				return read, err
			}
		}
		if err := one(runs, func() (*staged, error) { return w.stageRuns(ctx, runs, x) }); err != nil || !result.Changed() {
			return read, err
		}
		w.lake.o.beforeCommit("")
		return read, all.Commit(ctx)
	})
	return result, err
}

func (w *writer) progress(t *target, number, tables int) {
	w.lake.o.Progress(Progress{Table: t.source.Name(), Number: number, Tables: tables})
}

// retry tries until nobody else is in the way. attempt gives the tables as it read them.
func (l *Lake) retry(ctx context.Context, attempt func() ([]*table.Table, error)) error {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval = 50 * time.Millisecond
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		read, err := attempt()
		if err == nil || busy(err) || l.moved(ctx, read) {
			return struct{}{}, err
		}
		return struct{}{}, backoff.Permanent(err)
	}, backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(longestWait))
	return err
}

// moved says whether a table has had a commit since it was read. It, and not the error,
// tells a conflict: an SQL catalog gives a plain error where another's commit is seen
// before its own compare-and-swap, and a REST catalog may have taken a commit whose answer
// was lost. In either case the next attempt compares anew, and nothing is written twice.
func (l *Lake) moved(ctx context.Context, read []*table.Table) bool {
	for _, t := range read {
		now, err := l.catalog.LoadTable(ctx, t.Identifier())
		if err == nil && now.MetadataLocation() != t.MetadataLocation() {
			return true
		}
	}
	return false
}
