package transform

import (
	"slices"
	"testing"

	"golang.org/x/text/currency"
)

// Unicode's table knows how people write amounts, which is not always the
// minor unit: where both have no or more than two decimals they agree, but for
// the Iraqi dinar, whose fils nobody writes. And it names no legal tender that
// is missing here.
func TestMinorUnitsAgainstUnicode(t *testing.T) {
	known := 0
	for code, digits := range minorDigits {
		unit, err := currency.ParseISO(code)
		if err != nil {
			continue // younger than the table
		}
		known++
		written, _ := currency.Standard.Rounding(unit)
		if digits == 0 && written != 0 || (digits > 2 || written > 2) && digits != written && code != "IQD" {
			t.Errorf("%s has %d decimals here, %d in Unicode's table", code, digits, written)
		}
	}
	if known < 150 {
		t.Errorf("Unicode's table knows %d of the %d currencies: nothing was compared", known, len(minorDigits))
	}
	for tender := currency.Query(); tender.Next(); {
		code := tender.Unit().String()
		if _, ok := minorDigits[code]; !ok {
			t.Errorf("%s, the tender of %s, is missing", code, tender.Region())
		}
	}
}

// ISO 4217 lists 17 currencies without a minor unit, 7 of a thousand and 2 of
// ten thousand; a code stands once.
func TestMinorUnitsAreComplete(t *testing.T) {
	count := map[int]int{}
	for code, digits := range minorDigits {
		if len(code) != 3 {
			t.Errorf("%q is no code", code)
		}
		count[digits]++
	}
	if count[0] != 17 || count[3] != 7 || count[4] != 2 {
		t.Errorf("%v currencies by decimals, want 17 of 0, 7 of 3 and 2 of 4", count)
	}
}

func TestIsCurrency(t *testing.T) {
	for code, want := range map[string]bool{
		"CNY": true, "USD": true, "JPY": true, "KWD": true, "CLF": true, "ZWG": true,
		"HRK": true, // withdrawn in 2023
		"":    false, "cny": false, "CN": false, "CNYN": false, " CNY": false, "RMB": false, "CNH": false, "BTC": false,
		"XXX": false, "XAU": false, "XDR": false, "ＣＮＹ": false,
	} {
		if got := IsCurrency(code); got != want {
			t.Errorf("IsCurrency(%q) = %t", code, got)
		}
		if got := slices.Contains(Currencies(), code); got != want {
			t.Errorf("Currencies() has %q: %t", code, got)
		}
	}
	// A caller's list is his own.
	first := Currencies()[0]
	Currencies()[0] = "changed"
	if got := Currencies()[0]; got != first || got != "AED" {
		t.Errorf("the first currency is %s", got)
	}
}
