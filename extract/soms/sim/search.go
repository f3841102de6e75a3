package sim

import (
	"encoding/json"
	"math/bits"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// entry is an order as the search index sees it, with its answer.
type entry struct {
	body []byte // the whole order; Raw where that is set

	id, state, refund                            string
	created, modified, frontCreated, indexed     string
	frontOrderID, platform, station, source      string
	paymentState, deliveryState, carrierState    string
	carrierID, saleOrderID, waybillID, mainOrder string
	flags                                        map[string]bool

	isLate bool   // the search index takes it at indexed, not when it was Put
	held   *entry // what the index holds until then
}

// at is what the search index holds at a time of the vendor; nil for nothing.
func (e *entry) at(now string) *entry {
	for e != nil && e.isLate && e.indexed > now {
		e = e.held
	}
	return e
}

func newEntry(o *Order) *entry {
	e := &entry{
		id: o.ID, state: o.State, refund: o.RefundState, created: o.Created, modified: o.Modified,
		indexed: o.IndexModified, source: o.SourceOrderID, saleOrderID: o.SaleOrderID, waybillID: o.WaybillID,
		flags: o.flags(),
	}
	if e.indexed == "" {
		e.indexed = o.Modified
	}
	if e.refund == "" {
		e.refund = "none"
	}
	if f := o.Front; f != nil {
		e.frontCreated, e.frontOrderID, e.mainOrder = f.Created, f.OrderID, f.MainOrderID
		if f.Platform != nil {
			e.platform = f.Platform.ID
		}
	}
	if o.Payment != nil {
		e.paymentState = o.Payment.State
	}
	if d := o.Delivery; d != nil {
		e.deliveryState = d.State
		if d.Station != nil {
			e.station = d.Station.ID
		}
		if d.Carrier != nil {
			e.carrierState = d.Carrier.State
			if d.Carrier.Carrier != nil {
				e.carrierID = d.Carrier.Carrier.ID
			}
		}
	}
	e.body = o.Raw
	if e.body == nil {
		body, err := json.Marshal(o)
		if err != nil {
			panic("sim: order " + o.ID + " cannot be written: " + err.Error())
		}
		e.body = body
	}
	return e
}

// The filters that are simulated, by their documented type (SOMS interface document, 2.47).
var (
	equal = map[string]func(*entry) string{
		"order_id":               func(e *entry) string { return e.id },
		"refund_state":           func(e *entry) string { return e.refund },
		"front_order_id":         func(e *entry) string { return e.frontOrderID },
		"front_main_order_id_eq": func(e *entry) string { return e.mainOrder },
		"platform_id":            func(e *entry) string { return e.platform },
		"source_order_id_eq":     func(e *entry) string { return e.source },
		"carrier_id":             func(e *entry) string { return e.carrierID },
		"waybill_id":             func(e *entry) string { return e.waybillID },
	}
	among = map[string]func(*entry) string{
		"order_ids":          func(e *entry) string { return e.id },
		"states":             func(e *entry) string { return e.state },
		"front_order_ids":    func(e *entry) string { return e.frontOrderID },
		"platform_ids":       func(e *entry) string { return e.platform },
		"station_ids":        func(e *entry) string { return e.station },
		"source_order_id_in": func(e *entry) string { return e.source },
		"payment_states":     func(e *entry) string { return e.paymentState },
		"delivery_states":    func(e *entry) string { return e.deliveryState },
		"carrier_states":     func(e *entry) string { return e.carrierState },
	}
	times = map[string]func(*entry) string{
		"created":        func(e *entry) string { return e.created },
		"modified":       func(e *entry) string { return e.modified },
		"front_created":  func(e *entry) string { return e.frontCreated },
		"index_modified": func(e *entry) string { return e.indexed },
	}
)

// Flags are the boolean filters, all with a documented default of false
// (SOMS interface document, 2.47).
var Flags = []string{
	"suspended", "invalid", "have_return", "has_exception", "has_delivery_exception",
	"hasInvoice", "has_billing", "has_customer_note", "pick_info_is_auto_picked_finish",
}

// flags are those of Flags that the order has.
func (o *Order) flags() map[string]bool {
	has := map[string]bool{
		"suspended": o.SuspendInfo != nil && o.SuspendInfo.Suspended, "has_exception": o.HasException,
		"hasInvoice": o.Invoice != nil && len(o.Invoice.Details) > 0, "has_customer_note": o.CustomerNote != "",
	}
	for _, name := range o.Flags {
		has[name] = true
	}
	return has
}

// filter says whether an order is asked for.
type filter []func(*entry) bool

func (f filter) match(e *entry) bool {
	for _, ok := range f {
		if !ok(e) {
			return false
		}
	}
	return true
}

// readFilter validates an OrderFilter strictly: a filter of a wrong type, an
// empty text, or one that is not simulated is refused, so that no test
// passes on a filter that was ignored.
func (v *Vendor) readFilter(body map[string]json.RawMessage) (filter, error) {
	var f filter
	asked := map[string]bool{}
	for name, raw := range body {
		if string(raw) == "null" || named(v.o.Ignores, name) {
			continue
		}
		if named(v.o.Refuses, name) {
			return nil, bad("there is no filter %s", name)
		}
		asked[name] = true
		if get, ok := equal[name]; ok {
			var want string
			if json.Unmarshal(raw, &want) != nil || want == "" {
				return nil, bad("%s must be a text that is not empty", name)
			}
			f = append(f, func(e *entry) bool { return get(e) == want })
			continue
		}
		if get, ok := among[name]; ok {
			var want []string
			if json.Unmarshal(raw, &want) != nil || len(want) == 0 {
				return nil, bad("%s must be an array of texts", name)
			}
			set := map[string]bool{}
			for _, w := range want {
				set[w] = true
			}
			f = append(f, func(e *entry) bool { return set[get(e)] })
			continue
		}
		if slices.Contains(Flags, name) {
			var want bool
			if json.Unmarshal(raw, &want) != nil {
				return nil, bad("%s must be true or false", name)
			}
			f = append(f, func(e *entry) bool { return e.flags[name] == want })
			continue
		}
		bound, err := v.readBound(name, raw)
		if err != nil {
			return nil, err
		}
		f = append(f, bound)
	}
	for _, name := range Flags {
		if !asked[name] && (v.o.UnsetIsFalse || slices.Contains(v.o.Hides, name)) {
			f = append(f, func(e *entry) bool { return !e.flags[name] })
		}
	}
	return f, nil
}

// named reports whether a filter is among those of a list (Options.Ignores).
func named(list []string, filter string) bool {
	return slices.ContainsFunc(list, func(name string) bool {
		return filter == name || filter == name+"_start" || filter == name+"_end"
	})
}

func (v *Vendor) readBound(name string, raw json.RawMessage) (func(*entry) bool, error) {
	base, start := strings.CutSuffix(name, "_start")
	if !start {
		base = strings.TrimSuffix(name, "_end")
	}
	get, ok := times[base]
	if !ok || base == name {
		return nil, &failure{http.StatusNotImplemented, "501", "filter " + name + " is not simulated"}
	}
	var want string
	if json.Unmarshal(raw, &want) != nil {
		return nil, bad("%s must be a text", name)
	}
	if _, err := time.Parse(time.DateTime, want); err != nil {
		return nil, bad("%s must have the form yyyy-MM-dd HH:mm:ss", name)
	}
	if v.o.CoarseBounds {
		exact := get
		get = func(e *entry) string { return minute(exact(e)) }
		want = minute(want)
	}
	switch {
	case start && v.o.ExclusiveStart:
		return func(e *entry) bool { return get(e) > want }, nil
	case start:
		return func(e *entry) bool { return get(e) >= want }, nil
	case v.o.ExclusiveEnd:
		return func(e *entry) bool { return get(e) != "" && get(e) < want }, nil
	}
	return func(e *entry) bool { return get(e) != "" && get(e) <= want }, nil
}

// minute is a wall time without its seconds.
func minute(wall string) string { return wall[:max(len(wall)-len(":05"), 0)] }

// search lists the orders that match body, in the order asked for. The list
// is kept until data change: paging through it costs one search.
func (v *Vendor) search(body map[string]json.RawMessage, p page) ([]*entry, error) {
	written, err := json.Marshal(body) // sorted by key
	if err != nil {
		return nil, err
	}
	key := p.sortKey + strconv.FormatBool(p.desc) + string(written)
	v.mu.RLock()
	list, ok := v.found[key]
	v.mu.RUnlock()
	if ok && v.o.IndexLag == 0 && !v.late && !v.o.UnstableTies {
		return list, nil
	}
	f, err := v.readFilter(body)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	now, visible := v.local(v.o.Now()), v.local(v.o.Now().Add(-v.o.IndexLag))
	list = nil
	for _, e := range v.orders {
		if e = e.at(now); e == nil {
			continue
		}
		if (v.o.IndexLag == 0 || e.indexed <= visible) && f.match(e) {
			list = append(list, e)
		}
	}
	get := times[p.sortKey]
	if v.o.IgnoresSort {
		get = func(*entry) string { return "" }
	}
	v.searches++
	turn := v.o.UnstableTies && bits.OnesCount(uint(v.searches))%2 == 1 // never three times the same
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if x, y := get(a), get(b); x != y {
			return (x < y) != p.desc
		}
		return (a.id < b.id) != turn
	})
	if v.found == nil || len(v.found) >= 64 {
		v.found = map[string][]*entry{}
	}
	v.found[key] = list
	return list, nil
}

func (v *Vendor) queryOrders(w http.ResponseWriter, r *http.Request) error {
	p, err := readPage(r.URL.Query(), true, "created", "front_created", "modified")
	if err != nil {
		return err
	}
	var body map[string]json.RawMessage
	if err := readBody(r, &body); err != nil {
		return err
	}
	if body == nil {
		return bad("the filter is required")
	}
	list, err := v.search(body, p)
	if err != nil {
		return err
	}
	from, to, err := v.cut(p, len(list))
	if err != nil {
		return err
	}
	var parts []string
	for _, part := range everything {
		if !v.o.HideItems && !slices.Contains(v.o.Omits, part) {
			parts = append(parts, part)
		}
	}
	out := []byte(`{`)
	if total := v.Total(v.stated(len(list)), to-from, p.number+1); total != nil {
		out = append(out, `"total":`+string(total)+`,`...)
	}
	out = append(out, `"page":`+strconv.Itoa(v.shown(p))+`,"orders":[`...)
	if out, err = v.appendOrders(out, list[from:to], parts); err != nil {
		return err
	}
	out = append(out, `],"page_count":`+strconv.Itoa(p.count(v.stated(len(list))))+`,"page_size":`+strconv.Itoa(p.size)+`}`...)
	return write(w, out)
}

func (v *Vendor) queryReminds(w http.ResponseWriter, r *http.Request) error {
	p, err := readPage(r.URL.Query(), false, "created", "time", "modified")
	if err != nil {
		return err
	}
	var f struct {
		IDEq       *string  `json:"id_eq"`
		IDIn       []string `json:"id_in"`
		PlatformEq *string  `json:"platform_id_eq"`
		OrderEq    *string  `json:"order_id_eq"`
		OrderIn    []string `json:"order_id_in"`
		StoreEq    *string  `json:"store_id_eq"`
		ReplyEq    *string  `json:"reply_state_eq"`
	}
	if err := readBody(r, &f); err != nil {
		return err
	}
	is := func(want *string, have string) bool { return want == nil || *want == have }
	in := func(want []string, have string) bool { return want == nil || slices.Contains(want, have) }
	v.mu.RLock()
	list := []Remind{}
	for _, m := range v.reminds {
		store := ""
		if m.Store != nil {
			store = m.Store.ID
		}
		if is(f.IDEq, m.RemindID) && in(f.IDIn, m.RemindID) && is(f.PlatformEq, m.PlatformID) &&
			is(f.OrderEq, m.OrderID) && in(f.OrderIn, m.OrderID) && is(f.StoreEq, store) && is(f.ReplyEq, m.ReplyState) {
			list = append(list, m)
		}
	}
	v.mu.RUnlock()
	key := map[string]func(*Remind) string{
		"created":  func(m *Remind) string { return m.Created },
		"time":     func(m *Remind) string { return m.Time },
		"modified": func(m *Remind) string { return m.Modified },
	}[p.sortKey]
	sort.Slice(list, func(i, j int) bool {
		a, b := &list[i], &list[j]
		if x, y := key(a), key(b); x != y {
			return (x < y) != p.desc
		}
		return a.RemindID < b.RemindID
	})
	from, to, err := v.cut(p, len(list))
	if err != nil {
		return err
	}
	answer := map[string]any{"page": v.shown(p), "reminds": list[from:to], "page_count": p.count(len(list)), "page_size": p.size}
	if total := v.Total(len(list), to-from, p.number+1); total != nil {
		answer["total"] = total
	}
	out, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	return write(w, out)
}
