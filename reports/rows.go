package reports

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Formats are those in which Query and Write write a result.
var Formats = []string{"table", "csv", "json", "jsonl", "markdown", "parquet", "xlsx"}

// Write runs one SELECT of the program's own, with its arguments, and writes
// the result to w in one of Formats. Decimals keep all their digits, also
// inside of lists, structures and JSON; instants are RFC 3339 in UTC, dates
// yyyy-MM-dd; null is an empty cell, in JSON null. csv, json, jsonl and parquet
// are written as the rows come; table and markdown are laid out in memory.
func Write(ctx context.Context, db *sql.DB, w io.Writer, format, statement string, args ...any) error {
	if err := knownFormat(format); err != nil {
		return err
	}
	r, err := exactRows(ctx, db, statement, args...)
	if err != nil {
		return err
	}
	return errors.Join(writeFormat(w, format, r, 0), r.rows.Close())
}

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
	for {
		values, err := r.next()
		if err != nil {
			return err
		}
		if values == nil {
			break
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
