package workbook

import (
	"math/big"
	"time"
)

// A number in a cell has 15 significant digits: Excel shows zeros in place of
// what is beyond.
const fifteenDigits = 1_000_000_000_000_000

// excelNumber is the number of a cell, for excelize writes numbers only from
// a float64. No digit changes on the way: unscaled has at most 15 digits and
// scale is at most 22, so both and the power of ten are exact in a float64,
// the division rounds correctly to the double nearest to the decimal, and the
// shortest text of that double, which excelize writes, is the decimal again.
// Not ok: more significant digits than that; such a value goes into its cell
// as text.
//
// This is the only place where an amount becomes a float64.
func excelNumber(unscaled *big.Int, scale int) (number float64, ok bool) {
	if !unscaled.IsInt64() {
		return 0, false
	}
	n := unscaled.Int64()
	for scale > 0 && n%10 == 0 {
		n, scale = n/10, scale-1
	}
	if n >= fifteenDigits || n <= -fifteenDigits || scale > 22 {
		return 0, false
	}
	power := 1.0
	for range scale {
		power *= 10
	}
	return float64(n) / power, true
}

// excelEpoch is day 0 of the 1900 date system as all dates after February
// 1900 count it.
var excelEpoch = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

// ExcelDay is the serial number of the calendar day of t, read off t's own
// clock. Days before March 1900 have none that every program agrees on.
func ExcelDay(t time.Time) (int64, bool) {
	y, m, d := t.Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	n := int64(day.Sub(excelEpoch) / (24 * time.Hour))
	return n, n > 60 && y < 10000
}

// excelInstant is the serial number of what the clock in t's zone showed, to
// the millisecond.
func excelInstant(t time.Time) (float64, bool) {
	day, ok := ExcelDay(t)
	h, m, s := t.Clock()
	millis := ((h*60+m)*60+s)*1000 + t.Nanosecond()/1e6
	return float64(day) + float64(millis)/(24*60*60*1000), ok
}
