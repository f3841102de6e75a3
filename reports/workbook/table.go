package workbook

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/result"
)

// Cell is a value as it goes to the sheet, with the remark that belongs on
// its cell, if any. Text stays text: it is never read as a formula, a number
// or a date.
func (b *Book) Cell(c *Column, v any) (cell excelize.Cell, note string) {
	format := c.Format
	switch v := v.(type) {
	case nil:
		return excelize.Cell{StyleID: b.Style(StyleKey{Role: c.Role, Format: format})}, ""
	case duckdb.Decimal:
		if format == FormatText {
			break
		}
		n, ok := excelNumber(v.Value, int(v.Scale))
		if !ok {
			// Right-aligned like the numbers around it.
			return excelize.Cell{StyleID: b.Style(StyleKey{Role: c.Role, Format: FormatCount}), Value: result.DecimalText(v)}, b.Text("book.too_long")
		}
		if format == FormatMoney && result.Places(v) > 2 {
			format = formatMoney4
		}
		if format == formatRate && result.Places(v) == 0 {
			format = FormatCount
		}
		return excelize.Cell{StyleID: b.Style(StyleKey{Role: c.Role, Format: format, Partial: c.Partial}), Value: n}, ""
	case *big.Int:
		if n, ok := excelNumber(v, 0); ok && format != FormatText {
			return excelize.Cell{StyleID: b.Style(StyleKey{Role: c.Role, Format: format}), Value: n}, ""
		}
	case time.Time:
		var serial any
		var ok bool
		switch {
		case format == FormatDate || format == FormatDay:
			if c.Kind == result.KindInstant {
				v = v.In(b.Zone)
			}
			serial, ok = ExcelDay(v)
		case format == formatInstant && c.Kind == result.KindInstant:
			serial, ok = excelInstant(v.In(b.Zone))
		case format == formatInstant:
			serial, ok = excelInstant(v)
		}
		if ok {
			return excelize.Cell{StyleID: b.Style(StyleKey{Role: c.Role, Format: format}), Value: serial}, ""
		}
	case float64, float32:
		if format != FormatText {
			return excelize.Cell{StyleID: b.Style(StyleKey{Role: c.Role, Format: format}), Value: v}, ""
		}
	default:
		if c.Kind == result.KindInteger && format != FormatText {
			if n, err := result.Int64(v); err == nil && n < fifteenDigits && n > -fifteenDigits {
				return excelize.Cell{StyleID: b.Style(StyleKey{Role: c.Role, Format: format}), Value: n}, ""
			}
		}
	}
	return excelize.Cell{StyleID: b.Style(StyleKey{Role: c.Role, Format: FormatText}), Value: b.text(c, v)}, ""
}

// Measure widens a column to a value.
func (b *Book) Measure(c *Column, v any) {
	if v == nil {
		return
	}
	var w float64
	switch {
	case c.Format == FormatDate:
		w = 10
	case c.Format == formatInstant:
		w = 18
	default:
		w = TextWidth(b.text(c, v))
		if d, ok := v.(duckdb.Decimal); ok {
			// With separators, a point, and the places that are shown.
			whole := float64(max(1, len(d.Value.String())-int(d.Scale)))
			w = whole + math.Floor((whole-1)/3)
			if places := max(2, result.Places(d)); c.Format != FormatCount || result.Places(d) > 0 {
				w += 1 + float64(places)
			}
		}
	}
	c.Widest = max(c.Widest, w)
}

// Headings is the row of column headings.
func (s *Sheet) Headings(columns []Column) {
	cells := make([]any, len(columns))
	for i := range columns {
		cells[i] = s.b.Heading(columns[i].Heading, columns[i].Format)
	}
	s.Put(30, cells...)
}

// Heading aligns like the values under it.
func (b *Book) Heading(text, format string) excelize.Cell {
	switch format {
	case FormatMoney, FormatCount, formatRate, FormatShare:
		format = FormatCount
	case FormatDate, formatInstant, FormatDay:
		format = FormatDate
	default:
		format = FormatText
	}
	return excelize.Cell{StyleID: b.Style(StyleKey{Role: RoleHead, Format: format}), Value: text}
}

// Line is a text over the whole width of the sheet.
func (s *Sheet) Line(r Role, height float64, text string) {
	s.Put(height, excelize.Cell{StyleID: s.b.Style(StyleKey{Role: r}), Value: text})
}

// Section is a heading of a part, ruled across columns.
func (s *Sheet) Section(text string, columns int) {
	cells := make([]any, columns)
	for i := range cells {
		cells[i] = excelize.Cell{StyleID: s.b.Style(StyleKey{Role: roleSection})}
	}
	cells[0] = excelize.Cell{StyleID: s.b.Style(StyleKey{Role: roleSection}), Value: text}
	s.Put(22, cells...)
}

// Listing is a sheet that is one table.
type Listing struct {
	Name   string  // of the sheet
	Layout *Layout // may be nil
	Note   string  // under the title
	// Hidden is a text in the first hidden column, beside the title: for whoever
	// reads the sheet back. Every program keeps cells.
	Hidden string
	Roles  map[string]Role
	Each   func(s *Sheet, values []any)             // sees every row that is written, with s.row its place
	Finish func(s *Sheet, p Part, columns []Column) // before a part is ended
}

// Part is where a table, or a part of it, stands: rows first to last of its
// sheet, without the heading. last is below first where there are none.
type Part struct {
	Sheet       string
	First, Last int
}

// CountRows is how many rows stand in the parts of a table.
func CountRows(parts []Part) (rows int) {
	for _, p := range parts {
		rows += p.Last - p.First + 1
	}
	return rows
}

// ListingHead is how many rows stand above the rows of a listing: title,
// note, headings.
const ListingHead = 3

// sampleRows is how many rows are looked at to find widths that fit.
const sampleRows = 500

// List writes a result as one table, going on in further sheets where one is
// full.
func (b *Book) List(l Listing, r *result.Rows) ([]Part, []Column, error) {
	columns := b.Columns(l.Layout, r.Columns)
	for i := range columns {
		if role, ok := l.Roles[columns[i].Name]; ok {
			columns[i].Role = role
		}
	}
	var sample [][]any
	for len(sample) < sampleRows {
		values, err := r.Next()
		if err != nil {
			return nil, nil, err
		}
		if values == nil {
			break
		}
		sample = append(sample, slices.Clone(values))
		for i, v := range b.Named(columns, values) {
			b.Measure(&columns[i], v)
		}
	}
	for i := range columns {
		if columns[i].Format == FormatMoney && len(sample) == sampleRows {
			// Rows that were not looked at may hold larger amounts, which a
			// narrow column would show as ####.
			columns[i].Widest = max(columns[i].Widest, 13)
		}
	}
	var parts []Part
	s, p := b.listingSheet(&l, columns, nil)
	values := func() ([]any, error) {
		if len(sample) > 0 {
			row := sample[0]
			sample = sample[1:]
			return row, nil
		}
		return r.Next()
	}
	for b.Err == nil {
		row, err := values()
		if err != nil {
			return nil, nil, err
		}
		if row == nil {
			break
		}
		if s.Row >= b.RowLimit {
			parts = append(parts, s.finish(&l, p, columns))
			s, p = b.listingSheet(&l, columns, parts)
		}
		s.PutValues(columns, row)
		if l.Each != nil {
			l.Each(s, row)
		}
	}
	parts = append(parts, s.finish(&l, p, columns))
	return parts, columns, b.Err
}

// listingSheet begins a sheet of a listing; earlier parts give it its number.
func (b *Book) listingSheet(l *Listing, columns []Column, earlier []Part) (*Sheet, Part) {
	f := Frame{Name: l.Name, Frozen: ListingHead, Repeated: [2]int{ListingHead, ListingHead}}
	title, note := l.Name, l.Note
	if l.Layout != nil {
		title = l.Layout.Title.In(b.Language)
	}
	if n := len(earlier); n > 0 {
		f.Name = Numbered(l.Name, n+1)
		note = b.Text("book.part", n+1, earlier[0].Sheet)
	}
	for i := range columns {
		f.Widths = append(f.Widths, columns[i].ColumnWidth())
		if columns[i].Format == formatHidden {
			f.hidden = append(f.hidden, i+1)
		}
	}
	s := b.Sheet(f)
	last := len(columns)
	if l.Layout != nil && l.Layout.PrintTo != "" {
		last = slices.IndexFunc(columns, func(c Column) bool { return c.Name == l.Layout.PrintTo }) + 1
	}
	s.PrintColumns(last)
	cells := []any{excelize.Cell{StyleID: b.Style(StyleKey{Role: RoleTitle}), Value: title}}
	if l.Hidden != "" && len(f.hidden) > 0 {
		cells = append(cells, make([]any, f.hidden[0]-1)...)
		cells[f.hidden[0]-1] = excelize.Cell{StyleID: b.Style(StyleKey{Format: FormatText}), Value: l.Hidden}
	}
	s.Put(28, cells...)
	s.Line(RoleNote, 16, note)
	s.Headings(columns)
	return s, Part{Sheet: s.Name, First: s.Row + 1}
}

// PutValues writes one row of a table.
func (s *Sheet) PutValues(columns []Column, values []any) {
	s.cells = s.cells[:0]
	height := 0.0
	for i, v := range s.b.Named(columns, values) {
		c, note := s.b.Cell(&columns[i], v)
		s.cells = append(s.cells, c)
		if note != "" {
			s.Note(i+1, s.Row+1, note)
		}
		if columns[i].Role == RoleWrap || columns[i].Role == RoleInput {
			if text, ok := c.Value.(string); ok {
				height = max(height, WrappedHeight(text, columns[i].ColumnWidth()))
			}
		}
	}
	s.put(height, s.cells)
}

// WrappedHeight is the height of a text that goes over several lines.
func WrappedHeight(text string, columnWidth float64) float64 {
	lines := 0.0
	for part := range strings.Lines(text) {
		lines += max(1, math.Ceil(1.1*TextWidth(strings.TrimRight(part, "\n"))/(columnWidth-2)))
	}
	return min(max(lines, 1)*14.5+3, 300)
}

// finish closes a part of a listing.
func (s *Sheet) finish(l *Listing, p Part, columns []Column) Part {
	p.Last = s.Row
	if p.Last < p.First {
		s.Line(RoleNote, 18, s.b.Text("book.none"))
	}
	if len(columns) > 0 {
		s.Filter(AreaName(1, p.First-1, len(columns), max(p.Last, p.First)))
	}
	if l.Finish != nil && s.b.Err == nil {
		l.Finish(s, p, columns)
	}
	return p
}

// Numbered is the name of a further part: "Orders (2)".
func Numbered(name string, n int) string {
	suffix := " (" + strconv.Itoa(n) + ")"
	r := []rune(name)
	if most := 31 - len([]rune(suffix)); len(r) > most {
		r = r[:most]
	}
	return string(r) + suffix
}
