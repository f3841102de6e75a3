package soms

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
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

// orderParts are what the batch call is asked to answer besides the order's own
// members (SOMS interface document, 1.1.13.2): what is loaded, and nothing else.
const orderParts = "items,item.details,paymentDetails,invoiceDetails,prom"

type account struct {
	cfg    config
	client *httpx.Client
	// traceClient reads traces; nil unless the configuration asks for them. Windows
	// are fetched one after the other, so both keep within the account's rate.
	traceClient *httpx.Client
	prefix      string // /{tenant_id}/soms
	zone        *time.Location
	since       time.Time
	now         func() time.Time
	log         *slog.Logger
	decoders    sync.Pool
	tonight     atomic.Pointer[nightly]
	lower       atomic.Int32 // lowerUnknown, …
	// counts is set once the search has stated a total that is more than the
	// page holds: its totals are not the page's own.
	counts atomic.Bool
}

func newAccount(c config, env extract.Env) *account {
	a := &account{
		cfg: c, prefix: "/" + c.TenantID + "/soms", zone: c.Calendar().Zone, since: c.Since.In(c.Calendar().Zone),
		now: env.Now, log: env.Logger(), decoders: sync.Pool{New: func() any { return new(decoder) }},
	}
	return a
}

// Settings are the keys that all accounts have.
func (a *account) Settings() *extract.Settings { return &a.cfg.Settings }

// Tenancy is the tenant.
func (a *account) Tenancy() extract.Tenancy {
	return extract.Tenancy{Address: extract.Address(a.cfg.BaseURL), Tenant: "tenant_id " + a.cfg.TenantID}
}

// local writes t in the account's zone at the vendor's precision.
func (a *account) local(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(a.zone).Format(time.DateTime)
}

// query reads one page of the orders of q. page is the vendor's number.
func (a *account) query(ctx context.Context, q search, page, size int) (*httpx.Answer, error) {
	body, err := json.Marshal(q.filter)
	if err != nil {
		return nil, err
	}
	return a.client.Do(ctx, httpx.Call{
		Op: "read " + q.stream + " page " + strconv.Itoa(page), Method: http.MethodPost, Path: a.prefix + pathQuery,
		Query: pageQuery(page, size, q.sortKey, q.newestFirst), Body: body, Shape: httpx.ListAt("orders"),
	})
}

// total asks how many orders f lets through, for one row; -1 where the vendor
// does not say.
func (a *account) total(ctx context.Context, f filter) (int64, error) {
	seen, err := a.sight(ctx, search{stream: streamOrders, filter: f, sortKey: "modified"})
	return seen.total, err
}

// sight asks for the first order of q and how many there are.
func (a *account) sight(ctx context.Context, q search) (sighting, error) {
	answer, err := a.query(ctx, q, a.cfg.PageNumber(1), 1)
	if err != nil {
		return sighting{}, err
	}
	seen, err := a.peek(answer.Body, q.sortKey)
	seen.answer = answer
	if seen.total > int64(seen.rows) && seen.rows > 0 {
		a.counts.Store(true)
	}
	return seen, err
}

func pageQuery(page, size int, sortKey string, newestFirst bool) url.Values {
	return url.Values{
		"desc": {strconv.FormatBool(newestFirst)}, "page": {strconv.Itoa(page)}, "page_size": {strconv.Itoa(size)}, "sort_key": {sortKey},
	}
}

// reminders reads page i, from 0, of all reminders: they have no filter of time.
func (a *account) reminders(ctx context.Context, i int) (*httpx.Answer, error) {
	page := a.cfg.PageNumber(i + 1)
	return a.client.Do(ctx, httpx.Call{
		Op: "read reminders page " + strconv.Itoa(page), Method: http.MethodPost, Path: a.prefix + pathReminds,
		Query: pageQuery(page, a.cfg.PageSize, "created", false), Body: []byte("{}"), Shape: httpx.ListAt("reminds"),
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
		Query: url.Values{"parts": {orderParts}}, Body: body, Shape: httpx.ListAt("orders"),
	})
}

// Check reads one order, which proves address, tenant and password, and
// tells how many orders the vendor holds and whether its search hides some.
func (a *account) Check(ctx context.Context) (extract.CheckResult, error) {
	seen, err := a.sight(ctx, search{stream: streamOrders, sortKey: "modified"})
	if err != nil {
		return extract.CheckResult{}, err
	}
	r := extract.CheckResult{Orders: seen.total}
	if !seen.answer.Date.IsZero() {
		r.ClockSkew = seen.answer.Date.Sub(seen.answer.At)
	}
	hidden, err := a.hidden(ctx, a.now())
	if len(hidden) > 0 {
		var all combination
		for _, c := range hidden {
			all |= c
		}
		note := fmt.Sprintf("the search hides %s orders unless asked for them: they are read apart, in full every night", all)
		if len(hidden) > 1 {
			note += fmt.Sprintf(", in %d scans", len(hidden))
		}
		r.Notes = append(r.Notes, note)
	}
	if err != nil || !*a.cfg.Index {
		return r, err
	}
	ignored, err := a.ignoresIndex(ctx)
	if ignored {
		r.Notes = append(r.Notes, indexIgnored)
	}
	return r, err
}

func pageOf(w extract.Window, answer *httpx.Answer) *extract.Page {
	p := answer.Page(w.Stream)
	p.Filter = w.Filter
	return p
}

// sighting is what planning must know of an answer: the stated total, -1
// where there is none, how many orders it holds, and the id, "" where there is
// no order, and time of the first.
type sighting struct {
	total  int64
	rows   int
	id     string
	first  time.Time
	answer *httpx.Answer
}

// holds reports whether there are orders.
func (s *sighting) holds() bool { return s.total > 0 || s.id != "" }

// peek reads a page without transforming it. by is the sort key.
func (a *account) peek(body []byte, by string) (sighting, error) {
	out := transform.NewBatch(transform.Origin{Calendar: a.cfg.Calendar(), Currency: a.cfg.Currency})
	out.Begin(transform.PageOrigin{})
	o := new(order)
	var first time.Time
	f, err := decodeRecords(body, out, orderRecords, o, func(r *transform.Record, _ *transform.Origin, f *extract.Facts) {
		if f.Rows > 1 {
			return
		}
		at := &o.Modified
		switch by {
		case byCreation:
			at = &o.Created
		case byBooking:
			at = &o.Front.Created
		}
		first = at.Instant(r, by).Time()
	})
	return sighting{total: f.Total, rows: f.Rows, id: f.First, first: first}, err
}
