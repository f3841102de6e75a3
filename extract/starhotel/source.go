package starhotel

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/httpx"
	"github.com/nightaudit/nightaudit/transform"
)

// The streams. A later one is asked later, so its answer is the newer one.
const (
	streamOrders        = "orders"
	streamAccoms        = "accoms"
	streamRefresh       = "refresh"        // orders by number
	streamRefreshAccoms = "refresh_accoms" // accommodations by order number
)

// The reads.
const (
	pathOrders = "/api/v1/pmsOrder/list"
	pathAccoms = "/api/v1/pmsOrder/getAccomOrderList"
)

//go:embed derive.sql
var deriveSQL string

//go:embed final.sql
var finalSQL string

// Driver is the source starhotel.
func Driver() extract.Driver {
	// room_no is the accommodations': derive.sql.
	orderTables := map[string][]string{
		transform.TableOrders: orderFields.Carries(transform.TableOrders),
		transform.TableGuests: {},
	}
	stayTables := map[string][]string{transform.TableStays: {}}
	return extract.Driver{
		Name:  "starhotel",
		About: "Star-Lock starhotel PMS: bookings, stays, payments",
		Role:  extract.PMS,
		Streams: []extract.Stream{
			{Name: streamOrders, Carries: orderTables},
			{Name: streamAccoms, Carries: stayTables, Enriches: true},
			{Name: streamRefresh, Carries: orderTables, ByID: true},
			{Name: streamRefreshAccoms, Carries: stayTables, Enriches: true, ByID: true},
		},
		CreationFilter: true,
		ExampleConfig:  exampleConfig,
		DeriveSQL:      deriveSQL,
		FinalSQL:       finalSQL,
		Personal:       personal,
		Open:           open,
	}
}

// account is one configured hotel.
type account struct {
	config config
	env    extract.Env
	client *httpx.Client

	mu   sync.Mutex
	seen map[string]bool // orders that this run's list has answered
}

// Settings are the keys that all accounts have.
func (a *account) Settings() *extract.Settings { return &a.config.Settings }

// Tenancy is the hotel in the PMS.
func (a *account) Tenancy() extract.Tenancy {
	return extract.Tenancy{Address: extract.Address(a.config.BaseURL), Tenant: fmt.Sprintf("pms_id %d", a.config.PMSID)}
}

// Plan reads a trailing window of creation dates, for an order's change
// cannot be filtered on; with --since those dates; the first time and with
// --full everything since the account's since. Orders that are due and that
// the window did not answer are then asked for by number.
func (a *account) Plan(_ context.Context, p extract.Plan) ([]extract.Window, error) {
	if p.Due != nil {
		return a.planDue(p.Due), nil
	}
	a.mu.Lock()
	clear(a.seen)
	a.mu.Unlock()
	var windows []extract.Window
	for _, stream := range []string{streamOrders, streamAccoms} {
		// Accommodations are those of orders created at any time before.
		w := extract.Window{Stream: stream, End: p.Until, Exhaustive: stream == streamOrders}
		cursor, ok := p.Cursor[stream]
		switch {
		case !p.Since.IsZero():
			w.Start = p.Since
		case p.Full || !ok:
			w.Start = a.config.Since.In(a.config.Calendar().Zone)
		default:
			w.Start = p.Until.Add(-time.Duration(a.config.Lookback))
			if cursor.Before(w.Start) {
				w.Start = cursor // nights were missed
			}
		}
		windows = append(windows, w)
	}
	return windows, nil
}

func (a *account) planDue(due []extract.Due) []extract.Window {
	a.mu.Lock()
	defer a.mu.Unlock()
	var ask []extract.Due
	for _, d := range due {
		switch {
		case a.seen[d.OrderID] && !d.Again:
		case d.OrderNo == "":
			// The vendor searches by number only. The order's own row had
			// none, which a finding has told.
			a.env.Logger().Warn("an order without a number cannot be refreshed", "order_id", d.OrderID)
		default:
			ask = append(ask, d)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	return []extract.Window{{Stream: streamRefresh, Due: ask}, {Stream: streamRefreshAccoms, Due: ask}}
}

// Fetch reads one window.
func (a *account) Fetch(ctx context.Context, w extract.Window, yield extract.Yield) error {
	if w.Stream == streamRefresh || w.Stream == streamRefreshAccoms {
		return a.fetchDue(ctx, w, yield)
	}
	s := &scan{account: a, listing: listingOf(w.Stream), window: w}
	return s.all(ctx, yield)
}

// fetchDue asks for single orders by their numbers.
func (a *account) fetchDue(ctx context.Context, w extract.Window, yield extract.Yield) error {
	l := listingOf(w.Stream)
	orders := extract.ByID{Stream: w.Stream, Due: w.Due, Workers: a.config.Concurrency, Ask: func(ctx context.Context, one []extract.Due) (*extract.Page, error) {
		req := l.request(a, part{})
		req.SearchType, req.SearchStr = searchOrderNo, plainNumber(one[0].OrderNo)
		return a.ask(ctx, l, "read "+l.what+" of order "+one[0].OrderID, req)
	}}
	return orders.Fetch(ctx, yield)
}

// plainNumber is a number without what is none of it: one that once came with a line
// break in it would be asked for in vain for ever.
func plainNumber(no string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, no)
}

// Check reads one order.
func (a *account) Check(ctx context.Context) (extract.CheckResult, error) {
	l := listingOf(streamOrders)
	req := l.request(a, part{})
	req.PageSize = 1
	answer, err := a.do(ctx, l, "read one order", req)
	if err != nil {
		return extract.CheckResult{}, err
	}
	seen, err := peek(answer.Body)
	if err != nil {
		return extract.CheckResult{}, extract.BadAnswer("read one order", err)
	}
	r := extract.CheckResult{Orders: seen.total}
	if !answer.Date.IsZero() {
		r.ClockSkew = answer.Date.Sub(answer.At).Round(time.Second)
	}
	return r, nil
}

// midnight is the start of t's day in zone.
func midnight(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}
