package iceberg

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/iceberg-go/table"
)

// tidy removes snapshots that are old, and files that belong to nothing: those of writers
// that were killed or came too late.
func (w *writer) tidy(ctx context.Context, result *Result) error {
	states, err := w.lake.Tables(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, s := range states {
		if err := w.lake.tidy(ctx, s.identifier, result); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.Name, err))
		}
	}
	return errors.Join(failed...)
}

func (l *Lake) tidy(ctx context.Context, id table.Identifier, result *Result) error {
	expired := 0
	err := l.retry(ctx, func() ([]*table.Table, error) {
		t, err := l.catalog.LoadTable(ctx, id)
		if err != nil {
			return nil, err
		}
		before := len(t.Metadata().Snapshots())
		tx := t.NewTransaction()
		if err := tx.ExpireSnapshots(table.WithOlderThan(l.o.ExpireAfter), table.WithRetainLast(l.o.Keep)); err != nil {
			return nil, err
		}
		if changes, err := tx.TableCommit(); err != nil || len(changes.Updates) == 0 {
			return nil, err // an empty commit is one too
		}
		now, err := tx.Commit(ctx)
		if err == nil {
			expired = before - len(now.Metadata().Snapshots())
		}
		return []*table.Table{t}, err
	})
	if err != nil {
		return fmt.Errorf("expire snapshots: %w", err)
	}
	result.Expired += expired
	err = l.retry(ctx, func() ([]*table.Table, error) {
		t, err := l.catalog.LoadTable(ctx, id)
		if err != nil {
			return nil, err
		}
		// What its snapshots name is read, and another writer may expire some of them.
		swept, err := t.DeleteOrphanFiles(ctx, table.WithFilesOlderThan(l.o.SweepAfter))
		result.Swept += len(swept.DeletedFiles)
		return []*table.Table{t}, err
	})
	if err != nil {
		return fmt.Errorf("remove files that belong to nothing: %w", err)
	}
	return nil
}
