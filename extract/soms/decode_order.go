package soms

import (
	"strconv"
	"strings"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// addRefunded adds the only thing that the scan of refunded orders tells:
// each of its orders was refunded.
func (s *decoder) addRefunded(r *transform.Record, origin *transform.Origin, _ *extract.Facts) {
	o := &s.order
	r.SetVersion(o.modified.Instant(r, "modified"))
	s.rows.order = transform.Order{RefundStatus: transform.RefundRefunded, Currency: origin.Currency}
	r.Order(&s.rows.order)
}

// addOrder adds an order with everything that belongs to it.
//
// An order without an array of items is incomplete: it is named in the facts
// and gets no version, so that any complete answer of the same order goes
// before it.
func (s *decoder) addOrder(r *transform.Record, origin *transform.Origin, f *extract.Facts) {
	o, currency := &s.order, origin.Currency
	modified := o.modified.Instant(r, "modified")
	if o.hasItems {
		r.SetVersion(modified)
	} else {
		f.Incomplete = append(f.Incomplete, strings.Clone(o.id.Text))
	}
	for _, m := range o.misfits {
		r.Finding(m.field, m.reason, m.raw)
	}
	p := &o.payment
	row := &s.rows.order
	*row = transform.Order{
		OrderNo:       o.front.orderID.Value(r, "front.order_id"),
		Kind:          transform.KindRetail,
		Flow:          origin.Revenue(),
		Channel:       o.front.platform.id.Value(r, "front.platform.id"),
		SourceStatus:  o.state.Value(r, "state"),
		Currency:      currency,
		Gross:         o.origTotal.Money(r, "orig_total"),
		Goods:         o.realTotal.Money(r, "real_total"),
		Freight:       p.freight.Money(r, "payment.freight"),
		Packaging:     p.packageTotal.Money(r, "payment.package_total"),
		Other:         p.other.Money(r, "payment.other_fee"),
		Net:           p.amount.Money(r, "payment.amount"),
		Settle:        o.settleAmount.Money(r, "settle_amount"),
		Quantity:      o.skuQuantity.Rate(r, "sku_quantity"),
		UpdatedAt:     modified,
		ServiceAt:     o.delivery.preEnd.Instant(r, "delivery.pre_end_delivery_time"),
		FinishedAt:    o.front.finished.Instant(r, "front.finished_time"),
		CancelReason:  o.cancelReason.Value(r, "cancel_reason"),
		LinkRef:       o.sourceOrderID.Value(r, "source_order_id"),
		PaymentStatus: paymentStatus.Status(r, "payment.state", p.state.Value(r, "payment.state")),
	}
	row.Status = orderStatus.Status(r, "state", row.SourceStatus)
	if o.store.given() {
		row.StoreID, row.StoreName = o.store.id.Value(r, "order_store.id"), o.store.name.Value(r, "order_store.name")
	} else {
		station := &o.delivery.station
		row.StoreID, row.StoreName = station.id.Value(r, "delivery.station.id"), station.name.Value(r, "delivery.station.name")
	}
	if !o.settleAmount.Present() { // 为空等于amount (SOMS interface document, 2.40)
		row.Settle = row.Net
	}
	if o.settleCommission.Present() {
		row.Commission = o.settleCommission.Money(r, "settle_commission")
	} else {
		row.Commission = o.oldCommission.Money(r, "selttle_commission")
	}
	if row.CreatedAt = o.front.created.Instant(r, "front.created"); !o.front.created.Present() {
		row.CreatedAt = o.created.Instant(r, "created")
	}
	row.Discount = s.addItems(r, currency)
	row.Paid = s.addPayments(r, currency)
	r.Order(row)
	s.addDiscounts(r, currency)
	s.addSettlement(r, currency)
	s.addDeliveries(r, currency)
	s.addInvoices(r, currency)
}

// total adds up amounts of the lines of an order. One line whose amount is
// there but cannot be read makes the total unknown: a sum of the others
// would be wrong in silence.
type total struct {
	sum     transform.Money
	unknown bool
}

func (t *total) add(r *transform.Record, field string, wire *transform.Decimal, amount transform.Money) {
	if wire.Present() && !amount.Valid {
		t.unknown = true
	}
	t.sum = r.Sum(field, t.sum, amount)
}

func (t *total) money() transform.Money {
	if t.unknown {
		return transform.Money{}
	}
	return t.sum
}

// addItems adds the lines of goods and returns what was taken off them.
func (s *decoder) addItems(r *transform.Record, currency string) transform.Money {
	var discount total
	for i := range s.order.items {
		v := &s.order.items[i]
		r.In("items", i)
		row := &s.rows.item
		*row = transform.OrderItem{
			LineNo:              i + 1,
			ItemID:              v.itemID.Value(r, "item_id"),
			SkuID:               v.skuID.Value(r, "sku_id"),
			Title:               v.title.Value(r, "item_title"),
			Quantity:            v.quantity.Rate(r, "quantity"),
			UnitPrice:           v.unitPrice.Rate(r, "unit_price"),
			Total:               v.total.Money(r, "total"),
			Discount:            v.discount.Money(r, "discount_amount"),
			ApportionedDiscount: v.apportioned.Money(r, "apported_discount_amount"),
			Pay:                 v.pay.Money(r, "pay_amount"),
			SettleUnitPrice:     v.settlePrice.Rate(r, "settle_price"),
			Settle:              v.settleTotal.Money(r, "settle_total"),
			PlatformDiscount:    v.platformDiscount.Money(r, "settle_discountAmount"),
			Shop:                v.shopTotal.Money(r, "shop_total"),
			CostPrice:           v.costPrice.Rate(r, "cost_price"),
			Currency:            currency,
			IsGift:              v.isGift.Flag(r, "is_gift"),
		}
		discount.add(r, "discount_amount", &v.discount, row.Discount)
		discount.add(r, "apported_discount_amount", &v.apportioned, row.ApportionedDiscount)
		r.Item(row)
	}
	r.In("", 0)
	return discount.money()
}

// addPayments adds the means of payment and returns what they add up to;
// null where there are none.
func (s *decoder) addPayments(r *transform.Record, currency string) transform.Money {
	var paid total
	at := s.order.payment.paidAt.Instant(r, "payment.pay_time")
	for i := range s.order.details {
		v := &s.order.details[i]
		r.In("payment.details", i)
		row := &s.rows.payment
		*row = transform.Payment{
			LineNo:        i + 1,
			MethodCode:    v.code.Value(r, "code"),
			MethodName:    v.name.Value(r, "name"),
			Amount:        v.amount.Money(r, "amount"),
			Discount:      v.discount.Money(r, "discount_amount"),
			Currency:      currency,
			FlowNo:        v.flowNo.Value(r, "flowno"),
			ExternalPayID: v.outPayID.Value(r, "out_pay_id"),
			PaidAt:        at,
		}
		paid.add(r, "amount", &v.amount, row.Amount)
		r.Payment(row)
	}
	r.In("", 0)
	return paid.money()
}

// addDiscounts adds the discounts of the order, then those of its items.
// Lines are numbered through both.
func (s *decoder) addDiscounts(r *transform.Record, currency string) {
	line := 0
	for i := range s.order.favs {
		if s.order.favs[i].item == ofOrder {
			r.In("promotion.favs", line)
			line++
			s.addDiscount(r, currency, line, &s.order.favs[i])
		}
	}
	index, last := 0, ofOrder
	for i := range s.order.favs {
		v := &s.order.favs[i]
		if v.item == ofOrder {
			continue
		}
		if v.item != last {
			index, last = 0, v.item
		}
		r.In(s.favsOf(v.item), index)
		index++
		line++
		s.addDiscount(r, currency, line, v)
	}
	r.In("", 0)
}

// favsOf names the discounts of an item, for findings.
func (s *decoder) favsOf(item int) string {
	for len(s.of) <= item {
		s.of = append(s.of, "items["+strconv.Itoa(len(s.of))+"].promotion.favs")
	}
	return s.of[item]
}

func (s *decoder) addDiscount(r *transform.Record, currency string, line int, v *fav) {
	row := &s.rows.discount
	*row = transform.Discount{
		LineNo: line, Level: "order",
		PromotionID:   v.id.Value(r, "id"),
		PromotionName: v.name.Value(r, "name"),
		Amount:        v.amount.Money(r, "amount"),
		Currency:      currency,
	}
	if v.item != ofOrder {
		row.Level, row.ItemLineNo = "item", transform.CountOf(v.item+1)
	}
	var merchant, platform, agent total
	for i := range s.order.shares[v.from:v.to] {
		share := &s.order.shares[v.from+i]
		amount := share.discount.Money(r, "settle_details.discount")
		var of *total
		switch role := share.role.Value(r, "settle_details.role"); role {
		case "shop":
			of = &merchant
		case "platform":
			of = &platform
		case "agent":
			of = &agent
		default:
			r.Finding("settle_details.role", "a bearer of discounts that the vendor's document does not name", role)
			continue
		}
		of.add(r, "settle_details.discount", &share.discount, amount)
	}
	row.Merchant, row.Platform, row.Agent = merchant.money(), platform.money(), agent.money()
	r.Discount(row)
}
