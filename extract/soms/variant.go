package soms

import (
	"fmt"
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
	byIndex    = changeIndexed   // when the search index took a change that the scan by the last change has missed
)

// variant says how the orders of a window are asked for. It is written in
// Window.Filter: "front_created,suspended=true".
type variant struct {
	by string      // "", byCreation or byBooking
	on combination // flags that are asked for
}

func (v variant) String() string {
	var parts []string
	if v.by != "" {
		parts = append(parts, v.by)
	}
	for _, name := range v.on.names() {
		parts = append(parts, name+"=true")
	}
	return strings.Join(parts, ",")
}

func variantOf(text string) (v variant, err error) {
	if text == "" {
		return v, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		name, on := strings.CutSuffix(part, "=true")
		flag, known := combinationOf(name)
		switch {
		case on && known:
			v.on |= flag
		case part == byCreation || part == byBooking || part == byIndex:
			v.by = part
		default:
			return v, fmt.Errorf("there is no filter %q", text)
		}
	}
	return v, nil
}

// filter is the body of a query (SOMS interface document, 2.47). What is empty is left out:
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

	Suspended            *bool `json:"suspended,omitempty"`
	Invalid              *bool `json:"invalid,omitempty"`
	HaveReturn           *bool `json:"have_return,omitempty"`
	HasException         *bool `json:"has_exception,omitempty"`
	HasDeliveryException *bool `json:"has_delivery_exception,omitempty"`
	HasInvoice           *bool `json:"hasInvoice,omitempty"`
	HasBilling           *bool `json:"has_billing,omitempty"`
	HasCustomerNote      *bool `json:"has_customer_note,omitempty"`
	AutoPicked           *bool `json:"pick_info_is_auto_picked_finish,omitempty"`
}

// with is f asking for the orders whose flags of c are all as given.
func (f filter) with(c combination, value bool) filter {
	for i, flag := range [len(flags)]**bool{ // as in flags
		&f.Suspended, &f.Invalid, &f.HaveReturn, &f.HasException, &f.HasDeliveryException,
		&f.HasInvoice, &f.HasBilling, &f.HasCustomerNote, &f.AutoPicked,
	} {
		if c&(1<<i) != 0 {
			*flag = &value
		}
	}
	return f
}

// search is what the pages of a window are asked for with.
type search struct {
	stream      string
	filter      filter
	sortKey     string
	newestFirst bool
}

// Whether the vendor's lower bounds are inclusive, where it has been seen.
const (
	lowerUnknown = iota
	lowerInclusive
	lowerExclusive
)

// from writes a lower bound so that the orders of that very second are answered:
// a second earlier, unless the vendor's bound is known to be inclusive.
func (a *account) from(t time.Time) string {
	if t.IsZero() || a.lower.Load() == lowerInclusive {
		return a.local(t)
	}
	return a.local(t.Add(-time.Second))
}

// searchOf asks for the orders of w. Whether the vendor's bounds are
// inclusive is not documented: the upper bound is sent as it is, and a lower one
// of creation a second early, so that an order of that very second may be read
// twice but is never missed; windows of changes overlap. A bound between two
// seconds (see division) leaves out the second after it.
//
// A window that starts with the account's since is sent without a lower bound:
// the times of creation bound it.
//
// Pages are sorted by the time that bounds them. The time of the search index
// can be filtered on but not sorted by; its pages are sorted by the time of
// the last change.
func (a *account) searchOf(w extract.Window) (search, error) {
	v, err := variantOf(w.Filter)
	if err != nil {
		return search{}, extract.BadAnswer("read soms", err)
	}
	start := a.local(firstSecond(w))
	switch {
	case w.Stream == streamRefunded || v.by == byCreation || v.by == byBooking:
		start = a.from(firstSecond(w))
	case v.by == "" && !w.Start.After(a.since):
		start = ""
	}
	q := a.searchIn(w.Stream, v, start, a.local(w.End))
	if v.by == byIndex {
		// Later changes the plain scan reads, which begins no later; the
		// second is for bounds that are exclusive.
		q.filter.ModifiedEnd = a.local(firstSecond(w).Add(time.Second))
	}
	return q, nil
}

// firstSecond is the first full second of w.
func firstSecond(w extract.Window) time.Time { return second(w.Start.Add(time.Second - 1)) }

// searchIn asks for the orders of a stream between two times as the vendor
// writes them; the empty text leaves a side open.
func (a *account) searchIn(stream string, v variant, start, end string) search {
	q := search{stream: stream, sortKey: "modified"}
	if stream == streamRefunded {
		v.by = byCreation // a refund need not touch the time of the last change
		q.filter.RefundState = transform.RefundRefunded
	}
	if v.by != byCreation {
		q.filter.CreatedStart = a.from(a.since)
	}
	switch {
	case v.by == byCreation:
		q.filter.CreatedStart, q.filter.CreatedEnd, q.sortKey = start, end, byCreation
	case v.by == byBooking:
		q.filter.BookedStart, q.filter.BookedEnd, q.sortKey = start, end, byBooking
	case v.by == byIndex || a.cfg.ChangeTime == changeIndexed:
		q.filter.IndexedStart, q.filter.IndexedEnd = start, end
	default:
		q.filter.ModifiedStart, q.filter.ModifiedEnd = start, end
	}
	q.filter = q.filter.with(v.on, true)
	return q
}

// variants are the scans that are needed so that no order is hidden: the
// plain one, and one for each of the hidden combinations. The plain one comes
// first.
func variants(by string, hidden []combination) []variant {
	list := []variant{{by: by}}
	for _, c := range hidden {
		list = append(list, variant{by: by, on: c})
	}
	return list
}
