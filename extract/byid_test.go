package extract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// What may be an order's own fault costs that order; what cannot be fails the
// account. Orders are asked for one after the other; an order in brackets was
// refused when it was last asked for.
func TestByIDFailsOneByOne(t *testing.T) {
	refused := fmt.Errorf("read order: %w", ErrRefused)
	server := &Error{Class: Transient, Op: "read order", Target: "GET /orders", Code: "500", Err: errors.New("the vendor's server failed"), Answered: true}
	down := &Error{Class: Transient, Op: "read order", Err: errors.New("no complete answer")}
	login := &Error{Class: Expired, Op: "read order", Code: "401", Err: errors.New("log in"), Answered: true}
	often := &Error{Class: Limited, Op: "read order", Code: "429", Err: errors.New("asked too often"), Answered: true}
	for _, c := range []struct {
		name    string
		due     string
		refuses map[string]error
		yielded string // a refused one with !
		says    string // the window's mark
		err     error
		asked   int
	}{
		{"all shown", "a b", nil, "a b", "", nil, 2},
		{"one refused", "a b c", map[string]error{"b": refused}, "a !b c", "1 of 3 orders were refused: b (", nil, 3},
		{"a server's failure", "a b", map[string]error{"a": server}, "!a b", "a (code 500: the vendor's server failed)", nil, 2},
		{"the only one", "a", map[string]error{"a": server}, "!a", "1 of 1", nil, 1},
		{"four of six", "a b c d e f", refusing("a b d e", server), "!a !b c !d !e f", "4 of 6 orders were refused: a (code 500: the vendor's server failed), b (code 500: the vendor's server failed), d (code 500: the vendor's server failed) and 1 more", nil, 6},
		{"all of several", "a b", refusing("a b", refused), "", "", ErrRefused, 2},
		{"one of yesterday is shown", "a (b) c", refusing("a c", server), "!a b !c", "2 of 3", nil, 3},
		{"all and those of yesterday", "a (b) c", refusing("a b c", server), "", "", server.Err, 3},
		{"those of yesterday again", "(a) (b) c", refusing("a b", server), "!a !b c", "2 of 3", nil, 3},
		{"those of yesterday alone", "(a) (b)", refusing("a b", server), "!a !b", "2 of 2", nil, 2},
		{"ten in a row", "a b c d e f g h i j k l m", refusing("b c d e f g h i j k", server), "a", "", server.Err, 11},
		{"nine in a row", "a b c d e f g h i j k l m", refusing("b c d e f g h i j", server), "a !b !c !d !e !f !g !h !i !j k l m", "9 of 13", nil, 13},
		{"nine of ten", "a b c d e f g h i j", refusing("a b c d e f g h i", server), "!a !b !c !d !e !f !g !h !i j", "", server.Err, 10},
		{"no answer", "a b c", map[string]error{"b": down}, "a !b c", "1 of 3 orders were refused: b (no complete answer)", nil, 3},
		{"no answer, two in a row and two", "a b c d e f", refusing("a b d e", down), "!a !b c !d !e f", "4 of 6", nil, 6},
		{"no answer, three in a row", "a b c d e f", refusing("b c d", down), "a", "", down.Err, 4},
		{"no answer, as yesterday", "a (b) (c) (d) e", refusing("b c d", down), "a", "", down.Err, 4},
		{"no answer and refusals in turn", "a b c d e", map[string]error{"a": down, "b": down, "c": server, "d": down}, "!a !b !c !d e", "4 of 5", nil, 5},
		{"another log-in", "a b c", map[string]error{"b": login}, "a", "", login.Err, 2},
		{"too often", "a b c", map[string]error{"b": often}, "a", "", often.Err, 2},
		{"none asked for", "", nil, "", "", nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var due []Due
			for _, id := range strings.Fields(c.due) {
				bare := strings.Trim(id, "()")
				due = append(due, Due{OrderID: bare, Again: bare != id})
			}
			asked := 0
			var yielded []string
			orders := ByID{Stream: "detail", Due: due, Workers: 1, Ask: func(ctx context.Context, one []Due) (*Page, error) {
				if ctx.Err() != nil {
					return nil, ctx.Err()
				}
				asked++
				if err := c.refuses[one[0].OrderID]; err != nil {
					return nil, err
				}
				return &Page{Stream: "detail"}, nil
			}}
			err := orders.Fetch(t.Context(), func(p *Page) (Facts, error) {
				id := p.Subject.OrderID
				if p.Refused != nil {
					id = "!" + id
				}
				if p.Stream != "detail" {
					t.Errorf("the page of %s is of the stream %q", id, p.Stream)
				}
				yielded = append(yielded, id)
				return Facts{Rows: 1, Refused: p.Refused}, nil
			})
			if got := strings.Join(yielded, " "); got != c.yielded {
				t.Errorf("yielded %q, want %q", got, c.yielded)
			}
			unsettled := (*Unsettled)(nil)
			switch {
			case c.says != "":
				if !errors.As(err, &unsettled) || !strings.Contains(unsettled.Reason, c.says) {
					t.Errorf("error %v, want the window to be marked with %q", err, c.says)
				}
			case !errors.Is(err, c.err) || errors.As(err, &unsettled):
				t.Errorf("error %v, want %v", err, c.err)
			}
			// A call or two may be under way when the end is known.
			if asked < c.asked || asked > c.asked+2 {
				t.Errorf("%d calls, want %d", asked, c.asked)
			}
		})
	}
}

func refusing(ids string, err error) map[string]error {
	all := map[string]error{}
	for _, id := range strings.Fields(ids) {
		all[id] = err
	}
	return all
}

// A call for several orders is cut in halves until it is known which of them the
// vendor cannot show, and no further.
func TestByIDCutsACallForSeveral(t *testing.T) {
	server := &Error{Class: Transient, Op: "read orders", Code: "500", Err: errors.New("the vendor's server failed"), Answered: true}
	for _, c := range []struct {
		name, bad, gone string
		calls           int
		refused         string
		fails           bool
	}{
		{"none", "", "", 2, "", false},
		// 8 (a-h), 4 (a-d), 2 (a-b), 1 (a), 1 (b), 2 (c-d), 4 (e-h); 8 (i-p).
		{"one", "b", "", 8, "b", false},
		// … b as above, and within i-p: 8, 4 (i-l), 4 (m-p), 2 (m-n), 2 (o-p), 1 (o), 1 (p).
		{"one in each", "b p", "", 14, "b p", false},
		{"one that the answer lacks", "", "k", 2, "k", false},
		// 8, 4, 2, 1, 1, 2, 1, 1, then 4, 2, 1, 1, 2, 1, 1: fifteen; of the second eight
		// the first two orders make ten in a row, the others are asked for within their
		// call all the same.
		{"all", "a b c d e f g h i j k l m n o p", "", 30, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var due []Due
			for id := 'a'; id <= 'p'; id++ {
				due = append(due, Due{OrderID: string(id)})
			}
			calls := 0
			orders := ByID{Due: due, Workers: 1, Size: 8, Ask: func(_ context.Context, some []Due) (*Page, error) {
				calls++
				p := &Page{}
				for _, d := range some {
					if strings.Contains(c.bad, d.OrderID) {
						return nil, server
					}
					p.Body = append(p.Body, d.OrderID...)
				}
				return p, nil
			}}
			var shown, refused []string
			err := orders.Fetch(t.Context(), func(p *Page) (f Facts, err error) {
				if p.Refused != nil {
					refused = append(refused, p.Subject.OrderID)
					return f, nil
				}
				for _, id := range string(p.Body) {
					if string(id) != c.gone {
						f.Count(string(id))
						shown = append(shown, string(id))
					}
				}
				return f, nil
			})
			if calls != c.calls {
				t.Errorf("%d calls, want %d", calls, c.calls)
			}
			if got := strings.Join(refused, " "); got != c.refused {
				t.Errorf("%q were refused, want %q", got, c.refused)
			}
			if failed := errors.Is(err, server.Err); failed != c.fails {
				t.Errorf("error %v, want failure %v", err, c.fails)
			}
			if !c.fails && (len(shown) != 16-len(refused) || !slices.IsSorted(shown)) {
				t.Errorf("%v were shown, want all others, in order", shown)
			}
		})
	}
}
