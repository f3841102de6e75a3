package demo

import (
	"fmt"
	"slices"
)

// mutator makes single things go wrong in a world in which everything adds
// up. No two of them touch orders that any rule compares with each other.
type mutator struct {
	w    *World
	d    dice
	used map[string]bool

	shop  map[string]*shopOrder  // by id
	stays map[string]*accom      // by the group of the speakers' orders
	keys  map[*accessStay]*accom // the PMS's stays of those of the door locks
}

// kind is a way in which something goes wrong.
type kind struct {
	name string
	// rule is the check whose business it is, and reason what it must say;
	// reason "" leaves it to the figures. No rule can see a kind without one.
	rule, reason string
	// do makes it happen once and names the order of which the rule must
	// speak, as "source order"; "" where no order is left that bears it.
	do func(*mutator) string
}

// mutation is one that happened.
type mutation struct {
	kind
	subject string
}

func newMutator(w *World, seed uint64) *mutator {
	m := &mutator{
		w: w, d: newDice(seed, "mutations"), used: map[string]bool{},
		shop: map[string]*shopOrder{}, stays: map[string]*accom{}, keys: map[*accessStay]*accom{},
	}
	for _, o := range w.shopOrders {
		m.shop[o.id] = o
	}
	for _, b := range w.bookings {
		for _, a := range b.accoms {
			m.stays[fmt.Sprintf("GROUP20260421%06d", a.id)] = a
			for _, s := range w.accessStays {
				if a.room == s.room && a.arrival.Equal(s.start) {
					m.keys[s] = a
				}
			}
		}
	}
	return m
}

// run makes n mutations: one of each kind, and more at random. It stops short
// where the world has no more orders to bear them.
func (m *mutator) run(n int, kinds []kind) []mutation {
	left := slices.Clone(kinds)
	var done []mutation
	for i := 0; len(done) < n && len(left) > 0; i++ {
		k := m.d.under(len(left))
		if i < len(kinds) {
			k = slices.IndexFunc(left, func(k kind) bool { return k.name == kinds[i].name })
		}
		subject := left[k].do(m)
		if subject == "" {
			left = slices.Delete(left, k, k+1)
			continue
		}
		done = append(done, mutation{left[k], subject})
	}
	return done
}

// pick is a random element that bears the change and that nothing has gone
// wrong with; key names what it shares with all that is compared with it.
func pick[T any](m *mutator, every []*T, key func(*T) string, bears func(*T) bool) *T {
	if len(every) == 0 {
		return nil
	}
	for i, start := 0, m.d.under(len(every)); i < len(every); i++ {
		x := every[(start+i)%len(every)]
		if k := key(x); !m.used[k] && bears(x) {
			m.used[k] = true
			return x
		}
	}
	return nil
}

// onShop changes an order of the shop.
func (m *mutator) onShop(bears func(*shopOrder) bool, change func(*shopOrder)) string {
	o := pick(m, m.w.shopOrders, func(o *shopOrder) string { return o.id }, func(o *shopOrder) bool {
		return o.main == "" && o.reissue == "" && bears(o)
	})
	if o == nil {
		return ""
	}
	change(o)
	return srcSoms + " " + o.id
}

// onLine changes a line of an order of the shop.
func (m *mutator) onLine(bears func(*shopLine) bool, change func(*shopLine)) string {
	return m.onShop(func(o *shopOrder) bool { return slices.ContainsFunc(o.lines, bears) }, func(o *shopOrder) {
		fit := slices.DeleteFunc(slices.Clone(o.lines), func(l *shopLine) bool { return !bears(l) })
		change(one(m.d, fit))
	})
}

// onCourier changes an order of the courier that the shop knows. bears sees
// both.
func (m *mutator) onCourier(bears func(*courierOrder, *shopOrder) bool, change func(*courierOrder, *shopOrder)) string {
	c := pick(m, m.w.courierOrders, func(c *courierOrder) string { return c.shopOrder }, func(c *courierOrder) bool {
		o := m.shop[c.shopOrder]
		return o != nil && len(o.waybills) == 1 && bears(c, o)
	})
	if c == nil {
		return ""
	}
	change(c, m.shop[c.shopOrder])
	return srcGuoxiaodi + " " + c.no
}

// onBooking changes a booking of the PMS.
func (m *mutator) onBooking(bears func(*booking) bool, change func(*booking)) string {
	b := pick(m, m.w.bookings, func(b *booking) string { return fmt.Sprint(b.id) }, bears)
	if b == nil {
		return ""
	}
	change(b)
	return fmt.Sprint(srcStarhotel, " ", b.id)
}

// onService changes an order that was placed in a room. bears sees its stay,
// which is the guest's only one.
func (m *mutator) onService(bears func(*serviceOrder, *accom) bool, change func(*serviceOrder, *accom)) string {
	o := pick(m, m.w.serviceOrders, func(o *serviceOrder) string { return fmt.Sprint(m.stays[o.group].booking.id) }, func(o *serviceOrder) bool {
		a := m.stays[o.group]
		return len(a.booking.accoms) == 1 && bears(o, a)
	})
	if o == nil {
		return ""
	}
	change(o, m.stays[o.group])
	return srcTuya + " " + o.id
}

// onKey changes a stay of the door locks. bears sees the PMS's stay, which is
// the guest's only one.
func (m *mutator) onKey(bears func(*accessStay, *accom) bool, change func(*accessStay, *accom)) string {
	s := pick(m, m.w.accessStays, func(s *accessStay) string {
		return fmt.Sprint(m.keys[s].booking.id)
	}, func(s *accessStay) bool {
		a := m.keys[s]
		return len(a.booking.accoms) == 1 && bears(s, a)
	})
	if s == nil {
		return ""
	}
	change(s, m.keys[s])
	return srcAkubela + " " + s.id
}

// off is an amount that differs from f by two fen or more, up or down, and is
// above zero.
func (m *mutator) off(f Fen) Fen {
	if f > 10 && m.d.chance(500) {
		return f - Fen(m.d.between(2, int(f)-1))
	}
	return f + Fen(m.d.between(2, 1500))
}

// free tells that the PMS has let the room to nobody else from two days before
// a stay to two days after it: so far two orders, each moved by a day, do not
// come near each other.
func (m *mutator) free(a *accom) bool {
	for _, other := range m.stays {
		if other != a && other.room == a.room && other.status != accomCanceled &&
			other.arrival.Before(a.departure.AddDate(0, 0, 2)) && other.departure.After(a.arrival.AddDate(0, 0, -2)) {
			return false
		}
	}
	return true
}
