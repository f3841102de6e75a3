package demo

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	guoxiaodi "github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// The auditor on the courier, and on what cannot be at all.

// fees are the courier's charges for an order, of the register.
type fees struct {
	carriage, weight, distance, surcharge, special, before, preferential, pay, creationTip *big.Rat
}

func (a *auditor) feesOf(c created) fees {
	return fees{
		carriage: a.yuanOf(c.CarriageFee), weight: a.yuanOf(c.WeightFee), distance: a.yuanOf(c.DistanceFee),
		surcharge: a.yuanOf(c.CustomerTotalOverflowAmount), special: a.yuanOf(c.SpecialDeliveryFee),
		before: a.yuanOf(c.BeforePreferentialFee), preferential: a.yuanOf(c.PreferentialAmount),
		pay: a.feeOf(c.PayFee), creationTip: a.yuanOf(c.TipFee),
	}
}

// feeOf reads a text of fen; nil where it is none.
func (a *auditor) feeOf(text string) *big.Rat {
	if strings.Trim(text, "0123456789") != "" {
		return nil
	}
	return a.yuanOf(text)
}

func (a *auditor) courier(b books) {
	register := map[string]fees{}
	for _, c := range b.register {
		register[c.OrderNo] = a.feesOf(c)
	}
	carried := map[string]guoxiaodi.Order{}
	for _, o := range b.courier {
		x, ok := register[o.OrderNo]
		if !ok {
			a.t.Errorf("courier order %s is not in the register", o.OrderNo)
		}
		if _, twice := carried[o.SourceOrderNo]; twice {
			a.t.Errorf("two courier orders carry %s: this auditor knows one", o.SourceOrderNo)
		}
		carried[o.SourceOrderNo] = o
		parts := []*big.Rat{x.surcharge, x.special, x.preferential, x.creationTip}
		f := finding{rule: "courier_fee", source: srcGuoxiaodi, order: o.OrderNo}
		f.line = 1
		a.compare(f, x.carriage, plus(x.weight, x.distance), 1, parts...)
		f.line = 2
		if x.pay != nil {
			a.compare(f, x.pay, minus(x.before, x.preferential), 1, parts...)
		} else {
			a.note(finding{rule: "unreadable", source: srcGuoxiaodi, order: o.OrderNo, reason: "unreadable"})
		}
		tips := new(big.Rat)
		for _, t := range o.Tips {
			tips.Add(tips, a.yuanOf(t.TipFee))
		}
		f.line = 3
		if total := a.yuanOf(o.TotalTipFee); new(big.Rat).Abs(minus(minus(total, tips), x.creationTip)).Cmp(cent) > 0 {
			a.compare(f, total, tips, 1, parts...)
		}
	}
	shop := map[string]soms.Order{}
	for _, o := range b.soms {
		shop[o.ID] = o
		a.carriedFor(o, carried, register)
	}
	for _, c := range b.courier {
		sent := slices.ContainsFunc(waybillsOf(shop[c.SourceOrderNo]), func(w soms.Waybill) bool { return w.Carrier.ID == courier.id })
		fee := register[c.OrderNo].pay
		if c.ExpressStatus == "CANCELED" || c.ExpressStatus == "REFUNDED" {
			fee = new(big.Rat) // it keeps nothing
		}
		if !sent && fee.Sign() != 0 {
			a.note(finding{rule: "courier_missing", source: srcGuoxiaodi, order: c.OrderNo, actual: fee.FloatString(4), reason: "missing_right"})
		}
	}
}

// waybillsOf are none for an order that there is not.
func waybillsOf(o soms.Order) []soms.Waybill {
	if o.Delivery == nil {
		return nil
	}
	return o.Delivery.Waybills
}

// carriedFor holds an order of the shop against the courier's.
func (a *auditor) carriedFor(o soms.Order, carried map[string]guoxiaodi.Order, register map[string]fees) {
	freight, waybills := new(big.Rat), 0
	for _, w := range o.Delivery.Waybills {
		if w.Carrier.ID == courier.id {
			freight.Add(freight, a.num(w.Freight.String()))
			waybills++
		}
	}
	f := finding{source: srcSoms, order: o.ID}
	c, ok := carried[o.ID]
	if !ok {
		state := ""
		if o.Delivery.Carrier != nil {
			state = o.Delivery.Carrier.State
		}
		has := slices.Contains([]string{"dispatched", "arrived", "pickup", "pickupFailed", "delivering", "delivered"}, state)
		if waybills > 0 && has && o.State != "canceled" {
			f.rule, f.actual, f.reason = "courier_missing", freight.FloatString(4), "missing_right"
			a.note(f)
		}
		return
	}
	f.right = srcGuoxiaodi + " " + c.OrderNo
	delivered := slices.ContainsFunc(c.Feed, func(e guoxiaodi.Event) bool { return e.ExpressStatus == "RECEIVED" })
	off := c.ExpressStatus == "CANCELED" || c.ExpressStatus == "REFUNDED"
	if o.State == "delivered" && off && !(c.ExpressStatus == "REFUNDED" && delivered) || o.State == "canceled" && c.ExpressStatus == "RECEIVED" {
		f.rule, f.reason = "courier_status", "status"
		a.note(f)
	}
	if waybills == 0 || off || o.State == "canceled" || o.RefundState == "refunded" {
		return
	}
	x, total := register[c.OrderNo], a.yuanOf(c.TotalTipFee)
	added := minus(total, x.creationTip)
	parts := []*big.Rat{x.creationTip, added, x.preferential, x.surcharge, x.special, x.weight, x.distance}
	if !same(total, x.creationTip) && !same(total, added) {
		parts = append(parts, total)
	}
	f.rule = "courier_vs_shop"
	if x.pay != nil {
		a.compare(f, freight, x.pay, 1, parts...)
	}
}

// plausible notes what cannot be, by the number of the comparison: 1 an
// amount below zero, 3 an end before its beginning, 5 an unknown status.
// The vendors of the world state every amount that they owe, and one currency.
func (a *auditor) plausible(b books) {
	negative := func(source, order string, amounts ...*big.Rat) {
		lowest := slices.MinFunc(amounts, (*big.Rat).Cmp)
		if lowest.Sign() < 0 {
			a.note(finding{rule: "plausibility", source: source, order: order, line: 1, actual: lowest.FloatString(4), expected: "0.0000", reason: "amount"})
		}
	}
	wrong := func(source, order string, line int, is bool) {
		if is {
			a.note(finding{rule: "plausibility", source: source, order: order, line: line, reason: "status"})
		}
	}
	for _, o := range b.tuya {
		amounts := []*big.Rat{a.num(string(o.OrderAmount))}
		for _, l := range o.CommodityList {
			amounts = append(amounts, a.num(string(l.OrderAmount)))
		}
		negative(srcTuya, o.OrderID, amounts...)
		early := func(at int64) bool { return at != 0 && at < int64(o.CreateOrderTime) }
		wrong(srcTuya, o.OrderID, 3, early(int64(o.FinishOrderTime)) || early(int64(o.CancelOrderTime)))
		wrong(srcTuya, o.OrderID, 5, !slices.Contains([]string{"created", "producing", "finished", "canceled"}, o.OrderStatus))
	}
	for _, o := range b.soms {
		p := a.purseOf(o)
		amounts := []*big.Rat{
			a.num(o.OrigTotal.String()), p.goods, p.due, p.freight, p.packaging, p.other, p.discount, p.paid,
			a.num(o.SettleAmount.String()), a.num(o.SettleCommission.String()),
		}
		amounts = append(amounts, p.payments...)
		for _, l := range o.Items {
			amounts = append(amounts, a.num(l.Total.String()), a.num(l.PayAmount.String()))
		}
		for _, w := range o.Delivery.Waybills {
			amounts = append(amounts, a.num(w.Freight.String()))
		}
		negative(srcSoms, o.ID, amounts...)
		if o.Created+o.Front.Created+o.Payment.PayTime == "" {
			a.note(finding{rule: "undated", source: srcSoms, order: o.ID, reason: "missing_left"})
		}
		wrong(srcSoms, o.ID, 3, o.Front.FinishedTime != "" && o.Front.FinishedTime < o.Front.Created)
		wrong(srcSoms, o.ID, 5, !slices.Contains([]string{"confirmed", "prepared", "approved", "delivering", "delivered", "canceled"}, o.State))
	}
	for _, o := range b.starhotel {
		id := strconv.FormatInt(o.OrderID, 10)
		amounts := []*big.Rat{a.num(o.TotalAmount), a.num(o.TotalPayedAmount)}
		backwards, unknown := false, false
		for _, s := range o.Accoms {
			total, room := a.num(s.TotalAmount), a.num(s.Amount)
			amounts = append(amounts, total, room, minus(total, room))
			backwards = backwards || s.CheckinEndTime < s.CheckinStartTime
			unknown = unknown || !slices.Contains([]int{40, 50, 70, 80, 90, 100, 110}, s.AccomStatus)
		}
		negative(srcStarhotel, id, amounts...)
		wrong(srcStarhotel, id, 3, backwards)
		wrong(srcStarhotel, id, 5, unknown || !slices.Contains([]int{110, 120, 130, 140, 170, 180}, o.OrderStatus))
	}
	for _, o := range b.akubela {
		wrong(srcAkubela, o.OrderID, 3, o.EndTime < o.StartTime)
		wrong(srcAkubela, o.OrderID, 5, !slices.Contains([]string{"check_in", "checked_in", "checked_out"}, o.OrderState))
	}
	made := map[string]int64{}
	for _, c := range b.register {
		made[c.OrderNo] = a.num(c.TimeCreateOrder).Num().Int64()
	}
	for _, o := range b.courier {
		ended := int64(0)
		for _, e := range o.Feed {
			if e.ExpressStatus == "RECEIVED" || e.ExpressStatus == "CANCELED" {
				ended = max(ended, e.HappenTime)
			}
		}
		wrong(srcGuoxiaodi, o.OrderNo, 3, ended != 0 && ended < made[o.OrderNo])
	}
}
