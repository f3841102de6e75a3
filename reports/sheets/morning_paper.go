package sheets

import (
	"math"

	"github.com/nightaudit/nightaudit/reports/page"
	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// The page prints on one sheet of A4. Its parts are counted in lines of print, as
// many as the browser's own measure came to, with some to spare; what is left when
// all else is counted goes to open breaks and to what is on its way.
const (
	paperLines  = 70
	lineWidth   = 135 // characters in a line, of which a Chinese one takes two
	fixedLines  = 15  // title, headings, notes, foot
	chartsLines = 7   // charts and ages stand beside each other
	hotelsLines = 18  // and so do hotels
	leastShown  = 3
)

// fit says how many open breaks and how many rows of what is on its way the page
// has room for beside what it holds already.
func (m *morning) fit(t *page.Text) (breaks, underWay int) {
	left := paperLines - fixedLines - linesOf(t.Verdict) - len(t.Compared.Rows) - len(t.Compared.Notes)
	for _, trouble := range t.Troubles {
		left -= linesOf(trouble)
	}
	if len(t.Revenue) > 0 || len(t.Ages.Rows) > 0 {
		left -= chartsLines
	}
	if len(t.Hotels) > 0 {
		left -= hotelsLines
	}
	breaks, underWay = len(m.rows), min(len(m.underWay.Rows), mostUnderWay)
	for m.breakLines(breaks)+underWay > left && max(breaks, underWay) > leastShown {
		if breaks >= underWay {
			breaks--
		} else {
			underWay--
		}
	}
	return breaks, underWay
}

// breakLines is how many lines the first breaks take.
func (m *morning) breakLines(breaks int) (lines int) {
	for _, values := range m.rows[:breaks] {
		lines += 1 + linesOf(clip(result.RowOf(m.w.open.columns, values).Str("explanation"), longestSentence))
	}
	return lines
}

func linesOf(text string) int { return int(math.Ceil(workbook.TextWidth(text) / lineWidth)) }
