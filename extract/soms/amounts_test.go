package soms

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract/extracttest"
)

// Every amount that an order states and that cannot be read is empty, as is
// what is worked out of it, and a finding with its text and its column.
func TestUnreadableAmounts(t *testing.T) {
	order := func(form string) func(testing.TB, string) *extracttest.Night {
		if !strings.Contains(form, `"items"`) {
			form = `"items":[],` + form
		}
		return func(t testing.TB, amount string) *extracttest.Night {
			return decode(t.(*testing.T), "orders", list(`{"id":"a",`+fmt.Sprintf(form, amount)+`}`))
		}
	}
	orders := func(columns ...string) map[string][]string { return map[string][]string{"orders": columns} }
	for _, a := range []extracttest.Amount{
		{Field: "settle_amount", Column: "orders.settle_amount", Null: orders("settle_amount"), // not payment.amount, which is for an empty one
			Decode: order(`"settle_amount":%s,"payment":{"amount":20}`)},
		{Field: "payment.amount", Column: "orders.net_amount", Null: orders("net_amount", "settle_amount"), // of which the empty one is made
			Decode: order(`"payment":{"amount":%s}`)},
		{Field: "payment.freight", Column: "orders.freight_amount", Null: orders("freight_amount"), Decode: order(`"payment":{"freight":%s}`)},
		{Field: "orig_total", Column: "orders.gross_amount", Null: orders("gross_amount"), Decode: order(`"orig_total":%s`)},
		{Field: "settle_commission", Column: "orders.commission_amount", Null: orders("commission_amount"), // not its twin
			Decode: order(`"settle_commission":%s,"selttle_commission":3`)},
		{Field: "selttle_commission", Column: "orders.commission_amount", Null: orders("commission_amount"), Decode: order(`"selttle_commission":%s`)},
		{Field: "payment.details[1].amount", Column: "payments.amount #2", Null: orders("paid_amount"), // not the first one's 5
			Decode: order(`"payment":{"details":[{"amount":5},{"amount":%s}]}`)},
		{
			Field: "items[0].apported_discount_amount", Column: "order_items.apportioned_discount_amount #1", Null: orders("discount_amount"),
			Decode: order(`"items":[{"discount_amount":1,"apported_discount_amount":%s},{"discount_amount":2}]`),
		},
		{
			Field: "items[1].promotion.favs[0].settle_details.discount", Column: "discounts.platform_amount #2", Null: map[string][]string{"discounts": {"platform_amount"}},
			Decode: order(`"promotion":{"favs":[{"id":"p"}]},"items":[{},{"promotion":{"favs":[{"id":"q","settle_details":[{"role":"platform","discount":1},{"role":"platform","discount":%s}]}]}}]`),
		},
		{
			Field: "delivery.waybills[0].freight", Column: "deliveries.fee_amount", Null: map[string][]string{"deliveries": {"fee_amount"}},
			Decode: order(`"delivery":{"waybills":[{"waybill_id":"w","freight":%s}]}`),
		},
		{Field: "settle_freight", Column: "settlements.settle_freight_amount", Null: map[string][]string{"settlements": {"settle_freight_amount"}}, Decode: order(`"settle_freight":%s`)},
		{
			Field: "settle_info.discounts[0].amount", Column: "settlement_discounts.amount #1", Null: map[string][]string{"settlement_discounts": {"amount"}},
			Decode: order(`"settle_info":{"discounts":[{"scope":"order","amount":%s}]}`),
		},
		{Field: "invoice.details[0].tax", Column: "invoices.tax_amount #1", Null: map[string][]string{"invoices": {"tax_amount"}}, Decode: order(`"invoice":{"details":[{"tax":%s}]}`)},
	} {
		t.Run(a.Field, func(t *testing.T) { extracttest.CheckUnreadable(t, a) })
	}
}

// A sum over lines of which one is none is not known; one that is null states
// nothing. What an object with amounts in it lost is a finding of an amount.
func TestSumsOverDamagedLists(t *testing.T) {
	for _, c := range []struct {
		order, paid, discount string
		column                string // of the finding; "" for none
	}{
		{`"items":[{"discount_amount":1}],"payment":{"details":[{"amount":5},{"amount":6}]}`, "11.0000", "1.0000", ""},
		{`"items":[{"discount_amount":1}],"payment":{"details":[{"amount":5},"six"]}`, "", "1.0000", "payments.amount"},
		{`"items":[{"discount_amount":1}],"payment":{"details":[{"amount":5},null]}`, "5.0000", "1.0000", ""},
		{`"items":[{"discount_amount":1},7],"payment":{"details":[{"amount":5}]}`, "5.0000", "", "order_items.total_amount"},
		{`"items":[],"payment":"11.00"`, "", "", "orders.net_amount"},
		// Each fits, the sum does not; nor does what a third adds to nothing.
		{`"items":[],"payment":{"details":[{"amount":99999999999999},{"amount":1},{"amount":2}]}`, "", "", "orders.paid_amount"},
	} {
		n := decode(t, "orders", list(`{"id":"a",`+c.order+`}`))
		row := n.Row(t, "orders", extracttest.Row{})
		if row["paid_amount"] != c.paid || row["discount_amount"] != c.discount {
			t.Errorf("%s: paid %q, discount %q, want %q and %q", c.order, row["paid_amount"], row["discount_amount"], c.paid, c.discount)
		}
		column := ""
		for _, f := range n.Findings {
			if f.IsAmount {
				column += f.Column
			}
		}
		if column != c.column {
			t.Errorf("%s: findings %+v, want one of %q", c.order, n.Findings, c.column)
		}
	}
}

// The first time of creation that can be read counts, and each that cannot is a
// finding.
func TestCreatedAt(t *testing.T) {
	const platform, system, paid = `"2025-03-01 10:00:00"`, `"2025-03-02 10:00:00"`, `"2025-03-03 10:00:00"`
	for _, c := range []struct {
		front, created, pay string
		want, date          string // 10:00 in Shanghai is 02:00 UTC
		fields              string
	}{
		{platform, system, paid, "2025-03-01T02:00:00Z", "2025-03-01", ""},
		{"null", system, paid, "2025-03-02T02:00:00Z", "2025-03-02", ""},
		{`""`, system, paid, "2025-03-02T02:00:00Z", "2025-03-02", ""},
		{`"01.03.2025"`, system, paid, "2025-03-02T02:00:00Z", "2025-03-02", "front.created>orders.created_at "},
		{`"0000-00-00 00:00:00"`, `"soon"`, paid, "2025-03-03T02:00:00Z", "2025-03-03", "front.created>orders.created_at created>orders.created_at "},
		{"null", "null", paid, "2025-03-03T02:00:00Z", "2025-03-03", ""},
		{"null", "1741600000", "null", "", "", "created>orders.created_at "},
		{"null", "null", "null", "", "", ""},
		{"null", "null", `"later"`, "", "", "payment.pay_time>payments.paid_at "},
	} {
		n := decode(t, "orders", list(`{"id":"a","items":[],"front":{"created":`+c.front+`},"created":`+c.created+`,"payment":{"pay_time":`+c.pay+`}}`))
		row := n.Row(t, "orders", extracttest.Row{})
		fields := ""
		for _, f := range n.Findings {
			fields += f.Field + ">" + f.Column + " "
		}
		if row["created_at"] != c.want || row["booked_date"] != c.date || row["business_date"] != c.date || fields != c.fields {
			t.Errorf("%s, %s, %s: %v with findings %q, want %s and %q", c.front, c.created, c.pay, row, fields, c.want, c.fields)
		}
	}
}
