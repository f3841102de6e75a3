package tuya

import (
	"net/http"
	"testing"

	"github.com/nightaudit/nightaudit/extract/extracttest"
)

// The words of docs/sources/tuya.md, Fields, and their meaning by docs/mapping.md.
func TestDocumentedWords(t *testing.T) {
	a := start(t, http.NotFoundHandler(), "")
	order := func(more string) string {
		return `{"success":true,"result":{"total":1,"data":[{"order_id":"1",` + more + `}]}}`
	}
	for _, v := range []extracttest.Vocabulary{
		{
			Field: "order_status", Answer: order(`"order_biz_type":"MATERIAL","order_status":%s`), Column: "status", Kept: "source_status",
			Words:   map[string]string{"created": "pending", "producing": "in_progress", "finished": "completed", "canceled": "canceled"},
			Unknown: "refunding",
		},
		{
			Field: "order_biz_type", Answer: order(`"order_biz_type":%s`), Column: "kind",
			Words: map[string]string{"MATERIAL": "commodity", "SERVICE": "service_request"}, Unknown: "RENTAL",
		},
		{
			// A service that is not food is a request, whatever it is.
			Field: "second_order_biz_type", Answer: order(`"order_biz_type":"SERVICE","second_order_biz_type":%s`), Column: "kind", Kept: "service_type",
			Words: map[string]string{
				"ROOM_CLEAN": "service_request", "ROOM_SUPPLEMENT": "service_request", "ROOM_MAINTENANCE_SERVICE": "service_request",
				"FOOD_SERVICE": "room_service", "LANDRY_SERVICE": "service_request", "RENEW": "service_request", "CHECK_OUT": "service_request",
				"CHANGE_ROOM": "service_request", "CHECK_IN": "service_request", "INVOICE": "service_request", "WAKE_UP_CALL": "service_request",
			},
		},
		{ // no table of docs/mapping.md translates it
			Field: "order_source", Answer: order(`"order_biz_type":"MATERIAL","order_source":%s`), Column: "channel",
			Words: map[string]string{"SMART_SPEAKER": "SMART_SPEAKER", "APPLET_WX": "APPLET_WX", "APPLET_ALIPAY": "APPLET_ALIPAY", "APPLET_H5": "APPLET_H5"},
		},
	} {
		v.Stream, v.Table = streamOrders, "orders"
		extracttest.CheckVocabulary(t, a, v)
	}
}
