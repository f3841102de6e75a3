package demo

import (
	"fmt"
	"slices"
	"time"
)

// serve makes the orders that guests place in their rooms, by day within
// their stays, and adds what was served to the stay.
func (w *World) serve(d dice) {
	type night struct {
		stay *accom
		day  int // 0: that of the arrival
	}
	var nights []night
	stays := w.stayed()
	for _, a := range stays {
		days := int(a.departure.Sub(a.arrival)/(24*time.Hour)) + 1
		for n := range days + 1 {
			nights = append(nights, night{a, n})
		}
	}
	type placed struct {
		stay *accom
		at   time.Time
	}
	var orders []placed
	// The last dozen are of the last hour and three quarters, so that some
	// are still open.
	for tries := 0; len(orders) < 12 && tries < 1000; tries++ {
		a := one(d, stays)
		at := w.now.Add(-minutes(d.between(3, 105)))
		if a.status == accomCheckedIn && at.After(a.arrival.Add(5*time.Minute)) {
			orders = append(orders, placed{a, at})
		}
	}
	for len(orders) < w.of(serviceOrders) {
		n := one(d, nights)
		hour := []int{0, 1, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}[d.weighted([]int{2, 1, 5, 8, 7, 3, 4, 9, 7, 3, 3, 4, 5, 8, 10, 9, 8, 6, 3})]
		midnight := w.at(int(n.stay.arrival.Sub(w.at(0, 0))/(24*time.Hour))+n.day, 0)
		at := midnight.Add(minutes(hour*60 + d.under(60))).Add(time.Duration(d.under(60)) * time.Second)
		// A guest orders after arriving, and early enough to be served
		// before leaving.
		if at.Before(n.stay.arrival.Add(10*time.Minute)) || at.After(n.stay.departure.Add(-70*time.Minute)) || at.After(w.now.Add(-105*time.Minute)) {
			continue
		}
		orders = append(orders, placed{n.stay, at})
	}
	slices.SortStableFunc(orders, func(a, b placed) int { return a.at.Compare(b.at) })
	for i, o := range orders {
		w.serviceOrders = append(w.serviceOrders, w.newServiceOrder(d, i, o.stay, o.at))
	}
}

func (w *World) newServiceOrder(d dice, i int, stay *accom, at time.Time) *serviceOrder {
	o := &serviceOrder{
		id: fmt.Sprintf("ORDER20260421%06d", i+1), group: fmt.Sprintf("GROUP20260421%06d", stay.id),
		room: stay.room, guest: stay.booking.guest, checkin: 1, created: at, biz: "SERVICE",
		source:   []string{"SMART_SPEAKER", "APPLET_WX", "APPLET_ALIPAY", "APPLET_H5"}[d.weighted([]int{5, 3, 1, 1})],
		delivery: []string{"robot", "manualDelivery"}[d.under(2)],
	}
	if stay.status == accomCheckedOut {
		o.checkin = 2
	}
	switch d.weighted([]int{52, 20, 28}) {
	case 0:
		o.second = "FOOD_SERVICE"
		o.choose(d, dishes, d.between(1, 4))
	case 1:
		o.biz = "MATERIAL"
		o.choose(d, roomGoods, d.between(1, 3))
	default:
		o.second = []string{"ROOM_SUPPLEMENT", "ROOM_CLEAN", "ROOM_MAINTENANCE_SERVICE", "CHANGE_ROOM", "INVOICE"}[d.weighted([]int{55, 28, 8, 3, 6})]
		if o.second == "ROOM_SUPPLEMENT" {
			o.choose(d, []dish{{one(d, freeSupplies), 0}}, 1)
		} else {
			o.quantity, o.delivery = 1, "manualDelivery"
		}
	}
	age := w.now.Sub(at)
	late := d.between(8, 50)
	switch {
	case age < 40*time.Minute:
		o.status = "created"
	case age < 90*time.Minute:
		o.status = "producing"
	case d.chance(60):
		o.status, o.canceled = "canceled", at.Add(minutes(d.between(1, 12)))
		o.reason = one(d, []string{"客人取消", "菜品售罄", "点错了", "等待时间过长"})
	default:
		o.status, o.finished = "finished", at.Add(minutes(late))
		stay.served += o.amount
	}
	o.invoice = o.second == "INVOICE" && o.status == "finished"
	return o
}

// choose puts n different things of the menu on the order.
func (o *serviceOrder) choose(d dice, menu []dish, n int) {
	menu = slices.Clone(menu)
	shuffle(d, menu)
	for k, m := range menu[:min(n, len(menu))] {
		l := serviceLine{id: fmt.Sprintf("%s%d", o.id[len("ORDER20260421"):], k+1), name: m.name, price: m.price}
		l.quantity = []int{1, 2, 3}[d.weighted([]int{7, 2, 1})]
		l.amount = m.price * Fen(l.quantity)
		o.lines = append(o.lines, l)
		o.quantity += l.quantity
		o.amount += l.amount
	}
}
