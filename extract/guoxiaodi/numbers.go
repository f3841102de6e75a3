package guoxiaodi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/extract"
)

// numbers collects the numbers of orders, each order once, in the order in
// which they came.
type numbers struct {
	orders   []extract.Due  // OrderID: orderNo; OrderNo: sourceOrderNo
	byNo     map[string]int // index by orderNo
	bySource map[string]int // index by sourceOrderNo; of several the latest
	// strangers are the orders of which only notifications told; nil where
	// there are none.
	strangers *numbers
}

// add notes an order by one or both of its numbers. Two couriers' orders can
// have one sourceOrderNo: a delivery that was ordered anew.
func (n *numbers) add(orderNo, sourceOrderNo string) {
	if n.byNo == nil {
		n.byNo, n.bySource = map[string]int{}, map[string]int{}
	}
	if orderNo == "" && sourceOrderNo == "" {
		return
	}
	i, known := n.byNo[orderNo]
	if !known {
		// A sourceOrderNo alone, or an orderNo for one that stood alone.
		i, known = n.bySource[sourceOrderNo]
		known = known && (orderNo == "" || n.orders[i].OrderID == "")
	}
	if !known {
		i = len(n.orders)
		n.orders = append(n.orders, extract.Due{})
	}
	d := &n.orders[i]
	if orderNo != "" {
		d.OrderID = orderNo
		n.byNo[orderNo] = i
	}
	if sourceOrderNo != "" {
		d.OrderNo = sourceOrderNo
		n.bySource[sourceOrderNo] = i
	}
}

// addNotified notes an order of which a notification told. An order that
// stands by its sourceOrderNo alone gets its orderNo; what nobody else knows
// is kept apart.
func (n *numbers) addNotified(orderNo, sourceOrderNo string) {
	if _, known := n.byNo[orderNo]; known && orderNo != "" {
		return
	}
	if i, known := n.bySource[sourceOrderNo]; known && sourceOrderNo != "" {
		d := &n.orders[i]
		if orderNo == "" {
			return
		}
		if d.OrderID == "" {
			d.OrderID = orderNo
			n.byNo[orderNo] = i
			return
		}
		// The delivery was ordered anew, which the register did not tell.
		n.add(orderNo, sourceOrderNo)
		return
	}
	if n.strangers == nil {
		n.strangers = &numbers{}
	}
	n.strangers.add(orderNo, sourceOrderNo)
}

// unsettled are the orders that are to be asked for: those of which something
// was told just now, by orderNo or sourceOrderNo, and those that are not
// settled. An order whose orderNo is not known is settled when one of its
// sourceOrderNo is.
//
// Strangers come first: where the courier knows one order by two of our
// numbers, the later answer is loaded, and it must bear the number by which
// the order was made.
func (n *numbers) unsettled(settled, told map[string]bool) []extract.Due {
	var ask []extract.Due
	if n.strangers != nil {
		ask = n.strangers.unsettled(settled, told)
	}
	for _, d := range n.orders {
		if !settled[d.Name()] || told[d.Name()] {
			ask = append(ask, d)
		}
	}
	return ask
}

// fewNumbers is how many numbers may be unknown to the courier, all that it was
// asked for, before the kind of number is doubted.
const fewNumbers = 5

// unproven are the numbers of the shop's orders, nil where the courier has
// answered for one of them on an earlier night: then their kind is right.
func unproven(known []extract.KnownNumber, settled map[string]bool) map[string]bool {
	shop := map[string]bool{}
	for _, k := range known {
		if settled[k.Number] {
			return nil
		}
		shop[k.Number] = true
	}
	return shop
}

// noneKnown marks the window where the courier knows none of the numbers that
// it was asked for, or none that came from the shop: not the orders are missing
// then, but the number is one that the courier does not go by.
func (a *account) noneKnown(ask []extract.Due) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all, fromShop numberCount
	for _, d := range ask {
		unknown := a.answers[d].unknown
		all.count(unknown)
		if a.shop[d.OrderNo] || a.shop[d.OrderID] {
			fromShop.count(unknown)
		}
	}
	switch {
	case fromShop.none():
		return &extract.Unsettled{Reason: fmt.Sprintf("the courier knows none of the %d numbers of the shop's orders that it was asked for: %s", fromShop.numbers, a.otherNumbers())}
	case all.none():
		return &extract.Unsettled{Reason: fmt.Sprintf("the courier knows none of the %d numbers that it was asked for: see that base_url and auth are of the account that made these orders, "+
			"and that orderNo in the register is the courier's own number, sourceOrderNo the one that was sent to it", all.numbers)}
	}
	return nil
}

// numberCount counts numbers, and those that the courier does not know.
type numberCount struct{ numbers, unknown int }

func (n *numberCount) count(unknown bool) {
	n.numbers++
	if unknown {
		n.unknown++
	}
}

func (n *numberCount) none() bool { return n.numbers >= fewNumbers && n.unknown == n.numbers }

// otherNumbers says as what else the shop's numbers can be asked for.
func (a *account) otherNumbers() string {
	s := a.config.FromSOMS
	as, keys := asSourceOrderNo, []string{}
	if s.As == asSourceOrderNo {
		as = asOrderNo
	}
	for key := range somsKeys {
		if key != s.Key {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return fmt.Sprintf("from_soms asks for its %s as %s, and one of the two is wrong: try as: %s, and key: %s", s.Key, s.As, as, strings.Join(keys, " or "))
}
