package reports

import (
	"strings"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"
)

// putVerdict says in one line whether the night is complete, what was earned
// and what does not add up.
func (v *summaryView) putVerdict() {
	w := v.w
	key, r := "verdict.good", roleVerdictGood
	byState := map[string][]string{}
	for i := range v.accounts.rows {
		state := v.accounts.str(i, "state")
		byState[state] = append(byState[state], v.accounts.str(i, "source")+" / "+v.accounts.str(i, "account"))
	}
	breaks, serious := v.openBreaks()
	switch {
	case len(byState["failed"])+len(byState["not_pulled"]) > 0 || len(v.accounts.rows) == 0:
		key, r = "verdict.missing", roleVerdictBad
	case len(byState["unreconciled"]) > 0 || serious || w.issues.rejects > 0:
		key, r = "verdict.doubt", roleVerdictWarn
	}
	parts := []string{w.text("verdict.accounts", len(byState["complete"]), len(v.accounts.rows))}
	for _, state := range []string{"failed", "not_pulled", "unreconciled"} {
		if names := byState[state]; len(names) > 0 {
			parts = append(parts, w.text("verdict."+state, strings.Join(names, ", ")))
		}
	}
	if revenue := v.revenueByCurrency(); revenue != "" {
		parts = append(parts, w.text("verdict.revenue", revenue))
	}
	parts = append(parts, breaks)
	if w.restated > 0 {
		parts = append(parts, w.text("verdict.restated", w.restated))
	}
	if w.issues.rejects > 0 {
		parts = append(parts, w.text("verdict.rejects", w.issues.rejects))
	}
	line := w.text(key) + ": " + strings.Join(parts, "; ") + "."
	if w.language == Chinese {
		line = w.text(key) + "：" + strings.Join(parts, "；") + "。"
	}
	style := w.style(styleKey{role: r})
	cells := make([]any, summaryWidth)
	for i := range cells {
		cells[i] = excelize.Cell{StyleID: style}
	}
	cells[0] = excelize.Cell{StyleID: style, Value: line}
	lines := 1 + int(textWidth(line)/165)
	v.s.put(float64(6+lines*16), cells...)
	v.s.span(1, summaryWidth)
}

// revenueByCurrency is the net of each currency; amounts of several are never
// added up.
func (v *summaryView) revenueByCurrency() string {
	var list []string
	seen := map[string]bool{}
	for i := range v.revenue.rows {
		c := v.revenue.str(i, "currency")
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
	var severities, currencies []string
	sums := map[string]duckdb.Decimal{}
	for i := range v.breaks.rows {
		n := v.breaks.count(i, "open_breaks") + v.breaks.count(i, "explained_breaks")
		if n == 0 {
			continue
		}
		severity, currency := v.breaks.str(i, "severity"), v.breaks.str(i, "currency")
		if bySeverity[severity] == 0 {
			severities = append(severities, severity)
		}
		if _, seen := sums[currency]; !seen {
			currencies = append(currencies, currency)
		}
		total += n
		bySeverity[severity] += n
		sums[currency] = plus(sums[currency], v.breaks.amount(i, "difference"))
		serious = serious || severity != "info"
	}
	if total == 0 {
		return w.text("verdict.no_breaks"), false
	}
	var counts, amounts []string
	for _, s := range severities {
		counts = append(counts, whole(bySeverity[s]).Value.String()+" "+strings.ToLower(w.word("severity", s)))
	}
	for _, c := range currencies {
		if c == "" && len(currencies) > 1 && orZero(sums[c]).Value.Sign() == 0 {
			continue // a break of no amount has no currency either
		}
		amounts = append(amounts, strings.TrimSpace(readable(sums[c])+" "+c))
	}
	return w.text("verdict.breaks", total, strings.Join(counts, ", "), strings.Join(amounts, ", ")), serious
}
