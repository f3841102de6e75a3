package guoxiaodi

import (
	"context"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/probe"
)

// lastRegistered are the last orders of the register, the latest first.
func (a *account) lastRegistered() ([]extract.Due, error) {
	var n numbers
	err := a.eachLine(func(l line) error {
		w, err := l.read()
		if err == nil && !w.refused() && !l.open {
			n.add(strings.Clone(w.OrderNo.Plain()), strings.Clone(w.SourceOrderNo.Plain()))
		}
		return nil // a damaged line is told by the night
	})
	slices.Reverse(n.orders)
	return n.orders[:min(len(n.orders), fewOfEach)], err
}

// delivered are those of the shop's orders that the courier delivers, the ones with
// most numbers first.
func (a *account) delivered(orders []probe.ShopOrder) []probe.ShopOrder {
	from, ok := a.KnownFrom()
	if !ok {
		return nil
	}
	var list []probe.ShopOrder
	for _, o := range orders {
		ours := slices.ContainsFunc(o.Carriers, func(c string) bool { return slices.Contains(from.Carriers, c) })
		if ours && o.Source == from.Source && o.Account == from.Account {
			list = append(list, o)
		}
	}
	lacking := func(o probe.ShopOrder) (n int) {
		for _, number := range []string{o.OrderID, o.OrderNo, o.Waybill} {
			if number == "" {
				n++
			}
		}
		return n
	}
	slices.SortStableFunc(list, func(x, y probe.ShopOrder) int { return lacking(x) - lacking(y) })
	return list[:min(len(list), fewOfEach)]
}

// kind is one of the shop's numbers and what it may be to the courier.
type kind struct{ key, as string }

// kinds are all of them, the configured one first.
func (q *inquiry) kinds() []kind {
	s := q.config.FromSOMS
	keys := []string{s.Key}
	for _, key := range []string{"id", "front_order_id", "waybill_id"} {
		if key != s.Key {
			keys = append(keys, key)
		}
	}
	names := []string{asSourceOrderNo, asOrderNo}
	if s.As == asOrderNo {
		slices.Reverse(names)
	}
	var all []kind
	for _, as := range names {
		for _, key := range keys {
			all = append(all, kind{key, as})
		}
	}
	return all
}

// dueOf is an order as the courier is asked for it; zero where it has no such number.
func dueOf(o probe.ShopOrder, k kind) extract.Due {
	number := map[string]string{"id": o.OrderID, "front_order_id": o.OrderNo, "waybill_id": o.Waybill}[k.key]
	if k.as == asOrderNo {
		return extract.Due{OrderID: number}
	}
	return extract.Due{OrderNo: number}
}

// register asks for the register's orders as a night does, by all their numbers, and
// where none is known by each number alone.
func (q *inquiry) register(ctx context.Context) error {
	if len(q.registered) == 0 {
		return q.Tell("register", "none", nil)
	}
	known, replies, err := q.some(ctx, q.registered)
	if err != nil {
		return err
	}
	if known > 0 {
		return q.tellRegister(ctx, "known", known, replies)
	}
	for _, alone := range []struct {
		outcome string
		of      func(d extract.Due) extract.Due
	}{
		{"order_no_alone", func(d extract.Due) extract.Due { return extract.Due{OrderID: d.OrderID} }},
		{"source_alone", func(d extract.Due) extract.Due { return extract.Due{OrderNo: d.OrderNo} }},
	} {
		var list []extract.Due
		for _, d := range q.registered[:min(len(q.registered), 2)] {
			if one := alone.of(d); one != (extract.Due{}) && one != d {
				list = append(list, one)
			}
		}
		known, more, err := q.some(ctx, list)
		if err != nil {
			return err
		}
		if known > 0 {
			return q.tellRegister(ctx, alone.outcome, known, more)
		}
		replies = append(replies, more...)
	}
	return q.Tell("register", "unknown", map[string]any{"asked": len(q.registered), "code": q.first.code}, readings(replies)...)
}

// tellRegister tells of the replies of which some are known.
func (q *inquiry) tellRegister(ctx context.Context, outcome string, known int, replies []*reply) error {
	anybody, err := q.anybody(ctx, replies[0].due)
	if err != nil {
		return err
	}
	if anybody {
		outcome = "unclear"
	}
	return q.Tell("register", outcome, map[string]any{"known": known, "asked": len(replies)}, readings(replies)...)
}

// shopNumbers finds out by which of their numbers the courier knows the shop's orders.
func (q *inquiry) shopNumbers(ctx context.Context) error {
	s := q.config.FromSOMS
	switch {
	case s == nil:
		return q.Tell("shop_numbers", "not_configured", nil)
	case len(q.shop) == 0:
		return q.Tell("shop_numbers", "none", map[string]any{"account": s.Account, "carriers": strings.Join(s.Carriers, ", ")})
	}
	var best kind
	most, counts := 0, []string{}
	var replies []*reply
	for i, k := range q.kinds() {
		var list []extract.Due
		few := fewOfEach
		if i > 0 {
			few = fewOfOther
		}
		for _, o := range q.shop[:min(len(q.shop), few)] {
			if d := dueOf(o, k); d != (extract.Due{}) {
				list = append(list, d)
			}
		}
		known, of, err := q.some(ctx, list)
		if err != nil {
			return err
		}
		replies = append(replies, of...)
		if len(of) > 0 {
			counts = append(counts, k.key+" as "+k.as+" "+count(known, of))
		}
		if known > most {
			best, most = k, known
		}
		if known == proves {
			break
		}
	}
	anybody := false
	if most > 0 {
		var err error
		if anybody, err = q.anybody(ctx, dueOf(q.shop[0], best)); err != nil {
			return err
		}
	}
	values := map[string]any{"key": best.key, "as": best.as, "counts": strings.Join(counts, ", "), "code": q.first.code}
	outcome := "other"
	switch {
	case most == 0:
		outcome = "unknown"
	case anybody:
		outcome = "unclear"
	case most == 1: // it may be another's, by chance
		outcome = "few"
	case best == kind{s.Key, s.As}:
		outcome = "as_set"
	}
	return q.Tell("shop_numbers", outcome, values, readings(replies)...)
}
