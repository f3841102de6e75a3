package iceberg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/apache/iceberg-go"
	iceio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"

	"github.com/nightaudit/nightaudit/reports/lake"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// place is where the files of a table go, and what they look like.
type place struct {
	table  *table.Table
	schema *iceberg.Schema
	spec   iceberg.PartitionSpec
	by     []string // columns of spec
}

// write makes a data file of each cell. A file that was written for an attempt that
// failed serves the next.
func (w *writer) write(ctx context.Context, t *target, p *place, list []cell) ([]iceberg.DataFile, error) {
	files := make([]iceberg.DataFile, 0, len(list))
	for _, c := range list {
		key := strconv.Itoa(p.spec.ID()) + " " + strconv.Itoa(p.schema.ID) + " " + c.digest
		if _, ok := t.written[key]; !ok {
			file, err := w.writeCell(ctx, t, p, c)
			if err != nil {
				return nil, fmt.Errorf("write a file: %w", err)
			}
			t.written[key] = file
		}
		files = append(files, t.written[key])
	}
	return files, nil
}

// writeCell has DuckDB write the cell's rows aside, moves the file into the lake, and
// describes it by its footer.
func (w *writer) writeCell(ctx context.Context, t *target, p *place, c cell) (iceberg.DataFile, error) {
	for i, value := range c.values {
		if text, ok := value.(string); ok && len(text) > longestValue {
			return nil, fmt.Errorf("the %s of %d bytes is too long to be a partition: shorten it, or export without a catalog", p.by[i], len(text))
		}
	}
	name := fileName(w.night.key, c.digest)
	aside := filepath.Join(w.aside, name)
	if err := w.copy(ctx, t, p, c, aside); err != nil {
		return nil, err
	}
	location := strings.TrimSuffix(p.table.Location(), "/") + "/data/" + name
	fs, err := p.table.FS(ctx)
	if err != nil {
		return nil, err
	}
	if err := upload(fs, aside, location); err != nil {
		return nil, err
	}
	if err := os.Remove(aside); err != nil {
		return nil, err
	}
	file, err := table.FileToDataFile(ctx, fs, location, p.schema, p.spec, 0, p.table.Properties())
	if err != nil {
		return nil, err
	}
	if file.Count() != c.rows {
		return nil, fmt.Errorf("%s holds %d rows in place of %d", location, file.Count(), c.rows)
	}
	return file, verify(p, file, c)
}

// longestValue is how many bytes a partition's value has at most. The partition is made of the
// least and the greatest values in the footer, and DuckDB writes longer ones shortened or
// not at all.
const longestValue = 256

// verify sees that the partition is the cell's: a null in its place readers would believe.
func verify(p *place, file iceberg.DataFile, c cell) error {
	for i := range c.values {
		if got := file.Partition()[p.spec.Field(i).FieldID]; got != c.values[i] {
			return fmt.Errorf("%s: its %s reads as %v, and is not that of its rows", file.FilePath(), p.by[i], got)
		}
	}
	return nil
}

// cellColumn is a column by whose value a cell is chosen.
type cellColumn struct {
	Column    string
	Parameter int
}

func (w *writer) copy(ctx context.Context, t *target, p *place, c cell, file string) error {
	ids, err := fieldIDs(p.schema, t.fields)
	if err != nil {
		return err
	}
	data := struct {
		Table          *lake.Source
		Cell           []cellColumn
		FieldIDs, File string
	}{Table: t.source, FieldIDs: ids, File: sqlfiles.Literal(file)}
	for i := range c.values {
		data.Cell = append(data.Cell, cellColumn{p.by[i], i + 1})
	}
	statement, err := sqlfiles.Statement("queries/lake_cell", data)
	if err != nil {
		return err
	}
	_, err = w.conn.ExecContext(ctx, statement, c.values...)
	return err
}

func upload(fs iceio.IO, local, location string) (err error) {
	to, ok := fs.(iceio.WriteFileIO)
	if !ok {
		return fmt.Errorf("%T cannot be written to", fs)
	}
	from, err := os.Open(local)
	if err != nil {
		return err
	}
	defer from.Close() // read only: nothing to lose
	into, err := to.Create(location)
	if err != nil {
		return err
	}
	_, err = io.Copy(into, from)
	return errors.Join(err, into.Close())
}
