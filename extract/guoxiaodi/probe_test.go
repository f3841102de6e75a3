package guoxiaodi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
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
	unknown  string // code 404, code 1001, no data, any order
	knows    string // one of kinds; "none of the shop", "one by chance"
	takes    string // from_soms: one of kinds; "" for none
	register string // none, known, by orderNo alone, by sourceOrderNo alone, strange
	signs    string // nothing asked, signed for nothing, asked, asked with 1001, signed, signed wrongly
	times    string // milliseconds, seconds, both, nine digits, no events
	both     bool   // a query must name both numbers
}

// plain is what the document says, and an account that fits.
var plain = courierOf{unknown: "code 404", knows: kinds[0], takes: kinds[0], register: "known", signs: "nothing asked", times: "milliseconds"}

// ways are all that a courier may be, one field after the other.
var ways = []struct {
	field  string
	values []string
	put    func(c *courierOf, v string)
}{
	{"unknown", []string{"code 404", "code 1001", "no data", "any order"}, func(c *courierOf, v string) { c.unknown = v }},
	{"knows", append(slices.Clone(kinds), "none of the shop", "one by chance"), func(c *courierOf, v string) { c.knows = v }},
	{"takes", append(slices.Clone(kinds), ""), func(c *courierOf, v string) { c.takes = v }},
	{"register", []string{"none", "known", "by orderNo alone", "by sourceOrderNo alone", "strange"}, func(c *courierOf, v string) { c.register = v }},
	{"signs", []string{"nothing asked", "signed for nothing", "asked", "asked with 1001", "signed", "signed wrongly"}, func(c *courierOf, v string) { c.signs = v }},
	{"times", []string{"milliseconds", "seconds", "both", "nine digits", "no events"}, func(c *courierOf, v string) { c.times = v }},
	{"both", []string{"", "both numbers"}, func(c *courierOf, v string) { c.both = v != "" }},
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
	return sim.New(o)
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

// open opens an account of v.
func (c *courierOf) open(t *testing.T, v http.Handler, lines []string) extract.Source {
	t.Helper()
	dir := t.TempDir()
	var text strings.Builder
	for i := range 3 {
		if c.register != "none" {
			text.Write(sim.Created{OrderNo: first(registeredOrder(i)), SourceOrderNo: second(registeredOrder(i))}.Bare())
			text.WriteByte('\n')
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "register.jsonl"), []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return extracttest.Open(t, guoxiaodi.Driver(), "account: courier\nbase_url: "+extracttest.DirectAddress+"\nrate: 100000/s\n"+strings.Join(lines, "\n")+"\n", extract.Env{
		Dir: dir, Transport: probe.Transport{Base: extracttest.Direct(v)}, HTTP: extract.HTTPLimits{Retries: 1},
	})
}

func first(a, _ string) string { return a }

func second(_, b string) string { return b }

// ask probes the courier after the shop, with most calls at most.
func (c *courierOf) ask(t *testing.T, v *sim.Vendor, most int) map[string]probe.Answer {
	t.Helper()
	nowhere := func(*extract.Page) (string, string, func(extract.Facts, error) error, error) {
		return "", "", func(extract.Facts, error) error { return nil }, nil
	}
	account := c.open(t, v, c.config()).(probe.Prober)
	session, err := probe.NewSession(account, probe.Origin{Calendar: account.Settings().Calendar(), Currency: "CNY", Privacy: extracttest.Privacy()}, nowhere, probe.NewCalls(most, 1e9))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		session.Offer(shopOrder(i), probe.ShopOrder{Source: "soms", Account: "retail", OrderID: "other", Carriers: []string{"sf"}})
	}
	answers, err := session.Run(t.Context())
	if err != nil {
		t.Errorf("the probe ended early: %v", err)
	}
	extracttest.CheckReadsOnly(t, v)
	if v.Requests() > most {
		t.Errorf("%d calls, want %d at most", v.Requests(), most)
	}
	told := map[string]probe.Answer{}
	for _, a := range answers {
		told[a.Question] = a
		if text, err := json.Marshal(a); err != nil || strings.Contains(string(text), "张三") || strings.Contains(string(text), "13300000001") {
			t.Errorf("%s names the courier, %v: %s", a.Question, err, text)
		}
	}
	return told
}

// right are the outcomes that are true, by question, besides those that are open.
func (c *courierOf) right() map[string]string {
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
	return r
}

// verify holds that no answer is wrong, and that what it sets is what the courier
// goes by.
func (c *courierOf) verify(t *testing.T, told map[string]probe.Answer) {
	t.Helper()
	right := c.right()
	for _, question := range slices.Sorted(maps.Keys(told)) {
		a := told[question]
		if a.Sure != probe.Open && a.Outcome != right[question] {
			t.Errorf("%s: told %q, want %q or that it is open: %s", question, a.Outcome, right[question], a.Say.EN)
		}
	}
	if set := told["shop_numbers"].Set; len(set) > 0 && set["from_soms.key"]+" as "+set["from_soms.as"] != c.knows {
		t.Errorf("sets %v, want %s", set, c.knows)
	}
	if set := told["unknown_code"].Set; len(set) > 0 && (set["unknown_codes"] != "[404, 1001]" || c.unknown != "code 1001") {
		t.Errorf("sets %v where unknown is %s", set, c.unknown)
	}
}

// TestProbe: of a courier that departs in one thing from the plainest reading of its
// document each question is answered, rightly, within 40 calls.
func TestProbe(t *testing.T) {
	seen := map[string]bool{}
	for _, w := range ways {
		for _, v := range w.values {
			t.Run(w.field+" "+v, func(t *testing.T) {
				c := plain
				w.put(&c, v)
				vendor := c.vendor()
				told := c.ask(t, vendor, 40)
				c.verify(t, told)
				for question, outcome := range c.right() {
					seen[question+"/"+told[question].Outcome] = true
					// What one courier does in all else must be told as well, unless every
					// call is refused, or every number is answered.
					if outcome != "" && told[question].Outcome != outcome && c.unknown != "any order" && !c.shut() && c.takes != "" && (!c.both || question != "shop_numbers") {
						t.Errorf("%s: told %q, want %q: %s", question, told[question].Outcome, outcome, told[question].Say.EN)
					}
				}
			})
		}
	}
	for _, o := range []string{
		"signature/unclear", "unknown_code/anything", "unknown_code/unclear", "unknown_code/refused", "register/unclear", "register/unknown", "register/none", "register/refused",
		"shop_numbers/few", "shop_numbers/unknown", "shop_numbers/unclear", "shop_numbers/not_configured", "shop_numbers/refused", "times/unseen", "times/refused",
	} {
		if !seen[o] {
			t.Errorf("no courier was told %s", o)
		}
	}
}

// shut reports whether every call is refused.
func (c *courierOf) shut() bool {
	return slices.Contains([]string{"asked", "asked with 1001", "signed wrongly"}, c.signs)
}

// TestProbeOfAnyCourier: whatever the courier does, no answer is wrong, and no more
// calls are made than may be.
func TestProbeOfAnyCourier(t *testing.T) {
	couriers := 300
	if os.Getenv("NIGHTAUDIT_SLOW") == "1" {
		couriers = 10_000
	}
	r := rand.New(rand.NewPCG(17, 2))
	for range couriers {
		var c courierOf
		for _, w := range ways {
			w.put(&c, w.values[r.IntN(len(w.values))])
		}
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			c.verify(t, c.ask(t, c.vendor(), 1+r.IntN(40)))
		})
	}
}

// TestProbeMendsTheNight: where a night of the account as it is stays incomplete, one
// with what the probe sets is not, and brings the shop's orders.
func TestProbeMendsTheNight(t *testing.T) {
	for _, c := range []courierOf{
		{unknown: "code 1001", knows: kinds[0], takes: kinds[0], register: "strange", signs: "nothing asked", times: "milliseconds"},
		{unknown: "code 404", knows: kinds[1], takes: kinds[0], register: "known", signs: "nothing asked", times: "milliseconds"},
		{unknown: "code 1001", knows: kinds[5], takes: kinds[0], register: "known", signs: "nothing asked", times: "milliseconds"},
		{unknown: "no data", knows: kinds[4], takes: kinds[2], register: "none", signs: "signed", times: "milliseconds"},
	} {
		t.Run(c.unknown+", "+c.knows+" for "+c.takes, func(t *testing.T) {
			if wrong := c.night(t, c.takes, c.config()); wrong == "" {
				t.Error("as it is the night is complete")
			}
			told := c.ask(t, c.vendor(), 40)
			lines, takes := c.config(), c.takes
			if set := told["shop_numbers"].Set; len(set) > 0 {
				takes = set["from_soms.key"] + " as " + set["from_soms.as"]
				mended := c
				mended.takes = takes
				lines = mended.config()
			}
			if codes := told["unknown_code"].Set["unknown_codes"]; codes != "" {
				lines = append(lines, "unknown_codes: "+codes)
			}
			if wrong := c.night(t, takes, lines); wrong != "" {
				t.Errorf("with %q: %s", lines, wrong)
			}
		})
	}
}

// night reads a night with the shop's numbers as the warehouse would hand them over,
// and says what is wrong with what came.
func (c *courierOf) night(t *testing.T, takes string, lines []string) string {
	t.Helper()
	var numbers []string
	for i := range 6 {
		numbers = append(numbers, numberOf(shopOrder(i), takes))
	}
	account := c.open(t, c.vendor(), lines)
	got, err := extracttest.TryFetch(probe.NewCalls(1000, 1e9).Context(t.Context()), account, extract.Plan{
		Until: made.Add(2 * time.Hour), State: extract.State{Known: known(numbers...)},
	})
	if err != nil {
		return err.Error()
	}
	for i, o := range got.Outcomes {
		if o.Marked() {
			return got.Windows[i].Stream + " is marked: " + o.Unsettled
		}
	}
	shop := 0
	for _, row := range got.Streams["status"]["orders"] {
		if slices.Contains(numbers, row["link_ref"]) || slices.Contains(numbers, row["order_id"]) {
			shop++
		}
	}
	if shop != 6 {
		return fmt.Sprintf("%d of 6 orders of the shop", shop)
	}
	return ""
}
