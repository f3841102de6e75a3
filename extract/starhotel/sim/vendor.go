package sim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/nightaudit/nightaudit/extract/simulate"
)

// The paths of the documented reads.
const (
	pathOrders = "/api/v1/pmsOrder/list"
	pathAccoms = "/api/v1/pmsOrder/getAccomOrderList"
)

// Options describe one vendor. The zero value of each switch is what the
// document says most plainly.
type Options struct {
	PMSID int64  // the only hotel it knows; 0 is 2, the sample's
	Token string // bearer token it demands; "" demands none
	// HeaderName and HeaderValue are demanded instead of a token, if set.
	HeaderName, HeaderValue string

	Orders []Order
	Now    func() time.Time // stamps the Date header; nil is time.Now
	Zone   *time.Location   // of days in filters; nil is Asia/Shanghai

	// UnixDates: filters are 10-digit seconds, as the parameter tables type
	// them. Else they are yyyy-MM-dd, as the notes demand. The other form is
	// refused.
	UnixDates bool
	// WrongDates is what a filter answers whose days are of the other form: "" a
	// refusal, "empty" no orders, "all" orders of all days.
	WrongDates string
	// AnyDay: the days of a filter are passed over.
	AnyDay bool
	// EndExclusive: end_date is the first day that is not answered. Else it
	// is the last that is. The document does not say.
	EndExclusive bool
	// BeginExclusive: start_date is the last day that is not answered.
	BeginExclusive bool
	// Paging departs from pages that are numbered from 1, as documented.
	Paging simulate.Paging
	// OldestFirst turns both lists around; the document states no order.
	OldestFirst bool
	// Moves answers each call with the list in another order.
	Moves bool
	// Times writes times in other forms than the three of the example: "wall"
	// created_at and updated_at as yyyy-MM-dd HH:mm:ss, "millis" the others in
	// milliseconds.
	Times string
	// IgnorePaging: the accommodation list takes no page parameters (none
	// are documented) and answers its first AnswerRows orders each time.
	IgnorePaging bool
	AnswerRows   int // 0 is 15
	// IgnoreListPaging: the order list does the same.
	IgnoreListPaging bool
	// NumericMoney answers amounts as JSON numbers, as "decimal" may be read.
	NumericMoney bool
	// EmptyDataArray answers data:[] instead of an object with an empty list.
	EmptyDataArray bool
	// ExtraTotal is added to every stated total: a vendor that counts orders
	// which it never gives.
	ExtraTotal int
}

// Vendor is the simulator. It is safe for concurrent use.
type Vendor struct {
	simulate.Desk
	simulate.Lists
	o Options

	mu     sync.Mutex
	orders map[int64]*Order
	moved  int // calls for a list that moves
}

// New returns a vendor that holds o.Orders.
func New(o Options) *Vendor {
	if o.PMSID == 0 {
		o.PMSID = 2
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.FixedZone("UTC+8", 8*3600)
	}
	if o.AnswerRows == 0 {
		o.AnswerRows = 15
	}
	v := &Vendor{o: o, orders: map[int64]*Order{}}
	v.Put(o.Orders...)
	return v
}

// Put adds orders or replaces those of the same id.
func (v *Vendor) Put(orders ...Order) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, o := range orders {
		o.PMSID = v.o.PMSID
		if o.Images == nil {
			o.Images = []string{}
		}
		o.Accoms = slices.Clone(o.Accoms)
		v.orders[o.OrderID] = &o
	}
}

// Delete removes orders; the document knows no trace of a deleted one.
func (v *Vendor) Delete(ids ...int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, id := range ids {
		delete(v.orders, id)
	}
}

// envelope is what every answer is wrapped in.
type envelope struct {
	ErrorCode   int    `json:"error_code"`
	Description string `json:"description"`
	ErrorMsg    string `json:"error_msg"`
	Data        any    `json:"data"`
}

// list is the data of both reads.
type list struct {
	List     any             `json:"list"`
	Total    json.RawMessage `json:"total,omitempty"`
	PageNo   int             `json:"page_no"`
	PageSize int             `json:"page_size"`

	rows int // that there are
}

// ServeHTTP answers one call.
func (v *Vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, ok := v.Receive(w, r, v.o.Now())
	if !ok {
		return
	}
	w.Header().Set("Content-Type", "application/json")

	v.mu.Lock()
	defer v.mu.Unlock()
	if r.Method != http.MethodPost || (r.URL.Path != pathOrders && r.URL.Path != pathAccoms) {
		v.RecordRefusal(r)
		v.refuse(w, http.StatusNotFound, 404, "no such interface")
		return
	}
	if !v.knows(r) {
		v.refuse(w, http.StatusUnauthorized, 401, "unauthenticated")
		return
	}
	q, err := v.parse(body, r.URL.Path == pathAccoms)
	if err != nil {
		v.refuse(w, http.StatusOK, 422, err.Error())
		return
	}
	data := v.find(q)
	if v.o.EmptyDataArray && data.rows == 0 {
		v.write(w, http.StatusOK, envelope{0, "success", "success", []int{}})
		return
	}
	v.write(w, http.StatusOK, envelope{0, "success", "success", data})
}

func (v *Vendor) knows(r *http.Request) bool {
	if v.o.HeaderName != "" {
		return r.Header.Get(v.o.HeaderName) == v.o.HeaderValue
	}
	return v.o.Token == "" || r.Header.Get("Authorization") == "Bearer "+v.o.Token
}

func (v *Vendor) refuse(w http.ResponseWriter, status, code int, why string) {
	v.write(w, status, envelope{ErrorCode: code, Description: "fail", ErrorMsg: why})
}

// amounts are the quoted amounts that NumericMoney unquotes.
var amounts = [][]byte{[]byte(`"total_amount":"`), []byte(`"total_payed_amount":"`), []byte(`"amount":"`)}

func (v *Vendor) write(w http.ResponseWriter, status int, e envelope) {
	b, err := json.Marshal(e)
	if err != nil {
		panic(err) // plain structs of texts and numbers
	}
	if v.o.NumericMoney {
		for _, key := range amounts {
			b = unquote(b, key)
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(v.otherTimes(b))
}

var (
	isoTimes   = regexp.MustCompile(`"(created_at|updated_at)":"([0-9-]{10})T([0-9:]{8})[0-9.]*Z"`)
	epochTimes = regexp.MustCompile(`"(service_date|checkin_start_time|checkin_end_time|created_date)":([0-9]{10})`)
)

// otherTimes writes the times of an answer as Options.Times says.
func (v *Vendor) otherTimes(b []byte) []byte {
	switch v.o.Times {
	case "wall":
		return isoTimes.ReplaceAll(b, []byte(`"$1":"$2 $3"`))
	case "millis":
		return epochTimes.ReplaceAll(b, []byte(`"$1":${2}000`))
	}
	return b
}

// unquote turns each text that follows key into the number it shows.
func unquote(b, key []byte) []byte {
	var out []byte
	for {
		i := bytes.Index(b, key)
		if i < 0 {
			return append(out, b...)
		}
		end := i + len(key) + bytes.IndexByte(b[i+len(key):], '"')
		out = append(out, b[:i+len(key)-1]...)
		out = append(out, b[i+len(key):end]...)
		b = b[end+1:]
	}
}
