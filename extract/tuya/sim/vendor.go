package sim

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nightaudit/nightaudit/extract/simulate"
)

// Options make a vendor.
type Options struct {
	ClientID, ClientSecret string // credentials to demand
	ProjectID              string // the one project that the credentials may read
	Orders                 []Order
	Now                    func() time.Time // nil: time.Now; also the clock that signatures are held against

	// ParamsIn says where the parameters of a GET are read: "body", the
	// document's word and the default, "query", or "both".
	ParamsIn string
	// Unread is what a list answers whose parameters are not where they are
	// read: "" a refusal, "empty" no orders, "all" ten of all orders.
	Unread string
	// Paging departs from pages that are numbered from 1, as documented.
	Paging simulate.Paging
	// BeginExclusive and EndExclusive leave out the orders on a bound, and
	// WholeSeconds cuts bounds and times to seconds before they are compared.
	// The document says nothing of either.
	BeginExclusive, EndExclusive, WholeSeconds bool
	// AnyTime answers orders of all times whatever range is asked for.
	AnyTime bool
	// OldestFirst turns the list around; the document states no order.
	OldestFirst bool
	// Moves answers each call with the list in another order.
	Moves bool
	// AnyType answers the orders of both types whichever is asked for.
	AnyType bool
	// RefusedType is a type that the list refuses; "" refuses none.
	RefusedType string
	// NoCurrency answers amounts without their currency.
	NoCurrency bool
	// PlainDetail answers the detail with what the list says of the order.
	PlainDetail bool
	// NoTime leaves the vendor's time out of answers.
	NoTime bool
	// NullCode answers code and msg as null on success, as the parameter
	// tables say; by default they are absent, as in the examples.
	NullCode bool
	// ExpireKey is the name of the token's lifetime in seconds:
	// "expire_time" (default), "expire" as on older pages, or "none", which
	// states no lifetime.
	ExpireKey string
	// TokenLife is the lifetime of a token; 0 is the documented 7200 s.
	TokenLife time.Duration
	// OneToken makes a log-in end the tokens of earlier log-ins.
	OneToken bool
	// FailureStatus is the HTTP status of failures, which the document does
	// not state; 0 is 200.
	FailureStatus int
	// ExtraTotal is added to the stated total of every list: a vendor that
	// counts orders it never shows.
	ExtraTotal int
}

// Vendor is the simulated vendor. It is safe for concurrent use.
type Vendor struct {
	simulate.Desk
	simulate.Lists
	simulate.Tokens
	o Options

	mu     sync.Mutex
	orders map[string]*Order
	sorted []*Order // newest first; nil after a change
	moved  int      // calls for a list that moves
}

// New returns a vendor that holds the orders of o.
func New(o Options) *Vendor {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.TokenLife == 0 {
		o.TokenLife = 7200 * time.Second
	}
	if o.ExpireKey == "" {
		o.ExpireKey = "expire_time"
	}
	if o.ParamsIn == "" {
		o.ParamsIn = "body"
	}
	if o.FailureStatus == 0 {
		o.FailureStatus = http.StatusOK
	}
	v := &Vendor{o: o, orders: map[string]*Order{}}
	v.Put(o.Orders...)
	return v
}

// Put adds orders, or replaces those with the same order_id.
func (v *Vendor) Put(orders ...Order) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, o := range orders {
		v.orders[o.OrderID] = &o
	}
	v.sorted = nil
}

// Delete removes orders by order_id.
func (v *Vendor) Delete(ids ...string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, id := range ids {
		delete(v.orders, id)
	}
	v.sorted = nil
}

// failure is the vendor's envelope of a failure.
type failure struct {
	code int
	msg  string
}

var errParam = func(format string, args ...any) *failure {
	return &failure{1109, "param is illegal: " + fmt.Sprintf(format, args...)}
}

func (v *Vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := v.o.Now()
	body, ok := v.Receive(w, r, now)
	if !ok {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	result, fail := v.route(r, body)
	v.answer(w, now, result, fail)
}

func (v *Vendor) answer(w http.ResponseWriter, now time.Time, result any, fail *failure) {
	envelope := map[string]any{}
	if !v.o.NoTime {
		envelope["t"] = now.UnixMilli()
	}
	status := http.StatusOK
	if fail != nil {
		status = v.o.FailureStatus
		envelope["success"], envelope["code"], envelope["msg"] = false, fail.code, fail.msg
	} else {
		envelope["success"], envelope["result"] = true, result
		if v.o.NullCode {
			envelope["code"], envelope["msg"] = nil, nil
		}
	}
	simulate.WriteJSON(w, status, envelope)
}

func (v *Vendor) route(r *http.Request, body []byte) (any, *failure) {
	path := r.URL.Path
	switch {
	case r.Method == http.MethodGet && path == "/v1.0/token":
		return v.logIn(r, body)
	case r.Method == http.MethodGet && strings.HasPrefix(path, "/v1.0/token/"):
		return v.refresh(r, body, strings.TrimPrefix(path, "/v1.0/token/"))
	}
	rest, isProject := strings.CutPrefix(path, "/v1.0/cloud/osaas/projects/")
	project, call, _ := strings.Cut(rest, "/")
	if !isProject || r.Method != http.MethodGet || (call != "server-order/page" && call != "server-order/get") {
		v.RecordRefusal(r)
		return nil, &failure{1108, "uri path invalid"}
	}
	if fail := v.authorize(r, body); fail != nil {
		return nil, fail
	}
	if project != v.o.ProjectID {
		return nil, &failure{1106, "permission deny"}
	}
	p, fail := v.params(r, body)
	if fail != nil {
		return nil, fail
	}
	if call == "server-order/get" {
		return v.get(p)
	}
	return v.page(p)
}

// params are the parameters of a call by name: texts, and numbers as the
// caller wrote them.
type params map[string]any

func (v *Vendor) params(r *http.Request, body []byte) (params, *failure) {
	p := params{}
	if v.o.ParamsIn != "body" {
		for key, values := range r.URL.Query() {
			p[key] = values[0]
			if n := json.Number(values[0]); key == "page_no" || key == "page_size" || strings.HasPrefix(key, "create_order_") {
				p[key] = n
			}
		}
	}
	if v.o.ParamsIn == "query" || len(body) == 0 && (v.o.ParamsIn == "both" || v.o.Unread != "") {
		return p, nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&p); err != nil {
		return nil, errParam("the body is not a JSON object")
	}
	return p, nil
}

func (p params) text(key string) (string, *failure) {
	v, ok := p[key]
	if !ok {
		return "", nil
	}
	s, ok := v.(string)
	if !ok || s == "" {
		return "", errParam("%s must be a text", key)
	}
	return s, nil
}

func (p params) long(key string) (n int64, ok bool, fail *failure) {
	v, ok := p[key]
	if !ok {
		return 0, false, nil
	}
	num, isNumber := v.(json.Number)
	n, err := strconv.ParseInt(string(num), 10, 64)
	if !isNumber || err != nil {
		return 0, false, errParam("%s must be a whole number", key)
	}
	return n, true, nil
}

// filters are the optional equalities of the list.
var filters = map[string]func(o *Order) string{
	"order_biz_type": func(o *Order) string { return o.OrderBizType },
	"order_id":       func(o *Order) string { return o.OrderID },
	"room_no":        func(o *Order) string { return o.RoomNo },
	"order_status":   func(o *Order) string { return o.OrderStatus },
	"order_source":   func(o *Order) string { return o.OrderSource },
	"delivery_type":  func(o *Order) string { return string(o.DeliveryType) },
}

// vocabulary holds the values that the document allows in a filter.
var vocabulary = map[string][]string{
	"order_biz_type": {"MATERIAL", "SERVICE"},
	"order_status":   {"created", "canceled", "producing", "finished"},
	"order_source":   {"SMART_SPEAKER", "APPLET_WX", "APPLET_ALIPAY", "APPLET_H5"},
	"delivery_type":  {"robot", "manualDelivery"},
}

func (v *Vendor) page(p params) (any, *failure) {
	if len(p) == 0 && v.o.Unread != "" {
		all := v.newestFirst()
		if v.o.Unread == "empty" {
			all = nil
		}
		return v.answerPage(all[:min(10, len(all))], len(all), 1, 10), nil
	}
	wanted := map[string]string{}
	for key := range p {
		if _, ok := filters[key]; ok {
			text, fail := p.text(key)
			if fail != nil {
				return nil, fail
			}
			if allowed := vocabulary[key]; allowed != nil && !slices.Contains(allowed, text) {
				return nil, errParam("%s must be one of %v", key, allowed)
			}
			wanted[key] = text
		} else if !slices.Contains([]string{"page_no", "page_size", "create_order_begin_time", "create_order_end_time"}, key) {
			return nil, errParam("%s is not known", key)
		}
	}
	if wanted["order_biz_type"] == "" {
		return nil, errParam("order_biz_type is required")
	}
	if wanted["order_biz_type"] == v.o.RefusedType {
		return nil, errParam("no orders of this type")
	}
	if v.o.AnyType {
		delete(wanted, "order_biz_type")
	}
	no, _, fail := p.long("page_no")
	if fail != nil || v.o.Paging.Refuses(int(no)) {
		return nil, errParam("page_no must be 1 or more")
	}
	size, _, fail := p.long("page_size")
	if fail != nil || size < 1 || size > 100 {
		return nil, errParam("page_size must be from 1 to 100")
	}
	begin, hasBegin, fail := p.long("create_order_begin_time")
	if fail != nil {
		return nil, fail
	}
	end, hasEnd, fail := p.long("create_order_end_time")
	if fail != nil {
		return nil, fail
	}
	const least13 = 1_000_000_000_000
	if hasBegin != hasEnd || (hasBegin && (begin < least13 || end < begin)) {
		return nil, errParam("create_order_begin_time and create_order_end_time are 13-digit times, used together")
	}

	var matching []*Order
	for _, o := range v.newestFirst() {
		if (!hasBegin || v.within(int64(o.CreateOrderTime), begin, end)) && o.matches(wanted) {
			matching = append(matching, o)
		}
	}
	from, to := v.o.Paging.Cut(int(no), int(size), v.PageSize(int(size)), len(matching))
	return v.answerPage(v.ordered(matching)[from:to], len(matching), no, size), nil
}

// within reports whether a time lies between the bounds as this vendor takes them.
func (v *Vendor) within(at, begin, end int64) bool {
	if v.o.AnyTime {
		return true
	}
	if v.o.WholeSeconds {
		at, begin, end = at/1000, begin/1000, end/1000
	}
	return at >= begin && at <= end && !(v.o.BeginExclusive && at == begin) && !(v.o.EndExclusive && at == end)
}

// ordered is the list as this vendor orders it.
func (v *Vendor) ordered(newestFirst []*Order) []*Order {
	list := slices.Clone(newestFirst)
	if v.o.OldestFirst {
		slices.Reverse(list)
	}
	if v.o.Moves && len(list) > 0 {
		v.moved++
		first := v.moved % len(list)
		list = slices.Concat(list[first:], list[:first])
	}
	return list
}

func (v *Vendor) answerPage(orders []*Order, total int, no, size int64) any {
	rows := []listRow{}
	for _, o := range orders {
		rows = append(rows, listRow{ProjectID: v.o.ProjectID, Order: v.shown(o)})
	}
	answer := map[string]any{"page_no": no, "page_size": size, "data": rows}
	if stated := v.Total(total+v.o.ExtraTotal, len(rows), int(no)); stated != nil {
		answer["total"] = stated
	}
	return answer
}

// shown is an order as this vendor answers it.
func (v *Vendor) shown(o *Order) *Order {
	if !v.o.NoCurrency {
		return o
	}
	bare := *o
	bare.Currency, bare.CommodityList = "", slices.Clone(o.CommodityList)
	for i := range bare.CommodityList {
		bare.CommodityList[i].Currency = ""
	}
	return &bare
}

func (o *Order) matches(wanted map[string]string) bool {
	for key, value := range wanted {
		if filters[key](o) != value {
			return false
		}
	}
	return true
}

// newestFirst orders the list by creation; the document states no order.
func (v *Vendor) newestFirst() []*Order {
	if v.sorted == nil {
		v.sorted = slices.SortedFunc(maps.Values(v.orders), func(a, b *Order) int {
			return cmp.Or(cmp.Compare(b.CreateOrderTime, a.CreateOrderTime), cmp.Compare(b.OrderID, a.OrderID))
		})
	}
	return v.sorted
}

func (v *Vendor) get(p params) (any, *failure) {
	id, fail := p.text("order_id")
	if fail != nil || id == "" || len(p) != 1 {
		return nil, errParam("order_id is required, and nothing else")
	}
	if o := v.orders[id]; o != nil && v.o.PlainDetail {
		return listRow{ProjectID: v.o.ProjectID, Order: v.shown(o)}, nil
	} else if o != nil {
		return v.shown(o), nil
	}
	return nil, nil // the document names no code for an unknown order
}
