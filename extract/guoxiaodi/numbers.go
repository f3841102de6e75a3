package guoxiaodi

import "github.com/nightaudit/nightaudit/extract"

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
		if !settled[numberOf(d)] || told[numberOf(d)] {
			ask = append(ask, d)
		}
	}
	return ask
}
