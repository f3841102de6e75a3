package soms

import (
	"strconv"

	"github.com/nightaudit/nightaudit/transform"
)

func (s *decoder) addSettlement(r *transform.Record, currency string) {
	o := &s.order
	s.rows.settlement = transform.Settlement{
		SettleUnitCode:    o.settleUnit.code.Value(r, "settle_unit.code"),
		SettleUnitName:    o.settleUnit.name.Value(r, "settle_unit.name"),
		SettleDate:        o.settleInfo.date.Date(r, "settle_info.settle_date"),
		Settlable:         o.settleInfo.settlable.Flag(r, "settle_info.settlable"),
		SettleMode:        o.settleInfo.mode.Value(r, "settle_info.station_settle_mode"),
		SettleFreight:     o.settleFreight.Money(r, "settle_freight"),
		PerformanceFee:    o.performanceFee.Money(r, "performance_service_fee"),
		Shop:              o.shopAmount.Money(r, "shop_amount"),
		FreightDiscount:   o.freightDiscount.Money(r, "freight_discount"),
		PackagingDiscount: o.packageDiscount.Money(r, "package_discount"),
		AddressChange:     o.addressChange.Money(r, "address_change_fee"),
		PaymentType:       o.payment.kind.Value(r, "payment.type"),
		COD:               o.payment.cod.Money(r, "payment.cod_amount"),
		Earnest:           o.payment.earnest.Money(r, "payment.earnest_amount"),
		OrderType:         o.front.orderType.id.Value(r, "front.order_type.id"),
		DeliveryType:      o.delivery.kind.Value(r, "delivery.type"),
		DeliveryState:     o.delivery.state.Value(r, "delivery.state"),
		MainOrderID:       o.front.mainOrderID.Value(r, "front.main_order_id"),
		SaleOrderID:       o.saleOrderID.Value(r, "sale_order_id"),
		ReissueReason:     o.reissueReason.Value(r, "reissue_reason"),
		ResponsibleParty:  o.responsibleParty.Value(r, "responsible_party"),
		Currency:          currency,
	}
	r.Settlement(&s.rows.settlement)
	for i := range o.discounts {
		v := &o.discounts[i]
		r.In("settle_info.discounts", i)
		s.rows.settlementDiscount = transform.SettlementDiscount{
			LineNo:   i + 1,
			Scope:    v.scope.Value(r, "scope"),
			Amount:   v.amount.Money(r, "amount"),
			Details:  detailsText(v),
			Currency: currency,
		}
		r.SettlementDiscount(&s.rows.settlementDiscount)
	}
	r.In("", 0)
}

// detailsText is the breakdown of a settlement discount as the vendor wrote
// it, for the document gives it no type (SOMS interface document, 2.82): an array is kept
// as its JSON. Empty ones are absent.
func detailsText(v *settleDiscount) string {
	switch v.details.Text {
	case "[]", "[{}]":
		return ""
	}
	return v.details.Text
}

// addDeliveries adds the waybills, or the carrier where there are none. A
// waybill has no state of its own: that of the order's carrier applies.
func (s *decoder) addDeliveries(r *transform.Record, currency string) {
	o := &s.order
	state := o.delivery.carrierState.Value(r, "delivery.carrier.state")
	if len(o.waybills) == 0 {
		if state == "" && !o.delivery.carrier.given() {
			return
		}
		waybill := o.delivery.waybillID.Value(r, "delivery.waybill_id")
		if waybill == "" {
			waybill = o.waybillID.Value(r, "waybill_id")
		}
		s.rows.delivery = transform.Delivery{
			DeliveryID:   deliveryID(waybill, 0),
			Carrier:      o.delivery.carrier.id.Value(r, "delivery.carrier.carrier.id"),
			WaybillNo:    waybill,
			Status:       carrierStatus.Status(r, "delivery.carrier.state", state),
			SourceStatus: state,
			Currency:     currency,
		}
		r.Delivery(&s.rows.delivery)
		return
	}
	status := carrierStatus.Status(r, "delivery.carrier.state", state)
	for i := range o.waybills {
		v := &o.waybills[i]
		r.In("delivery.waybills", i)
		row := &s.rows.delivery
		*row = transform.Delivery{
			Carrier:      v.carrier.id.Value(r, "carrier.id"),
			WaybillNo:    v.id.Value(r, "waybill_id"),
			Status:       status,
			SourceStatus: state,
			Fee:          v.freight.Money(r, "freight"),
			Currency:     currency,
		}
		row.DeliveryID = deliveryID(row.WaybillNo, i)
		for j := range i {
			if row.WaybillNo != "" && o.waybills[j].id.Text == v.id.Text {
				r.Finding("waybill_id", "the order has this waybill twice", v.id.Text)
				row.DeliveryID = deliveryID("", i)
				break
			}
		}
		r.Delivery(row)
	}
	r.In("", 0)
}

// deliveryID is the waybill's id, without one # and its index from 1.
func deliveryID(waybill string, index int) string {
	if waybill == "" {
		return "#" + strconv.Itoa(index+1)
	}
	return waybill
}

func (s *decoder) addInvoices(r *transform.Record, currency string) {
	o := &s.order
	if len(o.invoices) == 0 {
		return
	}
	result := o.invoiceResult.Value(r, "invoice.result")
	for i := range o.invoices {
		v := &o.invoices[i]
		r.In("invoice.details", i)
		s.rows.invoice = transform.Invoice{
			LineNo:    i + 1,
			Type:      v.kind.Value(r, "type"),
			TitleType: v.titleType.Value(r, "title_type"),
			Amount:    v.amount.Money(r, "amount"),
			Tax:       v.tax.Money(r, "tax"),
			Currency:  currency,
			Result:    result,
			IssuedAt:  v.time.Instant(r, "time"),
		}
		r.Invoice(&s.rows.invoice)
	}
	r.In("", 0)
}
