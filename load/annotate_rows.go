package load

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
)

// joined is what several rows of one break say together, as a row of the first
// that says anything: of each cell what somebody wrote, whatever the other copies
// of the sheet still say as they were made. Where two write different things,
// neither is taken: conflicts say which.
func joined(rows []WorkbookRow, b BreakState) (row WorkbookRow, conflicts []string) {
	if len(rows) == 1 {
		return rows[0], nil
	}
	shareMark(rows)
	var into Annotation
	first := -1
	said := [3]int{-1, -1, -1} // which row says it, by field
	var torn [3]bool
	for i := range rows {
		for n, f := range fieldsOf(&rows[i], b, &into) {
			if !f.differs() || !f.touched(rows[i].Mark) {
				continue
			}
			if first < 0 {
				first = i
			}
			if said[n] < 0 {
				said[n] = i
				continue
			}
			if earlier := *fieldsOf(&rows[said[n]], b, &into)[n].written; *earlier != **f.written {
				torn[n] = true
				conflicts = append(conflicts, fmt.Sprintf("%s not taken: two rows of the same break differ: %s %s / %s %s", f.name, rows[said[n]].Place, quoted(*earlier), rows[i].Place, quoted(**f.written)))
			}
		}
	}
	row = rows[max(first, 0)]
	for n, f := range fieldsOf(&row, b, &into) {
		switch {
		case torn[n]:
			*f.written = nil
		case said[n] >= 0:
			*f.written = *fieldsOf(&rows[said[n]], b, &into)[n].written
		}
	}
	return row, conflicts
}

// shareMark gives rows without a mark that of another row of the break: what
// somebody copied into a list of their own says no more than the sheet did.
func shareMark(rows []WorkbookRow) {
	mark := ""
	for _, row := range rows {
		if markPart(row.Mark, markStatus) != "" {
			mark = row.Mark
		}
	}
	for i := range rows {
		if markPart(rows[i].Mark, markStatus) == "" {
			rows[i].Mark = mark
		}
	}
}

// titlesOf are the titles of all rules, in both languages.
func titlesOf(breaks map[string]BreakState) map[string]bool {
	titles := map[string]bool{}
	for _, b := range breaks {
		titles[b.TitleEN], titles[b.TitleZH] = true, true
	}
	delete(titles, "")
	return titles
}

// disagrees says why a row is not of the break that its id names: somebody sorted
// some of the columns alone, and what is written there may be meant for another.
func disagrees(row WorkbookRow, b BreakState, titles map[string]bool) string {
	told := func(row, id string) string {
		return fmt.Sprintf("the row is of %s, its id of %s: columns were sorted apart, and nothing of the row is taken; write it into the row that is meant", row, id)
	}
	switch {
	case b.Rule == "": // an unknown break
		return ""
	case row.Order != nil && !sameOrder(*row.Order, b.OrderID):
		return told("order "+quoted(*row.Order), "order "+quoted(b.OrderID))
	case row.Rule != nil && *row.Rule != "" && *row.Rule != b.Rule:
		return told("rule "+quoted(*row.Rule), "rule "+quoted(b.Rule))
	case row.Title != nil && *row.Title != b.TitleEN && *row.Title != b.TitleZH && titles[*row.Title]:
		return told("check "+quoted(*row.Title), "rule "+quoted(b.Rule))
	// Amounts are those of the day on which the workbook was made.
	case markPart(row.Mark, markAmounts) == "" || markPart(row.Mark, markAmounts) != markPart(b.Mark, markAmounts):
		return ""
	case !sameAmount(row.Expected, b.Expected) || !sameAmount(row.Actual, b.Actual):
		return told("amounts "+amountPair(row.Expected, row.Actual), "amounts "+amountPair(&b.Expected, &b.Actual))
	}
	return ""
}

// sameOrder compares an order number with a cell, of which a spreadsheet may have
// made a number: 15 digits are left, and no zeros before them.
func sameOrder(cell, order string) bool {
	if cell == order {
		return true
	}
	const kept = 15
	stored, ok := readNumber(cell)
	digits := strings.TrimLeft(order, "0")
	if !ok || !stored.IsInt() || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	shown := stored.Num().String()
	return shown == digits || len(digits) > kept && len(shown) == len(digits) && shown[:kept-1] == digits[:kept-1]
}

// sameAmount compares an amount with a cell; one that is no number says nothing.
func sameAmount(cell *string, amount string) bool {
	if cell == nil {
		return true
	}
	if *cell == "" || amount == "" {
		return *cell == amount
	}
	is, ok := readNumber(strings.ReplaceAll(*cell, ",", ""))
	want, known := readNumber(amount)
	// A cell keeps 15 digits: the last four decimals of an amount of 11.
	return !ok || !known || new(big.Rat).Abs(is.Sub(is, want)).Cmp(big.NewRat(1, 2000)) < 0
}

// readNumber reads a number as a spreadsheet stores one.
func readNumber(text string) (*big.Rat, bool) {
	if !storedNumber.MatchString(text) {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

var storedNumber = regexp.MustCompile(`^-?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,2})?$`)

func amountPair(expected, actual *string) string {
	text := func(amount *string) string {
		if amount == nil || *amount == "" {
			return "–"
		}
		return *amount
	}
	return text(expected) + " / " + text(actual)
}
