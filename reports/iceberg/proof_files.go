package iceberg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strconv"
	"strings"

	"github.com/apache/iceberg-go"
	iceio "github.com/apache/iceberg-go/io"
	"github.com/apache/iceberg-go/table"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/sql/scan"
)

// holding are the files of the night's database in a table's snapshot.
type holding struct {
	table  *table.Table
	files  []iceberg.DataFile
	rows   int64             // as DuckDB counts them
	digest map[string]string // of what each holds now, by path
	unread map[string]bool   // those whose rows cannot be had

	money    []string // the columns that hold it
	currency bool     // there is a column that says in which currency
}

// files lists them, and reads each to its end.
func (p *proving) files(ctx context.Context, t *table.Table, proven *ProvenTable) (h holding, err error) {
	h = holding{table: t, digest: map[string]string{}, unread: map[string]bool{}}
	tasks, err := t.Scan(table.WithSnapshotID(proven.Snapshot)).PlanFiles(ctx)
	if err != nil {
		return h, fmt.Errorf("list the files of snapshot %d: %w", proven.Snapshot, err)
	}
	from, err := t.FS(ctx)
	if err != nil {
		return h, err
	}
	for _, task := range tasks {
		database, digest := named(task.File.FilePath())
		if len(digest) != digestLength {
			p.find(Finding{Kind: foreign, Table: proven.Table, File: task.File.FilePath(), Text: "another program put it there: no night answers for it, and what reads the table counts it"})
			continue
		}
		if database != keyOf(p.night.Database) {
			continue
		}
		proven.Files++
		proven.Bytes += task.File.FileSizeBytes()
		found, rows, err := p.file(ctx, from, task.File, digest, &h)
		if err != nil {
			return h, err
		}
		if found != nil {
			found.Table, found.File = proven.Table, task.File.FilePath()
			p.find(*found)
		}
		if rows == unread {
			h.unread[task.File.FilePath()] = true
		} else {
			h.rows += rows
		}
		h.files = append(h.files, task.File)
	}
	return h, nil
}

// digestLength is that of a digest in the name of a file: see lake_cells.sql.
const digestLength = 40

// file looks at one file: is it there, is it as long as the snapshot says, and do its rows
// have the digest that is its name. Its rows are unread where they
// cannot be had.
func (p *proving) file(ctx context.Context, from iceio.IO, file iceberg.DataFile, digest string, h *holding) (found *Finding, rows int64, err error) {
	size, err := sizeOf(from, file.FilePath())
	if errors.Is(err, fs.ErrNotExist) {
		return &Finding{Kind: gone, Text: "the snapshot lists it, and it is not there"}, unread, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("look at %s: %w", file.FilePath(), err)
	}
	if size != file.FileSizeBytes() {
		found = &Finding{Kind: shorter, Text: fmt.Sprintf("it has %d bytes in place of %d", size, file.FileSizeBytes())}
		if size > file.FileSizeBytes() {
			found.Kind = longer
		}
	}
	if err := p.choose(ctx, file.FilePath()); err != nil {
		return nil, 0, err
	}
	var is, by, engine string
	if err := scan.One(ctx, p.conn, "queries/lake_file", nil, nil, &rows, &is, &by, &engine); err != nil {
		if ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		if found == nil {
			line, _, _ := strings.Cut(err.Error(), "\n")
			found = &Finding{Kind: unreadable, Text: line}
		}
		return found, unread, nil
	}
	h.digest[file.FilePath()] = is
	switch {
	case rows != file.Count():
		found = &Finding{Kind: altered, Text: fmt.Sprintf("it holds %d rows in place of %d", rows, file.Count())}
	// Another version of the engine may make another digest of the same rows.
	case is != digest && strings.Contains(by, engine+" "):
		found = &Finding{Kind: altered, Text: "its rows are not those that were written: their digest is another"}
	}
	return found, rows, nil
}

// unread stands for the number of rows of a file whose rows cannot be had.
const unread = -1

func sizeOf(from iceio.IO, location string) (int64, error) {
	f, err := from.Open(location)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// choose has the statements that follow read these files.
func (p *proving) choose(ctx context.Context, files ...string) error {
	return scan.Exec(ctx, p.conn, "merge/variable", "lake_files", files)
}

// counted are rows and sums as the files hold them; nil where one cannot be read.
func (p *proving) counted(ctx context.Context, name string, h *holding) (map[string]string, error) {
	if len(h.unread) > 0 {
		return nil, nil
	}
	var paths []string
	for _, f := range h.files {
		paths = append(paths, f.FilePath())
	}
	all := map[string]string{propertyRows: strconv.FormatInt(h.rows, 10)}
	if len(paths) == 0 || !strings.HasPrefix(name, "main.") {
		return all, nil
	}
	if err := p.choose(ctx, paths...); err != nil {
		return nil, err
	}
	var err error
	if h.money, h.currency, err = p.moneyOfFiles(ctx); err != nil || len(h.money) == 0 {
		return all, err
	}
	sums, err := addUp(ctx, inDuckDB(p.conn), "read_parquet(getvariable('lake_files'))", h.currency, h.money)
	if err != nil {
		return nil, fmt.Errorf("add up the files' money: %w", err)
	}
	maps.Copy(all, sums)
	return all, nil
}

// moneyOfFiles are the money columns of the chosen files. They, and not the table's, say
// which: another database that shares the lake may have given it columns.
func (p *proving) moneyOfFiles(ctx context.Context) (columns []string, currency bool, err error) {
	statement, err := sqlfiles.Query("lake_columns")
	if err != nil {
		return nil, false, err
	}
	rows, err := p.conn.QueryContext(ctx, statement)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			return nil, false, err
		}
		if isMoney(kind) {
			columns = append(columns, name)
		}
		currency = currency || name == "currency"
	}
	return columns, currency, rows.Err()
}
