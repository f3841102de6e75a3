package spark

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// A Lake is the recon.Facts of the checks: they are told by what names they see the tables,
// and the rows that they find go to files, which DuckDB reads with every digit.

// Show makes the rows of a SELECT of the common SQL visible under a name without a schema.
func (l *Lake) Show(ctx context.Context, name string, text sqlfiles.Text) error {
	statement, err := l.resolved(ctx, text)
	if err != nil {
		return err
	}
	return l.make(ctx, "spark_view", map[string]any{"View": name, "Text": statement})
}

// Write writes the rows of a SELECT of the common SQL to a new Parquet file.
func (l *Lake) Write(ctx context.Context, text sqlfiles.Text, file string) (err error) {
	statement, err := l.statement(ctx, text, nil)
	if err != nil {
		return err
	}
	s, err := l.client.rows(ctx, statement)
	if err != nil {
		return err
	}
	c, err := begin(s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if err := c.write(file); err != nil {
		return fmt.Errorf("keep the rows of Spark: %w", err)
	}
	return nil
}

// write writes what is left to read to a Parquet file. Its batches go to it as they came.
func (c *cursor) write(file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	out, err := pqarrow.NewFileWriter(c.schema, f, parquet.NewWriterProperties(), pqarrow.DefaultWriterProps())
	if err != nil {
		return errors.Join(err, f.Close())
	}
	for more := true; more && err == nil; {
		for len(c.records) > 0 && err == nil {
			err = out.WriteBuffered(c.records[0])
			c.records = c.records[1:]
		}
		more = err == nil && c.more()
	}
	return errors.Join(err, c.err, out.Close()) // which closes the file
}
