package sheets

import (
	"strings"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// putVerdict says in one line whether the night is complete, what was earned
// and what does not add up.
func (v *summaryView) putVerdict() {
	w := v.w
	key, r := "verdict.good", workbook.RoleVerdictGood
	byState := map[string][]string{}
	for i := range v.accounts.Rows {
		state := v.accounts.Str(i, "state")
		byState[state] = append(byState[state], v.accounts.Str(i, "source")+" / "+v.accounts.Str(i, "account"))
	}
	breaks, serious := v.openBreaks()
	switch {
	case len(byState["failed"])+len(byState["not_pulled"]) > 0 || len(v.accounts.Rows) == 0:
		key, r = "verdict.missing", workbook.RoleVerdictBad
	case len(byState["unreconciled"]) > 0 || serious || w.issues.rejects > 0:
		key, r = "verdict.doubt", workbook.RoleVerdictWarn
	}
	parts := []string{w.Text("verdict.accounts", len(byState["complete"]), len(v.accounts.Rows))}
	for _, state := range []string{"failed", "not_pulled", "unreconciled"} {
		if names := byState[state]; len(names) > 0 {
			parts = append(parts, w.Text("verdict."+state, strings.Join(names, ", ")))
		}
	}
	if revenue := v.revenueByCurrency(); revenue != "" {
		parts = append(parts, w.Text("verdict.revenue", revenue))
	}
	parts = append(parts, breaks)
	if w.restated > 0 {
		parts = append(parts, w.Text("verdict.restated", w.restated))
	}
	if w.issues.rejects > 0 {
		parts = append(parts, w.Text("verdict.rejects", w.issues.rejects))
	}
	line := w.Text(key) + ": " + strings.Join(parts, "; ") + "."
	if w.Language == labels.Chinese {
		line = w.Text(key) + "：" + strings.Join(parts, "；") + "。"
	}
	style := w.Style(workbook.StyleKey{Role: r})
	cells := make([]any, summaryWidth)
	for i := range cells {
		cells[i] = excelize.Cell{StyleID: style}
	}
	cells[0] = excelize.Cell{StyleID: style, Value: line}
	lines := 1 + int(workbook.TextWidth(line)/165)
	v.s.Put(float64(6+lines*16), cells...)
	v.s.Span(1, summaryWidth)
}

// revenueByCurrency is the net of each currency; amounts of several are never
// added up.
func (v *summaryView) revenueByCurrency() string {
	var list []string
	seen := map[string]bool{}
	for i := range v.revenue.Rows {
		c := v.revenue.Str(i, "currency")
		if !seen[c] {
			seen[c] = true
			list = append(list, strings.TrimSpace(readable(v.revenueTotal(c, "net_amount"))+" "+c))
		}
	}
	return strings.Join(list, ", ")
}

// openBreaks says how many breaks are open, of which severity, and by how
// much; serious are those that are more than a hint.
func (v *summaryView) openBreaks() (text string, serious bool) {
	w := v.w
	var total int64
	bySeverity := map[string]int64{}
	var severities, seenCurrencies []string
	sums := map[string]duckdb.Decimal{}
	for i := range v.breaks.Rows {
		n := v.breaks.Count(i, "open_breaks") + v.breaks.Count(i, "explained_breaks")
		if n == 0 {
			continue
		}
		severity, currency := v.breaks.Str(i, "severity"), v.breaks.Str(i, "currency")
		if bySeverity[severity] == 0 {
			severities = append(severities, severity)
		}
		if _, seen := sums[currency]; !seen {
			seenCurrencies = append(seenCurrencies, currency)
		}
		total += n
		bySeverity[severity] += n
		sums[currency] = result.Plus(sums[currency], v.breaks.Amount(i, "difference"))
		serious = serious || severity != "info"
	}
	if total == 0 {
		return w.Text("verdict.no_breaks"), false
	}
	var counts, amounts []string
	for _, s := range severities {
		counts = append(counts, result.Whole(bySeverity[s]).Value.String()+" "+strings.ToLower(w.Word("severity", s)))
	}
	for _, c := range seenCurrencies {
		if c == "" && len(seenCurrencies) > 1 && result.OrZero(sums[c]).Value.Sign() == 0 {
			continue // a break of no amount has no currency either
		}
		amounts = append(amounts, strings.TrimSpace(readable(sums[c])+" "+c))
	}
	return w.Text("verdict.breaks", total, strings.Join(counts, ", "), strings.Join(amounts, ", ")), serious
}
