package probe

import (
	"context"
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/extract"
)

// asker is an account of which a test asks by itself.
type asker struct {
	extract.Source
	use string
}

func (a asker) Questions() []byte                   { return []byte("use: [" + a.use + "]\nquestions: []\n") }
func (asker) Probe(context.Context, *Session) error { return nil }
func session(t *testing.T, questions string) *Session {
	t.Helper()
	s, err := NewSession(asker{use: questions}, Origin{}, landNowhere, NewCalls(9, 1))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// An order at 100 is asked for by a range of which one bound lies on it, or a unit to
// either side, of vendors of every kind.
func TestBound(t *testing.T) {
	const at = 100
	calls := 0
	for _, c := range []struct {
		name    string
		answers func(bound int) bool // whether a range from there on has the order
		outcome string
	}{
		{"inclusive", func(b int) bool { return at >= b }, "inclusive"},
		{"exclusive", func(b int) bool { return at > b }, "exclusive"},
		{"in steps of ten", func(b int) bool { return at >= b/10*10 }, "coarse"},
		{"the range is passed over", func(int) bool { return true }, "coarse"},
		{"in steps of ten, exclusive", func(b int) bool { return at/10 > (b-1)/10+1 }, "unclear"},
		{"nothing comes", func(int) bool { return false }, "unclear"},
		{"it comes now and then", func(int) bool { calls++; return calls%3 == 1 }, "unclear"},
		{"it is gone in the end", func(b int) bool { calls++; return calls < 3 && at >= b }, "unclear"},
	} {
		t.Run(c.name, func(t *testing.T) {
			calls = 0
			s := session(t, "begin_bound")
			err := s.Bound(t.Context(), Bound{Question: "begin_bound", Unit: Text{"step", "步"}, Ask: func(_ context.Context, before int) (*Reading, bool, bool, error) {
				return &Reading{}, c.answers(at - before), false, nil
			}})
			if got := s.Outcome("begin_bound"); err != nil || got != c.outcome {
				t.Errorf("told %q, %v, want %q", got, err, c.outcome)
			}
		})
	}
	s := session(t, "end_bound")
	err := s.Bound(t.Context(), Bound{Question: "end_bound", Ask: func(_ context.Context, before int) (*Reading, bool, bool, error) {
		return &Reading{}, before > 0, before == 0, nil // the page was full, and had it not
	}})
	if got := s.Outcome("end_bound"); err != nil || got != "unclear" {
		t.Errorf("told %q of a page that may have left the order out, %v", got, err)
	}
}

func TestSorted(t *testing.T) {
	for _, c := range []struct{ values, outcome, member string }{
		{"1 2 3 4 5", "ascending", "n"},
		{"9 9 8 7 6 5 5", "descending", "n"},
		{"8 9 10 11 12", "ascending", "n"}, // as numbers, not as texts
		{"5 1 4 2 3", "neither", ""},
		{"1 2 3 4", "few", ""},
		{"1 1 1 1 1 1", "few", ""},
		{"", "few", ""},
	} {
		s := session(t, "sorted")
		var records []Record
		for _, value := range strings.Fields(c.values) {
			records = append(records, Record{"n": []byte(value), "none": []byte("null")})
		}
		err := s.Sorted(&Reading{}, records, "none", "n")
		a := s.answers["sorted"]
		if err != nil || a.Outcome != c.outcome || c.member != "" && a.Say.EN[:4] != "by "+c.member {
			t.Errorf("%s: told %q (%s), %v, want %q", c.values, a.Outcome, a.Say.EN, err, c.outcome)
		}
	}
}
