package result

import (
	"math/big"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// Plus adds two decimals exactly. Null and decimals of scale 0 with value 0
// are the neutral element.
func Plus(a, b duckdb.Decimal) duckdb.Decimal {
	if a.Value == nil {
		return b
	}
	if b.Value == nil {
		return a
	}
	for a.Scale < b.Scale {
		a = duckdb.Decimal{Width: a.Width, Scale: a.Scale + 1, Value: new(big.Int).Mul(a.Value, big.NewInt(10))}
	}
	for b.Scale < a.Scale {
		b = duckdb.Decimal{Width: b.Width, Scale: b.Scale + 1, Value: new(big.Int).Mul(b.Value, big.NewInt(10))}
	}
	return duckdb.Decimal{Width: 38, Scale: a.Scale, Value: new(big.Int).Add(a.Value, b.Value)}
}

// IsZero says whether there is nothing in it.
func IsZero(d duckdb.Decimal) bool { return d.Value == nil || d.Value.Sign() == 0 }

// OrZero is the decimal, or a zero of four places for null.
func OrZero(d duckdb.Decimal) duckdb.Decimal {
	if d.Value == nil {
		return duckdb.Decimal{Width: 38, Scale: 4, Value: new(big.Int)}
	}
	return d
}

// Same compares by value.
func Same(a, b duckdb.Decimal) bool {
	a, b = OrZero(a), OrZero(b)
	b.Value = new(big.Int).Neg(b.Value)
	return IsZero(Plus(a, b))
}

// Places is how many digits after the point the decimal really has.
func Places(d duckdb.Decimal) int {
	places := int(d.Scale)
	if d.Value.IsInt64() {
		n := d.Value.Int64()
		for places > 0 && n%10 == 0 {
			n, places = n/10, places-1
		}
		return places
	}
	digits := d.Value.String()
	return max(0, places-(len(digits)-len(strings.TrimRight(digits, "0"))))
}

// Whole is a whole number as a decimal.
func Whole(n int64) duckdb.Decimal {
	return duckdb.Decimal{Width: 38, Value: big.NewInt(n)}
}

// Rat is the decimal as a fraction, zero for null.
func Rat(d duckdb.Decimal) *big.Rat {
	d = OrZero(d)
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.Scale)), nil)
	return new(big.Rat).SetFrac(d.Value, ten)
}
