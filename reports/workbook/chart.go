package workbook

import (
	"github.com/xuri/excelize/v2"
)

// Pixels is about what a width in characters is on a screen.
func Pixels(characters float64) uint { return uint(characters*7 + 5) }

// ChartBase is what all charts have in common.
func (b *Book) ChartBase(title string, width, height uint) *excelize.Chart {
	small := excelize.Font{Size: textPoints, Color: MutedText, Family: b.Font}
	return &excelize.Chart{
		Title:     excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: title, Font: &excelize.Font{Size: 12, Bold: true, Color: Accent, Family: b.Font}}}},
		Dimension: excelize.ChartDimension{Width: width, Height: height},
		Legend:    excelize.ChartLegend{Position: "none"},
		Format:    excelize.GraphicOptions{Positioning: "oneCell", OffsetX: 6, OffsetY: 4},
		XAxis:     excelize.ChartAxis{Font: small},
		YAxis:     excelize.ChartAxis{Font: small, MajorGridLines: true},
		Border:    excelize.LineOptions{Type: excelize.LineNone},
	}
}

// Solid fills with one color.
func Solid(color string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
}
