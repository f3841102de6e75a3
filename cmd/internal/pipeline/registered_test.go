package pipeline_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
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

// A file that a spreadsheet damaged and a call that the listener refused cost
// what is in them, are named, and are named no longer once the file is whole.
// Everything else arrives.
func TestRegisterThatPeopleTouched(t *testing.T) {
	p := startPushing(t, courier.Created{OrderNo: "Y1", SourceOrderNo: "XY1", PayFee: "900"})
	p.vendor.Put(courier.Order{AccountNo: "GXD", OrderNo: "Y1", SourceOrderNo: "XY1", ExpressStatus: "WAIT_TAKE"},
		courier.Order{AccountNo: "GXD", OrderNo: "692026001234567", SourceOrderNo: "X2", ExpressStatus: "WAIT_TAKE"})
	touched := filepath.Join(filepath.Dir(p.file), "touched.jsonl")
	write := func(number string) {
		t.Helper()
		if err := os.WriteFile(touched, []byte(`{"OrderNo":`+number+`,"PayFee":"500"}`+"\r"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("6.92026e+14")
	p.now = p.now.Add(-time.Minute) // before the night's bound
	answer, err := http.Post(p.pusher.URL, "text/xml", strings.NewReader("<xml>张三</xml>"))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	p.now = p.now.Add(time.Minute)

	const (
		orders     = "SELECT order_id, status, net_amount, link_ref FROM orders ORDER BY order_id DESC"
		exceptions = "SELECT kind, reason, raw FROM audit.exceptions ORDER BY kind"
		call       = "finding | courier/refused/2025-06-29-000001.jsonl:1: a call of the courier was refused (400, the body is not one JSON object in UTF-8) and is not loaded: read it there, mend it and post it to the listener again | –"
	)
	db := open(t, p.night(t, 3)) // for a row was refused
	equal(t, "orders", lines(t, db, orders), []string{"Y1 | confirmed | 9.0000 | XY1"})
	equal(t, "exceptions", lines(t, db, exceptions), []string{
		call,
		"reject | touched.jsonl:1: a spreadsheet has damaged the number, of which it keeps 15 digits: take the file from the ordering system anew, or make the column text before the file is opened and saved | 6.92026e+14",
	})
	db.Close()

	write(`"692026001234567"`)
	db = open(t, p.night(t, 0))
	equal(t, "orders of the whole file", lines(t, db, orders), []string{"Y1 | confirmed | 9.0000 | XY1", "692026001234567 | confirmed | 5.0000 | X2"})
	equal(t, "exceptions of it", lines(t, db, exceptions), []string{call})
	equal(t, "calls named", lines(t, db, "SELECT count(*) FROM audit.findings WHERE field = 'call'"), []string{"1"})
	db.Close()
}
