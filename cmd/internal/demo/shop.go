package demo

import (
	"fmt"
	"slices"
	"time"
)

// Splits and reissues are orders that share another's number on the
// platform and are none the less no duplicates.
const (
	splits   = 4
	reissues = 6
	presales = 4
)

// sell makes the shop's orders, oldest first.
func (w *World) sell(d dice) {
	goods := products()
	var times []time.Time
	for k := range 9 { // the last hour: some are still open
		times = append(times, w.now.Add(-minutes(4+k*8)-time.Duration(d.under(60))*time.Second))
	}
	for len(times) < w.of(shopOrders-splits-reissues) {
		day := d.under(Days)
		if !weekend(day) && d.chance(150) {
			continue // weekdays are quieter
		}
		hour := []int{7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22}[d.weighted([]int{2, 4, 5, 7, 11, 9, 5, 4, 4, 6, 10, 12, 9, 7, 5, 3})]
		at := w.at(day, hour*60+d.under(60)).Add(time.Duration(d.under(60)) * time.Second)
		if at.Before(w.now.Add(-80 * time.Minute)) {
			times = append(times, at)
		}
	}
	slices.SortFunc(times, time.Time.Compare)

	var orders []*shopOrder
	for i, at := range times {
		o := w.newShopOrder(d, i, at, goods)
		orders = append(orders, o)
		// Every so often a platform splits an order in two, or the shop
		// sends once more what went missing.
		if (i+1)%600 == 0 && i/600 < splits {
			twin := w.newShopOrder(d, i, at, goods)
			twin.platform, twin.source, twin.main, twin.front = o.platform, o.source, o.front, o.front
			o.main = o.front
			twin.settleUp(d)
			orders = append(orders, twin)
		}
		if (i+1)%400 == 0 && i/400 < reissues {
			orders = append(orders, w.reissue(d, orders[len(orders)-40]))
		}
	}
	for i, o := range orders {
		o.id = fmt.Sprintf("8826%09d", 100000+i)
		for k := range o.payments {
			o.payments[k].flow = fmt.Sprintf("F%s%d", o.id, k+1)
			o.payments[k].external = fmt.Sprintf("42000%s%d", o.id, 7+k)
		}
		for k := range o.waybills {
			o.waybills[k].id = fmt.Sprintf("W%s%d", o.id, k+1)
		}
	}
	w.shopOrders = orders
}

func (w *World) newShopOrder(d dice, i int, at time.Time, goods []*product) *shopOrder {
	var shares []int
	for _, p := range platforms {
		shares = append(shares, p.share)
	}
	p := platforms[d.weighted(shares)]
	o := &shopOrder{
		front: fmt.Sprintf(p.number, 520000000+i*911), platform: p.named, source: p.source, store: stores[d.weighted([]int{3, 2})],
		orderType: named{"ECOM", "电商订单"}, customer: somebody(d), created: at,
		payType: "online", payState: "paid", person: d.chance(700),
		deliveryType: "deliver", carrier: p.carrier, carrierType: "thirdparty",
	}
	o.paidAt = at.Add(time.Duration(d.between(8, 90)) * time.Second)
	o.due = at.Add(minutes(d.between(45, 75))).Truncate(time.Minute)
	o.pickGoods(d, goods)
	o.discount(d)
	o.freight = []Fen{0, 300, 450, 600}[d.weighted([]int{25, 35, 25, 15})]
	o.packaging = []Fen{0, 100, 200}[d.weighted([]int{30, 50, 20})]
	if p.id == "weapp" && d.chance(250) {
		o.deliveryType, o.carrier, o.freight = "selftake", named{}, 0
	}
	if d.chance(15) {
		o.other = 150 // a bag for frozen goods
	}
	if p.id == "weapp" && len(o.lines) > 0 && d.chance(60) {
		o.payType = "cod"
	}
	o.proceed(d, w.now, i)
	o.settleUp(d)
	return o
}

// pickGoods puts one to six different things on the order.
func (o *shopOrder) pickGoods(d dice, goods []*product) {
	cheap := goods[:4]
	goods = slices.Clone(goods)
	shuffle(d, goods)
	for _, p := range goods[:1+d.weighted([]int{25, 28, 20, 14, 8, 5})] {
		l := &shopLine{product: p, price: p.price, quantity: milli([]int{1, 2, 3, 4}[d.weighted([]int{70, 20, 6, 4})]) * 1000}
		if p.weighed {
			l.quantity = milli(d.between(218, 1985))
		}
		l.total = l.price.times(l.quantity)
		o.lines = append(o.lines, l)
	}
	if d.chance(30) {
		p := one(d, cheap)
		l := &shopLine{product: p, price: p.price, quantity: 1000, gift: true}
		l.total, l.discount = l.price, l.price
		o.lines = append(o.lines, l)
	}
}

// proceed sets how far the order has come by now.
func (o *shopOrder) proceed(d dice, now time.Time, i int) {
	age := now.Sub(o.created)
	handed := o.created.Add(minutes(d.between(18, 30)))
	arrived := handed.Add(minutes(d.between(14, 42))).Add(time.Duration(d.under(60)) * time.Second)
	presale := i%500 == 77 && i/500 < presales
	o.carrierState, o.deliverState = "initial", "none"
	switch {
	case presale:
		// To be delivered in the coming week; a part is paid.
		o.orderType, o.payType, o.payState = named{"PRESALE", "预售"}, "earnest", "earnest"
		o.state, o.modified = "approved", o.paidAt.Add(time.Minute)
		o.due = now.AddDate(0, 0, 2+i/500).Truncate(time.Hour)
		o.carrier = named{}
	case d.chance(42):
		o.cancel(d, now, handed)
	case age < 16*time.Minute:
		o.state, o.modified = "confirmed", o.paidAt
	case age < 26*time.Minute:
		o.state, o.modified = "prepared", o.created.Add(9*time.Minute)
	case arrived.After(now):
		o.state, o.modified = "delivering", earlier(handed, now)
		o.carrierState, o.deliverState = "delivering", "shipped"
	default:
		o.state, o.finished, o.modified = "delivered", arrived, earlier(arrived.Add(time.Duration(d.between(2, 50))*time.Second), now)
		o.carrierState, o.deliverState = "delivered", "signed"
	}
	if o.payType == "cod" {
		o.payState, o.paidAt, o.refunded = "notPay", time.Time{}, false
		if o.state == "delivered" {
			o.payState, o.paidAt = "paid", o.finished
		}
	}
	if d.chance(14) && o.state == "delivered" && o.payState == "paid" {
		o.refunded = true
	}
	if o.deliveryType == "selftake" {
		o.carrierState = ""
		if o.state == "delivering" {
			o.state = "prepared"
		}
	}
	o.waybills = nil
	if o.carrier.id != "" && (o.state == "delivering" || o.state == "delivered" || o.carrierState == "canceled") {
		o.waybills = []waybill{{freight: Fen(d.between(40, 95)) * 10}}
	}
	if o.waybills == nil {
		o.carrier, o.carrierState = named{}, ""
	}
}

// cancel calls the order off: mostly before anybody set out with it, now and
// then afterwards. What had been paid is given back.
func (o *shopOrder) cancel(d dice, now, handed time.Time) {
	o.state = "canceled"
	o.cancelReason = one(d, []string{"我不想要了", "地址填错了", "商品缺货", "送达时间太长", "门店拒接"})
	o.modified = earlier(o.created.Add(minutes(d.between(2, 12))), now)
	switch d.weighted([]int{50, 25, 25}) {
	case 0:
		o.payState, o.paidAt = "notPay", time.Time{}
	case 1:
		o.refunded = true
	default:
		o.refunded = true
		if at := handed.Add(minutes(6)); at.Before(now) {
			o.modified, o.carrierState = at, "canceled"
		}
	}
}

// reissue sends once more, for nothing, a thing that was missing from an
// earlier order.
func (w *World) reissue(d dice, first *shopOrder) *shopOrder {
	o := &shopOrder{
		front: first.front, main: first.main, platform: first.platform, source: first.source, store: first.store,
		orderType: named{"COMPENSATION", "补发"}, customer: first.customer, created: first.created.Add(3 * time.Hour),
		payType: "online", payState: "paid", person: true, deliveryType: "deliver",
		carrier: named{"dada", "达达"}, carrierType: "thirdparty", carrierState: "delivered", deliverState: "signed",
		state: "delivered", reissue: "漏发商品", responsible: one(d, []string{"store", "carrier"}),
	}
	l := *first.lines[0]
	l.quantity, l.gift, l.apport, l.platform, l.agent, l.favs = 1000, false, 0, 0, 0, nil
	l.total = l.price
	l.discount = l.total
	o.lines = []*shopLine{&l}
	o.paidAt, o.finished = o.created, o.created.Add(50*time.Minute)
	o.due, o.modified = o.finished, o.finished
	o.waybills = []waybill{{freight: 500}}
	o.settleUp(d)
	return o
}

// remind makes the customers' hurry-ups.
func (w *World) remind(d dice) {
	for i, o := range w.shopOrders {
		if o.waybills == nil || !d.chance(26) {
			continue
		}
		r := &reminder{
			id: fmt.Sprintf("R%09d", 700000+i), order: o.id, platform: o.platform.id, store: o.store,
			count: 1 + d.weighted([]int{8, 2, 1}), at: earlier(o.created.Add(minutes(d.between(25, 40))), w.now), state: "none",
		}
		if at := r.at.Add(minutes(d.between(1, 9))); at.Before(w.now) && d.chance(900) {
			r.state, r.replied = "replied", at
		}
		w.reminders = append(w.reminders, r)
	}
}
