package soms

import (
	"strconv"

	"github.com/nightaudit/nightaudit/transform"
)

func (s *decoder) addSettlementDiscounts(r *transform.Record, currency string) {
	for i := range s.order.SettleInfo.Discounts.Items {
		v := &s.order.SettleInfo.Discounts.Items[i]
		r.In("settle_info.discounts", i)
		row := &settleDiscountFields.Fill(r, v, currency).SettlementDiscount
		row.LineNo, row.Details = i+1, detailsText(v)
		r.SettlementDiscount(row)
	}
	r.In("", 0)
}

// detailsText is the breakdown of a settlement discount as the vendor wrote
// it, for the document gives it no type (SOMS interface document, 2.82): an array is kept
// as its JSON. Empty ones are absent.
func detailsText(v *settleDiscount) string {
	switch v.Details.Text {
	case "[]", "[{}]":
		return ""
	}
	return v.Details.Text
}

// addDeliveries adds the waybills, or the carrier where there are none. A
// waybill has no state of its own: that of the order's carrier applies.
func (s *decoder) addDeliveries(r *transform.Record, currency string) {
	v := &s.order.Delivery
	carrier := &v.Carrier.Carrier
	state := v.Carrier.State.Value(r, "delivery.carrier.state")
	if len(v.Waybills.Items) == 0 && state == "" && !carrier.given() {
		return
	}
	status := carrierStatus.Status(r, "delivery.carrier.state", state)
	if len(v.Waybills.Items) == 0 {
		waybillNo := v.WaybillID.Value(r, "delivery.waybill_id")
		if waybillNo == "" {
			waybillNo = s.order.WaybillID.Value(r, "waybill_id")
		}
		r.Delivery(&transform.Delivery{
			DeliveryID:   deliveryID(waybillNo, 0),
			Carrier:      carrier.ID.Value(r, "delivery.carrier.carrier.id"),
			WaybillNo:    waybillNo,
			Status:       status,
			SourceStatus: state,
			Currency:     currency,
		})
	}
	for i := range v.Waybills.Items {
		w := &v.Waybills.Items[i]
		r.In("delivery.waybills", i)
		row := &waybillFields.Fill(r, w, currency).Delivery
		row.Status, row.SourceStatus, row.DeliveryID = status, state, deliveryID(row.WaybillNo, i)
		for j := range i {
			if row.WaybillNo != "" && v.Waybills.Items[j].ID.Text == w.ID.Text {
				r.Finding("waybill_id", "the order has this waybill twice", w.ID.Text)
				row.DeliveryID = deliveryID("", i)
				break
			}
		}
		r.Delivery(row)
	}
	r.In("", 0)
}

// deliveryID is the waybill's id, without one # and its index from 1.
func deliveryID(waybillNo string, index int) string {
	if waybillNo == "" {
		return "#" + strconv.Itoa(index+1)
	}
	return waybillNo
}

func (s *decoder) addInvoices(r *transform.Record, currency string) {
	v := &s.order.Invoice
	if len(v.Details.Items) == 0 {
		return
	}
	result := v.Result.Value(r, "invoice.result")
	for i := range v.Details.Items {
		r.In("invoice.details", i)
		row := &invoiceFields.Fill(r, &v.Details.Items[i], currency).Invoice
		row.LineNo, row.Result = i+1, result
		r.Invoice(row)
	}
	r.In("", 0)
}
