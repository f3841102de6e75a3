package guoxiaodi_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/guoxiaodi"
	"github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	"github.com/nightaudit/nightaudit/extract/simulate"
)

// made is when the tests' orders were made: 2025-06-29 04:00 UTC.
var made = time.Date(2025, 6, 29, 12, 0, 0, 0, time.FixedZone("UTC+8", 8*3600))

// delivered is a courier order that was delivered within the hour, with its
// creation tip of 1 yuan and another of 2.
func delivered(no, source string) sim.Order {
	at := func(minutes int, status, desc string) sim.Event {
		return sim.Event{
			ExpressStatus: status, ExpressStatusDesc: desc, ExpressWorkerName: "张三", ExpressWorkerPhone: "13300000001",
			HappenTime: made.Add(time.Duration(minutes) * time.Minute).UnixMilli(), RecordDesc: desc + " 张三",
		}
	}
	return sim.Order{
		AccountNo: "GXD10086", OrderNo: no, SourceOrderNo: source, ExpressStatus: "RECEIVED",
		ExpressWorkerName: "张三", ExpressWorkerPhone: "13300000001", CreationTip: "100",
		Feed: []sim.Event{at(0, "WAIT_TAKE", "待接单"), at(5, "WAIT_PICKUP", "待取件"), at(50, "RECEIVED", "完成")},
		Tips: []sim.Tip{{TipNo: "T" + no, TipFee: "200", CreateTime: made.Add(3 * time.Minute).UnixMilli()}},
	}
}

// created is the register's side of it: 17 yuan of which 3 are off.
func created(no, source string) sim.Created {
	return sim.Created{
		OrderNo: no, SourceOrderNo: source, ExpressStatus: "WAIT_TAKE", CarriageFee: "1700", DistanceFee: "1400", WeightFee: "300",
		TipFee: "100", PayFee: "1400", BeforePreferentialFee: "1700", PreferentialAmount: "300", CustomerTotalOverflowAmount: "50",
		SpecialDeliveryFee: "0", TimeCreateOrder: fmt.Sprint(made.UnixMilli()),
	}
}

// courier is a vendor on loopback and an account of it.
type courier struct {
	*sim.Vendor
	account extract.Source
	dir     string

	mu    sync.Mutex
	asked []string // "query-status Y X"
}

func (c *courier) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var numbers struct{ OrderNo, SourceOrderNo string }
	_ = json.Unmarshal(body, &numbers)
	c.mu.Lock()
	c.asked = append(c.asked, strings.TrimRight(filepath.Base(r.URL.Path)+" "+numbers.OrderNo+" "+numbers.SourceOrderNo, " "))
	c.mu.Unlock()
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	c.Vendor.ServeHTTP(w, r)
}

const (
	withRegister = "register: [\"register/*.jsonl\", \"register/*.csv\"]\n"
	withSOMS     = "from_soms: {account: retail, carriers: [gxd], key: id, as: sourceOrderNo}\n"
)

// open starts a vendor and an account whose register holds files by name,
// written an hour ago.
func open(t testing.TB, o sim.Options, config string, files map[string]string) *courier {
	t.Helper()
	c := &courier{Vendor: sim.New(o), dir: t.TempDir()}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	t.Cleanup(func() { extracttest.CheckReadsOnly(t, c) })
	c.register(t, files)
	c.account = extracttest.Open(t, guoxiaodi.Driver(),
		"account: courier\nbase_url: "+server.URL+"\nrate: 100000/s\n"+config, extract.Env{Dir: c.dir, Pushed: filepath.Join(c.dir, "pushed"), Zone: made.Location()})
	return c
}

func (c *courier) register(t testing.TB, files map[string]string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(c.dir, "register"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(c.dir, "register", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		c.wrote(t, name, time.Hour)
	}
}

// wrote sets the time at which a file of the register was written.
func (c *courier) wrote(t testing.TB, name string, ago time.Duration) {
	t.Helper()
	at := time.Now().Add(-ago)
	if err := os.Chtimes(filepath.Join(c.dir, "register", name), at, at); err != nil {
		t.Fatal(err)
	}
}

func (c *courier) night(t testing.TB, p extract.Plan) *extracttest.Night {
	t.Helper()
	return extracttest.Collect(t, context.Background(), c.account, p)
}

// calls lists what the vendor was asked, sorted, and forgets it.
func (c *courier) calls() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := c.asked
	c.asked = nil
	slices.Sort(asked)
	return asked
}

func jsonl(lines ...sim.Created) string {
	var b strings.Builder
	for i, l := range lines {
		text := l.Answer(made)
		if i%2 == 1 {
			text = l.Bare()
		}
		b.Write(text)
		b.WriteByte('\n')
	}
	return b.String()
}

func known(numbers ...string) []extract.KnownNumber {
	var k []extract.KnownNumber
	for _, n := range numbers {
		k = append(k, extract.KnownNumber{Number: n, OrderID: n})
	}
	return k
}

func TestOneOrder(t *testing.T) {
	c := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1")}}, withRegister, map[string]string{"a.jsonl": jsonl(created("Y1", "X1"))})
	night := c.night(t, extract.Plan{})
	for _, want := range []struct {
		stream, table string
		row           extracttest.Row
	}{
		{"register", "orders", extracttest.Row{
			"order_id": "Y1", "kind": "delivery", "flow": "cost", "currency": "CNY", "gross_amount": "17.0000", "discount_amount": "3.0000", "freight_amount": "17.0000",
			"net_amount": "14.0000", "created_at": "2025-06-29T04:00:00Z", "booked_date": "2025-06-29", "business_date": "2025-06-29",
		}},
		{"register", "deliveries", extracttest.Row{
			"order_id": "Y1", "delivery_id": "Y1", "currency": "CNY", "fee_amount": "14.0000", "distance_amount": "14.0000",
			"weight_amount": "3.0000", "surcharge_amount": "0.5000", "special_amount": "0.0000", "creation_tip_amount": "1.0000", "link_ref": "X1",
		}},
		{"status", "orders", extracttest.Row{
			"order_id": "Y1", "kind": "delivery", "flow": "cost", "store_id": "GXD10086", "status": "completed",
			"source_status": "RECEIVED", "currency": "CNY", "link_ref": "X1",
		}},
		{"status", "deliveries", extracttest.Row{
			"order_id": "Y1", "delivery_id": "Y1", "status": "completed", "source_status": "RECEIVED", "currency": "CNY", "link_ref": "X1",
		}},
		{"tips", "deliveries", extracttest.Row{
			"order_id": "Y1", "delivery_id": "Y1", "currency": "CNY", "tip_amount": "3.0000", "tip_count": "1",
		}},
		{"tips", "delivery_tips", extracttest.Row{
			"order_id": "Y1", "tip_no": "TY1", "amount": "2.0000", "currency": "CNY", "created_at": "2025-06-29T04:03:00Z",
		}},
	} {
		rows := night.Streams[want.stream][want.table]
		if len(rows) != 1 || !maps.Equal(rows[0], want.row) {
			t.Errorf("%s of %s\n%v\nwant\n%v", want.table, want.stream, rows, want.row)
		}
	}
	events := night.Tables["delivery_events"]
	if len(events) != 3 || events[2]["status"] != "completed" || events[2]["happened_at"] != "2025-06-29T04:50:00Z" || events[2]["description"] != "完成 ***" {
		t.Errorf("events %v", events)
	}
	if len(night.Findings)+len(night.Rejects) != 0 {
		t.Errorf("findings %v, rejects %v", night.Findings, night.Rejects)
	}
	if got := c.calls(); !slices.Equal(got, []string{"query-status Y1 X1", "query-status-feed Y1 X1", "query-tip-list Y1 X1"}) {
		t.Errorf("asked %v", got)
	}
}

// Each order is asked for once, with all its numbers, by whatever way they
// came; link_ref is the number that was sent or registered, else the one that
// the courier answers.
func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		name     string
		config   string
		register map[string]string
		known    []string
		settled  map[string]bool
		status   []string // calls of query-status
		links    []string // link_ref of the rows
	}{
		{"from SOMS", withSOMS, nil, []string{"X1", "X2"}, nil, []string{"X1", "X2"}, []string{"X1", "X2"}},
		{"from SOMS as the courier's own", strings.Replace(withSOMS, "sourceOrderNo", "orderNo", 1), nil, []string{"Y1"}, nil, []string{"Y1"}, []string{"X1"}},
		{"both know it", withRegister + withSOMS, map[string]string{"a.jsonl": jsonl(created("Y1", "X1"))}, []string{"X1", "X2"}, nil, []string{"Y1 X1", "X2"}, []string{"X1", "X2"}},
		{"a register of numbers", withRegister, map[string]string{"a.csv": "orderNo,sourceOrderNo\nY1,\n,X2\n"}, nil, nil, []string{"Y1", "X2"}, []string{"X1", "X2"}},
		{"several lines of one order", withRegister, map[string]string{"a.jsonl": `{"sourceOrderNo":"X1"}` + "\n" + `{"orderNo":"Y1","sourceOrderNo":"X1"}` + "\n" + `{"orderNo":"Y1"}` + "\n"}, nil, nil, []string{"Y1 X1"}, []string{"X1"}},
		{"settled orders are left out", withRegister + withSOMS, map[string]string{"a.jsonl": jsonl(created("Y1", "X1"))}, []string{"X2"}, map[string]bool{"Y1": true, "X1": true}, []string{"X2"}, []string{"X2"}},
		// The sample answers another sourceOrderNo than was sent.
		{"another number is answered", withSOMS, nil, []string{"source001001"}, nil, []string{"source001001"}, []string{"source001001"}},
		{"none", withRegister, nil, nil, nil, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			other := delivered("Y3", "XF2009159200340432")
			other.AlsoKnownAs = []string{"source001001"}
			v := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1"), delivered("Y2", "X2"), other}}, c.config, c.register)
			night := v.night(t, extract.Plan{State: extract.State{Known: known(c.known...), Settled: c.settled}})
			var status []string
			for _, call := range v.calls() {
				if numbers, ok := strings.CutPrefix(call, "query-status "); ok {
					status = append(status, strings.TrimSpace(numbers))
				}
			}
			slices.Sort(c.status)
			if !slices.Equal(status, c.status) {
				t.Errorf("asked for %q, want %q", status, c.status)
			}
			var links []string
			for _, row := range night.Streams["status"]["orders"] {
				links = append(links, row["link_ref"])
			}
			if !slices.Equal(links, c.links) {
				t.Errorf("linked to %q, want %q", links, c.links)
			}
			if len(night.Findings)+len(night.Rejects) != 0 {
				t.Errorf("findings %v, rejects %v", night.Findings, night.Rejects)
			}
		})
	}
}

// After the status has told the orderNo, the other queries send both.
func TestSendsWhatIsKnown(t *testing.T) {
	c := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1")}}, withSOMS, nil)
	c.night(t, extract.Plan{State: extract.State{Known: known("X1")}})
	if got := c.calls(); !slices.Equal(got, []string{"query-status  X1", "query-status-feed Y1 X1", "query-tip-list Y1 X1"}) {
		t.Errorf("asked %q", got)
	}
}

func TestUnknownNumber(t *testing.T) {
	for _, c := range []struct {
		name    string
		options sim.Options
		config  string
	}{
		{"by code", sim.Options{}, ""},
		{"by a success without data", sim.Options{UnknownNull: true}, ""},
		{"by codes of the configuration", sim.Options{}, "unknown_codes: [20001, 404]\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.options.Orders = []sim.Order{delivered("Y1", "X1")}
			v := open(t, c.options, withSOMS+c.config, nil)
			night := v.night(t, extract.Plan{State: extract.State{Known: known("X1", "X9")}})
			if len(night.Findings) != 1 || night.Findings[0].OrderID != "X9" || night.Findings[0].Raw != "X9" || night.Findings[0].Field != "sourceOrderNo" {
				t.Errorf("findings %+v, want one of X9", night.Findings)
			}
			if len(night.Tables["orders"]) != 1 || len(night.Rejects) != 0 {
				t.Errorf("orders %v, rejects %v; want Y1 only", night.Tables["orders"], night.Rejects)
			}
			if v.Requests() != 4 { // 2 × status, feed and tips of Y1
				t.Errorf("%d requests, want 4", v.Requests())
			}
		})
	}
}

// A registered order that the courier does not know is one by what the
// register says, and the finding names it.
func TestUnknownRegisteredOrder(t *testing.T) {
	for line, want := range map[string]extracttest.Issue{
		`{"orderNo":"Y9","payFee":"100"}`:                      {Stream: "status", OrderID: "Y9", Field: "orderNo", Raw: "Y9"},
		`{"orderNo":"Y9","sourceOrderNo":"X9","payFee":"100"}`: {Stream: "status", OrderID: "Y9", Field: "sourceOrderNo", Raw: "X9"},
	} {
		c := open(t, sim.Options{}, withRegister, map[string]string{"a.jsonl": line + "\n"})
		night := c.night(t, extract.Plan{})
		want.Reason = "the courier does not know this number"
		if len(night.Findings) != 1 || night.Findings[0] != want {
			t.Errorf("%s: findings %+v, want %+v", line, night.Findings, want)
		}
		if got := nets(night)["Y9"]; got != "1.0000" || len(night.Streams["status"]["orders"]) != 0 {
			t.Errorf("%s: net %q of the register, orders %v of the query; want 1.0000 and none", line, got, night.Streams["status"]["orders"])
		}
	}
}

// Where the courier knows none of the numbers, their kind is wrong, and the
// window says which others there are; a few, or one that was known before or
// is now, say nothing of it.
func TestNoNumberKnown(t *testing.T) {
	strangers := func(n int) (numbers []string) {
		for i := range n {
			numbers = append(numbers, fmt.Sprintf("S%d", i))
		}
		return numbers
	}
	var registered []sim.Created
	for _, no := range strangers(20) {
		registered = append(registered, created("Y"+no, ""))
	}
	const ours = `the courier knows none of the 20 numbers of the shop's orders that it was asked for: from_soms asks for its id as sourceOrderNo, and one of the two is wrong: try as: orderNo, and key: front_order_id or waybill_id`
	for _, c := range []struct {
		name     string
		config   string
		register []sim.Created
		known    []string
		settled  map[string]bool
		marked   string
	}{
		{"20 of 20", withSOMS, nil, strangers(20), nil, ours},
		{
			"20 of 20 as the courier's own", strings.Replace(withSOMS, "key: id, as: sourceOrderNo", "key: waybill_id, as: orderNo", 1), nil, strangers(20), nil,
			strings.NewReplacer("its id as sourceOrderNo", "its waybill_id as orderNo", "as: orderNo, and key: front_order_id or waybill_id", "as: sourceOrderNo, and key: front_order_id or id").Replace(ours),
		},
		{"20 of the shop's, beside one that is registered", withRegister + withSOMS, []sim.Created{created("Y1", "X1")}, strangers(20), nil, ours},
		{"19 of 20", withSOMS, nil, append(strangers(19), "X1"), nil, ""},
		{"the shop's, and one was known before", withRegister + withSOMS, []sim.Created{created("Y1", "X1")}, append(strangers(20), "X7"), map[string]bool{"X7": true}, ""},
		{"a few", withSOMS, nil, strangers(4), nil, ""},
		{"20 of the register", withRegister, registered, nil, nil, "the courier knows none of the 20 numbers that it was asked for: see that base_url and auth are of the account that made these orders, and that orderNo in the register is the courier's own number, sourceOrderNo the one that was sent to it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1")}}, c.config, map[string]string{"a.jsonl": jsonl(c.register...)})
			night := v.night(t, extract.Plan{State: extract.State{Known: known(c.known...), Settled: c.settled}})
			for i, w := range night.Windows {
				want := ""
				if w.Stream == "status" {
					want = c.marked
				}
				if got := night.Outcomes[i].Unsettled; got != want {
					t.Errorf("%s is marked %q, want %q", w.Stream, got, want)
				}
			}
		})
	}
}

// A number that the courier refuses among those that it answers is that number's
// finding, whatever code it gives; what concerns the account fails it. Of a number
// whose status was refused nothing else is asked.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name, body string
		fails      bool
		says       string
	}{
		{"an undocumented code", `{"code":20001,"msg":"x","data":null,"ok":false,"fail":true}`, false, "X2 (code 20001: the vendor refused the call)"},
		{"the code of a permission", `{"code":403,"msg":"x","data":null,"ok":false,"fail":true}`, false, "X2 (code 403: access is forbidden)"},
		{"code 0 that is not ok", `{"code":0,"msg":"","data":{"orderNo":"Y1"},"ok":false}`, false, "X2 (code 0: the vendor refused the call: ok is false)"},
		{"no envelope", `{"orderNo":"Y1"}`, false, "X2 (the answer has no code)"},
		{"data of another kind", `{"code":0,"msg":"","data":[],"ok":true}`, false, "X2 (unexpected answer: the answer is not the JSON it should be: data is not an object)"},
		{"too often", `{"code":429,"data":null,"ok":false}`, true, "429"},
		{"another signature", `{"code":401,"data":null,"ok":false}`, true, "401"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1"), delivered("Y3", "X3")}}, withSOMS, nil)
			asked := 0
			v.Fault(func(r *http.Request) *simulate.Fault {
				body, err := io.ReadAll(r.Body)
				if err != nil || !strings.Contains(string(body), "X2") {
					return nil
				}
				asked++
				return &simulate.Fault{Status: 200, Body: c.body}
			})
			night, err := extracttest.TryCollect(context.Background(), v.account, extract.Plan{State: extract.State{Known: known("X1", "X2", "X3")}})
			if c.fails {
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("error %v, want %q", err, c.says)
				}
				return
			}
			if err != nil || len(night.Tables["orders"]) != 2 || asked != 1 {
				t.Fatalf("%d orders, %v, X2 asked for %d times; want Y1 and Y3, and once", len(night.Tables["orders"]), err, asked)
			}
			if says := night.Outcomes[0].Unsettled; !strings.Contains(says, "1 of 3 orders were refused: "+c.says) {
				t.Errorf("the window is marked with %q, want %q", says, c.says)
			}
			if f := night.Findings; len(f) != 1 || f[0].OrderID != "X2" {
				t.Errorf("findings %+v, want one of X2", f)
			}
		})
	}
}

// Where the courier shows none of several numbers, the account has failed; those
// that it did not show in an earlier night tell nothing new.
func TestNoNumberIsShown(t *testing.T) {
	for _, c := range []struct {
		before string
		fails  bool
	}{{"", true}, {"X1", false}, {"X1 X2", false}} {
		v := open(t, sim.Options{}, withSOMS, nil)
		v.Fault(func(*http.Request) *simulate.Fault {
			return &simulate.Fault{Body: `{"code":20001,"data":null,"ok":false}`}
		})
		state := extract.State{Known: known("X1", "X2"), NotShown: map[string]bool{}}
		for _, number := range strings.Fields(c.before) {
			state.NotShown[number] = true
		}
		night, err := extracttest.TryCollect(context.Background(), v.account, extract.Plan{State: state})
		if (err != nil) != c.fails || v.Requests() != 2 {
			t.Errorf("not shown before %q: %v in %d calls, want failure %v in 2", c.before, err, v.Requests(), c.fails)
		}
		if !c.fails && len(night.Findings) != 2 {
			t.Errorf("findings %+v, want one of each", night.Findings)
		}
	}
}

// One documented success carries "fail":true beside "ok":true.
func TestOKAndFail(t *testing.T) {
	c := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1")}, OKAndFail: true}, withSOMS, nil)
	if night := c.night(t, extract.Plan{State: extract.State{Known: known("X1")}}); len(night.Tables["orders"]) != 1 {
		t.Errorf("orders %v, want one", night.Tables["orders"])
	}
}

func TestSignature(t *testing.T) {
	verify := func(r *http.Request, body []byte) bool {
		mac := hmac.New(sha256.New, []byte("s3cret"))
		mac.Write([]byte(r.Header.Get("appId") + r.Header.Get("timestamp") + string(body)))
		return r.Header.Get("appId") == "app1" && r.Header.Get("sign") == hex.EncodeToString(mac.Sum(nil))
	}
	auth := `auth: {kind: signature, algorithm: hmac-sha256, secret: "s3cret", values: {appId: "app1"}, fields: [appId, timestamp, body], join: "", case: lower, in: header, name: sign}` + "\n"
	c := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1")}, Verify: verify}, withSOMS+auth, nil)
	if night := c.night(t, extract.Plan{State: extract.State{Known: known("X1")}}); len(night.Tables["orders"]) != 1 {
		t.Errorf("orders %v, want one", night.Tables["orders"])
	}
	c = open(t, sim.Options{Verify: verify}, withSOMS+strings.Replace(auth, "s3cret", "wr0ng", 1), nil)
	_, err := extracttest.TryCollect(context.Background(), c.account, extract.Plan{State: extract.State{Known: known("X1")}})
	if err == nil || !strings.Contains(err.Error(), "code 401") || strings.Contains(err.Error(), "wr0ng") {
		t.Errorf("error %v, want code 401 without the secret", err)
	}
}

func TestCheck(t *testing.T) {
	ctx := context.Background()
	c := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1")}}, withRegister, map[string]string{"a.jsonl": jsonl(created("Y1", "X1"))})
	if r, err := c.account.Check(ctx); err != nil || r.Orders != -1 {
		t.Errorf("check answers %+v, %v", r, err)
	}
	if got := c.calls(); !slices.Equal(got, []string{"query-status Y1 X1"}) {
		t.Errorf("asked %q, want the status of the registered order", got)
	}
	// Without a number any answer of the vendor's own shows that it was
	// reached, even a code that is not configured.
	c = open(t, sim.Options{}, withSOMS+"unknown_codes: [5]\n", nil)
	if _, err := c.account.Check(ctx); err != nil || c.Requests() != 1 {
		t.Errorf("check without numbers: %v after %d requests", err, c.Requests())
	}
	for what, f := range map[string]simulate.Fault{
		"a vendor that is down": {Status: 502}, "a log-in page": {Body: "<html>"}, "an address without the interface": {Status: 404, Body: "<html>"},
		"a signature that is not taken": {Body: `{"code":401,"data":null,"ok":false}`},
	} {
		c.Fault(func(*http.Request) *simulate.Fault { return &f })
		if _, err := c.account.Check(ctx); err == nil {
			t.Errorf("check of %s found nothing wrong", what)
		}
	}
}

func TestConfiguration(t *testing.T) {
	const good = "account: courier\nbase_url: https://courier.example\n"
	for _, c := range []struct{ yaml, key string }{
		{good, "register"},
		{good + "register: [\"register/*.xlsx\"]\n", "register"},
		{good + "register: [\"[.csv\"]\n", "register"},
		{good + withRegister + "currency: EUR\n", "currency"},
		{good + withRegister + "auth: {kind: bearer, token: t}\n", "auth.kind"},
		{good + "from_soms: {carriers: [gxd]}\n", "from_soms.account"},
		{good + "from_soms: {account: retail}\n", "from_soms.carriers"},
		{good + "from_soms: {account: retail, carriers: [gxd], key: order}\n", "from_soms.key"},
		{good + "from_soms: {account: retail, carriers: [gxd], as: number}\n", "from_soms.as"},
		{good + withRegister + "notify: {}\n", "notify.secret"},
		{good + withRegister + "unknown_codes: [0]\n", "unknown_codes"},
	} {
		_, err := extracttest.TryOpen(guoxiaodi.Driver(), c.yaml, extract.Env{})
		var key *extract.KeyError
		if !errors.As(err, &key) || key.Key != c.key {
			t.Errorf("%q: error %v, want one of key %s", c.yaml, err, c.key)
		}
	}
	account, err := extracttest.TryOpen(guoxiaodi.Driver(), good+"from_soms: {account: retail, carriers: [gxd], key: waybill_id}\n", extract.Env{})
	if err != nil {
		t.Fatal(err)
	}
	q, ok := account.(extract.KnowsFrom).KnownFrom()
	if !ok || q.Source != "soms" || q.Account != "retail" || q.Key != extract.KnownWaybill || !slices.Equal(q.Carriers, []string{"gxd"}) {
		t.Errorf("numbers come from %+v, %v", q, ok)
	}
	example := strings.Replace(guoxiaodi.Driver().ExampleConfig, "- account", "  account", 1)
	if _, err := extracttest.TryOpen(guoxiaodi.Driver(), example, extract.Env{}); err != nil {
		t.Errorf("the example configuration: %v", err)
	}
}
