package demo

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// The auditor on the shop's orders by themselves.

// purse is what the orders of the shop come to.
type purse struct {
	goods, due, freight, packaging, other, discount, paid, paymentDiscount *big.Rat
	payments                                                               []*big.Rat
	platform                                                               map[string]*big.Rat // subsidies by promotion
	subsidy, merchant, agent                                               *big.Rat
}

func (a *auditor) shop(b books) {
	for _, o := range b.soms {
		p := a.purseOf(o)
		a.goods(o, p)
		f := finding{source: srcSoms, order: o.ID}

		f.rule = "order_due"
		a.compare(f, p.due, plus(p.goods, p.freight, p.packaging, p.other), 1,
			p.freight, p.packaging, p.other, p.discount, a.num(o.AddressChangeFee.String()))

		f.rule = "payment_total"
		if o.Payment.State == "paid" && len(p.payments) > 0 {
			parts := []*big.Rat{p.freight, p.packaging, p.other, p.paymentDiscount, p.subsidy}
			if len(p.payments) > 1 {
				parts = append(parts, single(p.payments, minus(p.paid, p.due))...)
			}
			a.compare(f, p.paid, p.due, 1, parts...)
		}
		a.settlement(o, p)
	}
}

// single is the one amount of a size, nothing where none or several have it.
func single(amounts []*big.Rat, size *big.Rat) []*big.Rat {
	var found []*big.Rat
	for _, x := range amounts {
		if same(x, size) {
			found = append(found, x)
		}
	}
	if len(found) > 1 {
		return nil
	}
	return found
}

func (a *auditor) purseOf(o soms.Order) purse {
	p := purse{
		goods: a.num(o.RealTotal.String()), due: a.num(o.Payment.Amount.String()), freight: a.num(o.Payment.Freight.String()),
		packaging: a.num(o.Payment.PackageTotal.String()), other: a.num(o.Payment.OtherFee.String()),
		discount: new(big.Rat), paid: new(big.Rat), paymentDiscount: new(big.Rat),
		platform: map[string]*big.Rat{}, subsidy: new(big.Rat), merchant: new(big.Rat), agent: new(big.Rat),
	}
	for _, d := range o.Payment.Details {
		amount := a.num(d.Amount.String())
		p.payments = append(p.payments, amount)
		p.paid.Add(p.paid, amount)
		p.paymentDiscount.Add(p.paymentDiscount, a.num(d.DiscountAmount.String()))
	}
	var favs []soms.Fav
	for _, l := range o.Items {
		p.discount = plus(p.discount, a.num(l.DiscountAmount.String()), a.num(l.ApportedDiscountAmount.String()))
		if l.Promotion != nil {
			favs = append(favs, l.Promotion.Favs...)
		}
	}
	if o.Promotion != nil && len(o.Promotion.Favs) > 0 {
		favs = o.Promotion.Favs // the order level, where any exists
	}
	for _, f := range favs {
		every := new(big.Rat)
		for _, s := range f.SettleDetails {
			share := a.num(s.Discount.String())
			every.Add(every, share)
			switch s.Role {
			case "platform":
				if p.platform[f.ID] == nil {
					p.platform[f.ID] = new(big.Rat)
				}
				p.platform[f.ID].Add(p.platform[f.ID], share)
				p.subsidy.Add(p.subsidy, share)
			case "shop":
				p.merchant.Add(p.merchant, share)
			case "agent":
				p.agent.Add(p.agent, share)
			}
		}
		if every.Cmp(a.num(f.Amount.String())) != 0 {
			a.t.Errorf("discount %s of %s: its shares come to %s", f.ID, f.Amount, every.FloatString(2))
		}
	}
	return p
}

func (a *auditor) goods(o soms.Order, p purse) {
	var pays []*big.Rat
	for i, l := range o.Items {
		total, discount, apport := a.num(l.Total.String()), a.num(l.DiscountAmount.String()), a.num(l.ApportedDiscountAmount.String())
		price, pay := a.num(l.UnitPrice.String()), a.num(l.PayAmount.String())
		f := finding{source: srcSoms, order: o.ID, line: i + 1}

		f.rule = "item_total"
		a.compare(f, total, times(price, a.num(l.Quantity.String())), 1, discount, apport, price)

		f.rule = "item_pay"
		parts := []*big.Rat{discount, apport}
		if !same(price, discount) && !same(price, apport) {
			parts = append(parts, price)
		}
		a.compare(f, pay, minus(minus(total, apport), discount), 1, parts...)
		pays = append(pays, pay)
	}
	f := finding{rule: "order_goods", source: srcSoms, order: o.ID}
	if len(pays) == 0 {
		if p.goods.Sign() != 0 {
			f.actual, f.reason = p.goods.FloatString(4), "missing_right"
			a.note(f)
		}
		return
	}
	a.compare(f, p.goods, plus(pays...), len(pays), append(anyOf(pays, minus(p.goods, plus(pays...))), p.freight, p.packaging, p.other, p.discount)...)
}

// anyOf is one amount of a size, nothing where none has it.
func anyOf(amounts []*big.Rat, size *big.Rat) []*big.Rat {
	i := slices.IndexFunc(amounts, func(x *big.Rat) bool { return same(x, size) })
	if i < 0 {
		return nil
	}
	return amounts[i : i+1 : i+1]
}

func (a *auditor) settlement(o soms.Order, p purse) {
	if len(p.payments) == 0 {
		return // what the customer paid is not said
	}
	settled := a.num(o.SettleAmount.String())
	if o.SettleAmount.String() == "" {
		settled = p.due // the documented default
	}
	// Until an order may be settled, the default may be all that there is.
	if same(settled, p.due) && !o.SettleInfo.Settlable {
		return
	}
	expected := plus(p.paid, p.subsidy)
	d := minus(settled, expected)
	var subsidies []*big.Rat
	for _, s := range p.platform {
		if s.Sign() != 0 {
			subsidies = append(subsidies, s)
		}
	}
	named := single(subsidies, d)
	parts := append([]*big.Rat{
		a.num(o.SettleCommission.String()), a.num(o.PerformanceServiceFee.String()), p.freight, p.packaging, p.other, p.agent,
	}, named...)
	if len(subsidies) > 1 {
		parts = append(parts, p.subsidy)
	}
	if named == nil && !same(d, p.subsidy) {
		parts = append(parts, p.merchant)
	}
	a.compare(finding{rule: "settlement", source: srcSoms, order: o.ID}, settled, expected, 1, parts...)
}

// isSplit says whether two orders are parts of one.
func isSplit(x, y soms.Order) bool {
	mainX, mainY := x.Front.MainOrderID, y.Front.MainOrderID
	return mainX != "" && mainX == mainY || mainX == "" && mainY == x.Front.OrderID || mainY == "" && mainX == y.Front.OrderID
}

// inTurn lists orders as they were placed, but for reissues.
func inTurn(all []soms.Order) []soms.Order {
	orders := slices.DeleteFunc(slices.Clone(all), func(o soms.Order) bool {
		return o.ReissueReason != "" || o.Front.OrderType.ID == "COMPENSATION"
	})
	slices.SortFunc(orders, func(x, y soms.Order) int {
		return cmp.Or(strings.Compare(x.Front.Created, y.Front.Created), strings.Compare(x.ID, y.ID))
	})
	return orders
}

// duplicates takes the orders of a number as they came: the first is right,
// each later one is held against the earliest that excuses it in no way.
func (a *auditor) duplicates(b books) {
	byNumber := map[string][]soms.Order{}
	for _, o := range inTurn(b.soms) {
		number := o.Front.Platform.ID + " " + o.Front.OrderID
		for _, first := range byNumber[number] {
			if !isSplit(first, o) {
				a.note(finding{
					rule: "duplicate", source: srcSoms, order: o.ID, right: srcSoms + " " + first.ID,
					actual: a.num(o.Payment.Amount.String()).FloatString(4), reason: "duplicate",
				})
				break
			}
		}
		byNumber[number] = append(byNumber[number], o)
	}
}

// payments does the same with the numbers of payments, the cashier's and those
// of the means of payment.
func (a *auditor) payments(b books) {
	paid := map[string][]soms.Order{}
	for _, o := range inTurn(b.soms) {
		var numbers []string
		for i, d := range o.Payment.Details {
			var first *soms.Order
			for kind, number := range []string{d.FlowNo, d.OutPayID} {
				if number == "" {
					continue
				}
				number = fmt.Sprint(kind, " ", number)
				numbers = append(numbers, number)
				for k := range paid[number] {
					before := &paid[number][k]
					if !isSplit(*before, o) && (first == nil || before.Front.Created < first.Front.Created) {
						first = before
					}
				}
			}
			if first != nil {
				a.note(finding{
					rule: "payment_reused", source: srcSoms, order: o.ID, line: i + 1, right: srcSoms + " " + first.ID,
					actual: a.num(d.Amount.String()).FloatString(4), reason: "duplicate",
				})
			}
		}
		for _, number := range numbers {
			paid[number] = append(paid[number], o)
		}
	}
}
