package soms

import (
	"context"
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
	"github.com/nightaudit/nightaudit/extract/soms/sim"
)

// accountYAML is an account as it stands in nightaudit.yaml.
func accountYAML(baseURL string, more ...string) string {
	y := fmt.Sprintf("account: retail\nbase_url: %s\ntenant_id: \"8560\"\nauth: {kind: basic, username: nightaudit, password: secret}\nrate: 100000/s\n", baseURL)
	for _, line := range more {
		y += line + "\n"
	}
	return y
}

// tryDecode decodes an answer that may be an error.
func tryDecode(a extract.Source, stream, body string) (extract.Facts, error) {
	return a.Decode(&extract.Page{Stream: stream, Body: []byte(body)}, extracttest.NewBatch(a, stream))
}

// night is the vendor, an account that reads it, and what was sent.
type night struct {
	vendor  *sim.Vendor
	account extract.Source

	mu     sync.Mutex
	bodies []string              // path?query body of each request
	after  func(r *http.Request) // called when a request was answered

	untotalled bool // answers state no total
}

// until is the start of the nights in these tests.
var until = time.Date(2025, 3, 10, 2, 0, 0, 0, sim.Zone)

func start(t *testing.T, o sim.Options, more ...string) *night {
	t.Helper()
	o.Username, o.Password = "nightaudit", "secret"
	n := &night{vendor: sim.New(o)}
	transport := extracttest.Direct(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		n.mu.Lock()
		n.bodies = append(n.bodies, strings.TrimPrefix(r.URL.Path, "/8560/soms")+"?"+r.URL.RawQuery+" "+string(body))
		n.mu.Unlock()
		if n.untotalled {
			answer := httptest.NewRecorder()
			n.vendor.ServeHTTP(answer, r)
			_, _ = w.Write([]byte(strings.Replace(answer.Body.String(), `"total"`, `"sum"`, 1)))
			return
		}
		n.vendor.ServeHTTP(w, r)
		if n.after != nil {
			n.after(r)
		}
	}))
	t.Cleanup(func() { extracttest.CheckReadsOnly(t, n.vendor) })
	n.account = extracttest.Open(t, Driver(), accountYAML(extracttest.DirectAddress, more...), extract.Env{Now: func() time.Time { return until }, Transport: transport})
	return n
}

func (n *night) sent() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	sent := n.bodies
	n.bodies = nil
	return sent
}

// last is what was sent last.
func (n *night) last() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.bodies[len(n.bodies)-1]
}

// orderAt is a plain order that was created and last changed d before until.
func orderAt(id string, d time.Duration) sim.Order {
	o := plainOrder(id)
	o.Created, o.Modified = sim.LocalTime(until.Add(-d)), sim.LocalTime(until.Add(-d))
	return o
}

// orders makes n orders, the last of them changed a day before until, each
// earlier one a minute before the next.
func orders(n int) []sim.Order {
	list := make([]sim.Order, n)
	for i := range list {
		list[i] = orderAt(fmt.Sprintf("R%04d", i), 24*time.Hour+time.Duration(n-i)*time.Minute)
	}
	return list
}

// ids counts how often each order was decoded.
func ids(n *extracttest.Night, stream string) map[string]int {
	count := map[string]int{}
	for _, o := range n.Streams[stream]["orders"] {
		count[o["order_id"]]++
	}
	return count
}

// TestFirstNight: 250 orders in three pages, two of them refunded, and one
// reminder: 9 requests for flags and 36 for pairs of them whether orders are
// hidden, 1 + 1 to plan, 3 + 1 + 2 to read, for one reminder of one may be the
// page's own number, and 1 that proves that nothing entered while three pages
// were read.
func TestFirstNight(t *testing.T) {
	list := orders(250)
	list[3].RefundState, list[200].RefundState = "refunded", "refunded"
	n := start(t, sim.Options{Orders: list, Reminds: []sim.Remind{{RemindID: "m1", OrderID: "R0003", Time: "2025-03-09 12:00:00", Count: 2, ReplyState: "none"}}})
	got := extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
	if seen := ids(got, "orders"); len(seen) != 250 || seen["R0000"] != 1 || seen["R0249"] != 1 {
		t.Errorf("%d orders were read", len(seen))
	}
	if seen := ids(got, "refunded"); len(seen) != 2 || seen["R0003"] != 1 || seen["R0200"] != 1 {
		t.Errorf("refunded orders %v", seen)
	}
	compareRows(t, "reminders", got.Tables["reminders"], []row{{
		"remind_id": "m1", "order_id": "R0003", "remind_count": "2", "reminded_at": "2025-03-09T04:00:00Z", "reply_state": "none",
	}})
	if len(got.Tables["order_items"]) != 500 || len(got.Findings) != 0 {
		t.Errorf("%d items, findings %v", len(got.Tables["order_items"]), got.Findings)
	}
	if want := 9 + 36 + 1 + 1 + 3 + 1 + 2 + 1; n.vendor.Requests() != want {
		t.Errorf("%d requests, want %d", n.vendor.Requests(), want)
	}
	// 2025-03-10 02:00:00 less a minute, for the search index lags.
	sent := strings.Join(n.sent(), "\n")
	for _, want := range []string{
		`/orderservice/orders/query?desc=false&page=2&page_size=100&sort_key=modified {"modified_end":"2025-03-10 01:59:00"}`,
		`/orderservice/orders/query?desc=false&page=0&page_size=100&sort_key=created {"refund_state":"refunded","created_end":"2025-03-10 01:59:00"}`,
		`/orderremindservice/reminds/query?desc=false&page=0&page_size=100&sort_key=created {}`,
	} {
		if !strings.Contains(sent, want) {
			t.Errorf("no request %s in\n%s", want, sent)
		}
	}
}

// TestPlainOrder: an order that holds to the document's identities, from the
// vendor to its rows.
func TestPlainOrder(t *testing.T) {
	n := start(t, sim.Options{Orders: []sim.Order{plainOrder("A")}})
	got := extracttest.Collect(t, context.Background(), n.account, extract.Plan{Until: until})
	o := got.Streams["orders"]["orders"][0]
	want := row{
		"order_no": "FA", "channel": "meituan", "status": "completed", "payment_status": "paid", "net_amount": "30.0000",
		"paid_amount": "30.0000", "goods_amount": "24.0000", "gross_amount": "25.5000", "discount_amount": "1.5000",
		"settle_amount": "30.5000", "commission_amount": "1.2000", "quantity": "3.000000", "created_at": "2025-03-01T01:59:00Z",
		"finished_at": "2025-03-01T03:30:00Z", "business_date": "2025-03-01",
	}
	for column, want := range want {
		if o[column] != want {
			t.Errorf("%s = %q, want %q", column, o[column], want)
		}
	}
	d := got.Row(t, "deliveries", nil)
	if d["delivery_id"] != "W1A" || d["fee_amount"] != "5.2000" || d["status"] != "completed" {
		t.Errorf("delivery %v", d)
	}
	if f := got.Row(t, "discounts", nil); f["merchant_amount"] != "1.0000" || f["platform_amount"] != "0.5000" {
		t.Errorf("discount %v", f)
	}
}

// TestNextNight: the next night asks from the cursor less the overlap, and
// for all refunded orders again. Times of creation are asked for from a second
// earlier, for bounds may be exclusive.
func TestNextNight(t *testing.T) {
	cursor := until.Add(-24 * time.Hour)
	for _, c := range []struct {
		name string
		more []string
		plan extract.Plan
		want []string // the filters that are sent, in any order
	}{
		{
			"by last change", nil,
			extract.Plan{Until: until, Cursor: map[string]time.Time{"orders": cursor}},
			[]string{`{"modified_end":"2025-03-09 01:45:01","index_modified_start":"2025-03-09 01:45:00","index_modified_end":"2025-03-10 01:59:00"}`, `{"modified_start":"2025-03-09 01:45:00","modified_end":"2025-03-10 01:59:00"}`, `{"refund_state":"refunded","created_end":"2025-03-10 01:59:00"}`},
		},
		{
			"by the search index",
			[]string{"change_time: index_modified", "overlap: 1h", "lag: 0s"},
			extract.Plan{Until: until, Cursor: map[string]time.Time{"orders": cursor}},
			[]string{`{"index_modified_start":"2025-03-09 01:00:00","index_modified_end":"2025-03-10 02:00:00"}`, `{"refund_state":"refunded","created_end":"2025-03-10 02:00:00"}`},
		},
		{ // the older of two cursors counts for both: what one has left the other reads
			"by last change, the index was read less far", nil,
			extract.Plan{Until: until, Cursor: map[string]time.Time{"orders": cursor, "orders/index_modified": cursor.Add(-24 * time.Hour)}},
			[]string{
				`{"modified_start":"2025-03-08 01:45:00","modified_end":"2025-03-10 01:59:00"}`, `{"refund_state":"refunded","created_end":"2025-03-10 01:59:00"}`,
				`{"modified_end":"2025-03-08 01:45:01","index_modified_start":"2025-03-08 01:45:00","index_modified_end":"2025-03-10 01:59:00"}`,
			},
		},
		{
			"everything since the account's own day",
			[]string{"since: 2025-01-01"},
			extract.Plan{Until: until, Full: true, Cursor: map[string]time.Time{"orders": cursor}},
			[]string{`{"created_start":"2024-12-31 23:59:59","modified_end":"2025-03-09 01:45:01","index_modified_start":"2025-03-09 01:45:00","index_modified_end":"2025-03-10 01:59:00"}`, `{"created_start":"2024-12-31 23:59:59","modified_end":"2025-03-10 01:59:00"}`, `{"refund_state":"refunded","created_start":"2024-12-31 23:59:59","created_end":"2025-03-10 01:59:00"}`},
		},
		{
			"a range of creation in the past keeps its end", nil,
			extract.Plan{Until: time.Date(2025, 3, 8, 0, 0, 0, 0, sim.Zone), Since: time.Date(2025, 3, 7, 0, 0, 0, 0, sim.Zone), Cursor: map[string]time.Time{"orders": cursor}},
			[]string{`{"created_start":"2025-03-06 23:59:59","created_end":"2025-03-08 00:00:00"}`, `{"refund_state":"refunded","created_start":"2025-03-06 23:59:59","created_end":"2025-03-08 00:00:00"}`},
		},
		{
			"a range of creation up to now", nil,
			extract.Plan{Until: until, Since: time.Date(2025, 3, 9, 0, 0, 0, 0, sim.Zone)},
			[]string{`{"created_start":"2025-03-08 23:59:59","created_end":"2025-03-10 01:59:00"}`, `{"refund_state":"refunded","created_start":"2025-03-08 23:59:59","created_end":"2025-03-10 01:59:00"}`},
		},
		{
			"another zone",
			[]string{"timezone: UTC"},
			extract.Plan{Until: until, Cursor: map[string]time.Time{"orders": cursor}},
			[]string{`{"modified_end":"2025-03-08 17:45:01","index_modified_start":"2025-03-08 17:45:00","index_modified_end":"2025-03-09 17:59:00"}`, `{"modified_start":"2025-03-08 17:45:00","modified_end":"2025-03-09 17:59:00"}`, `{"refund_state":"refunded","created_end":"2025-03-09 17:59:00"}`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := start(t, sim.Options{Orders: orders(3)}, c.more...)
			extracttest.Collect(t, context.Background(), n.account, c.plan)
			filters := map[string]bool{}
			for _, s := range n.sent() {
				if strings.HasPrefix(s, "/orderservice/") && !strings.Contains(s, "true}") {
					filters[s[strings.Index(s, " ")+1:]] = true
				}
			}
			for _, want := range c.want {
				if !filters[want] {
					t.Errorf("no filter %s among %v", want, filters)
				}
			}
			if len(filters) != len(c.want) {
				t.Errorf("filters %v", filters)
			}
		})
	}
}

// TestFailures: what the vendor says is told, what it must not tell is not.
func TestFailures(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault simulate.Fault
		class extract.Class
		want  string
	}{
		{"a failure with status 200", simulate.Fault{Status: 200, Body: `{"success":false,"code":"T1","message":"13800000001"}`}, extract.Permanent, "code T1"},
		{"too often, in a code", simulate.Fault{Status: 200, Body: `{"success":false,"code":"429"}`}, extract.Limited, "asked too often"},
		{"a failure that is told last", simulate.Fault{Status: 200, Body: `{"orders":[],"total":0,"success":false,"code":"T1"}`}, extract.Permanent, "code T1"},
		{"orders that are none", simulate.Fault{Status: 200, Body: `{"orders":"none","total":1}`}, extract.Permanent, `its "orders" is no array`},
		{"neither orders nor reminds", simulate.Fault{Status: 200, Body: `{"data":[]}`}, extract.Permanent, "neither orders nor reminds"},
		{"not JSON", simulate.Fault{Status: 200, Body: `<html>`}, extract.Permanent, "not JSON"},
		{"wrong password", simulate.Fault{Status: 401}, extract.Expired, "401"},
		{"busy", simulate.Fault{Status: 503}, extract.Transient, "503"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := start(t, sim.Options{})
			n.vendor.Fault(func(*http.Request) *simulate.Fault { return &c.fault })
			_, err := n.account.Check(context.Background())
			if extract.ClassOf(err) != c.class || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want class %d with %q", err, c.class, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "13800000001") {
				t.Errorf("the error repeats the vendor's text: %v", err)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	n := start(t, sim.Options{Orders: orders(12)})
	r, err := n.account.Check(context.Background())
	if err != nil || r.Orders != 12 || r.Notes != nil || n.vendor.Requests() != 1+9+36+1 {
		t.Errorf("check: %+v, %v, %d requests", r, err, n.vendor.Requests())
	}
	suspended := orderAt("S", 24*time.Hour)
	suspended.SuspendInfo = &sim.SuspendInfo{Suspended: true}
	n = start(t, sim.Options{Orders: append(orders(12), suspended), UnsetIsFalse: true})
	r, err = n.account.Check(context.Background())
	if err != nil || r.Orders != 12 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "hides suspended orders") {
		t.Errorf("check: %+v, %v", r, err)
	}
}
