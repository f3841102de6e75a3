package main

import (
	"fmt"
	"strings"

	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/reports/figure"
)

// notTakenText says in plain words, a line for each kind, what stands in no
// figure or in none by date, with the first few by name. The exit code does not
// follow from it: each is an open break.
func notTakenText(n *load.NotTaken) (lines []string) {
	add := func(label, words string, u *load.Untaken) {
		if u.Total > 0 {
			lines = append(lines, fmt.Sprintf("%-10s%s: %s", label, words, firstFew(u)))
		}
	}
	add("unread", plural(n.Unreadable.Total, "amount is stated and cannot be read", "amounts are stated and cannot be read"), &n.Unreadable)
	undated := plural(n.Undated.Total, "order has no date and stands in no figure by date", "orders have no date and stand in no figure by date")
	add("undated", undated+", "+undatedMoney(n.UndatedMoney), &n.Undated)
	add("refused", plural(n.Refused.Total, "row is refused and not in the books", "rows are refused and not in the books"), &n.Refused)
	return lines
}

// undatedMoney is "7,000.00 CNY revenue, 12.00 CNY cost": flows and currencies
// are never added up.
func undatedMoney(sums []load.FlowMoney) string {
	if len(sums) == 0 {
		return "without an amount"
	}
	var parts []string
	for _, s := range sums {
		parts = append(parts, strings.Join(strings.Fields(figure.Amount(s.Amount)+" "+s.Currency+" "+s.Flow), " "))
	}
	return strings.Join(parts, ", ")
}

// firstFew names the first of them, and says how many more there are.
func firstFew(u *load.Untaken) string {
	var parts []string
	for _, v := range u.First {
		text := v.Account + " " + v.OrderID
		if v.Field != "" {
			text += " " + v.Field
			if v.Stated != "" {
				text += " " + inQuotes(v.Stated)
			}
		}
		parts = append(parts, text)
	}
	if more := u.Total - int64(len(u.First)); more > 0 {
		parts = append(parts, figure.Count(more)+" more")
	}
	return strings.Join(parts, "; ")
}

// inQuotes is a vendor's text as a terminal may show it: in quotes, in which tabs
// and the like are seen, and not longer than a line.
func inQuotes(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", text)
}
