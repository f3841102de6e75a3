package workbook

import (
	"strings"

	"github.com/xuri/excelize/v2"
)

// The look of every workbook: one accent colour, thin rules, no stripes. The
// other colours mean something and are used for states only.
const (
	Accent    = "1F4E79"
	rule      = "BFBFBF"
	hairline  = "E3E6EA"
	softFill  = "EEF3F8"
	inputFill = "FFFBE6"
	MutedText = "6B7280"

	goodFill, goodText = "E2F0D9", "2E6B1F"
	warnFill, warnText = "FFF0C8", "7F5F00"
	badFill, BadText   = "FADBD8", "9C1C1C"
	noneFill           = "EDEDED"
)

// Role is the part a cell plays.
type Role int

const (
	RoleBody Role = iota
	RoleTitle
	RoleNote
	roleSection // heading of a part of a sheet
	RoleHead    // heading of a column
	RoleTotal
	RoleLink  // a body cell that leads to another sheet
	RoleInput // for finance to fill in
	RoleWrap  // long text over several lines
	RoleKey   // the name of a value beside it
	RoleClip  // a long id of which the beginning is enough to see
	RoleVerdictGood
	RoleVerdictWarn
	RoleVerdictBad
	RoleGood
	RoleWarn
	RoleBad
	RoleNone
)

// The formats that a header can give a column (format.NAME).
const (
	FormatText    = "text"
	FormatCount   = "count"
	FormatMoney   = "money"
	formatRate    = "rate"
	FormatShare   = "share" // a fraction, as a percentage
	FormatDate    = "date"
	formatInstant = "instant"
	formatHidden  = "hidden"

	formatMoney4 = "money4" // money with more than two places
	FormatDay    = "day"    // month and day, in the calendar
)

var Formats = []string{FormatText, FormatCount, FormatMoney, formatRate, FormatShare, FormatDate, formatInstant, formatHidden}

// numberFormats: negative amounts are red.
var numberFormats = map[string]string{
	FormatText:    "@",
	FormatCount:   "#,##0;[Red]-#,##0",
	FormatMoney:   "#,##0.00;[Red]-#,##0.00",
	formatMoney4:  "#,##0.0000;[Red]-#,##0.0000",
	formatRate:    "#,##0.######;[Red]-#,##0.######",
	FormatShare:   "0.0%",
	FormatDate:    "yyyy-mm-dd",
	formatInstant: "yyyy-mm-dd hh:mm:ss",
	FormatDay:     "mm-dd",
}

type StyleKey struct {
	Role    Role
	Format  string
	Center  bool
	Partial bool // an asterisk behind the number
}

// Style is the id of a cell style, made on first use.
func (b *Book) Style(key StyleKey) int {
	if id, ok := b.styles[key]; ok {
		return id
	}
	s := &excelize.Style{
		Font:      &excelize.Font{Family: b.Font, Size: textPoints, Color: "222222"},
		Alignment: &excelize.Alignment{Vertical: "center"},
	}
	if key.Format != "" {
		form := numberFormats[key.Format]
		if key.Partial {
			form = strings.ReplaceAll(form, ";", `"*";`) + `"*"`
		}
		s.CustomNumFmt = &form
	}
	switch key.Format {
	case FormatCount, FormatMoney, formatMoney4, formatRate, FormatShare:
		s.Alignment.Horizontal = "right"
	case FormatDate, formatInstant, FormatDay:
		s.Alignment.Horizontal = "center"
	case FormatText:
		// Away from a number that ends at the column's border.
		s.Alignment.Horizontal, s.Alignment.Indent = "left", 1
	}
	if key.Center {
		s.Alignment.Horizontal, s.Alignment.Indent = "center", 0
	}
	b.dress(s, key)
	id, err := b.file.NewStyle(s)
	b.Check(err)
	b.styles[key] = id
	return id
}

// dress gives a style the look of its role.
func (b *Book) dress(s *excelize.Style, key StyleKey) {
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
	switch key.Role {
	case RoleVerdictGood, RoleVerdictWarn, RoleVerdictBad:
		s.Font.Bold, s.Alignment.WrapText = true, true
		s.Alignment.Horizontal, s.Alignment.Indent = "left", 1
	}
	switch key.Role {
	case RoleBody:
		line("bottom", hairline, 1)
	case RoleLink:
		line("bottom", hairline, 1)
		s.Font.Color = Accent
	case RoleWrap:
		line("bottom", hairline, 1)
		s.Alignment.WrapText = true
	case RoleInput:
		fill(inputFill)
		s.Alignment.WrapText = true
		line("bottom", rule, 1)
		line("left", hairline, 1)
		line("right", hairline, 1)
	case RoleTitle:
		s.Font.Size, s.Font.Bold, s.Font.Color = 18, true, Accent
	case RoleNote:
		s.Font.Color = MutedText
	case roleSection:
		s.Font.Size, s.Font.Bold, s.Font.Color = 13, true, Accent
		line("bottom", Accent, 2)
	case RoleHead:
		s.Font.Bold, s.Font.Color = true, "FFFFFF"
		fill(Accent)
		s.Alignment.WrapText = true
	case RoleTotal:
		s.Font.Bold = true
		fill(softFill)
		line("top", Accent, 1)
		line("bottom", Accent, 1)
	case RoleClip:
		s.Alignment.Horizontal, s.Alignment.Indent = "fill", 0
		fallthrough
	case RoleKey:
		s.Font.Color = MutedText
		line("bottom", hairline, 1)
	case RoleGood, RoleVerdictGood:
		state(goodFill, goodText)
	case RoleWarn, RoleVerdictWarn:
		state(warnFill, warnText)
	case RoleBad, RoleVerdictBad:
		state(badFill, BadText)
	case RoleNone:
		state(noneFill, MutedText)
	}
}
