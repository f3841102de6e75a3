package httpx_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/httpx"
)

// The bodies of answers with status 200, and what check makes of them.
const (
	strange = `{"code":"STRANGE"}` // a code that is not documented
	expired = `{"code":"EXPIRED"}` // which a fixed token cannot mend
	html    = "<html>"
)

// TestAskedAgain: how often a call is sent that is answered so for ever, by
// http.retries: the table of again.go.
func TestAskedAgain(t *testing.T) {
	for _, c := range []struct {
		name                string
		fault               extracttest.Fault
		one                 bool // the call is about one order
		with0, with1, with6 int  // requests, by http.retries
	}{
		{name: "down", fault: extracttest.Fault{Status: 503}, with0: 1, with1: 2, with6: 7},
		{name: "too often", fault: extracttest.Fault{Status: 429}, with0: 1, with1: 2, with6: 7},
		{name: "a page of HTML", fault: extracttest.Fault{Body: html}, with0: 1, with1: 2, with6: 3},
		{name: "ends early", fault: extracttest.Fault{Body: `{"a":[`}, with0: 1, with1: 2, with6: 3},
		{name: "forbidden", fault: extracttest.Fault{Status: 403}, with0: 1, with1: 2, with6: 2},
		{name: "not found", fault: extracttest.Fault{Status: 404}, with0: 1, with1: 2, with6: 2},
		{name: "not found, about one order", fault: extracttest.Fault{Status: 404}, one: true, with0: 1, with1: 2, with6: 2},
		{name: "fixed token refused", fault: extracttest.Fault{Status: 401}, with0: 1, with1: 2, with6: 2},
		{name: "fixed token refused by a code", fault: extracttest.Fault{Body: expired}, with0: 1, with1: 2, with6: 2},
		{name: "undocumented code", fault: extracttest.Fault{Body: strange}, with0: 1, with1: 2, with6: 2},
		{name: "undocumented code of one order", fault: extracttest.Fault{Body: strange}, one: true, with0: 1, with1: 1, with6: 1},
		{name: "undocumented code of one order beside 404", fault: extracttest.Fault{Status: 404, Body: strange}, one: true, with0: 1, with1: 1, with6: 1},
		{name: "lasting code", fault: extracttest.Fault{Body: `{"code":"CLOSED"}`}, with0: 1, with1: 1, with6: 1},
		{name: "bad request", fault: extracttest.Fault{Status: 400}, with0: 1, with1: 1, with6: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			for retries, want := range map[int]int{0: c.with0, 1: c.with1, 6: c.with6} {
				script := extracttest.NewScript(http.HandlerFunc(vendor))
				script.Next(99, nil, c.fault)
				client, _, _ := newClient(t, script, func(o *httpx.Options) { o.Limits.Retries = retries })
				call := ordersCall
				call.One = c.one
				_, err := client.Do(t.Context(), call)
				if n := script.Requests(); err == nil || n != want {
					t.Errorf("%d requests with %d retries, want %d (%v)", n, retries, want, err)
				}
				if class := extract.ClassOf(err); class == extract.Doubtful || class == extract.Denied {
					t.Errorf("class %v: what was asked for often enough is final", class)
				}
			}
		})
	}
}

// TestFaultsInTurn: faults of many kinds do not add up: whatever comes, a call
// is sent http.retries times more, and once more for a new log-in.
func TestFaultsInTurn(t *testing.T) {
	faults := []extracttest.Fault{
		{Body: html},
		{Status: 503},
		{Status: 403},
		{Status: 401}, // a new log-in, which is not counted
		{Body: `{"a":`},
		{Status: 429},
		{Status: 503},
		{Status: 503},
	}
	script := extracttest.NewScript(http.HandlerFunc(vendor))
	for _, f := range faults {
		script.Next(1, nil, f)
	}
	renewing := &renewing{}
	client, slept, _ := newClient(t, script, func(o *httpx.Options) { o.Limits.Retries, o.Auth = 6, renewing })
	_, err := client.Do(t.Context(), ordersCall)
	if n := script.Requests(); extract.ClassOf(err) != extract.Transient || n != 6+2 || !strings.Contains(err.Error(), "asked 8 times") {
		t.Errorf("error %v after %d requests, want that of the eighth", err, n)
	}
	// HTML first and second, and 403: by the table. The others are spread.
	for _, want := range []time.Duration{2 * time.Second, 2 * time.Second, 10 * time.Second} {
		i := slices.Index(slept.list, want)
		if i < 0 {
			t.Fatalf("waits %v lack %s", slept.list, want)
		}
		slept.list = slices.Delete(slept.list, i, i+1)
	}
	if len(slept.list) != 3 || renewing.times != 1 {
		t.Errorf("%d other waits and %d log-ins, want 3 and 1", len(slept.list), renewing.times)
	}
}

// renewing are credentials that a log-in renews.
type renewing struct{ times int }

func (*renewing) Sign(context.Context, *http.Request, []byte) error { return nil }
func (r *renewing) Expire(*http.Request) bool                       { r.times++; return true }

// TestShape: an answer in the vendor's envelope that does not hold what the
// call asks for is asked for again, and is nobody's before that.
func TestShape(t *testing.T) {
	call := ordersCall
	call.Shape = func(body []byte) error {
		if !bytes.Contains(body, []byte("success")) {
			return errors.New("its orders is no array")
		}
		return nil
	}
	for faults, want := range map[int]int{1: 2, 2: 3, 9: 3} {
		script := extracttest.NewScript(http.HandlerFunc(vendor))
		script.Next(faults, nil, extracttest.Fault{Body: `{"orders":"leaked"}`})
		client, _, _ := newClient(t, script, nil)
		answer, err := client.Do(t.Context(), call)
		if n := script.Requests(); n != want {
			t.Errorf("%d requests, want %d", n, want)
		}
		if faults < want {
			if err != nil || string(answer.Body) != success {
				t.Errorf("answer %v, error %v, want the good one", answer, err)
			}
			continue
		}
		if extract.ClassOf(err) != extract.Permanent || !strings.Contains(err.Error(), "unexpected answer: its orders is no array (asked 3 times); check base_url") {
			t.Errorf("error %v, want a final one that says what is wrong", err)
		}
	}
}

func TestObjectAt(t *testing.T) {
	for body, says := range map[string]string{
		`{"result":{"a":[1]}}`:      "",
		`{"result":null}`:           "",
		`{"result":[]}`:             "its result is not an object",
		`{"result":"none"}`:         "its result is not an object",
		`{"data":{}}`:               "it has no result",
		`[]`:                        "it is not an object",
		`{"result":{"a":1}} {"b":2`: "text after its end",
	} {
		if err := httpx.ObjectAt("result")([]byte(body)); (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want %q", body, err, says)
		}
	}
}

// TestMaxWait: where a person waits, a vendor that asks for minutes is not
// waited for.
func TestMaxWait(t *testing.T) {
	for after, want := range map[string]int{"10": 2, "11": 1} {
		script := extracttest.NewScript(http.HandlerFunc(vendor))
		script.Next(1, nil, extracttest.Fault{Status: 429, Header: http.Header{"Retry-After": {after}}})
		client, slept, _ := newClient(t, script, func(o *httpx.Options) { o.Limits.MaxWait = 10 * time.Second })
		_, err := client.Do(t.Context(), ordersCall)
		if n := script.Requests(); n != want || (err == nil) != (want == 2) || slices.Max(append(slept.list, 0)) > 10*time.Second {
			t.Errorf("Retry-After %s: %d requests and waits %v, want %d (%v)", after, n, slept.list, want, err)
		}
	}
}

// TestMirrored: a vendor's code that looks like an HTTP status means what that
// means.
func TestMirrored(t *testing.T) {
	for code, class := range map[string]extract.Class{
		"401": extract.Expired, "403": extract.Denied, "429": extract.Limited, "500": extract.Transient, "504": extract.Transient,
	} {
		if e := httpx.Mirrored(code); e == nil || e.Class != class || e.Code != code || e.Err == nil {
			t.Errorf("%s: %+v, want class %v", code, e, class)
		}
	}
	for _, code := range []string{"", "0", "200", "404", "0401", "5000"} {
		if e := httpx.Mirrored(code); e != nil {
			t.Errorf("%q: %v, want none", code, e)
		}
	}
}
