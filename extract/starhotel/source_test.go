package starhotel_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/simulate"
	"github.com/nightaudit/nightaudit/extract/starhotel"
	"github.com/nightaudit/nightaudit/extract/starhotel/sim"
)

var (
	shanghai = time.FixedZone("UTC+8", 8*3600)
	// until is the upper bound of the tests' nights.
	until = time.Date(2025, 6, 30, 2, 0, 0, 0, shanghai)
)

// booked is an order made at a time, with one accommodation made with it.
func booked(id int64, at time.Time) sim.Order {
	return sim.Order{
		OrderID: id, OrderNo: fmt.Sprintf("2025%014d", id), Name: "老大", Phone: "13800000001",
		TotalAmount: "700.00", TotalPayedAmount: "700.00", OrderStatus: 110, CreatorID: "1",
		ServiceDate: at.Unix(), CreatedAt: sim.ISOTime(at), UpdatedAt: sim.ISOTime(at),
		Accoms: []sim.Accom{{
			AccomID: id + 1000, RoomID: 19, RoomName: "101", CheckinStartTime: at.Unix(), CheckinEndTime: at.Add(24 * time.Hour).Unix(),
			TotalAmount: "700.00", Amount: "600.00", AccomStatus: 40, CheckoutStatus: 10, CreatedDate: at.Unix(),
		}},
	}
}

// daily are n orders, perDay on each day, the last on the day before until.
func daily(n, perDay int) []sim.Order {
	var orders []sim.Order
	for i := range n {
		day := (n - 1 - i) / perDay
		orders = append(orders, booked(int64(i+1), until.AddDate(0, 0, -1-day)))
	}
	return orders
}

// asked is one request as the vendor saw it.
type asked struct {
	path string
	body map[string]any
}

// hotel is a vendor on loopback and an account of it.
type hotel struct {
	*sim.Vendor
	account extract.Source
	before  func(n int) // runs before request n, counted from 1

	mu    sync.Mutex
	asked []asked
}

func (h *hotel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a := asked{path: r.URL.Path}
	_ = json.Unmarshal(body, &a.body)
	h.mu.Lock()
	h.asked = append(h.asked, a)
	n := len(h.asked)
	h.mu.Unlock()
	if h.before != nil {
		h.before(n)
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	h.Vendor.ServeHTTP(w, r)
}

func open(t testing.TB, o sim.Options, more string) *hotel {
	t.Helper()
	o.Token = "t0ken"
	o.Zone = shanghai
	h := &hotel{Vendor: sim.New(o)}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	t.Cleanup(func() { extracttest.CheckReadsOnly(t, h) })
	yaml := "account: inn\nbase_url: " + server.URL + "\npms_id: 2\nrate: 100000/s\n" + more
	if !strings.Contains(more, "auth:") {
		yaml += "\nauth: {kind: bearer, token: t0ken}"
	}
	h.account = extracttest.Open(t, starhotel.Driver(), yaml, extract.Env{Zone: shanghai})
	return h
}

func (h *hotel) count(path string) int {
	n := 0
	for _, a := range h.asked {
		if strings.HasSuffix(a.path, path) {
			n++
		}
	}
	return n
}

// distinct counts the values of a column.
func distinct(rows []extracttest.Row, column string) int {
	seen := map[string]bool{}
	for _, r := range rows {
		seen[r[column]] = true
	}
	return len(seen)
}

func TestReadsAllPages(t *testing.T) {
	for _, c := range []struct {
		name     string
		options  sim.Options
		config   string
		orders   int
		requests int // of each list
		marked   bool
	}{
		// 50 of 50 may be the page's own number: an empty page tells.
		{"one page", sim.Options{}, "", 50, 2, false},
		{"a second page of one", sim.Options{}, "", 51, 2 * 2, false},
		{"several pages", sim.Options{}, "", 120, 2 * 3, false},
		// 120 may be where counting stops: an empty page tells, once.
		{"pages cut down by the vendor", sim.Options{Paging: simulate.Paging{Most: 15}}, "", 120, 2*8 + 1, false},
		{"a page size of its own", sim.Options{}, "page_size: 7\n", 50, 2 * 8, false},
		{"no orders", sim.Options{}, "", 0, 1, false},
		{"no orders, told by an empty array", sim.Options{EmptyDataArray: true}, "", 0, 1, false},
		{"a total that is never reached", sim.Options{ExtraTotal: 1}, "", 120, 2 * 4, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.options.Orders = daily(c.orders, 10)
			h := open(t, c.options, c.config)
			night := extracttest.Collect(t, context.Background(), h.account, extract.Plan{Until: until})
			if got := distinct(night.Tables["orders"], "order_id"); got != c.orders {
				t.Errorf("%d orders, want %d", got, c.orders)
			}
			if night.Outcomes[0].Marked() != c.marked || night.Outcomes[1].Marked() != c.marked {
				t.Errorf("windows %+v, want marked %v", night.Outcomes, c.marked)
			}
			if got := distinct(night.Tables["stays"], "stay_id"); got != c.orders {
				t.Errorf("%d stays, want %d", got, c.orders)
			}
			if o, a := h.count("list"), h.count("getAccomOrderList"); o != c.requests || a != c.requests {
				t.Errorf("%d requests for orders and %d for accommodations, want %d each", o, a, c.requests)
			}
			if len(night.Windows) != 2 {
				t.Errorf("%d windows, want 2: what the list answered is not asked for by number", len(night.Windows))
			}
		})
	}
}

// An order booked while the list is read moves all others by one; with pages
// that overlap in time one of them can be missed at first.
func TestListMovesWhileRead(t *testing.T) {
	h := open(t, sim.Options{Orders: daily(40, 10)}, "page_size: 10\nconcurrency: 1\n")
	h.before = func(n int) {
		if n == 4 {
			h.Put(booked(41, until.Add(-time.Hour)))
		}
	}
	night := extracttest.Collect(t, context.Background(), h.account, extract.Plan{Until: until})
	if got := distinct(night.Tables["orders"], "order_id"); got != 41 {
		t.Errorf("%d orders, want 41", got)
	}
}

func TestWindows(t *testing.T) {
	day := func(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, shanghai) }
	cursor := map[string]time.Time{"orders": until.AddDate(0, 0, -1), "accoms": until.AddDate(0, 0, -1)}
	late := map[string]time.Time{"orders": day(2025, 1, 5), "accoms": day(2025, 1, 5)}
	for _, c := range []struct {
		name       string
		config     string
		plan       extract.Plan
		start, end any // as sent; nil: no filter
	}{
		{"the first run reads everything", "", extract.Plan{Until: until}, nil, nil},
		{"the first run reads everything since", "since: 2025-01-01\n", extract.Plan{Until: until}, "2024-12-31", "2025-07-01"},
		{"a trailing window", "", extract.Plan{Until: until, Cursor: cursor}, "2025-03-31", "2025-07-01"}, // 90 days before 30 June is 1 April
		{"a shorter one", "lookback: 10d\n", extract.Plan{Until: until, Cursor: cursor}, "2025-06-19", "2025-07-01"},
		{"after missed nights", "", extract.Plan{Until: until, Cursor: late}, "2025-01-04", "2025-07-01"},
		{"full", "since: 2025-01-01\n", extract.Plan{Until: until, Cursor: cursor, Full: true}, "2024-12-31", "2025-07-01"},
		{"full without since", "", extract.Plan{Until: until, Cursor: cursor, Full: true}, nil, nil},
		{"a range", "", extract.Plan{Until: day(2025, 3, 12), Since: day(2025, 3, 10), Cursor: cursor}, "2025-03-09", "2025-03-13"},
		// 2025-03-09 and 2025-03-13, midnight at UTC+8.
		{"a range in seconds", "date_format: unix\n", extract.Plan{Until: day(2025, 3, 12), Since: day(2025, 3, 10)}, 1741449600.0, 1741795200.0},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := open(t, sim.Options{UnixDates: strings.Contains(c.config, "unix")}, c.config)
			extracttest.Collect(t, context.Background(), h.account, c.plan)
			if len(h.asked) != 2 {
				t.Fatalf("%d requests, want 2", len(h.asked))
			}
			for i, kind := range []any{1.0, 3.0} { // both of the creation
				got := h.asked[i].body
				if got["start_date"] != c.start || got["end_date"] != c.end {
					t.Errorf("sent %v to %v, want %v to %v", got["start_date"], got["end_date"], c.start, c.end)
				}
				if c.start == nil {
					kind = nil
				}
				if got["date_search_type"] != kind {
					t.Errorf("date_search_type %v, want %v", got["date_search_type"], kind)
				}
			}
		})
	}
}

// Whether end_date is answered is not documented; both readings must give
// the whole range.
func TestRangeIsWhole(t *testing.T) {
	for _, exclusive := range []bool{false, true} {
		h := open(t, sim.Options{Orders: daily(30, 1), EndExclusive: exclusive}, "")
		from := time.Date(2025, 6, 10, 0, 0, 0, 0, shanghai)
		night := extracttest.Collect(t, context.Background(), h.account, extract.Plan{Since: from, Until: from.AddDate(0, 0, 5)})
		for d := 10; d < 15; d++ {
			night.Row(t, "orders", extracttest.Row{"booked_date": fmt.Sprintf("2025-06-%02d", d)})
		}
	}
}

func TestIgnoredPaging(t *testing.T) {
	for _, c := range []struct {
		name    string
		options sim.Options
		plan    extract.Plan
		want    int
	}{
		{"everything", sim.Options{Orders: daily(100, 10)}, extract.Plan{Until: until}, 100},
		{"a range", sim.Options{Orders: daily(100, 10)}, extract.Plan{Since: until.AddDate(0, 0, -20), Until: until}, 100},
		{"days end before end_date", sim.Options{Orders: daily(100, 10), EndExclusive: true}, extract.Plan{Since: until.AddDate(0, 0, -20), Until: until}, 100},
		{"days begin behind start_date", sim.Options{Orders: daily(100, 10), BeginExclusive: true}, extract.Plan{Since: until.AddDate(0, 0, -20), Until: until}, 100},
		{"both", sim.Options{Orders: daily(100, 10), BeginExclusive: true, EndExclusive: true}, extract.Plan{Since: until.AddDate(0, 0, -20), Until: until}, 100},
		{"it fits one answer", sim.Options{Orders: daily(15, 10)}, extract.Plan{Until: until}, 15},
		{"a day must be cut by status", sim.Options{Orders: crowded(), EndExclusive: true}, extract.Plan{Since: until.AddDate(0, 0, -20), Until: until}, 24},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.options.IgnorePaging = true
			h := open(t, c.options, "")
			night := extracttest.Collect(t, context.Background(), h.account, c.plan)
			if got := distinct(night.Tables["stays"], "stay_id"); got != c.want {
				t.Errorf("%d stays, want %d", got, c.want)
			}
			for i, o := range night.Outcomes {
				if o.Marked() || o.Passes > 2 {
					t.Errorf("window %d took %d passes and is marked %v: parts that overlap are no movement", i, o.Passes, o.Marked())
				}
			}
			// The total of a part must not be taken for the window's.
			for i, p := range night.Pages {
				if p.Part != "" && night.Facts[i].Total != -1 {
					t.Errorf("a page of a part states the total %d", night.Facts[i].Total)
				}
			}
		})
	}
}

// crowded are 24 orders of one day in two statuses.
func crowded() []sim.Order {
	orders := daily(24, 24)
	for i := range orders {
		if i%2 == 0 {
			orders[i].Accoms[0].AccomStatus = 70
		}
	}
	return orders
}

func TestIgnoredPagingBeyondAnyCut(t *testing.T) {
	h := open(t, sim.Options{Orders: daily(24, 24), IgnorePaging: true}, "")
	_, err := extracttest.TryCollect(context.Background(), h.account, extract.Plan{Since: until.AddDate(0, 0, -3), Until: until})
	if err == nil || !strings.Contains(err.Error(), "answers 15 of 24 rows") || extract.ClassOf(err) != extract.Permanent {
		t.Errorf("error %v, want one that tells 15 of 24 rows", err)
	}
}

func TestIgnoredPagingOfOrders(t *testing.T) {
	h := open(t, sim.Options{Orders: daily(60, 10), IgnoreListPaging: true}, "")
	night := extracttest.Collect(t, context.Background(), h.account, extract.Plan{Until: until})
	if got := distinct(night.Tables["orders"], "order_id"); got != 60 {
		t.Errorf("%d orders, want 60", got)
	}
}

// An order older than the window is asked for by number, and so are its
// accommodations; an order that the window answered is not.
func TestRefresh(t *testing.T) {
	old := booked(7, until.AddDate(-1, 0, 0))
	gone := booked(8, until.AddDate(-1, 0, 0))
	h := open(t, sim.Options{Orders: append(daily(3, 3), old)}, "")
	ctx := context.Background()
	cursor := map[string]time.Time{"orders": until.AddDate(0, 0, -1), "accoms": until.AddDate(0, 0, -1)}
	night := extracttest.Collect(t, ctx, h.account, extract.Plan{Until: until, Cursor: cursor})
	if len(night.Tables["orders"]) != 3 {
		t.Fatalf("%d orders in the window, want 3", len(night.Tables["orders"]))
	}
	old.OrderStatus, old.Accoms[0].AccomStatus, old.Accoms[0].CheckoutStatus = 180, 80, 20
	h.Put(old)
	windows, err := h.account.Plan(ctx, extract.Plan{Until: until, State: extract.State{Due: []extract.Due{
		{OrderID: "1", OrderNo: "202500000000000001"}, {OrderID: "7", OrderNo: old.OrderNo}, {OrderID: "8", OrderNo: gone.OrderNo}, {OrderID: "9"},
	}}})
	if err != nil || len(windows) != 2 || len(windows[0].Due) != 2 {
		t.Fatalf("planned %+v, error %v; want two windows of two orders", windows, err)
	}
	var tables []*extracttest.Night
	for _, w := range windows {
		err := h.account.Fetch(ctx, w, func(p *extract.Page) (extract.Facts, error) {
			tables = append(tables, extracttest.Decode(t, h.account, p))
			return extract.Facts{}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(tables) != 4 { // two orders, two lists
		t.Fatalf("%d pages, want 4", len(tables))
	}
	if got := tables[0].Row(t, "orders", extracttest.Row{"order_id": "7"}); got["status"] != "completed" {
		t.Errorf("status %q, want completed", got["status"])
	}
	if got := tables[2].Row(t, "stays", extracttest.Row{"order_id": "7"}); got["status"] != "completed" || got["settled"] != "true" {
		t.Errorf("stay %v, want completed and settled", got)
	}
	if f := tables[1].Findings; len(f) != 1 || f[0].OrderID != "8" || len(tables[1].Tables["orders"]) != 0 {
		t.Errorf("findings %+v of an order that is gone, want one and no row", f)
	}
}

// Of two bookings that are asked for by number one is refused: the other is read, and
// so are the rooms of both.
func TestRefusedOrder(t *testing.T) {
	one, other := booked(7, until.AddDate(-1, 0, 0)), booked(8, until.AddDate(-1, 0, 0))
	h := open(t, sim.Options{Orders: []sim.Order{one, other}}, "")
	hits := 0
	h.Fault(func(r *http.Request) *simulate.Fault {
		body, _ := io.ReadAll(r.Body)
		if !strings.HasSuffix(r.URL.Path, "/pmsOrder/list") || !strings.Contains(string(body), one.OrderNo) {
			return nil
		}
		hits++
		return &simulate.Fault{Body: `{"error_code":7,"error_msg":"老大","data":null}`}
	})
	night, err := extracttest.TryFetch(context.Background(), h.account, extract.Plan{Until: until, State: extract.State{Due: []extract.Due{
		{OrderID: "7", OrderNo: one.OrderNo}, {OrderID: "8", OrderNo: "\n" + other.OrderNo}, // as it once came
	}}})
	if err != nil || len(night.Tables["orders"]) != 1 || len(night.Tables["stays"]) != 2 || hits != 1 {
		t.Fatalf("%d orders, %d stays, %v, %d calls; want 8, the rooms of both, and one call", len(night.Tables["orders"]), len(night.Tables["stays"]), err, hits)
	}
	if f := night.Findings; len(f) != 1 || f[0].OrderID != "7" || f[0].Raw != "code 7: the vendor refused the call" {
		t.Errorf("findings %+v, want one of 7", f)
	}
	if !strings.Contains(night.Outcomes[0].Unsettled, "1 of 2 orders were refused: 7 (code 7") || night.Outcomes[1].Marked() {
		t.Errorf("outcomes %+v, want the first marked", night.Outcomes)
	}
}

func TestCredentials(t *testing.T) {
	h := open(t, sim.Options{}, "auth: {kind: bearer, token: wr0ng}")
	_, err := h.account.Check(context.Background())
	if err == nil || !strings.Contains(err.Error(), "401") || strings.Contains(err.Error(), "wr0ng") {
		t.Errorf("error %v, want code 401 without the token", err)
	}
	if h.Requests() != 1 {
		t.Errorf("%d requests with a wrong token, want 1", h.Requests())
	}
	h = open(t, sim.Options{HeaderName: "X-Pms-Key", HeaderValue: "k3y", Orders: daily(2, 1)}, `auth: {kind: header, name: X-Pms-Key, value: k3y}`)
	got, err := h.account.Check(context.Background())
	if err != nil || got.Orders != 2 {
		t.Errorf("check answers %+v, %v; want 2 orders", got, err)
	}
}

func TestCheckTellsClockSkew(t *testing.T) {
	h := open(t, sim.Options{Now: func() time.Time { return time.Now().Add(time.Hour) }}, "")
	got, err := h.account.Check(context.Background())
	if err != nil || got.ClockSkew < 59*time.Minute || got.ClockSkew > 61*time.Minute {
		t.Errorf("check answers %+v, %v; want a skew of an hour", got, err)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault simulate.Fault
		class extract.Class
		says  string
	}{
		{"an undocumented code", simulate.Fault{Status: 200, Body: `{"error_code":1001,"description":"fail","error_msg":"x"}`}, extract.Permanent, "code 1001"},
		{"too often", simulate.Fault{Status: 200, Body: `{"error_code":429,"description":"fail"}`}, extract.Limited, "code 429"},
		{"no envelope", simulate.Fault{Status: 200, Body: `{"list":[]}`}, extract.Permanent, "no error_code"},
		{"a page of a proxy", simulate.Fault{Status: 200, Body: `<html>`}, extract.Permanent, "not JSON"},
		{"a success without data", simulate.Fault{Status: 200, Body: `{"error_code":0,"description":"success"}`}, extract.Permanent, "no data.list"},
		{"a list that is an object", simulate.Fault{Status: 200, Body: `{"error_code":0,"data":{"list":{},"total":0}}`}, extract.Permanent, "no data.list"},
		{"down", simulate.Fault{Status: 503}, extract.Transient, "503"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := open(t, sim.Options{}, "")
			h.Fault(func(*http.Request) *simulate.Fault { return &c.fault })
			_, err := extracttest.TryCollect(context.Background(), h.account, extract.Plan{Until: until})
			if err == nil || extract.ClassOf(err) != c.class || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v of class %v, want one of class %v that says %q", err, extract.ClassOf(err), c.class, c.says)
			}
		})
	}
}

func TestConfiguration(t *testing.T) {
	const good = "account: inn\nbase_url: https://pms.example\npms_id: 2\nauth: {kind: bearer, token: t}\n"
	if _, err := extracttest.TryOpen(starhotel.Driver(), good, extract.Env{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ yaml, key string }{
		{strings.Replace(good, "pms_id: 2\n", "", 1), "pms_id"},
		{good + "date_format: iso\n", "date_format"},
		{strings.Replace(good, "bearer", "basic", 1), "auth.kind"},
		{good + "page_size: -1\n", "page_size"},
		{strings.Replace(good, "https://", "", 1), "base_url"},
	} {
		_, err := extracttest.TryOpen(starhotel.Driver(), c.yaml, extract.Env{})
		var key *extract.KeyError
		if !errors.As(err, &key) || key.Key != c.key {
			t.Errorf("%q: error %v, want one of key %s", c.yaml, err, c.key)
		}
	}
	if _, err := extracttest.TryOpen(starhotel.Driver(), good+"pmsid: 2\n", extract.Env{}); err == nil {
		t.Error("an unknown key was taken")
	}
	example := strings.NewReplacer("- account", "  account").Replace(starhotel.Driver().ExampleConfig)
	if _, err := extracttest.TryOpen(starhotel.Driver(), example, extract.Env{}); err != nil {
		t.Errorf("the example configuration: %v", err)
	}
}
