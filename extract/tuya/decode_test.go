package tuya

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/tuya/sim"
)

// decode decodes one answer of the list or the detail.
func decode(t *testing.T, stream, subject, body string) *extracttest.Night {
	t.Helper()
	page := &extract.Page{Stream: stream, Body: []byte(body), Subject: extract.Subject{OrderID: subject}}
	return extracttest.Decode(t, start(t, http.NotFoundHandler(), ""), page)
}

// list wraps orders in the list's envelope.
func list(total int, orders ...string) string {
	return fmt.Sprintf(`{"result":{"total":%d,"page_no":1,"page_size":100,"data":[%s]},"success":true,"t":1712736000234}`, total, strings.Join(orders, ","))
}

func detail(order string) string {
	return `{"result":` + order + `,"success":true,"t":1712736000234}`
}

func TestKindsAndStates(t *testing.T) {
	tests := []struct {
		biz, service, state string
		kind, status        string
		findings            int
	}{
		{"MATERIAL", "", "created", "commodity", "pending", 0},
		{"MATERIAL", "FOOD_SERVICE", "producing", "commodity", "in_progress", 0},
		{"SERVICE", "FOOD_SERVICE", "finished", "room_service", "completed", 0},
		{"SERVICE", "LANDRY_SERVICE", "canceled", "service_request", "canceled", 0}, // the vendor's spelling
		{"SERVICE", "", "created", "service_request", "pending", 0},
		{"SERVICE", "SPA", "paused", "service_request", "", 1}, // a new service is the vendor's own code, a new state is a finding
		{"GIFT", "", "created", "", "pending", 1},
	}
	for _, test := range tests {
		t.Run(test.biz+" "+test.service+" "+test.state, func(t *testing.T) {
			n := decode(t, "orders", "", list(1, fmt.Sprintf(
				`{"order_id":"O","order_biz_type":%q,"second_order_biz_type":%q,"order_status":%q}`, test.biz, test.service, test.state)))
			row := n.Row(t, "orders", extracttest.Row{"order_id": "O"})
			if row["kind"] != test.kind || row["status"] != test.status || row["source_status"] != test.state || row["service_type"] != test.service {
				t.Errorf("row %v, want kind %q and status %q", row, test.kind, test.status)
			}
			if len(n.Findings) != test.findings {
				t.Errorf("findings %v, want %d", n.Findings, test.findings)
			}
		})
	}
}

func TestDetail(t *testing.T) {
	// 1712739600000 is an hour after 1712736000000, 2024-04-10 08:00 UTC.
	n := decode(t, "detail", "O", detail(`{
		"order_id":"O","order_status":"canceled","order_biz_type":"SERVICE","second_order_biz_type":"FOOD_SERVICE","room_no":"8801",
		"order_amount":"12.50","currency":"HKD","quantity":"2","create_order_time":"1712736000000","cancel_order_time":1712739600000,
		"cancel_reason":"guest left","checkin_order_group_id":"GROUP1",
		"commodity_list":[{"id":"1","commodity_name":"Tea","unit_price":6.25,"quantity":2,"order_amount":12.5}],
		"customer_list":[{"customer_name":"John Doe","customer_contact":"+86-13800000001","check_status":1},
			{"customer_name":"Ann","customer_contact":"ann@example.com","check_status":1}],
		"invoice":{"invoice_type":1,"name":"John Doe","tax_no":"91310000","to_email":"john@example.com"}}`))
	want := extracttest.Row{
		"order_id": "O", "kind": "room_service", "service_type": "FOOD_SERVICE", "flow": "revenue", "store_id": project, "room_no": "8801",
		"status": "canceled", "source_status": "canceled", "currency": "HKD", "gross_amount": "12.5000", "net_amount": "12.5000",
		"quantity": "2.000000", "created_at": "2024-04-10T08:00:00Z", "canceled_at": "2024-04-10T09:00:00Z",
		"booked_date": "2024-04-10", "business_date": "2024-04-10", "cancel_reason": "guest left", "link_ref": "GROUP1",
	}
	if got := n.Row(t, "orders", extracttest.Row{}); !maps.Equal(got, want) {
		t.Errorf("order\n%v, want\n%v", got, want)
	}
	// The line states no currency: it is the order's.
	want = extracttest.Row{
		"order_id": "O", "line_no": "1", "item_id": "1", "title": "Tea", "quantity": "2.000000", "unit_price": "6.250000",
		"total_amount": "12.5000", "currency": "HKD",
	}
	if got := n.Row(t, "order_items", extracttest.Row{}); !maps.Equal(got, want) {
		t.Errorf("line\n%v, want\n%v", got, want)
	}
	want = extracttest.Row{"order_id": "O", "guest_no": "1", "name": "J*", "phone": "+86****0001"}
	if got := n.Row(t, "guests", extracttest.Row{"guest_no": "1"}); !maps.Equal(got, want) {
		t.Errorf("guest %v, want %v", got, want)
	}
	want = extracttest.Row{"order_id": "O", "guest_no": "2", "name": "A*", "email": "a**@example.com"}
	if got := n.Row(t, "guests", extracttest.Row{"guest_no": "2"}); !maps.Equal(got, want) {
		t.Errorf("guest %v, want %v", got, want)
	}
	want = extracttest.Row{"order_id": "O", "line_no": "1", "type": "1"}
	if got := n.Row(t, "invoices", extracttest.Row{}); !maps.Equal(got, want) {
		t.Errorf("invoice %v, want %v", got, want)
	}
	if len(n.Findings)+len(n.Rejects) != 0 {
		t.Errorf("findings %v, rejects %v, want none", n.Findings, n.Rejects)
	}
}

// A field that is not what the document says costs itself, not the order.
func TestDamage(t *testing.T) {
	tests := []struct {
		name, order string
		field, raw  string // of the one finding; "" for none
		column      string // must be null
	}{
		{"an amount with a currency sign", `"order_amount":"¥10.00"`, "order_amount", "¥10.00", "net_amount"},
		{"an amount of five decimals", `"order_amount":10.00001`, "order_amount", "10.00001", "net_amount"},
		{"an amount that is an object", `"order_amount":{"cny":10}`, "order_amount", `{"cny":10}`, "net_amount"},
		{"no amount", `"order_amount":null`, "", "", "net_amount"},
		{"an empty amount", `"order_amount":""`, "", "", "net_amount"},
		{"seconds for milliseconds", `"create_order_time":1712736000`, "create_order_time", "1712736000", "created_at"},
		{"half a quantity", `"quantity":1.5`, "quantity", "1.5", "quantity"},
		{"lines that are a text", `"commodity_list":"none"`, "commodity_list", "none", "net_amount"},
		{"lines that are empty text", `"commodity_list":"[]"`, "", "", "net_amount"},
		{"a line that is none", `"commodity_list":[7]`, "commodity_list", "7", "net_amount"},
		{"a line's price", `"commodity_list":[{"id":"1"},{"id":"2","unit_price":"free"}]`, "commodity_list[1].unit_price", "free", "net_amount"},
		{"guests that are a text", `"customer_list":"John Doe"`, "customer_list", "", "net_amount"},
		{"a guest's name that is none", `"customer_list":[{"customer_name":{"first":"John"}}]`, "customer_list[0].customer_name", "", "net_amount"},
		{"an invoice that is a text", `"invoice":"John Doe"`, "invoice", "", "net_amount"},
		{"an empty invoice", `"invoice":{}`, "", "", "net_amount"},
		{"another project", `"project_id":"7"`, "project_id", "7", "net_amount"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := decode(t, "detail", "O", detail(`{"order_id":"O","order_biz_type":"MATERIAL","order_status":"created",`+test.order+`}`))
			row := n.Row(t, "orders", extracttest.Row{"order_id": "O", "status": "pending"})
			if v, ok := row[test.column]; ok {
				t.Errorf("%s is %s, want null", test.column, v)
			}
			if test.field == "" {
				if len(n.Findings) != 0 {
					t.Errorf("findings %v, want none", n.Findings)
				}
			} else if len(n.Findings) != 1 || n.Findings[0].Field != test.field || n.Findings[0].Raw != test.raw {
				t.Errorf("findings %v, want one of %s with %q", n.Findings, test.field, test.raw)
			}
			if len(n.Tables["invoices"]) != 0 {
				t.Errorf("invoices %v, want none", n.Tables["invoices"])
			}
		})
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	a := start(t, http.NotFoundHandler(), "")
	for _, test := range []struct{ stream, body string }{
		{"orders", `{"success":true}`},
		{"orders", `{"success":true,"result":{"total":0}}`},
		{"orders", `{"success":true,"result":[]}`},
		{"orders", `{"success":true,"result":{"total":1,"data":[{]}}`},
		{"orders", `{"success":true,"result":{"total":0,"data":[]}} {}`},
		{"detail", `{"success":true,"result":[]}`},
		{"detail", `{"success":true}`},
	} {
		if _, err := a.Decode(&extract.Page{Stream: test.stream, Body: []byte(test.body)}, extracttest.NewBatch(a, test.stream)); err == nil {
			t.Errorf("%s %q decoded, want an error", test.stream, test.body)
		}
	}
}

func TestRecordWithoutIDIsRefusedAndCounted(t *testing.T) {
	n := decode(t, "orders", "", list(3, `{"order_biz_type":"MATERIAL"}`, `null`, `{"order_id":"O","order_biz_type":"MATERIAL"}`))
	if len(n.Rejects) != 2 || len(n.Tables["orders"]) != 1 || n.Facts[0].Rows != 3 || n.Facts[0].Total != 3 {
		t.Errorf("rejects %v, orders %v, facts %+v, want two, one and three of three", n.Rejects, n.Tables["orders"], n.Facts)
	}
}

// The list must never clear what it does not carry.
func TestListCarriesNoDetail(t *testing.T) {
	streams := Driver().Streams
	for _, column := range streams[0].Carries["orders"] {
		if column == "finished_at" || column == "canceled_at" {
			t.Errorf("the list says it carries %s", column)
		}
	}
	if _, ok := streams[0].Carries["guests"]; ok {
		t.Error("the list says it carries guests")
	}
}

// BenchmarkDecode decodes a full page of the list.
func BenchmarkDecode(b *testing.B) {
	var orders []sim.Order
	for i := range 100 {
		o := order(fmt.Sprintf("ORDER20260410%06d", i), "SERVICE", noon)
		o.CommodityList = append(o.CommodityList, o.CommodityList[0], o.CommodityList[0])
		o.CheckinOrderGroupID = "GROUP20260410000001"
		orders = append(orders, o)
	}
	body, err := sim.MarshalList(project, 100, orders)
	if err != nil {
		b.Fatal(err)
	}
	page := &extract.Page{Stream: streamOrders, Body: body, Filter: bizService}
	extracttest.BenchDecode(b, start(b, http.NotFoundHandler(), ""), page, 100)
}
