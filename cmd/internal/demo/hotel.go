package demo

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// The PMS's codes (docs/sources/starhotel.md, Fields).
const (
	orderBooked     = 110
	orderCanceled   = 120
	orderToConfirm  = 130
	orderClosed     = 140
	orderInProgress = 170
	orderCompleted  = 180

	accomBooked     = 40
	accomCanceled   = 50
	accomCheckedIn  = 70
	accomCheckedOut = 80
	accomToPay      = 90
	accomClosed     = 110

	checkoutOpen    = 10
	checkoutSettled = 20
)

// vacancies are the nights that are taken, by room and day of the world.
type vacancies map[*room]map[int]bool

func (v vacancies) free(r *room, day, nights int) bool {
	for d := day; d < day+nights; d++ {
		if v[r][d] {
			return false
		}
	}
	return true
}

func (v vacancies) take(r *room, day, nights int) {
	if v[r] == nil {
		v[r] = map[int]bool{}
	}
	for d := day; d < day+nights; d++ {
		v[r][d] = true
	}
}

// book makes the PMS's bookings: when, who, which rooms, for how long, and
// what became of them by now. Amounts hold the rooms only; bill completes
// them.
func (w *World) book(d dice) {
	var created []time.Time
	for range w.of(bookings) {
		hour := []int{8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22}[d.weighted([]int{2, 3, 5, 6, 5, 5, 7, 7, 6, 6, 6, 7, 6, 5, 3})]
		created = append(created, w.at(d.under(Days), hour*60+d.under(60)).Add(time.Duration(d.under(60))*time.Second))
	}
	slices.SortFunc(created, time.Time.Compare)
	taken := vacancies{}
	for i, at := range created {
		w.bookings = append(w.bookings, w.newBooking(d, i, at, taken))
	}
}

func (w *World) newBooking(d dice, i int, created time.Time, taken vacancies) *booking {
	b := &booking{
		id: 4101 + i, no: fmt.Sprintf("20260%06d%07d", 410000+i, d.under(10000000)),
		guest: somebody(d), created: created,
	}
	booked := int(created.Sub(w.at(0, 0)) / (24 * time.Hour))
	day := booked
	switch d.weighted([]int{38, 30, 22, 10}) {
	case 1:
		day += d.between(1, 3)
	case 2:
		day += d.between(4, 14)
	case 3:
		day += d.between(15, 25)
	}
	nights := []int{1, 2, 3, 4, 5}[d.weighted([]int{50, 29, 12, 6, 3})]
	count := []int{1, 2, 3}[d.weighted([]int{88, 10, 2})]
	rooms := w.findRooms(d, taken, &day, nights, count)

	arrival := w.at(day, 14*60+d.under(300))
	if arrival.Before(created.Add(30 * time.Minute)) {
		arrival = created.Add(time.Duration(d.between(30, 60)) * time.Minute).Truncate(time.Minute)
	}
	departure := w.at(day+nights, 8*60+d.under(4*60))
	b.service = arrival
	fate := d.weighted([]int{91, 7, 2}) // kept, canceled, closed
	fresh := w.now.Sub(created) < 18*time.Hour

	for k, r := range rooms {
		a := &accom{id: 7000 + i*4 + k, booking: b, room: r, arrival: arrival, departure: departure, checkout: checkoutOpen}
		for n := range nights {
			price := r.kind.night
			if weekend(day + n) {
				price += yuan(80)
			}
			a.price += price
		}
		b.accoms = append(b.accoms, a)
	}
	switch {
	case fate == 1:
		b.became(orderCanceled, accomCanceled)
	case fate == 2 && arrival.Before(w.now):
		b.became(orderClosed, accomClosed)
	case departure.Before(w.now):
		b.became(orderCompleted, accomCheckedOut)
	case arrival.Before(w.now):
		b.became(orderInProgress, accomCheckedIn)
	case fresh && d.chance(600):
		b.became(orderToConfirm, accomToPay)
	default:
		b.became(orderBooked, accomBooked)
	}
	if count > 1 && b.status == orderCompleted && d.chance(200) {
		b.accoms[count-1].status = accomCanceled // one room fewer than asked for
	}
	for _, a := range b.accoms {
		if b.status == orderCompleted && a.status == accomCheckedOut {
			a.checkout = checkoutSettled
		}
		if a.status == accomCanceled {
			continue // the room is let again; that of a no-show is not
		}
		taken.take(a.room, day, nights)
	}
	b.updated = created
	for _, t := range []time.Time{arrival, departure.Add(10 * time.Minute)} {
		if (b.status == orderCompleted || b.status == orderInProgress) && t.Before(w.now) {
			b.updated = t
		}
	}
	if b.status == orderCanceled || b.status == orderClosed {
		b.updated = earlier(created.Add(time.Duration(d.between(20, 600))*time.Minute), w.now)
	}
	b.prepaid = d.under(3)
	return b
}

// findRooms moves the stay to the next day on which enough rooms are free.
func (w *World) findRooms(d dice, taken vacancies, day *int, nights, count int) []*room {
	order := slices.Clone(w.rooms)
	shuffle(d, order)
	for ; ; *day++ {
		var found []*room
		for _, r := range order {
			if taken.free(r, *day, nights) {
				if found = append(found, r); len(found) == count {
					return found
				}
			}
		}
	}
}

func (b *booking) became(order, accomState int) {
	b.status = order
	for _, a := range b.accoms {
		a.status = accomState
	}
}

// bill adds what the rooms ordered, and what the guests paid.
func (w *World) bill() {
	for _, b := range w.bookings {
		var rooms Fen
		b.total = 0
		for _, a := range b.accoms {
			a.total = a.price + a.served
			if a.status != accomCanceled || b.status == orderCanceled {
				b.total += a.total
				rooms += a.price
			}
		}
		switch b.status {
		case orderCompleted:
			b.paid = b.total
		case orderCanceled, orderClosed, orderToConfirm:
			b.paid = 0
		default: // booked, in progress
			b.paid = [...]Fen{0, rooms.permille(300) / 100 * 100, rooms}[b.prepaid]
			if b.status == orderInProgress && b.prepaid == 0 {
				b.paid = rooms
			}
		}
	}
}

// stayed lists the stays whose guests arrived, in the order of their ids.
func (w *World) stayed() []*accom {
	var out []*accom
	for _, b := range w.bookings {
		for _, a := range b.accoms {
			if a.status == accomCheckedIn || a.status == accomCheckedOut {
				out = append(out, a)
			}
		}
	}
	return out
}

// lock makes the door locks' stays: one for each stay that was not called
// off.
func (w *World) lock(d dice) {
	number := 0
	for _, b := range w.bookings {
		for k, a := range b.accoms {
			number++
			s := &accessStay{
				id: "orx" + d.hex(29), number: fmt.Sprintf("20260421%012d", 730000001+number*37),
				source: one(d, []string{"SaaS", "SaaS", "PMS", "FrontDesk"}), room: a.room,
				start: a.arrival, finish: a.departure, guests: []person{b.guest},
			}
			if k > 0 || d.chance(350) {
				s.guests = append(s.guests, somebody(d))
			}
			switch a.status {
			case accomCanceled, accomClosed:
				continue
			case accomCheckedIn:
				s.state = "checked_in"
			case accomCheckedOut:
				s.state = "checked_out"
			default:
				s.state = "check_in"
			}
			w.accessStays = append(w.accessStays, s)
		}
	}
	slices.SortStableFunc(w.accessStays, func(a, b *accessStay) int {
		return cmp.Or(a.start.Compare(b.start), cmp.Compare(a.id, b.id))
	})
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
