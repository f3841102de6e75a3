package akubela

import (
	"testing"

	"github.com/nightaudit/nightaudit/extract/extracttest"
)

func FuzzDecode(f *testing.F) {
	extracttest.FuzzDecode(f, extracttest.Fuzzing{
		Driver: Driver(),
		Config: "account: tower\nbase_url: https://akubela.example\nauth: {kind: bearer, token: secret}\n",
		Seeds: map[string][]string{
			"orders": {`{"success":true,"timestamp":1712736000000,"result":[{"order_id":"A","order_state":"checked_in","start_time":"2024-04-10 08:00:00","finish_time":"2024-04-11 04:00:00","end_time":"2024-04-11 05:00:00",
				"guests":[{"guest_name":"Zhang San","phone":"13800000001","email":"zhang@example.com","id_card":"110101199003070011","passport":"E12345678"},{},3]},{"order_id":"B","guests":""},null]}`},
			"detail": {`{"success":true,"result":{"order_id":"A","source":"OTA"}}`, `{"success":true,"result":{}}`},
		},
	})
}
