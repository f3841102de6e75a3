package sim

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func call(v *Vendor, method, path, body string) string {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer t")
	v.ServeHTTP(w, r)
	return w.Body.String()
}

func TestRefusesWhatIsNoRead(t *testing.T) {
	v := New(Options{Token: "t"})
	call(v, "POST", pathOrders, `{"pms_id":2}`)
	call(v, "GET", pathOrders, "")
	call(v, "POST", "/api/v1/pmsOrder/cancel", `{"order_id":1}`)
	if got := strings.Join(v.Refused(), ", "); got != "GET /api/v1/pmsOrder/list, POST /api/v1/pmsOrder/cancel" {
		t.Errorf("refused %s", got)
	}
	if v.Requests() != 3 {
		t.Errorf("%d requests, want 3", v.Requests())
	}
}

func TestParameters(t *testing.T) {
	v := New(Options{Token: "t"})
	for _, c := range []struct{ path, body, says string }{
		{pathOrders, `{"pms_id":2}`, `"total":0`},
		{pathOrders, `{}`, "pms_id is required"},
		{pathOrders, `{"pms_id":"2"}`, "parameters"},
		{pathOrders, `{"pms_id":3}`, "not one of yours"},
		{pathOrders, `{"pms_id":2,"search_str":"x"}`, "search_type is required"},
		{pathOrders, `{"pms_id":2,"search_str":"x","search_type":5}`, "search_type is required"},
		{pathAccoms, `{"pms_id":2,"search_str":"x","search_type":5}`, `"total":0`},
		{pathOrders, `{"pms_id":2,"date_search_type":1}`, "start_date"},
		{pathOrders, `{"pms_id":2,"date_search_type":3,"start_date":"2025-03-01","end_date":"2025-03-01"}`, "date_search_type"},
		{pathOrders, `{"pms_id":2,"date_search_type":1,"start_date":1741449600,"end_date":1741449600}`, "Y-m-d"},
		{pathOrders, `{"pms_id":2,"date_search_type":1,"start_date":"2025-03-02","end_date":"2025-03-01"}`, "end_date"},
		{pathOrders, `{"pms_id":2,"accom_status":[40]}`, "no such parameter"},
		{pathOrders, `{"pms_id":2,"page":0}`, "start at 1"},
	} {
		if got := call(v, "POST", c.path, c.body); !strings.Contains(got, c.says) {
			t.Errorf("%s: %s, want %q", c.body, got, c.says)
		}
	}
}
