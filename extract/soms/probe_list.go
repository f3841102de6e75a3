package soms

import (
	"context"
	"slices"
	"strings"
	"time"
)

// reaches asks how far the search lets a list be read: the last page that the night
// would ask for, and the one behind it. Where that page does not come, the last one
// that does is looked for.
func (q *inquiry) reaches(ctx context.Context) error {
	size, total, most := len(q.list.orders), q.list.Facts.Total, q.cap()
	if !q.counts || size == 0 || q.Outcome("first_page") == "unclear" {
		return q.tell("search_cap", "unclear", nil, q.list)
	}
	values := map[string]any{"total": total, "most": most}
	inside := int(min(total, most)) / size // pages that are full
	if inside < 2 {
		return q.tell("search_cap", "few", values, q.list)
	}
	s := search{stream: streamOrders, filter: q.all, sortKey: byCreation}
	page := func(i int) (*look, error) { return q.read(ctx, s, q.base+i, size) }
	last, err := page(inside - 1)
	if err != nil {
		return err
	}
	if !last.rows() {
		return q.lower(page, size, inside-1, last)
	}
	if total <= most {
		return q.tell("search_cap", "enough", values, q.list, last)
	}
	beyond, err := page(inside)
	if err != nil {
		return err
	}
	values["rows"], values["code"] = inside*size, beyond.how()
	if beyond.rows() {
		return q.tell("search_cap", "more", values, last, beyond)
	}
	return q.tell("search_cap", "as_set", values, last, beyond)
}

// lower looks for the last page that comes, of which the first does and number
// without does not.
func (q *inquiry) lower(page func(i int) (*look, error), size, without int, refused *look) error {
	with, came := 0, q.list
	for without-with > 1 {
		middle := with + (without-with)/2
		l, err := page(middle)
		if err != nil {
			return err
		}
		if l.rows() {
			with, came = middle, l
		} else {
			without, refused = middle, l
		}
	}
	q.reached = int64((with + 1) * size)
	return q.tell("search_cap", "lower", map[string]any{"rows": q.reached, "most": q.cap(), "code": refused.how()}, came, refused)
}

// count asks whether the total counts the list to its end: those behind the first
// page are fewer than all.
func (q *inquiry) count(ctx context.Context) error {
	rows, total := len(q.list.orders), q.list.Facts.Total
	if !q.counts || rows == 0 || !ascending(q.list.orders, created) {
		return q.tell("counts_to", "unclear", nil, q.list)
	}
	// A minute on, for times may be compared to the minute: what is behind is fewer
	// still.
	last := q.list.orders[rows-1].created
	behind := q.all
	var err error
	if behind.CreatedStart, err = secondsAfter(last, 60); err != nil {
		return q.tell("counts_to", "unclear", nil, q.list)
	}
	rest, err := q.read(ctx, search{stream: streamOrders, filter: behind, sortKey: byCreation}, q.base, 1)
	if err != nil {
		return err
	}
	values := map[string]any{"total": total, "rest": rest.Facts.Total, "rows": total}
	if q.reached > 0 {
		values["rows"] = min(total, q.reached)
	}
	switch {
	case rest.Refused != nil || rest.rows() && rest.orders[0].created <= last: // it does not heed the bound
		return q.tell("counts_to", "unclear", values, q.list, rest)
	case rest.Facts.Total <= total-int64(rows):
		return q.tell("counts_to", "end", values, q.list, rest)
	}
	// More than there can be, or orders came meanwhile.
	again, err := q.first(ctx, q.all, 1)
	if err != nil {
		return err
	}
	if q.capped = again.Facts.Total == total; q.capped {
		return q.tell("counts_to", "capped", values, q.list, rest, again)
	}
	return q.tell("counts_to", "unclear", values, q.list, rest, again)
}

// sorted tells whether lists are sorted by what they are asked to be sorted by, and
// whether orders of one second keep their places.
func (q *inquiry) sorted(ctx context.Context) error {
	up, down := q.list.orders, slices.Clone(q.newest.orders)
	slices.Reverse(down)
	outcome := "fits"
	switch {
	case !varies(up, created) || !varies(down, modified):
		outcome = "few"
	case !ascending(up, created) || !ascending(down, modified):
		outcome = "ignored"
	}
	if err := q.tell("sort", outcome, nil, q.list, q.newest); err != nil {
		return err
	}
	if !ties(up) {
		return q.tell("ties", "none", nil, q.list)
	}
	looks := []*look{q.list}
	for range 2 {
		again, err := q.read(ctx, search{stream: streamOrders, filter: q.all, sortKey: byCreation}, q.base, q.cfg.PageSize)
		if err != nil {
			return err
		}
		looks = append(looks, again)
		before, after := q.list.Facts.Keys, again.Facts.Keys
		switch {
		case slices.Equal(before, after):
			continue
		case sameOrders(q.list, again) && slices.Equal(times(up), times(again.orders)):
			return q.tell("ties", "unstable", nil, looks...)
		}
		return q.tell("ties", "moved", nil, looks...)
	}
	return q.tell("ties", "stable", nil, looks...)
}

func created(g *glimpse) string { return g.created }

func modified(g *glimpse) string { return g.modified }

// ascending reports whether orders are sorted by a time.
func ascending(orders []glimpse, by func(*glimpse) string) bool {
	return slices.IsSortedFunc(orders, func(a, b glimpse) int { return strings.Compare(by(&a), by(&b)) })
}

// varies reports whether all orders have a time, and not the same.
func varies(orders []glimpse, by func(*glimpse) string) bool {
	return !slices.ContainsFunc(orders, func(g glimpse) bool { return by(&g) == "" }) &&
		slices.ContainsFunc(orders, func(g glimpse) bool { return by(&g) != by(&orders[0]) })
}

// ties reports whether orders that stand together were created in one second.
func ties(orders []glimpse) bool {
	for i := 1; i < len(orders); i++ {
		if orders[i].created == orders[i-1].created {
			return true
		}
	}
	return false
}

func times(orders []glimpse) []string {
	var all []string
	for _, g := range orders {
		all = append(all, g.created)
	}
	return all
}

// secondsAfter is a wall time n seconds after another, whatever its zone.
func secondsAfter(wall string, n int) (string, error) {
	t, err := time.Parse(time.DateTime, strings.TrimSpace(wall))
	if err != nil {
		return "", err
	}
	return t.Add(time.Duration(n) * time.Second).Format(time.DateTime), nil
}
