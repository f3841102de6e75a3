package extract_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/transform"
)

// told is one answer as a vendor gives it: "a b c" are keys, "-x" a record
// without one whose text is x, and "/7" behind them the stated total, "/?" one
// that is no count.
type told string

func (a told) facts() extract.Facts {
	f := extract.Facts{Total: -1}
	keys, total, ok := strings.Cut(string(a), "/")
	switch {
	case total == "?":
		f.OddTotal = "-3"
	case ok:
		_, _ = fmt.Sscan(total, &f.Total)
	}
	for _, key := range strings.Fields(keys) {
		f.Rows++
		if text, unnamed := strings.CutPrefix(key, "-"); unnamed {
			key = transform.Unnamed + text
		}
		f.Keys = append(f.Keys, key)
	}
	return f
}

// list answers page n of pass p as pages[p-1][n-1]; what is missing is empty.
type list struct {
	passes [][]told
	asked  []string // "pass/page"
	pages  []*extract.Page
}

func (l *list) read(ctx context.Context) error {
	yield := func(p *extract.Page) (extract.Facts, error) {
		l.pages = append(l.pages, p)
		return told(p.Body).facts(), nil
	}
	return extract.Passes(ctx, "read orders", yield, func(ctx context.Context, p *extract.Pass) error {
		// z is beyond the window's end.
		p.Beyond = func(key string) bool { return key == "z" }
		paging := extract.Paging{Workers: 1, Ask: func(_ context.Context, n int) (*extract.Page, error) {
			l.asked = append(l.asked, fmt.Sprintf("%d/%d", p.Number, n))
			page := &extract.Page{Stream: "orders"}
			if of := l.passes[p.Number-1]; n <= len(of) {
				page.Body = []byte(of[n-1])
			}
			return page, nil
		}}
		return paging.Read(ctx, p)
	})
}

func TestPasses(t *testing.T) {
	for _, c := range []struct {
		name     string
		passes   [][]told
		requests int
		marked   string // a part of the reason; "" is settled
		err      string
	}{
		// Three of three on one page may be that page's own number: the next one
		// tells.
		{"one answer holds the list", [][]told{{"a b c/3", "/3"}}, 2, "", ""},
		{"one answer seems to hold the list", [][]told{{"a b c/3", "d/1"}, {"a b c/3", "d/1"}}, 6, "2 passes agree on 4 records, but the vendor states 1, which may be the number of one page alone", ""},
		{"an empty page that does not say so again", [][]told{{"a b c/3", "/0"}, {"a b c/3"}}, 3, "", ""},
		{"one answer says that there is nothing", [][]told{{"/0"}}, 1, "", ""},
		{"nothing, and no total", [][]told{{""}}, 1, "", ""},
		{"two passes agree", [][]told{{"a b/3", "c/3"}, {"a b/3", "c/3"}}, 4, "", ""},
		// Counting may stop at a full page, 10,000 for instance: asked once.
		{"the last page is full", [][]told{{"a b/4", "c d/4", "/4"}, {"a b/4", "c d/4"}}, 5, "", ""},
		{"counting stops at a full page", [][]told{{"a b/4", "c d/4", "e/4"}, {"a b/4", "c d/4", "e/4"}}, 8, "2 passes agree on 5 records, but the vendor states 4", ""},
		{"the total stands on the first page only", [][]told{{"a b/5", "c d/0", "e/0"}, {"a b/5", "c d/0", "e/0"}}, 6, "", ""},
		{"each page states its own number", [][]told{{"a b/2", "c d/2", "e/1"}, {"a b/2", "c d/2", "e/1"}}, 8, "2 passes agree on 5 records, but the vendor states 1", ""},
		{"a total that is no count", [][]told{{"a b/?", "c/?"}, {"a b/?", "c/?"}}, 6, "2 passes agree on 3 records, but what the vendor states as their number, -3, is no count", ""},
		{"without a total an empty page ends a pass", [][]told{{"a b", "c"}, {"a b", "c"}}, 6, "", ""},
		{"a short page in the middle ends nothing", [][]told{{"a b", "c", "d e"}, {"a b", "c", "d e"}}, 8, "", ""},
		{
			// a was deleted and e added between the pages of pass 1: its total
			// is right and c is missing.
			"a total that is right hides a loss",
			[][]told{{"a b/4", "d e/4"}, {"b c/4", "d e/4"}, {"b c/4", "d e/4"}},
			7, "", "",
		},
		{"an order is deleted between the passes", [][]told{{"a b/3", "c/3"}, {"a c/2"}, {"a c/2"}}, 2 + 2 + 1, "", ""},
		{"pass 3 agrees with pass 1", [][]told{{"a b/3", "c/3"}, {"a b/3", "d/3"}, {"c b/3", "a/3"}}, 6, "", ""},
		{
			"no two agree",
			[][]told{{"a b/3", "c/3"}, {"a b/3", "d/3"}, {"a b/3", "e/3"}},
			6,
			"the list kept changing while it was read: pass 1 gave 3 records of 3 stated; pass 2 gave 3 records of 3 stated; pass 3 gave 3 records of 3 stated", "",
		},
		{
			// In pass 2 an order added in front pushed b to the next page, and
			// the pass might have missed one for the same reason.
			"the same set in a pass that was not calm proves nothing",
			[][]told{{"a b", "c"}, {"a b", "b c"}, {"a b", "c"}},
			9, "", "",
		},
		{"a list that holds an order twice", [][]told{{"a b", "b c"}, {"a b", "b c"}}, 6, "", ""},
		{"the total moves within a pass", [][]told{{"a b/3", "c/3"}, {"a b/4", "c/3"}, {"a b/3", "c/3"}}, 6, "", ""},
		{"a total that is never reached", [][]told{{"a b/4", "c/4"}, {"a b/4", "c/4"}}, 6, "2 passes agree on 3 records, but the vendor states 4", ""},
		{"fewer are stated than come", [][]told{{"a b c/2"}, {"a b c/2"}}, 4, "2 passes agree on 3 records, but the vendor states 2", ""},
		{"a total without records", [][]told{{"/5"}, {"/5"}}, 2, "2 passes agree on 0 records, but the vendor states 5", ""},
		{"records without a key are counted", [][]told{{"a -x/3", "c/3"}, {"a -x/3", "c/3"}}, 4, "", ""},
		{"records of one text are as many as come", [][]told{{"a -x -x/5", "c -x/5"}, {"a -x -x/5", "c -x/5"}}, 4, "", ""},
		{"orders beyond the end need not agree", [][]told{{"a b/3", "c/3"}, {"z a/4", "b c/4"}}, 5, "", ""},
		{
			"a vendor that repeats its first page",
			[][]told{{"a b/6", "a b/6"}, {"a b/6", "a b/6"}},
			4, "",
			"read orders: page 2: the vendor repeats a page; the vendor's paging is broken",
		},
		{"the last page for ever, without a total", [][]told{{"a b", "c", "c"}, {"a b", "c", "c"}}, 6, "", "page 3: the vendor repeats a page"},
		{"the last page for ever, with a total too high", [][]told{{"a b/4", "c/4", "c/4"}, {"a b/4", "c/4", "c/4"}}, 6, "the vendor states 4", ""},
		{"two orders added at once push a page back", [][]told{{"a b/4", "a b/6"}, {"e f/6", "a b/6", "c d/6"}, {"e f/6", "a b/6", "c d/6"}}, 2 + 4 + 3, "", ""},
		{"a page for ever whose total is no more than it holds", [][]told{{"a b/2", "a b/2"}, {"a b/2", "a b/2"}}, 4, "2 passes agree on 2 records, but page 2: the vendor repeats a page and states no more records than one page holds", ""},
		{"a page for ever with a record without a key", [][]told{{"a -x", "a -x"}, {"a -x", "a -x"}}, 4, "", "page 2: the vendor repeats a page"},
		{"a page for ever of records without a key", [][]told{{"-x -y", "-x -y"}, {"-x -y", "-x -y"}}, 4, "", "page 2: the vendor repeats a page"},
		{"no key and no total", [][]told{{"-x -y", "-z"}, {"-x -y", "-z"}}, 6, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &list{passes: c.passes}
			err := l.read(t.Context())
			var unsettled *extract.Unsettled
			switch {
			case c.err != "":
				if err == nil || !strings.Contains(err.Error(), c.err) || extract.ClassOf(err) != extract.Permanent {
					t.Errorf("error %v, want a permanent one that says %q", err, c.err)
				}
			case c.marked != "":
				if !errors.As(err, &unsettled) || !strings.Contains(err.Error(), c.marked) {
					t.Errorf("ended with %v, want a mark that says %q", err, c.marked)
				}
			case err != nil:
				t.Errorf("ended with %v, want a settled list", err)
			}
			// The next pages may be on their way when one is found wrong.
			if n := len(l.asked); n != c.requests && (c.err == "" || n > c.requests+2) {
				t.Errorf("%d requests, want %d: %v", n, c.requests, l.asked)
			}
		})
	}
}

func TestPassesNumberTheirPages(t *testing.T) {
	l := &list{passes: [][]told{{"a b/3", "c/3"}, {"a b/3", "c/3"}}}
	if err := l.read(t.Context()); err != nil {
		t.Fatal(err)
	}
	var tally extract.Tally
	var restarts []bool
	for _, p := range l.pages {
		restarts = append(restarts, tally.Restarts(p))
		tally.Add(p, told(p.Body).facts())
	}
	if want := []bool{false, false, true, false}; !slices.Equal(restarts, want) || tally.Pass() != 2 || tally.Total() != 3 || tally.Pages != 4 {
		t.Errorf("restarts %v, pass %d, total %d of %d pages, want %v, 2, 3 of 4", restarts, tally.Pass(), tally.Total(), tally.Pages, want)
	}
}

func TestTally(t *testing.T) {
	var tally extract.Tally
	if tally.Total() != -1 {
		t.Errorf("total %d of nothing, want none", tally.Total())
	}
	for _, p := range []struct {
		part  string
		pass  int
		total int64
	}{
		{"", 1, 9}, {"late", 1, 4}, {"", 1, 8}, // the whole was stated anew
	} {
		tally.Add(&extract.Page{Part: p.part, Pass: p.pass}, extract.Facts{Total: p.total})
	}
	if tally.Total() != 8+4 {
		t.Errorf("total %d, want the sum of the parts, 12", tally.Total())
	}
	tally.Add(&extract.Page{Pass: 2}, extract.Facts{Total: -1})
	if tally.Total() != -1 {
		t.Errorf("total %d, want none: pass 2 states none", tally.Total())
	}
}

func TestPassesEndWithTheContext(t *testing.T) {
	broken := errors.New("broken")
	err := extract.Passes(t.Context(), "read orders", nil, func(context.Context, *extract.Pass) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the reading", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l := &list{passes: [][]told{{"a b/4", "c d/4"}}}
	if err := l.read(ctx); !errors.Is(err, context.Canceled) || len(l.asked) > 2 {
		t.Errorf("error %v after %v, want that of the context", err, l.asked)
	}
}

// TestFactsWithoutKeys: a decoder that forgets the keys is found out at once.
func TestFactsWithoutKeys(t *testing.T) {
	yield := func(*extract.Page) (extract.Facts, error) { return extract.Facts{Rows: 2, Total: 2}, nil }
	err := extract.Passes(t.Context(), "read orders", yield, func(ctx context.Context, p *extract.Pass) error {
		_, _, err := p.Take(&extract.Page{Stream: "orders"})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "2 records and 0 keys") {
		t.Errorf("error %v, want one about the keys", err)
	}
}
