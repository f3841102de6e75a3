package sim

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func call(v *Vendor, body string, header ...string) string {
	r := httptest.NewRequest(http.MethodPost, commandsPath, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Authorization", "Bearer fixed")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	v.ServeHTTP(w, r)
	return w.Body.String()
}

func TestWritesAreRefusedAndRecorded(t *testing.T) {
	v := New(Options{Token: "fixed", Orders: []Order{{OrderID: "o1"}}})
	for _, command := range []string{"create_order_info", "update_order_info", "delete_order_info"} {
		if got := call(v, `{"command":"`+command+`","id":"1","param":{"order_id":"o1"}}`); !strings.Contains(got, `"success":false`) {
			t.Errorf("%s was answered %s", command, got)
		}
	}
	if got := v.Refused(); len(got) != 3 || !strings.HasSuffix(got[2], " delete_order_info") {
		t.Errorf("recorded %v, want the three writes", got)
	}
	if got := call(v, `{"command":"get_order_info","id":"1","param":{"order_id":"o1"}}`); !strings.Contains(got, `"success":true`) || strings.Contains(got, "order_id") {
		t.Errorf("the order is answered as %s, want it there and without order_id", got)
	}
}

func TestCallsAreChecked(t *testing.T) {
	v := New(Options{Token: "fixed"})
	const list = `{"command":"get_order_list","id":"c45e846c","param":{"page_size":1,"page_index":1}}`
	for _, test := range []struct {
		name, body string
		header     []string
		ok         bool
	}{
		{"the document's example", list, nil, true},
		{"no request id", `{"command":"get_order_list","param":{"page_size":1,"page_index":1}}`, nil, false},
		{"page 0", `{"command":"get_order_list","id":"1","param":{"page_size":1,"page_index":0}}`, nil, false},
		{"no page size", `{"command":"get_order_list","id":"1","param":{"page_index":1}}`, nil, false},
		{"a page number as text", `{"command":"get_order_list","id":"1","param":{"page_size":1,"page_index":"1"}}`, nil, false},
		{"a filter that is not documented", `{"command":"get_order_list","id":"1","param":{"page_size":1,"page_index":1,"state":"x"}}`, nil, false},
		{"no Accept", list, []string{"Accept", ""}, false},
		{"another Content-Type", list, []string{"Content-Type", "text/plain"}, false},
		{"another token", list, []string{"Authorization", "Bearer other"}, false},
		{"no token", list, []string{"Authorization", "Bearer "}, false},
	} {
		if got := call(v, test.body, test.header...); strings.Contains(got, `"success":true`) != test.ok {
			t.Errorf("%s was answered %s, want ok %v", test.name, got, test.ok)
		}
	}
}
