package sim

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func call(v *Vendor, method, path, body string) string {
	w := httptest.NewRecorder()
	v.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w.Body.String()
}

func TestRefusesWhatIsNoQuery(t *testing.T) {
	v := New(Options{})
	for _, path := range []string{"query-status", "create-and-pay", "cancel", "add-tip-fee", "outFood", "price-calculate", "query-worker-location"} {
		call(v, "POST", prefix+path, `{"orderNo":"Y1"}`)
	}
	if got := len(v.Refused()); got != 6 || v.Requests() != 7 {
		t.Errorf("%d of %d calls refused, want all but the query: %v", got, v.Requests(), v.Refused())
	}
}

func TestNumbers(t *testing.T) {
	order := Order{OrderNo: "Y1", SourceOrderNo: "X1", AlsoKnownAs: []string{"Z1"}, ExpressStatus: "WAIT_TAKE"}
	for _, c := range []struct {
		options    Options
		body, says string
	}{
		{Options{}, `{"orderNo":"Y1"}`, `"expressStatus":"WAIT_TAKE"`},
		{Options{}, `{"sourceOrderNo":"X1"}`, `"orderNo":"Y1"`},
		{Options{}, `{"sourceOrderNo":"Z1"}`, `"sourceOrderNo":"X1"`},
		{Options{}, `{"orderNo":"Y1","sourceOrderNo":"X1"}`, `"orderNo":"Y1"`},
		{Options{}, `{"orderNo":"Y1","sourceOrderNo":"X2"}`, `"code":404`},
		{Options{}, `{"orderNo":"Y2"}`, `"code":404`},
		{Options{UnknownNull: true}, `{"orderNo":"Y2"}`, `"code":0,"msg":"操作成功","data":null`},
		{Options{}, `{}`, `"code":400`},
		{Options{NeedsBoth: true}, `{"orderNo":"Y1"}`, `"code":400`},
	} {
		c.options.Orders = []Order{order}
		if got := call(New(c.options), "POST", prefix+"query-status", c.body); !strings.Contains(got, c.says) {
			t.Errorf("%s: %s, want %s", c.body, got, c.says)
		}
	}
}

// The total counts the tip that was given when the order was made.
func TestTotalTip(t *testing.T) {
	v := New(Options{Orders: []Order{{OrderNo: "Y1", CreationTip: "100", Tips: []Tip{{TipNo: "1", TipFee: "200"}}}}})
	if got := call(v, "POST", prefix+"query-tip-list", `{"orderNo":"Y1"}`); !strings.Contains(got, `"totalTipFee":"300","totalTipCount":1`) {
		t.Error(got)
	}
}
