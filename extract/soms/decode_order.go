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
	r.SetVersion(s.order.Modified.Instant(r, "modified"))
	r.Order(&transform.Order{RefundStatus: transform.RefundRefunded, Currency: origin.Currency})
}

// addOrder adds an order with everything that belongs to it.
//
// An order without an array of items, or with parts left out (by_id), is incomplete: it is named in the facts
// and gets no version, so that any complete answer of the same order goes
// before it.
func (s *decoder) addOrder(r *transform.Record, origin *transform.Origin, f *extract.Facts) {
	o, currency := &s.order, origin.Currency
	for _, m := range o.Found {
		r.Into(m.Amount)
		r.Finding(m.Field, m.Reason, m.Raw)
	}
	r.Into(nil)
	rows := orderFields.Fill(r, o, currency)
	row := &rows.Order
	if o.Items.Given && !s.part {
		r.SetVersion(row.UpdatedAt)
	} else {
		f.Incomplete = append(f.Incomplete, strings.Clone(o.ID.Text))
	}
	row.Kind, row.Flow = transform.KindRetail, origin.Revenue()
	store, name := &o.Store, "order_store"
	if !store.given() {
		store, name = &o.Delivery.Station, "delivery.station"
	}
	row.StoreID, row.StoreName = store.ID.Value(r, name+".id"), store.Name.Value(r, name+".name")
	if !o.SettleAmount.Present() { // 为空等于amount (SOMS interface document, 2.40)
		row.Settle = row.Net
	}
	r.Into(commission)
	if o.SettleCommission.Present() {
		row.Commission = o.SettleCommission.Money(r, "settle_commission")
	} else {
		row.Commission = o.OldCommission.Money(r, "selttle_commission")
	}
	r.Into(paidAt)
	paid := o.Payment.PaidAt.Instant(r, "payment.pay_time")
	row.CreatedAt = s.createdAt(r, paid)
	row.Discount = s.addItems(r, currency)
	row.Paid = s.addPayments(r, currency, paid)
	r.Order(row)
	s.addDiscounts(r, currency)
	r.Settlement(&rows.Settlement)
	s.addSettlementDiscounts(r, currency)
	s.addDeliveries(r, currency)
	s.addInvoices(r, currency)
}

// The columns that are read by the code here, for findings.
var (
	createdAt  = transform.TargetOf(transform.TableOrders, "created_at")
	commission = transform.TargetOf(transform.TableOrders, "commission_amount")
	paidAt     = transform.TargetOf(transform.TablePayments, "paid_at")
	orderPaid  = transform.TargetOf(transform.TableOrders, "paid_amount")
	orderSaved = transform.TargetOf(transform.TableOrders, "discount_amount")
	byMerchant = transform.TargetOf(transform.TableDiscounts, "merchant_amount")
	byPlatform = transform.TargetOf(transform.TableDiscounts, "platform_amount")
	byAgent    = transform.TargetOf(transform.TableDiscounts, "agent_amount")
)

// createdAt is when the order was placed: on the platform, else in SOMS, else,
// where neither can be read, when it was paid (docs/mapping.md).
func (s *decoder) createdAt(r *transform.Record, paid transform.Instant) transform.Instant {
	r.Into(createdAt)
	at := s.order.Front.Created.Instant(r, "front.created")
	if !at.Valid {
		at = s.order.Created.Instant(r, "created")
	}
	if !at.Valid {
		at = paid
	}
	r.Into(nil)
	return at
}

// runningTotal adds up amounts of the lines of an order. One line whose amount is
// there but cannot be read makes the total unknown: a sum of the others
// would be wrong in silence. So do a line that is none, and a sum that is
// larger than its column.
type runningTotal struct {
	of      *transform.Target
	sum     transform.Money
	unknown bool
}

func (t *runningTotal) add(r *transform.Record, field string, wire *transform.Decimal, amount transform.Money) {
	if !amount.Valid {
		t.unknown = t.unknown || wire.Present()
		return
	}
	r.Into(t.of)
	t.sum = r.Sum(field, t.sum, amount)
	t.unknown = t.unknown || !t.sum.Valid
}

func (t *runningTotal) money() transform.Money {
	if t.unknown {
		return transform.Money{}
	}
	return t.sum
}

// addItems adds the lines of goods and returns what was taken off them.
func (s *decoder) addItems(r *transform.Record, currency string) transform.Money {
	discount := runningTotal{of: orderSaved, unknown: s.order.Items.Missed}
	for i := range s.order.Items.Items {
		v := &s.order.Items.Items[i]
		r.In("items", i)
		row := &itemFields.Fill(r, v, currency).Item
		row.LineNo = i + 1
		discount.add(r, "discount_amount", &v.Discount, row.Discount)
		discount.add(r, "apported_discount_amount", &v.Apportioned, row.ApportionedDiscount)
		r.Item(row)
	}
	r.In("", 0)
	return discount.money()
}

// addPayments adds the means of payment, paid at at, and returns what they add
// up to; null where there are none.
func (s *decoder) addPayments(r *transform.Record, currency string, at transform.Instant) transform.Money {
	paid := runningTotal{of: orderPaid, unknown: s.order.Payment.Details.Missed}
	for i := range s.order.Payment.Details.Items {
		v := &s.order.Payment.Details.Items[i]
		r.In("payment.details", i)
		row := &paymentFields.Fill(r, v, currency).Payment
		row.LineNo, row.PaidAt = i+1, at
		paid.add(r, "amount", &v.Amount, row.Amount)
		r.Payment(row)
	}
	r.In("", 0)
	return paid.money()
}

// addDiscounts adds the discounts of the order, then those of its items.
// Lines are numbered through both.
func (s *decoder) addDiscounts(r *transform.Record, currency string) {
	line := 0
	add := func(in string, favs []fav, level string, itemLine transform.Count) {
		for i := range favs {
			line++
			r.InLine(in, i, line)
			row := discountRow(r, currency, &favs[i])
			row.LineNo, row.Level, row.ItemLineNo = line, level, itemLine
			r.Discount(row)
		}
	}
	add("promotion.favs", s.order.Promotion.Favs.Items, "order", transform.Count{})
	for i := range s.order.Items.Items {
		if favs := s.order.Items.Items[i].Promotion.Favs.Items; len(favs) > 0 {
			add(s.favsOf(i), favs, "item", transform.CountOf(i+1))
		}
	}
	r.In("", 0)
}

// favsOf names the discounts of an item, for findings.
func (s *decoder) favsOf(index int) string {
	for len(s.of) <= index {
		s.of = append(s.of, "items["+strconv.Itoa(len(s.of))+"].promotion.favs")
	}
	return s.of[index]
}

// discountRow is a discount with the parts that its bearers take.
func discountRow(r *transform.Record, currency string, v *fav) *transform.Discount {
	row := &favFields.Fill(r, v, currency).Discount
	missed := v.Shares.Missed
	merchant, platform, agent := runningTotal{byMerchant, transform.Money{}, missed}, runningTotal{byPlatform, transform.Money{}, missed}, runningTotal{byAgent, transform.Money{}, missed}
	for i := range v.Shares.Items {
		part := &v.Shares.Items[i]
		var of *runningTotal
		switch role := part.Role.Value(r, "settle_details.role"); role {
		case "shop":
			of = &merchant
		case "platform":
			of = &platform
		case "agent":
			of = &agent
		default:
			r.Into(nil)
			r.Finding("settle_details.role", "a bearer of discounts that the vendor's document does not name", role)
			r.Into(byMerchant) // or another's: its amount is lost all the same
			part.Discount.Money(r, "settle_details.discount")
			continue
		}
		r.Into(of.of)
		of.add(r, "settle_details.discount", &part.Discount, part.Discount.Money(r, "settle_details.discount"))
	}
	r.Into(nil)
	row.Merchant, row.Platform, row.Agent = merchant.money(), platform.money(), agent.money()
	return row
}
