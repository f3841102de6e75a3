package demo

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// inFen reads "12.34"; nothing is 0.
func inFen(text string) (Fen, error) {
	if text == "" {
		return 0, nil
	}
	whole, cents, ok := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole+cents, 10, 64)
	if err != nil || !ok || len(cents) != 2 {
		return 0, fmt.Errorf("%q is no amount with two decimals", text)
	}
	return Fen(n), nil
}

// states fails unless the world's figure is the one written down.
func states(what string, got, want Fen) error {
	if got != want {
		return fmt.Errorf("%s is %s in this world, the list says %s", what, got, want)
	}
	return nil
}

// plant makes the mismatch p happen. It changes no more than it must: what
// other rules compare still agrees.
func (w *World) plant(p Planted) error {
	actual, errA := inFen(p.Actual)
	expected, errE := inFen(p.Expected)
	if err := errors.Join(errA, errE); err != nil {
		return err
	}
	switch p.Source {
	case "soms":
		o := w.shopOrder(p.OrderID)
		if o == nil {
			return errors.New("no such order")
		}
		return w.plantInShop(p, o, actual, expected)
	case "tuya":
		for _, o := range w.serviceOrders {
			if o.id == p.OrderID {
				return o.plant(p, actual, expected)
			}
		}
	case "starhotel":
		for _, b := range w.bookings {
			if strconv.Itoa(b.id) == p.OrderID {
				return w.plantAtReception(p, b, actual, expected)
			}
		}
	case "guoxiaodi":
		return w.plantAtCourier(p, actual, expected)
	case "akubela":
		return w.ghost()
	}
	return errors.New("no such order")
}

func (w *World) shopOrder(id string) *shopOrder {
	for _, o := range w.shopOrders {
		if o.id == id {
			return o
		}
	}
	return nil
}

func (w *World) plantInShop(p Planted, o *shopOrder, actual, expected Fen) error {
	switch p.Rule {
	case "item_total":
		l := o.lines[p.Line-1]
		if p.how == "quantity" {
			l.quantity = milli(expected * 1000 / l.price)
		} else {
			l.price = expected * 1000 / Fen(l.quantity)
		}
		return errors.Join(states("the line", l.total, actual), states("price × quantity", l.price.times(l.quantity), expected))
	case "item_pay":
		l := o.lines[p.Line-1]
		l.discount = l.total - l.apport - expected
		return states("the line's payment", l.pay, actual)
	case "order_goods":
		return errors.Join(o.moveLines(expected-actual), states("real_total", o.goods, actual))
	case "order_due":
		o.packaging = expected - o.goods - o.freight - o.other
		return states("due", o.amount, actual)
	case "payment_total":
		last := &o.payments[len(o.payments)-1]
		last.amount += actual - expected
		o.settle += actual - expected // settled is what was paid
		o.settleGiven = true
		return states("due", o.amount, expected)
	case "settlement":
		err := states("settlement", o.settle, expected)
		o.settle, o.settleGiven = actual, true
		return err
	case "courier_vs_shop":
		err := states("freight", o.waybills[0].freight, expected)
		o.waybills[0].freight = actual
		return err
	case "courier_missing":
		c, err := w.carriedFor(o)
		if err == nil {
			c.inRegister, c.knownToTheCourier = false, false
			err = states("the waybill's freight", o.waybills[0].freight, actual)
		}
		return err
	case "courier_status":
		c, err := w.carriedFor(o)
		if err == nil {
			c.contradict(o)
		}
		return err
	case "duplicate":
		first := w.shopOrder("8826000101955")
		if o.platform != first.platform {
			return errors.New("the two orders are of different platforms")
		}
		o.front = first.front
		return states("the later order", o.amount, actual)
	case "plausibility":
		o.finished = o.created.Add(-10 * time.Minute)
		return nil
	}
	return errors.New("no way to plant it")
}

// moveLines makes the lines come to more, by one line more, or to less, by
// a lower price; each line stays right in itself.
func (o *shopOrder) moveLines(by Fen) error {
	if by > 0 {
		l := *o.lines[0]
		l.product = products()[21] // a raincoat
		l.quantity, l.price, l.total, l.pay, l.settle, l.shop = 1000, by, by, by, by, by
		l.discount, l.apport, l.platform, l.agent, l.settlePrice, l.gift, l.favs = 0, 0, 0, 0, 0, false, nil
		o.lines = append(o.lines, &l)
		return nil
	}
	for _, l := range o.lines {
		if l.quantity == 1000 && l.pay > -by {
			l.price += by
			l.total += by
			l.pay += by
			return nil
		}
	}
	return errors.New("no single thing is dear enough")
}

func (o *serviceOrder) plant(p Planted, actual, expected Fen) error {
	switch p.Rule {
	case "item_total":
		l := &o.lines[p.Line-1]
		l.price = expected / Fen(l.quantity)
		return states("the line", l.amount, actual)
	case "order_goods":
		err := states("the order", o.amount, actual)
		for k := range o.lines {
			l := &o.lines[k]
			switch {
			case l.amount == expected-actual: // served twice
				o.quantity += l.quantity
				l.quantity, l.amount = l.quantity*2, l.amount*2
				return err
			case l.amount == actual-expected: // struck off
				o.quantity -= l.quantity
				o.lines = slices.Delete(o.lines, k, k+1)
				return err
			}
		}
		return errors.New("no line of that amount")
	case "plausibility":
		o.finished = o.created.Add(-10 * time.Minute)
		return nil
	}
	return errors.New("no way to plant it")
}

func (w *World) plantAtReception(p Planted, b *booking, actual, expected Fen) error {
	a := b.accoms[0]
	switch p.Rule {
	case "cashier":
		due := b.total
		if b.status == orderCanceled {
			due = 0
		}
		b.paid = actual
		return states("due", due, expected)
	case "room_charges":
		if len(b.accoms) != 1 || b.status != orderCompleted {
			return errors.New("one completed stay is needed")
		}
		a.total += actual - expected
		b.total += actual - expected
		b.paid = b.total
		return errors.Join(states("served", a.served, expected), states("consumption", a.total-a.price, actual))
	case "stay_total":
		err := states("the order", b.total, expected)
		a.price += actual - expected
		a.total += actual - expected
		return errors.Join(err, states("its stays", a.total, actual))
	case "stay_match":
		n := len(w.accessStays)
		w.accessStays = slices.DeleteFunc(w.accessStays, func(s *accessStay) bool {
			return s.room == a.room && s.start.Equal(a.arrival)
		})
		if len(w.accessStays) != n-1 {
			return errors.New("the stay has not exactly one key")
		}
		return nil
	}
	return errors.New("no way to plant it")
}

func (w *World) plantAtCourier(p Planted, actual, expected Fen) error {
	if p.Rule == "courier_missing" {
		twin := *w.courierOrders[300]
		twin.no, twin.shopOrder, twin.tips, twin.tipCount, twin.tipTotal = p.OrderID, "8826000999001", nil, 0, twin.tipAtCreation
		w.courierOrders = append(w.courierOrders, &twin)
		return states("the courier's fee", twin.pay, actual)
	}
	for _, c := range w.courierOrders {
		if c.no != p.OrderID {
			continue
		}
		switch {
		case p.Line == 1:
			c.distance = expected - c.weight
			return states("carriage", c.carriage, actual)
		case p.Line == 2 && p.how == "preferential":
			c.preferential = c.before - expected
			return states("payable", c.pay, actual)
		case p.Line == 2:
			c.before = expected + c.preferential
			return states("payable", c.pay, actual)
		case p.Line == 3:
			err := states("tips", c.tipTotal, expected)
			c.tipTotal = actual
			return err
		}
	}
	return errors.New("no way to plant it")
}

func (w *World) carriedFor(o *shopOrder) (*courierOrder, error) {
	for _, c := range w.courierOrders {
		if c.shopOrder == o.id {
			return c, nil
		}
	}
	return nil, errors.New("the courier did not carry it")
}

// contradict lets the courier say the opposite of the shop.
func (c *courierOrder) contradict(o *shopOrder) {
	at := c.events[len(c.events)-1].at
	c.events = slices.DeleteFunc(c.events, func(e event) bool {
		return e.status == "RECEIVED" || e.status == "CANCELED" || e.status == "REFUNDED"
	})
	c.status = "CANCELED"
	text := "订单已取消"
	if o.state == "canceled" {
		c.status, text = "RECEIVED", "订单已送达"
	}
	c.events = append(c.events, event{c.status, text, at})
}

// ghost lets somebody stay two nights, between two guests, in a room that
// nobody booked.
func (w *World) ghost() error {
	for day := 40; day < 50; day++ {
		start, finish := w.at(day, 21*60+12), w.at(day+2, 7*60+40)
		for _, r := range w.rooms {
			taken := slices.ContainsFunc(w.stayed(), func(a *accom) bool {
				return a.room == r && a.arrival.Before(finish.AddDate(0, 0, 1)) && a.departure.After(start.AddDate(0, 0, -1))
			})
			if !taken {
				w.accessStays = append(w.accessStays, &accessStay{
					id: ghostStay, number: "20260421739999999999", source: "FrontDesk", room: r,
					start: start, finish: finish, state: "checked_out",
					guests: []person{{name: "匿名", phone: "13800004711", email: "nobody@example.com"}},
				})
				return nil
			}
		}
	}
	return errors.New("no room is free")
}
