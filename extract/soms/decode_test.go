package soms

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
)

type row = extracttest.Row

// decode decodes one answer of a stream as the account retail would.
func decode(t *testing.T, stream, body string) *extracttest.Night {
	t.Helper()
	a := extracttest.Open(t, Driver(), accountYAML("https://soms.example"), extract.Env{})
	return extracttest.Decode(t, a, &extract.Page{Stream: stream, Body: []byte(body)})
}

func list(order string) string { return `{"orders":[` + order + `],"empty":true}` }

// TestSamples decodes every success answer that the document shows. What
// each row must hold is written in want.yaml beside it.
func TestSamples(t *testing.T) {
	cases, err := filepath.Glob("../../testdata/samples/soms/*/want.yaml")
	if err != nil || len(cases) != 7 {
		t.Fatalf("%d documented samples (%v), want 7", len(cases), err)
	}
	for _, name := range cases {
		dir := filepath.Dir(name)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			var (
				page struct {
					Stream, Filter, Doc string
					Subject             struct {
						OrderID string `yaml:"order_id"`
					}
				}
				want struct {
					Tables   map[string][]row
					Findings []struct{ Field, Reason, Raw string }
					Rejects  []string
				}
			)
			readYAML(t, filepath.Join(dir, "page.yaml"), &page)
			readYAML(t, name, &want)
			config, err := os.ReadFile(filepath.Join(dir, "account.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			body, err := os.ReadFile(filepath.Join(dir, "answer.json"))
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range want.Tables["orders"] {
				delete(o, "refund_status") // derived while loading
			}
			a := extracttest.Open(t, Driver(), string(config), extract.Env{})
			n := extracttest.Decode(t, a, &extract.Page{
				Stream: page.Stream, Filter: page.Filter, Body: body, Subject: extract.Subject{OrderID: page.Subject.OrderID},
			})
			for table, rows := range want.Tables {
				compareRows(t, table, n.Tables[table], rows)
			}
			for table := range n.Tables {
				if _, ok := want.Tables[table]; !ok {
					t.Errorf("rows of %s, where the sample has none: %v", table, n.Tables[table])
				}
			}
			if len(n.Findings) != len(want.Findings) || len(n.Rejects) != len(want.Rejects) {
				t.Fatalf("findings %v, rejects %v", n.Findings, n.Rejects)
			}
			for i, w := range want.Findings {
				g := n.Findings[i]
				if g.Field != w.Field || !strings.Contains(g.Reason, w.Reason) || g.Raw != w.Raw {
					t.Errorf("finding %d is %+v, want %+v", i, g, w)
				}
			}
		})
	}
}

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalWithOptions(text, into, yaml.Strict()); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func compareRows(t *testing.T, table string, got, want []row) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s has %d rows, want %d: %v", table, len(got), len(want), got)
	}
	for i := range want {
		for column, w := range want[i] {
			if got[i][column] != w {
				t.Errorf("%s[%d].%s = %q, want %q", table, i, column, got[i][column], w)
			}
		}
		for _, column := range slices.Sorted(maps.Keys(got[i])) {
			if _, ok := want[i][column]; !ok {
				t.Errorf("%s[%d].%s = %q, want null", table, i, column, got[i][column])
			}
		}
	}
}

// TestFacts: what the answers of the document tell the code that pages.
func TestFacts(t *testing.T) {
	for _, c := range []struct {
		name, stream, body string
		rows               int
		total              int64
		first              string
		incomplete         []string
	}{
		{"a page states the total of all pages", "orders", `{"total":100,"page":1,"orders":[{"id":"a","items":[]},{"id":"b","items":[]}],"page_count":5,"page_size":20}`, 2, 100, "a", nil},
		{"a list states none, and its empty is wrong", "orders", list(`{"id":"a","items":[]}`), 1, -1, "a", nil},
		{"no orders", "orders", `{"total":0,"page":0,"orders":[]}`, 0, 0, "", nil},
		{"null stands for no orders", "orders", `{"total":0,"orders":null}`, 0, 0, "", nil},
		{"orders without items", "orders", list(`{"id":"a"},{"id":"b","items":[]},{"id":"c","items":null},{"id":"d","items":"[]"}`), 4, -1, "a", []string{"a", "c", "d"}},
		{"a bare order", "orders", `{"created":"2020-06-17 10:00:00","id":"a"}`, 1, -1, "a", []string{"a"}},
		{"refunded orders need no items", "refunded", list(`{"id":"a"}`), 1, -1, "a", nil},
		{"reminders", "reminders", `{"total":2,"reminds":[{"remind_id":"r1","order_id":"a"},{"remind_id":"r2","order_id":"a"}]}`, 2, 2, "r1", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := decode(t, c.stream, c.body).Facts[0]
			if f.Rows != c.rows || f.Total != c.total || f.First != c.first || !slices.Equal(f.Incomplete, c.incomplete) {
				t.Errorf("facts are %+v", f)
			}
		})
	}
}

// TestWrongAnswers: an answer that is not what it should be is an error, for
// its orders would be lost in silence.
func TestWrongAnswers(t *testing.T) {
	a := extracttest.Open(t, Driver(), accountYAML("https://soms.example"), extract.Env{})
	for _, c := range []struct{ name, stream, body, want string }{
		{"cut off", "orders", `{"total":1,"orders":[{"id":"a"`, "unexpected"},
		{"text after the end", "orders", `{"total":0,"orders":[]}x`, "after its end"},
		{"no orders", "orders", `{"total":0,"page":0}`, `no "orders"`},
		{"orders that are none", "orders", `{"orders":"none"}`, "no array"},
		{"a failure", "orders", `{"success":false,"code":"TENANT","message":"张三"}`, "code TENANT"},
		{"an array", "orders", `[]`, "no object"},
		{"no reminders", "reminders", `{"total":0}`, `no "reminds"`},
		{"an unknown stream", "other", `{}`, "no stream"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := tryDecode(a, c.stream, c.body)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v (%v), want one with %q", err, n, c.want)
			}
			if strings.Contains(err.Error(), "张三") {
				t.Errorf("the error repeats the vendor's text: %v", err)
			}
		})
	}
}

// TestContradictions: a field that is not what the document says costs that
// field and never the order.
func TestContradictions(t *testing.T) {
	for _, c := range []struct {
		name, order string
		table       string
		want        row // of the only row of table; "" is null
		findings    []string
	}{
		{
			"an amount as text is taken", `"id":"a","items":[],"real_total":"120.010"`,
			"orders",
			row{"goods_amount": "120.0100"},
			nil,
		},
		{
			"an amount with a sentence", `"id":"a","items":[],"real_total":"A(40) B(160)","orig_total":1.00005`,
			"orders",
			row{"goods_amount": "", "gross_amount": ""},
			[]string{"orig_total", "real_total"},
		},
		{
			"settle_amount empty is payment.amount", `"id":"a","items":[],"settle_amount":null,"payment":{"amount":14.02}`,
			"orders",
			row{"settle_amount": "14.0200", "net_amount": "14.0200"},
			nil,
		},
		{
			"settle_amount unreadable is not payment.amount", `"id":"a","items":[],"settle_amount":"?","payment":{"amount":14.02}`,
			"orders",
			row{"settle_amount": ""},
			[]string{"settle_amount"},
		},
		{
			"settle_amount of nothing is nothing", `"id":"a","items":[],"settle_amount":0,"payment":{"amount":14.02}`,
			"orders",
			row{"settle_amount": "0.0000"},
			nil,
		},
		{
			"the misspelt commission where the other is missing", `"id":"a","items":[],"selttle_commission":3.5`,
			"orders",
			row{"commission_amount": "3.5000"},
			nil,
		},
		{
			"created where the platform states no time", `"id":"a","items":[],"created":"2025-01-01 00:30:00","front":{"created":""}`,
			"orders",
			row{"created_at": "2024-12-31T16:30:00Z", "business_date": "2025-01-01"},
			nil,
		},
		{
			"the station where there is no order store", `"id":"a","items":[],"order_store":{},"delivery":{"station":{"id":"s","name":"门店"}}`,
			"orders",
			row{"store_id": "s", "store_name": "门店"},
			nil,
		},
		{
			"an object that is none", `"id":"a","items":[],"front":"平台","payment":[],"real_total":1`,
			"orders",
			row{"order_no": "", "net_amount": "", "goods_amount": "1.0000"},
			[]string{"front", "payment"},
		},
		{
			"a state of its own", `"id":"a","items":[],"state":"lost","payment":{"state":"half"}`,
			"orders",
			row{"status": "", "source_status": "lost", "payment_status": ""},
			[]string{"payment.state", "state"},
		},
		{
			"no means of payment, no paid amount", `"id":"a","items":[],"payment":{"details":[],"amount":5}`,
			"orders",
			row{"paid_amount": ""},
			nil,
		},
		{
			"a payment that cannot be read makes the sum unknown", `"id":"a","items":[],"payment":{"details":[{"amount":5},{"amount":"五"}]}`,
			"orders",
			row{"paid_amount": ""},
			[]string{"payment.details[1].amount"},
		},
		{
			"discounts of the items add up", `"id":"a","items":[{"discount_amount":1.5,"apported_discount_amount":0.25},{"discount_amount":1}]`,
			"orders",
			row{"discount_amount": "2.7500"},
			nil,
		},
		{
			"items with an element that is none", `"id":"a","items":["x",null,{"sku_id":7,"tags":"标签","is_gift":"true"}]`,
			"order_items",
			row{"line_no": "1", "sku_id": "7", "is_gift": "true"},
			[]string{"items"},
		},
		{
			"who bears a discount", `"id":"a","items":[],"promotion":{"favs":[{"id":1,"amount":3,"settle_details":[{"role":"shop","discount":1},{"role":"agent","discount":0.5},{"role":"shop","discount":1.5}],"factor":{"total":"A(40)"},"share_details":"[]"}]}`,
			"discounts",
			row{"line_no": "1", "level": "order", "promotion_id": "1", "amount": "3.0000", "merchant_amount": "2.5000", "agent_amount": "0.5000", "platform_amount": ""},
			nil,
		},
		{
			"a bearer that is not documented", `"id":"a","items":[],"promotion":{"favs":[{"amount":3,"settle_details":[{"role":"bank","discount":1}]}]}`,
			"discounts",
			row{"amount": "3.0000", "merchant_amount": ""},
			[]string{"promotion.favs[0].settle_details.role"},
		},
		{
			"a settlement discount with its breakdown", `"id":"a","items":[],"settle_info":{"discounts":[{"scope":"freight","amount":1.2,"details":[{"role":"shop","discount":1.2}]}]}`,
			"settlement_discounts",
			row{"line_no": "1", "scope": "freight", "amount": "1.2000", "details": `[{"role":"shop","discount":1.2}]`},
			nil,
		},
		{
			"the carrier where there is no waybill", `"id":"a","items":[],"waybill_id":"w9","delivery":{"carrier":{"state":"pickup","carrier":{"id":"gxd"}}}`,
			"deliveries",
			row{"delivery_id": "w9", "waybill_no": "w9", "carrier": "gxd", "status": "in_progress", "source_status": "pickup", "fee_amount": ""},
			nil,
		},
		{
			"a carrier without any number", `"id":"a","items":[],"delivery":{"carrier":{"state":"initial"}}`,
			"deliveries",
			row{"delivery_id": "#1", "waybill_no": "", "status": "pending"},
			nil,
		},
		{
			"an invoice keeps no text of its title", `"id":"a","items":[],"invoice":{"result":"开票失败","details":["张三",{"amount":1,"tax":"-"}]}`,
			"invoices",
			row{"line_no": "1", "amount": "1.0000", "tax_amount": "", "result": "开票失败"},
			[]string{"invoice.details", "invoice.details[0].tax"},
		},
		{
			"a list that stands twice counts as it stands last", `"id":"a","items":[{"sku_id":"x","promotion":{"favs":[{"id":"p"}]}}],"items":[{"sku_id":"y"}]`,
			"order_items",
			row{"line_no": "1", "sku_id": "y"},
			[]string{"items"},
		},
		{
			"of two different amounts neither counts, of two alike both", `"id":"a","items":[],"real_total":1,"real_total":2,"orig_total":3,"orig_total":3`,
			"orders",
			row{"goods_amount": "", "gross_amount": "3.0000"},
			[]string{"real_total"},
		},
		{
			"what is not UTF-8 costs its text", `"id":"a","items":[{"item_title":"` + "葡\xff" + `","total":2}],"real_total":2`,
			"order_items",
			row{"line_no": "1", "title": "葡\uFFFD", "total_amount": "2.0000"},
			[]string{"items[0].title"},
		},
		{
			"half of a pair of surrogates", `"id":"a","items":[],"cancel_reason":"\ud83d"`,
			"orders",
			row{"cancel_reason": "\uFFFD"},
			[]string{"cancel_reason"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := decode(t, "orders", list("{"+c.order+"}"))
			got := n.Row(t, c.table, nil)
			for column, want := range c.want {
				if got[column] != want {
					t.Errorf("%s.%s = %q, want %q", c.table, column, got[column], want)
				}
			}
			var fields []string
			for _, f := range n.Findings {
				fields = append(fields, f.Field)
				if strings.Contains(f.Raw, "张三") {
					t.Errorf("a finding holds personal data: %+v", f)
				}
			}
			slices.Sort(fields)
			if !slices.Equal(fields, c.findings) || len(n.Rejects) > 0 {
				t.Errorf("findings %v, want %v; rejects %v", n.Findings, c.findings, n.Rejects)
			}
			if len(n.Tables["orders"]) != 1 {
				t.Errorf("the order was lost: %v", n.Tables)
			}
		})
	}
}

// TestWaybills: one order in three parcels, one of them without a number and
// one whose number stands twice.
func TestWaybills(t *testing.T) {
	n := decode(t, "orders", list(`{"id":"a","items":[],"delivery":{"carrier":{"state":"delivered"},"waybills":[
		{"waybill_id":"w1","freight":1.11,"carrier":{"id":"sf"}},{"freight":2},{"waybill_id":"w1","freight":3}]}}`))
	compareRows(t, "deliveries", n.Tables["deliveries"], []row{
		{"order_id": "a", "delivery_id": "w1", "waybill_no": "w1", "carrier": "sf", "fee_amount": "1.1100", "status": "completed", "source_status": "delivered", "currency": "CNY"},
		{"order_id": "a", "delivery_id": "#2", "fee_amount": "2.0000", "status": "completed", "source_status": "delivered", "currency": "CNY"},
		{"order_id": "a", "delivery_id": "#3", "waybill_no": "w1", "fee_amount": "3.0000", "status": "completed", "source_status": "delivered", "currency": "CNY"},
	})
	if len(n.Findings) != 1 || n.Findings[0].Field != "delivery.waybills[2].waybill_id" {
		t.Errorf("findings %v", n.Findings)
	}
}

// TestDiscountLines: the order's discounts come first although its items
// stand before them, and lines are numbered through.
func TestDiscountLines(t *testing.T) {
	n := decode(t, "orders", list(`{"id":"a","items":[{"promotion":{"favs":[{"id":"i1"},{"id":"i2","amount":"x"}]}},{"promotion":{"favs":[{"id":"j1","amount":"y"}]}}],"promotion":{"favs":[{"id":"o1"}]}}`))
	compareRows(t, "discounts", n.Tables["discounts"], []row{
		{"order_id": "a", "line_no": "1", "level": "order", "promotion_id": "o1", "currency": "CNY"},
		{"order_id": "a", "line_no": "2", "level": "item", "item_line_no": "1", "promotion_id": "i1", "currency": "CNY"},
		{"order_id": "a", "line_no": "3", "level": "item", "item_line_no": "1", "promotion_id": "i2", "currency": "CNY"},
		{"order_id": "a", "line_no": "4", "level": "item", "item_line_no": "2", "promotion_id": "j1", "currency": "CNY"},
	})
	if len(n.Findings) != 2 || n.Findings[0].Field != "items[0].promotion.favs[1].amount" || n.Findings[1].Field != "items[1].promotion.favs[0].amount" {
		t.Errorf("findings %v", n.Findings)
	}
}

// TestNoID: an order that cannot be told from others is refused, the next
// one is not.
func TestNoID(t *testing.T) {
	n := decode(t, "orders", list(`{"items":[],"real_total":1},{"id":{"x":1},"items":[]},{"id":"1","id":"2"},{"id":"`+"A\xff"+`"},{"id":"b","items":[],"real_total":2}`))
	if len(n.Rejects) != 4 || len(n.Tables["orders"]) != 1 || n.Tables["orders"][0]["order_id"] != "b" {
		t.Errorf("rejects %v, orders %v", n.Rejects, n.Tables["orders"])
	}
}

// TestRefunded: the scan of refunded orders tells that and nothing else.
func TestRefunded(t *testing.T) {
	n := decode(t, "refunded", list(`{"id":"a","state":"delivered","items":[{"sku_id":"x"}],"real_total":5}`))
	compareRows(t, "orders", n.Tables["orders"], []row{{"order_id": "a", "refund_status": "refunded", "currency": "CNY"}})
	if len(n.Tables) != 1 {
		t.Errorf("tables %v", n.Tables)
	}
}

// What is no list is told once, whoever comes across it.
func TestMisfitsAreToldOnce(t *testing.T) {
	for _, member := range []string{
		`"payment":{"details":20}`, `"payment":{"details":[{}],"details":[{}]}`, `"payment":{"details":[3]}`, `"items":"x"`,
		`"delivery":{"waybills":20}`, `"invoice":{"details":20}`, `"settle_info":{"discounts":20}`, `"promotion":{"favs":20}`,
	} {
		n := decode(t, "orders", list(`{"id":"1",`+member+`}`))
		if len(n.Findings) != 1 {
			t.Errorf("%s: findings %v, want one", member, n.Findings)
		}
	}
}
