package recon

import (
	"fmt"
	"testing"
)

// An order's currency is one of ISO 4217, written as it is there: the list by
// which amounts are read and configurations are checked. The codes are those
// of the standard's list one, and the kuna, withdrawn in 2023.
func TestPlausibilityOfCurrencies(t *testing.T) {
	t.Parallel()
	row := func(id, currency string) string {
		return fmt.Sprintf(`INSERT INTO main.orders (source, account, order_id, kind, status, source_status, currency, net_amount, paid_amount, created_at)
			VALUES ('starhotel', 'inn', '%s', 'stay', 'completed', '180', %s, 1, 1, '2026-04-01 08:00:00Z')`, id, currency)
	}
	var inserts []string
	for _, known := range []string{"CNY", "USD", "JPY", "KWD", "CLF", "XCG", "ZWG", "HRK"} {
		inserts = append(inserts, row("known "+known, "'"+known+"'"))
	}
	inserts = append(inserts, row("a", "'RMB'"), row("b", "'cny'"), row("c", "'XXX'"), row("d", "'CNY '"), row("e", "NULL"))
	line := func(id, currency, said string) string {
		return id + " | 6 | – | – | 0.0000 | " + currency + " | amount | amounts whose currency is not known or not that of the order: currency " + said + "."
	}
	testCheck(t, "plausibility", inserts, []string{
		line("a", "RMB", "RMB"), line("b", "cny", "cny"), line("c", "XXX", "XXX"), line("d", "CNY ", "CNY "), line("e", "–", "–"),
	})
}
