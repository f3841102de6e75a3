package sheets

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/workbook"
)

// chart shows the net revenue of the days beside their figures, over the
// columns that only the detail fills.
func (v *revenueView) chart(first, last int, currency string) {
	width := 0.0
	for c := revDate + 1; c < revCurrency; c++ {
		width += v.columns[c-1].ColumnWidth()
	}
	height := uint(min(max(last-first+1, chartRows), 24)) * 20
	c := v.w.ChartBase(v.w.Text("revenue.chart", currency), max(workbook.Pixels(width), 300)-12, height)
	c.Type = excelize.Col
	name := workbook.QuoteSheet(v.s.Name) + "!"
	c.Series = []excelize.ChartSeries{{
		Name:       name + workbook.AreaName(revNet, workbook.ListingHead, revNet, workbook.ListingHead),
		Categories: name + workbook.AreaName(revDate, first, revDate, last),
		Values:     name + workbook.AreaName(revNet, first, revNet, last),
		Fill:       workbook.Solid(workbook.Accent),
	}}
	// Dates make an axis of dates, which runs from left to right although the
	// newest date stands on top of the table.
	c.XAxis.NumFmt = excelize.ChartNumFmt{CustomNumFmt: "mm-dd"}
	c.XAxis.Alignment = excelize.Alignment{TextRotation: 90}
	c.YAxis.NumFmt = excelize.ChartNumFmt{CustomNumFmt: "#,##0"}
	gap := uint(40)
	c.GapWidth = &gap
	v.s.Chart(workbook.CellName(revDate+1, first), c)
}

// ageChart shows open breaks by age, by severity, from the table at row
// first of the summary.
func (w *reconciliation) ageChart(s *workbook.Sheet, anchor string, first, last int, width, height uint) {
	c := w.ChartBase(w.Text("breaks.chart"), width, height)
	c.Type = excelize.ColStacked
	c.Legend = excelize.ChartLegend{Position: "bottom", Font: &excelize.Font{Size: 11, Color: workbook.MutedText, Family: w.Font}}
	name := workbook.QuoteSheet(s.Name) + "!"
	for i, color := range []string{workbook.BadText, "D9A300", "9AA5B1"} {
		c.Series = append(c.Series, excelize.ChartSeries{
			Name:       fmt.Sprintf("%s%s", name, workbook.AreaName(2+i, first-1, 2+i, first-1)),
			Categories: name + workbook.AreaName(1, first, 1, last),
			Values:     name + workbook.AreaName(2+i, first, 2+i, last),
			Fill:       workbook.Solid(color),
		})
	}
	c.YAxis.NumFmt = excelize.ChartNumFmt{CustomNumFmt: "#,##0"}
	gap, overlap := uint(60), 100
	c.GapWidth, c.Overlap = &gap, &overlap
	s.Chart(anchor, c)
}
