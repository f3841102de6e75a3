package demo

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	akubela "github.com/nightaudit/nightaudit/extract/akubela/sim"
	guoxiaodi "github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	starhotel "github.com/nightaudit/nightaudit/extract/starhotel/sim"
	tuya "github.com/nightaudit/nightaudit/extract/tuya/sim"
)

// auditor holds the rules of design/reports.md against what the vendors
// would answer: the simulators' own orders, read anew with exact fractions.
// It shares nothing with the world that made them.
type auditor struct {
	t     *testing.T
	found []string
}

// num reads a decimal; a missing one is 0.
func (a *auditor) num(text string) *big.Rat {
	if text == "" {
		return new(big.Rat)
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		a.t.Fatalf("%q is no number", text)
	}
	return r
}

// yuanOf reads a text of fen.
func (a *auditor) yuanOf(fen string) *big.Rat {
	return new(big.Rat).Quo(a.num(fen), big.NewRat(100, 1))
}

func plus(terms ...*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for _, t := range terms {
		sum.Add(sum, t)
	}
	return sum
}

func minus(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }

// compare notes a break where actual and expected differ by more than
// tolerance, in hundredths.
func (a *auditor) compare(rule, source, order string, line int, actual, expected *big.Rat, tolerance int64) {
	if d := minus(actual, expected); d.Abs(d).Cmp(big.NewRat(tolerance, 100)) > 0 {
		a.found = append(a.found, breakName(rule, source, order, line, actual.FloatString(2), expected.FloatString(2)))
	}
}

func (a *auditor) note(rule, source, order string) {
	a.found = append(a.found, breakName(rule, source, order, 0, "", ""))
}

func breakName(rule, source, order string, line int, actual, expected string) string {
	return fmt.Sprintf("%s %s %s line %d: %s, expected %s", rule, source, order, line, actual, expected)
}

// created is a line of the register.
type created struct{ guoxiaodi.Created }

// books is everything that the vendors of a world hold.
type books struct {
	tuya      []tuya.Order
	akubela   []akubela.Order
	starhotel []starhotel.Order
	soms      []soms.Order
	reminds   []soms.Remind
	courier   []guoxiaodi.Order
	register  []created
	anchor    time.Time
}

func booksOf(t *testing.T, w *World) books {
	b := books{
		tuya: w.tuyaOrders(), akubela: w.akubelaOrders(), starhotel: w.starhotelOrders(), soms: w.somsOrders(),
		reminds: w.somsReminds(), courier: w.guoxiaodiOrders(), anchor: w.Anchor,
	}
	for _, c := range w.courierOrders {
		if !c.inRegister {
			continue
		}
		var line struct{ Data created }
		if err := json.Unmarshal(c.registerLine(), &line); err != nil {
			t.Fatal(err)
		}
		b.register = append(b.register, line.Data)
	}
	return b
}

// audit lists what does not add up, sorted.
func audit(t *testing.T, b books) []string {
	a := &auditor{t: t}
	a.speakers(b)
	a.shop(b)
	a.duplicates(b)
	a.reception(b)
	a.keys(b)
	a.courier(b)
	slices.Sort(a.found)
	return a.found
}

func (a *auditor) speakers(b books) {
	for _, o := range b.tuya {
		sum := new(big.Rat)
		for i, l := range o.CommodityList {
			total := a.num(string(l.OrderAmount))
			a.compare("item_total", srcTuya, o.OrderID, i+1, total, new(big.Rat).Mul(a.num(string(l.UnitPrice)), big.NewRat(int64(l.Quantity), 1)), 1)
			sum.Add(sum, total)
		}
		if len(o.CommodityList) > 0 {
			a.compare("order_goods", srcTuya, o.OrderID, 0, a.num(string(o.OrderAmount)), sum, 1)
		}
		at := time.UnixMilli(int64(o.CreateOrderTime))
		for _, end := range []tuya.Millis{o.FinishOrderTime, o.CancelOrderTime} {
			if (end != 0 && end < o.CreateOrderTime) || at.After(b.anchor) || time.UnixMilli(int64(end)).After(b.anchor) {
				a.note("plausibility", srcTuya, o.OrderID)
			}
		}
	}
}

func (a *auditor) shop(b books) {
	for _, o := range b.soms {
		var pays, shares []*big.Rat
		for i, l := range o.Items {
			total, discount, apport := a.num(l.Total.String()), a.num(l.DiscountAmount.String()), a.num(l.ApportedDiscountAmount.String())
			pay := a.num(l.PayAmount.String())
			a.compare("item_total", srcSoms, o.ID, i+1, total, new(big.Rat).Mul(a.num(l.UnitPrice.String()), a.num(l.Quantity.String())), 1)
			a.compare("item_pay", srcSoms, o.ID, i+1, pay, minus(minus(total, apport), discount), 0)
			pays = append(pays, pay)
			if l.Promotion != nil {
				shares = append(shares, a.platform(l.Promotion.Favs))
			}
		}
		if o.Promotion != nil && len(o.Promotion.Favs) > 0 {
			shares = []*big.Rat{a.platform(o.Promotion.Favs)} // the order level, where any exists
		}
		due, goods := a.num(o.Payment.Amount.String()), a.num(o.RealTotal.String())
		a.compare("order_goods", srcSoms, o.ID, 0, goods, plus(pays...), 0)
		a.compare("order_due", srcSoms, o.ID, 0, due, plus(goods, a.num(o.Payment.Freight.String()), a.num(o.Payment.PackageTotal.String()), a.num(o.Payment.OtherFee.String())), 0)
		paid := new(big.Rat)
		for _, d := range o.Payment.Details {
			paid.Add(paid, a.num(d.Amount.String()))
		}
		if o.Payment.State == "paid" {
			a.compare("payment_total", srcSoms, o.ID, 0, paid, due, 0)
		}
		settled := o.SettleAmount.String()
		if settled == "" {
			settled = o.Payment.Amount.String() // the documented default
		}
		a.compare("settlement", srcSoms, o.ID, 0, a.num(settled), plus(append(shares, paid)...), 0)
		for _, at := range []string{o.Front.FinishedTime, o.Modified} {
			if at != "" && at < o.Front.Created || at > b.anchor.Format(time.DateTime) {
				a.note("plausibility", srcSoms, o.ID)
			}
		}
		for _, n := range []string{o.OrigTotal.String(), o.SettleCommission.String(), o.SettleAmount.String(), o.ShopAmount.String()} {
			if strings.HasPrefix(n, "-") {
				a.note("plausibility", srcSoms, o.ID)
			}
		}
	}
}

func (a *auditor) platform(favs []soms.Fav) *big.Rat {
	sum := new(big.Rat)
	for _, f := range favs {
		all := new(big.Rat)
		for _, s := range f.SettleDetails {
			all.Add(all, a.num(s.Discount.String()))
			if s.Role == "platform" {
				sum.Add(sum, a.num(s.Discount.String()))
			}
		}
		if all.Cmp(a.num(f.Amount.String())) != 0 {
			a.t.Errorf("discount %s of %s: its shares come to %s", f.ID, f.Amount, all.FloatString(2))
		}
	}
	return sum
}

func (a *auditor) duplicates(b books) {
	seen := map[string]soms.Order{}
	for _, o := range b.soms {
		if o.ReissueReason != "" || o.Front.OrderType.ID == "COMPENSATION" {
			continue
		}
		number := o.Front.Platform.ID + " " + o.Front.OrderID
		first, twice := seen[number]
		seen[number] = o
		if twice && (o.Front.MainOrderID == "" || o.Front.MainOrderID != first.Front.MainOrderID) {
			a.note("duplicate", srcSoms, o.ID)
		}
	}
}

func (a *auditor) reception(b books) {
	for _, o := range b.starhotel {
		id, total, paid := strconv.FormatInt(o.OrderID, 10), a.num(o.TotalAmount), a.num(o.TotalPayedAmount)
		switch {
		case o.OrderStatus == 120:
			a.compare("cashier", srcStarhotel, id, 0, paid, new(big.Rat), 1)
		case o.OrderStatus == 180 || paid.Cmp(total) > 0:
			a.compare("cashier", srcStarhotel, id, 0, paid, total, 1)
		}
		stays := new(big.Rat)
		for _, s := range o.Accoms {
			if s.AccomStatus != 50 {
				stays.Add(stays, a.num(s.TotalAmount))
			}
			if o.OrderStatus == 120 || s.AccomStatus == 50 {
				continue
			}
			served := new(big.Rat)
			for _, r := range b.tuya {
				at := int64(r.CreateOrderTime) / 1000
				if r.OrderStatus == "finished" && pmsRoom(r.RoomNo) == s.RoomName && at >= s.CheckinStartTime && at <= s.CheckinEndTime {
					served.Add(served, a.num(string(r.OrderAmount)))
				}
			}
			a.compare("room_charges", srcStarhotel, id, 0, minus(a.num(s.TotalAmount), a.num(s.Amount)), served, 1)
		}
		if o.OrderStatus != 120 && stays.Cmp(total) > 0 {
			a.compare("stay_total", srcStarhotel, id, 0, stays, total, 1)
		}
		if time.Time(o.CreatedAt).After(b.anchor) || time.Time(o.UpdatedAt).Before(time.Time(o.CreatedAt)) || time.Time(o.UpdatedAt).After(b.anchor) {
			a.note("plausibility", srcStarhotel, id)
		}
	}
}

// pmsRoom is the PMS's name of a room, as the configuration's links have it.
func pmsRoom(door string) string {
	if len(door) == 4 {
		return "A" + door
	}
	return door
}

func (a *auditor) keys(b books) {
	type stay struct {
		room       string
		start, end int64
	}
	keys := map[stay]string{}
	for _, o := range b.akubela {
		start, err1 := time.ParseInLocation(time.DateTime, o.StartTime, time.UTC)
		end, err2 := time.ParseInLocation(time.DateTime, o.EndTime, time.UTC)
		if err1 != nil || err2 != nil {
			a.t.Fatal(err1, err2)
		}
		keys[stay{pmsRoom(o.ResidenceNo), start.Unix(), end.Unix()}] = o.OrderID
	}
	for _, o := range b.starhotel {
		for _, s := range o.Accoms {
			k := stay{s.RoomName, s.CheckinStartTime, s.CheckinEndTime}
			if s.AccomStatus == 50 || s.AccomStatus == 110 {
				continue
			}
			if keys[k] == "" {
				a.note("stay_match", srcStarhotel, strconv.FormatInt(o.OrderID, 10))
			}
			delete(keys, k)
		}
	}
	for _, id := range keys {
		a.note("stay_match", srcAkubela, id)
	}
}

func (a *auditor) courier(b books) {
	fees := map[string]created{}
	for _, c := range b.register {
		fees[c.OrderNo] = c
	}
	carried := map[string]guoxiaodi.Order{}
	for _, o := range b.courier {
		c, ok := fees[o.OrderNo]
		if !ok {
			a.t.Errorf("courier order %s is not in the register", o.OrderNo)
		}
		carried[o.SourceOrderNo] = o
		a.compare("courier_fee", srcGuoxiaodi, o.OrderNo, 1, a.yuanOf(c.CarriageFee), plus(a.yuanOf(c.WeightFee), a.yuanOf(c.DistanceFee)), 1)
		a.compare("courier_fee", srcGuoxiaodi, o.OrderNo, 2, a.yuanOf(c.PayFee), minus(a.yuanOf(c.BeforePreferentialFee), a.yuanOf(c.PreferentialAmount)), 1)
		tips := new(big.Rat)
		for _, t := range o.Tips {
			tips.Add(tips, a.yuanOf(t.TipFee))
		}
		if total := a.yuanOf(o.TotalTipFee); minus(total, tips).Cmp(a.yuanOf(c.TipFee)) != 0 {
			a.compare("courier_fee", srcGuoxiaodi, o.OrderNo, 3, total, tips, 1)
		}
		last := int64(0)
		for _, e := range o.Feed {
			if e.HappenTime < last || time.UnixMilli(e.HappenTime).After(b.anchor) {
				a.note("plausibility", srcGuoxiaodi, o.OrderNo)
			}
			last = e.HappenTime
		}
	}
	for _, o := range b.soms {
		if len(o.Delivery.Waybills) == 0 || o.Delivery.Waybills[0].Carrier.ID != "gxd" {
			continue
		}
		c, ok := carried[o.ID]
		delete(carried, o.ID)
		if !ok {
			a.note("courier_missing", srcSoms, o.ID)
			continue
		}
		off := c.ExpressStatus == "CANCELED" || c.ExpressStatus == "REFUNDED"
		if (o.State == "delivered" && off) || (o.State == "canceled" && c.ExpressStatus == "RECEIVED") {
			a.note("courier_status", srcSoms, o.ID)
		}
		if !off && o.State != "canceled" {
			a.compare("courier_vs_shop", srcSoms, o.ID, 0, a.num(o.Delivery.Waybills[0].Freight.String()), a.yuanOf(fees[c.OrderNo].PayFee), 1)
		}
	}
	for _, c := range carried {
		a.note("courier_missing", srcGuoxiaodi, c.OrderNo)
	}
}
