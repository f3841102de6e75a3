package tuya

import (
	"testing"

	"github.com/nightaudit/nightaudit/extract/extracttest"
)

func FuzzDecode(f *testing.F) {
	extracttest.FuzzDecode(f, extracttest.Fuzzing{
		Driver: Driver(),
		Config: "account: hotel-a\nbase_url: https://tuya.example\nproject_id: \"7\"\nauth: {kind: tuya, client_id: id, client_secret: secret}\n",
		Seeds: map[string][]string{
			// What the document's examples lack: guests, the buyer's invoice,
			// amounts in a currency without minor units.
			"detail": {`{"success":true,"result":{"order_id":"O1","project_id":"8","order_biz_type":"SERVICE","second_order_biz_type":"FOOD_SERVICE","order_status":"finished","order_amount":"1200","currency":"JPY",
				"finish_order_time":"1712736000000","customer_list":[{"customer_name":"Zhang San","customer_contact":"+8613800000001"},{"customer_name":"Li","customer_contact":"li@example.com"},"x"],
				"invoice":{"invoice_type":1,"title":"Some Company Limited"},"commodity_list":[{"id":1,"commodity_name":"茶","unit_price":0.000001,"quantity":"2","order_amount":24.5},7]}}`},
			"orders": {`{"success":true,"result":{"total":"2","data":[{"order_id":"O1","order_biz_type":"MATERIAL","create_order_time":1712736000000,"commodity_list":"[]"},null]}}`},
		},
	})
}
