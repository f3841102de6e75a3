package soms

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// The times by which a window can be bounded instead of by the last change,
// as they stand in Window.Filter.
const (
	byCreation = "created"       // of the order at the vendor
	byBooking  = "front_created" // of the order on its platform: orders.created_at, where it is given
)

// exactEnd, in Window.Filter, sends the upper bound one second earlier: the
// vendor's bounds have been seen to be inclusive.
const exactEnd = "exact"

// flags are the filters that the source asks with, of those whose documented
// default is false (original, 2.47): if the vendor applies it, the search
// leaves out their orders unless they are asked for.
var flags = []string{"suspended", "invalid", "have_return"}

// variant says how the orders of a window are asked for. It is written in
// Window.Filter: "front_created,exact,suspended=true".
type variant struct {
	by    string // "", byCreation or byBooking
	exact bool
	on    []string // flags that are asked for
}

func (v variant) String() string {
	var parts []string
	if v.by != "" {
		parts = append(parts, v.by)
	}
	if v.exact {
		parts = append(parts, exactEnd)
	}
	for _, name := range v.on {
		parts = append(parts, name+"=true")
	}
	return strings.Join(parts, ",")
}

func variantOf(text string) (v variant, err error) {
	if text == "" {
		return v, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		name, flag := strings.CutSuffix(part, "=true")
		switch {
		case flag && slices.Contains(flags, name):
			v.on = append(v.on, name)
		case part == byCreation || part == byBooking:
			v.by = part
		case part == exactEnd:
			v.exact = true
		default:
			return v, fmt.Errorf("there is no filter %q", text)
		}
	}
	return v, nil
}

// filter is the body of a query (original, 2.47). What is empty is left out:
// the vendor takes an empty text for a value.
type filter struct {
	RefundState   string `json:"refund_state,omitempty"`
	CreatedStart  string `json:"created_start,omitempty"`
	CreatedEnd    string `json:"created_end,omitempty"`
	BookedStart   string `json:"front_created_start,omitempty"`
	BookedEnd     string `json:"front_created_end,omitempty"`
	ModifiedStart string `json:"modified_start,omitempty"`
	ModifiedEnd   string `json:"modified_end,omitempty"`
	IndexedStart  string `json:"index_modified_start,omitempty"`
	IndexedEnd    string `json:"index_modified_end,omitempty"`
	Suspended     *bool  `json:"suspended,omitempty"`
	Invalid       *bool  `json:"invalid,omitempty"`
	HaveReturn    *bool  `json:"have_return,omitempty"`
}

// with is f asking for the orders whose flag is as given.
func (f filter) with(flag string, value bool) filter {
	switch flag {
	case "suspended":
		f.Suspended = &value
	case "invalid":
		f.Invalid = &value
	case "have_return":
		f.HaveReturn = &value
	}
	return f
}

// search is what the pages of a window are asked for with.
type search struct {
	stream  string
	filter  filter
	sortKey string
}

// searchOf asks for the orders of w. Whether the vendor's bounds are
// inclusive is not documented: the upper bound is sent as it is, so that an
// order of that very second may be read twice but is never missed.
//
// Pages are sorted by the time that bounds them. The time of the search index
// can be filtered on but not sorted by; its pages are sorted by the time of
// the last change.
func (a *account) searchOf(w extract.Window) (search, error) {
	v, err := variantOf(w.Filter)
	if err != nil {
		return search{}, extract.BadAnswer("read soms", err)
	}
	end := w.End
	if v.exact {
		end = end.Add(-time.Second)
	}
	return a.searchIn(w.Stream, v, a.local(w.Start), a.local(end)), nil
}

// searchIn asks for the orders of a stream between two times as the vendor
// writes them; the empty text leaves a side open.
func (a *account) searchIn(stream string, v variant, start, end string) search {
	q := search{stream: stream, sortKey: "modified"}
	if stream == streamRefunded {
		v.by = byCreation // a refund need not touch the time of the last change
		q.filter.RefundState = transform.RefundRefunded
	}
	if v.by != byCreation {
		q.filter.CreatedStart = a.local(a.since)
	}
	switch {
	case v.by == byCreation:
		q.filter.CreatedStart, q.filter.CreatedEnd, q.sortKey = start, end, byCreation
	case v.by == byBooking:
		q.filter.BookedStart, q.filter.BookedEnd, q.sortKey = start, end, byBooking
	case a.cfg.ChangeTime == changeIndexed:
		q.filter.IndexedStart, q.filter.IndexedEnd = start, end
	default:
		q.filter.ModifiedStart, q.filter.ModifiedEnd = start, end
	}
	for _, name := range v.on {
		q.filter = q.filter.with(name, true)
	}
	return q
}

// hidden lists the flags whose orders the search leaves out unless they are
// asked for. It is found out anew each night, for one call each where there
// are no such orders: nothing has to be remembered, and a vendor that changes
// its mind is noticed.
func (a *account) hidden(ctx context.Context, end time.Time) ([]string, error) {
	// Orders that come meanwhile are left out, for they would be in one total
	// and not in another.
	all := filter{CreatedStart: a.local(a.since), CreatedEnd: a.local(end)}
	var names []string
	for _, name := range flags {
		with, err := a.total(ctx, all.with(name, true))
		if err != nil {
			return nil, err
		}
		if with == 0 {
			continue
		}
		without, err := a.total(ctx, all.with(name, false))
		if err != nil {
			return nil, err
		}
		unset, err := a.total(ctx, all)
		if err != nil {
			return nil, err
		}
		// Where no totals are stated both are read: what comes twice is loaded
		// once.
		if unset < with+without || unset < 0 {
			names = append(names, name)
		}
	}
	return names, nil
}

// variants are the scans that are needed so that no order is hidden: the
// plain one, and one for every combination of the hidden flags. The plain one
// comes first.
func variants(by string, hidden []string) []variant {
	list := make([]variant, 1<<len(hidden))
	for i := range list {
		list[i].by = by
		for j, name := range hidden {
			if i&(1<<j) != 0 {
				list[i].on = append(list[i].on, name)
			}
		}
	}
	return list
}
