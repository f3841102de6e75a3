package reports

import "github.com/xuri/excelize/v2"

// The look of every workbook: one accent colour, thin rules, no stripes. The
// other colours mean something and are used for states only.
const (
	accent    = "1F4E79"
	rule      = "BFBFBF"
	hairline  = "E3E6EA"
	softFill  = "EEF3F8"
	inputFill = "FFFBE6"
	mutedText = "6B7280"

	goodFill, goodText = "E2F0D9", "2E6B1F"
	warnFill, warnText = "FFF0C8", "7F5F00"
	badFill, badText   = "FADBD8", "9C1C1C"
	noneFill           = "EDEDED"
)

// role is the part a cell plays.
type role int

const (
	roleBody role = iota
	roleTitle
	roleNote
	roleSection // heading of a part of a sheet
	roleHead    // heading of a column
	roleTotal
	roleLink  // a body cell that leads to another sheet
	roleInput // for finance to fill in
	roleWrap  // long text over several lines
	roleKey   // the name of a value beside it
	roleClip  // a long id of which the beginning is enough to see
	roleVerdictGood
	roleVerdictWarn
	roleVerdictBad
	roleGood
	roleWarn
	roleBad
	roleNone
)

// The formats that a header can give a column (format.NAME).
const (
	formatText    = "text"
	formatCount   = "count"
	formatMoney   = "money"
	formatRate    = "rate"
	formatDate    = "date"
	formatInstant = "instant"
	formatHidden  = "hidden"

	formatMoney4 = "money4" // money with more than two places
	formatDay    = "day"    // month and day, in the calendar
)

var formats = []string{formatText, formatCount, formatMoney, formatRate, formatDate, formatInstant, formatHidden}

// numberFormats: negative amounts are red.
var numberFormats = map[string]string{
	formatText:    "@",
	formatCount:   "#,##0;[Red]-#,##0",
	formatMoney:   "#,##0.00;[Red]-#,##0.00",
	formatMoney4:  "#,##0.0000;[Red]-#,##0.0000",
	formatRate:    "#,##0.######;[Red]-#,##0.######",
	formatDate:    "yyyy-mm-dd",
	formatInstant: "yyyy-mm-dd hh:mm:ss",
	formatDay:     "mm-dd",
}

type styleKey struct {
	role   role
	format string
	center bool
}

// style is the id of a cell style, made on first use.
func (b *book) style(key styleKey) int {
	if id, ok := b.styles[key]; ok {
		return id
	}
	s := &excelize.Style{
		Font:      &excelize.Font{Family: b.font, Size: 10, Color: "222222"},
		Alignment: &excelize.Alignment{Vertical: "center"},
	}
	if key.format != "" {
		form := numberFormats[key.format]
		s.CustomNumFmt = &form
	}
	switch key.format {
	case formatCount, formatMoney, formatMoney4, formatRate:
		s.Alignment.Horizontal = "right"
	case formatDate, formatInstant, formatDay:
		s.Alignment.Horizontal = "center"
	case formatText:
		// Away from a number that ends at the column's border.
		s.Alignment.Horizontal, s.Alignment.Indent = "left", 1
	}
	if key.center {
		s.Alignment.Horizontal, s.Alignment.Indent = "center", 0
	}
	b.dress(s, key)
	id, err := b.file.NewStyle(s)
	if err != nil {
		b.fail(err)
	}
	b.styles[key] = id
	return id
}

// dress gives a style the look of its role.
func (b *book) dress(s *excelize.Style, key styleKey) {
	line := func(side, color string, style int) {
		s.Border = append(s.Border, excelize.Border{Type: side, Color: color, Style: style})
	}
	fill := func(color string) {
		s.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
	}
	state := func(background, ink string) {
		fill(background)
		s.Font.Color = ink
		line("bottom", "FFFFFF", 1)
		line("right", "FFFFFF", 1)
	}
	switch key.role {
	case roleBody:
		line("bottom", hairline, 1)
	case roleLink:
		line("bottom", hairline, 1)
		s.Font.Color = accent
	case roleWrap:
		line("bottom", hairline, 1)
		s.Alignment.WrapText = true
	case roleInput:
		fill(inputFill)
		line("bottom", rule, 1)
		line("left", hairline, 1)
		line("right", hairline, 1)
	case roleTitle:
		s.Font.Size, s.Font.Bold, s.Font.Color = 18, true, accent
	case roleNote:
		s.Font.Color = mutedText
		s.Font.Size = 9
	case roleSection:
		s.Font.Size, s.Font.Bold, s.Font.Color = 12, true, accent
		line("bottom", accent, 2)
	case roleHead:
		s.Font.Bold, s.Font.Color = true, "FFFFFF"
		fill(accent)
		s.Alignment.WrapText = true
	case roleTotal:
		s.Font.Bold = true
		fill(softFill)
		line("top", accent, 1)
		line("bottom", accent, 1)
	case roleClip:
		s.Alignment.Horizontal, s.Alignment.Indent = "fill", 0
		fallthrough
	case roleKey:
		s.Font.Color = mutedText
		line("bottom", hairline, 1)
	case roleVerdictGood:
		s.Font.Bold, s.Alignment.WrapText = true, true
		s.Alignment.Horizontal, s.Alignment.Indent = "left", 1
		state(goodFill, goodText)
	case roleVerdictWarn:
		s.Font.Bold, s.Alignment.WrapText = true, true
		s.Alignment.Horizontal, s.Alignment.Indent = "left", 1
		state(warnFill, warnText)
	case roleVerdictBad:
		s.Font.Bold, s.Alignment.WrapText = true, true
		s.Alignment.Horizontal, s.Alignment.Indent = "left", 1
		state(badFill, badText)
	case roleGood:
		state(goodFill, goodText)
	case roleWarn:
		state(warnFill, warnText)
	case roleBad:
		state(badFill, badText)
	case roleNone:
		state(noneFill, mutedText)
	}
}
