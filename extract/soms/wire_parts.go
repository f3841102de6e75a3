package soms

import "github.com/go-faster/jx"

func (o *order) invoiceMember(d *jx.Decoder, key string) error {
	switch key {
	case "result":
		return o.invoiceResult.Read(d)
	case "details":
		o.again("invoice.details", len(o.invoices) > 0)
		o.invoices = o.invoices[:0]
		return o.objects(d, "invoice.details", true, func(d *jx.Decoder) error {
			o.invoices = append(o.invoices, invoiceDetail{})
			v := &o.invoices[len(o.invoices)-1]
			return o.object(d, "invoice.details", true, v.member)
		})
	}
	return d.Skip()
}

func (v *invoiceDetail) member(d *jx.Decoder, key string) error {
	switch key {
	case "type":
		return v.kind.Read(d)
	case "title_type":
		return v.titleType.Read(d)
	case "amount":
		return v.amount.Read(d)
	case "tax":
		return v.tax.Read(d)
	case "time":
		return v.time.Read(d)
	}
	return d.Skip()
}

func (o *order) paymentMember(d *jx.Decoder, key string) error {
	p := &o.payment
	switch key {
	case "type":
		return p.kind.Read(d)
	case "state":
		return p.state.Read(d)
	case "amount":
		return p.amount.Read(d)
	case "freight":
		return p.freight.Read(d)
	case "package_total":
		return p.packageTotal.Read(d)
	case "other_fee":
		return p.other.Read(d)
	case "cod_amount":
		return p.cod.Read(d)
	case "earnest_amount":
		return p.earnest.Read(d)
	case "pay_time":
		return p.paidAt.Read(d)
	case "details":
		o.again("payment.details", len(o.details) > 0)
		o.details = o.details[:0]
		return o.objects(d, "payment.details", true, func(d *jx.Decoder) error {
			o.details = append(o.details, paymentDetail{})
			v := &o.details[len(o.details)-1]
			return o.object(d, "payment.details", true, v.member)
		})
	}
	return d.Skip()
}

func (v *paymentDetail) member(d *jx.Decoder, key string) error {
	switch key {
	case "code":
		return v.code.Read(d)
	case "name":
		return v.name.Read(d)
	case "amount":
		return v.amount.Read(d)
	case "discount_amount":
		return v.discount.Read(d)
	case "flowno":
		return v.flowNo.Read(d)
	case "out_pay_id":
		return v.outPayID.Read(d)
	}
	return d.Skip()
}

func (o *order) deliveryMember(d *jx.Decoder, key string) error {
	v := &o.delivery
	switch key {
	case "type":
		return v.kind.Read(d)
	case "state":
		return v.state.Read(d)
	case "waybill_id":
		return v.waybillID.Read(d)
	case "pre_end_delivery_time":
		return v.preEnd.Read(d)
	case "station":
		return o.object(d, "delivery.station", false, v.station.member)
	case "carrier":
		return o.object(d, "delivery.carrier", true, func(d *jx.Decoder, key string) error {
			switch key {
			case "state":
				return v.carrierState.Read(d)
			case "carrier":
				return o.object(d, "delivery.carrier.carrier", false, v.carrier.member)
			}
			return d.Skip()
		})
	case "waybills":
		o.again("delivery.waybills", len(o.waybills) > 0)
		o.waybills = o.waybills[:0]
		return o.objects(d, "delivery.waybills", true, func(d *jx.Decoder) error {
			o.waybills = append(o.waybills, waybill{})
			w := &o.waybills[len(o.waybills)-1]
			return o.object(d, "delivery.waybills", true, func(d *jx.Decoder, key string) error {
				switch key {
				case "waybill_id":
					return w.id.Read(d)
				case "freight":
					return w.freight.Read(d)
				case "carrier":
					return o.object(d, "delivery.waybills.carrier", false, w.carrier.member)
				}
				return d.Skip()
			})
		})
	}
	return d.Skip()
}

func (o *order) frontMember(d *jx.Decoder, key string) error {
	f := &o.front
	switch key {
	case "platform":
		return o.object(d, "front.platform", false, f.platform.member)
	case "order_type":
		return o.object(d, "front.order_type", false, f.orderType.member)
	case "order_id":
		return f.orderID.Read(d)
	case "main_order_id":
		return f.mainOrderID.Read(d)
	case "created":
		return f.created.Read(d)
	case "finished_time":
		return f.finished.Read(d)
	}
	return d.Skip()
}

func (o *order) settleInfoMember(d *jx.Decoder, key string) error {
	switch key {
	case "settlable":
		return o.settleInfo.settlable.Read(d)
	case "settle_date":
		return o.settleInfo.date.Read(d)
	case "station_settle_mode":
		return o.settleInfo.mode.Read(d)
	case "discounts":
		o.again("settle_info.discounts", len(o.discounts) > 0)
		o.discounts = o.discounts[:0]
		return o.objects(d, "settle_info.discounts", false, func(d *jx.Decoder) error {
			o.discounts = append(o.discounts, settleDiscount{})
			v := &o.discounts[len(o.discounts)-1]
			return o.object(d, "settle_info.discounts", false, func(d *jx.Decoder, key string) error {
				switch key {
				case "scope":
					return v.scope.Read(d)
				case "amount":
					return v.amount.Read(d)
				case "details":
					return v.details.Read(d)
				}
				return d.Skip()
			})
		})
	}
	return d.Skip()
}

func (o *order) settleUnitMember(d *jx.Decoder, key string) error {
	switch key {
	case "code":
		return o.settleUnit.code.Read(d)
	case "name":
		return o.settleUnit.name.Read(d)
	}
	return d.Skip()
}

func (o *order) readItems(d *jx.Decoder) error {
	o.again("items", o.hasItems)
	o.items = o.items[:0]
	o.dropFavs(func(f fav) bool { return f.item != ofOrder })
	o.hasItems = d.Next() == jx.Array
	return o.objects(d, "items", false, func(d *jx.Decoder) error {
		o.items = append(o.items, item{})
		i := len(o.items) - 1
		v := &o.items[i]
		return o.object(d, "items", false, func(d *jx.Decoder, key string) error {
			if key == "promotion" {
				return o.readPromotion(d, "items.promotion", i)
			}
			return v.member(d, key)
		})
	})
}

func (v *item) member(d *jx.Decoder, key string) error {
	switch key {
	case "item_id":
		return v.itemID.Read(d)
	case "sku_id":
		return v.skuID.Read(d)
	case "item_title":
		return v.title.Read(d)
	case "quantity":
		return v.quantity.Read(d)
	case "unit_price":
		return v.unitPrice.Read(d)
	case "total":
		return v.total.Read(d)
	case "discount_amount":
		return v.discount.Read(d)
	case "apported_discount_amount":
		return v.apportioned.Read(d)
	case "pay_amount":
		return v.pay.Read(d)
	case "settle_price":
		return v.settlePrice.Read(d)
	case "settle_total":
		return v.settleTotal.Read(d)
	case "settle_discountAmount":
		return v.platformDiscount.Read(d)
	case "shop_total":
		return v.shopTotal.Read(d)
	case "cost_price":
		return v.costPrice.Read(d)
	case "is_gift":
		return v.isGift.Read(d)
	}
	return d.Skip()
}

// readPromotion takes the discounts of the order or of the item with index
// item (SOMS interface document, 2.24, 2.35, 2.70).
func (o *order) readPromotion(d *jx.Decoder, field string, item int) error {
	return o.object(d, field, false, func(d *jx.Decoder, key string) error {
		if key != "favs" {
			return d.Skip()
		}
		o.dropFavs(func(f fav) bool { return f.item == item })
		return o.objects(d, "favs", false, func(d *jx.Decoder) error {
			o.favs = append(o.favs, fav{item: item, from: len(o.shares), to: len(o.shares)})
			v := &o.favs[len(o.favs)-1]
			return o.object(d, "favs", false, func(d *jx.Decoder, key string) error {
				switch key {
				case "id":
					return v.id.Read(d)
				case "name":
					return v.name.Read(d)
				case "amount":
					return v.amount.Read(d)
				case "settle_details":
					return o.readShares(d, v)
				}
				return d.Skip()
			})
		})
	})
}

func (o *order) readShares(d *jx.Decoder, v *fav) error {
	v.from = len(o.shares)
	err := o.objects(d, "favs.settle_details", false, func(d *jx.Decoder) error {
		o.shares = append(o.shares, share{})
		s := &o.shares[len(o.shares)-1]
		return o.object(d, "favs.settle_details", false, func(d *jx.Decoder, key string) error {
			switch key {
			case "role":
				return s.role.Read(d)
			case "discount":
				return s.discount.Read(d)
			}
			return d.Skip()
		})
	})
	v.to = len(o.shares)
	return err
}
