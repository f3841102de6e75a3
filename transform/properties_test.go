package transform

import (
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
)

// Every decimal that is accepted has exactly the value that math/big reads,
// and every one that fits is accepted.
func TestDecimalAgreesWithBig(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		text := strconv.FormatInt(rnd.Int64N(1_000_000_000_000_000), 10)
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
		got, err := parseDecimal(text, moneyScale)
		want := scaledBig(t, text, moneyScale)
		if fits := fitsColumn(want); fits != (err == nil) {
			t.Fatalf("%q: error %v, but exact in DECIMAL(18,4): %v", text, err, fits)
		}
		if err == nil && want.Num().Cmp(big.NewInt(got)) != 0 {
			t.Fatalf("%q = %d, want %s", text, got, want.Num())
		}
	}
}

// scaledBig is text × 10^scale as math/big reads it.
func scaledBig(t testing.TB, text string, scale int) *big.Rat {
	t.Helper()
	v, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("math/big does not read %q", text)
	}
	return v.Mul(v, new(big.Rat).SetInt64(pow10[scale]))
}

// fitsColumn reports whether a scaled value is whole and of 18 digits at most.
func fitsColumn(v *big.Rat) bool {
	return v.IsInt() && len(new(big.Int).Abs(v.Num()).String()) <= maxDigits
}

// A million rows of 0.1 and 0.2 come to 300000.0000 in the control totals, in
// whichever way they are added; in floats they do not.
func TestMillionRowsOfTenths(t *testing.T) {
	const rows = 1_000_000
	b := NewBatch(Origin{Source: "test", Account: "a", Currency: "CNY"})
	r := b.Record("1", "", -1)
	tenth, fifth := Decimal{Scalar{Number, "0.1"}}, Decimal{Scalar{Number, "0.2"}}
	var float float64
	row := Payment{Currency: "CNY"}
	for i := range rows {
		// amount: 0.1 and 0.2 in turn, 0.1 first; discount: both at once.
		amount := &tenth
		if i%2 == 1 {
			amount = &fifth
		}
		row.LineNo, row.Amount = i+1, amount.Money(r, "amount")
		row.Discount = r.Sum("discount", tenth.Money(r, "discount"), fifth.Money(r, "discount"))
		r.Payment(&row)
		float += 0.1
		float += 0.2
		if b.Rows() == 50_000 {
			if err := b.Take(func(string, arrow.RecordBatch) error { return nil }); err != nil {
				t.Fatal(err)
			}
			r = b.Record("1", "", -1)
		}
	}
	sums := map[string]string{}
	for _, s := range b.TakeSums() {
		sums[s.Column] = s.ByCurrency()["CNY"]
	}
	if sums["discount_amount"] != "300000.0000" || sums["amount"] != "150000.0000" {
		t.Errorf("a million times 0.1 + 0.2 is %s, half a million times 0.1 and 0.2 %s; want 300000.0000 and 150000.0000", sums["discount_amount"], sums["amount"])
	}
	if text := strconv.FormatFloat(float, 'f', 4, 64); float == 300000 {
		t.Errorf("floats are exact here (%s), so this test shows nothing", text)
	}
}

// Control totals are 128 bits wide: the sum of the largest amounts is beyond
// 64 bits and beyond any column, and still right.
func TestControlTotalsDoNotOverflow(t *testing.T) {
	b := NewBatch(Origin{Source: "test", Account: "a", Currency: "CNY"})
	r := b.Record("1", "", -1)
	largest := Decimal{Scalar{Number, "99999999999999.9999"}}
	least := Decimal{Scalar{Number, "-99999999999999.9999"}}
	for range 1000 {
		r.Payment(&Payment{Amount: largest.Money(r, "a"), Discount: least.Money(r, "d"), Currency: "CNY"})
	}
	for _, s := range b.TakeSums() {
		want := "99999999999999999.9000" // 1000 × 99999999999999.9999
		if s.Column == "discount_amount" {
			want = "-" + want
		}
		if got := s.ByCurrency()["CNY"]; got != want {
			t.Errorf("%s: %s, want %s", s.Column, got, want)
		}
	}
}
