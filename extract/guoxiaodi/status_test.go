package guoxiaodi_test

import (
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/guoxiaodi"
)

// The words of docs/sources/guoxiaodi.md, Fields, and their meaning by docs/mapping.md: of the
// order, of its delivery and of an event. REASSIGN is an event and no state.
func TestDocumentedWords(t *testing.T) {
	a := extracttest.Open(t, guoxiaodi.Driver(), fuzzedAccount+"register: [r.csv]\n", extract.Env{})
	words := map[string]string{
		"WAIT_PAY": "pending", "WAIT_TAKE": "confirmed", "REASSIGN": "", "WAIT_PICKUP": "in_progress", "PICKING": "in_progress",
		"DISTRIBUTION": "in_progress", "RECEIVED": "completed", "CANCELED": "canceled", "REFUNDED": "refunded",
	}
	const status = `{"code":0,"ok":true,"data":{"orderNo":"1","expressStatus":%s}}`
	for _, table := range []string{"orders", "deliveries"} {
		extracttest.CheckVocabulary(t, a, extracttest.Vocabulary{
			Field: "expressStatus", Stream: "status", Answer: status, Table: table, Column: "status", Kept: "source_status", Words: words, Unknown: "LOST",
		})
	}
	extracttest.CheckVocabulary(t, a, extracttest.Vocabulary{
		Field: "feed[0].expressStatus", Stream: "feed", Answer: `{"code":0,"data":{"orderNo":"1","feed":[{"expressStatus":%s,"happenTime":1607929171334}]}}`,
		Table: "delivery_events", Column: "status", Kept: "source_status", Words: words, Unknown: "LOST",
	})
	// Only a refund is told; that nothing was refunded never is.
	refunds := map[string]string{}
	for word := range words {
		refunds[word] = ""
	}
	refunds["REFUNDED"] = "refunded"
	extracttest.CheckVocabulary(t, a, extracttest.Vocabulary{
		Field: "expressStatus", Stream: "status", Answer: status, Table: "orders", Column: "refund_status", Words: refunds,
	})
}
