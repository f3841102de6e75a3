package httpx_test

import (
	"bytes"
	"net/http"
	"net/url"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

func TestAllowList(t *testing.T) {
	allow := []httpx.Read{
		{Method: "POST", Path: "/list"},
		{Method: "GET", Path: "/projects/*/page"},
		{Method: "POST", Path: "/commands", Command: "get_order_list"},
	}
	for _, c := range []struct {
		method, path, body string
		sent               bool
	}{
		{"POST", "/list", `{}`, true},
		{"GET", "/list", "", false},
		{"DELETE", "/list", "", false},
		{"POST", "/list/", `{}`, false},
		{"POST", "/list?x=1", `{}`, false},
		{"POST", "list", `{}`, false},
		{"POST", "/LIST", `{}`, false},
		{"GET", "/projects/77/page", "", true},
		{"GET", "/projects/a%20b/page", "", true},
		{"GET", "/projects//page", "", false},
		{"GET", "/projects/../page", "", false},
		{"GET", "/projects/%2e%2e/page", "", false},
		{"GET", "/projects/a%2Fcancel/page", "", false},
		{"GET", "/projects/a/b/page", "", false},
		{"GET", "/projects/a;x=/page", "", false},
		{"POST", "/commands", `{"command":"get_order_list","id":"1"}`, true},
		{"POST", "/commands", `{"command":"delete_order_info"}`, false},
		{"POST", "/commands", `{"param":{"command":"get_order_list"}}`, false},
		{"POST", "/commands", `{"command":"get_order_list","command":"delete_order_info"}`, false},
		{"POST", "/commands", `{"command":"get_order_list","Command":"delete_order_info"}`, false},
		{"POST", "/commands", ``, false},
	} {
		t.Run(c.method+" "+c.path+" "+c.body, func(t *testing.T) {
			script := extracttest.NewScript(http.HandlerFunc(vendor))
			client, _, _ := newClient(t, script, func(o *httpx.Options) { o.Allow = allow })
			var body []byte
			if c.body != "" {
				body = []byte(c.body)
			}
			_, err := client.Do(t.Context(), httpx.Call{Op: "try", Method: c.method, Path: c.path, Body: body})
			switch {
			case c.sent && (err != nil || script.Requests() != 1):
				t.Errorf("error %v after %d requests, want one request", err, script.Requests())
			case !c.sent && (script.Requests() != 0 || err == nil || extract.ClassOf(err) != extract.Permanent):
				t.Errorf("error %v after %d requests, want a permanent error and none", err, script.Requests())
			}
		})
	}
}

// TestWhatIsSentAndKept: the vendor sees the whole request, the landing's
// manifest the call without its credentials.
func TestWhatIsSentAndKept(t *testing.T) {
	var got *http.Request
	var body bytes.Buffer
	script := extracttest.NewScript(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		_, _ = body.ReadFrom(r.Body)
		vendor(w, r)
	}))
	client, _, _ := newClient(t, script, nil)
	answer, err := client.Do(t.Context(), httpx.Call{
		Op: "read", Method: http.MethodPost, Path: "/orders/list",
		Query: url.Values{"page": {"2"}, "a": {"x y"}}, Body: []byte(`{ "size": 50 }`), Header: http.Header{"x-tenant": {"8560"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.URL.String() != "/api/orders/list?a=x+y&page=2" || body.String() != `{ "size": 50 }` ||
		got.Header.Get("Authorization") != "Bearer "+secretToken || got.Header.Get("X-Tenant") != "8560" ||
		got.Header.Get("Content-Type") != "application/json" || got.Header.Get("Accept") != "application/json" {
		t.Errorf("sent %s %v %s", got.URL, got.Header, body.String())
	}
	if want := (extract.Request{Method: "POST", Path: "/orders/list", Params: `a=x+y&page=2 {"size":50}`}); answer.Request != want {
		t.Errorf("kept %+v, want %+v", answer.Request, want)
	}
}
