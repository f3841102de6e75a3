package demo

import (
	"time"
)

// Expect is what a complete night over the world must come to, by the
// vendors' documents: counted and added up in fen, apart from the pipeline.
type Expect struct {
	// Orders is the number of orders by source.
	Orders map[string]int
	// ByStatus is the number of orders by source and canonical status.
	ByStatus map[string]map[string]int
	// Sums holds Σ of each amount column of main.orders, by source and
	// column. A column that a source leaves null throughout is missing.
	Sums map[string]map[string]Fen
	// Tables holds the rows of every fact table, orders included, and Σ of
	// its amount columns, by table and source.
	Tables map[string]map[string]Figures
	// Days holds orders and Σ net_amount by source and business date
	// (yyyy-MM-dd). The hotel's day starts at 06:00.
	Days map[string]map[string]Figures
	// Unknown are the numbers, of shop orders, that the courier does not
	// know: each is a finding of guoxiaodi, and the only findings there are.
	Unknown []string
	// Breaks are the mismatches that the rules must find, and all of them.
	Breaks []Planted
}

// Figures are a number of rows and Σ of their amounts by column.
type Figures struct {
	Rows int
	Sums map[string]Fen
}

// amounts are the amounts of one row by column; a missing one is null.
type amounts map[string]Fen

// The sources' names in the database.
const (
	srcTuya      = "tuya"
	srcAkubela   = "akubela"
	srcSoms      = "soms"
	srcStarhotel = "starhotel"
	srcGuoxiaodi = "guoxiaodi"
)

// HotelDayStart is when the hotel's business day starts.
const HotelDayStart = 6 * time.Hour

// Expect reckons what the night must come to.
func (w *World) Expect() Expect {
	e := Expect{
		Orders: map[string]int{}, ByStatus: map[string]map[string]int{}, Sums: map[string]map[string]Fen{},
		Tables: map[string]map[string]Figures{}, Days: map[string]map[string]Figures{},
	}
	w.expectSpeakers(&e)
	w.expectLocks(&e)
	w.expectReception(&e)
	w.expectShop(&e)
	w.expectCourier(&e)
	e.Breaks = w.Planted
	return e
}

func addFigures(m map[string]map[string]Figures, outer, inner string, row amounts) {
	if m[outer] == nil {
		m[outer] = map[string]Figures{}
	}
	f := m[outer][inner]
	if f.Sums == nil {
		f.Sums = map[string]Fen{}
	}
	f.Rows++
	for column, v := range row {
		f.Sums[column] += v
	}
	m[outer][inner] = f
}

// row counts a row of a table.
func (e *Expect) row(table, source string, a amounts) { addFigures(e.Tables, table, source, a) }

// order counts an order that stands on the business day of at.
func (e *Expect) order(w *World, source, status string, at time.Time, dayStart time.Duration, a amounts) {
	e.Orders[source]++
	if e.ByStatus[source] == nil {
		e.ByStatus[source], e.Sums[source] = map[string]int{}, map[string]Fen{}
	}
	e.ByStatus[source][status]++
	for column, v := range a {
		e.Sums[source][column] += v
	}
	e.row("orders", source, a)
	// China keeps one time all year round: the wall clock can be moved back
	// by moving the instant.
	day := at.In(w.zone).Add(-dayStart).Format(time.DateOnly)
	sum := amounts{}
	if v, ok := a["net_amount"]; ok {
		sum["net_amount"] = v
	}
	addFigures(e.Days, source, day, sum)
}

func (w *World) expectSpeakers(e *Expect) {
	status := map[string]string{"created": "pending", "producing": "in_progress", "finished": "completed", "canceled": "canceled"}
	for _, o := range w.serviceOrders {
		e.order(w, srcTuya, status[o.status], o.created, HotelDayStart, amounts{"gross_amount": o.amount, "net_amount": o.amount})
		for _, l := range o.lines {
			e.row("order_items", srcTuya, amounts{"total_amount": l.amount})
		}
		e.row("guests", srcTuya, nil)
		if o.invoice {
			e.row("invoices", srcTuya, nil)
		}
	}
}

func (w *World) expectLocks(e *Expect) {
	status := map[string]string{"check_in": "confirmed", "checked_in": "in_progress", "checked_out": "completed"}
	for _, s := range w.accessStays {
		e.order(w, srcAkubela, status[s.state], s.start, HotelDayStart, nil)
		e.row("stays", srcAkubela, nil)
		for range s.guests {
			e.row("guests", srcAkubela, nil)
		}
	}
}

func (w *World) expectReception(e *Expect) {
	status := map[int]string{
		orderBooked: "confirmed", orderCanceled: "canceled", orderToConfirm: "pending",
		orderClosed: "closed", orderInProgress: "in_progress", orderCompleted: "completed",
	}
	for _, b := range w.bookings {
		first := b.accoms[0].arrival
		for _, a := range b.accoms {
			first = earlier(first, a.arrival)
			e.row("stays", srcStarhotel, amounts{
				"room_amount": a.price, "consumption_amount": a.total - a.price, "total_amount": a.total,
			})
		}
		e.order(w, srcStarhotel, status[b.status], first, HotelDayStart, amounts{
			"gross_amount": b.total, "net_amount": b.total, "paid_amount": b.paid,
		})
		e.row("guests", srcStarhotel, nil)
	}
}

func (w *World) expectShop(e *Expect) {
	status := map[string]string{
		"confirmed": "confirmed", "prepared": "confirmed", "approved": "confirmed",
		"delivering": "in_progress", "delivered": "completed", "canceled": "canceled",
	}
	for _, o := range w.shopOrders {
		row := amounts{
			"gross_amount": o.gross, "goods_amount": o.goods, "freight_amount": o.freight,
			"packaging_amount": o.packaging, "other_amount": o.other, "net_amount": o.amount,
			"settle_amount": o.amount, "commission_amount": o.commission, "discount_amount": 0,
		}
		if o.settleGiven {
			row["settle_amount"] = o.settle
		}
		for _, l := range o.lines {
			row["discount_amount"] += l.discount + l.apport
			e.row("order_items", srcSoms, amounts{
				"total_amount": l.total, "discount_amount": l.discount, "apportioned_discount_amount": l.apport,
				"pay_amount": l.pay, "settle_amount": l.settle, "platform_discount_amount": l.platform, "shop_amount": l.shop,
			})
			for _, f := range l.favs {
				e.row("discounts", srcSoms, f.amounts())
			}
		}
		for _, p := range o.payments {
			row["paid_amount"] += p.amount
			e.row("payments", srcSoms, amounts{"amount": p.amount, "discount_amount": p.discount})
		}
		for _, f := range o.favs {
			e.row("discounts", srcSoms, f.amounts())
			e.row("settlement_discounts", srcSoms, amounts{"amount": f.amount})
		}
		for _, b := range o.waybills {
			e.row("deliveries", srcSoms, amounts{"fee_amount": b.freight})
		}
		if o.invoice > 0 {
			e.row("invoices", srcSoms, amounts{"amount": o.invoice, "tax_amount": o.invoiceTax()})
		}
		e.row("settlements", srcSoms, amounts{
			"settle_freight_amount": o.settleFreight, "performance_fee_amount": o.performance, "shop_amount": o.shopAmount,
			"freight_discount_amount": 0, "packaging_discount_amount": 0, "address_change_amount": 0,
			"cod_amount": o.cod, "earnest_amount": o.earnest,
		})
		e.order(w, srcSoms, status[o.state], o.created, 0, row)
	}
	for range w.reminders {
		e.row("reminders", srcSoms, nil)
	}
}

// amounts leaves out who bears nothing, as the vendor does.
func (f fav) amounts() amounts {
	a := amounts{"amount": f.amount}
	for column, v := range map[string]Fen{"merchant_amount": f.shop, "platform_amount": f.platform, "agent_amount": f.agent} {
		if v != 0 {
			a[column] = v
		}
	}
	return a
}

func (w *World) expectCourier(e *Expect) {
	status := map[string]string{
		"WAIT_TAKE": "confirmed", "WAIT_PICKUP": "in_progress", "PICKING": "in_progress", "DISTRIBUTION": "in_progress",
		"RECEIVED": "completed", "CANCELED": "canceled", "REFUNDED": "refunded",
	}
	for _, c := range w.courierOrders {
		if !c.knownToTheCourier {
			e.Unknown = append(e.Unknown, c.shopOrder)
			continue
		}
		row := amounts{
			"gross_amount": c.before, "discount_amount": c.preferential, "freight_amount": c.carriage,
			"net_amount": c.pay, "tip_amount": c.tipTotal,
		}
		if c.status != "CANCELED" { // whether a canceled one was paid, no query tells
			row["paid_amount"] = c.pay
		}
		e.order(w, srcGuoxiaodi, status[c.status], c.created, 0, row)
		e.row("deliveries", srcGuoxiaodi, amounts{
			"fee_amount": c.pay, "distance_amount": c.distance, "weight_amount": c.weight,
			"surcharge_amount": c.surcharge, "special_amount": c.special,
			"tip_amount": c.tipTotal, "creation_tip_amount": c.tipAtCreation,
		})
		for range c.events {
			e.row("delivery_events", srcGuoxiaodi, nil)
		}
		for _, t := range c.tips {
			e.row("delivery_tips", srcGuoxiaodi, amounts{"amount": t.amount})
		}
	}
}

// Money is the amount as SQL prints a DECIMAL(18,4): "10.0000".
func (f Fen) Money() string { return f.String() + "00" }
