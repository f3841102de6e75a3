package demo

import (
	"fmt"
	"slices"
	"time"
)

// carry gives some of the shop's deliveries to the courier, most of those of
// the shop's own app, and makes the courier's orders.
func (w *World) carry(d dice) {
	var may, called []*shopOrder
	for _, o := range w.shopOrders {
		if o.waybills == nil || o.reissue != "" {
			continue
		}
		if o.carrierState == "canceled" {
			called = append(called, o)
		} else {
			may = append(may, o)
		}
	}
	shuffle(d, may)
	slices.SortStableFunc(may, func(a, b *shopOrder) int { return rank(a) - rank(b) })
	chosen := append(called[:min(12, len(called))], may...)[:w.of(couriered)]
	slices.SortStableFunc(chosen, func(a, b *shopOrder) int { return a.created.Compare(b.created) })
	for i, o := range chosen {
		c := w.newCourierOrder(d, i, o)
		o.carrier, o.waybills[0].freight = courier, c.pay
		// The courier is paid by the shop, so the platform's delivery
		// service is not.
		o.commission -= o.performance
		o.performance, o.settleFreight = 0, 0
		w.courierOrders = append(w.courierOrders, c)
	}
}

// rank puts what is on its way first, then the own app.
func rank(o *shopOrder) int {
	switch {
	case o.state == "delivering":
		return 0
	case o.platform.id == "weapp":
		return 1
	}
	return 2
}

func (w *World) newCourierOrder(d dice, i int, o *shopOrder) *courierOrder {
	c := &courierOrder{
		no: fmt.Sprintf("ON26042100%06d", 340001+i*17), shopOrder: o.id, worker: somebody(d),
		kilometres: d.between(1, 8), inRegister: true, knownToTheCourier: true,
		created: o.created.Add(minutes(d.between(4, 12))).Add(time.Duration(d.under(1000)) * time.Millisecond),
	}
	c.minutes = 6 + c.kilometres*4
	c.distance = 400 + Fen(c.kilometres)*90
	c.weight = []Fen{0, 100, 200, 300}[d.weighted([]int{60, 20, 12, 8})]
	c.carriage = c.distance + c.weight
	c.surcharge = []Fen{0, 100, 200}[d.weighted([]int{80, 14, 6})] // rush hour
	if d.chance(30) {
		c.special = 500
	}
	c.before = c.carriage + c.surcharge + c.special
	if d.chance(180) {
		c.preferential = c.before.permille(100)
	}
	c.pay = c.before - c.preferential
	if d.chance(50) {
		c.tipAtCreation = 200
	}
	c.tipTotal = c.tipAtCreation
	w.ride(d, c, o)
	return c
}

// ride makes what happened to the delivery, as far as it has come.
func (w *World) ride(d dice, c *courierOrder, o *shopOrder) {
	end := o.modified // canceled
	if o.state == "delivered" {
		end = o.finished
	}
	if o.state == "delivering" {
		end = w.now.Add(5 * time.Minute)
	}
	span := end.Sub(c.created)
	at := func(percent int) time.Time {
		return c.created.Add(span * time.Duration(percent) / 100).Truncate(time.Millisecond)
	}
	steps := []event{
		{"WAIT_TAKE", "订单创建成功,待接单", c.created},
		{"WAIT_PICKUP", "订单已被接单,待取件", at(15)},
		{"PICKING", "配送员已到店,取件中", at(40)},
		{"DISTRIBUTION", "配送员已取件,配送中", at(55)},
		{"RECEIVED", "订单已送达", end},
	}
	if d.chance(40) {
		steps = slices.Insert(steps, 2,
			event{"REASSIGN", "订单已改派", at(25)},
			event{"WAIT_PICKUP", "订单已被接单,待取件", at(30)})
	}
	if o.state == "canceled" {
		steps = append(steps[:2], event{"CANCELED", "订单已取消", end})
		if d.chance(250) {
			steps = append(steps, event{"REFUNDED", "已退款", earlier(end.Add(5*time.Minute), w.now)})
		}
	}
	for _, e := range steps {
		if e.at.After(w.now) {
			break
		}
		c.events = append(c.events, e)
		if e.status != "REASSIGN" {
			c.status = e.status
		}
	}
	// A tip is added while nobody has taken the order.
	if d.chance(120) {
		for k := range d.between(1, 2) {
			t := tip{fmt.Sprintf("T%s%d", c.no[2:], k+1), []Fen{100, 200, 300}[d.under(3)], at(3 + 4*k)}
			if t.at.After(w.now) {
				break
			}
			c.tips = append(c.tips, t)
			c.tipTotal += t.amount
		}
	}
	c.tipCount = len(c.tips)
}
