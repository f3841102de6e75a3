package main

import (
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/nightaudit/nightaudit/reports/figure"
)

// plural is "1 order" or "2 orders".
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return figure.Count(n) + " " + many
}

// seconds writes a duration as people read it.
func seconds(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// newTable is a table without lines, for people and for awk alike, in which accounts are
// called by their names. right are the numbers, from 1, of the columns that hold figures.
func (a *app) newTable(header table.Row, right ...int) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(a.stdout)
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	style.Format.Header = text.FormatDefault
	style.Format.Footer = text.FormatDefault
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	t.AppendHeader(header)
	columns := make([]table.ColumnConfig, len(header))
	for i := range columns {
		columns[i] = table.ColumnConfig{Number: i + 1, Transformer: func(cell any) string { return a.names.In(fmt.Sprint(cell)) }}
	}
	for _, n := range right {
		c := &columns[n-1]
		c.Align, c.AlignHeader, c.AlignFooter = text.AlignRight, text.AlignRight, text.AlignRight
	}
	t.SetColumnConfigs(columns)
	return t
}

// sayf prints a line for people, in which accounts are called by their names.
func (a *app) sayf(format string, words ...any) {
	fmt.Fprintln(a.stdout, a.names.In(fmt.Sprintf(format, words...)))
}
