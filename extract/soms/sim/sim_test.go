package sim

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func call(v *Vendor, method, path, body string) (int, string) {
	r := httptest.NewRequest(method, "/8560/soms/"+path, strings.NewReader(body))
	r.SetBasicAuth("u", "p")
	w := httptest.NewRecorder()
	v.ServeHTTP(w, r)
	answer, _ := io.ReadAll(w.Result().Body)
	return w.Code, string(answer)
}

func vendor(o Options) *Vendor {
	o.Username, o.Password = "u", "p"
	for _, id := range []string{"a", "b", "c"} {
		at := "2025-03-0" + string(rune('1'+id[0]-'a')) + " 10:00:00" // a on the 1st, b on the 2nd, c on the 3rd
		o.Orders = append(o.Orders, Order{
			ID: id, Created: at, Modified: at, State: "delivered", RefundState: map[string]string{"b": "refunded"}[id],
			SaleOrderID: "sale", Items: []Item{{SKUID: "x", Promotion: &ItemPromotion{Favs: []Fav{{ID: "f"}}}}},
			Payment:     &Payment{Amount: "1.50", Details: []PaymentDetail{{Amount: "1.50"}}},
			SuspendInfo: &SuspendInfo{Suspended: id == "c"},
		})
	}
	return New(o)
}

// found lists the ids that a query answers, in order, with the total.
func found(t *testing.T, v *Vendor, params, body string) (string, int) {
	t.Helper()
	status, answer := call(v, "POST", "orderservice/orders/query?"+params, body)
	var page struct {
		Total  int
		Orders []struct{ ID string }
	}
	if status != 200 || json.Unmarshal([]byte(answer), &page) != nil {
		t.Fatalf("query %s %s: status %d: %s", params, body, status, answer)
	}
	ids := ""
	for _, o := range page.Orders {
		ids += o.ID
	}
	return ids, page.Total
}

func TestQuery(t *testing.T) {
	const all = "desc=false&page=0&page_size=100"
	now := func() time.Time { return time.Date(2025, 3, 3, 10, 0, 30, 0, Zone) }
	for _, c := range []struct {
		name         string
		o            Options
		params, body string
		want         string
		total        int
	}{
		{"everything", Options{}, all, `{}`, "abc", 3},
		{"descending", Options{}, "desc=true&page=0&page_size=100&sort_key=modified", `{}`, "cba", 3},
		{"the second page", Options{}, "desc=false&page=1&page_size=2", `{}`, "c", 3},
		{"beyond the last page", Options{}, "desc=false&page=9&page_size=2", `{}`, "", 3},
		{"both bounds inclusive", Options{}, all, `{"modified_start":"2025-03-02 10:00:00","modified_end":"2025-03-03 10:00:00"}`, "bc", 2},
		{"the upper bound exclusive", Options{ExclusiveEnd: true}, all, `{"created_start":"2025-03-02 10:00:00","created_end":"2025-03-03 10:00:00"}`, "b", 1},
		{"refunded", Options{}, all, `{"refund_state":"refunded"}`, "b", 1},
		{"not refunded", Options{}, all, `{"refund_state":"none"}`, "ac", 2},
		{"ids compare case-sensitively", Options{}, all, `{"order_ids":["A","c"]}`, "c", 1},
		{"states", Options{}, all, `{"states":["delivered"],"suspended":true}`, "c", 1},
		{"unset flags filter nothing", Options{}, all, `{"suspended":null}`, "abc", 3},
		{"unset flags are false", Options{UnsetIsFalse: true}, all, `{}`, "ab", 2},
		{"one unset flag is false", Options{Hides: []string{"suspended"}}, all, `{}`, "ab", 2},
		{"another unset flag is false", Options{Hides: []string{"invalid"}}, all, `{}`, "abc", 3},
		{"a flag is asked for", Options{UnsetIsFalse: true}, all, `{"suspended":true}`, "c", 1},
		{"a flag is false", Options{}, all, `{"suspended":false}`, "ab", 2},
		{"the index lags", Options{IndexLag: time.Minute, Now: now}, all, `{}`, "ab", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := vendor(c.o)
			for range 2 { // the second answer comes from the kept search
				if ids, total := found(t, v, c.params, c.body); ids != c.want || total != c.total {
					t.Errorf("found %q of %d, want %q of %d", ids, total, c.want, c.total)
				}
			}
		})
	}
}

// TestFlags: each order has the one flag that it is named after, four of them
// by what they hold.
func TestFlags(t *testing.T) {
	v := New(Options{Username: "u", Password: "p", Orders: []Order{
		{ID: "suspended", SuspendInfo: &SuspendInfo{Suspended: true}},
		{ID: "has_exception", HasException: true},
		{ID: "hasInvoice", Invoice: &Invoice{Details: []InvoiceDetail{{Type: "x"}}}},
		{ID: "has_customer_note", CustomerNote: "note"},
		{ID: "invalid", Flags: []string{"invalid"}},
		{ID: "have_return", Flags: []string{"have_return"}},
		{ID: "has_delivery_exception", Flags: []string{"has_delivery_exception"}},
		{ID: "has_billing", Flags: []string{"has_billing"}},
		{ID: "pick_info_is_auto_picked_finish", Flags: []string{"pick_info_is_auto_picked_finish"}},
		{ID: "", SuspendInfo: &SuspendInfo{}, Invoice: &Invoice{Required: true}}, // none
	}})
	for _, flag := range Flags {
		if ids, n := found(t, v, "desc=false&page=0&page_size=9", `{"`+flag+`":true}`); ids != flag || n != 1 {
			t.Errorf("%s: found %q", flag, ids)
		}
	}
	if len(Flags) != 9 {
		t.Errorf("%d flags, want the nine of the document", len(Flags))
	}
}

func TestChanges(t *testing.T) {
	v := vendor(Options{})
	found(t, v, "desc=false&page=0&page_size=9", `{}`)
	v.Delete("a")
	v.Put(Order{ID: "d", Created: "2025-03-09 10:00:00"})
	if ids, _ := found(t, v, "desc=false&page=0&page_size=9", `{}`); ids != "bcd" {
		t.Errorf("found %q after changes", ids)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name, method, path, body string
		status                   int
	}{
		{"desc is required", "POST", "orderservice/orders/query?page=0&page_size=1", `{}`, 400},
		{"page is required", "POST", "orderservice/orders/query?desc=false&page_size=1", `{}`, 400},
		{"page_size of 101", "POST", "orderservice/orders/query?desc=false&page=0&page_size=101", `{}`, 400},
		{"page_size of 0", "POST", "orderservice/orders/query?desc=false&page=0&page_size=0", `{}`, 400},
		{"a wrong sort key", "POST", "orderservice/orders/query?desc=false&page=0&page_size=1&sort_key=index_modified", `{}`, 400},
		{"an empty text", "POST", "orderservice/orders/query?desc=false&page=0&page_size=1", `{"order_id":""}`, 400},
		{"an array as text", "POST", "orderservice/orders/query?desc=false&page=0&page_size=1", `{"order_ids":"['a']"}`, 400},
		{"a day as time", "POST", "orderservice/orders/query?desc=false&page=0&page_size=1", `{"created_end":"2025-03-01"}`, 400},
		{"a filter that is not simulated", "POST", "orderservice/orders/query?desc=false&page=0&page_size=1", `{"prom_id":"x"}`, 501},
		{"no filter", "POST", "orderservice/orders/query?desc=false&page=0&page_size=1", `null`, 400},
		{"beyond the cap", "POST", "orderservice/orders/query?desc=false&page=2&page_size=1", `{}`, 500},
		{"a part that there is none", "POST", "orderservice/order/v2/orders?parts=crm", `{"ids":["a"]}`, 400},
		{"no ids", "POST", "orderservice/order/v2/orders", `{"ids":[]}`, 400},
		{"an unknown order", "GET", "orderservice/order/z", "", 404},
		{"reminders need desc", "POST", "orderremindservice/reminds/query", `{}`, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := vendor(Options{SearchCap: 2})
			status, answer := call(v, c.method, c.path, c.body)
			if status != c.status || !strings.Contains(answer, `"success":false`) {
				t.Errorf("status %d: %s, want %d", status, answer, c.status)
			}
			if len(v.Refused()) != 0 {
				t.Errorf("a documented read was recorded as none: %v", v.Refused())
			}
		})
	}
}

// TestWrites: what is no documented read is refused and recorded, whoever
// asks.
func TestWrites(t *testing.T) {
	v := vendor(Options{})
	for _, c := range []struct{ method, path string }{
		{"POST", "orderservice/order/a/cancel"},
		{"POST", "orderservice/order/a"},
		{"POST", "orderservice/order/check"},
		{"GET", "orderservice/orders/query"},
		{"PUT", "orderservice/order/v2/orders"},
	} {
		if status, _ := call(v, c.method, c.path, `{}`); status != http.StatusForbidden {
			t.Errorf("%s %s: status %d", c.method, c.path, status)
		}
	}
	if len(v.Refused()) != 5 || v.Refused()[0] != "POST /8560/soms/orderservice/order/a/cancel" || v.Requests() != 5 {
		t.Errorf("refused %v of %d", v.Refused(), v.Requests())
	}
}

func TestAuthentication(t *testing.T) {
	v := vendor(Options{})
	r := httptest.NewRequest("POST", "/8560/soms/orderservice/orders/query?desc=false&page=0&page_size=1", strings.NewReader("{}"))
	r.SetBasicAuth("u", "wrong")
	w := httptest.NewRecorder()
	v.ServeHTTP(w, r)
	if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "" {
		t.Errorf("status %d, header %v", w.Code, w.Header())
	}
}

// TestParts: without parts neither items nor means of payment are answered.
func TestParts(t *testing.T) {
	v := vendor(Options{})
	for _, c := range []struct {
		method, path, body    string
		items, favs, payments bool
	}{
		{method: "POST", path: "orderservice/order/v2/orders", body: `{"ids":["a","nobody"]}`},
		{method: "POST", path: "orderservice/order/v2/orders?parts=items", body: `{"ids":["a"]}`, items: true},
		{method: "POST", path: "orderservice/order/v2/orders?parts=items,item.details,paymentDetails,invoiceDetails,prom", body: `{"ids":["a"]}`, items: true, favs: true, payments: true},
		{method: "GET", path: "orderservice/order/orders?id=a&parts=paymentDetails", payments: true},
		{method: "GET", path: "orderservice/order/a?parts=items,crm", items: true},
		{method: "GET", path: "orderservice/order/saleorder/sale?parts=items", items: true},
	} {
		status, answer := call(v, c.method, c.path, c.body)
		has := func(part string) bool { return strings.Contains(answer, part) }
		if status != 200 || !has(`"id":"a"`) || has(`"items"`) != c.items || has(`"favs"`) != c.favs || has(`"details"`) != c.payments {
			t.Errorf("%s: status %d: %s", c.path, status, answer)
		}
	}
	if ids, _ := found(t, vendor(Options{HideItems: true}), "desc=false&page=0&page_size=9", `{}`); ids != "abc" {
		t.Errorf("found %q", ids)
	}
	if _, answer := call(vendor(Options{HideItems: true}), "POST", "orderservice/orders/query?desc=false&page=0&page_size=9", `{}`); strings.Contains(answer, "items") {
		t.Errorf("items are not hidden: %s", answer)
	}
}

// TestPadding: orders are filled up to the size asked for with documented
// members, and stay what they are.
func TestPadding(t *testing.T) {
	for _, size := range []int{100, 900, 4000, DocumentedSize, 60000} {
		v := vendor(Options{Padding: size})
		_, answer := call(v, "GET", "orderservice/order/a?parts=items,paymentDetails,invoiceDetails,prom", "")
		var o Order
		if err := json.Unmarshal([]byte(answer), &o); err != nil {
			t.Fatalf("padded to %d: %v", size, err)
		}
		plain, _ := json.Marshal(&o)
		if want := max(size, len(plain)); len(answer) < want-60 || len(answer) > want+60 || o.ID != "a" || len(o.Items) != 1 {
			t.Errorf("padded to %d: %d bytes, the order alone has %d", size, len(answer), len(plain))
		}
	}
}

func TestReminds(t *testing.T) {
	v := vendor(Options{Reminds: []Remind{
		{RemindID: "2", OrderID: "a", Created: "2025-03-02 10:00:00"},
		{RemindID: "1", OrderID: "b", Created: "2025-03-01 10:00:00", Store: &IDName{ID: "s"}},
	}})
	for body, want := range map[string]string{
		`{}`:                     `"remind_id":"1"`,
		`{"order_id_eq":"a"}`:    `"remind_id":"2"`,
		`{"store_id_eq":"s"}`:    `"remind_id":"1"`,
		`{"id_in":["2"]}`:        `"remind_id":"2"`,
		`{"order_id_in":["z"]}`:  `"total":0`,
		`{"reply_state_eq":"x"}`: `"total":0`,
	} {
		_, answer := call(v, "POST", "orderremindservice/reminds/query?desc=false&page=0&page_size=1", body)
		if !strings.Contains(answer, want) {
			t.Errorf("%s: %s, want %s", body, answer, want)
		}
	}
	if status, answer := call(v, "GET", "orderremindservice/orderremind/2", ""); status != 200 || !strings.Contains(answer, `"order_id":"a"`) {
		t.Errorf("reminder 2: status %d: %s", status, answer)
	}
}
