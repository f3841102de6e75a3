package extract

// Tally adds up what the answers to one window state. The zero value is
// ready.
type Tally struct {
	Pages  int
	pass   int
	totals map[string]int64
}

// Restarts reports whether p begins another pass, so that all before it is
// superseded. It is asked before Add.
func (t *Tally) Restarts(p *Page) bool { return t.Pages > 0 && p.Pass > t.pass }

// Add takes in an answer that was yielded. The first one of another pass
// takes the place of all before it.
func (t *Tally) Add(p *Page, f Facts) {
	t.Pages++
	if p.Pass > t.pass {
		t.pass = p.Pass
		clear(t.totals)
	}
	if t.totals == nil {
		t.totals = map[string]int64{}
	}
	before, stated := t.totals[p.Part]
	if !stated {
		before = -1
	}
	if counts(f.Total, before) {
		t.totals[p.Part] = f.Total
	}
}

// Total is the number of records that the vendor states for the window, the
// sum over its parts; -1 where it states none.
func (t *Tally) Total() int64 {
	total := int64(-1)
	for _, n := range t.totals {
		total = max(total, 0) + n
	}
	return total
}

// Pass is the number of the last pass; 0 where the window is read once.
func (t *Tally) Pass() int { return t.pass }
