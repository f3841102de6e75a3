package soms

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
	"github.com/nightaudit/nightaudit/extract/probe"
	"github.com/nightaudit/nightaudit/transform"
)

// glimpse is what the probe takes of an order: no personal data.
type glimpse struct {
	id, orderNo, waybill       string
	created, modified          string // as they are written
	items, payments, discounts bool   // they are given
	platform                   named
	methods, carriers          []named
}

// named is a value of an enumeration with the vendor's name of it.
type named struct{ id, name string }

func nameOf(id, name *transform.Text) named {
	return named{strings.Clone(id.Plain()), strings.Clone(name.Plain())}
}

// glimpses reads the orders of an answer.
func (a *account) glimpses(body []byte) ([]glimpse, error) {
	out := transform.NewBatch(transform.Origin{Calendar: a.cfg.Calendar(), Currency: a.cfg.Currency})
	out.Begin(transform.PageOrigin{})
	o := new(order)
	var all []glimpse
	_, err := decodeRecords(body, out, orderRecords, o, func(*transform.Record, *transform.Origin, *extract.Facts) {
		all = append(all, glimpseOf(o))
	})
	return all, err
}

func glimpseOf(o *order) glimpse {
	g := glimpse{
		id: strings.Clone(o.ID.Plain()), orderNo: strings.Clone(o.Front.OrderID.Plain()),
		created: strings.Clone(o.Created.Text), modified: strings.Clone(o.Modified.Text),
		items: o.Items.Given, payments: o.Payment.Details.Given, discounts: o.Promotion.Favs.Given,
		platform: nameOf(&o.Front.Platform.ID, &o.Front.Platform.Name),
	}
	for i := range o.Items.Items {
		g.discounts = g.discounts || o.Items.Items[i].Promotion.Favs.Given
	}
	for i := range o.Payment.Details.Items {
		g.methods = append(g.methods, nameOf(&o.Payment.Details.Items[i].Code, &o.Payment.Details.Items[i].Name))
	}
	for i := range o.Delivery.Waybills.Items {
		w := &o.Delivery.Waybills.Items[i]
		g.carriers = append(g.carriers, nameOf(&w.Carrier.ID, &w.Carrier.Name))
		g.waybill = cmp.Or(g.waybill, strings.Clone(w.ID.Plain()))
	}
	if g.carriers == nil && o.Delivery.Carrier.Carrier.given() {
		g.carriers = []named{nameOf(&o.Delivery.Carrier.Carrier.ID, &o.Delivery.Carrier.Carrier.Name)}
	}
	g.waybill = cmp.Or(g.waybill, strings.Clone(o.Delivery.WaybillID.Plain()), strings.Clone(o.WaybillID.Plain()))
	return g
}

// lacks reports whether an answer may have left out parts of the order.
func (g *glimpse) lacks() bool { return !g.items || !g.payments || !g.discounts }

// parts asks by id for orders that came without some of their parts.
func (q *inquiry) parts(ctx context.Context) error {
	from := q.newest
	if !from.rows() {
		from = q.list
	}
	var ids []string
	here := map[string]glimpse{}
	for _, g := range from.orders {
		if g.lacks() && len(ids) < maxBatch && g.id != "" {
			ids = append(ids, g.id)
			here[g.id] = g
		}
	}
	if len(ids) == 0 {
		return q.tell("parts", "whole", nil, from)
	}
	var err error
	if q.whole, err = q.look(ctx, func(ctx context.Context) (*httpx.Answer, error) { return q.byIDs(ctx, ids) }); err != nil {
		return err
	}
	more, itemless := left(here, q.whole.orders)
	values := map[string]any{"more": strings.Join(more, ", "), "orders": len(q.whole.orders)}
	switch {
	case q.whole.Refused != nil || len(q.whole.orders) == 0:
		return q.tell("parts", "unclear", nil, from, q.whole)
	case itemless:
		return q.tell("parts", "by_id", values, from, q.whole)
	case len(more) > 0:
		return q.tell("parts", "some_by_id", values, from, q.whole)
	}
	for _, g := range slices.Concat(from.orders, q.whole.orders) {
		if g.items && g.payments && g.discounts {
			return q.tell("parts", "whole", nil, from, q.whole)
		}
	}
	return q.tell("parts", "unseen", values, from, q.whole)
}

// left lists the parts that orders have by id and had not where they were searched
// for, and whether each order that had more by id had no items: the night asks for
// such orders by itself.
func left(searched map[string]glimpse, byID []glimpse) (parts []string, itemless bool) {
	itemless = true
	found := map[string]bool{}
	for _, whole := range byID {
		had, lacking := searched[whole.id], false
		if had.modified != whole.modified { // it was changed meanwhile
			continue
		}
		for _, part := range []struct {
			name       string
			then, here bool
		}{{"items", had.items, whole.items}, {"payments", had.payments, whole.payments}, {"discounts", had.discounts, whole.discounts}} {
			if part.here && !part.then {
				found[part.name], lacking = true, true
			}
		}
		itemless = itemless && (!lacking || !had.items)
	}
	return slices.Sorted(maps.Keys(found)), itemless && len(found) > 0
}

// inUse lists which platforms, means of payment and carriers the orders have that
// were read, and offers their numbers to the accounts of couriers.
func (q *inquiry) inUse(context.Context) error {
	seen := map[string]bool{}
	var orders []glimpse
	looks := []*look{q.newest, q.list}
	if q.whole != nil {
		looks = []*look{q.whole, q.newest, q.list} // with their parts first
	}
	for _, l := range looks {
		if !l.rows() {
			continue
		}
		for _, g := range l.orders {
			if !seen[g.id] {
				seen[g.id] = true
				orders = append(orders, g)
			}
		}
	}
	for _, g := range orders {
		o := probe.ShopOrder{Source: Driver().Name, Account: q.cfg.Account, OrderID: g.id, OrderNo: g.orderNo, Waybill: g.waybill}
		for _, c := range g.carriers {
			o.Carriers = append(o.Carriers, c.id)
		}
		q.Offer(o)
	}
	for _, about := range []struct {
		question string
		of       func(g *glimpse) []named
	}{
		{"platforms", func(g *glimpse) []named { return []named{g.platform} }},
		{"payment_methods", func(g *glimpse) []named { return g.methods }},
		{"carriers", func(g *glimpse) []named { return g.carriers }},
	} {
		values, outcome := tally(orders, about.of), "seen"
		if values == "" {
			outcome = "none"
		}
		if err := q.tell(about.question, outcome, map[string]any{"values": values, "orders": len(orders)}, looks...); err != nil {
			return err
		}
	}
	return nil
}

// What is shown of a list of values.
const (
	mostValues  = 12
	longestName = 20 // characters; a longer one may be a text about somebody
)

// tally lists the values with how many orders have each, the most frequent first.
func tally(orders []glimpse, of func(g *glimpse) []named) string {
	count, names := map[string]int{}, map[string]string{}
	for i := range orders {
		ids := map[string]bool{}
		for _, v := range of(&orders[i]) {
			if v.id != "" && !ids[v.id] {
				ids[v.id] = true
				count[v.id]++
				names[v.id] = cmp.Or(v.name, names[v.id])
			}
		}
	}
	ids := slices.SortedFunc(maps.Keys(count), func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	var texts []string
	for _, id := range ids[:min(len(ids), mostValues)] {
		text := id
		if name := names[id]; name != "" && len([]rune(name)) <= longestName {
			text += " " + name
		}
		texts = append(texts, fmt.Sprintf("%s (%d)", text, count[id]))
	}
	if more := len(ids) - len(texts); more > 0 {
		texts = append(texts, fmt.Sprintf("… +%d", more))
	}
	return strings.Join(texts, ", ")
}

// refuses reports whether what was asked for is refused, and not for now.
func refuses(l *look) bool { return l.Refused != nil && l.Refused.Class == extract.Permanent }

// refunds compares the orders that are refunded with those that are not: a search
// that heeds the filter answers no order as both.
func (q *inquiry) refunds(ctx context.Context) error {
	refunded, none := q.all, q.all
	refunded.RefundState, none.RefundState = transform.RefundRefunded, "none"
	with, err := q.first(ctx, refunded, q.cfg.PageSize)
	if err != nil {
		return err
	}
	if refuses(with) {
		return q.tell("refund_state", "refused", map[string]any{"code": with.how()}, with)
	}
	without, err := q.first(ctx, none, q.cfg.PageSize)
	if err != nil {
		return err
	}
	outcome := "unclear"
	switch {
	case with.Refused != nil || without.Refused != nil:
	case !with.rows():
		outcome = "none"
	case !without.rows():
	case sameOrders(with, without) && len(with.orders) > 1:
		outcome = "ignored"
	case apart(with.Facts.Keys, without.Facts.Keys) && q.counts && !q.capped && with.Facts.Total+without.Facts.Total <= q.list.Facts.Total:
		outcome = "honoured"
	}
	return q.tell("refund_state", outcome, nil, with, without)
}

// sameOrders reports whether two answers have the same orders, in any order: those of one
// second may change places.
func sameOrders(a, b *look) bool {
	return slices.Equal(slices.Sorted(slices.Values(a.Facts.Keys)), slices.Sorted(slices.Values(b.Facts.Keys)))
}

// apart reports whether two lists have nothing in common.
func apart(a, b []string) bool {
	return !slices.ContainsFunc(a, func(key string) bool { return slices.Contains(b, key) })
}

// flags asks which flags hide orders, as the nights do (hidden), as far as the
// calls go.
func (q *inquiry) flags(ctx context.Context) error {
	if q.Outcome("counts_to") != "end" {
		return q.tell("hidden", "no_totals", nil, q.list)
	}
	looks := []*look{q.list}
	found := map[string][]string{}
	for _, c := range combinations(allFlags, 1, 1) {
		kind := "unasked"
		if q.Left() >= 3 { // two, and one for the end
			asked, of, err := q.flag(ctx, c)
			if err != nil {
				return err
			}
			kind, looks = of, append(looks, asked...)
		}
		found[kind] = append(found[kind], c.String())
	}
	again, err := q.first(ctx, q.all, 1)
	if err != nil {
		return err
	}
	values := map[string]any{}
	for _, kind := range []string{"hidden", "shown", "ignored", "unseen", "unasked"} {
		values[kind] = strings.Join(found[kind], ", ")
	}
	outcome := "shown"
	switch {
	case again.Facts.Total != q.list.Facts.Total: // orders came or went: what was counted is not of one moment
		outcome = "moved"
	case found["hidden"] != nil:
		outcome = "hidden"
	case found["unseen"] != nil || found["unasked"] != nil:
		outcome = "unseen"
	}
	return q.tell("hidden", outcome, values, append(looks, again)...)
}

// flag asks what becomes of the orders of one flag where it is unset.
func (q *inquiry) flag(ctx context.Context, c combination) (looks []*look, kind string, err error) {
	with, err := q.first(ctx, q.all.with(c, true), 1)
	switch {
	case err != nil:
		return nil, "", err
	case with.Refused != nil:
		return []*look{with}, "unasked", nil
	case !with.rows():
		return []*look{with}, "unseen", nil
	}
	without, err := q.first(ctx, q.all.with(c, false), 1)
	if err != nil {
		return nil, "", err
	}
	kind = "shown"
	switch has, lacks := with.sighting(), without.sighting(); {
	case without.Refused != nil:
		kind = "unasked"
	case has.id == lacks.id: // no order has a flag and has it not
		kind = "ignored"
	case leavesOut(has, lacks, q.list.sighting()):
		kind = "hidden"
	}
	return []*look{with, without}, kind, nil
}
