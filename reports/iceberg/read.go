package iceberg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"
)

// namespaces are those of published tables.
var namespaces = []string{"main", "audit", "recon"}

// State is a table of the lake as it stands.
type State struct {
	Name       string            // main.orders
	Metadata   string            // where its metadata are
	Snapshot   int64             // the current one; 0 for none
	Properties map[string]string // of that snapshot
	identifier table.Identifier
}

// Tables are the tables of the lake.
func (l *Lake) Tables(ctx context.Context) (_ []State, err error) {
	defer func() { err = l.hide(err) }()
	var states []State
	for _, space := range namespaces {
		for id, err := range l.catalog.ListTables(ctx, catalog.ToIdentifier(space)) {
			if errors.Is(err, catalog.ErrNoSuchNamespace) {
				break
			}
			if err != nil {
				return nil, fmt.Errorf("list the tables of %s: %w", space, err)
			}
			t, err := l.catalog.LoadTable(ctx, id)
			if err != nil {
				return nil, fmt.Errorf("read the lake's table %s: %w", strings.Join(id, "."), err)
			}
			s := State{Name: strings.Join(id, "."), Metadata: t.MetadataLocation(), identifier: id}
			if now := t.CurrentSnapshot(); now != nil {
				s.Snapshot = now.SnapshotID
				if now.Summary != nil {
					s.Properties = now.Summary.Properties
				}
			}
			states = append(states, s)
		}
	}
	return states, nil
}

// Night is a night that is in the lake whole.
type Night struct {
	Run, Database, PublishedAt string
	Snapshots                  map[string]int64 // by table, main.orders; one without rows has none
}

// Nights are those of which the lake still has the snapshots, the oldest first.
func (l *Lake) Nights(ctx context.Context) (_ []Night, err error) {
	defer func() { err = l.hide(err) }()
	t, err := l.catalog.LoadTable(ctx, strings.Split(runsTable, "."))
	if errors.Is(err, catalog.ErrNoSuchTable) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return nightsOf(t)
}

// nightsOf reads the nights from the snapshots of the table of runs.
func nightsOf(t *table.Table) ([]Night, error) {
	snapshots := slices.Clone(t.Metadata().Snapshots())
	slices.SortFunc(snapshots, func(a, b table.Snapshot) int { return int(a.SequenceNumber - b.SequenceNumber) })
	var nights []Night
	for _, s := range snapshots {
		if s.Summary == nil || s.Summary.Properties[propertySnapshots] == "" {
			continue
		}
		p := s.Summary.Properties
		n := Night{Run: p[propertyRun], Database: p[propertyDatabase], PublishedAt: p[propertyPublished]}
		if err := json.Unmarshal([]byte(p[propertySnapshots]), &n.Snapshots); err != nil {
			return nil, fmt.Errorf("the snapshot %d of %s does not say which snapshots belong to it: %w", s.SnapshotID, runsTable, err)
		}
		n.Snapshots[runsTable] = s.SnapshotID
		nights = append(nights, n)
	}
	return nights, nil
}

// Files are where the data files of a table's snapshot are, of all databases.
func (l *Lake) Files(ctx context.Context, name string, snapshot int64) (_ []string, err error) {
	defer func() { err = l.hide(err) }()
	t, err := l.catalog.LoadTable(ctx, strings.Split(name, "."))
	if err != nil {
		return nil, err
	}
	tasks, err := t.Scan(table.WithSnapshotID(snapshot)).PlanFiles(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the files of %s at snapshot %d: %w", name, snapshot, err)
	}
	var files []string
	for _, task := range tasks {
		files = append(files, task.File.FilePath())
	}
	return files, nil
}
