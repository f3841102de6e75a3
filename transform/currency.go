package transform

import (
	"maps"
	"slices"
	"strings"
)

// minorCodes lists the currencies of ISO 4217 (list one, and those withdrawn
// since 2017) by the number of decimals of their minor unit. Units of account
// without a minor unit (XDR, the metals, XXX) are left out.
//
// The table of golang.org/x/text/currency is not used: it tells how many
// decimals people write, which for IQD, IDR and others is not the minor unit
// in which an interface counts.
var minorCodes = [...]string{
	0: `BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF`,
	2: `
		AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
		CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
		GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR
		LRD LSL MAD MDL MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD
		PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STD STN
		SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VEF VES WST XAD XCD XCG YER
		ZAR ZMW ZWG ZWL`,
	3: `BHD IQD JOD KWD LYD OMR TND`,
	4: `CLF UYW`,
}

// minorDigits is minorCodes by code.
var minorDigits = func() map[string]int {
	digits := map[string]int{}
	for n, codes := range minorCodes {
		for code := range strings.FieldsSeq(codes) {
			digits[code] = n
		}
	}
	return digits
}()

// IsCurrency reports whether code is a currency of ISO 4217, in capital
// letters; those withdrawn since 2017 are, units of account without a minor
// unit (XDR, XAU, XXX) are not.
func IsCurrency(code string) bool {
	_, ok := minorDigits[code]
	return ok
}

// Currencies lists the codes of which IsCurrency is true, sorted. The list is
// the caller's.
func Currencies() []string { return slices.Sorted(maps.Keys(minorDigits)) }
