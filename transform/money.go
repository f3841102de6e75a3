package transform

import (
	"errors"
	"strings"
)

// Scales of the database's decimals.
const (
	moneyScale = 4 // DECIMAL(18,4): amounts in major units
	priceScale = 6 // DECIMAL(18,6): unit prices and quantities
	maxDigits  = 18
)

// Money is an amount in major units, exact, as DECIMAL(18,4): Units are
// ten-thousandths. The zero value is null: the vendor does not say.
type Money struct {
	Units int64
	Valid bool
}

// Rate is a unit price or a quantity, exact, as DECIMAL(18,6): Units are
// millionths. The zero value is null.
type Rate struct {
	Units int64
	Valid bool
}

// The reasons for which a number is a finding.
var (
	errNotNumber   = errors.New("not a plain decimal number")
	errNotInteger  = errors.New("not a whole number")
	errNegative    = errors.New("a count below zero")
	errTooPrecise  = errors.New("more decimals than the column holds")
	errTooLarge    = errors.New("more digits than the column holds")
	errWrongType   = errors.New(WrongType)
	errRepeated    = errors.New("the name stands more than once, with different values")
	errUnreadable  = errors.New("not all of it is valid UTF-8; what cannot be read stands as " + unreadable)
	errControl     = errors.New("control characters in a text")
	errUnknownUnit = errors.New("the currency's minor unit is not known")
)

// pow10 holds the powers of ten that fit int64.
var pow10 = func() (p [19]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// parseDecimal reads a plain decimal (sign, digits, at most one point, an
// optional exponent as JSON allows it) as a count of 10^-scale. The result
// is exact or an error; nothing is rounded. Thousands separators, currency
// signs, blanks and digits of other scripts are errors.
func parseDecimal(text string, scale int) (int64, error) {
	i, neg := 0, false
	if i < len(text) && text[i] == '-' {
		neg, i = true, 1
	}
	var (
		mantissa int64
		digits   int // significant digits collected
		exp      int // power of ten of the mantissa's last digit
		seen     bool
		zeros    int // zeros not yet taken into the mantissa
	)
	take := func(c byte, afterPoint bool) error {
		seen = true
		if afterPoint {
			exp--
		}
		if c == '0' {
			zeros++
			return nil
		}
		if mantissa != 0 {
			digits += zeros
		}
		if digits++; digits > maxDigits {
			return errTooLarge
		}
		if mantissa != 0 {
			mantissa *= pow10[zeros]
		}
		mantissa, zeros = mantissa*10+int64(c-'0'), 0
		return nil
	}
	for ; i < len(text) && text[i] >= '0' && text[i] <= '9'; i++ {
		if err := take(text[i], false); err != nil {
			return 0, err
		}
	}
	if i < len(text) && text[i] == '.' && seen {
		start := i + 1
		for i++; i < len(text) && text[i] >= '0' && text[i] <= '9'; i++ {
			if err := take(text[i], true); err != nil {
				return 0, err
			}
		}
		if i == start {
			return 0, errNotNumber
		}
	}
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') && seen {
		e, ok := parseExponent(text[i+1:])
		if !ok {
			return 0, errNotNumber
		}
		exp, i = exp+e, len(text)
	}
	if !seen || i != len(text) {
		return 0, errNotNumber
	}
	if mantissa == 0 {
		return 0, nil
	}
	shift := exp + zeros + scale
	switch {
	case shift < 0:
		return 0, errTooPrecise
	case digits+shift > maxDigits:
		return 0, errTooLarge
	}
	mantissa *= pow10[shift]
	if neg {
		mantissa = -mantissa
	}
	return mantissa, nil
}

// maxExponent bounds an exponent, so that reckoning with it cannot overflow.
const maxExponent = 1 << 30

func parseExponent(text string) (int, bool) {
	neg := false
	if text != "" && (text[0] == '+' || text[0] == '-') {
		neg, text = text[0] == '-', text[1:]
	}
	if text == "" {
		return 0, false
	}
	n := 0
	for i := range len(text) {
		c := text[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		// Beyond this the value is zero or fits no column: only a billion
		// digits could bring it back, and no answer is that long.
		n = min(n*10+int(c-'0'), maxExponent)
	}
	if neg {
		n = -n
	}
	return n, true
}

// decimal reads s as a plain decimal at the given scale. A number that
// arrives as text is taken when it is a plain decimal.
func (s *Scalar) decimal(scale int) (int64, error) {
	if s.Kind != Number && s.Kind != String {
		return 0, s.misfit()
	}
	return parseDecimal(s.Text, scale)
}

// Money reads an amount in major units; a text that does not fit is a
// finding of r under field and the amount null.
func (v *Decimal) Money(r *Record, field string) Money {
	if !v.Present() {
		return Money{}
	}
	units, err := v.decimal(moneyScale)
	if err != nil {
		r.Finding(field, err.Error(), v.Text)
		return Money{}
	}
	return Money{units, true}
}

// Rate reads a unit price or a quantity; a text that does not fit is a
// finding of r under field and the value null.
func (v *Decimal) Rate(r *Record, field string) Rate {
	if !v.Present() {
		return Rate{}
	}
	units, err := v.decimal(priceScale)
	if err != nil {
		r.Finding(field, err.Error(), v.Text)
		return Rate{}
	}
	return Rate{units, true}
}

// Money reads an integer count of minor units of currency (an ISO 4217 code),
// "1700" fen being 17.0000 CNY and "1700" of JPY, which has no minor unit,
// 1700.0000. A point or an exponent, even ".00", is a finding: the unit would
// be in doubt. So is a currency of which the minor unit is not known.
func (v *Fen) Money(r *Record, field, currency string) Money {
	if !v.Present() {
		return Money{}
	}
	units, err := v.minor(currency)
	if err != nil {
		r.Finding(field, err.Error(), v.Text)
		return Money{}
	}
	return Money{units, true}
}

func (v *Fen) minor(currency string) (int64, error) {
	if v.Kind != Number && v.Kind != String {
		return 0, v.misfit()
	}
	for i := range len(v.Text) {
		if c := v.Text[i]; (c < '0' || c > '9') && !(i == 0 && c == '-' && len(v.Text) > 1) {
			return 0, errNotInteger
		}
	}
	decimals, ok := minorDigits[currency]
	if !ok {
		return 0, errUnknownUnit
	}
	return parseDecimal(v.Text, moneyScale-decimals)
}

// Sum adds amounts of one currency. Nulls are left out; the sum of nothing
// but nulls is null. A sum beyond DECIMAL(18,4) is a finding and null.
func (r *Record) Sum(field string, amounts ...Money) Money {
	var sum Money
	for _, m := range amounts {
		if !m.Valid {
			continue
		}
		sum.Valid = true
		sum.Units += m.Units // below 10^18 each time: cannot overflow int64
		if sum.Units >= pow10[maxDigits] || sum.Units <= -pow10[maxDigits] {
			r.Finding(field, errTooLarge.Error(), "")
			return Money{}
		}
	}
	return sum
}

// Difference is a − b, null where either is.
func (r *Record) Difference(field string, a, b Money) Money {
	if !a.Valid || !b.Valid {
		return Money{}
	}
	return r.Sum(field, a, Money{-b.Units, true})
}

// Count is a whole number; the zero value is null.
type Count struct {
	N     int64
	Valid bool
}

// CountOf is the count n.
func CountOf(n int) Count { return Count{int64(n), true} }

// Count reads a whole number; a text that is none is a finding.
func (v *Integer) Count(r *Record, field string) Count {
	if !v.Present() {
		return Count{}
	}
	n, err := v.decimal(0)
	if err != nil {
		if errors.Is(err, errTooPrecise) {
			err = errNotInteger
		}
		r.Finding(field, err.Error(), v.Text)
		return Count{}
	}
	return Count{n, true}
}

// Total reads the number of records that an answer states at path. What stands
// there and is no count is a finding of the page; it is returned as text, and the
// total as -1, as is a missing one.
func (v *Integer) Total(b *Batch, path string) (n int64, odd string) {
	n, err := v.total()
	if err == nil {
		return n, ""
	}
	b.Page(path).Finding(path[strings.LastIndexByte(path, '/')+1:], err.Error(), v.quote())
	return -1, v.quote()
}

// Stated is the total where nobody is to be told of what is none.
func (v *Integer) Stated() int64 {
	n, _ := v.total()
	return n
}

// total is -1 where no count is stated.
func (v *Integer) total() (int64, error) {
	if !v.Present() {
		return -1, nil
	}
	n, err := v.decimal(0)
	switch {
	case err == nil && n < 0:
		err = errNegative
	case errors.Is(err, errTooPrecise):
		err = errNotInteger
	}
	if err != nil {
		return -1, err
	}
	return n, nil
}

// Rate reads a whole number as a quantity.
func (v *Integer) Rate(r *Record, field string) Rate {
	n := v.Count(r, field)
	if limit := pow10[maxDigits-priceScale]; n.Valid && (n.N >= limit || n.N <= -limit) {
		r.Finding(field, errTooLarge.Error(), v.Text)
		return Rate{}
	}
	return Rate{n.N * pow10[priceScale], n.Valid}
}

// Code reads a numeric code as text ("110"); a text that is no whole number
// is a finding but is kept, for a code is a name, not a quantity. A value of
// another type names nothing: it is a finding and no code.
func (v *Integer) Code(r *Record, field string) string {
	if !v.Present() {
		return ""
	}
	if v.Kind == Boolean || v.Kind == Composite || v.Kind == Repeated {
		r.Finding(field, v.misfit().Error(), v.Text)
		return ""
	}
	if _, err := v.decimal(0); err != nil {
		r.Finding(field, errNotInteger.Error(), v.Text)
	}
	return v.Text
}
