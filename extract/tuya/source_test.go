package tuya

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/httpx"
	"github.com/nightaudit/nightaudit/extract/simulate"
	"github.com/nightaudit/nightaudit/extract/tuya/sim"
)

const (
	project = "1160823965053000000"
	day     = 24 * time.Hour
)

// noon is 2024-04-10 16:00 in Shanghai: the document's create_order_time.
var noon = time.UnixMilli(1712736000000)

// until is the end of the tests' nights.
var until = noon.Add(14 * time.Hour)

func options(orders ...sim.Order) sim.Options {
	return sim.Options{ClientID: "id", ClientSecret: "secret", ProjectID: project, Orders: orders}
}

// order is an order of a bottle of water at 5.00, created at the given time.
func order(id, biz string, created time.Time) sim.Order {
	return sim.Order{
		SpaceID: "1341704857710000000", RoomNo: "8801", OrderID: id, OrderStatus: "created", OrderBizType: biz,
		CommodityList: []sim.Commodity{{ID: "100001", CommodityName: "Mineral Water", UnitPrice: "5.00", Quantity: 1, OrderAmount: "5.00", Currency: "CNY"}},
		Quantity:      1, OrderAmount: "5.00", Currency: "CNY", OrderSource: "APPLET_WX",
		CreateOrderTime: sim.At(created), DeliveryType: "manualDelivery",
	}
}

// start serves v and opens an account of it; more is further YAML.
func start(t testing.TB, v http.Handler, more string) extract.Source {
	t.Helper()
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	return extracttest.Open(t, Driver(), fmt.Sprintf(`
account: hotel-a
base_url: %s
project_id: %q
auth: {kind: tuya, client_id: id, client_secret: secret}
rate: 100000/s
%s`, server.URL, project, more), extract.Env{Transport: server.Client().Transport})
}

// ids are the order_ids of table in the order in which they came.
func ids(rows []extracttest.Row) []string {
	var all []string
	for _, r := range rows {
		all = append(all, r["order_id"])
	}
	return all
}

func TestBothKindsAreScannedAndEachOrderIsAskedFor(t *testing.T) {
	v := sim.New(options(
		order("M1", "MATERIAL", noon),
		order("S1", "SERVICE", noon.Add(-time.Hour)),
		order("S2", "SERVICE", noon.Add(-2*time.Hour)),
	))
	n := extracttest.Collect(t, context.Background(), start(t, v, ""), extract.Plan{Until: until})

	if got, want := ids(n.Streams["orders"]["orders"]), []string{"M1", "S1", "S2"}; !slices.Equal(got, want) {
		t.Errorf("the list gave %v, want %v", got, want)
	}
	if got, want := ids(n.Streams["detail"]["orders"]), []string{"M1", "S1", "S2"}; !slices.Equal(got, want) {
		t.Errorf("the detail gave %v, want %v", got, want)
	}
	// One log-in, one page of each kind and an empty one behind it, three details.
	if got := v.Requests(); got != 8 {
		t.Errorf("%d requests, want 8", got)
	}
	if n.Facts[0].Total != 1 || n.Facts[2].Total != 2 || n.Facts[4].Total != -1 {
		t.Errorf("stated totals %+v, want 1, 2 and none", n.Facts)
	}
	extracttest.CheckReadsOnly(t, v)
}

func TestPaging(t *testing.T) {
	var orders []sim.Order
	for i := range 7 {
		orders = append(orders, order(fmt.Sprintf("M%d", i), "MATERIAL", noon.Add(-time.Duration(i)*time.Minute)))
	}
	tests := []struct {
		name     string
		size     int
		change   func(o *sim.Options)
		want     int // orders
		requests int // log-in, passes of MATERIAL, those of SERVICE
		marked   string
		err      string
	}{
		{"seven in pages of three", 3, nil, 7, 1 + 2*3 + 1, "", ""},
		// Seven of seven may be the page's own number: an empty page tells.
		{"a last page that is full", 7, nil, 7, 1 + 2 + 1, "", ""},
		{"one page", 100, nil, 7, 1 + 2 + 1, "", ""},
		{
			// Two orders are stated that are never shown: pages are read until
			// an empty one, and once more. SERVICE states two and shows none.
			"a total that is too high", 3, func(o *sim.Options) { o.ExtraTotal = 2 }, 7, 1 + 2*4 + 2*1,
			"2 passes agree on 7 records, but the vendor states 9", "",
		},
		{"a vendor that repeats its first page", 3, func(o *sim.Options) { o.Paging.Single = true }, 3, 0, "", "the vendor repeats a page"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := options(orders...)
			if test.change != nil {
				test.change(&o)
			}
			v := sim.New(o)
			a := start(t, v, fmt.Sprintf("page_size: %d\nconcurrency: 1", test.size))
			night, err := extracttest.TryFetch(context.Background(), a, extract.Plan{Until: until})
			if (test.err == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), test.err)) {
				t.Fatalf("error %v, want %q", err, test.err)
			}
			n := slices.Compact(slices.Sorted(slices.Values(ids(night.Tables["orders"]))))
			if len(n) != test.want {
				t.Errorf("%d orders, want %d: %v", len(n), test.want, n)
			}
			if err == nil && night.Outcomes[0].Unsettled != test.marked {
				t.Errorf("marked %q, want %q", night.Outcomes[0].Unsettled, test.marked)
			}
			if got := v.Requests(); test.requests > 0 && got != test.requests {
				t.Errorf("%d requests, want %d", got, test.requests)
			}
		})
	}
}

// collectList plans and fetches the list alone, and returns the order_ids.
func collectList(a extract.Source, p extract.Plan) ([]string, error) {
	n, err := extracttest.TryFetch(context.Background(), a, p)
	return ids(n.Tables["orders"]), err
}

func TestPlan(t *testing.T) {
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	now := at("2024-04-11T02:00:00+08:00")
	last := map[string]time.Time{"orders": at("2024-04-10T02:00:00+08:00")}
	tests := []struct {
		name  string
		yaml  string
		plan  extract.Plan
		start string // "" for no lower bound, "none" for no window
	}{
		{"the first night", "", extract.Plan{}, ""},
		{"the first night with since", "since: 2024-01-01", extract.Plan{}, "2024-01-01T00:00:00+08:00"},
		{"a later night", "", extract.Plan{Cursor: last}, "2024-02-25T02:00:00+08:00"},
		{"a later night, lookback of 2 days", "lookback: 2d", extract.Plan{Cursor: last}, "2024-04-08T02:00:00+08:00"},
		{"never before since", "since: 2024-04-01", extract.Plan{Cursor: last}, "2024-04-01T00:00:00+08:00"},
		{"--full", "since: 2024-01-01", extract.Plan{Full: true, Cursor: last}, "2024-01-01T00:00:00+08:00"},
		{"--since", "since: 2024-01-01", extract.Plan{Since: at("2024-03-01T00:00:00+08:00"), Cursor: last}, "2024-03-01T00:00:00+08:00"},
		{"--at in the past", "", extract.Plan{Cursor: map[string]time.Time{"orders": at("2024-06-01T00:00:00+08:00")}}, "2024-02-26T02:00:00+08:00"},
		{"since in the future", "since: 2025-01-01", extract.Plan{}, "none"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.plan.Until = now
			windows, err := start(t, http.NotFoundHandler(), test.yaml).Plan(context.Background(), test.plan)
			if err != nil {
				t.Fatal(err)
			}
			if test.start == "none" {
				if len(windows) != 0 {
					t.Errorf("windows %+v, want none", windows)
				}
				return
			}
			if len(windows) != 2 || windows[0].Filter != "MATERIAL" || windows[1].Filter != "SERVICE" {
				t.Fatalf("windows %+v, want one of MATERIAL and one of SERVICE", windows)
			}
			for _, w := range windows {
				var want time.Time
				if test.start != "" {
					want = at(test.start)
				}
				if !w.Start.Equal(want) || !w.End.Equal(now) {
					t.Errorf("%s from %s to %s, want from %s to %s", w.Filter, w.Start, w.End, want, now)
				}
			}
		})
	}
}

// Orders on the bounds and outside of them: the vendor does not say whether
// its bounds are inclusive, so a window may bring the orders on its bounds.
func TestCreationWindow(t *testing.T) {
	v := sim.New(options(
		order("before", "MATERIAL", noon.Add(-time.Second)),
		order("first", "MATERIAL", noon),
		order("inside", "MATERIAL", noon.Add(time.Hour)),
		order("after", "MATERIAL", until.Add(time.Second)),
	))
	got, err := collectList(start(t, v, ""), extract.Plan{Since: noon, Until: until})
	if want := []string{"inside", "first"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	// Without a lower bound the upper one still holds: a night of the past
	// does not see the orders of its future.
	got, err = collectList(start(t, v, ""), extract.Plan{Until: noon.Add(time.Minute)})
	if want := []string{"first", "before"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func TestParamsInQuery(t *testing.T) {
	o := options(order("M1", "MATERIAL", noon))
	o.ParamsIn = "query"
	v := sim.New(o)
	n := extracttest.Collect(t, context.Background(), start(t, v, "params_in: query"), extract.Plan{Until: until})
	if len(n.Tables["orders"]) != 2 { // list and detail
		t.Errorf("orders %v, want M1 of list and detail", n.Tables["orders"])
	}
	if n.Pages[0].Request.Method != "GET" || !strings.Contains(n.Pages[0].Request.Params, "order_biz_type=MATERIAL") {
		t.Errorf("request %+v, want the query kept", n.Pages[0].Request)
	}
	extracttest.CheckReadsOnly(t, v)
}

func TestWrongSecretIsRefused(t *testing.T) {
	o := options()
	o.ClientSecret = "another"
	v := sim.New(o)
	_, err := start(t, v, "").Check(context.Background())
	if err == nil || !strings.Contains(err.Error(), "1004") || !strings.Contains(err.Error(), "client_secret") {
		t.Errorf("error %v, want code 1004 and a hint to the secret", err)
	}
	if strings.Contains(fmt.Sprint(err), `"secret"`) || extract.ClassOf(err) != extract.Permanent {
		t.Errorf("error %v must be permanent and not hold the secret", err)
	}
	if got := v.Requests(); got != 1 {
		t.Errorf("%d requests, want one: a wrong secret is not tried again", got)
	}
}

// The vendor ends the token in the middle of a night: one more log-in, and
// nothing is lost. A log-in that is refused right away is no reason for
// another.
func TestExpiredTokenIsRenewed(t *testing.T) {
	for _, code := range []string{"1010", "1011", "1012", "1400"} {
		v := sim.New(options(order("M1", "MATERIAL", noon), order("S1", "SERVICE", noon)))
		calls, times := 0, 1
		v.Fault(func(r *http.Request) *simulate.Fault {
			if calls++; calls >= 6 && times > 0 && !strings.HasSuffix(r.URL.Path, "/token") { // log-in, two pages of MATERIAL and of SERVICE, first detail
				times--
				return &simulate.Fault{Body: `{"code":` + code + `,"success":false,"t":1712736000234}`}
			}
			return nil
		})
		n := extracttest.Collect(t, context.Background(), start(t, v, "concurrency: 1"), extract.Plan{Until: until})
		if got := len(n.Streams["detail"]["orders"]); got != 2 {
			t.Errorf("%s: %d details, want 2", code, got)
		}
		if v.Logins() != 2 || v.Requests() != 9 {
			t.Errorf("%s: %d log-ins and %d requests, want 2 and 9", code, v.Logins(), v.Requests())
		}
		times = forever
		before := v.Requests()
		_, err := extracttest.TryCollect(context.Background(), start(t, v, "concurrency: 1"), extract.Plan{Until: until})
		if n := v.Requests() - before; extract.ClassOf(err) != extract.Expired || !strings.Contains(err.Error(), code) || n != 4 {
			t.Errorf("%s for ever: error %v after %d requests, want that of the second read after two log-ins", code, err, n)
		}
	}
}

const forever = 1 << 30

func TestEnvelope(t *testing.T) {
	tests := []struct {
		name  string
		body  string
		class extract.Class
		says  string // "" for success
	}{
		{"code and msg absent", `{"result":{},"success":true,"t":1}`, 0, ""},
		{"code and msg null", `{"code":null,"msg":null,"result":{},"success":true,"t":1}`, 0, ""},
		{"the document's failure", `{"code":500,"msg":"system error,please contact the admin","success":false,"t":1712736000234}`, extract.Transient, "own system"},
		{"a code as text", `{"code":"1110","success":false}`, extract.Limited, "too often"},
		{"system error as text", `{"code":"500","success":false}`, extract.Transient, "own system"},
		{"busy", `{"code":1111,"success":false}`, extract.Transient, "busy"},
		{"not now", `{"code":1112,"success":false}`, extract.Transient, "cannot answer now"},
		{"not now either", `{"code":1113,"success":false}`, extract.Transient, "cannot answer now"},
		{"too frequent", `{"code":1199,"success":false}`, extract.Limited, "too often"},
		{"token expired", `{"code":1010,"msg":"token invalid","success":false}`, extract.Expired, "has expired"},
		{"token invalid", `{"code":1011,"msg":"token is expired","success":false}`, extract.Expired, "not valid"},
		{"token ended", `{"code":1012,"success":false}`, extract.Expired, "has been ended"},
		{"token invalid, another code", `{"code":1400,"success":false}`, extract.Expired, "not valid"},
		{"secret", `{"code":1001,"success":false}`, extract.Permanent, "auth.client_secret"},
		{"no token", `{"code":1002,"success":false}`, extract.Permanent, "access_token"},
		{"client", `{"code":1005,"success":false}`, extract.Permanent, "auth.client_id"},
		{"content type", `{"code":1006,"success":false}`, extract.Permanent, "Content-Type"},
		{"header", `{"code":1105,"success":false}`, extract.Permanent, "remove headers"},
		{"sign", `{"code":1004,"success":false}`, extract.Permanent, "client_secret"},
		{"clock", `{"code":1013,"success":false}`, extract.Permanent, "clock"},
		{"permission", `{"code":1106,"success":false}`, extract.Permanent, "project_id"},
		{"authorization", `{"code":28841105,"success":false}`, extract.Permanent, "subscribe"},
		{"another code", `{"code":1109,"success":false}`, extract.Denied, "params_in"},
		{"success as text", `{"result":{},"success":"true"}`, extract.Doubtful, "success: true"},
		{"no envelope", `{"status":"ok"}`, extract.Doubtful, "success: true"},
		{"an array", `[]`, extract.Doubtful, "envelope"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := checkEnvelope([]byte(test.body))
			if test.says == "" {
				if err != nil {
					t.Errorf("error %v, want success", err)
				}
				return
			}
			if err == nil || extract.ClassOf(err) != test.class || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v of class %v, want class %v and %q", err, extract.ClassOf(err), test.class, test.says)
			}
			if strings.Contains(fmt.Sprint(err), "contact the admin") {
				t.Errorf("error %v holds the vendor's text", err)
			}
		})
	}
}

// An order that the vendor no longer shows costs only itself.
func TestUnknownOrders(t *testing.T) {
	v := sim.New(options(order("M1", "MATERIAL", noon)))
	a := start(t, v, "")
	fetch := func(ids ...string) (rows int, err error) {
		n, err := extracttest.TryFetch(context.Background(), a, extract.Plan{Until: until, State: extract.State{Due: extracttest.Due(ids...)}})
		return len(n.Tables["orders"]), err
	}
	if rows, err := fetch("GONE", "M1"); rows != 1 || err != nil {
		t.Errorf("%d orders, %v, want M1 and no error", rows, err)
	}
	v.Fault(func(r *http.Request) *simulate.Fault {
		return &simulate.Fault{Body: `{"code":1109,"msg":"param is illegal","success":false,"t":1712736000234}`}
	})
	if _, err := fetch("GONE", "M1"); !errors.Is(err, extract.ErrRefused) {
		t.Errorf("error %v, want the refusal of all orders to be an error", err)
	}
}

// One of twelve orders costs itself, whatever code it is refused with; where all
// are refused, ten are asked for and the two that are under way.
func TestRefusedOrders(t *testing.T) {
	var list []sim.Order
	for i := range 12 {
		list = append(list, order(fmt.Sprintf("M%02d", i), "MATERIAL", noon))
	}
	for _, c := range []struct{ name, body, raw string }{
		{"an error of its own system", `{"code":500,"msg":"Li","success":false}`, "code 500: the vendor reports an error of its own system"},
		{"an unknown code", `{"code":7777,"msg":"Li","success":false}`, "code 7777: the vendor refused the call"},
		{"one of a permission", `{"code":1106,"msg":"Li","success":false}`, "code 1106: permission denied"},
		{"no envelope", `{"result":{}}`, "the answer does not say success: true"},
		{"a result of another kind", `{"success":true,"result":"Li"}`, "unexpected answer: the answer is not the JSON it should be: its result is not an object"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := sim.New(options(list...))
			a := start(t, v, "concurrency: 1")
			hits, of := 0, "M05"
			v.Fault(func(r *http.Request) *simulate.Fault {
				body, _ := io.ReadAll(r.Body)
				if !strings.HasSuffix(r.URL.Path, "/get") || !strings.Contains(string(body), of) {
					return nil
				}
				hits++
				return &simulate.Fault{Body: c.body}
			})
			plan := extract.Plan{Until: until, State: extract.State{Due: extracttest.Due("M00", "M01", "M02", "M03", "M04", "M05", "M06", "M07", "M08", "M09", "M10", "M11")}}
			n, err := extracttest.TryFetch(context.Background(), a, plan)
			if err != nil || len(n.Tables["orders"]) != 11 || hits != 1 {
				t.Fatalf("%d orders, %v, %d calls; want all but one, which is asked for once", len(n.Tables["orders"]), err, hits)
			}
			if f := n.Findings; len(f) != 1 || f[0].OrderID != "M05" || f[0].Raw != c.raw || !strings.Contains(n.Outcomes[0].Unsettled, "1 of 12 orders were refused: M05") {
				t.Errorf("findings %+v, window marked %q; want M05 with %q", f, n.Outcomes[0].Unsettled, c.raw)
			}
			hits, of = 0, "M"
			n, err = extracttest.TryFetch(context.Background(), a, plan)
			if err == nil || hits < 10 || hits > 12 || len(n.Tables["orders"]) != 0 {
				t.Errorf("%d calls and %v where all are refused, want an error after ten", hits, err)
			}
		})
	}
}

// A log-in that is refused is no order that is gone.
func TestRefusedLogInIsNoUnknownOrder(t *testing.T) {
	v := sim.New(options(order("M1", "MATERIAL", noon)))
	v.Fault(func(r *http.Request) *simulate.Fault {
		return &simulate.Fault{Body: `{"code":2007,"msg":"your ip cross border","success":false,"t":1712736000234}`}
	})
	w := extract.Window{Stream: streamDetail, Due: []extract.Due{{OrderID: "M1"}}}
	err := start(t, v, "").Fetch(context.Background(), w, func(*extract.Page) (extract.Facts, error) { return extract.Facts{}, nil })
	if err == nil || extract.ClassOf(err) != extract.Permanent || !strings.Contains(err.Error(), "code 2007") {
		t.Errorf("error %v, want that of the log-in", err)
	}
}

func TestCheck(t *testing.T) {
	o := options(order("M1", "MATERIAL", noon), order("S1", "SERVICE", noon), order("S2", "SERVICE", noon))
	o.Now = func() time.Time { return time.Now().Add(90 * time.Second) }
	result, err := start(t, sim.New(o), "").Check(context.Background())
	if err != nil || result.Orders != 3 {
		t.Fatalf("%+v, %v, want 3 orders", result, err)
	}
	if result.ClockSkew < 80*time.Second || result.ClockSkew > 100*time.Second {
		t.Errorf("clock skew %s, want about 90 s", result.ClockSkew)
	}
}

func TestConfiguration(t *testing.T) {
	const good = `
account: a
base_url: https://openapi.tuyacn.com
project_id: "1160823965053000000"
auth: {kind: tuya, client_id: id, client_secret: secret}
`
	tests := []struct{ name, yaml, key string }{
		{"no project", strings.Replace(good, "project_id", "# project_id", 1), "project_id"},
		{"a page too large", good + "page_size: 101", "page_size"},
		{"params elsewhere", good + "params_in: header", "params_in"},
		{"another kind of auth", strings.Replace(good, "kind: tuya, client_id: id, client_secret: secret", "kind: basic, username: u, password: p", 1), "auth.kind"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := extracttest.TryOpen(Driver(), test.yaml, extract.Env{})
			var key *extract.KeyError
			if !errors.As(err, &key) || key.Key != test.key {
				t.Errorf("error %v, want one of key %s", err, test.key)
			}
		})
	}
	example := strings.TrimPrefix(strings.ReplaceAll("\n"+Driver().ExampleConfig, "\n- ", "\n  "), "\n")
	if _, err := extracttest.TryOpen(Driver(), example, extract.Env{}); err != nil {
		t.Errorf("the example configuration: %v", err)
	}
}

// A write never leaves the process, whoever asks for it.
func TestWritesDoNotLeave(t *testing.T) {
	v := sim.New(options())
	a := start(t, v, "").(*account)
	for _, call := range []httpx.Call{
		{Op: "cancel", Method: http.MethodPost, Path: projectsPath + project + "/server-order/cancel", Body: []byte(`{"order_id":"1"}`)},
		{Op: "cancel", Method: http.MethodGet, Path: projectsPath + project + "/server-order/cancel"},
		{Op: "cancel", Method: http.MethodGet, Path: projectsPath + project + "/server-order/page/../cancel"},
	} {
		if _, err := a.client.Do(context.Background(), call); err == nil {
			t.Errorf("%s %s was sent", call.Method, call.Path)
		}
	}
	if v.Requests() != 0 {
		t.Errorf("%d requests, want none", v.Requests())
	}
}
