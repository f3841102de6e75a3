package sim

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/nightaudit/nightaudit/extract/simulate"
)

const prefix = "/openapi/v1/order/"

// UnknownCode is what the simulator answers for a number that it does not
// know. The vendor documents no codes; 404 is our assumption, as is the
// source's default for unknown_codes.
const UnknownCode = 404

// Options describe one vendor. The zero value of each switch is what the
// document says most plainly.
type Options struct {
	Orders []Order
	Now    func() time.Time // stamps answers; nil is time.Now

	// Verify, if set, checks a call's signature; a call that fails is
	// refused with code Unsigned, 0 for 401. How calls are signed is documented
	// nowhere.
	Verify   func(r *http.Request, body []byte) bool
	Unsigned int
	// NeedsBoth refuses a query that does not name both numbers.
	NeedsBoth bool
	// UnknownNull answers an unknown number with code 0 and data null
	// instead of UnknownCode. Unknown, if not 0, is another code for it.
	UnknownNull bool
	Unknown     int
	// KnowsAll answers an order for a number that nobody has.
	KnowsAll bool
	// Seconds answers times of 10 digits.
	Seconds bool
	// OKAndFail answers "fail":true beside "ok":true, as one documented
	// success does.
	OKAndFail bool
}

// Vendor is the simulator. It is safe for concurrent use.
type Vendor struct {
	simulate.Desk
	o Options

	mu       sync.Mutex
	orders   map[string]*Order // by orderNo
	bySource map[string]string // orderNo by sourceOrderNo
}

// New returns a vendor that holds o.Orders.
func New(o Options) *Vendor {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Unsigned, o.Unknown = cmp.Or(o.Unsigned, http.StatusUnauthorized), cmp.Or(o.Unknown, UnknownCode)
	v := &Vendor{o: o, orders: map[string]*Order{}, bySource: map[string]string{}}
	v.Put(o.Orders...)
	return v
}

// Put adds orders or replaces those of the same orderNo.
func (v *Vendor) Put(orders ...Order) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, o := range orders {
		o.Feed, o.Tips = slices.Clone(o.Feed), slices.Clone(o.Tips)
		if v.o.Seconds {
			o.inSeconds()
		}
		v.orders[o.OrderNo] = &o
		for _, number := range append([]string{o.SourceOrderNo}, o.AlsoKnownAs...) {
			if number != "" {
				v.bySource[number] = o.OrderNo
			}
		}
	}
}

// Delete removes orders by orderNo.
func (v *Vendor) Delete(orderNos ...string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, no := range orderNos {
		delete(v.orders, no)
	}
}

// queries are the reads that the merchant's side may make.
var queries = map[string]func(*Order) any{
	prefix + "query-status":      func(o *Order) any { return o.status() },
	prefix + "query-status-feed": func(o *Order) any { return o.feed() },
	prefix + "query-tip-list":    func(o *Order) any { return o.tips() },
}

// ServeHTTP answers one call.
func (v *Vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := v.o.Now()
	body, ok := v.Receive(w, r, now)
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")

	v.mu.Lock()
	defer v.mu.Unlock()
	read, ok := queries[r.URL.Path]
	if !ok || r.Method != http.MethodPost {
		v.RecordRefusal(r)
		w.WriteHeader(http.StatusNotFound)
		v.write(w, refusal(now, 404, "接口不存在"))
		return
	}
	if v.o.Verify != nil && !v.o.Verify(r, body) {
		v.write(w, refusal(now, v.o.Unsigned, "签名错误"))
		return
	}
	// Signed calls may carry their signature in the body: further fields
	// are therefore not refused.
	var q struct {
		OrderNo       *string `json:"orderNo"`
		SourceOrderNo *string `json:"sourceOrderNo"`
	}
	if json.Unmarshal(body, &q) != nil || (q.OrderNo == nil && q.SourceOrderNo == nil) ||
		(v.o.NeedsBoth && (q.OrderNo == nil || q.SourceOrderNo == nil)) {
		v.write(w, refusal(now, 400, "参数错误"))
		return
	}
	o := v.find(q.OrderNo, q.SourceOrderNo)
	switch {
	case o != nil:
		v.write(w, wrap(now, read(o)))
	case v.o.KnowsAll:
		v.write(w, wrap(now, read(&Order{OrderNo: "Y0", ExpressStatus: "WAIT_TAKE"})))
	case v.o.UnknownNull:
		v.write(w, wrap(now, nil))
	default:
		v.write(w, refusal(now, v.o.Unknown, "订单不存在"))
	}
}

// find looks an order up; where both numbers are given both must fit.
func (v *Vendor) find(orderNo, sourceOrderNo *string) *Order {
	if orderNo == nil {
		return v.orders[v.bySource[*sourceOrderNo]]
	}
	if sourceOrderNo != nil && v.bySource[*sourceOrderNo] != *orderNo {
		return nil
	}
	return v.orders[*orderNo]
}

func refusal(at time.Time, code int, msg string) envelope {
	e := wrap(at, nil)
	e.Code, e.Msg, e.OK, e.Fail = code, msg, false, true
	return e
}

func (v *Vendor) write(w http.ResponseWriter, e envelope) {
	if v.o.OKAndFail && e.OK {
		e.Fail = true
	}
	_, _ = w.Write(line(e))
}
