package sim

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nightaudit/nightaudit/extract/simulate"
)

const (
	commandsPath = "/api/v1.0/invoke/open-ability/method/hotel-commands"
	tokenPath    = "/api/v1.0/invoke/open-ability/method/oauth2/token"
)

// Options make a vendor.
type Options struct {
	ClientID, ClientSecret string // credentials to demand of a log-in
	Token                  string // a fixed token that is good for ever; "" for none
	Orders                 []Order
	Now                    func() time.Time // nil: time.Now

	// Paging departs from pages that are numbered from 1, as the example's is.
	Paging simulate.Paging

	// FinishKey names the end of a stay: "end_time" as in every example (the
	// default), "finish_time" as in every table, "both", or "differ" for both
	// with finish_time a day later.
	FinishKey string
	// TokenLife is the lifetime of a token; 0 is two hours.
	TokenLife time.Duration
	// NewestFirst answers the list with the order put last first; by default
	// it comes last. The document states no sort.
	NewestFirst bool
	// Moves answers each call with the list in another order.
	Moves bool
	// Since leaves stays that began before it out of the list; zero leaves out
	// none. The document does not say how far back the list goes.
	Since time.Time
	// Wall writes times in this zone instead of UTC, as documented. Orders are
	// put in UTC.
	Wall *time.Location
	// DetailHasID answers order_id in the detail too.
	DetailHasID bool
}

// Vendor is the simulated vendor. It is safe for concurrent use.
type Vendor struct {
	simulate.Desk
	simulate.Lists
	simulate.Tokens
	o Options

	mu     sync.Mutex
	ids    []string // in the order in which orders were put
	orders map[string]*Order
	moved  int // calls for a list that moves
}

// New returns a vendor that holds the orders of o.
func New(o Options) *Vendor {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.TokenLife = cmp.Or(o.TokenLife, 2*time.Hour)
	o.FinishKey = cmp.Or(o.FinishKey, "end_time")
	v := &Vendor{o: o, orders: map[string]*Order{}}
	v.Put(o.Orders...)
	return v
}

// Put adds orders at the end, or replaces those with the same order_id.
func (v *Vendor) Put(orders ...Order) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, o := range orders {
		if v.orders[o.OrderID] == nil {
			v.ids = append(v.ids, o.OrderID)
		}
		v.orders[o.OrderID] = &o
	}
}

// Delete removes orders by order_id.
func (v *Vendor) Delete(ids ...string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, id := range ids {
		delete(v.orders, id)
	}
	v.ids = slices.DeleteFunc(v.ids, func(id string) bool { return v.orders[id] == nil })
}

// failure is an answer that is no success. The document leaves its examples
// of failures blank: status and text are the simulator's own.
type failure struct {
	status  int
	message string
}

func refusal(format string, args ...any) *failure {
	return &failure{http.StatusOK, fmt.Sprintf(format, args...)}
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

	envelope := map[string]any{"success": fail == nil, "timestamp": now.UnixMilli(), "result": result}
	status := http.StatusOK
	if fail != nil {
		status = fail.status
		envelope["result"] = map[string]any{"message": fail.message}
	}
	simulate.WriteJSON(w, status, envelope)
}

func (v *Vendor) route(r *http.Request, body []byte) (any, *failure) {
	switch {
	case r.Method == http.MethodPost && r.URL.Path == tokenPath:
		return v.logIn(r, body)
	case r.Method != http.MethodPost || r.URL.Path != commandsPath:
		v.RecordRefusal(r)
		return nil, &failure{http.StatusNotFound, "no such address"}
	}
	var call struct {
		Command string          `json:"command"`
		ID      string          `json:"id"`
		Param   json.RawMessage `json:"param"`
	}
	if err := json.Unmarshal(body, &call); err != nil {
		return nil, refusal("the body is not a command")
	}
	if call.Command != "get_order_list" && call.Command != "get_order_info" {
		v.RecordRefusal(r, call.Command)
		return nil, refusal("%s is not a read", call.Command)
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") || !strings.HasPrefix(r.Header.Get("Accept"), "application/json") {
		return nil, &failure{http.StatusUnsupportedMediaType, "Content-Type and Accept must be application/json"}
	}
	if !v.authorized(r) {
		return nil, &failure{http.StatusUnauthorized, "the access token is invalid or expired"}
	}
	if call.ID == "" {
		return nil, refusal("id is required")
	}
	if call.Command == "get_order_list" {
		return v.list(call.Param)
	}
	return v.info(call.Param)
}

// strict decodes a command's param, without keys that are not documented.
func strict(param json.RawMessage, into any) error {
	d := json.NewDecoder(bytes.NewReader(param))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func (v *Vendor) list(param json.RawMessage) (any, *failure) {
	var p struct {
		PageSize  *int `json:"page_size"`
		PageIndex *int `json:"page_index"`
	}
	if err := strict(param, &p); err != nil || p.PageSize == nil || p.PageIndex == nil || *p.PageSize < 1 || v.o.Paging.Refuses(*p.PageIndex) {
		return nil, refusal("page_size and page_index must be whole numbers of 1 or more")
	}
	ids, shift := v.listed(), 0
	if v.o.Moves {
		v.moved++
		shift = v.moved
	}
	from, to := v.o.Paging.Cut(*p.PageIndex, *p.PageSize, v.PageSize(*p.PageSize), len(ids))
	rows := []row{}
	for i := from; i < to; i++ {
		id := ids[(i+shift)%len(ids)]
		if v.o.NewestFirst {
			id = ids[len(ids)-1-(i+shift)%len(ids)]
		}
		rows = append(rows, v.row(v.orders[id]))
	}
	return rows, nil
}

// listed are the orders that the list shows, in the order in which they were put.
func (v *Vendor) listed() []string {
	if v.o.Since.IsZero() {
		return v.ids
	}
	first := UTC(v.o.Since)
	return slices.DeleteFunc(slices.Clone(v.ids), func(id string) bool { return v.orders[id].StartTime < first })
}

// row is an order as an answer shows it.
func (v *Vendor) row(o *Order) row {
	if v.o.Wall != nil {
		local := *o
		local.StartTime, local.EndTime = v.local(o.StartTime), v.local(o.EndTime)
		o = &local
	}
	return newRow(o, v.o.FinishKey)
}

// local is a time of an order in the vendor's own zone.
func (v *Vendor) local(text string) string {
	t, err := time.Parse(layout, text)
	if err != nil {
		return text // a test's own
	}
	return t.In(v.o.Wall).Format(layout)
}

func (v *Vendor) info(param json.RawMessage) (any, *failure) {
	var p struct {
		OrderID string `json:"order_id"`
	}
	if err := strict(param, &p); err != nil || p.OrderID == "" {
		return nil, refusal("order_id is required")
	}
	o := v.orders[p.OrderID]
	if o == nil {
		return nil, refusal("no such order")
	}
	r := v.row(o)
	r.detail = &detail{o.Source, o.Remark, o.EnableBooking}
	if !v.o.DetailHasID {
		r.OrderID = ""
	}
	return r, nil
}

func (v *Vendor) authorized(r *http.Request) bool {
	access, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || access == "" {
		return false
	}
	if access == v.o.Token {
		return true
	}
	until, ok := v.Granted(access)
	return ok && v.o.Now().Before(until)
}

// logIn grants client_credentials and refresh_token (docs/sources/akubela.md, Auth).
func (v *Vendor) logIn(r *http.Request, body []byte) (any, *failure) {
	form, err := url.ParseQuery(string(body))
	if err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil, &failure{http.StatusBadRequest, "a form is expected"}
	}
	// Whether a refresh repeats the client's credentials is not documented.
	bareRefresh := form.Get("grant_type") == "refresh_token" && !form.Has("client_id")
	if !bareRefresh && (v.o.ClientID == "" || form.Get("client_id") != v.o.ClientID || form.Get("client_secret") != v.o.ClientSecret) {
		return nil, &failure{http.StatusUnauthorized, "unknown client"}
	}
	switch form.Get("grant_type") {
	case "client_credentials":
		if form.Get("scope") != "hotel" {
			return nil, &failure{http.StatusBadRequest, "scope must be hotel"}
		}
	case "refresh_token":
		if !v.Spend(form.Get("refresh_token")) {
			return nil, &failure{http.StatusUnauthorized, "the refresh token is invalid"}
		}
	default:
		return nil, &failure{http.StatusBadRequest, "no such grant"}
	}
	access, refresh := v.Issue(v.o.Now().Add(v.o.TokenLife))
	return map[string]any{
		"access_token": access, "refresh_token": refresh, "token_type": "Bearer",
		"expires_in": int(v.o.TokenLife / time.Second),
	}, nil
}
