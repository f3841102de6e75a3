package extracttest

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
)

// listOrders is how many orders the vendor of these tests holds in each list.
const listOrders = 20

// statement is what a vendor states as the number of records of a list of 20.
type statement struct {
	name string
	text func(total, rows, page int) string // of JSON; "" leaves it out
	// marked is a part of why a window is marked: with odd each is, else those of
	// more than one page; "" marks none.
	marked string
	odd    bool
}

var statements = []statement{
	{name: "right", text: func(total, _, _ int) string { return strconv.Itoa(total) }},
	{name: "right, as text", text: func(total, _, _ int) string { return strconv.Quote(strconv.Itoa(total)) }},
	{name: "right, with a fraction of nothing", text: func(total, _, _ int) string { return strconv.Itoa(total) + ".0" }},
	{name: "null", text: func(int, int, int) string { return "null" }},
	{name: "absent", text: func(int, int, int) string { return "" }},
	{name: "negative", text: func(int, int, int) string { return "-3" }, marked: "-3, is no count", odd: true},
	{name: "23 digits", text: func(int, int, int) string { return "12345678901234567890123" }, marked: "is no count", odd: true},
	{name: "a fraction", text: func(total, _, _ int) string { return strconv.Itoa(total) + ".5" }, marked: ".5, is no count", odd: true},
	{name: "zero on later pages", text: func(total, _, page int) string {
		if page > 1 {
			return "0"
		}
		return strconv.Itoa(total)
	}},
	{name: "the page's own number", text: func(_, rows, _ int) string { return strconv.Itoa(rows) }, marked: "the number of one page alone"},
}

// paper is how a vendor pages: what it is asked for and what it gives.
type paper struct {
	name  string
	asked int
	size  func(asked int) int
}

var papers = []paper{
	{"as asked", 8, func(asked int) int { return asked }},
	{"as asked, the last page is full", 5, func(asked int) int { return asked }},
	{"as asked, all on one page", 50, func(asked int) int { return asked }},
	{"capped at 7", 50, func(asked int) int { return min(asked, 7) }},
	{"9, whatever is asked", 5, func(int) int { return 9 }},
}

// Lists: whatever a vendor states as the number of records and however many
// it gives to a page, all of them come; and where its own words speak against
// them, the window says so.
func Lists(t *testing.T, s Subject) {
	for _, said := range statements {
		if s.Untotalled && said.name != "absent" {
			continue
		}
		for _, given := range papers {
			if s.Unpaged && given.asked != papers[0].asked {
				continue // what it is asked for is ignored
			}
			t.Run(said.name+"; "+given.name, func(t *testing.T) {
				t.Parallel()
				b := s.open(t, opening{orders: listOrders, pageSize: given.asked, workers: 2, direct: true})
				b.Depart(given.size, said.text)
				night, err := b.fetch(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				want := b.ids(listOrders)
				for _, stream := range s.Lists {
					got, marked := night.keys(stream)
					if !maps.Equal(got, want) && !(s.Unpaged && marked) {
						t.Errorf("%s: %d orders; missing: %s; not at the vendor: %s", stream, len(got), some(lacking(want, got)), some(lacking(got, want)))
					}
				}
				if !s.Unpaged {
					night.checkSaid(t, said)
				}
			})
		}
	}
}

// checkSaid fails the test unless exactly those windows are marked that said
// speaks against, and what is no count is a finding.
func (n *Night) checkSaid(t *testing.T, said statement) {
	t.Helper()
	for i, o := range n.Outcomes {
		full := 0 // pages of the last pass with records
		for p, page := range n.Pages {
			if page.Stream == n.Windows[i].Stream && page.Filter == n.Windows[i].Filter && page.Pass == o.Passes && n.Facts[p].Rows > 0 {
				full++
			}
		}
		doubted := said.odd || said.marked != "" && full > 1
		if doubted != o.Marked() || doubted && !strings.Contains(o.Unsettled, said.marked) {
			t.Errorf("%s %s, %d pages: marked %v %q (%d of %d), want %v %q", n.Windows[i].Stream, n.Windows[i].Filter, full, o.Marked(), o.Unsettled, o.Distinct, o.Total, doubted, said.marked)
		}
	}
	told := slices.ContainsFunc(n.Findings, func(f Issue) bool { return f.Field == "total" && f.OrderID == "" })
	if told != said.odd || !told && len(n.Findings) > 0 {
		t.Errorf("findings %+v, want one of the total: %v", n.Findings, said.odd)
	}
}

// testEndlessNews: a vendor that answers other records for ever, under new ids,
// costs a bounded number of requests, whatever it states as their number.
func testEndlessNews(t *testing.T, s Subject) {
	for _, c := range []struct {
		name string
		said func(total, rows, page int) string
		most int // reads
		slow bool
	}{
		// Three pages are stated, so 4×3+100 may come, and as many as wait for
		// their turn; of two lists, or of three passes where that is no error.
		{"a total that is too low", func(total, _, _ int) string { return strconv.Itoa(min(total, 41)) }, 3 * (4*3 + 100 + 8), false},
		{"no total", func(int, int, int) string { return "" }, 10_100, true},
		{"the page's own number", func(_, rows, _ int) string { return strconv.Itoa(rows) }, 10_100, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.slow && os.Getenv("NIGHTAUDIT_SLOW") != "1" && !long() {
				t.Skip("takes seconds: NIGHTAUDIT_SLOW=1 runs it")
			}
			if s.Untotalled && c.name != "no total" {
				t.Skip("the vendor states no totals")
			}
			b := s.open(t, opening{orders: faultOrders, pageSize: s.PageSize, workers: 1, direct: true})
			b.Depart(func(asked int) int { return asked }, c.said)
			news := &endless{bench: b}
			a := Open(t, s.Driver, b.yaml(DirectAddress), extract.Env{Now: b.Now, Transport: Direct(news)})
			collected := newCollector(a)
			collected.keysOnly = true
			err := collected.run(t.Context(), b.Plan)
			marked := slices.ContainsFunc(collected.night.Outcomes, Outcome.Marked)
			if err == nil && !marked {
				t.Error("a list without an end passes for a whole one")
			}
			if err != nil && (!strings.Contains(err.Error(), "the list does not end") || extract.ClassOf(err) != extract.Permanent) {
				t.Errorf("error %v, want a permanent one that says that the list does not end", err)
			}
			if news.reads > c.most {
				t.Errorf("%d reads, want at most %d", news.reads, c.most)
			}
			t.Logf("%d reads; marked: %v; %v", news.reads, collected.night.reasons(), err)
		})
	}
}

// endless answers as the vendor does until a list is at its end, and from then
// on with the list's first page under new ids.
type endless struct {
	*bench
	mu    sync.Mutex
	page  map[string][]byte // by path
	reads int
}

func (e *endless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !e.IsRead(r) {
		e.bench.ServeHTTP(w, r)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.reads++
	path := r.URL.Path
	answer := httptest.NewRecorder()
	e.bench.ServeHTTP(answer, r)
	_, ids := e.renamed(answer.Body.Bytes())
	var body []byte
	switch {
	case ids < 2 && e.page[path] != nil: // a page number can look like an id
		body, _ = e.renamed(e.page[path])
	case ids > 1 && e.page[path] == nil:
		if e.page == nil {
			e.page = map[string][]byte{}
		}
		e.page[path] = bytes.Clone(answer.Body.Bytes())
		fallthrough
	default:
		body = answer.Body.Bytes()
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body) // to memory
}

// anyID is a member of an answer that can be a record's id.
var anyID = regexp.MustCompile(`:"?([A-Za-z]*[0-9]+)"?,`)

// renamed is an answer whose orders have ids that no other answer has, and how
// many there are.
func (e *endless) renamed(body []byte) (renamed []byte, ids int) {
	known := e.ids(faultOrders)
	renamed = anyID.ReplaceAllFunc(body, func(member []byte) []byte {
		id := string(anyID.FindSubmatch(member)[1])
		if !known[id] {
			return member
		}
		ids++
		return bytes.Replace(member, []byte(id), fmt.Appendf(nil, "%s%06d", id, e.reads), 1)
	})
	return renamed, ids
}
