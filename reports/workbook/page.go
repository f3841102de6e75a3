package workbook

// The paper: A4 lying on its side, in inches, and the margins around what is
// printed on it.
const (
	paperWidth  = 11.69
	paperHeight = 8.27
	sideMargin  = 0.4
	topMargin   = 0.5
)

// rowPoints is the height of a row that no height was given to.
const rowPoints = 15

// leastScale keeps the text of a sheet, of textPoints, at 7 points or more on
// paper: 8.1 in Excel. Where neither Arial nor Microsoft YaHei is installed,
// wider characters stand in for them, and 15 % go.
const (
	leastScale = 0.74
	textPoints = 11
)

const pointsPerInch = 72

// columnPoints is how wide a column of so many characters is. A character of
// the default font, Arial or Microsoft YaHei of 11 points, is 8 pixels wide in
// Excel and a little less in LibreOffice.
func columnPoints(width float64) float64 {
	const pixelsPerCharacter, padding, pointsPerPixel = 8, 5, 0.75
	return (width*pixelsPerCharacter + padding) * pointsPerPixel
}

// printScale is the scale at which columns of so many points fill a page.
func printScale(columns []float64) float64 {
	wide := 0.0
	for _, points := range columns {
		wide += points
	}
	return min(1, (paperWidth-2*sideMargin)*pointsPerInch/max(wide, 1))
}

// readableColumns is how many of the columns go on paper so that it can be read.
func readableColumns(columns []float64) int {
	n := len(columns)
	for n > 1 && printScale(columns[:n]) < leastScale {
		n--
	}
	return n
}

// pagePoints is how many points of rows go on one page of a sheet that is
// printed one page wide. A program whose columns come out wider prints smaller
// and has more room, never less: a part that fits here fits there.
func pagePoints(widths []float64) float64 {
	const narrower, spare = 7.7 / 8, 0.97 // LibreOffice's characters
	columns := make([]float64, len(widths))
	for i, w := range widths {
		columns[i] = columnPoints(w * narrower)
	}
	return (paperHeight - 2*topMargin) * pointsPerInch / printScale(columns) * spare
}

// Block is a part of a sheet that should stand on one page: its first row, and
// where on an endless paper it begins and ends, in points.
type Block struct {
	Row        int
	Begin, End float64
}

// pageBreaks are the rows before which a page has to end so that no block is
// torn that would fit on a page of its own. One that would not begins where it
// stands if at least half of the page is left.
func pageBreaks(blocks []Block, page float64) []int {
	var rows []int
	top := 0.0 // of the page on which the next block would begin
	for _, b := range blocks {
		tall := b.End-b.Begin > page
		if b.End-top > page && b.Begin > top && (!tall || b.Begin-top > page/2) {
			rows = append(rows, b.Row)
			top = b.Begin
		}
		for b.End-top > page {
			top += page
		}
	}
	return rows
}

// KeepTogether ends pages where the blocks of the sheet ask for it.
func (s *Sheet) KeepTogether(blocks []Block, widths []float64) {
	for _, row := range pageBreaks(blocks, pagePoints(widths)) {
		if s.b.Err == nil {
			s.b.Check(s.stream.InsertPageBreak(CellName(1, row)))
		}
	}
}
