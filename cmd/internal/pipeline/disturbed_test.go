package pipeline_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract/simulate"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// disturbance is what a vendor does to one night.
type disturbance struct {
	name   string
	hit    func() func(path, asked string) bool // the calls that are answered wrongly, anew for each night
	answer simulate.Fault
	state  ledger.WindowState // how the account's night ends
}

// calls picks calls by the end of their path and words of their query or body;
// words that begin with ! must not be there.
func calls(path string, words ...string) func() func(path, asked string) bool {
	return func() func(string, string) bool {
		return func(called, asked string) bool {
			return strings.HasSuffix(called, path) && !slices.ContainsFunc(words, func(w string) bool {
				w, not := strings.CutPrefix(w, "!")
				return strings.Contains(asked, w) == not
			})
		}
	}
}

func answer(body string) simulate.Fault { return simulate.Fault{Body: body} }

// emptied are, by source, the ways to answer with a well formed nothing where
// the night before brought orders.
var emptied = map[string][]disturbance{
	"tuya": {
		{"both lists empty", calls("/page"), answer(noTuya), ledger.Unreconciled},
		// The other list is as full as ever.
		{"list of goods empty", calls("/page", "MATERIAL"), answer(noTuya), ledger.Unreconciled},
	},
	"akubela": {
		{"list empty", calls("", "get_order_list"), answer(`{"success":true,"timestamp":1775761200000,"result":[]}`), ledger.Unreconciled},
	},
	"soms": {
		// That nothing was changed is normal. The totals by day tell.
		{"searches empty", calls("/query"), answer(`{"total":0,"page":0,"page_count":0,"page_size":2,"orders":[],"reminds":[]}`), ledger.Unreconciled},
	},
	"starhotel": {
		{"list of orders empty", calls("/list", "!search_str"), answer(noStarhotel), ledger.Unreconciled},
		// Their list proves no absence: nothing is cleared, nothing marked.
		{"list of accommodations empty", calls("/getAccomOrderList", "!search_str"), answer(noStarhotel), ledger.Complete},
	},
	"guoxiaodi": {
		// There is no list. Where none of the numbers is known the courier is asked
		// wrongly; what was known of them stays.
		{"no number known", calls(""), answer(`{"code":404,"msg":"订单不存在","data":null,"ok":false,"fail":true}`), ledger.Unreconciled},
		{"feeds empty", calls("query-status-feed"), answer(`{"code":0,"msg":"","data":{"feed":[]},"ok":true,"fail":false}`), ledger.Complete},
	},
}

const (
	noTuya      = `{"success":true,"t":1775761200000,"result":{"total":0,"page_no":1,"page_size":2,"data":[]}}`
	noStarhotel = `{"error_code":0,"description":"","error_msg":"","data":{"list":[],"total":0,"page_no":1,"page_size":2}}`
)

// secondPage is, by source, the call for a page in the middle of a scan. Those
// of soms for a single order only count.
var secondPage = map[string]func() func(path, asked string) bool{
	"tuya":      calls("/page", `"page_no":2`),
	"akubela":   calls("", `"page_index":2`),
	"soms":      calls("/orders/query", "!page=0", "page_size=2"),
	"starhotel": calls("/list", `"page":2`),
	"guoxiaodi": func() func(string, string) bool {
		var asked atomic.Int64
		return func(path, _ string) bool { return strings.HasSuffix(path, "query-status") && asked.Add(1) > 1 }
	},
}

// faults are the answers that end a scan however often they are asked for.
// elsewhere is a host that nobody has configured.
func faults(elsewhere string) []disturbance {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	_, _ = w.Write(bytes.Repeat([]byte("["), 8<<20)) // to memory; max_response is 1 MiB
	_ = w.Close()
	html := http.Header{"Content-Type": {"text/html"}}
	return []disturbance{
		{name: "invalid JSON", answer: answer(`{"success":true,"result":}`)},
		{name: "wrong envelope", answer: answer(`{"status":"ok"}`)},
		{name: "redirect to another host", answer: simulate.Fault{Status: 302, Header: http.Header{"Location": {elsewhere + "/secret?token=1"}}}},
		{name: "gzip bomb", answer: simulate.Fault{Header: http.Header{"Content-Encoding": {"gzip"}}, Body: bomb.String()}},
		{name: "500 for ever", answer: simulate.Fault{Status: 500, Body: "Internal Server Error"}},
		{name: "429 for ever", answer: simulate.Fault{Status: 429, Header: http.Header{"Retry-After": {"7"}}}},
		{name: "503 for ever", answer: simulate.Fault{Status: 503}},
		{name: "HTML with 200", answer: simulate.Fault{Header: html, Body: "<html>log in</html>"}},
		{name: "empty body", answer: answer("")},
		{name: "credentials refused", answer: simulate.Fault{Status: 401}},
	}
}

// TestDisturbedNights: a vendor answers wrongly in the middle of a scan, or
// with nothing where there was something. Nothing is half loaded and nothing
// taken as deleted, the other accounts are loaded and published, and the next
// good night makes up for all of it: the tables are those of a hamlet that
// nobody disturbed.
//
// One hamlet meets all that can be answered with nothing, and one fault from
// each vendor, with a good night after each. With NIGHTAUDIT_LONG=1 everything
// is done to every vendor, each in a hamlet of its own.
func TestDisturbedNights(t *testing.T) {
	slowTest(t)
	var strays atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strays.Add(1) }))
	defer elsewhere.Close()
	faults := faults(elsewhere.URL)

	together := make([]map[string]disturbance, 6)
	for n := range together {
		together[n] = map[string]disturbance{}
	}
	courses := map[string][]map[string]disturbance{}
	for i, source := range sources {
		all := slices.Clone(emptied[source])
		for _, f := range faults {
			f.hit, f.state = secondPage[source], ledger.Failed
			all = append(all, f)
		}
		for _, d := range all {
			courses[source+", "+d.name] = []map[string]disturbance{{source: d}, {}}
		}
		few := append(all[:len(emptied[source]):len(emptied[source])], all[len(emptied[source])+i])
		first := 0
		if len(few) < 3 {
			first = 1 // so that no night disturbs all
		}
		for k, d := range few {
			together[first+2*k][source] = d
		}
	}
	if !long() {
		courses = map[string][]map[string]disturbance{"together": together}
	}

	want := undisturbed(t, len(together)+1)
	t.Run("courses", func(t *testing.T) {
		for name, nights := range courses {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				h := startHamlet(t)
				result := h.run()
				wantStates(t, result, nil)
				before := readBooks(t, result.Database)
				for n, disturbances := range nights {
					t.Run(fmt.Sprintf("night %d", n+2), func(t *testing.T) {
						before = h.disturbed(t, disturbances, before, want[n+1])
					})
				}
			})
		}
	})
	if n := strays.Load(); n != 0 {
		t.Errorf("%d calls went to another host", n)
	}
}

// undisturbed is what each of the nights gives by source when all goes well.
func undisturbed(t *testing.T, nights int) []map[string]book {
	t.Helper()
	h := startHamlet(t)
	var all []map[string]book
	for n := range nights {
		if n > 0 {
			h.pass()
		}
		result := h.run()
		wantStates(t, result, nil)
		all = append(all, readBooks(t, result.Database))
		for source, b := range all[n] {
			if got, want := len(b.facts["orders"]), (4+n)*perDay; got != want {
				t.Fatalf("%s has %d orders after night %d, want %d", source, got, n+1, want)
			}
		}
	}
	return all
}

// disturbed lets a day pass and carries out its night. before is what the night
// before has left, want what the night would give if all went well.
func (h *hamlet) disturbed(t *testing.T, disturbances map[string]disturbance, before, want map[string]book) (after map[string]book) {
	t.Helper()
	h.pass()
	hits, states := map[string]*atomic.Int64{}, map[string]ledger.WindowState{}
	for source, d := range disturbances {
		t.Logf("%s: %s", source, d.name)
		hits[source], states[source] = h.answering(source, d.hit(), d.answer), d.state
	}
	result := h.run()
	wantStates(t, result, states)
	after = readBooks(t, result.Database)
	for _, source := range sources {
		d, disturbed := disturbances[source]
		if !disturbed {
			wantSameFacts(t, after[source].facts, want[source].facts)
			continue
		}
		h.well(source)
		if hits[source].Load() == 0 {
			t.Errorf("%s: no call was answered wrongly", source)
		}
		d.want(t, source, before[source], after[source], want[source], marks(t, result, source))
	}
	return after
}

// marks are the states of the night's windows of a source that bear a message.
func marks(t *testing.T, r *pipeline.Result, source string) []string {
	t.Helper()
	db := open(t, r.Database)
	defer db.Close()
	return lines(t, db, "SELECT DISTINCT state FROM audit.extracts WHERE source = ? AND run_id = ? AND message IS NOT NULL", source, r.RunID)
}

// want checks what a disturbed night has left of its source.
func (d disturbance) want(t *testing.T, source string, before, after, undisturbed book, marks []string) {
	t.Helper()
	what := source + ", " + d.name
	for row, n := range before.rows {
		if after.rows[row] < n {
			t.Errorf("%s: %s: %d rows, want the %d of the night before", what, row, after.rows[row], n)
		}
	}
	switch d.state {
	case ledger.Failed:
		for table, rows := range before.whole {
			if strings.Join(after.whole[table], "\n") != strings.Join(rows, "\n") {
				equal(t, what+": half loaded: "+table, after.whole[table], rows)
			}
		}
		equal(t, what+": the ledger", marks, []string{"failed"})
	case ledger.Unreconciled:
		equal(t, what+": deleted orders", after.deleted, before.deleted)
		equal(t, what+": the ledger", marks, []string{"unreconciled"})
	default:
		equal(t, what+": deleted orders", after.deleted, undisturbed.deleted)
		equal(t, what+": the ledger", marks, nil)
	}
}
