package soms

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/simulate"
	"github.com/nightaudit/nightaudit/extract/soms/sim"
)

// sentOut is a vendor with the orders named, each with the trace given for it.
func sentOut(t *testing.T, traces map[string]sim.Trace, more ...string) *night {
	t.Helper()
	var list []sim.Order
	for id := range traces {
		list = append(list, plainOrder(id))
	}
	n := start(t, sim.Options{Orders: list}, more...)
	for id, trace := range traces {
		n.vendor.PutTrace(id, trace)
	}
	return n
}

// onTheirWay are orders as the second Plan is told of them.
func onTheirWay(ids ...string) extract.Plan {
	due := extracttest.Due(ids...)
	for i := range due {
		due[i].OnItsWay = true
	}
	return extract.Plan{Until: until, State: extract.State{Due: due}}
}

func told(status, at string) sim.TraceDetail {
	return sim.TraceDetail{Time: "2025-03-09 " + at, Status: status, Address: "福建,厦门市", Message: "张三 13800000001 " + status}
}

// TestTracesAreOff: without traces: true nothing is asked for by id, and the
// account may not call the two reads.
func TestTracesAreOff(t *testing.T) {
	n := sentOut(t, map[string]sim.Trace{"A": {Details: []sim.TraceDetail{told("在途", "10:00:00")}}})
	windows, err := n.account.Plan(context.Background(), onTheirWay("A"))
	if err != nil || len(windows) != 0 || n.vendor.Requests() != 0 || n.account.(extract.AsksByID).AsksByID() {
		t.Errorf("windows %v, %v, %d requests", windows, err, n.vendor.Requests())
	}
}

// TestTraces: each order on its way is asked for once, and once more as an
// express parcel where the first answer tells nothing; others are not. Nothing
// of what is told of persons and places is loaded.
func TestTraces(t *testing.T) {
	n := sentOut(t, map[string]sim.Trace{
		"A":   {Details: []sim.TraceDetail{told("揽收", "10:00:00"), told("在途", "12:30:00")}, Deliveryman: "张三", Phone: "13800000001"},
		"B":   {Details: []sim.TraceDetail{told("签收", "11:00:00")}, Express: true, State: "delivered"},
		"C":   {}, // nothing is told yet
		"店 1": {Details: []sim.TraceDetail{{Time: "2025-03-09 09:00:00"}}},
		"D":   {Details: []sim.TraceDetail{told("在途", "08:00:00")}},
	}, "traces: true")
	plan := onTheirWay("A", "B", "C", "店 1")
	plan.Due = append(plan.Due, extract.Due{OrderID: "D"}) // final, or it has no waybill
	got, err := extracttest.TryFetch(context.Background(), n.account, plan)
	if err != nil {
		t.Fatal(err)
	}
	compareRows(t, "delivery_events", events(got), []row{
		{"order_id": "A", "source_status": "揽收", "happened_at": "2025-03-09T02:00:00Z", "business_date": "2025-03-09"},
		{"order_id": "A", "source_status": "在途", "happened_at": "2025-03-09T04:30:00Z", "business_date": "2025-03-09"},
		{"order_id": "B", "source_status": "签收", "happened_at": "2025-03-09T03:00:00Z", "business_date": "2025-03-09"},
		{"order_id": "店 1", "happened_at": "2025-03-09T01:00:00Z", "business_date": "2025-03-09"},
	})
	if len(got.Tables) != 1 || len(got.Findings)+len(got.Rejects) != 0 {
		t.Errorf("tables %v, findings %v, rejects %v", got.Tables, got.Findings, got.Rejects)
	}
	sent := n.sent()
	slices.Sort(sent)
	want := []string{
		"/orderservice/order/A/delivery/trace? ",
		"/orderservice/order/B/delivery/trace? ", "/orderservice/order/B/kd/trace?operator=nightaudit ",
		"/orderservice/order/C/delivery/trace? ", "/orderservice/order/C/kd/trace?operator=nightaudit ",
		"/orderservice/order/店 1/delivery/trace? ",
	}
	if !slices.Equal(sent, want) {
		t.Errorf("sent\n%s\nwant\n%s", strings.Join(sent, "\n"), strings.Join(want, "\n"))
	}
}

// events are the rows of delivery_events without their ids.
func events(n *extracttest.Night) []row {
	for _, r := range n.Tables["delivery_events"] {
		delete(r, "event_id")
	}
	return n.Tables["delivery_events"]
}

// TestRefusedTraces: a refusal costs the trace of its order, which a finding names
// with the vendor's code, and where all are refused the window is marked. What the
// vendor says of persons is not told.
func TestRefusedTraces(t *testing.T) {
	const noAddress = "the vendor refused the call: its id cannot stand in an address"
	refused := sim.Trace{Refused: "T404", Deliveryman: "张三"}
	for _, c := range []struct {
		name   string
		due    []string
		events string
		found  string // findings: order, field and code
		marked bool
	}{
		{"one of three", []string{"A", "R1", "B"}, "A B", "[R1 code T404]", false},
		{"an id that cannot stand in an address", []string{"A", "../x", "a/b", "B"}, "A B", "[../x order_id " + noAddress + " a/b order_id " + noAddress + "]", true},
		{"all", []string{"R1", "R2", "R3"}, "", "[R1 code T404 R2 code T404 R3 code T404]", true},
		{"the only one", []string{"R1"}, "", "[R1 code T404]", false},
		{"a code that is a text", []string{"A", "R4"}, "A", "[R4 code ]", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := sentOut(t, map[string]sim.Trace{
				"A": {Details: []sim.TraceDetail{told("在途", "10:00:00")}}, "B": {Details: []sim.TraceDetail{told("在途", "11:00:00")}},
				"R1": refused, "R2": refused, "R3": refused, "R4": {Refused: "张三 13800000001"},
			}, "traces: true")
			got, err := extracttest.TryFetch(context.Background(), n.account, onTheirWay(c.due...))
			if err != nil {
				t.Fatal(err)
			}
			var of []string
			for _, e := range events(got) {
				of = append(of, e["order_id"])
			}
			if strings.Join(of, " ") != c.events {
				t.Errorf("events of %v, want %s", of, c.events)
			}
			var found []string
			for _, f := range got.Findings {
				found = append(found, f.OrderID+" "+f.Field+" "+f.Raw)
			}
			if fmt.Sprint(found) != c.found {
				t.Errorf("findings %v, want %s", found, c.found)
			}
			said := got.Outcomes[0].Unsettled
			if c.marked != (said != "") || c.marked && !strings.Contains(said, "T404") && !strings.Contains(said, noAddress) || strings.Contains(said, "张三") {
				t.Errorf("marked with %q", said)
			}
		})
	}
}

// TestTraceCallsFail: answers that are none cost the traces, not the account.
func TestTraceCallsFail(t *testing.T) {
	for body, want := range map[string]string{
		`{"data":[]}`:                "no trace",
		`{"success":true,"code":"0"`: "ends early",
	} {
		n := sentOut(t, map[string]sim.Trace{"A": {}}, "traces: true")
		n.account = extracttest.Open(t, Driver(), accountYAML(extracttest.DirectAddress, "traces: true"), extract.Env{
			Transport: extracttest.Direct(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })),
		})
		got, err := extracttest.TryFetch(context.Background(), n.account, onTheirWay("A", "B"))
		if err != nil || !strings.Contains(got.Outcomes[0].Unsettled, want) {
			t.Errorf("%s: %v, marked with %q, want %q", body, err, got.Outcomes[0].Unsettled, want)
		}
	}
}

// TestDamagedTraces: what does not fit costs that value, else that entry.
func TestDamagedTraces(t *testing.T) {
	for _, c := range []struct {
		name, body string
		events     []row
		findings   string // fields
		rejects    int
	}{
		{
			"a time that is none", `{"success":true,"traces":[{"time":"yesterday","status":"在途"}]}`,
			[]row{{"order_id": "A", "source_status": "在途"}},
			"traces[0].time", 0,
		},
		{
			"neither status nor time", `{"success":true,"details":[{"message":"张三"},{"status":"签收","time":"2025-03-09 10:00:00"}]}`,
			[]row{{"order_id": "A", "source_status": "签收", "happened_at": "2025-03-09T02:00:00Z", "business_date": "2025-03-09"}},
			"details[0].status", 0,
		},
		{"an entry that is a text", `{"success":true,"traces":["张三 13800000001"]}`, nil, "traces[0].status", 0},
		{"no list", `{"success":true,"traces":"张三"}`, nil, "traces", 0},
		{"null", `{"success":true,"order_id":"A","traces":null}`, nil, "", 0},
		{"another order", `{"success":true,"order_id":"B","traces":[{"status":"在途"}]}`, nil, "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := extracttest.Open(t, Driver(), accountYAML("https://soms.example"), extract.Env{})
			n := extracttest.Decode(t, a, &extract.Page{Stream: streamTraces, Body: []byte(c.body), Subject: extract.Subject{OrderID: "A"}})
			compareRows(t, "delivery_events", events(n), c.events)
			var fields []string
			for _, f := range n.Findings {
				fields = append(fields, f.Field)
				if strings.Contains(f.Raw, "张三") {
					t.Errorf("the finding quotes %q", f.Raw)
				}
			}
			if strings.Join(fields, " ") != c.findings || len(n.Rejects) != c.rejects {
				t.Errorf("findings %v, rejects %v", n.Findings, n.Rejects)
			}
		})
	}
}

// TestExpressTraceRefused: an order of which the first call tells nothing costs
// nothing where the call for express parcels is refused.
func TestExpressTraceRefused(t *testing.T) {
	n := sentOut(t, map[string]sim.Trace{"A": {}, "B": {Details: []sim.TraceDetail{told("在途", "11:00:00")}}}, "traces: true")
	n.vendor.Fault(func(r *http.Request) *simulate.Fault {
		if strings.HasSuffix(r.URL.Path, expressTrace) {
			return &simulate.Fault{Status: http.StatusNotFound}
		}
		return nil
	})
	got, err := extracttest.TryFetch(context.Background(), n.account, onTheirWay("A", "B"))
	if err != nil || len(got.Tables["delivery_events"]) != 1 || len(got.Findings) != 0 || got.Outcomes[0].Marked() {
		t.Errorf("%v, events %v, findings %v, %+v", err, got.Tables["delivery_events"], got.Findings, got.Outcomes)
	}
}
