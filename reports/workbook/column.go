package workbook

import (
	"math"
	"strings"

	"golang.org/x/text/width"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/result"
)

// Layout says what a table looks like, apart from what the types of its columns
// imply.
type Layout struct {
	Title   labels.Words
	Table   string                  // "main.orders": whose headings go before those of other tables; may be empty
	PrintTo string                  // the last column that goes on paper; empty: all
	Columns map[string]ColumnLayout // by name; those that differ from what their type implies
}

// ColumnLayout says what one column looks like.
type ColumnLayout struct {
	Label  labels.Words
	Format string  // one of formats; empty: as its type implies
	Width  float64 // in characters; 0: as wide as its values
	Values string  // the vocabulary in which its codes are shown; empty: as they are
}

// Heading is the label of a column in a language: the layout's own, else that
// of its table in the dictionary, else that of any table, else the column's
// name.
func (l *Layout) Heading(words *labels.Labels, column, language string) string {
	if l == nil {
		return words.Heading("", column, language)
	}
	if label := l.Columns[column].Label.In(language); label != "" {
		return label
	}
	return words.Heading(l.Table, column, language)
}

// Column is a column of a result as a sheet shows it.
type Column struct {
	result.Column
	Heading    string
	Format     string
	Vocabulary string
	fixed      float64 // a width that the header asks for
	Widest     float64 // the widest value or heading so far, in characters
	Role       Role
	// Partial marks a sum of which not all rows are known: an asterisk behind
	// the number.
	Partial bool
}

// Columns decides how the columns of a result look: as their types imply, but
// for what the layout says. layout may be nil.
func (b *Book) Columns(layout *Layout, columns []result.Column) []Column {
	list := make([]Column, len(columns))
	for i, c := range columns {
		s := Column{Column: c, Heading: layout.Heading(b.Labels, c.Name, b.Language), Format: impliedFormat(&c)}
		if b.PlainNames {
			s.Heading = c.Name
		}
		if layout != nil {
			l := layout.Columns[c.Name]
			if l.Format != "" {
				s.Format = l.Format
			}
			s.Vocabulary, s.fixed = l.Values, l.Width
		}
		s.Widest = HeadingWidth(s.Heading)
		list[i] = s
	}
	return list
}

func impliedFormat(c *result.Column) string {
	switch c.Kind {
	case result.KindInteger, result.KindWide:
		return FormatCount
	case result.KindDecimal:
		switch c.Scale {
		case 0:
			return FormatCount
		case 6:
			return formatRate
		}
		return FormatMoney
	case result.KindFloat:
		return formatRate
	case result.KindDate:
		return FormatDate
	case result.KindInstant, result.KindLocal:
		return formatInstant
	}
	return FormatText
}

// ColumnWidth is the width that fits, within reason.
func (c *Column) ColumnWidth() float64 {
	if c.fixed > 0 {
		return c.fixed
	}
	return math.Ceil(min(c.Widest, 42)*1.08) + 1.5
}

// HeadingWidth leaves room for the filter's button, with what columnWidth
// adds. A heading of several words, or a long Chinese one, may take two lines.
func HeadingWidth(heading string) float64 {
	w := TextWidth(heading)
	longest := 0.0
	for word := range strings.FieldsSeq(heading) {
		if n := TextWidth(word); n > float64(len([]rune(word)))*1.5 {
			longest = max(longest, 8, n/2+1) // Chinese breaks anywhere
		} else {
			longest = max(longest, n)
		}
	}
	return min(w, max(longest, w/2+1)) + 1.5
}

// TextWidth is how wide a text is, in characters: a Chinese one takes two.
func TextWidth(s string) float64 {
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
