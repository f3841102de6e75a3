package workbook

import (
	"math/big"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/reports/figure"
	"github.com/nightaudit/nightaudit/reports/result"
)

// Shown is a value as text, as the cell that Cell makes of it is read: amounts with
// thousands separators and two places at least, shares as percent with one place,
// codes in words; "" for null.
func (b *Book) Shown(c *Column, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case duckdb.Decimal:
		switch {
		case c.Format == FormatShare:
			return new(big.Rat).Mul(result.Rat(v), big.NewRat(100, 1)).FloatString(1) + "%"
		case c.Format == FormatMoney:
			return figure.Amount(result.DecimalText(v))
		case c.Format == FormatCount && v.Scale == 0:
			return figure.Grouped(result.DecimalText(v))
		}
	case time.Time:
		if c.Format == FormatDate {
			return v.Format(time.DateOnly)
		}
	default:
		if n, err := result.Int64(v); err == nil && c.Format == FormatCount {
			return figure.Count(n)
		}
	}
	return b.text(c, v)
}
