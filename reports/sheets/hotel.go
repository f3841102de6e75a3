package sheets

import (
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// hotelFigures are what is compared, each beside that of the day before, of the
// same weekday a week ago and of the month to date.
var hotelFigures = []string{
	"rooms_occupied", "occupancy", "room_amount",
	"average_daily_rate", "revenue_per_available_room", "arrivals", "departures",
}

// hotelPeriods are the columns of the comparison: the endings of the report's
// columns, the day itself first.
var hotelPeriods = []string{"", "_day_before", "_week_before", "_month"}

// hotelNames is how many columns the name of a figure takes of the table below.
const hotelNames = 3

// hotelView is the Hotel sheet being written: for each hotel its last date
// compared with others, below the dates one by one.
type hotelView struct {
	w       *reconciliation
	s       *workbook.Sheet
	g       *catalogue.Grid
	columns []workbook.Column
}

// hotelSheet shows what hoteliers read, newest date first.
func (w *reconciliation) hotelSheet() error {
	given := map[string]string{}
	if w.daily() {
		given["date_from"] = w.to.AddDate(0, 0, 1-revenueDays).Format(time.DateOnly)
	}
	g, err := w.q.Grid("hotel", given)
	if err != nil {
		return err
	}
	v := &hotelView{w: w, g: g, columns: w.Columns(&g.Report.Layout, g.Columns)}
	w.hotel = v
	v.begin()
	for _, row := range v.latest() {
		v.putCompared(row)
	}
	v.putDays()
	w.content(content{title: "sheet.hotel", sheet: v.s.Name, rows: len(g.Rows)})
	return w.Err
}

func (v *hotelView) begin() {
	for _, row := range v.g.Rows {
		for c, value := range v.w.Named(v.columns, row) {
			v.w.Measure(&v.columns[c], value)
		}
	}
	f := workbook.Frame{Name: v.w.Text("sheet.hotel"), Frozen: 2}
	for i := range v.columns {
		if i >= hotelNames && i < hotelNames+len(hotelPeriods) {
			v.columns[i].Widest = max(v.columns[i].Widest, 10) // amounts stand here as well
		}
		f.Widths = append(f.Widths, v.columns[i].ColumnWidth())
	}
	v.s = v.w.Sheet(f)
	v.s.PrintColumns(result.Index(v.g.Columns, v.g.Report.PrintTo) + 1)
	v.s.Line(workbook.RoleTitle, 28, v.g.Report.Title.In(v.w.Language))
	v.s.Line(workbook.RoleNote, 16, v.w.Text("hotel.note"))
}

// latest are the rows of the last date of each hotel; the report has the newest
// first.
func (v *hotelView) latest() []int {
	var rows []int
	for i := range v.g.Rows {
		if i == 0 || v.hotel(i) != v.hotel(i-1) {
			rows = append(rows, i)
		}
	}
	return rows
}

func (v *hotelView) hotel(row int) string {
	return v.g.Str(row, "place") + "\x00" + v.g.Str(row, "source") + "\x00" + v.g.Str(row, "account")
}

// putCompared writes the figures of a hotel's last date beside the others.
func (v *hotelView) putCompared(row int) {
	w := v.w
	v.s.Section(strings.TrimSpace(w.hotelName(v.g, row)+" · "+w.Text("book.day", v.g.Str(row, "business_date"))+" · "+v.g.Str(row, "currency")), hotelNames+len(hotelPeriods)+4)
	v.s.Line(workbook.RoleNote, 16, v.basis(row))
	heads := make([]any, hotelNames+len(hotelPeriods))
	for i := range hotelNames {
		heads[i] = w.Heading("", workbook.FormatText)
	}
	heads[0] = w.Heading(w.Text("hotel.figure"), workbook.FormatText)
	for i, period := range hotelPeriods {
		heads[hotelNames+i] = w.Heading(w.Text("compared.day"+period), workbook.FormatCount)
	}
	v.s.Put(30, heads...)
	for _, figure := range hotelFigures {
		text := w.Style(workbook.StyleKey{Role: workbook.RoleBody, Format: workbook.FormatText})
		cells := []any{excelize.Cell{StyleID: text, Value: v.column(figure).Heading}}
		for len(cells) < hotelNames {
			cells = append(cells, excelize.Cell{StyleID: text})
		}
		for _, period := range hotelPeriods {
			cell, _ := w.Cell(v.column(figure), v.g.At(row, figure+period))
			cells = append(cells, cell)
		}
		v.s.Put(16, cells...)
		v.s.Span(1, hotelNames)
	}
	v.s.Blank(1)
}

// hotelName names the hotel of a row.
func (w *reconciliation) hotelName(g *catalogue.Grid, row int) string {
	return strings.Trim(g.Str(row, "place")+" · "+w.Account(g.Str(row, "source"), g.Str(row, "account")), " ·")
}

// basis says in words what the number of rooms to sell is.
func (v *hotelView) basis(row int) string {
	rooms := v.g.Count(row, "rooms_available")
	switch v.g.Str(row, "rooms_basis") {
	case "configured":
		return v.w.Text("hotel.rooms_configured", rooms)
	case "seen":
		return v.w.Text("hotel.rooms_seen", rooms)
	}
	return v.w.Text("hotel.rooms_unknown")
}

func (v *hotelView) column(name string) *workbook.Column {
	return &v.columns[result.Index(v.g.Columns, name)]
}

// putDays writes the dates one by one; what they are compared with stands to
// their right and stays on the screen.
func (v *hotelView) putDays() {
	if len(v.g.Rows) == 0 {
		v.s.Line(workbook.RoleNote, 18, v.w.Text("book.none"))
		return
	}
	v.s.Section(v.w.Text("revenue.days"), slices.IndexFunc(v.columns, func(c workbook.Column) bool { return c.Name == v.g.Report.PrintTo })+1)
	v.s.Headings(v.columns)
	first := v.s.Row
	for i, row := range v.g.Rows {
		v.s.PutValues(v.columns, row)
		v.w.stands(v.s, figureRow{report: "hotel", row: i}, v.columns)
	}
	v.s.Filter(workbook.AreaName(1, first, len(v.columns), v.s.Row))
}
