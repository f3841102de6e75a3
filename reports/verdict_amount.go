package reports

import (
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// readable is an amount in a sentence: 1,234.50, and as many places as it
// has beyond two.
func readable(d duckdb.Decimal) string {
	d = orZero(d)
	text := decimalText(d)
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "−", text[1:]
	}
	whole, places, _ := strings.Cut(text, ".")
	keep := max(2, placesUsed(d))
	for len(places) < keep {
		places += "0"
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return sign + whole + "." + places[:keep]
}
