package guoxiaodi_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/guoxiaodi"
	"github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	"github.com/nightaudit/nightaudit/extract/probe"
	"github.com/nightaudit/nightaudit/extract/simulate"
)

// kinds are the numbers of the shop's orders and what they may be to the courier.
var kinds = []string{
	"id as sourceOrderNo", "front_order_id as sourceOrderNo", "waybill_id as sourceOrderNo",
	"id as orderNo", "front_order_id as orderNo", "waybill_id as orderNo",
}

// shopOrder is the shop's order i by all its numbers.
func shopOrder(i int) probe.ShopOrder {
	return probe.ShopOrder{
		Source: "soms", Account: "retail", OrderID: fmt.Sprintf("88260001%04d", i), OrderNo: fmt.Sprintf("F1025%04d", i),
		Waybill: fmt.Sprintf("GW77%04d", i), Carriers: []string{"gxd"},
	}
}

// numberOf is an order's number of a kind.
func numberOf(o probe.ShopOrder, kind string) string {
	key, _, _ := strings.Cut(kind, " as ")
	return map[string]string{"id": o.OrderID, "front_order_id": o.OrderNo, "waybill_id": o.Waybill}[key]
}

// courierOf is a courier of chosen ways, and an account of it.
type courierOf struct {
	unknown  string // code 404, code 1001, two codes, no data, any order
	knows    string // one of kinds; "none of the shop", "one by chance"
	takes    string // from_soms: one of kinds; "" for none
	register string // none, known, by orderNo alone, by sourceOrderNo alone, strange
	signs    string // nothing asked, signed for nothing, asked, asked with 1001, signed, signed wrongly
	times    string // milliseconds, seconds, both, nine digits, no events
	both     bool   // a query must name both numbers
	unread   bool   // the shop's orders
}

// plain is what the document says, and an account that fits.
var plain = courierOf{unknown: "code 404", knows: kinds[0], takes: kinds[0], register: "known", signs: "nothing asked", times: "milliseconds"}

// ways are all that a courier may be, one field after the other.
var ways = []struct {
	field  string
	values []string
	put    func(c *courierOf, v string)
}{
	{"unknown", []string{"code 404", "code 1001", "two codes", "no data", "any order"}, func(c *courierOf, v string) { c.unknown = v }},
	{"knows", append(slices.Clone(kinds), "none of the shop", "one by chance"), func(c *courierOf, v string) { c.knows = v }},
	{"takes", append(slices.Clone(kinds), ""), func(c *courierOf, v string) { c.takes = v }},
	{"register", []string{"known", "none", "by orderNo alone", "by sourceOrderNo alone", "strange"}, func(c *courierOf, v string) { c.register = v }},
	{"signs", []string{"nothing asked", "signed for nothing", "asked", "asked with 1001", "signed", "signed wrongly"}, func(c *courierOf, v string) { c.signs = v }},
	{"times", []string{"milliseconds", "seconds", "both", "nine digits", "no events"}, func(c *courierOf, v string) { c.times = v }},
	{"both", []string{"", "both numbers"}, func(c *courierOf, v string) { c.both = v != "" }},
	{"unread", []string{"", "no order of the shop"}, func(c *courierOf, v string) { c.unread = v != "" }},
}

// vendor is the courier, with six orders of the shop and three of the register.
func (c *courierOf) vendor() *sim.Vendor {
	o := sim.Options{NeedsBoth: c.both, Seconds: c.times == "seconds", Now: func() time.Time { return made.Add(time.Hour) }}
	switch c.unknown {
	case "code 1001":
		o.Unknown = 1001
	case "no data":
		o.UnknownNull = true
	case "any order":
		o.KnowsAll = true
	}
	if !slices.Contains([]string{"nothing asked", "signed for nothing"}, c.signs) {
		o.Verify = func(r *http.Request, _ []byte) bool { return r.Header.Get("X-App") == "right" }
	}
	if c.signs == "asked with 1001" {
		o.Unsigned = 1001
	}
	add := func(no, source string) {
		order := delivered(no, source)
		switch c.times {
		case "both":
			order.Feed[0].HappenTime /= 1000
		case "nine digits":
			order.Feed[0].HappenTime /= 10_000
		case "no events":
			order.Feed = nil
		}
		o.Orders = append(o.Orders, order)
	}
	for i := range 6 {
		switch no := fmt.Sprintf("Y55%04d", i); {
		case strings.HasSuffix(c.knows, " as orderNo"):
			add(numberOf(shopOrder(i), c.knows), fmt.Sprintf("S66%04d", i))
		case slices.Contains(kinds, c.knows):
			add(no, numberOf(shopOrder(i), c.knows))
		case c.knows == "one by chance" && i == 2:
			add(no, shopOrder(i).OrderID)
		}
	}
	for i := range 3 {
		switch no, source := registeredOrder(i); c.register {
		case "known":
			add(no, source)
		case "by orderNo alone":
			add(no, "other"+source)
		case "by sourceOrderNo alone":
			add("other"+no, source)
		}
	}
	v := sim.New(o)
	if c.unknown == "two codes" {
		v.Fault(func(r *http.Request) *simulate.Fault {
			if body, err := io.ReadAll(r.Body); err == nil && strings.Contains(string(body), "8888") && !strings.Contains(string(body), "88260001") {
				return &simulate.Fault{Body: `{"code":4711,"ok":false,"data":null}`}
			}
			return nil
		})
	}
	return v
}

func registeredOrder(i int) (orderNo, sourceOrderNo string) {
	return fmt.Sprintf("ON44%04d", i), fmt.Sprintf("XF33%04d", i)
}

// config is the account's.
func (c *courierOf) config() []string {
	lines := []string{"register: [\"register.jsonl\"]"}
	if key, as, ok := strings.Cut(c.takes, " as "); ok {
		lines = append(lines, fmt.Sprintf("from_soms: {account: retail, carriers: [gxd], key: %s, as: %s}", key, as))
	}
	if strings.HasPrefix(c.signs, "signed") {
		app := "right"
		if c.signs == "signed wrongly" {
			app = "wrong"
		}
		lines = append(lines, "auth: {kind: signature, algorithm: hmac-sha256, secret: s, values: {X-App: "+app+"}, fields: [body], name: X-Sign}")
	}
	return lines
}

// env is where the register lies, whose orders are three.
func (c *courierOf) env(t *testing.T) extract.Env {
	t.Helper()
	dir := t.TempDir()
	var text strings.Builder
	for i := range 3 {
		if no, source := registeredOrder(i); c.register != "none" {
			text.Write(sim.Created{OrderNo: no, SourceOrderNo: source}.Bare())
			text.WriteByte('\n')
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "register.jsonl"), []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return extract.Env{Dir: dir, HTTP: extract.HTTPLimits{Retries: 1}}
}

// prober asks the couriers of these tests.
var prober = extracttest.Probe{Driver: guoxiaodi.Driver()}

// configure has prober ask the courier after the shop.
func (c *courierOf) configure(t *testing.T) {
	t.Helper()
	prober.Config, prober.Env, prober.Shop = strings.Join(c.config(), "\n"), c.env(t), nil
	for i := range 6 {
		if c.unread {
			break
		}
		other := probe.ShopOrder{Source: "soms", Account: "retail", OrderID: "other", Carriers: []string{"sf"}}
		prober.Shop = append(prober.Shop, shopOrder(i), other)
	}
}

// personal is what no answer may hold.
var personal = []string{"张三", "13300000001"}

// right are the outcomes that are true, by question, besides those that are open.
func (c *courierOf) right() map[string][]string {
	r := map[string]string{
		"unknown_code": map[string]string{"code 404": "as_set", "code 1001": "other", "no data": "no_data"}[c.unknown],
		"register":     map[string]string{"known": "known", "by orderNo alone": "order_no_alone", "by sourceOrderNo alone": "source_alone"}[c.register],
		"times":        map[string]string{"milliseconds": "millis", "seconds": "seconds", "both": "mixed", "nine digits": "others"}[c.times],
		"signature": map[string]string{
			"nothing asked": "not_asked", "signed for nothing": "accepted", "asked": "asked", "signed": "accepted", "signed wrongly": "not_accepted",
		}[c.signs],
		"shop_numbers": "other",
	}
	switch {
	case c.knows == c.takes:
		r["shop_numbers"] = "as_set"
	case !slices.Contains(kinds, c.knows):
		r["shop_numbers"] = ""
	}
	all := map[string][]string{}
	for question, outcome := range r {
		all[question] = []string{outcome}
	}
	return all
}

// sets holds that what is set is what the courier goes by.
func (c *courierOf) sets(t *testing.T, config string) {
	t.Helper()
	if set := takesOf(config); set != c.takes && set != c.knows {
		t.Errorf("sets %s, want %s", set, c.knows)
	}
	if codes := strings.Contains(config, "unknown_codes:"); codes && (!strings.Contains(config, "unknown_codes: [404, 1001]") || c.unknown != "code 1001") {
		t.Errorf("sets codes where unknown is %s: %s", c.unknown, config)
	}
}

// TestProbe: of a courier that departs in one thing from the plainest reading of its
// document each question is answered, rightly, within 40 calls.
func TestProbe(t *testing.T) {
	for _, w := range ways {
		for _, v := range w.values {
			t.Run(w.field+" "+v, func(t *testing.T) {
				c := plain
				w.put(&c, v)
				c.configure(t)
				found := prober.Ask(t, c.vendor(), extracttest.ProbeCalls)
				found.Verify(t, c.right())
				found.Hides(t, personal...)
				c.sets(t, found.Config())
				for question, outcomes := range c.right() {
					outcome := outcomes[0]
					// What one courier does in all else must be told as well, unless every
					// call is refused, or every number is answered.
					if outcome != "" && c.unknown != "any order" && !c.shut() && c.takes != "" && !c.unread && (!c.both || question != "shop_numbers") {
						found.Told(t, question, outcome)
					}
				}
			})
		}
	}
	prober.CheckTold(t)
}

// shut reports whether every call is refused.
func (c *courierOf) shut() bool {
	return slices.Contains([]string{"asked", "asked with 1001", "signed wrongly"}, c.signs)
}

// TestProbeOfAnyCourier: whatever the courier does, in everything at once.
func TestProbeOfAnyCourier(t *testing.T) {
	var lists [][]extracttest.Way[courierOf]
	for _, w := range ways {
		var list []extracttest.Way[courierOf]
		for _, value := range w.values {
			list = append(list, extracttest.Way[courierOf]{Name: strings.TrimSpace(w.field + " " + value), Saves: saves[w.field+" "+value], Set: func(c *courierOf) { w.put(c, value) }})
		}
		lists = append(lists, list)
	}
	extracttest.Combos[courierOf]{Ways: lists, Few: 200, Many: 5_000, Vendor: func(t *testing.T, c *courierOf) *extracttest.Combo {
		c.configure(t)
		return &extracttest.Combo{
			Probe: &prober, Vendor: c.vendor(), Right: c.right(), Personal: personal, Mends: c.mends(),
			Night: func(config string) error { c.sets(t, config); return c.night(t, config) },
		}
	}}.Run(t)
}

// saves are the keys without which nights of a way stay incomplete.
var saves = func() map[string]string {
	keys := map[string]string{"unknown code 1001": "unknown_codes: [404, 1001]"}
	for _, kind := range kinds[1:] {
		keys["knows "+kind] = "from_soms: {account: retail, carriers: [gxd], key: " + strings.Replace(kind, " as ", ", as: ", 1) + "}"
	}
	return keys
}()

// mends reports whether it can be told what a night needs: some order of the shop that
// the courier knows by one number, and what it says of those that it does not.
func (c *courierOf) mends() bool {
	return !c.shut() && !c.both && !c.unread && c.takes != "" && slices.Contains(kinds, c.knows) &&
		c.unknown != "two codes" && c.unknown != "any order"
}

// takesOf is which number of the shop's orders an account takes, one of kinds.
func takesOf(config string) string {
	_, rest, _ := strings.Cut(config, "key: ")
	key, rest, ok := strings.Cut(rest, ", as: ")
	if as, _, ends := strings.Cut(rest, "}"); ok && ends {
		return key + " as " + as
	}
	return ""
}

// night reads a night with the shop's numbers as the warehouse would hand them over,
// and says what is wrong with what came.
func (c *courierOf) night(t *testing.T, config string) error {
	t.Helper()
	var numbers []string
	for i := range 6 {
		if number := numberOf(shopOrder(i), takesOf(config)); number != "" {
			numbers = append(numbers, number)
		}
	}
	env := c.env(t)
	env.Transport = extracttest.Direct(c.vendor())
	account := extracttest.Open(t, guoxiaodi.Driver(), "account: courier\nbase_url: "+extracttest.DirectAddress+"\nrate: 100000/s\n"+config+"\n", env)
	got, err := extracttest.TryFetch(t.Context(), account, extract.Plan{
		Until: made.Add(2 * time.Hour), State: extract.State{Known: known(numbers...)},
	})
	if err != nil {
		return err
	}
	for i, o := range got.Outcomes {
		if o.Marked() {
			return fmt.Errorf("%s is marked: %s", got.Windows[i].Stream, o.Unsettled)
		}
	}
	shop := 0
	for _, row := range got.Streams["status"]["orders"] {
		if slices.Contains(numbers, row["link_ref"]) || slices.Contains(numbers, row["order_id"]) {
			shop++
		}
	}
	if shop != len(numbers) {
		return fmt.Errorf("complete with %d of %d orders of the shop", shop, len(numbers))
	}
	return nil
}
