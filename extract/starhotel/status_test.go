package starhotel_test

import (
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/starhotel"
)

// The codes of docs/sources/starhotel.md, Fields, and their meaning by docs/mapping.md. 110 is
// booked for an order, closed for an accommodation.
func TestDocumentedCodes(t *testing.T) {
	a := extracttest.Open(t, starhotel.Driver(), "account: inn\nbase_url: https://pms.example\npms_id: 2\nauth: {kind: bearer, token: secret}\n", extract.Env{})
	order := func(more string) string {
		return `{"error_code":0,"data":{"total":1,"list":[{"order_id":1,` + more + `}]}}`
	}
	for _, v := range []extracttest.Vocabulary{
		{
			Field: "order_status", Stream: "orders", Answer: order(`"order_status":%s`), Table: "orders", Column: "status", Kept: "source_status",
			Words: map[string]string{
				"110": "confirmed", "120": "canceled", "130": "pending", "140": "closed", "170": "in_progress", "180": "completed",
			},
			Unknown: "40",
		},
		{
			Field: "accoms[0].accom_status", Stream: "accoms", Answer: order(`"accoms":[{"accom_id":1,"accom_status":%s}]`), Table: "stays", Column: "status", Kept: "source_status",
			Words: map[string]string{
				"40": "confirmed", "50": "canceled", "70": "in_progress", "80": "completed", "90": "pending", "100": "canceled", "110": "closed",
			},
			Unknown: "180",
		},
		{
			Field: "accoms[0].checkout_status", Stream: "accoms", Answer: order(`"accoms":[{"accom_id":1,"checkout_status":%s}]`), Table: "stays", Column: "settled",
			Words: map[string]string{"10": "false", "20": "true"}, Unknown: "110",
		},
	} {
		v.Numbers = true
		extracttest.CheckVocabulary(t, a, v)
	}
}
