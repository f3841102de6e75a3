package sim

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The vectors that the vendor publishes (docs/sources/tuya.md, Signing).
func TestPublishedSignatures(t *testing.T) {
	const t0 = "1588925778000"
	for _, vector := range []struct{ url, token, sign string }{
		{"/v1.0/token?grant_type=1", "", "9E48A3E93B302EEECC803C7241985D0A34EB944F40FB573C7B5C2A82158AF13E"},
		{"/v2.0/apps/schema/users?page_no=1&page_size=50", "3f4eda2bdec17232f67c0b188af3eec1", "AE4481C692AA80B25F3A7E12C3A5FD9BBF6251539DD78E565A1A72A508A88784"},
	} {
		v := New(Options{
			ClientID: "1KAD46OrT9HafiKdsXeg", ClientSecret: "4OHBOnWOqaEC1mWXOpVL3yV50s0qGSRC",
			Now: func() time.Time { return time.UnixMilli(1588925778000) },
		})
		r := httptest.NewRequest(http.MethodGet, vector.url, nil)
		for name, value := range map[string]string{
			"client_id": "1KAD46OrT9HafiKdsXeg", "sign_method": "HMAC-SHA256", "t": t0, "nonce": "5138cc3a9033d69856923fd07b491173",
			"Signature-Headers": "area_id:call_id", "area_id": "29a33e8796834b1efa6", "call_id": "8afdb70ab2ed11eb85290242ac130003",
			"sign": vector.sign,
		} {
			r.Header.Set(name, value)
		}
		if fail := v.signed(r, nil, vector.token); fail != nil {
			t.Errorf("%s: %+v, want the published signature taken", vector.url, fail)
		}
		if fail := v.signed(r, []byte("{}"), vector.token); fail == nil || fail.code != 1004 {
			t.Errorf("%s: another body is taken under the same signature", vector.url)
		}
		r.Header.Set("t", "1588925000000") // 13 minutes early
		if fail := v.signed(r, nil, vector.token); fail == nil || fail.code != 1013 {
			t.Errorf("%s: %+v, want code 1013 for the clock", vector.url, fail)
		}
	}
}

func TestWritesAreRefusedAndRecorded(t *testing.T) {
	v := New(Options{ProjectID: "1"})
	for _, call := range []string{"producing", "finished", "cancel"} {
		w := httptest.NewRecorder()
		v.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1.0/cloud/osaas/projects/1/server-order/"+call, strings.NewReader(`{"order_id":"1"}`)))
		if !strings.Contains(w.Body.String(), `"success":false`) {
			t.Errorf("%s was answered %s", call, w.Body)
		}
	}
	if got := v.Refused(); len(got) != 3 || got[2] != "POST /v1.0/cloud/osaas/projects/1/server-order/cancel" {
		t.Errorf("recorded %v, want the three writes", got)
	}
}

func TestParametersAreChecked(t *testing.T) {
	v := New(Options{})
	for _, test := range []struct {
		body string
		ok   bool
	}{
		{`{"order_biz_type":"SERVICE","page_no":1,"page_size":10}`, true}, // the document's example
		{`{"order_biz_type":"SERVICE","page_no":1,"page_size":100,"create_order_begin_time":1712736000000,"create_order_end_time":1712739600000}`, true},
		{`{"page_no":1,"page_size":10}`, false},
		{`{"order_biz_type":"BOTH","page_no":1,"page_size":10}`, false},
		{`{"order_biz_type":"SERVICE","page_no":0,"page_size":10}`, false},
		{`{"order_biz_type":"SERVICE","page_no":1,"page_size":101}`, false},
		{`{"order_biz_type":"SERVICE","page_no":"1","page_size":10}`, false},
		{`{"order_biz_type":"SERVICE","page_no":1,"page_size":10,"create_order_begin_time":1712736000000}`, false},
		{`{"order_biz_type":"SERVICE","page_no":1,"page_size":10,"create_order_begin_time":1712736000,"create_order_end_time":1712739600}`, false},
		{`{"order_biz_type":"SERVICE","page_no":1,"page_size":10,"sort":"asc"}`, false},
	} {
		p, fail := v.params(httptest.NewRequest(http.MethodGet, "/", nil), []byte(test.body))
		if fail == nil {
			_, fail = v.page(p)
		}
		if (fail == nil) != test.ok {
			t.Errorf("%s: %+v, want ok %v", test.body, fail, test.ok)
		}
	}
}

func TestCents(t *testing.T) {
	for n, want := range map[int64]Amount{0: "0.00", 5: "0.05", 1050: "10.50", -99: "-0.99", 123400: "1234.00"} {
		if got := Cents(n); got != want {
			t.Errorf("Cents(%d) is %s, want %s", n, got, want)
		}
	}
}
