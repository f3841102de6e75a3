package simulate

import "testing"

func TestPaging(t *testing.T) {
	for _, c := range []struct {
		name          string
		p             Paging
		number, asked int
		from, to      int // of 25 records
	}{
		{"the first page", Paging{}, 1, 10, 0, 10},
		{"the last page", Paging{}, 3, 10, 20, 25},
		{"beyond the end", Paging{}, 4, 10, 25, 25},
		{"beyond the end, where the last one is given again", Paging{Repeats: true}, 9, 10, 20, 25},
		{"from 0", Paging{FromZero: true}, 0, 10, 0, 10},
		{"the second from 0", Paging{FromZero: true}, 1, 10, 10, 20},
		{"page 0 for the first", Paging{Zero: "first"}, 0, 10, 0, 10},
		{"no page 0", Paging{Zero: "empty"}, 0, 10, 0, 0},
		{"capped", Paging{Most: 4}, 2, 10, 4, 8},
		{"capped, with a gap", Paging{Most: 4, ByAsked: true}, 2, 10, 10, 14},
		{"not capped", Paging{Most: 40, ByAsked: true}, 2, 10, 10, 20},
		{"one page for all", Paging{Single: true}, 3, 10, 0, 10},
	} {
		if from, to := c.p.Cut(c.number, c.asked, c.asked, 25); from != c.from || to != c.to || c.p.Refuses(c.number) {
			t.Errorf("%s: %d to %d, want %d to %d", c.name, from, to, c.from, c.to)
		}
	}
	if p := (Paging{}); !p.Refuses(0) || p.Refuses(1) || !(Paging{FromZero: true}).Refuses(-1) {
		t.Error("by the documents there is a page 1, and no page 0")
	}
}
