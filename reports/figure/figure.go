// Package figure writes numbers as people read them, on the terminal and in
// the sentences of a workbook. It takes digits as they are and never rounds.
package figure

import (
	"strconv"
	"strings"
)

// Count writes a whole number with thousands separators: 1,234,567.
func Count(n int64) string { return Grouped(strconv.FormatInt(n, 10)) }

// Amount writes a decimal text with thousands separators and two places, or
// as many as it has besides zeros at its end: 1,234.50, -0.0001.
func Amount(decimal string) string {
	whole, places, _ := strings.Cut(decimal, ".")
	for len(places) > 2 && strings.HasSuffix(places, "0") {
		places = places[:len(places)-1]
	}
	for len(places) < 2 {
		places += "0"
	}
	return Grouped(whole) + "." + places
}

// Grouped puts thousands separators into the digits of a whole number, which
// may have a sign.
func Grouped(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}
