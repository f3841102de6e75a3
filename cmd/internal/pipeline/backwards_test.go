package pipeline_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	guoxiaodi "github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	starhotel "github.com/nightaudit/nightaudit/extract/starhotel/sim"
)

// changed is an order of each vendor that states when it was changed last, as of a
// day of April.
func (h *hamlet) changed(day int, total, shop string, room int) {
	at, made, amount := moment(day, 1), moment(6, 1), json.Number(total)
	h.soms.Put(soms.Order{
		ID: "B1", Created: soms.LocalTime(made), Modified: soms.LocalTime(at), State: shop,
		Front:   &soms.Front{OrderID: "FB1", Created: soms.LocalTime(made)},
		Payment: &soms.Payment{State: "paid", Amount: amount, Details: []soms.PaymentDetail{{Code: "wx", Amount: amount}}},
		Items:   []soms.Item{{ItemID: "1", SKUID: "A", ItemTitle: "tea", Quantity: "1", UnitPrice: amount, Total: amount, PayAmount: amount}},
		// As in the hamlet, what is due is not split up.
		RealTotal: amount, OrigTotal: amount, SKUQuantity: "1",
	})
	h.starhotel.Put(starhotel.Order{
		OrderID: 77, OrderNo: "B1", Name: "Li", TotalAmount: total, TotalPayedAmount: total, CreatorID: "1", OrderStatus: room,
		ServiceDate: made.Unix(), CreatedAt: starhotel.ISOTime(made), UpdatedAt: starhotel.ISOTime(at),
		Accoms: []starhotel.Accom{{
			AccomID: 77, RoomID: 1, RoomName: "801", CheckinStartTime: made.Unix(), CheckinEndTime: made.Unix() + 80000,
			TotalAmount: total, Amount: total, AccomStatus: 80, CheckoutStatus: 20, CreatedDate: made.Unix(),
		}},
	})
}

// A vendor goes back from 400.00, completed, to 111.00, nine days older. The later
// version stays, with its lines and payments, and there is a break that stays,
// too, once the vendor is back; what it says again a night later is taken. Sources
// that state no time of the last change load what they say last, as do lists that
// state none (starhotel's stays). A courier whose
// events come in another order went nowhere.
func TestVendorGoesBackwards(t *testing.T) {
	slowTest(t) // load and load/recon say it of one order each
	h := startHamlet(t)
	h.now = h.now.AddDate(0, 0, 10) // the 20th
	h.changed(19, "400.00", "delivered", 180)
	h.service(9, 1, "finished")
	feed := []guoxiaodi.Event{{ExpressStatus: "WAIT_TAKE", HappenTime: moment(9, 0).UnixMilli()}, {ExpressStatus: "RECEIVED", HappenTime: moment(9, 1).UnixMilli()}}
	h.guoxiaodi.Put(guoxiaodi.Order{AccountNo: "1", OrderNo: "ON0902", SourceOrderNo: "X0902", ExpressStatus: "RECEIVED", Feed: feed})
	night := func() string {
		t.Helper()
		result, err := pipeline.Run(t.Context(), h.cfg, pipeline.Options{Now: h.clock, Version: "test", NoReport: true, Full: true})
		if err != nil {
			t.Fatal(err)
		}
		wantStates(t, result, nil)
		h.now = h.now.Add(24 * time.Hour)
		return result.Database
	}
	stands := func(what, database, total, shop, hotel string) {
		t.Helper()
		db := open(t, database)
		equal(t, what+": orders", lines(t, db, "SELECT source, status, net_amount FROM orders WHERE order_id IN ('B1', '77')"),
			[]string{"soms | " + shop + " | " + total, "starhotel | " + hotel + " | " + total})
		equal(t, what+": rows", lines(t, db, `SELECT amount FROM (
				SELECT total_amount AS amount FROM order_items WHERE order_id = 'B1' UNION ALL SELECT amount FROM payments WHERE order_id = 'B1')`), []string{total, total})
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	breaks := func(what, database string, want ...string) {
		t.Helper()
		db := open(t, database)
		equal(t, what+": breaks", lines(t, db, `SELECT source, severity, expected, actual, status, facts->>'older_at', facts->>'later_at', facts->>'older_status', facts->>'later_status'
			FROM recon.breaks WHERE rule = 'older_version'`), want)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	database := night()
	stands("first", database, "400.0000", "completed", "completed")
	breaks("first", database)

	h.changed(10, "111.00", "confirmed", 110)
	h.service(9, 1, "created")
	h.guoxiaodi.Put(guoxiaodi.Order{AccountNo: "1", OrderNo: "ON0902", SourceOrderNo: "X0902", ExpressStatus: "RECEIVED", Feed: []guoxiaodi.Event{feed[1], feed[0]}})
	database = night()
	stands("backwards", database, "400.0000", "completed", "completed")
	found := []string{
		"soms | error | 400.0000 | 111.0000 | open | 2026-04-10 10:00:00 | 2026-04-19 10:00:00 | confirmed | completed",
		"starhotel | error | 400.0000 | 111.0000 | open | 2026-04-10 10:00:00 | 2026-04-19 10:00:00 | confirmed | completed",
	}
	breaks("backwards", database, found...)
	db := open(t, database)
	equal(t, "stays", lines(t, db, "SELECT total_amount FROM stays WHERE order_id = '77'"), []string{"111.0000"})
	equal(t, "of no time of change", lines(t, db, "SELECT status FROM orders WHERE source = 'tuya' AND order_id = ?", orderID(9, 1)), []string{"pending"})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	database = night()
	stands("said again", database, "111.0000", "confirmed", "confirmed")
	breaks("said again", database, found...)
	h.changed(21, "400.00", "delivered", 180)
	database = night()
	stands("back again", database, "400.0000", "completed", "completed")
	breaks("back again", database, found...)

	before := wholeDump(t, database)
	if _, err := pipeline.Replay(t.Context(), h.cfg, pipeline.Options{Now: h.clock}); err != nil {
		t.Fatal(err)
	}
	for table, rows := range wholeDump(t, database) {
		equal(t, "replayed "+table, rows, before[table])
	}
}
