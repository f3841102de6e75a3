package demo

import (
	"fmt"
	"slices"
	"time"
)

func completed(b *booking) bool { return b.status == orderCompleted }

// oneRoom is a completed booking of one room.
func oneRoom(b *booking) bool { return completed(b) && len(b.accoms) == 1 }

func finished(o *serviceOrder, a *accom) bool {
	return o.status == "finished" && o.amount > 0 && oneRoom(a.booking)
}

func dear(l serviceLine) bool { return l.amount > 0 }

func listed(o *serviceOrder, _ *accom) bool { return slices.ContainsFunc(o.lines, dear) }

// dearLine is one of the lines that cost something.
func (m *mutator) dearLine(o *serviceOrder) *serviceLine {
	o.lines = slices.Clone(o.lines)
	for {
		if l := &o.lines[m.d.under(len(o.lines))]; dear(*l) {
			return l
		}
	}
}

// ofBooking names the guest's booking: the bill in which an order placed in
// the room, or a key, is missed.
func ofBooking(a *accom) string { return fmt.Sprint(srcStarhotel, " ", a.booking.id) }

// nights are the nights of a stay.
func nights(a *accom) int { return int(a.departure.Sub(a.arrival).Hours()+12) / 24 }

// hotelKinds go wrong in the hotel.
var hotelKinds = []kind{
	{"room order: line", "item_total", "", func(m *mutator) string {
		return m.onService(listed, func(o *serviceOrder, _ *accom) { l := m.dearLine(o); l.amount = m.off(l.amount) })
	}},
	{"room order: unit price in fen", "item_total", "unit_factor_100", func(m *mutator) string {
		return m.onService(listed, func(o *serviceOrder, _ *accom) { m.dearLine(o).price *= 100 })
	}},
	{"room order: line in fen", "item_total", "unit_factor_100", func(m *mutator) string {
		return m.onService(listed, func(o *serviceOrder, _ *accom) { m.dearLine(o).amount *= 100 })
	}},
	{"room order: one piece more", "item_total", "one_component", func(m *mutator) string {
		return m.onService(listed, func(o *serviceOrder, _ *accom) { m.dearLine(o).quantity++ })
	}},
	{"room order: amount", "order_goods", "", func(m *mutator) string {
		return m.onService(listed, func(o *serviceOrder, _ *accom) { o.amount = m.off(o.amount) })
	}},
	{"room order: in fen", "order_goods", "unit_factor_100", func(m *mutator) string {
		return m.onService(listed, func(o *serviceOrder, _ *accom) { o.amount *= 100 })
	}},
	{"room order: line missing", "order_goods", "", func(m *mutator) string {
		several := func(o *serviceOrder, a *accom) bool { return listed(o, a) && len(o.lines) > 1 }
		return m.onService(several, func(o *serviceOrder, _ *accom) {
			k := slices.IndexFunc(o.lines, dear)
			o.lines = slices.Delete(slices.Clone(o.lines), k, k+1)
		})
	}},
	{"room order: finished a day too early", "plausibility", "status", func(m *mutator) string {
		return m.onService(finished, func(o *serviceOrder, _ *accom) { o.finished = o.finished.Add(-day) })
	}},
	{"room order: unknown status", "plausibility", "status", func(m *mutator) string {
		return m.onService(finished, func(o *serviceOrder, _ *accom) { o.status = "eaten" })
	}},
	{"room order: canceled, and billed", "room_charges", "one_component", func(m *mutator) string {
		var bill string
		m.onService(finished, func(o *serviceOrder, a *accom) {
			bill = ofBooking(a)
			o.status, o.canceled, o.finished = "canceled", o.finished, time.Time{}
			// Of two canceled orders of one amount neither could be named.
			for _, other := range m.w.serviceOrders {
				if other != o && other.group == o.group && other.status == "canceled" && other.amount == o.amount {
					bill = ""
				}
			}
		})
		return bill
	}},
	{"room order: missing altogether", "room_charges", "", func(m *mutator) string {
		var bill string
		m.onService(finished, func(o *serviceOrder, a *accom) {
			bill = ofBooking(a)
			m.w.serviceOrders = slices.DeleteFunc(slices.Clone(m.w.serviceOrders), func(x *serviceOrder) bool { return x == o })
		})
		return bill
	}},
	{"room order: on the neighbouring day, when the room was nobody's", "room_charges", "cutoff", func(m *mutator) string {
		var bill string
		moved := func(o *serviceOrder, a *accom) time.Duration {
			if nights(a) > 1 || !m.free(a) {
				return 0
			}
			for _, by := range []time.Duration{day, -day} {
				if at := o.created.Add(by); at.After(a.departure) && at.Before(a.departure.Add(day)) || at.Before(a.arrival) && at.After(a.arrival.Add(-day)) {
					return by
				}
			}
			return 0
		}
		m.onService(func(o *serviceOrder, a *accom) bool { return finished(o, a) && moved(o, a) != 0 }, func(o *serviceOrder, a *accom) {
			bill = ofBooking(a)
			by := moved(o, a)
			o.created, o.finished = o.created.Add(by), o.finished.Add(by)
		})
		return bill
	}},

	{"bill: paid", "cashier", "", func(m *mutator) string {
		return m.onBooking(completed, func(b *booking) { b.paid = m.off(b.paid) })
	}},
	{"bill: paid in fen", "cashier", "unit_factor_100", func(m *mutator) string {
		return m.onBooking(completed, func(b *booking) { b.paid *= 100 })
	}},
	{"bill: nothing paid", "cashier", "", func(m *mutator) string {
		return m.onBooking(completed, func(b *booking) { b.paid = 0 })
	}},
	{"bill: canceled, and paid", "cashier", "status", func(m *mutator) string {
		return m.onBooking(completed, func(b *booking) { b.status = orderCanceled })
	}},
	{"bill: nobody came, and the deposit is kept", "cashier", "status", func(m *mutator) string {
		return m.onBooking(func(b *booking) bool { return completed(b) && b.paid > 1 }, func(b *booking) { b.status = orderClosed })
	}},
	{"bill: total", "cashier", "", func(m *mutator) string {
		return m.onBooking(completed, func(b *booking) { b.total = m.off(b.total) })
	}},
	{"bill: less than its stays", "stay_total", "", func(m *mutator) string {
		return m.onBooking(completed, func(b *booking) { b.total -= Fen(m.d.between(200, 9000)); b.paid = b.total })
	}},
	{"bill: less than its stays, in fen", "stay_total", "unit_factor_100", func(m *mutator) string {
		return m.onBooking(oneRoom, func(b *booking) {
			b.accoms[0].total *= 100
			b.accoms[0].price = b.accoms[0].total - b.accoms[0].served
		})
	}},
	{"bill: consumption", "room_charges", "", func(m *mutator) string {
		return m.onBooking(oneRoom, func(b *booking) {
			by := Fen(m.d.between(2, 5000))
			b.accoms[0].total += by
			b.total += by
			b.paid = b.total
		})
	}},
	{"bill: room charge", "room_charges", "", func(m *mutator) string {
		return m.onBooking(oneRoom, func(b *booking) { b.accoms[0].price -= Fen(m.d.between(2, 5000)) })
	}},
	{"bill: consumption in fen", "room_charges", "unit_factor_100", func(m *mutator) string {
		return m.onBooking(func(b *booking) bool { return oneRoom(b) && b.accoms[0].served > 0 }, func(b *booking) {
			a := b.accoms[0]
			a.total = a.price + 100*a.served
			b.total = a.total
			b.paid = b.total
		})
	}},
	{"bill: missing altogether", "stay_match", "missing_right", func(m *mutator) string {
		key := ""
		m.onBooking(func(b *booking) bool { return oneRoom(b) && m.free(b.accoms[0]) }, func(b *booking) {
			for _, s := range m.w.accessStays {
				if s.room == b.accoms[0].room && s.start.Equal(b.accoms[0].arrival) {
					key = srcAkubela + " " + s.id
				}
			}
			m.w.bookings = slices.DeleteFunc(slices.Clone(m.w.bookings), func(x *booking) bool { return x == b })
		})
		return key
	}},
	{"stay: left before it came", "plausibility", "status", func(m *mutator) string {
		short := func(b *booking) bool { return oneRoom(b) && b.accoms[0].departure.Before(b.accoms[0].arrival.Add(day)) }
		return m.onBooking(short, func(b *booking) { b.accoms[0].arrival = b.accoms[0].arrival.Add(day) })
	}},
	{"stay: unknown status", "plausibility", "status", func(m *mutator) string {
		return m.onBooking(oneRoom, func(b *booking) { b.accoms[0].status = 60 })
	}},

	{"key: missing", "stay_match", "missing_right", func(m *mutator) string {
		stay := ""
		m.onKey(func(_ *accessStay, a *accom) bool { return oneRoom(a.booking) && m.free(a) }, func(s *accessStay, a *accom) {
			stay = ofBooking(a)
			m.w.accessStays = slices.DeleteFunc(slices.Clone(m.w.accessStays), func(x *accessStay) bool { return x == s })
		})
		return stay
	}},
	{"key: a day late", "stay_match", "cutoff", func(m *mutator) string {
		short := func(_ *accessStay, a *accom) bool { return oneRoom(a.booking) && nights(a) == 1 && m.free(a) }
		return m.onKey(short, func(s *accessStay, _ *accom) { s.start, s.finish = s.start.Add(day), s.finish.Add(day) })
	}},
	{"key: state unknown", "plausibility", "status", func(m *mutator) string {
		return m.onKey(func(*accessStay, *accom) bool { return true }, func(s *accessStay, _ *accom) { s.state = "flown" })
	}},
}

// unseenInHotel go wrong in the hotel, and nothing that the vendors state
// tells.
var unseenInHotel = []kind{
	{"bill: paid, the guest still in the house", "", "", func(m *mutator) string {
		return m.onBooking(func(b *booking) bool { return b.status == orderInProgress && b.paid > 0 }, func(b *booking) { b.paid-- })
	}},
	{"bill: a deposit of more than the total, the guest still in the house", "", "", func(m *mutator) string {
		return m.onBooking(func(b *booking) bool { return b.status == orderInProgress }, func(b *booking) { b.paid = b.total + 5000 })
	}},
	{"bill: paid a cent more", "", "", func(m *mutator) string {
		return m.onBooking(completed, func(b *booking) { b.paid++ })
	}},
	{"key: a day late, of a long stay", "", "", func(m *mutator) string {
		long := func(_ *accessStay, a *accom) bool { return oneRoom(a.booking) && nights(a) > 2 && m.free(a) }
		return m.onKey(long, func(s *accessStay, _ *accom) { s.start, s.finish = s.start.Add(day), s.finish.Add(day) })
	}},
	{"key: the guest has not come", "", "", func(m *mutator) string {
		return m.onKey(func(s *accessStay, _ *accom) bool { return s.state == "checked_out" }, func(s *accessStay, _ *accom) { s.state = "check_in" })
	}},
	{"room order: placed an hour earlier", "", "", func(m *mutator) string {
		within := func(o *serviceOrder, a *accom) bool {
			return finished(o, a) && o.created.Add(-time.Hour).After(a.arrival)
		}
		return m.onService(within, func(o *serviceOrder, _ *accom) { o.created = o.created.Add(-time.Hour) })
	}},
}
