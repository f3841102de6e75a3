package sheets

import (
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/labels"
)

// What is printed of every sheet is at 7 points or more on A4: the columns of
// the print area fill the page, and the letters of 11 points shrink with them.
// Reckoned with 9 pixels a character, as LibreOffice prints without the fonts
// that the workbook names; Excel has 8, and larger letters.
func TestSheetsAreReadableOnPaper(t *testing.T) {
	const pixels, padding, pointsPerPixel, textPoints, least = 9, 5, 0.75, 11, 7
	const pageWidth = (11.69 - 2*0.4) * 72
	area := regexp.MustCompile(`!\$A:\$([A-Z]+)$`)
	for _, language := range []string{labels.English, labels.Chinese} {
		f, _ := fixtureBook(t, language)
		last := map[string]string{}
		for _, name := range f.GetDefinedName() {
			if strings.HasSuffix(name.Name, "Print_Area") {
				last[name.Scope] = area.FindStringSubmatch(name.RefersTo)[1]
			}
		}
		for i, sheet := range f.GetSheetList() {
			columns := 16 // the summary's grid
			if i > 0 {
				column, err := excelize.ColumnNameToNumber(last[sheet])
				if err != nil {
					t.Fatalf("%s has no print area: %v", sheet, err)
				}
				columns = column
			}
			wide := 0.0
			for c := 1; c <= columns; c++ {
				name, _ := excelize.ColumnNumberToName(c)
				if visible, err := f.GetColVisible(sheet, name); err != nil || !visible {
					continue
				}
				w, err := f.GetColWidth(sheet, name)
				if err != nil {
					t.Fatal(err)
				}
				wide += (w*pixels + padding) * pointsPerPixel
			}
			if points := min(1, pageWidth/wide) * textPoints; points < least {
				t.Errorf("%s, %d columns: %.2f points", sheet, columns, points)
			} else {
				t.Logf("%s, %d columns: %.2f points", sheet, columns, points)
			}
		}
	}
}
