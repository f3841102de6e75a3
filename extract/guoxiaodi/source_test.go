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
