package reports

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// pixels is about what a width in characters is on a screen.
func pixels(characters float64) uint { return uint(characters*7 + 5) }

// chartBase is what all charts have in common.
func (b *book) chartBase(title string, width, height uint) *excelize.Chart {
	small := excelize.Font{Size: 8, Color: mutedText, Family: b.font}
	return &excelize.Chart{
		Title:     excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: title, Font: &excelize.Font{Size: 10, Bold: true, Color: accent, Family: b.font}}}},
		Dimension: excelize.ChartDimension{Width: width, Height: height},
		Legend:    excelize.ChartLegend{Position: "none"},
		Format:    excelize.GraphicOptions{Positioning: "oneCell", OffsetX: 6, OffsetY: 4},
		XAxis:     excelize.ChartAxis{Font: small},
		YAxis:     excelize.ChartAxis{Font: small, MajorGridLines: true},
		Border:    excelize.LineOptions{Type: excelize.LineNone},
	}
}

func solid(color string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
}

// chart shows the net revenue of the days beside their figures, over the
// columns that only the detail fills.
func (v *revenueView) chart(first, last int, currency string) {
	if v.w.err != nil {
		return
	}
	width := 0.0
	for c := revDate + 1; c < revCurrency; c++ {
		width += v.columns[c-1].columnWidth()
	}
	height := uint(min(max(last-first+1, chartRows), 24)) * 20
	c := v.w.chartBase(v.w.text("revenue.chart", currency), max(pixels(width), 300)-12, height)
	c.Type = excelize.Col
	name := quoteSheet(v.s.name) + "!"
	c.Series = []excelize.ChartSeries{{
		Name:       name + areaName(revNet, listingHead, revNet, listingHead),
		Categories: name + areaName(revDate, first, revDate, last),
		Values:     name + areaName(revNet, first, revNet, last),
		Fill:       solid(accent),
	}}
	// Dates make an axis of dates, which runs from left to right although the
	// newest date stands on top of the table.
	c.XAxis.NumFmt = excelize.ChartNumFmt{CustomNumFmt: "mm-dd"}
	c.XAxis.Alignment = excelize.Alignment{TextRotation: 90}
	c.YAxis.NumFmt = excelize.ChartNumFmt{CustomNumFmt: "#,##0"}
	gap := uint(40)
	c.GapWidth = &gap
	v.w.check(v.w.file.AddChart(v.s.name, cellName(revDate+1, first), c))
}

// ageChart shows open breaks by age, by severity, from the table at row
// first of the summary.
func (b *book) ageChart(s *sheet, anchor string, first, last int, width, height uint) {
	if b.err != nil {
		return
	}
	c := b.chartBase(b.text("breaks.chart"), width, height)
	c.Type = excelize.ColStacked
	c.Legend = excelize.ChartLegend{Position: "bottom", Font: &excelize.Font{Size: 8, Color: mutedText, Family: b.font}}
	name := quoteSheet(s.name) + "!"
	for i, color := range []string{badText, "D9A300", "9AA5B1"} {
		c.Series = append(c.Series, excelize.ChartSeries{
			Name:       fmt.Sprintf("%s%s", name, areaName(2+i, first-1, 2+i, first-1)),
			Categories: name + areaName(1, first, 1, last),
			Values:     name + areaName(2+i, first, 2+i, last),
			Fill:       solid(color),
		})
	}
	c.YAxis.NumFmt = excelize.ChartNumFmt{CustomNumFmt: "#,##0"}
	gap, overlap := uint(60), 100
	c.GapWidth, c.Overlap = &gap, &overlap
	b.check(b.file.AddChart(s.name, anchor, c))
}
