package httpx_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
)

// An answer that is no JSON in a place is taken as it can be read, with what came;
// one that is none at all is asked for again.
func TestAnswersThatAreNoJSON(t *testing.T) {
	gbk := http.Header{"Content-Type": {"application/json; charset=GBK"}}
	for _, c := range []struct {
		name    string
		fault   extracttest.Fault
		body    string // "" where the answer is asked for again
		raw     bool   // the answer as it came is handed on, too
		charset string
		repairs int
		text    string // of the error, where it never gets better
	}{
		{name: "sound", fault: extracttest.Fault{Body: "{\n\"a\": 1}\n"}, body: "{\n\"a\": 1}\n"},
		{name: "byte order mark", fault: extracttest.Fault{Body: "\xef\xbb\xbf{\"a\":1}"}, body: `{"a":1}`},
		{name: "line break in a text", fault: extracttest.Fault{Body: "{\"a\":\"x\ny\"}"}, body: `{"a":"x\ny"}`, raw: true, repairs: 1},
		{name: "NaN", fault: extracttest.Fault{Body: `{"a":NaN}`}, body: `{"a":"NaN"}`, raw: true, repairs: 1},
		{name: "text after the end", fault: extracttest.Fault{Body: `{"a":1} done`}, body: `{"a":1}`, raw: true, repairs: 1},
		{name: "GBK", fault: extracttest.Fault{Header: gbk, Body: "{\"a\":\"\xb2\xe8\"}"}, body: `{"a":"茶"}`, raw: true, charset: "gbk"},
		{name: "ends early", fault: extracttest.Fault{Body: `{"orders":[{"a":1},{"a":`}, text: "the answer ends early"},
		{name: "ends early, but for its last byte", fault: extracttest.Fault{Body: `{"orders":[{"a":{"b":1}`}, text: "the answer ends early"},
		{name: "damaged as a whole", fault: extracttest.Fault{Body: `{"a":1 2}`}, text: "the answer is no JSON from byte 7 on"},
	} {
		t.Run(c.name, func(t *testing.T) {
			script := extracttest.NewScript(http.HandlerFunc(vendor))
			script.Next(1, nil, c.fault)
			client, _, _ := newClient(t, script, nil)
			answer, err := client.Do(t.Context(), ordersCall)
			if err != nil {
				t.Fatal(err)
			}
			if c.body == "" {
				if n := script.Requests(); n != 2 || string(answer.Body) != success {
					t.Errorf("%d requests, %s", n, answer.Body)
				}
				script.Next(9, nil, c.fault)
				_, err := client.Do(t.Context(), ordersCall)
				if e := (*extract.Error)(nil); !errors.As(err, &e) || e.Class != extract.Permanent || e.Err == nil || !strings.Contains(err.Error(), c.text) {
					t.Errorf("error %v, want one that lasts in the end, with %q", err, c.text)
				}
				return
			}
			raw := ""
			if c.raw {
				raw = c.fault.Body
			}
			if script.Requests() != 1 || string(answer.Body) != c.body || string(answer.Raw) != raw || answer.Charset != c.charset || len(answer.Repairs) != c.repairs {
				t.Errorf("%d requests, %+v: %s", script.Requests(), answer, answer.Body)
			}
			page := answer.Page("orders")
			if string(page.Raw) != raw || page.Charset != c.charset || len(page.Repairs) != c.repairs {
				t.Errorf("the page has %+v", page)
			}
		})
	}
}
