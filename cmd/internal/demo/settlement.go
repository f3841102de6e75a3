package demo

// discount takes off what the platforms and the shop give, line by line.
//
// On meituan and eleme a reduction of the whole order is apportioned to its
// lines, and the vendor shows it on the order; meituan shows the parts on the
// lines besides. On jdo2o single things are cheaper, shown on their lines
// only. On the shop's own app the shop bears everything, an agent a part of
// group purchases.
func (o *shopOrder) discount(d dice) {
	var goods Fen
	for _, l := range o.lines {
		goods += l.total - l.discount
	}
	switch o.platform.id {
	case "meituan", "eleme":
		off, name := Fen(0), ""
		switch {
		case goods >= yuan(120):
			off, name = yuan(25), "满120减25"
		case goods >= yuan(60):
			off, name = yuan(10), "满60减10"
		case goods >= yuan(30):
			off, name = yuan(4), "满30减4"
		}
		if off == 0 || d.chance(350) {
			return
		}
		f := fav{id: "11" + name[3:5], name: name, amount: off, platform: off.permille([]int{0, 300, 500}[d.under(3)])}
		f.shop = f.amount - f.platform
		o.reduce(f, goods, o.platform.id == "meituan")
	case "jdo2o":
		for _, l := range o.lines {
			if l.gift || l.total < yuan(5) || d.chance(600) {
				continue
			}
			f := fav{id: "21" + l.product.sku[3:], name: "单品直降", amount: l.total.permille(120)}
			f.platform = f.amount.permille(400)
			f.shop = f.amount - f.platform
			l.discount, l.platform = f.amount, f.platform
			l.favs = append(l.favs, f)
		}
	case "weapp":
		switch {
		case goods >= yuan(50) && d.chance(400):
			f := fav{id: "3150", name: "会员券 满50减5", amount: yuan(5), shop: yuan(5)}
			o.reduce(f, goods, false)
		case goods >= yuan(80) && d.chance(200):
			f := fav{id: "3180", name: "社区拼团", amount: yuan(8), agent: yuan(3), shop: yuan(5)}
			o.reduce(f, goods, false)
		}
	}
}

// reduce takes f off the whole order and apportions it, to the fen, to the
// lines by what is left of them.
func (o *shopOrder) reduce(f fav, goods Fen, onLines bool) {
	o.favs = append(o.favs, f)
	var before Fen
	for _, l := range o.lines {
		left := l.total - l.discount
		part := fav{
			id: f.id, name: f.name,
			amount:   apportion(f.amount, before, left, goods),
			platform: apportion(f.platform, before, left, goods),
			agent:    apportion(f.agent, before, left, goods),
		}
		before += left
		if part.amount == 0 {
			continue
		}
		part.shop = part.amount - part.platform - part.agent
		l.apport += part.amount
		l.platform += part.platform
		l.agent += part.agent
		if onLines {
			l.favs = append(l.favs, part)
		}
	}
}

// settleUp adds the order up: what is due, how it is paid and how the
// platform settles it. It starts from lines, discounts, fees and state.
func (o *shopOrder) settleUp(d dice) {
	if o.payState == "notPay" {
		o.noSubsidy()
	}
	o.goods, o.gross, o.shopAmount = 0, 0, 0
	var subsidy Fen
	for _, l := range o.lines {
		l.pay = l.total - l.apport - l.discount
		l.settle = l.pay + l.platform
		l.shop = l.pay + l.platform + l.agent // goods at their price less what the shop gives
		l.settlePrice = 0
		if l.product.weighed && l.quantity != 1000 && l.settle > 0 {
			// The settlement price of a kilogram has four decimals.
			l.settlePrice = (int64(l.settle)*100*1000 + int64(l.quantity)/2) / int64(l.quantity)
		}
		o.goods += l.pay
		o.gross += l.total
		o.shopAmount += l.shop
		subsidy += l.platform
	}
	o.amount = o.goods + o.freight + o.packaging + o.other
	o.gross += o.freight + o.packaging + o.other

	o.cod, o.earnest = 0, 0
	switch o.payType {
	case "cod":
		o.cod = o.amount
	case "earnest":
		o.earnest = o.amount.permille(300)
	}
	o.pay(d)

	var paid Fen
	for _, p := range o.payments {
		paid += p.amount
	}
	o.settle = paid + subsidy
	// Without a subsidy the vendor now and then leaves the settlement out:
	// it is what is due then.
	o.settleGiven = subsidy > 0 || paid != o.amount || d.chance(800)
	keeps := 0
	for _, p := range platforms {
		if p.id == o.platform.id {
			keeps = p.keeps
		}
	}
	o.performance, o.settleFreight, o.commission = 0, 0, 0
	if o.state != "canceled" {
		if o.waybills != nil && o.platform.id != "weapp" {
			o.performance, o.settleFreight = 250, o.freight
		}
		o.commission = o.settle.permille(keeps) + o.performance
	}
	o.invoice = 0
	if o.state == "delivered" && o.amount > yuan(20) && d.chance(55) {
		o.invoice = o.amount
	}
}

// noSubsidy leaves the shop to bear all discounts: a platform gives nothing
// to an order that nobody paid.
func (o *shopOrder) noSubsidy() {
	alone := func(favs []fav) {
		for i := range favs {
			favs[i].shop, favs[i].platform = favs[i].shop+favs[i].platform, 0
		}
	}
	alone(o.favs)
	for _, l := range o.lines {
		alone(l.favs)
		l.platform = 0
	}
}

// pay makes the payments of what has been paid by now.
func (o *shopOrder) pay(d dice) {
	o.payments = nil
	due := o.amount
	switch o.payState {
	case "notPay":
		return
	case "earnest":
		due = o.earnest
	}
	var ways []named
	for _, p := range platforms {
		if p.id == o.platform.id {
			ways = p.pay
		}
	}
	if o.payType == "cod" {
		ways = []named{{"cash", "现金"}}
	}
	way := d.under(len(ways))
	if len(ways) == 2 && o.payState == "paid" && due > yuan(40) && d.chance(150) {
		first := due / 3 / 100 * 100
		o.payments = []payment{
			{code: ways[1].id, name: ways[1].name, amount: first},
			{code: ways[0].id, name: ways[0].name, amount: due - first},
		}
		return
	}
	o.payments = []payment{{code: ways[way].id, name: ways[way].name, amount: due}}
}
