// Package sim simulates the SOMS order service from its document: paging,
// search filters, parts, reminders and HTTP Basic. It knows nothing of the
// source that reads it.
package sim

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nightaudit/nightaudit/extract/simulate"
)

// Options describe the tenant that is simulated. The switches stand for what
// the document leaves open.
type Options struct {
	Tenant             string // of the path prefix; "" is 8560
	Username, Password string // what HTTP Basic must show
	Orders             []Order
	Reminds            []Remind
	Now                func() time.Time // nil: time.Now

	// Padding, in bytes, is the least size of an order in an answer: smaller
	// ones are filled up with documented members that are not loaded.
	// DocumentedSize is the size of the document's own sample.
	Padding int
	// HideItems makes the query answer orders without their parts, as the
	// get calls do when no parts are asked for. Omits leaves out some of them.
	HideItems bool
	Omits     []string
	// SearchCap refuses pages that reach beyond this many rows; 0 is no cap.
	// Search engines usually stop at 10,000. EmptyBeyond answers them empty.
	SearchCap   int
	EmptyBeyond bool
	// CountsTo is the most that is stated as the total; 0 counts all.
	CountsTo int
	// Paging departs from pages that are numbered from 0, as documented, and hold
	// as many rows as are asked for. Its FromZero is the opposite of FromOne.
	Paging  simulate.Paging
	FromOne bool
	// IgnoresSort answers in the order of ids. UnstableTies answers orders of
	// one time now in one order and now in the other.
	IgnoresSort, UnstableTies bool
	// CoarseBounds compares times to the minute.
	CoarseBounds bool
	// UnsetIsFalse applies the documented default of the boolean filters:
	// orders that have one of Flags are answered only when asked for. Hides
	// applies it to some of them. Otherwise an unset filter filters nothing.
	UnsetIsFalse bool
	Hides        []string
	// ExclusiveEnd leaves out orders whose time equals an upper bound.
	ExclusiveEnd bool
	// ExclusiveStart leaves out those whose time equals a lower one.
	ExclusiveStart bool
	// PageFromOne answers page numbers from 1, as the sample does, though
	// they are asked for from 0.
	PageFromOne bool
	// IndexLag is how long a change takes to reach the search index.
	IndexLag time.Duration
	// Ignores names filters, or the times of which both bounds are meant, that
	// the search does not heed: "refund_state", "index_modified".
	Ignores []string
	// Refuses names filters, as Ignores does, that the search refuses.
	Refuses []string
	// Zone is that of the vendor's wall times; nil is Zone, of UTC+8.
	Zone *time.Location
}

// DocumentedSize is about the size of the document's sample order in bytes.
const DocumentedSize = 19000

// Vendor is the simulated service. It is safe for concurrent use.
type Vendor struct {
	simulate.Desk
	simulate.Lists
	o       Options
	padding *padding

	mu       sync.RWMutex
	orders   map[string]*entry
	reminds  map[string]Remind
	traces   map[string]Trace
	found    map[string][]*entry // answers of the search by filter and order, until data change
	late     bool                // the search index takes some orders later than they were Put
	searches int                 // so many were made, for UnstableTies
}

// New returns a vendor that holds the orders and reminders of o.
func New(o Options) *Vendor {
	if o.Tenant == "" {
		o.Tenant = "8560"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = Zone
	}
	o.Paging.FromZero = !o.FromOne
	v := &Vendor{o: o, orders: map[string]*entry{}, reminds: map[string]Remind{}, traces: map[string]Trace{}, padding: newPadding()}
	for i := range o.Orders {
		v.orders[o.Orders[i].ID] = newEntry(&o.Orders[i])
	}
	v.PutRemind(o.Reminds...)
	v.o.Orders, v.o.Reminds = nil, nil
	return v
}

// Put adds orders, or replaces those with the same id. The search index takes
// them now, whenever they say that they were modified, or when IndexModified
// says: until then the search answers what it held.
func (v *Vendor) Put(orders ...Order) {
	now := v.local(v.o.Now())
	v.mu.Lock()
	defer v.mu.Unlock()
	v.found = nil
	for i := range orders {
		e := newEntry(&orders[i])
		if orders[i].IndexModified == "" {
			e.indexed = max(e.indexed, now)
		}
		if e.indexed > now {
			v.late = true
			e.held = v.orders[orders[i].ID]
			e.isLate = true
		}
		v.orders[orders[i].ID] = e
	}
}

// local writes t as the vendor does.
func (v *Vendor) local(t time.Time) string { return t.In(v.o.Zone).Format(time.DateTime) }

// Delete removes an order.
func (v *Vendor) Delete(id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.found = nil
	delete(v.orders, id)
}

// PutRemind adds reminders, or replaces those with the same id.
func (v *Vendor) PutRemind(reminds ...Remind) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, r := range reminds {
		v.reminds[r.RemindID] = r
	}
}

// failure is an answer other than 200. The document shows no error body for
// reads; this is that of its actions.
type failure struct {
	status        int
	code, message string
}

func (f *failure) Error() string { return f.message }

func bad(format string, args ...any) error {
	return &failure{http.StatusBadRequest, "400", fmt.Sprintf(format, args...)}
}

// ServeHTTP answers one call.
func (v *Vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, ok := v.Receive(w, r, v.o.Now()); !ok {
		return
	}
	if err := v.serve(w, r); err != nil {
		f, ok := err.(*failure)
		if !ok {
			f = &failure{http.StatusInternalServerError, "500", err.Error()}
		}
		if f.status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Basic realm="soms"`)
		}
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		w.WriteHeader(f.status)
		json.NewEncoder(w).Encode(map[string]any{"success": false, "code": f.code, "message": f.message})
	}
}

func (v *Vendor) serve(w http.ResponseWriter, r *http.Request) error {
	serve := v.route(r)
	if serve == nil {
		v.RecordRefusal(r)
		return &failure{http.StatusForbidden, "403", "not a documented read"}
	}
	user, password, ok := r.BasicAuth()
	if !ok || user != v.o.Username || password != v.o.Password {
		return &failure{http.StatusUnauthorized, "401", "wrong user or password"}
	}
	return serve(w, r)
}

type handler func(w http.ResponseWriter, r *http.Request) error

// route finds the documented read that r calls; nil where it is none.
func (v *Vendor) route(r *http.Request) handler {
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), "/"+v.o.Tenant+"/soms/")
	if !ok {
		return nil
	}
	switch r.Method + " " + path {
	case "POST orderservice/orders/query":
		return v.queryOrders
	case "POST orderservice/order/v2/orders":
		return v.ordersByIDs
	case "GET orderservice/order/orders":
		return v.getOrders
	case "POST orderremindservice/reminds/query":
		return v.queryReminds
	}
	if r.Method != http.MethodGet {
		return nil
	}
	for end, get := range map[string]func(id string) handler{"/delivery/trace": v.getTrace, "/kd/trace": v.getExpressTrace} {
		if id, ok := orderOf(path, end); ok {
			return get(id)
		}
	}
	for prefix, get := range map[string]func(id string) handler{
		"orderservice/order/saleorder/":   v.getSaleOrder,
		"orderservice/order/":             v.getOrder,
		"orderremindservice/orderremind/": v.getRemind,
	} {
		if segment, ok := strings.CutPrefix(path, prefix); ok && segment != "" && !strings.Contains(segment, "/") {
			id, err := url.PathUnescape(segment)
			if err == nil {
				return get(id)
			}
		}
	}
	return nil
}

// page holds the paging parameters (SOMS interface document, 1.1.33.2).
type page struct {
	number, size int
	sortKey      string
	desc         bool
}

func readPage(q url.Values, required bool, sortKeys ...string) (p page, err error) {
	whole := func(name string, least, most, unset int) int {
		text := q.Get(name)
		if text == "" && !required {
			return unset
		}
		n, e := strconv.Atoi(text)
		if err == nil && (e != nil || n < least || n > most) {
			err = bad("%s must be a whole number from %d to %d, got %q", name, least, most, text)
		}
		return n
	}
	p.number = whole("page", 0, 1<<31-1, 0)
	p.size = whole("page_size", 1, 100, 20)
	switch q.Get("desc") {
	case "true":
		p.desc = true
	case "false":
	default:
		return p, bad("desc is required: true or false")
	}
	p.sortKey = sortKeys[0]
	if k := q.Get("sort_key"); k != "" {
		p.sortKey = ""
		for _, known := range sortKeys {
			if k == known {
				p.sortKey = k
			}
		}
		if p.sortKey == "" {
			return p, bad("sort_key must be one of %s", strings.Join(sortKeys, ", "))
		}
	}
	return p, err
}

// cut returns the bounds of the page in a list of n rows.
func (v *Vendor) cut(p page, n int) (from, to int, err error) {
	if v.o.Paging.Refuses(p.number) {
		return 0, 0, bad("there is no page %d", p.number)
	}
	i := p.number
	if v.o.FromOne {
		i = max(i-1, 0)
	}
	if v.o.SearchCap > 0 && (i+1)*p.size > v.o.SearchCap {
		if v.o.EmptyBeyond {
			return 0, 0, nil
		}
		return 0, 0, &failure{http.StatusInternalServerError, "500", "Result window is too large, from + size must be less than or equal to: [" + strconv.Itoa(v.o.SearchCap) + "]"}
	}
	from, to = v.o.Paging.Cut(p.number, p.size, v.PageSize(p.size), n)
	return from, to, nil
}

// stated is what the search says that n orders are.
func (v *Vendor) stated(n int) int {
	if v.o.CountsTo > 0 {
		return min(n, v.o.CountsTo)
	}
	return n
}

func (v *Vendor) shown(p page) int {
	if v.o.PageFromOne {
		return p.number + 1
	}
	return p.number
}

func (p page) count(total int) int { return (total + p.size - 1) / p.size }

func readBody(r *http.Request, into any) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return bad("the body is not the JSON object it should be: %v", err)
	}
	return nil
}
