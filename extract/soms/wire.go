package soms

import (
	"slices"

	"github.com/go-faster/jx"

	"github.com/nightaudit/nightaudit/transform"
)

// order is an order as the vendor writes it (SOMS interface document, 2.40), with the
// members that docs/mapping.md maps. Everything else is skipped unread: it is
// personal data, logs, or nobody's figure. Misspelt keys are the real keys.
//
// One order value serves a whole page: its lists keep their memory.
type order struct {
	id, state, cancelReason, sourceOrderID          transform.Text
	saleOrderID, waybillID                          transform.Text
	reissueReason, responsibleParty                 transform.Text
	created, modified                               transform.LocalTime
	skuQuantity                                     transform.Decimal
	realTotal, origTotal                            transform.Decimal
	settleAmount, settleCommission, oldCommission   transform.Decimal
	settleFreight, performanceFee, shopAmount       transform.Decimal
	freightDiscount, packageDiscount, addressChange transform.Decimal

	store      idName
	front      front
	payment    payment
	delivery   delivery
	settleInfo settleInfo
	settleUnit settleUnit

	invoiceResult transform.Text

	details   []paymentDetail
	invoices  []invoiceDetail
	waybills  []waybill
	discounts []settleDiscount
	items     []item
	favs      []fav   // of the order and of its items
	shares    []share // of favs

	hasItems bool     // an array of items was there
	misfits  []misfit // objects and arrays that were something else
}

type idName struct{ id, name transform.Text }

func (v *idName) given() bool { return v.id.Present() || v.name.Present() }

type front struct {
	platform, orderType  idName
	orderID, mainOrderID transform.Text
	created, finished    transform.LocalTime
}

type payment struct {
	kind, state                          transform.Text
	amount, freight, packageTotal, other transform.Decimal
	cod, earnest                         transform.Decimal
	paidAt                               transform.LocalTime
}

type paymentDetail struct {
	code, name, flowNo, outPayID transform.Text
	amount, discount             transform.Decimal
}

type delivery struct {
	kind, state, waybillID transform.Text
	station                idName
	carrierState           transform.Text
	carrier                idName
	preEnd                 transform.LocalTime
}

type waybill struct {
	id      transform.Text
	carrier idName
	freight transform.Decimal
}

type settleInfo struct {
	settlable transform.Bool
	date      transform.LocalDay
	mode      transform.Text
}

type settleUnit struct{ code, name transform.Text }

type settleDiscount struct {
	scope, details transform.Text
	amount         transform.Decimal
}

type invoiceDetail struct {
	kind, titleType transform.Text
	amount, tax     transform.Decimal
	time            transform.LocalTime
}

type item struct {
	itemID, skuID, title                   transform.Text
	quantity, unitPrice, total             transform.Decimal
	discount, apportioned, pay             transform.Decimal
	settlePrice, settleTotal               transform.Decimal
	platformDiscount, shopTotal, costPrice transform.Decimal
	isGift                                 transform.Bool
}

// ofOrder marks a discount that stands on the order, not on an item.
const ofOrder = -1

// fav is a discount of the order or of the item with index item; its shares
// are order.shares[from:to].
type fav struct {
	item     int
	id, name transform.Text
	amount   transform.Decimal
	from, to int
}

type share struct {
	role     transform.Text
	discount transform.Decimal
}

// misfit is an object or array that was something else, or there twice. raw is
// empty where the member can hold personal data.
type misfit struct{ field, reason, raw string }

// reset empties o for the next order and lets go of the page's memory.
func (o *order) reset() {
	clear(o.details)
	clear(o.invoices)
	clear(o.waybills)
	clear(o.discounts)
	clear(o.items)
	clear(o.favs)
	clear(o.shares)
	clear(o.misfits)
	*o = order{
		details: o.details[:0], invoices: o.invoices[:0], waybills: o.waybills[:0], discounts: o.discounts[:0],
		items: o.items[:0], favs: o.favs[:0], shares: o.shares[:0], misfits: o.misfits[:0],
	}
}

// object reads a member that the document calls an object. What is something
// else costs that member only. The text of private members is not kept.
func (o *order) object(d *jx.Decoder, field string, private bool, member func(d *jx.Decoder, key string) error) error {
	raw, err := transform.ReadObject(d, member)
	o.misfit(field, raw, private)
	return err
}

// objects reads a member that the document calls an array of objects;
// element is called for each object of it.
func (o *order) objects(d *jx.Decoder, field string, private bool, element func(d *jx.Decoder) error) error {
	raw, err := transform.ReadArray(d, func(d *jx.Decoder) error {
		if d.Next() != jx.Object {
			return o.object(d, field, private, nil)
		}
		return element(d)
	})
	o.misfit(field, raw, private)
	return err
}

func (o *order) misfit(field, raw string, private bool) {
	if raw == "" {
		return
	}
	if private {
		raw = ""
	}
	o.misfits = append(o.misfits, misfit{field, transform.WrongType, raw})
}

// again notes a list that was there before in the same order.
func (o *order) again(field string, before bool) {
	if before {
		o.misfits = append(o.misfits, misfit{field, transform.RepeatedList, ""})
	}
}

func (v *idName) member(d *jx.Decoder, key string) error {
	switch key {
	case "id":
		return v.id.Read(d)
	case "name":
		return v.name.Read(d)
	}
	return d.Skip()
}

// read takes one order, which must be an object.
func (o *order) read(d *jx.Decoder) error {
	return o.object(d, "order", true, o.member)
}

// member takes one member of an order.
func (o *order) member(d *jx.Decoder, key string) error {
	switch key {
	case "id":
		return o.id.Read(d)
	case "created":
		return o.created.Read(d)
	case "modified":
		return o.modified.Read(d)
	case "state":
		return o.state.Read(d)
	case "invoice":
		return o.object(d, "invoice", true, o.invoiceMember)
	case "payment":
		return o.object(d, "payment", true, o.paymentMember)
	case "delivery":
		return o.object(d, "delivery", true, o.deliveryMember)
	case "front":
		return o.object(d, "front", false, o.frontMember)
	case "items":
		return o.readItems(d)
	case "promotion":
		return o.readPromotion(d, "promotion", ofOrder)
	case "order_store":
		return o.object(d, "order_store", false, o.store.member)
	case "cancel_reason":
		return o.cancelReason.Read(d)
	case "source_order_id":
		return o.sourceOrderID.Read(d)
	case "sku_quantity":
		return o.skuQuantity.Read(d)
	case "real_total":
		return o.realTotal.Read(d)
	case "orig_total":
		return o.origTotal.Read(d)
	case "settle_amount":
		return o.settleAmount.Read(d)
	case "settle_commission":
		return o.settleCommission.Read(d)
	case "selttle_commission": // the deprecated twin
		return o.oldCommission.Read(d)
	case "settle_freight":
		return o.settleFreight.Read(d)
	case "performance_service_fee":
		return o.performanceFee.Read(d)
	case "shop_amount":
		return o.shopAmount.Read(d)
	case "freight_discount":
		return o.freightDiscount.Read(d)
	case "package_discount":
		return o.packageDiscount.Read(d)
	case "address_change_fee":
		return o.addressChange.Read(d)
	case "settle_info":
		return o.object(d, "settle_info", false, o.settleInfoMember)
	case "settle_unit":
		return o.object(d, "settle_unit", false, o.settleUnitMember)
	case "reissue_reason":
		return o.reissueReason.Read(d)
	case "responsible_party":
		return o.responsibleParty.Read(d)
	case "sale_order_id":
		return o.saleOrderID.Read(d)
	case "waybill_id":
		return o.waybillID.Read(d)
	}
	return d.Skip()
}

// dropFavs forgets the discounts that a member written before had, for a
// member that stands twice counts once, as it stands last.
func (o *order) dropFavs(drop func(fav) bool) {
	if len(o.favs) > 0 {
		o.favs = slices.DeleteFunc(o.favs, drop)
	}
}
