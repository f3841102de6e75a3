package soms

import (
	"context"
	"math/bits"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract"
)

// flags are all boolean filters of the search; the documented default of each
// is false (SOMS interface document, 2.47): if the vendor applies it, the search leaves out
// the orders that have the flag unless they are asked for.
var flags = [...]string{
	"suspended", "invalid", "have_return", "has_exception", "has_delivery_exception",
	"hasInvoice", "has_billing", "has_customer_note", "pick_info_is_auto_picked_finish",
}

// combination is a set of flags; bit i stands for flags[i].
type combination uint16

// allFlags are all flags together.
const allFlags combination = 1<<len(flags) - 1

// names lists the flags in their documented spelling.
func (c combination) names() []string {
	var names []string
	for i, name := range flags {
		if c&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

func (c combination) String() string { return strings.Join(c.names(), ", ") }

func (c combination) size() int { return bits.OnesCount16(uint16(c)) }

// combinationOf reads a flag.
func combinationOf(name string) (c combination, ok bool) {
	i := slices.Index(flags[:], name)
	if i < 0 {
		return 0, false
	}
	return 1 << i, true
}

// fewFlags is up to how many flags every combination is asked for although no
// order has proven that the vendor hides any: 57 calls at most.
const fewFlags = 6

// hidden lists the combinations of flags whose orders must be read apart,
// because the search leaves them out. An order that has several hidden flags
// is answered only where all of them are asked for, and a search is asked for
// one value of a flag or leaves it unset: no search covers two combinations,
// so each that has orders is read by a scan of its own, whatever their number.
//
// It is found out anew each night among the orders created before end, with
// calls of one row each: nothing has to be remembered, and a vendor that
// changes its mind is noticed. Each flag is asked for by itself, which takes 9
// calls, and up to 10 more for flags that have orders. Those that are then
// proven to be answered when unset are done with. Of n others
//
//   - if any order is proven hidden, all combinations are asked for: 502 calls
//     where n is 9, which at the default rate take 50 s, and up to n more;
//   - else, while n is up to 6, all of them too: 57 calls at most;
//   - else every pair: 36 calls where n is 9.
//
// So the one thing that is not noticed is orders of three and more hidden
// flags, of an account in which no order has one or two of them and seven or
// more flags are not known to be answered when unset.
func (a *account) hidden(ctx context.Context, end time.Time) ([]combination, error) {
	p := flagCounts{account: a, counts: map[combination]int64{}, firsts: map[combination]string{}}
	// Orders that come meanwhile are left out, for they would be in one total
	// and not in another.
	p.all.CreatedStart, p.all.CreatedEnd = a.from(a.since), a.local(end)
	if err := p.askEach(ctx); err != nil {
		return nil, err
	}
	if err := p.askTogether(ctx); err != nil {
		return nil, err
	}
	if err := p.settle(ctx); err != nil {
		return nil, err
	}
	var found []combination
	for c, n := range p.counts {
		if n != 0 && c&p.open == 0 {
			found = append(found, c)
		}
	}
	slices.Sort(found)
	return found, nil
}

// flagCounts finds out which orders the search hides.
type flagCounts struct {
	*account
	all    filter                // all orders that are considered
	counts map[combination]int64 // of orders, by the flags asked for together; -1 where some are there and no total is stated
	firsts map[combination]string
	open   combination // flags proven to filter nothing while unset
	hides  bool        // orders are proven hidden
}

// look counts the orders that have the flags of on and none of off.
func (p *flagCounts) look(ctx context.Context, on, off combination) (sighting, error) {
	seen, err := p.sight(ctx, search{stream: streamOrders, filter: p.all.with(on, true).with(off, false), sortKey: "modified"})
	if seen.total < 0 && seen.id == "" {
		seen.total = 0
	}
	return seen, err
}

// ask counts the orders of each combination of list.
func (p *flagCounts) ask(ctx context.Context, list []combination) error {
	return extract.InOrder(ctx, len(list), p.cfg.Concurrency,
		func(ctx context.Context, i int) (sighting, error) { return p.look(ctx, list[i], 0) },
		func(i int, seen sighting) error {
			p.counts[list[i]], p.firsts[list[i]] = seen.total, seen.id
			return nil
		})
}

// askEach asks for every flag by itself. A flag that has orders is open if
// more are answered while it is unset than while it is false.
func (p *flagCounts) askEach(ctx context.Context) error {
	each := combinations(allFlags, 1, 1)
	// The first goes alone: a vendor that refuses everything is asked once.
	for _, list := range [][]combination{each[:1], each[1:]} {
		if err := p.ask(ctx, list); err != nil {
			return err
		}
	}
	var found []combination
	for _, c := range each {
		if p.counts[c] != 0 {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		return nil
	}
	without := make([]sighting, len(found))
	err := extract.InOrder(ctx, len(found), p.cfg.Concurrency,
		func(ctx context.Context, i int) (sighting, error) { return p.look(ctx, 0, found[i]) },
		func(i int, seen sighting) error { without[i] = seen; return nil })
	if err != nil {
		return err
	}
	unset, err := p.look(ctx, 0, 0)
	for i, c := range found {
		if leavesOut(sighting{total: p.counts[c], id: p.firsts[c]}, without[i], unset) {
			p.hides = true
		} else {
			p.open |= c
		}
	}
	return err
}

// leavesOut reports whether a search in which a flag is unset leaves out the orders
// that have it, by what comes with the flag, without it, and where it is unset.
func leavesOut(with, without, unset sighting) bool {
	// No order has a flag and has it not: such a filter filters nothing.
	ignored := with.total == without.total && with.total == unset.total && with.id == without.id
	// Where no totals are stated the flag is taken for hidden: what comes
	// twice is loaded once.
	return !ignored && (unset.total < with.total+without.total || unset.total < 0)
}

// askTogether asks for combinations of the flags that are not open.
func (p *flagCounts) askTogether(ctx context.Context) error {
	doubtful := allFlags &^ p.open
	if !p.hides && doubtful.size() > fewFlags {
		pairs := combinations(doubtful, 2, 2)
		if err := p.ask(ctx, pairs); err != nil {
			return err
		}
		// A flag alone has no orders here, so a pair that has proves both hidden.
		if !slices.ContainsFunc(pairs, func(c combination) bool { return p.counts[c] != 0 }) {
			return nil
		}
	}
	var rest []combination
	for _, c := range combinations(doubtful, 2, len(flags)) {
		if _, asked := p.counts[c]; !asked {
			rest = append(rest, c)
		}
	}
	return p.ask(ctx, rest)
}

// settle finds those flags open that only hidden orders have: they need no
// scan of their own, and their orders would be counted twice.
func (p *flagCounts) settle(ctx context.Context) error {
	var settled combination
	for _, c := range combinations(allFlags&^p.open, 2, len(flags)) {
		if p.counts[c] == 0 || c&p.open != 0 {
			continue
		}
		for i := range flags {
			flag := combination(1 << i)
			if c&flag == 0 || (settled|p.open)&flag != 0 || p.counts[flag] != 0 {
				continue
			}
			// Were the flag open, the orders would be answered without it too.
			if among := p.counts[c&^flag]; among != 0 {
				without, err := p.look(ctx, c&^flag, flag)
				if err != nil {
					return err
				}
				if among >= p.counts[c]+without.total && among >= 0 {
					p.open |= flag
					break
				}
			}
			settled |= flag
		}
	}
	return nil
}

// combinations lists those of the flags of set that have from least to most
// members, by size.
func combinations(set combination, least, most int) []combination {
	var list []combination
	for size := least; size <= most; size++ {
		for c := combination(1); c <= allFlags; c++ {
			if c&^set == 0 && c.size() == size {
				list = append(list, c)
			}
		}
	}
	return list
}

// hiddenTonight is hidden, kept for the second call of Plan of the same
// night, whose bound is the same.
func (a *account) hiddenTonight(ctx context.Context, bound time.Time) ([]combination, error) {
	found, err := a.hidden(ctx, bound)
	if err == nil {
		a.tonight.Store(&nightly{bound, found})
	}
	return found, err
}

// hiddenBefore is what hiddenTonight found for bound; ok is false where it was
// not called.
func (a *account) hiddenBefore(bound time.Time) (found []combination, ok bool) {
	if n := a.tonight.Load(); n != nil && n.bound.Equal(bound) {
		return n.hidden, true
	}
	return nil, false
}

// nightly is what was found out for a night.
type nightly struct {
	bound  time.Time
	hidden []combination
}
