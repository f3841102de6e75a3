package starhotel_test

import (
	"context"
	"maps"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/starhotel"
	"github.com/nightaudit/nightaudit/extract/starhotel/sim"
)

func offline(t testing.TB) extract.Source {
	return extracttest.Open(t, starhotel.Driver(),
		"account: inn\nbase_url: https://pms.example\npms_id: 2\nauth: {kind: bearer, token: t}", extract.Env{Zone: shanghai})
}

func decode(t testing.TB, stream, list string) *extracttest.Night {
	t.Helper()
	body := `{"error_code":0,"description":"success","error_msg":"success","data":{"list":[` + list + `],"total":1,"page_no":1,"page_size":15}}`
	return extracttest.Decode(t, offline(t), &extract.Page{Stream: stream, Body: []byte(body)})
}

func TestDecodeOrder(t *testing.T) {
	night := decode(t, "orders", `{"order_id":31,"pms_id":2,"order_no":"202503111010375651","name":"老大","phone":"13800000001",
		"total_amount":"700.00","total_payed_amount":"600.00","remark":"passport 123","images":[],"color":"#000000","creator_id":"1",
		"creator_name":"xie","order_status":180,"service_date":1741659037,"created_at":"2025-03-11T02:10:37.000000Z","updated_at":"2025-03-11T06:11:22.000000Z"}`)
	want := extracttest.Row{
		"order_id": "31", "order_no": "202503111010375651", "kind": "stay", "flow": "revenue", "store_id": "2",
		"status": "completed", "source_status": "180", "payment_status": "partial", "currency": "CNY",
		"gross_amount": "700.0000", "net_amount": "700.0000", "paid_amount": "600.0000",
		"created_at": "2025-03-11T02:10:37Z", "updated_at": "2025-03-11T06:11:22Z",
		"service_at":  "2025-03-11T02:10:37Z", // 1741659037 s
		"booked_date": "2025-03-11", "service_date": "2025-03-11", "business_date": "2025-03-11",
	}
	if got := night.Row(t, "orders", extracttest.Row{"order_id": "31"}); !maps.Equal(got, want) {
		t.Errorf("order\n%v\nwant\n%v", got, want)
	}
	guest := extracttest.Row{"order_id": "31", "guest_no": "1", "name": "老*", "phone": "138****0001"}
	if got := night.Row(t, "guests", extracttest.Row{}); !maps.Equal(got, guest) {
		t.Errorf("guest %v, want %v", got, guest)
	}
	if len(night.Findings)+len(night.Rejects) != 0 {
		t.Errorf("findings %v, rejects %v", night.Findings, night.Rejects)
	}
}

func TestPaymentStatus(t *testing.T) {
	for _, c := range []struct{ total, paid, want string }{
		{`"3700.00"`, `"0.00"`, "unpaid"},
		{`"3700.00"`, `"100.00"`, "partial"},
		{`"3700.00"`, `"3699.9999"`, "partial"},
		{`"3700.00"`, `"3700"`, "paid"},
		{`"3700.00"`, `3700.0`, "paid"},
		{`"3700.00"`, `"3700.01"`, "overpaid"},
		{`"0.00"`, `"0"`, "paid"},
		{`"0.00"`, `"1.00"`, "overpaid"},
		{`"3700.00"`, `""`, ""},
		{`null`, `"0.00"`, ""},
	} {
		night := decode(t, "orders", `{"order_id":1,"total_amount":`+c.total+`,"total_payed_amount":`+c.paid+`}`)
		if got := night.Row(t, "orders", extracttest.Row{})["payment_status"]; got != c.want {
			t.Errorf("%s paid of %s: %q, want %q", c.paid, c.total, got, c.want)
		}
	}
}

// A field that is not what the document says costs that field.
func TestDoubtfulFields(t *testing.T) {
	for _, c := range []struct {
		stream, record string
		table          string
		keeps          extracttest.Row // what is read all the same
		field, raw     string          // of the one finding; "" for none
	}{
		{"orders", `{"order_id":1,"order_status":110}`, "orders", extracttest.Row{"status": "confirmed"}, "", ""},
		{"orders", `{"order_id":"1","order_status":"120"}`, "orders", extracttest.Row{"order_id": "1", "status": "canceled"}, "", ""},
		{"orders", `{"order_id":1,"order_status":150}`, "orders", extracttest.Row{"source_status": "150"}, "order_status", "150"},
		{"orders", `{"order_id":1,"total_amount":3700.5}`, "orders", extracttest.Row{"net_amount": "3700.5000"}, "", ""},
		{"orders", `{"order_id":1,"total_amount":"3,700.00"}`, "orders", extracttest.Row{"order_id": "1"}, "total_amount", "3,700.00"},
		{"orders", `{"order_id":1,"created_at":"2025-03-11 07:05:42"}`, "orders", extracttest.Row{"order_id": "1"}, "created_at", "2025-03-11 07:05:42"},
		{"orders", `{"order_id":1,"service_date":"1741659037"}`, "orders", extracttest.Row{"service_at": "2025-03-11T02:10:37Z"}, "", ""},
		{"orders", `{"order_id":1,"service_date":1741659037000}`, "orders", extracttest.Row{"order_id": "1"}, "service_date", "1741659037000"},
		{"orders", `{"order_id":1,"name":null,"phone":{}}`, "orders", extracttest.Row{"order_id": "1"}, "phone", ""},
		// 110 is closed for an accommodation, booked for an order.
		{"accoms", `{"order_id":1,"accoms":[{"accom_id":26,"accom_status":110}]}`, "stays", extracttest.Row{"stay_id": "26", "status": "closed"}, "", ""},
		{"accoms", `{"order_id":1,"accoms":[{"accom_id":26,"accom_status":100}]}`, "stays", extracttest.Row{"status": "canceled"}, "", ""},
		{"accoms", `{"order_id":1,"accoms":[{"accom_id":26,"accom_status":60}]}`, "stays", extracttest.Row{"source_status": "60"}, "accoms[0].accom_status", "60"},
		{"accoms", `{"order_id":1,"accoms":[{"accom_id":26,"checkout_status":20}]}`, "stays", extracttest.Row{"settled": "true"}, "", ""},
		{"accoms", `{"order_id":1,"accoms":[{"accom_id":26,"checkout_status":30}]}`, "stays", extracttest.Row{"stay_id": "26"}, "accoms[0].checkout_status", "30"},
		{"accoms", `{"order_id":1,"accoms":[{"accom_id":26,"total_amount":3600,"amount":"100.00"}]}`, "stays", extracttest.Row{"consumption_amount": "3500.0000"}, "", ""},
		{"accoms", `{"order_id":1,"accoms":[{"accom_id":26,"total_amount":"3600.00"}]}`, "stays", extracttest.Row{"total_amount": "3600.0000", "consumption_amount": ""}, "", ""},
	} {
		night := decode(t, c.stream, c.record)
		got := night.Row(t, c.table, extracttest.Row{})
		for k, v := range c.keeps {
			if got[k] != v {
				t.Errorf("%s: %s is %q, want %q", c.record, k, got[k], v)
			}
		}
		switch {
		case len(night.Rejects) != 0 || (c.field == "") != (len(night.Findings) == 0):
			t.Errorf("%s: findings %v, rejects %v", c.record, night.Findings, night.Rejects)
		case c.field != "" && (night.Findings[0].Field != c.field || night.Findings[0].Raw != c.raw):
			t.Errorf("%s: finding %+v, want of %s with %q", c.record, night.Findings[0], c.field, c.raw)
		}
	}
}

func TestRejectedRecords(t *testing.T) {
	for _, c := range []struct{ stream, record, field string }{
		{"orders", `{"order_no":"1"}`, "order_id"},
		{"orders", `{"order_id":{},"order_no":"1"}`, "order_id"},
		{"orders", `"order"`, "order_id"},
		{"accoms", `{"accoms":[]}`, "order_id"},
		{"accoms", `{"order_id":1,"accoms":[{"room_name":"101"}]}`, "accoms[0].accom_id"},
	} {
		night := decode(t, c.stream, c.record)
		if len(night.Rejects) != 1 || night.Rejects[0].Field != c.field || len(night.Tables["orders"])+len(night.Tables["stays"]) != 0 {
			t.Errorf("%s: rejects %+v, tables %v; want one of %s and no rows", c.record, night.Rejects, night.Tables, c.field)
		}
	}
}

func TestNumericMoney(t *testing.T) {
	h := open(t, sim.Options{Orders: daily(1, 1), NumericMoney: true}, "")
	night := extracttest.Collect(t, context.Background(), h.account, extract.Plan{Until: until})
	if got := night.Row(t, "orders", extracttest.Row{})["net_amount"]; got != "700.0000" {
		t.Errorf("net_amount %q, want 700.0000", got)
	}
	if got := night.Row(t, "stays", extracttest.Row{})["consumption_amount"]; got != "100.0000" {
		t.Errorf("consumption_amount %q, want 100.0000", got)
	}
}

// A page of 50 orders as the simulator answers it.
func BenchmarkDecode(b *testing.B) {
	for _, stream := range []string{"orders", "accoms"} {
		b.Run(stream, func(b *testing.B) {
			path := map[string]string{"orders": "/api/v1/pmsOrder/list", "accoms": "/api/v1/pmsOrder/getAccomOrderList"}[stream]
			answer := httptest.NewRecorder()
			sim.New(sim.Options{Orders: daily(50, 10)}).ServeHTTP(answer, httptest.NewRequest("POST", path, strings.NewReader(`{"pms_id":2,"page":1,"page_size":50}`)))
			account := offline(b)
			page := &extract.Page{Stream: stream, Body: answer.Body.Bytes()}
			extracttest.BenchDecode(b, account, page, 50)
		})
	}
}
