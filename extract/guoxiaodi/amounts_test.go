package guoxiaodi_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
)

// fenOnly are amounts that are none as a count of fen.
var fenOnly = []string{`"13.89"`, `13.89`, `"13.00"`, `1e3`}

// Every amount of the courier's that cannot be read is empty, and a finding
// with its text and its column.
func TestUnreadableAmounts(t *testing.T) {
	register := func(field string) func(testing.TB, string) *extracttest.Night {
		return func(t testing.TB, amount string) *extracttest.Night {
			return registerPage(t, "jsonl", "", fmt.Sprintf(`{"orderNo":"Y1","sourceOrderNo":"X1","%s":%s}`, field, amount))
		}
	}
	for field, column := range map[string]string{
		"payFee": "orders.net_amount", "carriageFee": "orders.freight_amount", "beforePreferentialFee": "orders.gross_amount",
		"preferentialAmount": "orders.discount_amount", "distanceFee": "deliveries.distance_amount", "tipFee": "deliveries.creation_tip_amount",
		"specialDeliveryFee": "deliveries.special_amount", "customerTotalOverflowAmount": "deliveries.surcharge_amount",
	} {
		table, name, _ := strings.Cut(column, ".")
		t.Run(field, func(t *testing.T) {
			extracttest.CheckUnreadable(t, extracttest.Amount{Field: field, Column: column, Null: map[string][]string{table: {name}}, Decode: register(field), Also: fenOnly})
		})
	}
	t.Run("totalTipFee", func(t *testing.T) {
		extracttest.CheckUnreadable(t, extracttest.Amount{
			Field: "totalTipFee", Column: "deliveries.tip_amount", Null: map[string][]string{"deliveries": {"tip_amount"}}, Also: fenOnly,
			Decode: func(t testing.TB, amount string) *extracttest.Night {
				return decode(t, "tips", `{"orderNo":"Y1","totalTipCount":1,"totalTipFee":`+amount+`}`)
			},
		})
	})
	t.Run("tipFee of the list", func(t *testing.T) {
		extracttest.CheckUnreadable(t, extracttest.Amount{
			Field: "tipList[0].tipFee", Column: "delivery_tips.amount", Null: map[string][]string{"delivery_tips": {"amount"}}, Also: fenOnly,
			Decode: func(t testing.TB, amount string) *extracttest.Night {
				return decode(t, "tips", `{"orderNo":"Y1","tipList":[{"tipNo":"T","tipFee":`+amount+`}]}`)
			},
		})
	})
}

// In a CSV all is text, blanks and tabs around an amount included.
func TestUnreadableAmountsOfCSV(t *testing.T) {
	for _, text := range []string{"13.89", "1,389", "\t1389", "1389 ", "`1389`", "１３８９", "NaN"} {
		var line strings.Builder
		w := csv.NewWriter(&line)
		if err := w.Write([]string{"Y1", text}); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		n := registerPage(t, "csv", "orderNo,payFee", strings.TrimSuffix(line.String(), "\n"))
		if v, ok := n.Row(t, "orders", extracttest.Row{})["net_amount"]; ok {
			t.Errorf("%q: net_amount is %s, want null", text, v)
		}
		if len(n.Findings) != 1 || n.Findings[0].Raw != text || n.Findings[0].Column != "orders.net_amount" || !n.Findings[0].IsAmount {
			t.Errorf("%q: findings %+v, want one of net_amount with the text", text, n.Findings)
		}
	}
}

// A tip that is no object is there without its amount.
func TestTipThatIsNone(t *testing.T) {
	n := decode(t, "tips", `{"orderNo":"Y1","totalTipFee":"500","tipList":["five"]}`)
	var told []string
	for _, f := range n.Findings {
		told = append(told, fmt.Sprint(f.Field, f.IsAmount))
	}
	if got := strings.Join(told, " "); got != "tipList[0].tipFeetrue tipList[0].tipNofalse" {
		t.Errorf("findings %s, want one of the amount and one of the number", got)
	}
}

// registerPage decodes lines of a register.
func registerPage(t testing.TB, format, header string, lines ...string) *extracttest.Night {
	t.Helper()
	body, err := json.Marshal(map[string]any{"file": "a." + format, "format": format, "header": header, "first_line": 1, "lines": lines})
	if err != nil {
		t.Fatal(err)
	}
	return extracttest.Decode(t, offline(t), &extract.Page{Stream: "register", Body: body})
}
