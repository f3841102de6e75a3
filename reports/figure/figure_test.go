package figure_test

import (
	"math"
	"testing"

	"github.com/nightaudit/nightaudit/reports/figure"
)

func TestCount(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567", -1: "-1", -100: "-100", -1000: "-1,000",
		math.MaxInt64: "9,223,372,036,854,775,807", math.MinInt64: "-9,223,372,036,854,775,808",
	} {
		if got := figure.Count(n); got != want {
			t.Errorf("Count(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestAmount(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0.00", "0.0000": "0.00", "12.5": "12.50", "1234.5000": "1,234.50", "-1234567.8900": "-1,234,567.89", "0.0001": "0.0001",
		"-0.1230": "-0.123", "99999999999999.9999": "99,999,999,999,999.9999", "1000": "1,000.00",
	} {
		if got := figure.Amount(text); got != want {
			t.Errorf("Amount(%s) = %s, want %s", text, got, want)
		}
	}
}
