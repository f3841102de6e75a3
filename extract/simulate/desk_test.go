package simulate

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2025, 3, 8, 12, 0, 0, 0, time.FixedZone("UTC+8", 8*3600))

// call has the desk take one call in and answers it with its own body.
func call(d *Desk, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/orders?page=1", strings.NewReader(body))
	if body, ok := d.Receive(w, r, noon); ok {
		w.Header().Set("Content-Type", "text/vendor")
		again, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, string(body)+" "+string(again))
	}
	return w
}

func TestReceive(t *testing.T) {
	for _, c := range []struct {
		name        string
		fault       func(*http.Request) *Fault
		body        string
		status      int
		says        string
		contentType string
	}{
		{name: "no fault", body: "asked", status: 200, says: "asked asked", contentType: "text/vendor"},
		{name: "a fault that behaves has read the body", body: "asked", status: 200, says: "asked asked", contentType: "text/vendor", fault: func(r *http.Request) *Fault {
			_, _ = io.Copy(io.Discard, r.Body)
			return nil
		}},
		{name: "a fault sees the body", body: "asked", status: 200, says: "no asked", contentType: "application/json", fault: func(r *http.Request) *Fault {
			b, _ := io.ReadAll(r.Body)
			return &Fault{Body: "no " + string(b)}
		}},
		{name: "status and header", status: 502, contentType: "text/html", fault: func(*http.Request) *Fault {
			return &Fault{Status: 502, Header: http.Header{"Content-Type": {"text/html"}}}
		}},
		{name: "a body beyond the limit", body: strings.Repeat("x", maxRequest+1), status: 400, says: "unreadable body\n", contentType: "text/plain; charset=utf-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var d Desk
			d.Fault(c.fault)
			w := call(&d, c.body)
			if w.Code != c.status || w.Body.String() != c.says || w.Header().Get("Content-Type") != c.contentType {
				t.Errorf("status %d, %q of type %q, want %d, %q and %q", w.Code, w.Body, w.Header().Get("Content-Type"), c.status, c.says, c.contentType)
			}
			if got := w.Header().Get("Date"); got != "Sat, 08 Mar 2025 04:00:00 GMT" {
				t.Errorf("Date %q, want noon of Shanghai", got)
			}
			if d.Requests() != 1 {
				t.Errorf("%d requests, want 1", d.Requests())
			}
		})
	}
}

func TestRecordRefusal(t *testing.T) {
	var d Desk
	d.RecordRefusal(httptest.NewRequest(http.MethodGet, "/orders?phone=1", nil))
	d.RecordRefusal(httptest.NewRequest(http.MethodPost, "/commands", nil), "delete")
	if got, want := d.Refused(), []string{"GET /orders", "POST /commands delete"}; !slices.Equal(got, want) {
		t.Errorf("refused %q, want %q", got, want)
	}
}

func TestTokens(t *testing.T) {
	var tokens Tokens
	first, refresh := tokens.Issue(noon)
	second, _ := tokens.Issue(noon.Add(time.Hour))
	if until, ok := tokens.Granted(first); !ok || !until.Equal(noon) || first == second {
		t.Errorf("%q is good until %s (%v), want noon", first, until, ok)
	}
	if !tokens.Spend(refresh) || tokens.Spend(refresh) {
		t.Error("a refresh token is good once")
	}
	if _, ok := tokens.Granted(first); ok {
		t.Error("an access token outlives its refresh token")
	}
	tokens.ExpireTokens()
	if until, ok := tokens.Granted(second); !ok || !until.IsZero() {
		t.Errorf("the second token is good until %s (%v), want it known and expired", until, ok)
	}
	tokens.EndAll()
	if _, ok := tokens.Granted(second); ok || tokens.Logins() != 2 {
		t.Errorf("known %v after %d log-ins, want unknown after 2", ok, tokens.Logins())
	}
}
