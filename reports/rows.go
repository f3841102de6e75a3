package reports

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// Formats are those in which Query and Write write a result.
var Formats = []string{"table", "csv", "json", "jsonl", "markdown", "parquet", "xlsx"}

func knownFormat(format string) error {
	if !slices.Contains(Formats, format) {
		return fmt.Errorf("unknown format %q: choose one of %s", format, strings.Join(Formats, ", "))
	}
	return nil
}

// writeFormat writes any of Formats; a table is fitted to a terminal of width
// columns, 0 is any.
func writeFormat(w io.Writer, format string, r *result, width int) (err error) {
	switch format {
	case "xlsx":
		err = writeRowsXLSX(w, r)
	case "table", "markdown":
		err = writeTable(w, format, r, width)
	default:
		err = writeResult(w, format, r)
	}
	if err != nil {
		return fmt.Errorf("write the result as %s: %w", format, err)
	}
	return nil
}

// writeResult writes the formats that are files of data.
func writeResult(w io.Writer, format string, r *result) error {
	if format == "parquet" {
		return writeParquet(w, r)
	}
	buffered := bufio.NewWriterSize(w, 1<<16)
	var err error
	switch format {
	case "csv":
		err = writeCSV(buffered, r)
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

// writeCSV writes RFC 4180 with a heading and no byte order mark.
func writeCSV(w io.Writer, r *result) error {
	out := csv.NewWriter(w)
	record := make([]string, len(r.columns))
	for i := range r.columns {
		record[i] = guard(r.columns[i].Name)
	}
	if err := out.Write(record); err != nil {
		return err
	}
	for values, err := range r.all() {
		if err != nil {
			return err
		}
		for i, v := range values {
			record[i], _ = r.columns[i].plain(v)
			if !r.columns[i].number() {
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
// English headings are the names of its columns, instants are UTC.
func writeRowsXLSX(w io.Writer, r *result) (err error) {
	folder, err := os.MkdirTemp("", tempPrefix)
	if err != nil {
		return fmt.Errorf("make a private folder: %w", err)
	}
	defer func() { err = errors.Join(err, removeFolder(folder)) }()
	words, err := loadLabels()
	if err != nil {
		return err
	}
	b := newBook(words, English, time.UTC, folder)
	defer func() { err = errors.Join(err, b.close()) }()
	b.plainNames = true
	if _, _, err := b.list(listing{name: b.text("sheet.result"), note: b.text("book.zone", "UTC")}, r); err != nil {
		return err
	}
	return b.write(w)
}
