package spark

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"github.com/nightaudit/nightaudit/reports/result"
)

// batches gives Arrow streams one after the other, each with how many rows it must have;
// nil after the last. A result has one at least, for its columns.
type batches interface {
	batch() (data []byte, rows int64, err error)
	close() error
}

// batch makes a stream of the server such batches.
func (s *stream) batch() ([]byte, int64, error) {
	b, err := s.next()
	if b == nil || err != nil {
		return nil, 0, err
	}
	return b.GetData(), b.GetRowCount(), nil
}

// cursor reads rows from batches: a result.Cursor.
type cursor struct {
	from    batches
	schema  *arrow.Schema // of the first batch
	columns []result.Column
	readers []reader
	records []arrow.RecordBatch // of the present batch, from the present one on
	row     int                 // of the present record; -1 before its first
	err     error
}

// open gives the rows of a result; its first batch says what columns there are.
func open(from batches) (*result.Rows, error) {
	c, err := begin(from)
	if err != nil {
		return nil, err
	}
	return result.From(c.columns, c), nil
}

// begin reads the first batch.
func begin(from batches) (*cursor, error) {
	c := &cursor{from: from}
	if c.more(); c.err == nil && c.columns == nil {
		c.err = errors.New("the Spark server answered without columns")
	}
	if c.err != nil {
		return nil, errors.Join(c.err, from.close())
	}
	return c, nil
}

// Next goes to the following row.
func (c *cursor) Next() bool {
	for c.err == nil {
		switch {
		case len(c.records) == 0:
			if !c.more() {
				return false
			}
		case c.row+1 < int(c.records[0].NumRows()):
			c.row++
			return true
		default:
			c.records, c.row = c.records[1:], -1
		}
	}
	return false
}

// more reads the following batch; false after the last.
func (c *cursor) more() bool {
	data, rows, err := c.from.batch()
	if data == nil || err != nil {
		c.err = err
		return false
	}
	r, err := ipc.NewReader(bytes.NewReader(data))
	if err != nil {
		c.err = fmt.Errorf("read a batch of the Spark server: %w", err)
		return false
	}
	defer r.Release()
	if c.err = c.describe(r.Schema()); c.err != nil {
		return false
	}
	c.row = -1
	for r.Next() {
		record := r.RecordBatch()
		record.Retain() // beyond the reader; the collector frees it
		c.records = append(c.records, record)
		rows -= record.NumRows()
	}
	if r.Err() != nil {
		c.err = fmt.Errorf("read a batch of the Spark server: %w", r.Err())
	} else if rows != 0 {
		c.err = fmt.Errorf("read a batch of the Spark server: it holds %d rows fewer than it states", rows)
	}
	return c.err == nil
}

// describe takes the columns from the first batch.
func (c *cursor) describe(s *arrow.Schema) error {
	if c.columns != nil {
		if s.NumFields() != len(c.columns) {
			return errors.New("read a batch of the Spark server: it has other columns than the first one")
		}
		return nil
	}
	c.schema = s
	c.columns = make([]result.Column, s.NumFields())
	c.readers = make([]reader, s.NumFields())
	for i, f := range s.Fields() {
		name, r, err := typeOf(f.Type)
		if err != nil {
			return fmt.Errorf("column %s: %w", f.Name, err)
		}
		c.columns[i], c.readers[i] = result.ColumnOf(f.Name, name), r
	}
	return nil
}

// Scan reads the row into places of type *any.
func (c *cursor) Scan(into ...any) error {
	for i, place := range into {
		v, err := c.readers[i].read(c.records[0].Column(i), c.row)
		if err != nil {
			return fmt.Errorf("column %s: %w", c.columns[i].Name, err)
		}
		*place.(*any) = v
	}
	return nil
}

// Err is what ended the reading before the last row.
func (c *cursor) Err() error { return c.err }

// Close ends the reading.
func (c *cursor) Close() error { return c.from.close() }
