package reports

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/width"
)

// shown is a column of a result as a sheet shows it.
type shown struct {
	column
	heading    string
	format     string
	vocabulary string
	fixed      float64 // a width that the header asks for
	widest     float64 // the widest value or heading so far, in characters
	role       role
}

// Layout says what a table looks like, apart from what the types of its columns
// imply.
type Layout struct {
	Title   Words
	Table   string                  // "main.orders": whose headings go before those of other tables; may be empty
	PrintTo string                  // the last column that goes on paper; empty: all
	Columns map[string]ColumnLayout // by name; those that differ from what their type implies
}

// ColumnLayout says what one column looks like.
type ColumnLayout struct {
	Label  Words
	Format string  // one of formats; empty: as its type implies
	Width  float64 // in characters; 0: as wide as its values
	Values string  // the vocabulary in which its codes are shown; empty: as they are
}

// Heading is the label of a column in a language: the layout's own, else that
// of its table in the dictionary, else that of any table, else the column's
// name.
func (l *Layout) Heading(words *labels, column, language string) string {
	if l == nil {
		return words.heading("", column, language)
	}
	if label := l.Columns[column].Label.In(language); label != "" {
		return label
	}
	return words.heading(l.Table, column, language)
}

// shown decides how the columns of a result look: as their types imply, but
// for what the layout says. layout may be nil.
func (b *book) shown(layout *Layout, columns []column) []shown {
	list := make([]shown, len(columns))
	for i, c := range columns {
		s := shown{column: c, heading: layout.Heading(b.labels, c.Name, b.language), format: impliedFormat(&c)}
		if b.plainNames {
			s.heading = c.Name
		}
		if layout != nil {
			l := layout.Columns[c.Name]
			if l.Format != "" {
				s.format = l.Format
			}
			s.vocabulary, s.fixed = l.Values, l.Width
		}
		s.widest = headingWidth(s.heading)
		list[i] = s
	}
	return list
}

func impliedFormat(c *column) string {
	switch c.Kind {
	case kindInteger, kindWide:
		return formatCount
	case kindDecimal:
		switch c.Scale {
		case 0:
			return formatCount
		case 6:
			return formatRate
		}
		return formatMoney
	case kindFloat:
		return formatRate
	case kindDate:
		return formatDate
	case kindInstant, kindLocal:
		return formatInstant
	}
	return formatText
}

// cell is a value as it goes to the sheet, with the remark that belongs on
// its cell, if any. Text stays text: it is never read as a formula, a number
// or a date.
func (b *book) cell(c *shown, v any) (cell excelize.Cell, note string) {
	format := c.format
	switch v := v.(type) {
	case nil:
		return excelize.Cell{StyleID: b.style(styleKey{role: c.role, format: format})}, ""
	case duckdb.Decimal:
		if format == formatText {
			break
		}
		n, ok := excelNumber(v.Value, int(v.Scale))
		if !ok {
			// Right-aligned like the numbers around it.
			return excelize.Cell{StyleID: b.style(styleKey{role: c.role, format: formatCount}), Value: decimalText(v)}, b.text("book.too_long")
		}
		if format == formatMoney && placesUsed(v) > 2 {
			format = formatMoney4
		}
		if format == formatRate && placesUsed(v) == 0 {
			format = formatCount
		}
		return excelize.Cell{StyleID: b.style(styleKey{role: c.role, format: format}), Value: n}, ""
	case *big.Int:
		if n, ok := excelNumber(v, 0); ok && format != formatText {
			return excelize.Cell{StyleID: b.style(styleKey{role: c.role, format: format}), Value: n}, ""
		}
	case time.Time:
		var serial any
		var ok bool
		switch {
		case format == formatDate || format == formatDay:
			if c.Kind == kindInstant {
				v = v.In(b.zone)
			}
			serial, ok = excelDay(v)
		case format == formatInstant && c.Kind == kindInstant:
			serial, ok = excelInstant(v.In(b.zone))
		case format == formatInstant:
			serial, ok = excelInstant(v)
		}
		if ok {
			return excelize.Cell{StyleID: b.style(styleKey{role: c.role, format: format}), Value: serial}, ""
		}
	case float64, float32:
		if format != formatText {
			return excelize.Cell{StyleID: b.style(styleKey{role: c.role, format: format}), Value: v}, ""
		}
	default:
		if c.Kind == kindInteger && format != formatText {
			if n, err := toInt64(v); err == nil && n < fifteenDigits && n > -fifteenDigits {
				return excelize.Cell{StyleID: b.style(styleKey{role: c.role, format: format}), Value: n}, ""
			}
		}
	}
	text, _ := c.plain(v)
	if c.vocabulary != "" {
		text = b.word(c.vocabulary, text)
	}
	return excelize.Cell{StyleID: b.style(styleKey{role: c.role, format: formatText}), Value: text}, ""
}

// measure widens a column to a value.
func (b *book) measure(c *shown, v any) {
	if v == nil {
		return
	}
	var w float64
	switch {
	case c.format == formatDate:
		w = 10
	case c.format == formatInstant:
		w = 18
	default:
		text, _ := c.plain(v)
		if c.vocabulary != "" {
			text = b.word(c.vocabulary, text)
		}
		w = textWidth(text)
		if d, ok := v.(duckdb.Decimal); ok {
			// With separators, a point, and the places that are shown.
			whole := float64(max(1, len(d.Value.String())-int(d.Scale)))
			w = whole + math.Floor((whole-1)/3)
			if places := max(2, placesUsed(d)); c.format != formatCount || placesUsed(d) > 0 {
				w += 1 + float64(places)
			}
		}
	}
	c.widest = max(c.widest, w)
}

// columnWidth is the width that fits, within reason.
func (c *shown) columnWidth() float64 {
	if c.fixed > 0 {
		return c.fixed
	}
	return math.Ceil(min(c.widest, 42)*1.08) + 1.5
}

// headingWidth leaves room for the filter's button, with what columnWidth
// adds. A heading of several words, or a long Chinese one, may take two lines.
func headingWidth(heading string) float64 {
	w := textWidth(heading)
	longest := 0.0
	for _, word := range strings.Fields(heading) {
		if n := textWidth(word); n > float64(len([]rune(word)))*1.5 {
			longest = max(longest, 8, n/2+1) // Chinese breaks anywhere
		} else {
			longest = max(longest, n)
		}
	}
	return min(w, max(longest, w/2+1)) + 1.5
}

// textWidth is how wide a text is, in characters: a Chinese one takes two.
func textWidth(s string) float64 {
	n := 0.0
	for _, r := range s {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// headings is the row of column headings.
func (s *sheet) headings(columns []shown) {
	cells := make([]any, len(columns))
	for i := range columns {
		cells[i] = s.b.heading(columns[i].heading, columns[i].format)
	}
	s.put(30, cells...)
}

// heading aligns like the values under it.
func (b *book) heading(text, format string) excelize.Cell {
	switch format {
	case formatMoney, formatCount, formatRate:
		format = formatCount
	case formatDate, formatInstant, formatDay:
		format = formatDate
	default:
		format = formatText
	}
	return excelize.Cell{StyleID: b.style(styleKey{role: roleHead, format: format}), Value: text}
}

// line is a text over the whole width of the sheet.
func (s *sheet) line(r role, height float64, text string) {
	s.put(height, excelize.Cell{StyleID: s.b.style(styleKey{role: r}), Value: text})
}

// section is a heading of a part, ruled across columns.
func (s *sheet) section(text string, columns int) {
	cells := make([]any, columns)
	for i := range cells {
		cells[i] = excelize.Cell{StyleID: s.b.style(styleKey{role: roleSection})}
	}
	cells[0] = excelize.Cell{StyleID: s.b.style(styleKey{role: roleSection}), Value: text}
	s.put(22, cells...)
}

// listing is a sheet that is one table.
type listing struct {
	name   string  // of the sheet
	layout *Layout // may be nil
	note   string  // under the title
	roles  map[string]role
	each   func(s *sheet, values []any)            // sees every row that is written, with s.row its place
	finish func(s *sheet, p part, columns []shown) // before a part is ended
}

// part is where a table, or a part of it, stands: rows first to last of its
// sheet, without the heading. last is below first where there are none.
type part struct {
	sheet       string
	first, last int
}

// listingHead is how many rows stand above the rows of a listing: title,
// note, headings.
const listingHead = 3

// sampleRows is how many rows are looked at to find widths that fit.
const sampleRows = 500

// list writes a result as one table, going on in further sheets where one is
// full.
func (b *book) list(l listing, r *result) ([]part, []shown, error) {
	columns := b.shown(l.layout, r.columns)
	for i := range columns {
		if role, ok := l.roles[columns[i].Name]; ok {
			columns[i].role = role
		}
	}
	var sample [][]any
	for len(sample) < sampleRows {
		values, err := r.next()
		if err != nil {
			return nil, nil, err
		}
		if values == nil {
			break
		}
		sample = append(sample, slices.Clone(values))
		for i, v := range values {
			b.measure(&columns[i], v)
		}
	}
	for i := range columns {
		if columns[i].format == formatMoney && len(sample) == sampleRows {
			// Rows that were not looked at may hold larger amounts, which a
			// narrow column would show as ####.
			columns[i].widest = max(columns[i].widest, 13)
		}
	}
	var parts []part
	s, p := b.listingSheet(&l, columns, nil)
	values := func() ([]any, error) {
		if len(sample) > 0 {
			row := sample[0]
			sample = sample[1:]
			return row, nil
		}
		return r.next()
	}
	for b.err == nil {
		row, err := values()
		if err != nil {
			return nil, nil, err
		}
		if row == nil {
			break
		}
		if s.row >= b.rowLimit {
			parts = append(parts, s.finish(&l, p, columns))
			s, p = b.listingSheet(&l, columns, parts)
		}
		s.putValues(columns, row)
		if l.each != nil {
			l.each(s, row)
		}
	}
	parts = append(parts, s.finish(&l, p, columns))
	return parts, columns, b.err
}

// listingSheet begins a sheet of a listing; earlier parts give it its number.
func (b *book) listingSheet(l *listing, columns []shown, earlier []part) (*sheet, part) {
	f := frame{name: l.name, frozen: listingHead, repeated: [2]int{listingHead, listingHead}}
	title, note := l.name, l.note
	if l.layout != nil {
		title = l.layout.Title.In(b.language)
	}
	if n := len(earlier); n > 0 {
		f.name = numbered(l.name, n+1)
		note = b.text("book.part", n+1, earlier[0].sheet)
	}
	for i := range columns {
		f.widths = append(f.widths, columns[i].columnWidth())
		if columns[i].format == formatHidden {
			f.hidden = append(f.hidden, i+1)
		}
	}
	s := b.sheet(f)
	if l.layout != nil && l.layout.PrintTo != "" {
		s.printColumns(slices.IndexFunc(columns, func(c shown) bool { return c.Name == l.layout.PrintTo }) + 1)
	}
	s.line(roleTitle, 28, title)
	s.line(roleNote, 16, note)
	s.headings(columns)
	return s, part{sheet: s.name, first: s.row + 1}
}

// putValues writes one row of a table.
func (s *sheet) putValues(columns []shown, values []any) {
	cells := make([]any, len(values))
	height := 0.0
	for i, v := range values {
		c, note := s.b.cell(&columns[i], v)
		cells[i] = c
		if note != "" {
			s.note(i+1, s.row+1, note)
		}
		if columns[i].role == roleWrap {
			if text, ok := c.Value.(string); ok {
				height = max(height, wrappedHeight(text, columns[i].columnWidth()))
			}
		}
	}
	s.put(height, cells...)
}

// wrappedHeight is the height of a text that goes over several lines.
func wrappedHeight(text string, columnWidth float64) float64 {
	lines := 0.0
	for part := range strings.Lines(text) {
		lines += max(1, math.Ceil(textWidth(strings.TrimRight(part, "\n"))/(columnWidth-2)))
	}
	return min(max(lines, 1)*13.5+3, 300)
}

// finish closes a part of a listing.
func (s *sheet) finish(l *listing, p part, columns []shown) part {
	p.last = s.row
	if p.last < p.first {
		s.line(roleNote, 18, s.b.text("book.none"))
	}
	if s.b.err == nil && len(columns) > 0 {
		s.b.check(s.b.file.AutoFilter(s.name, areaName(1, p.first-1, len(columns), max(p.last, p.first)), nil))
	}
	if l.finish != nil && s.b.err == nil {
		l.finish(s, p, columns)
	}
	return p
}

// numbered is the name of a further part: "Orders (2)".
func numbered(name string, n int) string {
	suffix := " (" + strconv.Itoa(n) + ")"
	r := []rune(name)
	if most := 31 - len([]rune(suffix)); len(r) > most {
		r = r[:most]
	}
	return string(r) + suffix
}
