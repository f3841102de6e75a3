package reports

import (
	"bufio"
	"database/sql"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Formats are those that WriteRows knows.
var Formats = []string{"table", "csv", "json", "jsonl", "markdown", "parquet", "xlsx"}

// WriteRows writes a result to w in one of Formats, and reads rows to their
// end; the caller closes them. Decimals keep all their digits, instants are
// RFC 3339 in UTC, dates yyyy-MM-dd; null is an empty cell, in JSON null. csv,
// json, jsonl and parquet are written as the rows come; table and markdown
// are laid out in memory.
//
// A column of type JSON has passed through the driver: its numbers are
// doubles there. Cast it to VARCHAR where more than 15 digits matter.
func WriteRows(w io.Writer, format string, rows *sql.Rows) error {
	if !slices.Contains(Formats, format) {
		return fmt.Errorf("unknown format %q: choose one of %s", format, strings.Join(Formats, ", "))
	}
	r, err := newResult(rows)
	if err != nil {
		return err
	}
	switch format {
	case "xlsx":
		err = writeRowsXLSX(w, r)
	default:
		err = writeResult(w, format, r)
	}
	if err != nil {
		return fmt.Errorf("write the result as %s: %w", format, err)
	}
	return nil
}

// writeResult writes every format but xlsx, which needs more than rows.
func writeResult(w io.Writer, format string, r *result) error {
	if format == "parquet" {
		return writeParquet(w, r)
	}
	if format == "table" || format == "markdown" {
		return writeTable(w, format, r)
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

// writeTable lays a table out for a terminal, or as Markdown.
func writeTable(w io.Writer, format string, r *result) error {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	t.Style().Format.HeaderAlign = text.AlignLeft
	var configs []table.ColumnConfig
	header := make(table.Row, len(r.columns))
	for i := range r.columns {
		header[i] = printable(r.columns[i].Name)
		if r.columns[i].number() {
			configs = append(configs, table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
		}
	}
	t.AppendHeader(header)
	t.SetColumnConfigs(configs)
	for {
		values, err := r.next()
		if err != nil {
			return err
		}
		if values == nil {
			break
		}
		row := make(table.Row, len(values))
		for i, v := range values {
			cell, _ := r.columns[i].plain(v)
			row[i] = printable(cell)
		}
		t.AppendRow(row)
	}
	if format == "markdown" {
		_, err := io.WriteString(w, t.RenderMarkdown()+"\n")
		return err
	}
	_, err := io.WriteString(w, t.Render()+"\n")
	return err
}

// printable keeps a text from the sources on its line, and from steering the
// terminal.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\t' || c == '\r':
			return ' '
		case c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0:
			return '\ufffd'
		}
		return c
	}, s)
}
