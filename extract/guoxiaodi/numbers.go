package guoxiaodi

import "github.com/nightaudit/nightaudit/extract"

// numbers collects the numbers of orders, each order once, in the order in
// which they came.
type numbers struct {
	orders   []extract.Due  // OrderID: orderNo; OrderNo: sourceOrderNo
	byNo     map[string]int // index by orderNo
	bySource map[string]int // index by sourceOrderNo; of several the latest
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

// unsettled are the orders that are to be asked for. An order whose orderNo
// is not known is settled when one of its sourceOrderNo is.
func (n *numbers) unsettled(settled map[string]bool) []extract.Due {
	var ask []extract.Due
	for _, d := range n.orders {
		if !settled[name(d)] {
			ask = append(ask, d)
		}
	}
	return ask
}
