package iceberg

import (
	"context"
	"database/sql"
	"path"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/google/uuid"

	"github.com/nightaudit/nightaudit/reports/lake"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// cell is what one data file holds.
type cell struct {
	values []any // of the columns by which the table is partitioned; nil where it is one cell
	digest string
	rows   int64
}

// cells are those of a table, by the columns of its partitions.
func cells(ctx context.Context, conn *sql.Conn, s *lake.Source, by []string) ([]cell, error) {
	statement, err := sqlfiles.Statement("queries/lake_cells", struct {
		Table *lake.Source
		By    []string
	}{s, by})
	if err != nil {
		return nil, err
	}
	rows, err := conn.QueryContext(ctx, statement)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []cell
	for rows.Next() {
		c := cell{values: make([]any, len(by))}
		var into []any
		for i := range c.values {
			into = append(into, &c.values[i])
		}
		if err := rows.Scan(append(into, &c.rows, &c.digest)...); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// fileName is that of a new file of a cell. It is never that of another: a file that is
// there may be read.
func fileName(database, digest string) string {
	return uuid.NewString() + "-" + database + "-" + digest + ".parquet"
}

// FilesOf is a pattern that matches the names of the files with a database's rows; of every
// database where none is named. It is a regular expression to Go, Java and DuckDB alike.
func FilesOf(database string) string {
	key := "[0-9a-f]{16}"
	if database != "" {
		key = keyOf(database)
	}
	return "-" + key + "-[0-9a-f]+[.]parquet$"
}

// named are the database and the digest in the name of a file; "" where the name is none
// of ours.
func named(file string) (database, digest string) {
	parts := strings.Split(strings.TrimSuffix(path.Base(file), ".parquet"), "-")
	if n := len(parts); n > 2 {
		return parts[n-2], parts[n-1]
	}
	return "", ""
}

// compare says which cells are to be written and which files to go. A digest is made of
// the partition's columns too, so equal digests are equal cells. anew has all written.
func compare(wanted []cell, present []iceberg.DataFile, anew bool) (added []cell, removed []iceberg.DataFile) {
	if anew {
		return wanted, present
	}
	keep, have := map[string]bool{}, map[string]bool{}
	for _, c := range wanted {
		keep[c.digest] = true
	}
	for _, f := range present {
		_, digest := named(f.FilePath())
		if have[digest] || !keep[digest] {
			removed = append(removed, f)
			continue
		}
		have[digest] = true
	}
	for _, c := range wanted {
		if !have[c.digest] {
			added = append(added, c)
		}
	}
	return added, removed
}
