package starhotel_test

import (
	"testing"

	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/starhotel"
	"github.com/nightaudit/nightaudit/transform"
)

func FuzzDecode(f *testing.F) {
	extracttest.FuzzDecode(f, extracttest.Fuzzing{
		Driver:   starhotel.Driver(),
		Config:   "account: inn\nbase_url: https://pms.example\npms_id: 2\nauth: {kind: bearer, token: secret}\n",
		Reckoned: map[string][]string{transform.TableStays: {"consumption_amount"}},
		Seeds: map[string][]string{
			"orders": {`{"error_code":0,"data":{"total":3,"list":[{"order_id":7,"order_status":180,"total_amount":"3700.00","total_payed_amount":3700,"created_at":"2025-03-11T07:05:42.000000Z","service_date":1741659037,"name":"Zhang San","phone":"13800000001"},{"order_id":"7"},[]]}}`},
			"accoms": {
				`{"error_code":0,"data":{"total":1,"list":[{"order_id":7,"accoms":[{"accom_id":26,"accom_status":110,"checkout_status":20,"total_amount":3600,"amount":"100.00"},{"accom_id":null},"x"]}]}}`,
				`{"error_code":0,"data":[]}`,
			},
		},
	})
}
