package demo

import (
	"fmt"
	"slices"
)

// riding is a delivery that neither side called off or paid back.
func riding(c *courierOrder, o *shopOrder) bool {
	return c.status == "RECEIVED" && delivered(o) && !o.refunded
}

func known(*courierOrder, *shopOrder) bool { return true }

// inShop names the shop's order of the courier's: that of whose freight or
// state the rule speaks.
func (m *mutator) inShop(bears func(*courierOrder, *shopOrder) bool, change func(*courierOrder, *shopOrder)) string {
	id := ""
	m.onCourier(bears, func(c *courierOrder, o *shopOrder) {
		id = srcSoms + " " + o.id
		change(c, o)
	})
	return id
}

// courierKinds go wrong between shop and courier.
var courierKinds = []kind{
	{"courier: carriage", "courier_fee", "", func(m *mutator) string {
		return m.onCourier(known, func(c *courierOrder, _ *shopOrder) { c.carriage = m.off(c.carriage) })
	}},
	{"courier: carriage in fen", "courier_fee", "unit_factor_100", func(m *mutator) string {
		return m.onCourier(known, func(c *courierOrder, _ *shopOrder) { c.carriage *= 100 })
	}},
	{"courier: distance", "courier_fee", "", func(m *mutator) string {
		return m.onCourier(known, func(c *courierOrder, _ *shopOrder) { c.distance = m.off(c.distance) })
	}},
	{"courier: weight", "courier_fee", "", func(m *mutator) string {
		return m.onCourier(known, func(c *courierOrder, _ *shopOrder) { c.weight = m.off(c.weight) })
	}},
	{"courier: before the reduction", "courier_fee", "", func(m *mutator) string {
		return m.onCourier(known, func(c *courierOrder, _ *shopOrder) { c.before = m.off(c.before) })
	}},
	{"courier: reduction", "courier_fee", "", func(m *mutator) string {
		return m.onCourier(known, func(c *courierOrder, _ *shopOrder) { c.preferential = m.off(c.preferential) })
	}},
	{"courier: fee", "courier_vs_shop", "", func(m *mutator) string {
		return m.inShop(riding, func(c *courierOrder, _ *shopOrder) { c.pay = m.off(c.pay) })
	}},
	{"courier: fee in fen", "courier_fee", "unit_factor_100", func(m *mutator) string {
		return m.onCourier(riding, func(c *courierOrder, _ *shopOrder) { c.pay *= 100 })
	}},
	{"courier: fee that is no amount", "unreadable", "unreadable", func(m *mutator) string {
		return m.onCourier(riding, func(c *courierOrder, _ *shopOrder) {
			c.payText = one(m.d, []string{"13.89", "1,389", "\t1389", "`1389`", "１３８９", "NaN"})
		})
	}},
	{"courier: total of tips", "courier_fee", "", func(m *mutator) string {
		tipped := func(c *courierOrder, _ *shopOrder) bool { return len(c.tips) > 0 && c.tipAtCreation == 0 }
		return m.onCourier(tipped, func(c *courierOrder, _ *shopOrder) { c.tipTotal = m.off(c.tipTotal) })
	}},
	{"courier: a tip missing", "courier_fee", "", func(m *mutator) string {
		return m.onCourier(func(c *courierOrder, _ *shopOrder) bool { return len(c.tips) > 0 }, func(c *courierOrder, _ *shopOrder) { c.tips = c.tips[1:] })
	}},
	{"courier: received before it was ordered", "plausibility", "status", func(m *mutator) string {
		return m.onCourier(riding, func(c *courierOrder, _ *shopOrder) {
			c.events = slices.Clone(c.events)
			c.events[len(c.events)-1].at = c.events[len(c.events)-1].at.Add(-day)
		})
	}},
	{"courier: canceled, and delivered by the shop", "courier_status", "status", func(m *mutator) string {
		return m.inShop(riding, func(c *courierOrder, o *shopOrder) { c.contradict(o) })
	}},
	{"courier: delivered, and canceled by the shop", "courier_status", "status", func(m *mutator) string {
		canceled := func(c *courierOrder, o *shopOrder) bool { return o.state == "canceled" && c.status == "CANCELED" }
		return m.inShop(canceled, func(c *courierOrder, o *shopOrder) { c.contradict(o) })
	}},
	{"courier: knows nothing of it", "courier_missing", "missing_right", func(m *mutator) string {
		return m.inShop(riding, func(c *courierOrder, _ *shopOrder) { c.inRegister, c.knownToTheCourier = false, false })
	}},
	{"courier: for an order that is none", "courier_missing", "missing_right", func(m *mutator) string {
		return m.onCourier(riding, func(c *courierOrder, _ *shopOrder) { c.shopOrder = fmt.Sprint("99", c.shopOrder[2:]) })
	}},
	{"shop: canceled, and delivered by the courier", "courier_status", "status", func(m *mutator) string {
		return m.inShop(riding, func(_ *courierOrder, o *shopOrder) { o.state = "canceled" })
	}},
	{"shop: freight", "courier_vs_shop", "", func(m *mutator) string {
		return m.inShop(riding, func(_ *courierOrder, o *shopOrder) { o.waybills[0].freight = m.off(o.waybills[0].freight) })
	}},
	{"shop: freight in fen", "courier_vs_shop", "unit_factor_100", func(m *mutator) string {
		return m.inShop(riding, func(_ *courierOrder, o *shopOrder) { o.waybills[0].freight *= 100 })
	}},
	{"shop: waybill missing", "courier_missing", "missing_right", func(m *mutator) string {
		return m.onCourier(riding, func(_ *courierOrder, o *shopOrder) { o.waybills, o.carrier = nil, named{} })
	}},
	{"shop: order missing altogether", "courier_missing", "missing_right", func(m *mutator) string {
		return m.onCourier(riding, func(_ *courierOrder, o *shopOrder) {
			m.w.shopOrders = slices.DeleteFunc(slices.Clone(m.w.shopOrders), func(x *shopOrder) bool { return x == o })
		})
	}},
}

// unseenAtCourier go wrong between shop and courier, and nothing tells.
var unseenAtCourier = []kind{
	{"courier: fee, but the shop canceled", "", "", func(m *mutator) string {
		// The shop's own freight of a canceled order is nobody's business.
		called := func(c *courierOrder, o *shopOrder) bool { return o.state == "canceled" && c.status == "CANCELED" }
		return m.inShop(called, func(_ *courierOrder, o *shopOrder) { o.waybills[0].freight = m.off(o.waybills[0].freight) })
	}},
	{"courier: picked up a minute later", "", "", func(m *mutator) string {
		return m.onCourier(riding, func(c *courierOrder, _ *shopOrder) {
			c.events = slices.Clone(c.events)
			c.events[1].at = c.events[1].at.Add(minutes(1))
		})
	}},
}
