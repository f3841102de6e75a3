package workbook

import (
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/reports/result"
)

// What excelize writes for the float64 is the decimal's own text again.
func TestExcelNumberKeepsEveryDigit(t *testing.T) {
	check := func(unscaled int64, scale uint8) {
		t.Helper()
		d := duckdb.Decimal{Width: 38, Scale: scale, Value: big.NewInt(unscaled)}
		f, ok := excelNumber(d.Value, int(scale))
		if !ok {
			t.Fatalf("%s refused", result.DecimalText(d))
		}
		want := result.DecimalText(d)
		if scale > 0 {
			want = strings.TrimSuffix(strings.TrimRight(want, "0"), ".")
		}
		if got := strconv.FormatFloat(f, 'f', -1, 64); got != want && !(unscaled == 0 && got == "0") {
			t.Fatalf("%s becomes %s", want, got)
		}
	}
	for _, n := range []int64{0, 1, -1, 5, 10, 99999, 100000, 123456789012345, 999999999999999, -999999999999999, 888888, 2251799813685248} {
		for _, scale := range []uint8{0, 2, 4, 6} {
			if n <= 999999999999999 {
				check(n, scale)
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		check(random.Int64N(1_000_000_000_000_000), 4)
		check(random.Int64N(10_000_000), 4)
	}
}

func TestExcelNumberRefusesMoreDigits(t *testing.T) {
	for text, ok := range map[string]bool{
		"999999999999999": true, "1000000000000000": false, "-1000000000000000": false,
		"9223372036854775808": false, "12345678901234567890123": false,
	} {
		n, _ := new(big.Int).SetString(text, 10)
		if _, got := excelNumber(n, 0); got != ok {
			t.Errorf("%s: %v", text, got)
		}
	}
	// 123456789012345.0000: zeros after the point are no digits to lose.
	n, _ := new(big.Int).SetString("1234567890123450000", 10)
	if f, ok := excelNumber(n, 4); !ok || f != 123456789012345 {
		t.Errorf("%v %v", f, ok)
	}
}

func TestExcelDates(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	// 10 March 2026 is day 46091; 02:00 is a twelfth of it.
	instant := time.Date(2026, 3, 9, 18, 0, 0, 0, time.UTC)
	if f, ok := excelInstant(instant.In(shanghai)); !ok || f != 46091+2.0/24 {
		t.Errorf("%v %v", f, ok)
	}
	if n, ok := ExcelDay(time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)); !ok || n != 46091 {
		t.Errorf("%v %v", n, ok)
	}
	if _, ok := ExcelDay(time.Date(1899, 1, 1, 0, 0, 0, 0, time.UTC)); ok {
		t.Error("a day before Excel's first")
	}
}
