package soms

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/httpx"
	"github.com/nightaudit/nightaudit/extract/soms/sim"
	"github.com/nightaudit/nightaudit/transform"
)

// documentedPage is an answer of the query with n orders, each the document's
// own sample under another id.
func documentedPage(tb testing.TB, n int) []byte {
	tb.Helper()
	raw, err := os.ReadFile("../../testdata/samples/soms/order-by-id/answer.json")
	if err != nil {
		tb.Fatal(err)
	}
	var order bytes.Buffer
	if err := json.Compact(&order, raw); err != nil {
		tb.Fatal(err)
	}
	page := []byte(fmt.Sprintf(`{"total":%d,"page":0,"orders":[`, n))
	for i := range n {
		if i > 0 {
			page = append(page, ',')
		}
		page = append(page, bytes.Replace(order.Bytes(), []byte(`"id":"88822222222"`), fmt.Appendf(nil, `"id":"888%08d"`, i), 1)...)
	}
	return append(page, fmt.Sprintf(`],"page_count":1,"page_size":%d}`, n)...)
}

// smallPage is an answer of the query with n orders of two items each.
func smallPage(tb testing.TB, n int) []byte {
	tb.Helper()
	page := []byte(fmt.Sprintf(`{"total":%d,"page":0,"orders":[`, n))
	for i := range n {
		if i > 0 {
			page = append(page, ',')
		}
		o, err := json.Marshal(plainOrder(fmt.Sprintf("R%06d", i)))
		if err != nil {
			tb.Fatal(err)
		}
		page = append(page, o...)
	}
	return append(page, fmt.Sprintf(`],"page_count":1,"page_size":%d}`, n)...)
}

// plainOrder is an order of two items that holds to every identity of the
// document: 2 × 10.00 + 5.50 − 1.50 = 24.00 of goods, 6.00 of freight.
func plainOrder(id string) sim.Order {
	return sim.Order{
		ID: id, Created: "2025-03-01 10:00:00", Modified: "2025-03-01 12:00:00", State: "delivered",
		Shop: &sim.IDName{ID: "s1", Name: "旗舰店"}, OrderStore: &sim.IDName{ID: "0001", Name: "门店1"},
		Front: &sim.Front{
			Platform: &sim.IDName{ID: "meituan"}, Created: "2025-03-01 09:59:00", OrderID: "F" + id,
			FinishedTime: "2025-03-01 11:30:00", OrderType: &sim.IDName{ID: "ECOM"},
		},
		Payment: &sim.Payment{
			Type: "online", State: "paid", Amount: "30.00", Freight: "6.00", PackageTotal: "0", OtherFee: "0",
			CODAmount: "0", Earnest: "0", PayTime: "2025-03-01 10:00:30",
			Details: []sim.PaymentDetail{{Code: "wx", Name: "微信", Amount: "30.00", FlowNo: "W" + id, OutPayID: "P" + id}},
		},
		Delivery: &sim.Delivery{
			Type: "deliver", State: "signed", PreEnd: "2025-03-01 12:00:00",
			Carrier:  &sim.Carrier{State: "delivered", Carrier: &sim.IDName{ID: "guoxiaodi"}},
			Waybills: []sim.Waybill{{Carrier: &sim.IDName{ID: "guoxiaodi"}, WaybillID: "W1" + id, Freight: "5.20"}},
		},
		Items: []sim.Item{
			{ItemID: "1", SKUID: "A", ItemTitle: "葡萄", Quantity: "2", UnitPrice: "10.00", Total: "20.00", DiscountAmount: "1.00", ApportedDiscountAmount: "0", PayAmount: "19.00", SettlePrice: "9.5000", SettleTotal: "19.00"},
			{ItemID: "2", SKUID: "B", ItemTitle: "矿泉水", Quantity: "1", UnitPrice: "5.50", Total: "5.50", DiscountAmount: "0", ApportedDiscountAmount: "0.50", PayAmount: "5.00", SettlePrice: "5.0000", SettleTotal: "5.00"},
		},
		Promotion: &sim.OrderPromotion{Favs: []sim.Fav{{
			ID: "m1", Name: "满减", Amount: "1.50",
			SettleDetails: []sim.SettleShare{{Role: "shop", Discount: "1.00"}, {Role: "platform", Discount: "0.50"}},
		}}},
		ItemCount: 2, SKUQuantity: "3", RealTotal: "24.00", OrigTotal: "25.50", SettleAmount: "30.50", SettleCommission: "1.20",
		SettleInfo: &sim.SettleInfo{Settlable: true, SettleDate: "2025-03-02 00:00:00", StationSettleMode: "online"},
		SettleUnit: &sim.SettleUnit{Type: "store", Code: "0001", Name: "门店1"},
	}
}

func benchmarkDecode(b *testing.B, body []byte, orders int) {
	a := extracttest.Open(b, Driver(), accountYAML("https://soms.example"), extract.Env{})
	extracttest.BenchDecode(b, a, &extract.Page{Stream: "orders", Body: body}, orders)
	b.ReportMetric(float64(b.N)*float64(orders)/b.Elapsed().Seconds(), "orders/s")
}

// BenchmarkDecode decodes and transforms a page of 100 orders of the
// document's own size and shape into Arrow.
func BenchmarkDecode(b *testing.B) { benchmarkDecode(b, documentedPage(b, 100), 100) }

// BenchmarkDecodeSmall does so with orders of two items and nothing unread.
func BenchmarkDecodeSmall(b *testing.B) { benchmarkDecode(b, smallPage(b, 100), 100) }

// BenchmarkLook judges that page as the client does before it is landed: whether it is
// JSON, by the vendor's success test, and whether it has its list.
func BenchmarkLook(b *testing.B) {
	page := documentedPage(b, 100)
	shape := httpx.ListAt("orders")
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		outline, ok := transform.Outline(page)
		if err := errors.Join(succeeded(outline), shape(outline)); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}
