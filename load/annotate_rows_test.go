package load

import (
	"strings"
	"testing"
)

// A break that stands several times in a workbook, because somebody copied the
// sheet: what was written counts, wherever it stands, and not the copy that is
// still as it was made. Where two write different things, neither counts.
func TestDecideCopies(t *testing.T) {
	asMade := markFor(t, "open", "", "", "11111111")
	breaks := map[string]BreakState{
		"b": {Rule: "item_total", OrderID: "B01", Status: "open", Mark: asMade},
		"d": {Rule: "item_total", OrderID: "B03", Status: "accepted", Mark: markFor(t, "accepted", "", "", "11111111")},
		"c": {Rule: "item_total", OrderID: "B02", Status: "open", Owner: "Chen", Mark: markFor(t, "open", "Chen", "", "11111111")},
	}
	row := func(place, id, status, owner, comment string) WorkbookRow {
		return WorkbookRow{Place: place, BreakID: id, Status: &status, Owner: &owner, Comment: &comment, Mark: asMade}
	}
	gone := func(r WorkbookRow) WorkbookRow { r.Mark = ""; return r }
	before := func(r WorkbookRow, comment string) WorkbookRow {
		r.Before = &Annotation{Comment: &comment}
		return r
	}
	for _, c := range []struct {
		name string
		rows []WorkbookRow
		want string // place, outcome, fields
		text string // what is taken: status, owner, comment
		lost string
	}{
		{
			"the copy is filled in, the original is untouched",
			[]WorkbookRow{row("Breaks row 4", "b", "open", "", ""), row("Breaks (2) row 4", "b", "accepted", "Li Wei", "seen")},
			"Breaks row 4 unchanged; Breaks (2) row 4 accepted status owner comment", "accepted Li Wei seen", "",
		},
		{
			"the original is, and the copy comes first",
			[]WorkbookRow{row("Copy row 4", "b", "open", "", ""), row("Breaks row 4", "b", "open", "", "seen")},
			"Copy row 4 unchanged; Breaks row 4 accepted comment", "– – seen", "",
		},
		{
			"one says the status, the other the comment",
			[]WorkbookRow{row("Breaks row 4", "b", "accepted", "", ""), row("Copy row 4", "b", "open", "", "seen")},
			"Breaks row 4 accepted status comment; Copy row 4 unchanged", "accepted – seen", "",
		},
		{
			"both say the same",
			[]WorkbookRow{row("Breaks row 4", "b", "open", "", "seen"), row("Copy row 4", "b", "open", "", "seen")},
			"Breaks row 4 accepted comment; Copy row 4 unchanged", "– – seen", "",
		},
		{
			"both say another",
			[]WorkbookRow{row("Breaks row 4", "b", "open", "", "seen"), row("Copy row 9", "b", "open", "", "else")},
			"Breaks row 4 refused; Copy row 9 unchanged", "", `Breaks row 4: comment not taken: two rows of the same break differ: Breaks row 4 "seen" / Copy row 9 "else"`,
		},
		{
			"another comment, and a status of which one says nothing",
			[]WorkbookRow{row("Breaks row 4", "b", "open", "", "seen"), row("Copy row 9", "b", "accepted", "", "else")},
			"Breaks row 4 accepted status; Copy row 9 unchanged", "accepted – –", `Breaks row 4: comment not taken: two rows of the same break differ: Breaks row 4 "seen" / Copy row 9 "else"`,
		},
		{
			"the marks are gone: what differs from the database was written",
			[]WorkbookRow{gone(row("Breaks row 4", "b", "open", "", "")), gone(row("Copy row 4", "b", "open", "", "seen"))},
			"Breaks row 4 unchanged; Copy row 4 accepted comment", "– – seen", "",
		},
		{
			"what the workbook said when it was taken is not new",
			[]WorkbookRow{before(row("Breaks row 4", "b", "open", "", "seen"), "seen"), before(row("Copy row 4", "b", "open", "", "else"), "seen")},
			"Breaks row 4 unchanged; Copy row 4 accepted comment", "– – else", "",
		},
		{
			"nothing is written",
			[]WorkbookRow{row("Breaks row 4", "b", "open", "", ""), row("Copy row 4", "b", "open", "", "")},
			"Breaks row 4 unchanged; Copy row 4 unchanged", "", "",
		},
		{
			"two breaks do not mix",
			[]WorkbookRow{row("Breaks row 4", "b", "open", "", "seen"), row("Breaks row 5", "c", "open", "", "else")},
			"Breaks row 4 accepted comment; Breaks row 5 accepted comment", "– – seen; – – else", "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			decisions, taken := DecideAnnotations(c.rows, breaks)
			var got, texts []string
			for _, d := range decisions {
				got = append(got, strings.Join(append([]string{d.Place, d.Outcome}, d.Accepted...), " "))
			}
			for _, a := range taken {
				texts = append(texts, saidOf(a))
			}
			if s := strings.Join(got, "; "); s != c.want {
				t.Errorf("got %s, want %s", s, c.want)
			}
			if s := strings.Join(texts, "; "); s != c.text {
				t.Errorf("taken %q, want %q", s, c.text)
			}
			if s := strings.Join(Refusals(decisions), "\n"); s != c.lost {
				t.Errorf("refused %q, want %q", s, c.lost)
			}
		})
	}
}

func saidOf(a Annotation) string {
	var words []string
	for _, text := range []*string{a.Status, a.Owner, a.Comment} {
		if text == nil {
			words = append(words, "–")
		} else {
			words = append(words, *text)
		}
	}
	return strings.Join(words, " ")
}

// A row whose order, rule or amounts are those of another break than its id was
// sorted apart: what is written there is meant for one of them, and nobody knows
// for which. Where nothing is written there is nothing to say.
func TestDecideSortedApart(t *testing.T) {
	mark := markFor(t, "open", "", "", "11111111")
	breaks := map[string]BreakState{
		"b": {Rule: "item_total", OrderID: "8826000102027", Status: "open", Expected: "9.5000", Actual: "10.0000", TitleEN: "Lines of an order", TitleZH: "订单明细", Mark: mark},
		"c": {Rule: "settlement", OrderID: "1234567890123456789", Status: "open", Expected: "", Actual: "0.3000", TitleEN: "Settlement", TitleZH: "平台结算", Mark: mark},
	}
	for _, c := range []struct {
		name                                     string
		id, rule, title, order, expected, actual string
		nowMark                                  string // of the break in the database; "" as it was made
		lost                                     string // begins with
	}{
		{name: "all agrees", id: "b", rule: "item_total", title: "Lines of an order", order: "8826000102027", expected: "9.5", actual: "10"},
		{name: "in the other language", id: "b", rule: "item_total", title: "订单明细", order: "8826000102027", expected: "9.5", actual: "10"},
		{name: "the order as a number", id: "b", rule: "item_total", title: "订单明细", order: "8.826000102027E+12", expected: "9.50", actual: "10.00"},
		{name: "a long order, cut to 15 digits", id: "c", rule: "settlement", title: "平台结算", order: "1.23456789012346E+18", actual: "0.30000000000000004"},
		{name: "a title of an older program", id: "b", rule: "item_total", title: "Totals of lines", order: "8826000102027", expected: "9.5", actual: "10"},
		{name: "amounts that were other when the workbook was made", id: "b", rule: "item_total", title: "Lines of an order", order: "8826000102027", expected: "9", actual: "10", nowMark: markFor(t, "open", "", "", "22222222")},
		{name: "an amount overwritten by a remark", id: "b", rule: "item_total", title: "Lines of an order", order: "8826000102027", expected: "see mail", actual: "10"},
		{name: "the order of another break", id: "b", rule: "item_total", title: "Settlement", order: "1234567890123456789", expected: "", actual: "0.3", lost: `the row is of order "1234567890123456789", its id of order "8826000102027": columns were sorted apart`},
		{name: "a number that is another order", id: "b", rule: "item_total", title: "Settlement", order: "8.826000102028E+12", actual: "0.3", lost: `the row is of order "8.826000102028E+12", its id of order "8826000102027"`},
		{name: "no order at all", id: "b", rule: "item_total", title: "Settlement", actual: "0.3", lost: `the row is of order empty, its id of order "8826000102027"`},
		{name: "another rule of the same order", id: "b", rule: "settlement", title: "Lines of an order", order: "8826000102027", expected: "9.5", actual: "10", lost: `the row is of rule "settlement", its id of rule "item_total"`},
		{name: "the title of another rule", id: "b", rule: "item_total", title: "平台结算", order: "8826000102027", expected: "9.5", actual: "10", lost: `the row is of check "平台结算", its id of rule "item_total"`},
		{name: "another line of the same order", id: "b", rule: "item_total", title: "Lines of an order", order: "8826000102027", expected: "9", actual: "10", lost: `the row is of amounts 9 / 10, its id of amounts 9.5000 / 10.0000`},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := breaks
			if c.nowMark != "" {
				moved := breaks[c.id]
				moved.Mark = c.nowMark
				now = map[string]BreakState{c.id: moved}
			}
			row := WorkbookRow{
				Place: "Breaks row 4", BreakID: c.id, Rule: &c.rule, Title: &c.title, Order: &c.order, Expected: &c.expected, Actual: &c.actual,
				Comment: text("seen"), Mark: mark,
			}
			decisions, taken := DecideAnnotations([]WorkbookRow{row}, now)
			lost := Refusals(decisions)
			switch {
			case c.lost == "" && (len(taken) != 1 || len(lost) > 0):
				t.Errorf("not taken: %q", lost)
			case c.lost != "" && (len(taken) != 0 || len(lost) != 1 || !strings.HasPrefix(lost[0], "Breaks row 4: "+c.lost) || decisions[0].Outcome != Refused):
				t.Errorf("taken %v, refused %q, want %q", taken, lost, c.lost)
			}
			row.Comment = text("")
			if decisions, taken = DecideAnnotations([]WorkbookRow{row}, now); len(taken) > 0 || len(Refusals(decisions)) > 0 {
				t.Errorf("nothing was written, and it says %q", Refusals(decisions))
			}
		})
	}
	// A sheet with few of its columns says less, and what it has is compared.
	decisions, taken := DecideAnnotations([]WorkbookRow{
		{Place: "Mine row 2", BreakID: "b", Comment: text("seen")}, {Place: "Mine row 3", BreakID: "c", Order: text("8826000102027"), Comment: text("seen")},
	}, breaks)
	if len(taken) != 1 || taken[0].BreakID != "b" || decisions[1].Outcome != Refused {
		t.Errorf("taken %v, %v", taken, decisions)
	}
}
