package format

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/result"
)

// narrowest is the width, in columns of the terminal, below which a text that
// is wrapped can no longer be read.
const narrowest = 16

// tableLayout is a result as it is laid out: every value as printed.
type tableLayout struct {
	columns []result.Column
	header  []string
	rows    [][]string
	widths  []int // of the columns, in columns of the terminal
	lean    bool
}

// writeTable lays a table out for a terminal, or as Markdown. One that is
// wider than the terminal has its long texts wrapped; where that is not
// enough, each row is written as a list of its values. Nothing is cut off.
func writeTable(w io.Writer, format string, r *result.Rows, how Layout) error {
	l, err := readLayout(r, how.Names)
	if err != nil {
		return err
	}
	if l.lean = how.Lean; l.lean {
		l.dropEmpty()
	}
	if format == "markdown" {
		_, err := io.WriteString(w, l.table(nil).RenderMarkdown()+"\n")
		return err
	}
	if l.plan() {
		_, err := io.WriteString(w, l.rows[0][1]+"\n")
		return err
	}
	limits, fits := l.fit(how.Width)
	if !fits {
		return l.writeExpanded(w, how.Width)
	}
	_, err = io.WriteString(w, l.table(limits).Render()+"\n")
	return err
}

func readLayout(r *result.Rows, names labels.Names) (*tableLayout, error) {
	l := &tableLayout{columns: r.Columns}
	for i := range r.Columns {
		name := printable(r.Columns[i].Name)
		l.header = append(l.header, name)
		l.widths = append(l.widths, text.StringWidth(name))
	}
	for values, err := range r.All() {
		if err != nil {
			return nil, err
		}
		row := make([]string, len(values))
		for i, v := range values {
			cell, _ := r.Columns[i].Plain(v)
			if !planText(&l.columns[i]) {
				cell = printable(names.Cell(l.columns[i].Name, cell))
			}
			row[i] = cell
			l.widths[i] = max(l.widths[i], text.StringWidth(cell))
		}
		l.rows = append(l.rows, row)
	}
	return l, nil
}

// dropEmpty leaves out the columns in which no row has a value.
func (l *tableLayout) dropEmpty() {
	for i := len(l.columns) - 1; i >= 0; i-- {
		if slices.ContainsFunc(l.rows, func(row []string) bool { return row[i] != "" }) {
			continue
		}
		l.columns, l.header, l.widths = slices.Delete(slices.Clone(l.columns), i, i+1), slices.Delete(l.header, i, i+1), slices.Delete(l.widths, i, i+1)
		for n, row := range l.rows {
			l.rows[n] = slices.Delete(row, i, i+1)
		}
	}
}

// plan says whether the result is that of EXPLAIN: a drawing of many lines.
func (l *tableLayout) plan() bool {
	return len(l.rows) == 1 && len(l.columns) == 2 && planText(&l.columns[1])
}

// planText says whether the column is DuckDB's own drawing of a plan.
func planText(c *result.Column) bool { return c.Name == "explain_value" }

// fit gives the width of each column that is to be wrapped, and whether the
// table then fits into width.
func (l *tableLayout) fit(width int) (map[int]int, bool) {
	frame, total := 3, 1 // a line and a blank at either side
	if l.lean {
		frame, total = 2, 0
	}
	var long []int // the columns that can be wrapped
	for i, w := range l.widths {
		total += w + frame
		if wraps(&l.columns[i]) && w > narrowest {
			long = append(long, i)
		}
	}
	if width <= 0 || total <= width {
		return nil, true
	}
	// The widest give way first, down to the width of the next ones.
	slices.SortFunc(long, func(a, b int) int { return l.widths[a] - l.widths[b] })
	others := total
	for _, i := range long {
		others -= l.widths[i]
	}
	room := width - others
	limits := map[int]int{}
	for n, i := range long {
		share := room / (len(long) - n)
		if share < narrowest {
			return nil, false
		}
		if l.widths[i] > share {
			limits[i] = share
			room -= share
		} else {
			room -= l.widths[i]
		}
	}
	return limits, len(limits) > 0
}

// wraps says whether a value may be written in several lines: a text may, a
// figure, a date and an id of a fixed form may not.
func wraps(c *result.Column) bool {
	return c.Kind == result.KindText || c.Kind == result.KindJSON || c.Nested()
}

// wrap breaks a text into lines of at most limit columns of the terminal: at
// blanks, and inside of a word that is longer than a line. The library's own
// lets a Chinese character stand out by a column.
func wrap(s string, limit int) string {
	var lines []string
	line, width := []rune{}, 0 // what is not yet in lines
	blank := -1                // the last blank of line
	cut := func(end, next int) {
		lines = append(lines, string(line[:end]))
		line = append([]rune{}, line[next:]...)
		width, blank = text.StringWidth(string(line)), -1
	}
	for _, r := range s {
		w := text.RuneWidth(r)
		if width+w > limit && r == ' ' {
			cut(len(line), len(line)) // the break stands for the blank
			continue
		}
		for width+w > limit && len(line) > 0 {
			if blank >= 0 {
				cut(blank, blank+1)
			} else {
				cut(len(line), len(line))
			}
		}
		if r == ' ' {
			blank = len(line)
		}
		line, width = append(line, r), width+w
	}
	return strings.Join(append(lines, string(line)), "\n")
}

func (l *tableLayout) table(limits map[int]int) table.Writer {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	if l.lean {
		t.Style().Options = table.OptionsNoBordersAndSeparators
		t.Style().Box.PaddingLeft, t.Style().Box.PaddingRight = "", "  "
		t.SuppressTrailingSpaces()
	}
	t.Style().Format.Header = text.FormatDefault
	t.Style().Format.HeaderAlign = text.AlignLeft
	var configs []table.ColumnConfig
	header := make(table.Row, len(l.header))
	for i := range l.columns {
		header[i] = l.header[i]
		config := table.ColumnConfig{Number: i + 1}
		if l.columns[i].Number() {
			config.Align, config.AlignHeader = text.AlignRight, text.AlignRight
		}
		if limit, ok := limits[i]; ok {
			config.WidthMax, config.WidthMaxEnforcer = limit, wrap
		}
		configs = append(configs, config)
	}
	t.AppendHeader(header)
	t.SetColumnConfigs(configs)
	for _, cells := range l.rows {
		row := make(table.Row, len(cells))
		for i := range cells {
			row[i] = cells[i]
		}
		t.AppendRow(row)
	}
	return t
}

// writeExpanded writes a line for each value of each row.
func (l *tableLayout) writeExpanded(w io.Writer, width int) error {
	widest := 0
	for _, name := range l.header {
		widest = max(widest, text.StringWidth(name))
	}
	var b strings.Builder
	for n, row := range l.rows {
		heading := fmt.Sprintf("── row %d ", n+1)
		b.WriteString(heading + strings.Repeat("─", max(0, min(width, 80)-text.StringWidth(heading))) + "\n")
		for i, cell := range row {
			b.WriteString(strings.TrimRight(text.Pad(l.header[i], widest, ' ')+"  "+cell, " ") + "\n")
		}
	}
	rows := "rows"
	if len(l.rows) == 1 {
		rows = "row"
	}
	fmt.Fprintf(&b, "── %d %s of %d columns, wider than the terminal: --wide writes a table\n", len(l.rows), rows, len(l.header))
	_, err := io.WriteString(w, b.String())
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
