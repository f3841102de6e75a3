package workbook

import (
	"math/big"
	"testing"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/result"
)

// A value is told as its cell is read.
func TestShown(t *testing.T) {
	words, err := labels.Load()
	if err != nil {
		t.Fatal(err)
	}
	b := New(words, labels.Chinese, time.UTC, t.TempDir())
	b.Names = labels.Names{"store": {"101": "浦东店"}}
	decimal := func(unscaled int64, scale uint8) duckdb.Decimal {
		return duckdb.Decimal{Scale: scale, Value: big.NewInt(unscaled)}
	}
	for _, c := range []struct {
		name, format, vocabulary string
		value                    any
		want                     string
	}{
		{"net_amount", FormatMoney, "", decimal(12345678900, 4), "1,234,567.89"},
		{"net_amount", FormatMoney, "", decimal(-888888, 4), "-88.8888"},
		{"net_amount", FormatMoney, "", nil, ""},
		{"orders", FormatCount, "", int64(1234567), "1,234,567"},
		{"orders", FormatCount, "", decimal(1234567, 0), "1,234,567"},
		{"occupancy", FormatShare, "", decimal(4735, 4), "47.4%"}, // 47.35: half away from zero
		{"occupancy", FormatShare, "", decimal(10000, 4), "100.0%"},
		{"business_date", FormatDate, "", time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC), "2026-03-09"},
		{"status", FormatText, "break_status", "open", "未处理"},
		{"store", FormatText, "", "101", "浦东店"},
	} {
		column := Column{Column: result.Column{Name: c.name}, Format: c.format, Vocabulary: c.vocabulary}
		if got := b.Shown(&column, c.value); got != c.want {
			t.Errorf("%s %v: %q, want %q", c.name, c.value, got, c.want)
		}
	}
}
