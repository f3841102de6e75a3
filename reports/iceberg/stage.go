package iceberg

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/table"

	"github.com/nightaudit/nightaudit/reports/lake"
)

// target is a table that a night is written to.
type target struct {
	source  *lake.Source
	fields  []iceberg.NestedField
	by      []string                    // columns that a partition has
	written map[string]iceberg.DataFile // files of attempts, by shape and digest
}

func (t *target) id() table.Identifier {
	return catalog.ToIdentifier(t.source.Schema(), t.source.Table())
}

// staged is what a night makes of one table.
type staged struct {
	base     *table.Table
	tx       *table.Transaction // nil where nothing has changed
	snapshot int64              // the table's, afterwards; 0 for none
	result   Table
}

// read are the tables that were read.
func (st *staged) read() []*table.Table {
	if st == nil {
		return nil
	}
	return []*table.Table{st.base}
}

// make opens the lake's table, and makes it where there is none.
func (w *writer) make(ctx context.Context, s *lake.Source) (*target, error) {
	fields, err := fieldsOf(s)
	if err != nil {
		return nil, err
	}
	t := &target{source: s, fields: fields, by: partitionColumns(s), written: map[string]iceberg.DataFile{}}
	if _, err := w.lake.catalog.LoadTable(ctx, t.id()); !errors.Is(err, catalog.ErrNoSuchTable) {
		return t, err
	}
	space := catalog.ToIdentifier(s.Schema())
	if err := w.lake.catalog.CreateNamespace(ctx, space, nil); err != nil {
		if there, look := w.lake.catalog.CheckNamespaceExists(ctx, space); !there || look != nil {
			return nil, fmt.Errorf("make the namespace: %w", err)
		}
	}
	_, err = w.lake.catalog.CreateTable(ctx, t.id(), iceberg.NewSchema(0, fields...),
		catalog.WithProperties(iceberg.Properties{
			table.PropertyFormatVersion:               "2",
			"write.parquet.compression-codec":         "zstd",
			table.MetadataDeleteAfterCommitEnabledKey: "true",
			table.MetadataPreviousVersionsMaxKey:      "10",
		}))
	if err != nil {
		// Another writer may have made it meanwhile.
		if _, look := w.lake.catalog.LoadTable(ctx, t.id()); look != nil {
			return nil, fmt.Errorf("make the table: %w", err)
		}
	}
	return t, nil
}

// stage compares a table with the lake's as it stands, and stages what differs as one
// snapshot. anew has all files written although they may be the same. The table as it was
// read is given with an error, too.
func (w *writer) stage(ctx context.Context, t *target, anew bool, properties map[string]string) (*staged, error) {
	base, err := w.lake.catalog.LoadTable(ctx, t.id())
	if err != nil {
		return nil, err
	}
	st := &staged{base: base, result: Table{Name: t.source.Name()}}
	if s := base.CurrentSnapshot(); s != nil {
		st.snapshot = s.SnapshotID
	}
	return st, w.fill(ctx, st, t, anew, properties)
}

// fill stages what differs from the table as it was read.
func (w *writer) fill(ctx context.Context, st *staged, t *target, anew bool, properties map[string]string) error {
	base := st.base
	present, err := w.own(ctx, base)
	if err != nil {
		return err
	}
	tx := base.NewTransaction()
	grown, err := evolve(tx, base.Schema(), t.fields)
	if err != nil {
		return err
	}
	p := &place{table: base}
	if err := p.take(tx, t); err != nil {
		return err
	}
	wanted, err := cells(ctx, w.conn, t.source, p.by)
	if err != nil {
		return err
	}
	for _, c := range wanted {
		st.result.Rows += c.rows
	}
	added, removed := compare(wanted, present, anew || grown)
	if len(added) == 0 && len(removed) == 0 {
		st.result.count(present)
		return nil
	}
	// The table must not have moved since it was read: what is removed was chosen by it.
	if err := tx.AssertRefSnapshotID(table.MainBranch); err != nil {
		return err
	}
	files, err := w.write(ctx, t, p, added)
	if err != nil {
		return err
	}
	if len(p.by) == 0 && len(t.by) > 0 && len(files) == 1 && files[0].FileSizeBytes() > w.lake.o.gathered {
		if files, err = w.cut(ctx, t, p, tx); err != nil {
			return fmt.Errorf("cut it into partitions: %w", err)
		}
		removed = present
	}
	summary, err := w.summary(ctx, t)
	if err != nil {
		return err
	}
	maps.Copy(summary, properties)
	if err := tx.ReplaceDataFilesWithDataFiles(ctx, removed, files, summary); err != nil {
		return err
	}
	after, err := tx.StagedTable()
	if err != nil {
		return err
	}
	st.tx, st.snapshot = tx, after.CurrentSnapshot().SnapshotID
	st.result.Changed, st.result.Removed = true, len(removed)
	for _, f := range files {
		st.result.Written++
		st.result.WrittenBytes += f.FileSizeBytes()
	}
	st.result.count(append(kept(present, removed), files...))
	return nil
}

// take is what a transaction makes of the table's shape.
func (p *place) take(tx *table.Transaction, t *target) (err error) {
	if p.schema, p.spec, err = shape(tx); err != nil {
		return err
	}
	p.by = nil
	if !p.spec.IsUnpartitioned() {
		p.by = t.by
	}
	return nil
}

// cut gives the table partitions, and writes its one file again as theirs.
func (w *writer) cut(ctx context.Context, t *target, p *place, tx *table.Transaction) ([]iceberg.DataFile, error) {
	if err := partition(tx, t.by); err != nil {
		return nil, err
	}
	if err := p.take(tx, t); err != nil {
		return nil, err
	}
	list, err := cells(ctx, w.conn, t.source, p.by)
	if err != nil {
		return nil, err
	}
	return w.write(ctx, t, p, list)
}

// own are the data files of the table's last snapshot that this database wrote.
func (w *writer) own(ctx context.Context, t *table.Table) ([]iceberg.DataFile, error) {
	if t.CurrentSnapshot() == nil {
		return nil, nil
	}
	tasks, err := t.Scan().PlanFiles(ctx)
	if err != nil {
		return nil, err
	}
	var files []iceberg.DataFile
	for _, task := range tasks {
		if database, _ := named(task.File.FilePath()); database == w.night.key {
			files = append(files, task.File)
		}
	}
	return files, nil
}

func kept(present, removed []iceberg.DataFile) (files []iceberg.DataFile) {
	gone := map[string]bool{}
	for _, f := range removed {
		gone[f.FilePath()] = true
	}
	for _, f := range present {
		if !gone[f.FilePath()] {
			files = append(files, f)
		}
	}
	return files
}

// summary is what a snapshot says of the night.
func (w *writer) summary(ctx context.Context, t *target) (map[string]string, error) {
	summary, err := totals(ctx, w.conn, t.source)
	if err != nil {
		return nil, fmt.Errorf("add up its money: %w", err)
	}
	maps.Copy(summary, w.night.properties())
	return summary, nil
}
