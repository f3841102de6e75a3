package pipeline_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract/sealed"
)

// document is a landed answer or a part of it, as encoding/json reads it, with
// numbers as the text that the vendor wrote.
type document = map[string]any

// landedAnswers reads the landed answers of a source's stream in their order.
func landedAnswers(t *testing.T, landing, source, stream string) []document {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(landing, "*", "*", "*", "*", source+"-*-"+stream+".jsonl.zst"))
	if err != nil || len(files) != 1 {
		t.Fatalf("answers of %s %s: %v, %v", source, stream, files, err)
	}
	packed, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	plain, err := sealed.Decompress(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	text, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	var answers []document
	for line := range bytes.Lines(text) {
		answers = append(answers, parse(t, line))
	}
	return answers
}

func parse(t *testing.T, text []byte) document {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v document
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// at is the member of v at a path of names; nil where there is none.
func at(v any, path ...string) any {
	for _, name := range path {
		object, ok := v.(document)
		if !ok {
			return nil
		}
		v = object[name]
	}
	return v
}

func list(v any) []any {
	all, _ := v.([]any)
	return all
}

// records are the records of a list's answers by the vendor's id. Nothing is
// changed in the demo while it is read: of several answers any is the one.
func records(answers []document, id string, path ...string) map[string]any {
	byID := map[string]any{}
	for _, a := range answers {
		for _, r := range list(at(a, path...)) {
			byID[fmt.Sprint(at(r, id))] = r
		}
	}
	return byID
}

// textSums adds up texts with math/big, by table, column and source.
type textSums struct {
	t    *testing.T
	sums map[string]*big.Rat // "orders.net_amount soms"
	unit *big.Rat            // of the texts, in major units
}

// worth is a text's value; nil where there is none.
func (l *textSums) worth(v any) *big.Rat {
	text := ""
	switch v := v.(type) {
	case json.Number:
		text = v.String()
	case string:
		text = v
	}
	if text == "" {
		return nil
	}
	n, ok := new(big.Rat).SetString(text)
	if !ok {
		l.t.Fatalf("math/big does not read %q", text)
	}
	return n.Mul(n, l.unit)
}

func (l *textSums) add(source, column string, values ...any) {
	for _, v := range values {
		n, ok := v.(*big.Rat)
		if !ok {
			n = l.worth(v)
		}
		if n == nil {
			continue
		}
		key := column + " " + source
		if l.sums[key] == nil {
			l.sums[key] = new(big.Rat)
		}
		l.sums[key].Add(l.sums[key], n)
	}
}

// columns adds members of v to columns of a table.
func (l *textSums) columns(source, table string, v any, names map[string]string) {
	for column, name := range names {
		l.add(source, table+"."+column, at(v, strings.Split(name, ".")...))
	}
}

// readLedger adds up every money field of the landed answers, by the table of
// fields of docs/mapping.md.
func readLedger(t *testing.T, landing string) *textSums {
	l := &textSums{t: t, sums: map[string]*big.Rat{}, unit: big.NewRat(1, 1)}
	for _, o := range records(landedAnswers(t, landing, "tuya", "orders"), "order_id", "result", "data") {
		l.columns("tuya", "orders", o, map[string]string{"gross_amount": "order_amount", "net_amount": "order_amount"})
		for _, c := range list(at(o, "commodity_list")) {
			l.columns("tuya", "order_items", c, map[string]string{"total_amount": "order_amount"})
		}
	}
	for _, o := range records(landedAnswers(t, landing, "starhotel", "orders"), "order_id", "data", "list") {
		l.columns("starhotel", "orders", o, map[string]string{
			"gross_amount": "total_amount", "net_amount": "total_amount", "paid_amount": "total_payed_amount",
		})
	}
	for _, o := range records(landedAnswers(t, landing, "starhotel", "accoms"), "order_id", "data", "list") {
		for _, a := range list(at(o, "accoms")) {
			l.columns("starhotel", "stays", a, map[string]string{"room_amount": "amount", "total_amount": "total_amount"})
			l.add("starhotel", "stays.consumption_amount", new(big.Rat).Sub(l.worth(at(a, "total_amount")), l.worth(at(a, "amount"))))
		}
	}
	for _, o := range records(landedAnswers(t, landing, "soms", "orders"), "id", "orders") {
		l.retail(o)
	}
	l.unit = big.NewRat(1, 100) // the courier counts fen
	l.courier(landing)
	return l
}

// retail adds an order of the shop.
func (l *textSums) retail(o any) {
	first := func(names ...string) any {
		for _, name := range names {
			if v := at(o, strings.Split(name, ".")...); l.worth(v) != nil {
				return v
			}
		}
		return nil
	}
	l.columns("soms", "orders", o, map[string]string{
		"gross_amount": "orig_total", "goods_amount": "real_total", "freight_amount": "payment.freight",
		"packaging_amount": "payment.package_total", "other_amount": "payment.other_fee", "net_amount": "payment.amount",
	})
	l.add("soms", "orders.settle_amount", first("settle_amount", "payment.amount"))
	l.add("soms", "orders.commission_amount", first("settle_commission", "selttle_commission"))
	l.columns("soms", "settlements", o, map[string]string{
		"settle_freight_amount": "settle_freight", "performance_fee_amount": "performance_service_fee", "shop_amount": "shop_amount",
		"freight_discount_amount": "freight_discount", "packaging_discount_amount": "package_discount", "address_change_amount": "address_change_fee",
		"cod_amount": "payment.cod_amount", "earnest_amount": "payment.earnest_amount",
	})
	for _, i := range list(at(o, "items")) {
		l.columns("soms", "order_items", i, map[string]string{
			"total_amount": "total", "discount_amount": "discount_amount", "apportioned_discount_amount": "apported_discount_amount",
			"pay_amount": "pay_amount", "settle_amount": "settle_total", "platform_discount_amount": "settle_discountAmount", "shop_amount": "shop_total",
		})
		l.add("soms", "orders.discount_amount", at(i, "discount_amount"), at(i, "apported_discount_amount"))
		l.promotion(at(i, "promotion"))
	}
	l.promotion(at(o, "promotion"))
	for _, p := range list(at(o, "payment", "details")) {
		l.columns("soms", "payments", p, map[string]string{"amount": "amount", "discount_amount": "discount_amount"})
		l.add("soms", "orders.paid_amount", at(p, "amount"))
	}
	for _, d := range list(at(o, "settle_info", "discounts")) {
		l.columns("soms", "settlement_discounts", d, map[string]string{"amount": "amount"})
	}
	for _, w := range list(at(o, "delivery", "waybills")) {
		l.columns("soms", "deliveries", w, map[string]string{"fee_amount": "freight"})
	}
	for _, i := range list(at(o, "invoice", "details")) {
		l.columns("soms", "invoices", i, map[string]string{"amount": "amount", "tax_amount": "tax"})
	}
}

func (l *textSums) promotion(p any) {
	bearer := map[any]string{"shop": "merchant_amount", "platform": "platform_amount", "agent": "agent_amount"}
	for _, f := range list(at(p, "favs")) {
		l.add("soms", "discounts.amount", at(f, "amount"))
		for _, s := range list(at(f, "settle_details")) {
			l.add("soms", "discounts."+bearer[at(s, "role")], at(s, "discount"))
		}
	}
}

// courier adds the orders that the courier knows: fees of its register, tips
// of its answers.
func (l *textSums) courier(landing string) {
	known := map[string]any{} // the state by orderNo
	for _, a := range landedAnswers(l.t, landing, "guoxiaodi", "status") {
		if no := at(a, "data", "orderNo"); no != nil {
			known[no.(string)] = at(a, "data", "expressStatus")
		}
	}
	registered := map[string]any{}
	for _, page := range landedAnswers(l.t, landing, "guoxiaodi", "register") {
		for _, line := range list(page["lines"]) {
			answer := parse(l.t, []byte(line.(string)))
			data := at(answer, "data")
			if data == nil {
				data = answer
			}
			registered[at(data, "orderNo").(string)] = data
		}
	}
	tipped := map[string]bool{}
	for no, data := range registered {
		if known[no] == nil {
			continue
		}
		l.columns("guoxiaodi", "orders", data, map[string]string{
			"gross_amount": "beforePreferentialFee", "discount_amount": "preferentialAmount", "freight_amount": "carriageFee", "net_amount": "payFee",
		})
		if known[no] != "CANCELED" { // whether a canceled one was paid is not told
			l.add("guoxiaodi", "orders.paid_amount", at(data, "payFee"))
		}
		l.columns("guoxiaodi", "deliveries", data, map[string]string{
			"fee_amount": "payFee", "distance_amount": "distanceFee", "weight_amount": "weightFee",
			"surcharge_amount": "customerTotalOverflowAmount", "special_amount": "specialDeliveryFee", "creation_tip_amount": "tipFee",
		})
	}
	for _, a := range landedAnswers(l.t, landing, "guoxiaodi", "tips") {
		no, _ := at(a, "data", "orderNo").(string)
		if total := at(a, "data", "totalTipFee"); no != "" && !tipped[no] && l.worth(total) != nil {
			tipped[no] = true
			l.add("guoxiaodi", "orders.tip_amount", total)
			l.add("guoxiaodi", "deliveries.tip_amount", total)
			for _, tip := range list(at(a, "data", "tipList")) {
				l.columns("guoxiaodi", "delivery_tips", tip, map[string]string{"amount": "tipFee"})
			}
		}
	}
	for no, data := range registered {
		if known[no] != nil && !tipped[no] {
			l.add("guoxiaodi", "orders.tip_amount", at(data, "tipFee"))
			l.add("guoxiaodi", "deliveries.tip_amount", at(data, "tipFee"))
		}
	}
}
