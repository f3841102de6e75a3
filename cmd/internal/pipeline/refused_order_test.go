package pipeline_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract/simulate"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// One order that its vendor does not show costs that order alone: all others
// arrive, a finding names it with the vendor's code, the night ends with 3, and
// every night asks again until the vendor shows it. Asking takes no more calls than
// http.retries allow, and what is final takes one.
func TestRefusedOrderCostsItself(t *testing.T) {
	for _, c := range []struct {
		name, source string
		later        int // days after a good night
		path, asked  string
		fault        simulate.Fault
		order, raw   string
		calls        int64 // a night
	}{
		{
			"tuya's system", "tuya", 0, "/get", `"0801"`,
			simulate.Fault{Body: `{"code":500,"msg":"Li: system error","success":false,"t":1712736000234}`},
			"0801", "code 500: the vendor reports an error of its own system (asked 3 times)", 3,
		},
		{
			"an unknown code", "tuya", 1, "/get", `"0801"`,
			simulate.Fault{Body: `{"code":7777,"msg":"Li","success":false,"t":1712736000234}`},
			"0801", "code 7777: the vendor refused the call", 1,
		},
		{
			"akubela's server", "akubela", 0, "", `"0801"`,
			simulate.Fault{Status: http.StatusInternalServerError, Body: "Li"},
			"0801", "code 500: the vendor's server failed (asked 3 times)", 3,
		},
		{
			"a success that is none", "akubela", 1, "", `"0801"`,
			simulate.Fault{Body: `{"success":false,"timestamp":1724816274618,"result":{"message":"no room for Li"}}`},
			"0801", `the vendor refused the call: "no room for …"`, 1,
		},
		{
			"a result that cannot be read", "akubela", 1, "", `"0801"`,
			simulate.Fault{Body: `{"success":true,"timestamp":1724816274618,"result":["Li"]}`},
			"0801", "unexpected answer: the answer is not the JSON it should be: its result is not an object (asked 3 times)", 3,
		},
		{
			"the PMS", "starhotel", 100, "/pmsOrder/list", `"20260801"`,
			simulate.Fault{Body: `{"error_code":7,"error_msg":"Li","data":null}`},
			"802", "code 7: the vendor refused the call", 1,
		},
		{
			"the courier", "guoxiaodi", 1, "/query-status", `"ON0801"`,
			simulate.Fault{Body: `{"code":20001,"msg":"Li","data":null,"ok":false,"fail":true}`},
			"ON0801", "code 20001: the vendor refused the call", 1,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.later > 0 {
				slowTest(t)
			} else {
				t.Parallel()
			}
			h := startHamlet(t)
			only(h.cfg, c.source)
			if c.later > 0 {
				if r := h.run(); r.ExitCode != 0 {
					t.Fatalf("the good night ended with %d: %v %v", r.ExitCode, r.Accounts[0].Messages, r.Accounts[0].Err)
				}
				h.now = h.now.AddDate(0, 0, c.later)
				// Final orders are asked for once, and again as long as they are not shown.
				h.service(8, 1, "finished")
				h.stay(8, 1, "checked_out")
			}
			hits := h.answering(c.source, func(path, asked string) bool {
				return strings.HasSuffix(path, c.path) && strings.Contains(asked, c.asked) && !strings.Contains(asked, "page_index")
			}, c.fault)
			var r *pipeline.Result
			stands := []string{c.order + " | finding | " + c.raw + " | true"}
			for night := int64(1); night <= 2; night++ {
				r = h.run()
				a := r.Accounts[0]
				if says := strings.Join(a.Messages, "; "); r.ExitCode != 3 || a.State != ledger.Unreconciled || !strings.Contains(says, " orders were refused: "+c.order+" (") {
					t.Fatalf("night %d ended with %d, %s: %q %v", night, r.ExitCode, a.State, says, a.Err)
				}
				if n := hits.Load(); n != c.calls*night {
					t.Errorf("%d calls for the order in %d nights, want %d each", n, night, c.calls)
				}
				db := open(t, r.Database)
				equal(t, "exceptions", lines(t, db, "SELECT order_id, kind, raw, ask_again FROM audit.exceptions"), stands)
				equal(t, "findings", lines(t, db, "SELECT order_id FROM audit.findings WHERE run_id = ?", r.RunID), []string{c.order})
				if n := lines(t, db, "SELECT count(*) FROM orders WHERE deleted_at IS NULL"); n[0] != "12" {
					t.Errorf("%s orders, want all twelve", n[0])
				}
				db.Close()
				h.now = h.now.AddDate(0, 0, 1)
			}
			if _, err := pipeline.Replay(t.Context(), h.cfg, pipeline.Options{Now: h.clock}); err != nil {
				t.Fatal(err)
			}
			db := open(t, r.Database)
			equal(t, "exceptions of a replay", lines(t, db, "SELECT order_id, kind, raw, ask_again FROM audit.exceptions"), stands)
			db.Close()
			h.well(c.source)
			if r = h.run(); r.ExitCode != 0 {
				t.Errorf("the night after ended with %d: %v %v", r.ExitCode, r.Accounts[0].Messages, r.Accounts[0].Err)
			}
			equal(t, "exceptions of the night after", lines(t, open(t, r.Database), "SELECT order_id, reason FROM audit.exceptions"), nil)
		})
	}
}
