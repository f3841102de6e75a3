package akubela

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/akubela/sim"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/httpx"
	"github.com/nightaudit/nightaudit/extract/simulate"
)

const clientAuth = "{kind: oauth2, client_id: id, client_secret: secret}"

func options(orders ...sim.Order) sim.Options {
	return sim.Options{ClientID: "id", ClientSecret: "secret", Token: "fixed", Orders: orders}
}

// order is a stay of one night in room 101.
func order(id string) sim.Order {
	return sim.Order{
		OrderID: id, OrderNumber: "20250725064924573999", ResidenceID: "r1", ResidenceNo: "101", RoomTypeID: "t1", RoomTypeName: "double",
		StartTime: "2025-08-06 03:00:03", EndTime: "2025-08-07 03:30:03", OrderState: "checked_in",
		Guests: []sim.Guest{{GuestID: "g1", GuestName: "dom", Email: "test@akubela.com", Phone: "13800000001"}},
		Source: "SaaS",
	}
}

func orders(n int) []sim.Order {
	var all []sim.Order
	for i := range n {
		all = append(all, order(fmt.Sprintf("o%d", i+1)))
	}
	return all
}

// start serves v and opens an account of it; more is further YAML.
func start(t testing.TB, v http.Handler, auth, more string) extract.Source {
	t.Helper()
	server := httptest.NewServer(v)
	t.Cleanup(server.Close)
	return extracttest.Open(t, Driver(), fmt.Sprintf("account: tower\nbase_url: %s\nauth: %s\nrate: 100000/s\n%s", server.URL, auth, more),
		extract.Env{Transport: server.Client().Transport})
}

func TestWholeList(t *testing.T) {
	tests := []struct {
		name     string
		orders   int
		size     int
		change   func(o *sim.Options)
		requests int // log-in, two passes of pages with the empty one that ends the list
		err      string
		want     int
	}{
		{"nothing", 0, 2, nil, 1 + 1, "", 0},
		{"the last page is full", 4, 2, nil, 1 + 2*3, "", 4},
		{"a short page, confirmed by an empty one", 5, 2, nil, 1 + 2*4, "", 5},
		{"a vendor that caps pages in silence", 5, 100, func(o *sim.Options) { o.Paging.Most = 2 }, 1 + 2*4, "", 5},
		{"a vendor that repeats its last page", 5, 2, func(o *sim.Options) { o.Paging.Repeats = true }, 1 + 2*4, "the vendor repeats a page", 2 * 6},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := options(orders(test.orders)...)
			if test.change != nil {
				test.change(&o)
			}
			v := sim.New(o)
			a := start(t, v, clientAuth, fmt.Sprintf("page_size: %d", test.size))
			n, err := extracttest.TryFetch(context.Background(), a, extract.Plan{Until: time.Now(), Since: time.Now()})
			if len(n.Windows) != 1 || !n.Windows[0].Start.IsZero() || !n.Windows[0].End.IsZero() {
				t.Fatalf("windows %+v, want one without bounds", n.Windows)
			}
			for _, f := range n.Facts {
				if f.Total != -1 {
					t.Errorf("total %d, want none: the vendor states none", f.Total)
				}
			}
			if (test.err == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), test.err)) {
				t.Fatalf("error %v, want %q", err, test.err)
			}
			if rows := len(n.Tables["orders"]); rows != test.want || v.Requests() != test.requests {
				t.Errorf("%d orders in %d requests, want %d in %d", rows, v.Requests(), test.want, test.requests)
			}
			extracttest.CheckReadsOnly(t, v)
		})
	}
}

func TestNight(t *testing.T) {
	for _, auth := range []string{clientAuth, "{kind: bearer, token: fixed}"} {
		t.Run(auth, func(t *testing.T) {
			v := sim.New(options(orders(3)...))
			n := extracttest.Collect(t, context.Background(), start(t, v, auth, ""), extract.Plan{Until: time.Now()})
			var details []string
			for _, row := range n.Streams["detail"]["orders"] {
				if row["channel"] != "SaaS" || len(row) != 2 {
					t.Errorf("detail %v, want order_id and channel alone", row)
				}
				details = append(details, row["order_id"])
			}
			if want := []string{"o1", "o2", "o3"}; !slices.Equal(details, want) {
				t.Errorf("details of %v, want %v", details, want)
			}
			if len(n.Tables["stays"]) != 3 || len(n.Tables["guests"]) != 3 {
				t.Errorf("%d stays and %d guests, want 3 and 3", len(n.Tables["stays"]), len(n.Tables["guests"]))
			}
			if got, want := n.Pages[0].Request.Params, `{"command":"get_order_list","param":{"page_size":100,"page_index":1}}`; got != want {
				t.Errorf("the request is kept as %s, want %s", got, want)
			}
			extracttest.CheckReadsOnly(t, v)
		})
	}
}

func TestRequestIDsDiffer(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]bool{}
	v := sim.New(options(orders(2)...))
	v.Fault(func(r *http.Request) *simulate.Fault {
		b := make([]byte, 4096)
		n, _ := r.Body.Read(b)
		_, rest, found := strings.Cut(string(b[:n]), `"id":"`)
		mu.Lock()
		defer mu.Unlock()
		if found {
			id := rest[:32]
			if seen[id] {
				t.Errorf("request id %s was used twice", id)
			}
			seen[id] = true
		}
		return nil
	})
	extracttest.Collect(t, context.Background(), start(t, v, clientAuth, "page_size: 1"), extract.Plan{Until: time.Now()})
	if len(seen) != 8 { // two orders and the end, twice, and two details
		t.Errorf("%d request ids, want 8", len(seen))
	}
}

func TestRefusedLogins(t *testing.T) {
	o := options()
	o.ClientSecret = "another"
	v := sim.New(o)
	_, err := start(t, v, clientAuth, "").Check(context.Background())
	if err == nil || !strings.Contains(err.Error(), "client_secret") || extract.ClassOf(err) != extract.Permanent {
		t.Errorf("error %v, want a permanent one with a hint to the secret", err)
	}
	if v.Requests() != 1 {
		t.Errorf("%d requests, want one: a wrong secret is not tried again", v.Requests())
	}
	_, err = start(t, v, "{kind: bearer, token: stale}", "").Check(context.Background())
	if err == nil || !strings.Contains(err.Error(), "auth") || strings.Contains(err.Error(), "stale") {
		t.Errorf("error %v, want a hint to auth without the token", err)
	}
}

func TestExpiredTokenIsRenewed(t *testing.T) {
	v := sim.New(options(orders(3)...))
	a := start(t, v, clientAuth, "page_size: 2\nconcurrency: 1")
	windows, err := a.Plan(context.Background(), extract.Plan{Until: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	err = a.Fetch(context.Background(), windows[0], func(p *extract.Page) (extract.Facts, error) {
		v.ExpireTokens() // after every page
		facts, err := a.Decode(p, extracttest.NewBatch(a, p.Stream))
		rows += facts.Rows
		return facts, err
	})
	// Two pages and an empty one, twice.
	if err != nil || rows != 2*3 || v.Logins() != 2*3 {
		t.Errorf("%d rows with %d log-ins, %v, want 6 with 6", rows, v.Logins(), err)
	}
}

func TestDeletedOrdersCostOnlyThemselves(t *testing.T) {
	v := sim.New(options(orders(2)...))
	a := start(t, v, clientAuth, "")
	fetch := func(ids ...string) (rows int, err error) {
		n, err := extracttest.TryFetch(context.Background(), a, extract.Plan{State: extract.State{Due: extracttest.Due(ids...)}})
		return len(n.Tables["orders"]), err
	}
	v.Delete("o1")
	if rows, err := fetch("o1", "o2"); rows != 1 || err != nil {
		t.Errorf("%d details, %v, want o2 and no error", rows, err)
	}
	if rows, err := fetch("o1"); rows != 0 || err != nil {
		t.Errorf("%d details, %v, want none and no error", rows, err)
	}
	v.Delete("o2")
	if _, err := fetch("o1", "o2"); !errors.Is(err, extract.ErrRefused) {
		t.Errorf("error %v, want the refusal of all orders to be an error", err)
	}
}

// One of twelve orders costs itself, with what the vendor says of it that is about
// nobody; one that it answers with nothing is a finding alone.
func TestRefusedOrders(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault simulate.Fault
		raw   string
		marks bool
	}{
		{"a server's failure", simulate.Fault{Status: http.StatusInternalServerError, Body: "Li"}, "code 500: the vendor's server failed", true},
		{"a success that is none", simulate.Fault{Body: `{"success":false,"result":{"code":"E7","message":"no room for Li"}}`}, `code E7: the vendor refused the call: "no room for …"`, true},
		{"nothing", simulate.Fault{Body: `{"success":true,"result":{}}`}, "", false},
		{"a result of another kind", simulate.Fault{Body: `{"success":true,"result":"Li"}`}, "unexpected answer: the answer is not the JSON it should be: its result is not an object", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := sim.New(options(orders(12)...))
			hits := 0
			v.Fault(func(r *http.Request) *simulate.Fault {
				body, _ := io.ReadAll(r.Body)
				if !strings.Contains(string(body), `"o5"`) {
					return nil
				}
				hits++
				return &c.fault
			})
			n, err := extracttest.TryCollect(context.Background(), start(t, v, clientAuth, "concurrency: 1"), extract.Plan{Until: time.Now()})
			if err != nil || len(n.Streams["detail"]["orders"]) != 11 || len(n.Streams["orders"]["orders"]) != 12 || hits != 1 {
				t.Fatalf("%d details, %v, %d calls; want all but one, which is asked for once", len(n.Streams["detail"]["orders"]), err, hits)
			}
			if f := n.Findings; len(f) != 1 || f[0].OrderID != "o5" || f[0].Raw != c.raw || n.Outcomes[1].Marked() != c.marks {
				t.Errorf("findings %+v, window marked %q; want o5 with %q", f, n.Outcomes[1].Unsettled, c.raw)
			}
		})
	}
}

func TestEnvelope(t *testing.T) {
	tests := []struct{ name, body, says string }{
		{"a code that looks like a status", `{"success":false,"code":401,"message":"token expired"}`, "code 401: the credentials are not accepted"},
		{"such a code within the result", `{"success":false,"result":{"error_code":"503"}}`, "code 503: the vendor's server failed"},
		{"success", `{"success":true,"timestamp":1724816274618,"result":[]}`, ""},
		{"success after the result", `{"result":[{"message":"a guest's"}],"timestamp":1724816274618,"success":true}`, ""},
		{"a failure without a word", `{"success":false,"timestamp":1724816274618}`, "refused the call"},
		{"a failure with a message", `{"success":false,"timestamp":1724816274618,"result":{"code":"E7","message":"no\nsuch order"}}`, `code E7: the vendor refused the call: "no such order"`},
		{"a message beside success", `{"success":false,"message":"no such command"}`, `"no such command"`},
		{"success as text", `{"success":"true","result":[]}`, "refused the call"},
		{"no envelope", `{"result":[]}`, "success: true"},
		{"an array", `[]`, "envelope"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := checkEnvelope([]byte(test.body))
			if test.says == "" {
				if err != nil {
					t.Errorf("error %v, want success", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want %q", err, test.says)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	o := options(orders(1)...)
	o.Now = func() time.Time { return time.Now().Add(90 * time.Second) }
	v := sim.New(o)
	result, err := start(t, v, clientAuth, "").Check(context.Background())
	if err != nil || result.Orders != -1 || v.Requests() != 2 {
		t.Fatalf("%+v, %v in %d requests, want no total in 2", result, err, v.Requests())
	}
	if result.ClockSkew < 80*time.Second || result.ClockSkew > 100*time.Second {
		t.Errorf("clock skew %s, want about 90 s", result.ClockSkew)
	}
}

func TestConfiguration(t *testing.T) {
	_, err := extracttest.TryOpen(Driver(), "account: tower\nbase_url: https://akubela.example\nauth: {kind: basic, username: u, password: p}", extract.Env{})
	var key *extract.KeyError
	if !errors.As(err, &key) || key.Key != "auth.kind" {
		t.Errorf("error %v, want one of key auth.kind", err)
	}
	example := strings.TrimPrefix(strings.ReplaceAll("\n"+Driver().ExampleConfig, "\n- ", "\n  "), "\n")
	if _, err := extracttest.TryOpen(Driver(), example, extract.Env{}); err != nil {
		t.Errorf("the example configuration: %v", err)
	}
}

// Writes share the address of the reads: only the command tells them apart.
func TestWritesDoNotLeave(t *testing.T) {
	v := sim.New(options(orders(1)...))
	a := start(t, v, clientAuth, "").(*account)
	for _, body := range []string{
		`{"command":"delete_order_info","id":"1","param":{"order_id":"o1"}}`,
		`{"command":"get_order_list","command":"delete_order_info","id":"1","param":{"order_id":"o1"}}`,
		`{"id":"1"}`,
	} {
		if _, err := a.client.Do(context.Background(), httpx.Call{Op: "delete", Method: http.MethodPost, Path: commandsPath, Body: []byte(body)}); err == nil {
			t.Errorf("%s was sent", body)
		}
	}
	if v.Requests() != 0 {
		t.Errorf("%d requests, want none", v.Requests())
	}
}
