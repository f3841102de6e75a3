package soms

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
	"github.com/nightaudit/nightaudit/transform"
)

// The reads of the source, below /{tenant_id}/soms.
const (
	pathQuery   = "/orderservice/orders/query"
	pathOrders  = "/orderservice/order/v2/orders"
	pathReminds = "/orderremindservice/reminds/query"
)

// parts are what the batch call is asked to answer besides the order's own
// members (original, 1.1.13.2): what is loaded, and nothing else.
const parts = "items,item.details,paymentDetails,invoiceDetails,prom"

type account struct {
	cfg      config
	client   *httpx.Client
	prefix   string // /{tenant_id}/soms
	zone     *time.Location
	since    time.Time
	now      func() time.Time
	log      *slog.Logger
	decoders sync.Pool
}

func newAccount(c config, auth httpx.Auth, env extract.Env) *account {
	a := &account{
		cfg: c, prefix: "/" + c.TenantID + "/soms", zone: c.Calendar().Zone, since: c.Since.In(c.Calendar().Zone),
		now: env.Now, log: env.Log, decoders: sync.Pool{New: func() any { return new(decoder) }},
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	a.client = httpx.New(httpx.Options{
		BaseURL: c.BaseURL, Rate: c.Rate, Concurrency: c.Concurrency, Limits: env.HTTP, Transport: env.Transport, Auth: auth,
		Allow: []httpx.Read{
			{Method: http.MethodPost, Path: a.prefix + pathQuery},
			{Method: http.MethodPost, Path: a.prefix + pathOrders},
			{Method: http.MethodPost, Path: a.prefix + pathReminds},
		},
		Check: succeeded, Log: a.log,
	})
	return a
}

// Settings are the keys that all accounts have.
func (a *account) Settings() *extract.Settings { return &a.cfg.Settings }

// filter is the body of a query (original, 2.47). What is empty is left out:
// the vendor takes an empty text for a value. Boolean filters stay unset.
type filter struct {
	RefundState   string `json:"refund_state,omitempty"`
	CreatedStart  string `json:"created_start,omitempty"`
	CreatedEnd    string `json:"created_end,omitempty"`
	ModifiedStart string `json:"modified_start,omitempty"`
	ModifiedEnd   string `json:"modified_end,omitempty"`
	IndexedStart  string `json:"index_modified_start,omitempty"`
	IndexedEnd    string `json:"index_modified_end,omitempty"`
}

// byCreation is the filter of windows that are bounded by the creation of
// their orders; other windows of orders are bounded by their last change.
const byCreation = "created"

func (a *account) byCreation(w extract.Window) bool {
	return w.Stream == streamRefunded || w.Filter == byCreation
}

// filterOf asks for the orders of w. Whether the vendor's bounds are
// inclusive is not documented: the upper bound is sent as it is, so that an
// order of that very second may be read twice but is never missed.
func (a *account) filterOf(w extract.Window) filter {
	var f filter
	start, end := a.local(w.Start), a.local(w.End)
	switch {
	case a.byCreation(w):
		f.CreatedStart, f.CreatedEnd = start, end
		if w.Stream == streamRefunded {
			f.RefundState = transform.RefundRefunded
		}
		return f
	case a.cfg.ChangeTime == changeIndexed:
		f.IndexedStart, f.IndexedEnd = start, end
	default:
		f.ModifiedStart, f.ModifiedEnd = start, end
	}
	f.CreatedStart = a.local(a.since)
	return f
}

// sortKey is by what the pages of w are sorted. The time of the search index
// can be filtered on but not sorted by.
func (a *account) sortKey(w extract.Window) string {
	if a.byCreation(w) {
		return "created"
	}
	return "modified"
}

// local writes t in the account's zone at the vendor's precision.
func (a *account) local(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(a.zone).Format(time.DateTime)
}

// query reads one page of the orders of w.
func (a *account) query(ctx context.Context, w extract.Window, page, size int) (*httpx.Answer, error) {
	body, err := json.Marshal(a.filterOf(w))
	if err != nil {
		return nil, err
	}
	return a.client.Do(ctx, httpx.Call{
		Op: "read " + w.Stream + " page " + strconv.Itoa(page), Method: http.MethodPost, Path: a.prefix + pathQuery,
		Query: pageQuery(page, size, a.sortKey(w)), Body: body,
	})
}

func pageQuery(page, size int, sortKey string) url.Values {
	return url.Values{
		"desc": {"false"}, "page": {strconv.Itoa(page)}, "page_size": {strconv.Itoa(size)}, "sort_key": {sortKey},
	}
}

// reminders reads one page of all reminders: they have no filter of time.
func (a *account) reminders(ctx context.Context, page int) (*httpx.Answer, error) {
	return a.client.Do(ctx, httpx.Call{
		Op: "read reminders page " + strconv.Itoa(page), Method: http.MethodPost, Path: a.prefix + pathReminds,
		Query: pageQuery(page, a.cfg.PageSize, "created"), Body: []byte("{}"),
	})
}

// byIDs reads orders with the parts that the query left out.
func (a *account) byIDs(ctx context.Context, ids []string) (*httpx.Answer, error) {
	body, err := json.Marshal(map[string][]string{"ids": ids})
	if err != nil {
		return nil, err
	}
	return a.client.Do(ctx, httpx.Call{
		Op: "read " + strconv.Itoa(len(ids)) + " orders from " + ids[0], Method: http.MethodPost, Path: a.prefix + pathOrders,
		Query: url.Values{"parts": {parts}}, Body: body,
	})
}

// Check reads one order, which proves address, tenant and password, and
// tells how many orders the vendor holds.
func (a *account) Check(ctx context.Context) (extract.CheckResult, error) {
	answer, err := a.query(ctx, extract.Window{Stream: streamOrders}, 0, 1)
	if err != nil {
		return extract.CheckResult{}, err
	}
	seen, err := a.peek(answer.Body, "modified")
	if err != nil {
		return extract.CheckResult{}, err
	}
	r := extract.CheckResult{Orders: seen.total}
	if !answer.Date.IsZero() {
		r.ClockSkew = answer.Date.Sub(answer.At)
	}
	return r, nil
}

func page(w extract.Window, answer *httpx.Answer) *extract.Page {
	return &extract.Page{
		Stream: w.Stream, Request: answer.Request, Status: answer.Status, At: answer.At, Body: answer.Body, Filter: w.Filter,
	}
}

// sighting is what planning must know of an answer: the stated total, -1
// where there is none, and the time of the first order.
type sighting struct {
	total int64
	first time.Time
}

// peek reads a page without transforming it. by is created or modified.
func (a *account) peek(body []byte, by string) (sighting, error) {
	out := transform.NewBatch(transform.Origin{Calendar: a.cfg.Calendar(), Currency: a.cfg.Currency})
	out.Begin(transform.PageOrigin{})
	s := new(decoder)
	var first time.Time
	f, err := s.decodeOrders(body, out, func(s *decoder, r *transform.Record, _ *transform.Origin, f *extract.Facts) {
		if f.Rows > 1 {
			return
		}
		at := &s.order.modified
		if by == "created" {
			at = &s.order.created
		}
		first = at.Instant(r, by).Time()
	})
	return sighting{f.Total, first}, err
}

// ask is one call of a scan.
type ask func(ctx context.Context, i int) (*httpx.Answer, error)
