package guoxiaodi_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/extracttest"
	"github.com/nightaudit/nightaudit/extract/guoxiaodi/sim"
	"github.com/nightaudit/nightaudit/extract/simulate"
)

func TestUnknownNumber(t *testing.T) {
	for _, c := range []struct {
		name    string
		options sim.Options
		config  string
	}{
		{"by code", sim.Options{}, ""},
		{"by a success without data", sim.Options{UnknownNull: true}, ""},
		{"by codes of the configuration", sim.Options{}, "unknown_codes: [20001, 404]\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.options.Orders = []sim.Order{delivered("Y1", "X1")}
			v := open(t, c.options, withSOMS+c.config, nil)
			night := v.night(t, extract.Plan{State: extract.State{Known: known("X1", "X9")}})
			if len(night.Findings) != 1 || night.Findings[0].OrderID != "X9" || night.Findings[0].Raw != "X9" || night.Findings[0].Field != "sourceOrderNo" {
				t.Errorf("findings %+v, want one of X9", night.Findings)
			}
			if len(night.Tables["orders"]) != 1 || len(night.Rejects) != 0 {
				t.Errorf("orders %v, rejects %v; want Y1 only", night.Tables["orders"], night.Rejects)
			}
			if v.Requests() != 4 { // 2 × status, feed and tips of Y1
				t.Errorf("%d requests, want 4", v.Requests())
			}
		})
	}
}

// A registered order that the courier does not know is one by what the
// register says, and the finding names it.
func TestUnknownRegisteredOrder(t *testing.T) {
	for line, want := range map[string]extracttest.Issue{
		`{"orderNo":"Y9","payFee":"100"}`:                      {Stream: "status", OrderID: "Y9", Field: "orderNo", Raw: "Y9"},
		`{"orderNo":"Y9","sourceOrderNo":"X9","payFee":"100"}`: {Stream: "status", OrderID: "Y9", Field: "sourceOrderNo", Raw: "X9"},
	} {
		c := open(t, sim.Options{}, withRegister, map[string]string{"a.jsonl": line + "\n"})
		night := c.night(t, extract.Plan{})
		want.Reason = "the courier does not know this number"
		if len(night.Findings) != 1 || night.Findings[0] != want {
			t.Errorf("%s: findings %+v, want %+v", line, night.Findings, want)
		}
		if got := nets(night)["Y9"]; got != "1.0000" || len(night.Streams["status"]["orders"]) != 0 {
			t.Errorf("%s: net %q of the register, orders %v of the query; want 1.0000 and none", line, got, night.Streams["status"]["orders"])
		}
	}
}

// Where the courier knows none of the numbers, their kind is wrong, and the
// window says which others there are; a few, or one that was known before or
// is now, say nothing of it.
func TestNoNumberKnown(t *testing.T) {
	strangers := func(n int) (numbers []string) {
		for i := range n {
			numbers = append(numbers, fmt.Sprintf("S%d", i))
		}
		return numbers
	}
	var registered []sim.Created
	for _, no := range strangers(20) {
		registered = append(registered, created("Y"+no, ""))
	}
	const ours = `the courier knows none of the 20 numbers of the shop's orders that it was asked for: from_soms asks for its id as sourceOrderNo, and one of the two is wrong: try as: orderNo, and key: front_order_id or waybill_id`
	for _, c := range []struct {
		name     string
		config   string
		register []sim.Created
		known    []string
		settled  map[string]bool
		marked   string
	}{
		{"20 of 20", withSOMS, nil, strangers(20), nil, ours},
		{
			"20 of 20 as the courier's own", strings.Replace(withSOMS, "key: id, as: sourceOrderNo", "key: waybill_id, as: orderNo", 1), nil, strangers(20), nil,
			strings.NewReplacer("its id as sourceOrderNo", "its waybill_id as orderNo", "as: orderNo, and key: front_order_id or waybill_id", "as: sourceOrderNo, and key: front_order_id or id").Replace(ours),
		},
		{"20 of the shop's, beside one that is registered", withRegister + withSOMS, []sim.Created{created("Y1", "X1")}, strangers(20), nil, ours},
		{"19 of 20", withSOMS, nil, append(strangers(19), "X1"), nil, ""},
		{"the shop's, and one was known before", withRegister + withSOMS, []sim.Created{created("Y1", "X1")}, append(strangers(20), "X7"), map[string]bool{"X7": true}, ""},
		{"a few", withSOMS, nil, strangers(4), nil, ""},
		{"20 of the register", withRegister, registered, nil, nil, "the courier knows none of the 20 numbers that it was asked for: see that base_url and auth are of the account that made these orders, and that orderNo in the register is the courier's own number, sourceOrderNo the one that was sent to it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1")}}, c.config, map[string]string{"a.jsonl": jsonl(c.register...)})
			night := v.night(t, extract.Plan{State: extract.State{Known: known(c.known...), Settled: c.settled}})
			for i, w := range night.Windows {
				want := ""
				if w.Stream == "status" {
					want = c.marked
				}
				if got := night.Outcomes[i].Unsettled; got != want {
					t.Errorf("%s is marked %q, want %q", w.Stream, got, want)
				}
			}
		})
	}
}

// A number that the courier refuses among those that it answers is that number's
// finding, whatever code it gives; what concerns the account fails it. Of a number
// whose status was refused nothing else is asked.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name, body string
		fails      bool
		says       string
	}{
		{"an undocumented code", `{"code":20001,"msg":"x","data":null,"ok":false,"fail":true}`, false, "X2 (code 20001: the vendor refused the call)"},
		{"the code of a permission", `{"code":403,"msg":"x","data":null,"ok":false,"fail":true}`, false, "X2 (code 403: access is forbidden)"},
		{"code 0 that is not ok", `{"code":0,"msg":"","data":{"orderNo":"Y1"},"ok":false}`, false, "X2 (code 0: the vendor refused the call: ok is false)"},
		{"no envelope", `{"orderNo":"Y1"}`, false, "X2 (the answer has no code)"},
		{"data of another kind", `{"code":0,"msg":"","data":[],"ok":true}`, false, "X2 (unexpected answer: the answer is not the JSON it should be: data is not an object)"},
		{"too often", `{"code":429,"data":null,"ok":false}`, true, "429"},
		{"another signature", `{"code":401,"data":null,"ok":false}`, true, "401"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := open(t, sim.Options{Orders: []sim.Order{delivered("Y1", "X1"), delivered("Y3", "X3")}}, withSOMS, nil)
			asked := 0
			v.Fault(func(r *http.Request) *simulate.Fault {
				body, err := io.ReadAll(r.Body)
				if err != nil || !strings.Contains(string(body), "X2") {
					return nil
				}
				asked++
				return &simulate.Fault{Status: 200, Body: c.body}
			})
			night, err := extracttest.TryCollect(context.Background(), v.account, extract.Plan{State: extract.State{Known: known("X1", "X2", "X3")}})
			if c.fails {
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("error %v, want %q", err, c.says)
				}
				return
			}
			if err != nil || len(night.Tables["orders"]) != 2 || asked != 1 {
				t.Fatalf("%d orders, %v, X2 asked for %d times; want Y1 and Y3, and once", len(night.Tables["orders"]), err, asked)
			}
			if says := night.Outcomes[0].Unsettled; !strings.Contains(says, "1 of 3 orders were refused: "+c.says) {
				t.Errorf("the window is marked with %q, want %q", says, c.says)
			}
			if f := night.Findings; len(f) != 1 || f[0].OrderID != "X2" {
				t.Errorf("findings %+v, want one of X2", f)
			}
		})
	}
}

// Where the courier shows none of several numbers, the account has failed; those
// that it did not show in an earlier night tell nothing new.
func TestNoNumberIsShown(t *testing.T) {
	for _, c := range []struct {
		before string
		fails  bool
	}{{"", true}, {"X1", false}, {"X1 X2", false}} {
		v := open(t, sim.Options{}, withSOMS, nil)
		v.Fault(func(*http.Request) *simulate.Fault {
			return &simulate.Fault{Body: `{"code":20001,"data":null,"ok":false}`}
		})
		state := extract.State{Known: known("X1", "X2"), NotShown: map[string]bool{}}
		for _, number := range strings.Fields(c.before) {
			state.NotShown[number] = true
		}
		night, err := extracttest.TryCollect(context.Background(), v.account, extract.Plan{State: state})
		if (err != nil) != c.fails || v.Requests() != 2 {
			t.Errorf("not shown before %q: %v in %d calls, want failure %v in 2", c.before, err, v.Requests(), c.fails)
		}
		if !c.fails && len(night.Findings) != 2 {
			t.Errorf("findings %+v, want one of each", night.Findings)
		}
	}
}
