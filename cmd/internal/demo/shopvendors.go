package demo

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	guoxiaodi "github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

func jsonNumber(f Fen) json.Number { return json.Number(f.String()) }

func idName(n named) *soms.IDName {
	if n == (named{}) {
		return nil
	}
	return &soms.IDName{ID: n.id, Name: n.name}
}

func local(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return soms.LocalTime(t)
}

// somsOrders are the retail orders as the order service holds them.
func (w *World) somsOrders() []soms.Order {
	var out []soms.Order
	for _, o := range w.shopOrders {
		v := soms.Order{
			Created: local(o.created.Add(3 * time.Second)), Modified: local(o.modified), Creator: "system", Modifier: "system",
			ID: o.id, Shop: idName(o.store), Source: o.source, State: o.state, OrderStore: idName(o.store),
			ApproveState: "none", CancelReason: o.cancelReason, ItemCount: len(o.lines),
			RealTotal: jsonNumber(o.goods), OrigTotal: jsonNumber(o.gross),
			SettleCommission: jsonNumber(o.commission), SettleFreight: jsonNumber(o.settleFreight),
			PerformanceServiceFee: jsonNumber(o.performance), ShopAmount: jsonNumber(o.shopAmount),
			FreightDiscount: "0.00", PackageDiscount: "0.00", AddressChangeFee: "0.00",
			ReissueReason: o.reissue, ResponsibleParty: o.responsible,
			SettleUnit: &soms.SettleUnit{Type: "store", Code: o.store.id, Name: o.store.name},
			SettleInfo: &soms.SettleInfo{StationSettleMode: "online"},
			Front: &soms.Front{
				Platform: idName(o.platform), Created: local(o.created), Modified: local(o.modified), OrderID: o.front,
				MainOrderID: o.main, FinishedTime: local(o.finished), OrderType: idName(o.orderType),
			},
			Delivery: &soms.Delivery{
				Type: o.deliveryType, State: o.deliverState, Station: idName(o.store), PreType: "normal",
				PreStart: local(o.due.Add(-30 * time.Minute)), PreEnd: local(o.due),
			},
		}
		if o.settleGiven {
			v.SettleAmount = jsonNumber(o.settle)
		}
		if o.state == "delivered" {
			v.SettleInfo.Settlable = true
			v.SettleInfo.SettleDate = o.finished.In(soms.Zone).Format(time.DateOnly) + " 00:00:00"
		}
		if o.state == "canceled" {
			v.CancelType = "customerCancel"
		}
		if o.refunded {
			v.RefundState = "refunded"
		}
		v.Payment = o.somsPayment()
		if o.undated {
			v.Created, v.Front.Created, v.Payment.PayTime = "", "", ""
		}
		var quantity milli
		for k, l := range o.lines {
			v.Items = append(v.Items, l.somsItem(o.id, k+1))
			quantity += l.quantity
		}
		v.SKUQuantity = json.Number(quantity.String())
		if len(o.favs) > 0 {
			v.Promotion = &soms.OrderPromotion{Favs: somsFavs(o.favs)}
			for _, f := range o.favs {
				v.SettleInfo.Discounts = append(v.SettleInfo.Discounts, soms.SettleDiscount{Scope: "order", Amount: jsonNumber(f.amount), Details: settleShares(f)})
			}
		}
		for _, b := range o.waybills {
			v.Delivery.Waybills = append(v.Delivery.Waybills, soms.Waybill{Carrier: idName(o.carrier), WaybillID: b.id, Freight: jsonNumber(b.freight)})
			v.WaybillID, v.Delivery.WaybillID = b.id, b.id
		}
		if o.waybills != nil {
			v.Delivery.Carrier = &soms.Carrier{State: o.carrierState, Type: o.carrierType, Carrier: idName(o.carrier)}
		}
		if o.invoice > 0 {
			v.Invoice = o.somsInvoice()
		}
		out = append(out, v)
	}
	return out
}

func (o *shopOrder) somsPayment() *soms.Payment {
	p := &soms.Payment{
		Type: o.payType, State: o.payState, Amount: jsonNumber(o.amount), Freight: jsonNumber(o.freight),
		PayTime: local(o.paidAt), CODAmount: jsonNumber(o.cod), Earnest: jsonNumber(o.earnest),
		PackageTotal: jsonNumber(o.packaging), OtherFee: jsonNumber(o.other),
	}
	for _, d := range o.payments {
		p.Details = append(p.Details, soms.PaymentDetail{
			Code: d.code, Name: d.name, Type: "5", Amount: jsonNumber(d.amount), FlowNo: d.flow,
			DiscountAmount: jsonNumber(d.discount), PayID: d.flow, OutPayID: d.external,
		})
	}
	return p
}

func (l *shopLine) somsItem(order string, no int) soms.Item {
	p := l.product
	v := soms.Item{
		UUID: fmt.Sprintf("%s-%d", order, no), Spec: p.spec, Unit: p.unit, Barcode: "690" + p.item,
		Quantity: json.Number(l.quantity.String()), Total: jsonNumber(l.total), ItemNo: strconv.Itoa(no),
		SKUID: p.sku, ProductID: p.item, ItemTitle: p.title, UnitPrice: jsonNumber(l.price), PayAmount: jsonNumber(l.pay),
		DiscountAmount: jsonNumber(l.discount), ApportedDiscountAmount: jsonNumber(l.apport),
		CostPrice: jsonNumber(p.cost), ShopTotal: jsonNumber(l.shop), SettleTotal: jsonNumber(l.settle),
		SettleDiscountAmount: jsonNumber(l.platform), ItemID: strconv.Itoa(no), IsGift: l.gift,
	}
	if l.settlePrice > 0 {
		v.SettlePrice = json.Number(fmt.Sprintf("%d.%04d", l.settlePrice/10000, l.settlePrice%10000))
	}
	if len(l.favs) > 0 {
		v.Promotion = &soms.ItemPromotion{
			Favs: somsFavs(l.favs), DiscountAmount: jsonNumber(l.discount), ApportedDiscountAmount: jsonNumber(l.apport),
		}
	}
	return v
}

func somsFavs(favs []fav) []soms.Fav {
	var out []soms.Fav
	for _, f := range favs {
		out = append(out, soms.Fav{ID: f.id, Name: f.name, Type: "discount", Amount: jsonNumber(f.amount), SettleDetails: settleShares(f)})
	}
	return out
}

// settleShares leaves out who bears nothing.
func settleShares(f fav) []soms.SettleShare {
	var out []soms.SettleShare
	for _, s := range []struct {
		role   string
		amount Fen
	}{{"shop", f.shop}, {"platform", f.platform}, {"agent", f.agent}} {
		if s.amount != 0 {
			out = append(out, soms.SettleShare{Role: s.role, Discount: jsonNumber(s.amount)})
		}
	}
	return out
}

func (o *shopOrder) somsInvoice() *soms.Invoice {
	title, kind := "个人", "person"
	if !o.person {
		title, kind = "云栖示例有限公司", "company"
	}
	return &soms.Invoice{Required: true, Result: "开票成功", Details: []soms.InvoiceDetail{{
		Type: "plain", Kind: "electronic", Title: title, TitleType: kind,
		Amount: jsonNumber(o.invoice), Tax: jsonNumber(o.invoiceTax()), Time: local(o.finished), SerialNo: "9900" + o.id,
	}}}
}

// invoiceTax is the 13 % that the invoiced amount holds.
func (o *shopOrder) invoiceTax() Fen { return (o.invoice*13*2 + 113) / (113 * 2) }

// somsReminds are the customers' hurry-ups.
func (w *World) somsReminds() []soms.Remind {
	var out []soms.Remind
	for _, r := range w.reminders {
		modified := r.at
		if !r.replied.IsZero() {
			modified = r.replied
		}
		out = append(out, soms.Remind{
			Created: local(r.at), Modified: local(modified), Store: idName(r.store), Time: local(r.at), Count: r.count,
			RemindID: r.id, OrderID: r.order, PlatformID: r.platform, FrontRemindID: "F" + r.id,
			ReplyState: r.state, ReplyTime: local(r.replied),
		})
	}
	return out
}

// guoxiaodiOrders are the deliveries as the courier holds them.
func (w *World) guoxiaodiOrders() []guoxiaodi.Order {
	var out []guoxiaodi.Order
	for _, c := range w.courierOrders {
		if !c.knownToTheCourier {
			continue
		}
		v := guoxiaodi.Order{
			AccountNo: "GXD10086", OrderNo: c.no, SourceOrderNo: c.shopOrder, ExpressStatus: c.status,
			TotalTipFee: c.tipTotal.InFen(),
		}
		if c.tipAtCreation > 0 {
			v.CreationTip = c.tipAtCreation.InFen()
		}
		taken := false
		for _, e := range c.events {
			f := guoxiaodi.Event{ExpressStatus: e.status, ExpressStatusDesc: e.text, HappenTime: e.at.UnixMilli(), RecordDesc: e.text}
			if taken = taken || e.status == "WAIT_PICKUP"; taken {
				f.ExpressWorkerName, f.ExpressWorkerPhone = c.worker.name, c.worker.phone
				v.ExpressWorkerName, v.ExpressWorkerPhone = c.worker.name, c.worker.phone
			}
			v.Feed = append(v.Feed, f)
		}
		for _, t := range c.tips {
			v.Tips = append(v.Tips, guoxiaodi.Tip{TipNo: t.no, TipFee: t.amount.InFen(), CreateTime: t.at.UnixMilli()})
		}
		out = append(out, v)
	}
	return out
}

// registerLine is what the shop's ordering system kept when it called the
// courier.
func (c *courierOrder) registerLine() []byte {
	v := guoxiaodi.Created{
		OrderNo: c.no, SourceOrderNo: c.shopOrder, ExpressStatus: "WAIT_TAKE",
		CarriageFee: c.carriage.InFen(), DistanceFee: c.distance.InFen(), WeightFee: c.weight.InFen(), TipFee: c.tipAtCreation.InFen(),
		CustomerTotalOverflowAmount: c.surcharge.InFen(), ExpressOrderOverflowList: []guoxiaodi.Overflow{},
		PayFee: c.pay.InFen(), PlanRouteMileageNum: strconv.Itoa(c.kilometres), PlanRouteMinuteNum: strconv.Itoa(c.minutes),
		TimeCreateOrder:       strconv.FormatInt(c.created.UnixMilli(), 10),
		BeforePreferentialFee: c.before.InFen(), PreferentialAmount: c.preferential.InFen(), SpecialDeliveryFee: c.special.InFen(),
	}
	if c.payText != "" {
		v.PayFee = c.payText
	}
	if c.surcharge > 0 {
		v.ExpressOrderOverflowList = append(v.ExpressOrderOverflowList, guoxiaodi.Overflow{PlanName: "高峰溢价", CustomerAmount: c.surcharge.InFen()})
	}
	return v.Answer(c.created)
}
