package format

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/scratch"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// Names are those in which Query and Write write a result.
var Names = []string{"table", "csv", "json", "jsonl", "markdown", "parquet", "xlsx"}

// Known is an error that lists the formats where there is none of that name.
func Known(format string) error {
	if !slices.Contains(Names, format) {
		return fmt.Errorf("unknown format %q: choose one of %s", format, strings.Join(Names, ", "))
	}
	return nil
}

// Layout says how a result is written, beyond its format.
type Layout struct {
	// Width is that of the terminal, in columns, to which a table is fitted; 0 leaves
	// it as wide as it is.
	Width int
	// Lean writes a table without lines and without the columns in which no row has a
	// value, which makes it fit more terminals.
	Lean bool
	// Zone is the time zone in which instants are written, with their distance from
	// UTC; nil is UTC. A parquet holds instants and knows no zone.
	Zone *time.Location
	// BOM begins a csv with a byte order mark: by it Excel knows that it is UTF-8.
	BOM bool
	// Unguarded leaves a text of a csv that a spreadsheet reads as a formula as it is.
	Unguarded bool
	// Names are said beside codes, in tables alone; nil for none.
	Names labels.Names
}

// Write writes any of Formats.
func Write(w io.Writer, format string, r *result.Rows, l Layout) (err error) {
	if l.Zone != nil {
		r.In(l.Zone)
	}
	switch format {
	case "xlsx":
		err = writeRowsXLSX(w, r, l.Zone)
	case "table", "markdown":
		err = writeTable(w, format, r, l)
	default:
		err = Data(w, format, r, l)
	}
	if err != nil {
		return fmt.Errorf("write the result as %s: %w", format, err)
	}
	return nil
}

// Data writes the formats that are files of data.
func Data(w io.Writer, format string, r *result.Rows, l Layout) error {
	if format == "parquet" {
		return writeParquet(w, r)
	}
	buffered := bufio.NewWriterSize(w, 1<<16)
	var err error
	switch format {
	case "csv":
		err = writeCSV(buffered, r, l)
	case "json":
		err = writeJSON(buffered, r, "[\n", ",\n", "\n]\n")
	case "jsonl":
		err = writeJSON(buffered, r, "", "\n", "\n")
	}
	if err != nil {
		return err
	}
	return buffered.Flush()
}

// writeCSV writes RFC 4180 with a heading.
func writeCSV(w io.Writer, r *result.Rows, l Layout) error {
	guard := guard
	if l.Unguarded {
		guard = func(text string) string { return text }
	}
	if l.BOM {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	record := make([]string, len(r.Columns))
	for i := range r.Columns {
		record[i] = guard(r.Columns[i].Name)
	}
	if err := out.Write(record); err != nil {
		return err
	}
	for values, err := range r.All() {
		if err != nil {
			return err
		}
		for i, v := range values {
			record[i], _ = r.Columns[i].Plain(v)
			if !r.Columns[i].Number() {
				record[i] = guard(record[i])
			}
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// guard keeps a text from being read as a formula by a spreadsheet: the
// apostrophe in front is the sign for text there. Numbers are not texts: a
// negative amount stays a number.
func guard(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

// writeRowsXLSX writes a result whose report is not known, as query gives it:
// English headings are the names of its columns; zone nil is UTC.
func writeRowsXLSX(w io.Writer, r *result.Rows, zone *time.Location) (err error) {
	if zone == nil {
		zone = time.UTC
	}
	folder, err := disk.Own("", scratch.Prefix)
	if err != nil {
		return fmt.Errorf("make a private folder: %w", err)
	}
	defer func() { err = errors.Join(err, scratch.Remove(folder)) }()
	words, err := labels.Load()
	if err != nil {
		return err
	}
	b := workbook.New(words, labels.English, zone, folder)
	defer func() { err = errors.Join(err, b.Close()) }()
	b.PlainNames = true
	if _, _, err := b.List(workbook.Listing{Name: b.Text("sheet.result"), Note: b.Text("book.zone", zone.String())}, r); err != nil {
		return err
	}
	return b.Write(w)
}
