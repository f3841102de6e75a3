package sheets

import (
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	figures "github.com/nightaudit/nightaudit/reports/figure"
	"github.com/nightaudit/nightaudit/reports/result"
)

// readable is an amount in a sentence: 1,234.50, and as many places as it
// has beyond two. A minus sign is as long as a plus sign there.
func readable(d duckdb.Decimal) string {
	return strings.Replace(figures.Amount(result.DecimalText(result.OrZero(d))), "-", "−", 1)
}
