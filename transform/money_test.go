package transform

import (
	"errors"
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/go-faster/jx"
)

func TestParseDecimal(t *testing.T) {
	tests := []struct {
		text  string
		scale int
		want  int64
		err   error
	}{
		{"0", 4, 0, nil},
		{"10.00", 4, 100000, nil},
		{"3700.00", 4, 37000000, nil},
		{"122.2222", 6, 122222200, nil},
		{"122.2222", 4, 1222222, nil},
		{"122.22225", 4, 0, errTooPrecise},
		{"1.23450", 4, 12345, nil}, // a zero more says no more
		{"-0.00", 4, 0, nil},
		{"-5", 4, -50000, nil},
		{"0.05", 4, 500, nil},
		{"100.05", 4, 1000500, nil},
		{"1e2", 4, 1000000, nil},
		{"1E+2", 4, 1000000, nil},
		{"1.5e-3", 4, 15, nil},
		{"1e-5", 4, 0, errTooPrecise},
		{"1e400", 4, 0, errTooLarge},
		{"0e400", 4, 0, nil},
		{"12345678901234.5678", 4, 123456789012345678, nil},
		{"99999999999999.9999", 4, 999999999999999999, nil},
		{"100000000000000", 4, 0, errTooLarge}, // 10^14 needs a 19th digit
		{"1234567890123456789", 0, 0, errTooLarge},
		{"", 4, 0, errNotNumber},
		{"-", 4, 0, errNotNumber},
		{".5", 4, 0, errNotNumber},
		{"5.", 4, 0, errNotNumber},
		{"1e", 4, 0, errNotNumber},
		{"1,234.50", 4, 0, errNotNumber},
		{"1２", 4, 0, errNotNumber}, // a full-width two
		{" 1", 4, 0, errNotNumber},
		{"¥5", 4, 0, errNotNumber},
		{"+5", 4, 0, errNotNumber},
		{"NaN", 4, 0, errNotNumber},
		{"0x10", 4, 0, errNotNumber},
	}
	for _, tt := range tests {
		got, err := parseDecimal(tt.text, tt.scale)
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("parseDecimal(%q, %d) = %d, %v; want %d, %v", tt.text, tt.scale, got, err, tt.want, tt.err)
		}
	}
}

// Every decimal that is accepted has exactly the value that math/big reads.
func TestParseDecimalAgreesWithBig(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		text := strconv.FormatInt(rnd.Int64N(1_000_000_000_000), 10)
		if rnd.IntN(2) == 0 {
			text = "-" + text
		}
		if n := rnd.IntN(6); n > 0 {
			text += "."
			for range n {
				text += string(rune('0' + rnd.IntN(10)))
			}
		}
		if rnd.IntN(4) == 0 {
			text += "e" + strconv.Itoa(rnd.IntN(9)-4)
		}
		got, err := parseDecimal(text, 4)
		want, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%q: math/big does not read it", text)
		}
		want.Mul(want, big.NewRat(10_000, 1))
		fits := want.IsInt() && len(new(big.Int).Abs(want.Num()).String()) <= 18
		if fits != (err == nil) {
			t.Fatalf("parseDecimal(%q): error %v, but exact in DECIMAL(18,4): %v", text, err, fits)
		}
		if fits && want.Num().Cmp(big.NewInt(got)) != 0 {
			t.Fatalf("parseDecimal(%q) = %d, want %s", text, got, want.Num())
		}
	}
}

// scalar reads a JSON value as the decoders do.
func scalar(t *testing.T, json string) Scalar {
	t.Helper()
	var s Scalar
	if err := s.Read(jx.DecodeStr(json)); err != nil {
		t.Fatalf("read %s: %v", json, err)
	}
	return s
}

func testRecord(cal Calendar) *Record {
	b := NewBatch(Origin{Source: "test", Account: "a", Calendar: cal, Currency: "CNY"})
	return b.Record("1", "", -1)
}

func TestMoney(t *testing.T) {
	tests := []struct {
		json  string
		units int64 // ten-thousandths
		valid bool
		doubt bool
	}{
		{`10.00`, 100000, true, false},
		{`"3700.00"`, 37000000, true, false}, // a number as text is taken
		{`null`, 0, false, false},
		{`""`, 0, false, false}, // an empty text is absent
		{`"1,234.50"`, 0, false, true},
		{`true`, 0, false, true},
		{`{"amount":1}`, 0, false, true},
	}
	for _, tt := range tests {
		r := testRecord(Calendar{})
		d := Decimal{scalar(t, tt.json)}
		if got := d.Money(r, "amount"); got != (Money{tt.units, tt.valid}) || (r.findings > 0) != tt.doubt {
			t.Errorf("%s: %+v with %d findings; want %d, valid %v, finding %v", tt.json, got, r.findings, tt.units, tt.valid, tt.doubt)
		}
	}
}

func TestFen(t *testing.T) {
	tests := []struct {
		json, currency string
		units          int64
		valid          bool
	}{
		{`"1700"`, "CNY", 170000, true},
		{`120`, "CNY", 12000, true},
		{`"-5"`, "CNY", -500, true},
		{`"17.00"`, "CNY", 0, false}, // fen with a point: the unit is in doubt
		{`"1700"`, "JPY", 17000000, true},
		{`"1700"`, "KWD", 17000, true},
		{`"1700"`, "XXX", 0, false},
		{`"-"`, "CNY", 0, false},
	}
	for _, tt := range tests {
		r := testRecord(Calendar{})
		f := Fen{scalar(t, tt.json)}
		if got := f.Money(r, "fee", tt.currency); got != (Money{tt.units, tt.valid}) || (r.findings > 0) == tt.valid {
			t.Errorf("%s %s: %+v with %d findings; want %d, valid %v", tt.json, tt.currency, got, r.findings, tt.units, tt.valid)
		}
	}
}

func TestSumAndDifference(t *testing.T) {
	r := testRecord(Calendar{})
	null, five, max := Money{}, Money{50000, true}, Money{pow10[18] - 1, true}
	if got := r.Sum("x", null, five, five); got != (Money{100000, true}) {
		t.Errorf("5 + 5 = %+v", got)
	}
	if got := r.Sum("x", null, null); got.Valid {
		t.Errorf("the sum of nothing is %+v, want null", got)
	}
	if got := r.Difference("x", five, null); got.Valid {
		t.Errorf("5 - null = %+v, want null", got)
	}
	if got := r.Sum("x", max, five); got.Valid || r.findings != 1 {
		t.Errorf("a sum too large is %+v with %d findings, want null with one", got, r.findings)
	}
}
