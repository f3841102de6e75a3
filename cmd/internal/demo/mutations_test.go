package demo

import (
	"slices"
	"time"
)

const day = 24 * time.Hour

func anyShop(*shopOrder) bool { return true }

func paidOnce(o *shopOrder) bool {
	return o.payState == "paid" && len(o.payments) == 1 && o.payments[0].amount > 0
}

func delivered(o *shopOrder) bool { return o.state == "delivered" }

func settled(o *shopOrder) bool { return delivered(o) && paidOnce(o) && o.settleGiven && o.settle > 0 }

// alone is an order that the shop did not give to the courier.
func alone(o *shopOrder) bool { return o.carrier.id != courier.id }

func charged(l *shopLine) bool { return l.pay > 0 }

func piece(l *shopLine) bool { return charged(l) && l.quantity%1000 == 0 }

// shopKinds go wrong in the shop.
var shopKinds = []kind{
	{"line: total", "item_total", "", func(m *mutator) string {
		return m.onLine(charged, func(l *shopLine) { l.total = m.off(l.total) })
	}},
	{"line: unit price", "item_total", "", func(m *mutator) string {
		return m.onLine(piece, func(l *shopLine) { l.price = m.off(l.price) })
	}},
	{"line: unit price in fen", "item_total", "unit_factor_100", func(m *mutator) string {
		return m.onLine(piece, func(l *shopLine) { l.price *= 100 })
	}},
	{"line: total in fen", "item_total", "unit_factor_100", func(m *mutator) string {
		return m.onLine(piece, func(l *shopLine) { l.total *= 100 })
	}},
	{"line: one piece more", "item_total", "", func(m *mutator) string {
		return m.onLine(piece, func(l *shopLine) { l.quantity += 1000 })
	}},
	{"line: payment", "item_pay", "", func(m *mutator) string {
		return m.onLine(charged, func(l *shopLine) { l.pay = m.off(l.pay) })
	}},
	{"line: payment in fen", "item_pay", "unit_factor_100", func(m *mutator) string {
		return m.onLine(charged, func(l *shopLine) { l.pay *= 100 })
	}},
	{"line: discount", "item_pay", "", func(m *mutator) string {
		return m.onLine(charged, func(l *shopLine) { l.discount = m.off(l.discount) })
	}},
	{"line: share of the order's discount", "item_pay", "", func(m *mutator) string {
		return m.onLine(charged, func(l *shopLine) { l.apport = m.off(l.apport) })
	}},
	{"line: missing", "order_goods", "", func(m *mutator) string {
		several := func(o *shopOrder) bool { return len(o.lines) > 1 && slices.ContainsFunc(o.lines, charged) }
		return m.onShop(several, func(o *shopOrder) {
			k := slices.IndexFunc(o.lines, charged)
			o.lines = slices.Delete(slices.Clone(o.lines), k, k+1)
		})
	}},
	{"order: all lines missing", "order_goods", "missing_right", func(m *mutator) string {
		return m.onShop(func(o *shopOrder) bool { return o.goods > 0 && len(o.favs) == 0 }, func(o *shopOrder) { o.lines = nil })
	}},
	{"order: goods", "order_goods", "", func(m *mutator) string {
		return m.onShop(anyShop, func(o *shopOrder) { o.goods = m.off(o.goods) })
	}},
	{"order: goods, rounded", "order_goods", "rounding", func(m *mutator) string {
		return m.onShop(func(o *shopOrder) bool { return len(o.lines) > 1 }, func(o *shopOrder) { o.goods += 2 })
	}},
	{"order: goods in fen", "order_goods", "unit_factor_100", func(m *mutator) string {
		return m.onShop(func(o *shopOrder) bool { return o.goods > 0 }, func(o *shopOrder) { o.goods *= 100 })
	}},
	{"order: no time of its creation", "undated", "missing_left", func(m *mutator) string {
		return m.onShop(alone, func(o *shopOrder) { o.undated = true })
	}},
	{"order: due", "order_due", "", func(m *mutator) string {
		return m.onShop(anyShop, func(o *shopOrder) { o.amount = m.off(o.amount) })
	}},
	{"order: due in fen", "order_due", "unit_factor_100", func(m *mutator) string {
		return m.onShop(func(o *shopOrder) bool { return o.amount > 0 }, func(o *shopOrder) { o.amount *= 100 })
	}},
	{"order: freight", "order_due", "", func(m *mutator) string {
		return m.onShop(anyShop, func(o *shopOrder) { o.freight = m.off(o.freight) })
	}},
	{"order: due without the packaging", "order_due", "one_component", func(m *mutator) string {
		gift := func(l *shopLine) bool { return l.gift }
		only := func(o *shopOrder) bool {
			return o.packaging > 0 && o.freight == 0 && o.other == 0 && o.platform.id != "jdo2o" && !slices.ContainsFunc(o.lines, gift)
		}
		return m.onShop(only, func(o *shopOrder) { o.amount -= o.packaging })
	}},
	{"order: packaging", "order_due", "", func(m *mutator) string {
		return m.onShop(anyShop, func(o *shopOrder) { o.packaging = m.off(o.packaging) })
	}},
	{"order: other fees", "order_due", "", func(m *mutator) string {
		return m.onShop(anyShop, func(o *shopOrder) { o.other = m.off(o.other) })
	}},
	{"payment: amount", "payment_total", "", func(m *mutator) string {
		return m.onShop(paidOnce, func(o *shopOrder) { o.payments[0].amount = m.off(o.payments[0].amount) })
	}},
	{"payment: in fen", "payment_total", "unit_factor_100", func(m *mutator) string {
		return m.onShop(paidOnce, func(o *shopOrder) { o.payments[0].amount *= 100 })
	}},
	{"payment: one of two missing", "payment_total", "", func(m *mutator) string {
		return m.onShop(func(o *shopOrder) bool { return o.payState == "paid" && len(o.payments) == 2 }, func(o *shopOrder) { o.payments = o.payments[1:] })
	}},
	{"payment: twice", "payment_total", "", func(m *mutator) string {
		return m.onShop(paidOnce, func(o *shopOrder) { o.payments = append(slices.Clone(o.payments), o.payments[0]) })
	}},
	{"settlement: amount", "settlement", "", func(m *mutator) string {
		return m.onShop(settled, func(o *shopOrder) { o.settle = m.off(o.settle) })
	}},
	{"settlement: in fen", "settlement", "unit_factor_100", func(m *mutator) string {
		return m.onShop(settled, func(o *shopOrder) { o.settle *= 100 })
	}},
	{"settlement: without the subsidy", "settlement", "", func(m *mutator) string {
		return m.onShop(func(o *shopOrder) bool { return settled(o) && o.settle != o.amount }, func(o *shopOrder) { o.settle = o.amount })
	}},
	{"settlement: left out though there is a subsidy", "settlement", "", func(m *mutator) string {
		return m.onShop(func(o *shopOrder) bool { return settled(o) && o.settle != o.amount }, func(o *shopOrder) { o.settleGiven = false })
	}},
	{"settlement: less the commission", "settlement", "", func(m *mutator) string {
		return m.onShop(func(o *shopOrder) bool { return settled(o) && o.commission > 1 }, func(o *shopOrder) { o.settle -= o.commission })
	}},
	{"settlement: below zero", "plausibility", "amount", func(m *mutator) string {
		return m.onShop(settled, func(o *shopOrder) { o.settle = -o.settle })
	}},
	{"promotion: the platform's share is the shop's", "settlement", "", func(m *mutator) string {
		return m.onShop(func(o *shopOrder) bool { return settled(o) && len(o.favs) == 1 && o.favs[0].platform > 1 }, func(o *shopOrder) {
			f := &o.favs[0]
			f.shop, f.platform = f.shop+f.platform, 0
		})
	}},
	{"promotion: missing", "settlement", "", func(m *mutator) string {
		return m.onShop(func(o *shopOrder) bool {
			return settled(o) && o.platform.id == "eleme" && len(o.favs) == 1 && o.favs[0].platform > 1
		}, func(o *shopOrder) { o.favs = nil })
	}},
	{"number: taken", "duplicate", "duplicate", func(m *mutator) string {
		first := pick(m, m.w.shopOrders[:len(m.w.shopOrders)/2], func(o *shopOrder) string { return o.id }, func(o *shopOrder) bool {
			return o.main == "" && o.reissue == "" && alone(o)
		})
		if first == nil {
			return ""
		}
		later := func(o *shopOrder) bool { return o.platform == first.platform && o.created.After(first.created) }
		return m.onShop(later, func(o *shopOrder) { o.front = first.front })
	}},
	{"payment: that of another order", "payment_reused", "duplicate", func(m *mutator) string {
		first := pick(m, m.w.shopOrders[:len(m.w.shopOrders)/2], func(o *shopOrder) string { return o.id }, func(o *shopOrder) bool {
			return o.main == "" && o.reissue == "" && len(o.payments) > 0 && o.payments[0].flow != ""
		})
		if first == nil {
			return ""
		}
		later := func(o *shopOrder) bool { return len(o.payments) > 0 && o.created.After(first.created) }
		return m.onShop(later, func(o *shopOrder) { o.payments[0].flow = first.payments[0].flow })
	}},
	{"state: unknown", "plausibility", "status", func(m *mutator) string {
		return m.onShop(alone, func(o *shopOrder) { o.state = "teleported" })
	}},
	{"delivered: a day too early", "plausibility", "status", func(m *mutator) string {
		return m.onShop(delivered, func(o *shopOrder) { o.finished = o.finished.Add(-day) })
	}},
	{"placed: a day too late", "plausibility", "status", func(m *mutator) string {
		early := func(o *shopOrder) bool { return delivered(o) && alone(o) && o.created.Before(m.w.now.Add(-2*day)) }
		return m.onShop(early, func(o *shopOrder) { o.created = o.created.Add(day) })
	}},
}

// unseenInShop go wrong in the shop, and nothing that the vendors state tells.
var unseenInShop = []kind{
	{"order: canceled, and carried by another carrier", "", "", func(m *mutator) string {
		return m.onShop(func(o *shopOrder) bool { return delivered(o) && alone(o) }, func(o *shopOrder) { o.state = "canceled" })
	}},
	{"order: missing altogether", "", "", func(m *mutator) string {
		return m.onShop(alone, func(o *shopOrder) {
			m.w.shopOrders = slices.DeleteFunc(slices.Clone(m.w.shopOrders), func(x *shopOrder) bool { return x == o })
		})
	}},
	{"payment: the only one missing", "", "", func(m *mutator) string {
		return m.onShop(paidOnce, func(o *shopOrder) { o.payments = nil })
	}},
	{"payment: a cent less", "", "", func(m *mutator) string {
		return m.onShop(paidOnce, func(o *shopOrder) { o.payments[0].amount-- })
	}},
	{"settlement: a cent more", "", "", func(m *mutator) string {
		return m.onShop(settled, func(o *shopOrder) { o.settle++ })
	}},
	{"settlement: not yet, and the default stands", "", "", func(m *mutator) string {
		open := func(o *shopOrder) bool {
			return o.state == "confirmed" || o.state == "prepared" || o.state == "delivering" || o.state == "canceled"
		}
		return m.onShop(func(o *shopOrder) bool { return open(o) && paidOnce(o) && o.settle != o.amount }, func(o *shopOrder) { o.settleGiven = false })
	}},
	{"promotion: missing on the order, repeated by its lines", "", "", func(m *mutator) string {
		return m.onShop(func(o *shopOrder) bool { return o.platform.id == "meituan" && len(o.favs) == 1 }, func(o *shopOrder) { o.favs = nil })
	}},
	{"invoice: amount", "", "", func(m *mutator) string {
		return m.onShop(func(o *shopOrder) bool { return o.invoice > 0 }, func(o *shopOrder) { o.invoice = m.off(o.invoice) })
	}},
	{"delivered: a day too late", "", "", func(m *mutator) string {
		return m.onShop(func(o *shopOrder) bool { return delivered(o) && o.finished.Before(m.w.now.Add(-2*day)) }, func(o *shopOrder) { o.finished = o.finished.Add(day) })
	}},
}
