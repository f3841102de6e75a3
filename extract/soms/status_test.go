package soms

import (
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
)

// The words of docs/sources/soms.md, Enums, and their meaning by docs/mapping.md.
func TestDocumentedWords(t *testing.T) {
	a := extracttest.Open(t, Driver(), accountYAML("https://soms.example"), extract.Env{})
	order := func(more string) string { return list(`{"id":"1","items":[],` + more + `}`) }
	for _, v := range []extracttest.Vocabulary{
		{
			Field: "state", Answer: order(`"state":%s`), Table: "orders", Column: "status", Kept: "source_status",
			Words: map[string]string{
				"confirmed": "confirmed", "prepared": "confirmed", "approved": "confirmed",
				"delivering": "in_progress", "delivered": "completed", "canceled": "canceled",
			},
			Unknown: "returned",
		},
		{
			Field: "payment.state", Answer: order(`"payment":{"state":%s}`), Table: "orders", Column: "payment_status",
			Words: map[string]string{"notPay": "unpaid", "earnest": "partial", "paid": "paid"}, Unknown: "credit",
		},
		{
			Field: "delivery.carrier.state", Answer: order(`"delivery":{"carrier":{"state":%s}}`), Table: "deliveries", Column: "status", Kept: "source_status",
			Words: map[string]string{
				"initial": "pending", "created": "pending", "createdFailed": "pending", "dispatched": "confirmed", "arrived": "confirmed",
				"pickup": "in_progress", "pickupFailed": "in_progress", "delivering": "in_progress", "delivered": "completed", "canceled": "canceled",
			},
			Unknown: "lost",
		},
	} {
		v.Stream = streamOrders
		extracttest.CheckVocabulary(t, a, v)
	}
	// Words that no table of docs/mapping.md translates stay the vendor's own.
	for member, column := range map[string]string{
		`"payment":{"type":%s}`: "payment_type", `"delivery":{"state":%s}`: "delivery_state", `"delivery":{"type":%s}`: "delivery_type",
		`"front":{"order_type":{"id":%s}}`: "order_type",
	} {
		words := map[string]string{}
		for _, word := range map[string][]string{
			"payment_type": {"cod", "online", "earnest"}, "delivery_state": {"none", "shipped", "signed", "refused", "redeliver"},
			"delivery_type": {"selftake", "deliver"},
			"order_type":    {"ECOM", "ShareGroup", "POINTS_REDEEM", "ENLIST_REDEEM", "PRESALE", "COMPENSATION", "RELAY"},
		}[column] {
			words[word] = word
		}
		extracttest.CheckVocabulary(t, a, extracttest.Vocabulary{
			Field: column, Stream: streamOrders, Answer: order(member), Table: "settlements", Column: column, Words: words,
		})
	}
	// Who bears a discount decides in which column it stands.
	for role, column := range map[string]string{"shop": "merchant_amount", "platform": "platform_amount", "agent": "agent_amount"} {
		extracttest.CheckVocabulary(t, a, extracttest.Vocabulary{
			Field: "promotion.favs[0].settle_details.role", Stream: streamOrders,
			Answer: order(`"promotion":{"favs":[{"settle_details":[{"role":%s,"discount":2}]}]}`), Table: "discounts", Column: column,
			Words: map[string]string{role: "2.0000"}, Unknown: "bank",
		})
	}
}
