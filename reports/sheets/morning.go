package sheets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/page"
	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// How much the page shows at most. What is left out is counted, and stands in the
// workbook.
const (
	mostAccounts = 5 // with figures of their own, beside the currencies' totals
	mostTotals   = 4
	mostTroubles = 3
	mostUnderWay = 8
)

// morning is the page in one language, being made of what the sheets show.
type morning struct {
	*summaryView
	rows [][]any // the open breaks, in the language
}

// page is what the page beside the workbook says: the figures of the sheets, which
// have been written, in the book's language and then in the other.
func (w *reconciliation) page() (*page.Page, error) {
	p := &page.Page{Title: w.Caption}
	languages := []string{labels.English, labels.Chinese}
	if w.Language == labels.Chinese {
		slices.Reverse(languages)
	}
	var told []*morning
	breaks, underWay := mostBreaks, mostUnderWay
	for _, language := range languages {
		rows, err := w.open.in(w, language)
		if err != nil {
			return nil, err
		}
		m := &morning{w.summary.in(language), rows}
		text := m.text()
		b, u := m.fit(&text)
		breaks, underWay = min(breaks, b), min(underWay, u)
		told, p.Texts = append(told, m), append(p.Texts, text)
	}
	for i, m := range told {
		p.Texts[i].Breaks, p.Texts[i].UnderWay = m.breakList(breaks), m.underWayTable(underWay)
		w.Check(m.w.Err)
	}
	p.Texts[0].Other, p.Texts[1].Other = &p.Texts[1], &p.Texts[0]
	return p, w.Err
}

// in is the view in a language, for its words alone: nothing is written with it.
func (v *summaryView) in(language string) *summaryView {
	book, w, view := *v.w.Book, *v.w, *v
	book.Language = language
	w.Book, view.w = &book, &w
	return &view
}

// text is the page but for what is shown as far as there is room.
func (m *morning) text() page.Text {
	w := m.w
	verdict := m.verdict()
	text := page.Text{
		Language: map[string]string{labels.English: "en", labels.Chinese: "zh-CN"}[w.Language],
		Name:     w.Text("page.language"),
		Title:    w.Text("book.title"),
		Period:   w.period() + " · " + w.Text("book.zone", w.Zone),
		Verdict:  verdict.text,
		State:    map[workbook.Role]page.State{workbook.RoleVerdictGood: page.Good, workbook.RoleVerdictWarn: page.Warn, workbook.RoleVerdictBad: page.Bad}[verdict.role],
		Troubles: m.troubles(),
		Compared: m.comparedTable(),
		Revenue:  m.revenueCharts(),
		Ages:     m.agesChart(),
	}
	text.Hotels, text.HotelsLeft = m.hotels()
	text.Foot = w.Text("page.foot", w.run.Str(0, "run_id"), m.startedAt(), w.run.Str(0, "version"))
	return text
}

// figure is a figure of a report with the cell that it stands in.
func (m *morning) figure(of figureRow, c *workbook.Column, value any) page.Figure {
	return page.Figure{Text: m.w.Shown(c, value), Cell: m.w.cellOf(of, c.Name)}
}

// troubles says of each account that is not complete why.
func (m *morning) troubles() (list []string) {
	w, g := m.w, m.accounts
	left := 0
	for i := range g.Rows {
		state := g.Str(i, "state")
		if state == "complete" {
			continue
		}
		if len(list) == mostTroubles {
			left++
			continue
		}
		list = append(list, join(m.accountName(g, i), w.Word("state", state),
			clip(w.Labels.Say(w.Language, g.Str(i, "message")), longestTrouble)))
	}
	if left > 0 {
		list = append(list, w.Text("page.more_accounts", left))
	}
	return list
}

// accountName is the account of a row, with its source.
func (m *morning) accountName(g *catalogue.Grid, row int) string {
	source := g.Str(row, "source")
	return source + " / " + m.w.Account(source, g.Str(row, "account"))
}

// comparedTable sets the revenue of the last date beside the others: a row for
// each currency, under it those of its accounts.
func (m *morning) comparedTable() page.Table {
	w, g := m.w, m.compared
	t := page.Table{Title: m.comparedHeading(), Heads: []string{""}, None: w.Text("summary.no_revenue")}
	for _, period := range hotelPeriods {
		t.Heads = append(t.Heads, w.Text("compared.day"+period))
	}
	chosen, currencies, left := m.chosenAccounts()
	partial := false
	for _, currency := range currencies {
		var rows []int
		for i := range g.Rows {
			if g.Str(i, "currency") == currency {
				rows = append(rows, i)
			}
		}
		total := figureRow{report: g.Report.Name, total: true, of: currency}
		row := page.Row{Name: w.Text("summary.total", currency), Total: true}
		if len(rows) == 1 {
			row.Note = m.accountName(g, rows[0])
			rows = nil // its total says the same
		}
		for _, period := range hotelPeriods {
			net, orders := m.comparedSum("net_amount"+period, currency, total), m.comparedSum("orders"+period, currency, total)
			partial = partial || strings.HasSuffix(net.Text, partialSign)
			row.Cells = append(row.Cells, m.comparedCell(net, orders, 0))
		}
		t.Rows = append(t.Rows, row)
		for _, i := range rows {
			if slices.Contains(chosen, i) {
				t.Rows = append(t.Rows, m.comparedRow(i))
			}
		}
	}
	if partial {
		t.Notes = append(t.Notes, w.Text("page.partial"))
	}
	t.Notes = append(t.Notes, left...)
	return t
}

// partialSign stands behind a sum of which not every account states its part, as
// in the workbook.
const partialSign = "*"

func (m *morning) comparedSum(column, currency string, total figureRow) page.Figure {
	sum := m.comparedTotal(column, currency)
	if !sum.known {
		return page.Figure{Cell: m.w.cellOf(total, column)}
	}
	f := m.figure(total, &m.columns(m.compared, column)[0], sum.value)
	if !sum.whole {
		f.Text += partialSign
	}
	return f
}

func (m *morning) comparedRow(i int) page.Row {
	g := m.compared
	of := figureRow{report: g.Report.Name, row: i}
	row := page.Row{Name: m.accountName(g, i)}
	for _, period := range hotelPeriods {
		columns := m.columns(g, "net_amount"+period, "orders"+period)
		open := int64(0)
		if period == "_month" {
			open = g.Count(i, "month_days_open")
		}
		row.Cells = append(row.Cells, m.comparedCell(
			m.figure(of, &columns[0], g.At(i, columns[0].Name)), m.figure(of, &columns[1], g.At(i, columns[1].Name)), open))
	}
	return row
}

// comparedCell is an amount with the number of orders under it, and how many days
// of the month are not complete.
func (m *morning) comparedCell(net, orders page.Figure, daysOpen int64) page.Cell {
	c := page.Cell{Figure: net, Small: m.w.Text("page.orders"), Count: orders}
	if daysOpen > 0 {
		c.Note = m.w.Text("page.days_open", fmt.Sprint(daysOpen))
	}
	return c
}

// chosenAccounts are the currencies with the most orders this month, and of their
// accounts those that earned the most: the first of each currency, then the second
// of each. What is left out is said in left. A currency of one account needs no row
// beside its total.
func (m *morning) chosenAccounts() (rows []int, currencies, left []string) {
	w, g := m.w, m.compared
	accounts, orders := map[string][]int{}, map[string]int64{}
	for i := range g.Rows {
		currency := g.Str(i, "currency")
		if accounts[currency] == nil {
			currencies = append(currencies, currency)
		}
		accounts[currency] = append(accounts[currency], i)
		orders[currency] += g.Count(i, "orders_month")
	}
	slices.SortStableFunc(currencies, func(a, b string) int { return cmp.Compare(orders[b], orders[a]) })
	if n := len(currencies) - mostTotals; n > 0 {
		left = append(left, w.Text("page.more_currencies", n))
		currencies = currencies[:mostTotals]
	}
	deepest, several := 0, 0
	for _, currency := range currencies {
		list := accounts[currency]
		slices.SortStableFunc(list, func(a, b int) int {
			return result.Rat(g.Amount(b, "net_amount_month")).Cmp(result.Rat(g.Amount(a, "net_amount_month")))
		})
		if len(list) > 1 {
			deepest, several = max(deepest, len(list)), several+len(list)
		}
	}
	for rank := range deepest {
		for _, currency := range currencies {
			if list := accounts[currency]; len(list) > max(rank, 1) && len(rows) < mostAccounts {
				rows = append(rows, list[rank])
			}
		}
	}
	if n := several - len(rows); n > 0 {
		left = append(left, w.Text("page.more_accounts", n))
	}
	return rows, currencies, left
}

// breakList tells the worst of the open breaks.
func (m *morning) breakList(most int) page.Breaks {
	w := m.w
	b := page.Breaks{Title: w.Text("page.breaks"), None: w.Text("verdict.no_breaks")}
	count := figureRow{report: m.breaks.Report.Name, total: true}
	b.Count = page.Figure{Text: fmt.Sprint(w.open.count), Cell: w.cellOf(count, "open_breaks")}
	if len(m.rows) == 0 {
		return b
	}
	g := &catalogue.Grid{Report: w.open.report, Columns: w.open.columns, Rows: m.rows[:most]}
	columns := w.Columns(&g.Report.Layout, g.Columns)
	column := func(name string) *workbook.Column { return &columns[result.Index(g.Columns, name)] }
	for i := range g.Rows {
		said := func(name string) string { return w.Shown(column(name), g.At(i, name)) }
		severity := g.Str(i, "severity")
		about := []string{m.accountName(g, i), said("store"), w.Text("page.order", said("order_ref")), said("business_date")}
		if age := said("age_days"); age != "" {
			about = append(about, w.Text("page.age", age))
		}
		about = slices.DeleteFunc(about, func(s string) bool { return s == "" })
		b.List = append(b.List, page.Break{
			Severity: w.Word("severity", severity),
			State:    map[string]page.State{"error": page.Bad, "warning": page.Warn}[severity],
			Check:    said("title"), About: about, Sentence: clip(said("explanation"), longestSentence),
			Difference: m.figure(breakRow(g.Str(i, "break_id")), column("difference"), g.At(i, "difference")),
			Currency:   g.Str(i, "currency"),
		})
	}
	if n := w.open.count - int64(len(b.List)); n > 0 {
		b.More = w.Text("page.more_breaks", n)
	}
	return b
}

// longestSentence is how wide an explanation may be on the page, in characters of
// which a Chinese one takes two.
const longestSentence = 240

// longestTrouble is the same of what is wrong with an account.
const longestTrouble = 100

// clip shortens a text to a width and says so.
func clip(text string, width float64) string {
	if workbook.TextWidth(text) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 0 && workbook.TextWidth(string(runes)) > width-1 {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// underWayTable lists what is not finished.
func (m *morning) underWayTable(most int) page.Table {
	w, g := m.w, m.underWay
	t := page.Table{Title: m.underWayHeading(), None: w.Text("summary.none_under_way")}
	columns := m.columns(g, "orders", "net_amount", "first_date", "last_date")
	t.Heads = append(t.Heads, "")
	for i := range columns {
		t.Heads = append(t.Heads, columns[i].Heading)
	}
	for i := range g.Rows {
		if i == most {
			t.Notes = append(t.Notes, w.Text("page.more_rows", len(g.Rows)-i))
			break
		}
		row := page.Row{
			Name: w.Word("kind", g.Str(i, "kind")) + " · " + w.Word("order_status", g.Str(i, "status")),
			Note: join(m.accountName(g, i), w.Word("flow", g.Str(i, "flow"))),
		}
		for c := range columns {
			f := m.figure(figureRow{report: g.Report.Name, row: i}, &columns[c], g.At(i, columns[c].Name))
			cell := page.Cell{Figure: f}
			if columns[c].Name == "net_amount" && f.Text != "" {
				cell.Unit = g.Str(i, "currency")
			}
			row.Cells = append(row.Cells, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
