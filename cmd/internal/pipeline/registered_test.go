package pipeline_test

import (
	"fmt"
	"testing"
	"time"

	courier "github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
)

// An order of the register that the courier does not know costs what the
// register says, and is a finding and a break until the courier answers for it.
func TestRegisteredStranger(t *testing.T) {
	created := courier.Created{
		OrderNo: "Y9", SourceOrderNo: "X9", CarriageFee: "900", DistanceFee: "900", WeightFee: "0", PayFee: "900", BeforePreferentialFee: "900", PreferentialAmount: "0",
		TimeCreateOrder: fmt.Sprint(time.Date(2025, 6, 29, 12, 0, 0, 0, time.FixedZone("UTC+8", 8*3600)).UnixMilli()),
	}
	p := startPushing(t, created)
	const (
		orders     = "SELECT order_id, kind, flow, status, net_amount, link_ref, business_date FROM orders"
		exceptions = "SELECT order_id, reason, raw FROM audit.exceptions"
		breaks     = "SELECT order_id, actual, status FROM recon.breaks WHERE rule = 'courier_missing'"
		deliveries = "SELECT delivery_id, fee_amount, link_ref FROM deliveries"
	)
	db := open(t, p.night(t, 0))
	equal(t, "orders", lines(t, db, orders), []string{"Y9 | delivery | cost | – | 9.0000 | X9 | 2025-06-29"})
	equal(t, "deliveries", lines(t, db, deliveries), []string{"Y9 | 9.0000 | X9"})
	equal(t, "exceptions", lines(t, db, exceptions), []string{"Y9 | the courier does not know this number | X9"})
	equal(t, "breaks", lines(t, db, breaks), []string{"Y9 | 9.0000 | open"})
	db.Close()

	p.vendor.Put(courier.Order{AccountNo: "GXD", OrderNo: "Y9", SourceOrderNo: "X9", ExpressStatus: "WAIT_TAKE"})
	db = open(t, p.night(t, 0))
	equal(t, "orders that the courier knows", lines(t, db, orders), []string{"Y9 | delivery | cost | confirmed | 9.0000 | X9 | 2025-06-29"})
	equal(t, "exceptions of them", lines(t, db, exceptions), nil)
	equal(t, "breaks of them", lines(t, db, breaks), []string{"Y9 | 9.0000 | resolved"})
	db.Close()
}
