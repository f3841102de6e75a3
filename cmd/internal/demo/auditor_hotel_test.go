package demo

import (
	"math/big"
	"slices"
	"strconv"
	"time"

	starhotel "github.com/nightaudit/nightaudit/extract/starhotel/sim"
	tuya "github.com/nightaudit/nightaudit/extract/tuya/sim"
)

// The auditor in the hotel: its speakers, its reception, its door locks, and
// what they say of the same rooms.

func (a *auditor) speakers(b books) {
	for _, o := range b.tuya {
		var totals []*big.Rat
		for i, l := range o.CommodityList {
			total, price := a.num(string(l.OrderAmount)), a.num(string(l.UnitPrice))
			a.compare(finding{rule: "item_total", source: srcTuya, order: o.OrderID, line: i + 1}, total, times(price, big.NewRat(int64(l.Quantity), 1)), 1, price)
			totals = append(totals, total)
		}
		if amount := a.num(string(o.OrderAmount)); len(totals) > 0 {
			sum := plus(totals...)
			a.compare(finding{rule: "order_goods", source: srcTuya, order: o.OrderID}, amount, sum, len(totals), anyOf(totals, minus(amount, sum))...)
		}
	}
}

// occupied is a room for a time: a guest of the PMS or of the door locks.
// Times are in seconds since 1970.
type occupied struct {
	source, order, room string
	from, to            int64
	come                bool // the guest has arrived
}

// bookedRooms are the rooms that the PMS let, but for what was called off or
// never taken.
func bookedRooms(b books) []occupied {
	var out []occupied
	for _, o := range b.starhotel {
		for _, s := range o.Accoms {
			if o.OrderStatus != orderCanceled && !calledOff(s) && s.AccomStatus != accomClosed {
				out = append(out, occupied{
					srcStarhotel, strconv.FormatInt(o.OrderID, 10), s.RoomName, s.CheckinStartTime, max(s.CheckinStartTime, s.CheckinEndTime),
					s.AccomStatus == accomCheckedIn || s.AccomStatus == accomCheckedOut,
				})
			}
		}
	}
	return out
}

func calledOff(s starhotel.Accom) bool { return s.AccomStatus == accomCanceled || s.AccomStatus == 100 }

func (a *auditor) reception(b books) {
	orders := a.placedIn(b)
	for _, o := range b.starhotel {
		id, total, paid := strconv.FormatInt(o.OrderID, 10), a.num(o.TotalAmount), a.num(o.TotalPayedAmount)
		var sums []*big.Rat
		rooms, consumption := new(big.Rat), new(big.Rat)
		over := true
		for _, s := range o.Accoms {
			if calledOff(s) {
				continue
			}
			sums = append(sums, a.num(s.TotalAmount))
			rooms.Add(rooms, a.num(s.Amount))
			consumption.Add(consumption, minus(a.num(s.TotalAmount), a.num(s.Amount)))
			over = over && (s.AccomStatus == accomCheckedOut || s.AccomStatus == accomClosed)
		}
		stays := plus(sums...)

		f := finding{rule: "cashier", source: srcStarhotel, order: id}
		switch {
		case (o.OrderStatus == orderCanceled || o.OrderStatus == orderClosed) && paid.Cmp(cent) > 0:
			f.actual, f.expected, f.reason = paid.FloatString(4), "0.0000", "status"
			a.note(f)
		case o.OrderStatus == orderCompleted: // before that, what is paid is a deposit
			a.compare(f, paid, total, 1, rooms, consumption)
		}
		if o.OrderStatus == orderCanceled || len(sums) == 0 {
			continue
		}
		f.rule = "stay_total"
		if stays.Cmp(total) > 0 {
			parts := []*big.Rat{rooms, consumption}
			if len(sums) > 1 {
				parts = append(parts, single(sums, minus(stays, total))...)
			}
			a.compare(f, stays, total, len(sums), parts...)
		}
		if over && len(bookedRooms(books{starhotel: []starhotel.Order{o}})) > 0 {
			a.roomCharges(b, o, consumption, orders)
		}
	}
}

// placedIn attributes the orders placed in rooms to the PMS's orders: to the
// guest who had come last when it was placed. Others are of nobody: "".
func (a *auditor) placedIn(b books) map[string][]tuya.Order {
	booked := bookedRooms(b)
	out := map[string][]tuya.Order{}
	for _, o := range b.tuya {
		at, of, since := int64(o.CreateOrderTime), "", int64(0)
		for _, s := range booked {
			if s.room == pmsRoom(o.RoomNo) && s.from*1000 <= at && at <= s.to*1000 && s.from > since {
				of, since = s.order, s.from
			}
		}
		out[of] = append(out[of], o)
	}
	return out
}

func (a *auditor) roomCharges(b books, o starhotel.Order, billed *big.Rat, orders map[string][]tuya.Order) {
	id := strconv.FormatInt(o.OrderID, 10)
	served := new(big.Rat)
	for _, r := range orders[id] {
		if r.OrderStatus == "finished" {
			served.Add(served, a.num(string(r.OrderAmount)))
		}
	}
	f := finding{rule: "room_charges", source: srcStarhotel, order: id}
	before := len(a.found)
	a.compare(f, billed, served, 1, a.singleOrder(orders[id], "finished", minus(served, billed)), a.singleOrder(orders[id], "canceled", minus(billed, served)))
	if len(a.found) == before || a.found[before].reason != "amount" {
		return
	}
	// What was ordered in the day before the arrival or after the departure,
	// and is nobody else's.
	beside := new(big.Rat)
	for _, r := range orders[""] {
		near := slices.ContainsFunc(bookedRooms(books{starhotel: []starhotel.Order{o}}), func(s occupied) bool {
			at, day := int64(r.CreateOrderTime), int64(24*60*60*1000)
			return s.room == pmsRoom(r.RoomNo) && (at < s.from*1000 && at >= s.from*1000-day || at > s.to*1000 && at <= s.to*1000+day)
		})
		if near && r.OrderStatus == "finished" {
			beside.Add(beside, a.num(string(r.OrderAmount)))
		}
	}
	if beside.Sign() != 0 && beside.Cmp(minus(billed, served)) == 0 {
		a.found[before].reason = "cutoff"
	}
}

// singleOrder is the amount of the one order of a status and amount, 0 where
// there is none or several.
func (a *auditor) singleOrder(orders []tuya.Order, status string, amount *big.Rat) *big.Rat {
	n := 0
	for _, r := range orders {
		n += btoi(r.OrderStatus == status && amount.Sign() != 0 && a.num(string(r.OrderAmount)).Cmp(amount) == 0)
	}
	if n != 1 {
		return new(big.Rat)
	}
	return amount
}

// pmsRoom is the PMS's name of a room, as the configuration's links have it.
func pmsRoom(door string) string {
	if len(door) == 4 {
		return "A" + door
	}
	return door
}

// keys holds the door locks against the PMS: the same room, for at least half
// the time of the shorter stay.
func (a *auditor) keys(b books) {
	booked := bookedRooms(b)
	var keys []occupied
	for _, o := range b.akubela {
		start, err1 := time.ParseInLocation(time.DateTime, o.StartTime, time.UTC)
		end, err2 := time.ParseInLocation(time.DateTime, o.EndTime, time.UTC)
		if err1 != nil || err2 != nil {
			a.t.Fatal(err1, err2)
		}
		keys = append(keys, occupied{
			srcAkubela, o.OrderID, pmsRoom(o.ResidenceNo), start.Unix(), max(end.Unix(), start.Unix()), o.OrderState == "checked_in" || o.OrderState == "checked_out",
		})
	}
	match := func(x, y occupied) bool {
		together := min(x.to, y.to) - max(x.from, y.from)
		return x.room == y.room && together >= 0 && 2*together >= min(x.to-x.from, y.to-y.from)
	}
	alone := func(of, against []occupied) []occupied {
		return slices.DeleteFunc(slices.Clone(of), func(x occupied) bool {
			return slices.ContainsFunc(against, func(y occupied) bool { return match(x, y) })
		})
	}
	aloneKeys, aloneBooked := alone(keys, booked), alone(booked, keys)
	a.unmatched(aloneKeys, aloneBooked)
	a.unmatched(aloneBooked, aloneKeys)
}

// unmatched notes stays without a counterpart, once for each order: as a
// cutoff where the other side has such a stay of the day before or after.
func (a *auditor) unmatched(alone, others []occupied) {
	noted := map[string]bool{}
	for _, x := range alone {
		if !x.come || noted[x.order] {
			continue
		}
		noted[x.order] = true
		f := finding{rule: "stay_match", source: x.source, order: x.order, reason: "missing_right"}
		for _, mine := range alone {
			for _, y := range others {
				if days := hotelDay(y.from) - hotelDay(mine.from); mine.order == x.order && y.room == mine.room && (days == 1 || days == -1) {
					f.reason = "cutoff"
				}
			}
		}
		a.note(f)
	}
}

// hotelDay numbers the hotel's business days, which begin at six in China.
func hotelDay(at int64) int64 {
	return (at + 8*3600 - int64(HotelDayStart/time.Second)) / (24 * 3600)
}
