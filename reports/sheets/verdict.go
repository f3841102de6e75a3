package sheets

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// Verdict is the first line of the book of the options' range in both languages,
// and whether it is green: whether an accountant would sign.
func Verdict(ctx context.Context, db *sql.DB, o Options) (line labels.Words, green bool, err error) {
	o.Language = labels.English
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return line, false, fmt.Errorf("read the database: %w", err)
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	w, err := newWorkbook(ctx, catalogue.DuckDB(tx), &o)
	if err != nil {
		return line, false, err
	}
	words, err := labels.Load()
	if err != nil {
		return line, false, err
	}
	w.Book = workbook.New(words, o.Language, w.q.Zone, o.Dir)
	defer func() { err = errors.Join(err, w.Close()) }()
	v := &summaryView{w: w}
	if err := v.readVerdict(); err != nil {
		return line, false, err
	}
	said := v.verdict()
	line.EN, green = said.text, said.role == workbook.RoleVerdictGood
	w.Language = labels.Chinese
	line.ZH = v.verdict().text
	return line, green, nil
}

// verdict is what the book says of its own dates in one line: whether an
// accountant would sign, and if not, why, the most important first. It is of
// those dates alone, and of every account of the configuration.
type verdict struct {
	role workbook.Role
	text string
}

// doubts are what keeps a book from being signed although its data is there.
type doubts struct {
	serious bool     // an error or warning is open, or explained and not accepted
	parts   []string // in words
}

// incomplete are the states that keep a date from being complete, the worst first.
var incomplete = []string{"failed", "not_pulled", "not_over", "unreconciled"}

func (v *summaryView) verdict() verdict {
	w := v.w
	days, accounts := v.dayStates()
	facts := v.doubtfulFacts()
	breaks := v.breaksOfBook()
	var out verdict
	key := "verdict.good"
	out.role = workbook.RoleVerdictGood
	some := days["complete"]+days["unreconciled"] > 0
	switch {
	case days["failed"] > 0 || days["not_pulled"] > 0 && (some || days["not_over"] > 0):
		key, out.role = "verdict.missing", workbook.RoleVerdictBad
	case days["not_over"] > 0:
		key, out.role = "verdict.pending", workbook.RoleVerdictWarn
	case !some:
		key, out.role = "verdict.no_data", workbook.RoleVerdictBad
	case v.orders() == 0:
		key, out.role = "verdict.no_data", workbook.RoleVerdictWarn
	case days["unreconciled"] > 0 || facts.serious || breaks.serious:
		key, out.role = "verdict.doubt", workbook.RoleVerdictWarn
	}
	parts := append([]string{}, accounts...)
	if some && v.orders() == 0 {
		parts = append(parts, w.Text("verdict.no_orders"))
	}
	parts = append(append(parts, facts.parts...), breaks.parts...)
	parts = append(append(parts, v.earned()...), v.besides()...)
	out.text = w.Text(key) + ": " + strings.Join(parts, "; ") + "."
	if w.Language == labels.Chinese {
		out.text = w.Text(key) + "：" + strings.Join(parts, "；") + "。"
	}
	return out
}

// enumerate lists words as the language does.
func (w *reconciliation) enumerate(words []string) string {
	if w.Language == labels.Chinese {
		return strings.Join(words, "、")
	}
	return strings.Join(words, ", ")
}

// dayStates counts the days of accounts by state, and says in words which
// accounts are not complete on which dates.
func (v *summaryView) dayStates() (days map[string]int64, words []string) {
	w := v.w
	days = map[string]int64{}
	names := map[string][]string{}
	complete, accounts := map[string]bool{}, 0
	for i := range v.coverage.Rows {
		state, name := v.coverage.Str(i, "state"), v.coverage.Str(i, "source")+" / "+v.coverage.Str(i, "account")
		days[state] += v.coverage.Count(i, "days")
		if _, seen := complete[name]; !seen {
			complete[name] = true
			accounts++
		}
		if state == "complete" {
			continue
		}
		complete[name] = false
		if !w.daily() {
			name += " (" + v.coverage.Str(i, "dates") + ")"
		}
		names[state] = append(names[state], name)
	}
	if accounts == 0 {
		return days, []string{w.Text("verdict.no_accounts")}
	}
	whole := 0
	for _, is := range complete {
		if is {
			whole++
		}
	}
	words = []string{w.Text("verdict.accounts", whole, accounts)}
	for _, state := range incomplete {
		if list := names[state]; len(list) > 0 {
			words = append(words, w.Text("verdict."+state, w.enumerate(list)))
		}
	}
	return days, words
}

// orders is how many orders the dates hold, of every flow.
func (v *summaryView) orders() (n int64) {
	for i := range v.facts.Rows {
		if v.facts.Str(i, "fact") == "orders" {
			n += v.facts.Count(i, "number")
		}
	}
	return n
}

// doubtfulFacts are orders without a date and refused rows, which are not in the
// figures of any date, and what a replay could not make again.
func (v *summaryView) doubtfulFacts() (d doubts) {
	w := v.w
	var undated, refused, lost int64
	amounts := amountsByFlow{view: v}
	for i := range v.facts.Rows {
		switch n := v.facts.Count(i, "number"); v.facts.Str(i, "fact") {
		case "undated":
			undated += n
			amounts.add(v.facts.Str(i, "flow"), v.facts.Str(i, "currency"), v.facts.Amount(i, "amount"))
		case "refused":
			refused += n
		case "lost":
			lost += n
		}
	}
	if money := amounts.words(); undated > 0 && money != "" {
		d.parts = append(d.parts, w.Text("verdict.undated", undated, money))
	} else if undated > 0 {
		d.parts = append(d.parts, w.Text("verdict.undated_bare", undated))
	}
	if refused > 0 {
		d.parts = append(d.parts, w.Text("verdict.refused", refused))
	}
	if lost > 0 {
		d.parts = append(d.parts, w.Text("verdict.lost", lost))
	}
	d.serious = undated+refused+lost > 0
	return d
}

// breaksOfBook are the breaks of the dates and those that have none: open ones
// and those that are explained and not accepted. More than a hint is serious.
func (v *summaryView) breaksOfBook() (d doubts) {
	w := v.w
	amounts := amountsByFlow{view: v}
	open, explained := countBySeverity{view: v}, countBySeverity{view: v}
	for i := range v.breaks.Rows {
		if v.breaks.Str(i, "section") == "carried_forward" {
			continue
		}
		severity := v.breaks.Str(i, "severity")
		n, m := v.breaks.Count(i, "open_breaks"), v.breaks.Count(i, "explained_breaks")
		open.add(severity, n)
		explained.add(severity, m)
		if n+m > 0 {
			amounts.add(v.breaks.Str(i, "flow"), v.breaks.Str(i, "currency"), v.breaks.Amount(i, "difference"))
			d.serious = d.serious || severity != "info"
		}
	}
	if open.total == 0 {
		d.parts = append(d.parts, w.Text("verdict.no_breaks"))
	} else {
		d.parts = append(d.parts, w.Text("verdict.breaks", open.total, open.words()))
	}
	if explained.total > 0 {
		d.parts = append(d.parts, w.Text("verdict.explained", explained.total, explained.words()))
	}
	if money := amounts.words(); money != "" {
		d.parts = append(d.parts, w.Text("verdict.difference", money))
	}
	return d
}

// besides is what a reader should know and what changes nothing of the dates:
// earlier breaks that are still open, and closed months that moved.
func (v *summaryView) besides() (parts []string) {
	w := v.w
	var carried int64
	for i := range v.breaks.Rows {
		if v.breaks.Str(i, "section") == "carried_forward" {
			carried += v.breaks.Count(i, "open_breaks") + v.breaks.Count(i, "explained_breaks")
		}
	}
	if carried > 0 {
		parts = append(parts, w.Text("verdict.carried", carried))
	}
	if w.restated > 0 {
		parts = append(parts, w.Text("verdict.restated", w.restated))
	}
	return parts
}

// putVerdict writes the verdict across the sheet.
func (v *summaryView) putVerdict() {
	w := v.w
	line := v.verdict()
	style := w.Style(workbook.StyleKey{Role: line.role})
	cells := make([]any, summaryWidth)
	for i := range cells {
		cells[i] = excelize.Cell{StyleID: style}
	}
	cells[0] = excelize.Cell{StyleID: style, Value: line.text}
	lines := 1 + int(workbook.TextWidth(line.text)/165)
	v.s.Put(float64(6+lines*16), cells...)
	v.s.Span(1, summaryWidth)
}

// earned is the net revenue of each currency, and what of it stands apart because
// something was refunded and no source says how much.
func (v *summaryView) earned() (parts []string) {
	w := v.w
	net, apart := amountsByFlow{view: v}, amountsByFlow{view: v}
	var refunded int64
	for i := range v.revenue.Rows {
		currency := v.revenue.Str(i, "currency")
		net.add("", currency, v.revenue.Amount(i, "net_amount"))
		if n := v.revenue.Count(i, "refunded_orders"); n > 0 {
			refunded += n
			apart.add("", currency, v.revenue.Amount(i, "refunded_amount"))
		}
	}
	if money := net.words(); money != "" {
		parts = append(parts, w.Text("verdict.revenue", money))
	}
	if refunded > 0 {
		parts = append(parts, w.Text("verdict.refunded", refunded, apart.words()))
	}
	return parts
}

// countBySeverity counts breaks, in the order in which severities came.
type countBySeverity struct {
	view   *summaryView
	total  int64
	order  []string
	counts map[string]int64
}

func (c *countBySeverity) add(severity string, n int64) {
	if n == 0 {
		return
	}
	if c.counts == nil {
		c.counts = map[string]int64{}
	}
	if c.counts[severity] == 0 {
		c.order = append(c.order, severity)
	}
	c.counts[severity] += n
	c.total += n
}

func (c *countBySeverity) words() string {
	list := make([]string, 0, len(c.order))
	for _, s := range c.order {
		list = append(list, fmt.Sprintf("%d %s", c.counts[s], strings.ToLower(c.view.w.Word("severity", s))))
	}
	return c.view.w.enumerate(list)
}

// amountsByFlow adds up amounts of one flow and currency, and never across them.
type amountsByFlow struct {
	view  *summaryView
	order [][2]string
	sums  map[[2]string]duckdb.Decimal
}

func (a *amountsByFlow) add(flow, currency string, amount duckdb.Decimal) {
	key := [2]string{flow, currency}
	if a.sums == nil {
		a.sums = map[[2]string]duckdb.Decimal{}
	}
	if _, seen := a.sums[key]; !seen {
		a.order = append(a.order, key)
	}
	a.sums[key] = result.Plus(a.sums[key], amount)
}

// words leaves out what has no currency: those are numbers and states, no money.
func (a *amountsByFlow) words() string {
	var list []string
	for _, key := range a.order {
		if key[1] == "" {
			continue
		}
		text := readable(a.sums[key]) + " " + key[1]
		if key[0] != "" {
			text = strings.ToLower(a.view.w.Word("flow", key[0])) + " " + text
		}
		list = append(list, text)
	}
	return a.view.w.enumerate(list)
}
