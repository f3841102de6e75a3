package extract

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"strings"
)

// maxPasses bounds how often a list is read.
const maxPasses = 3

// Passes reads a list whose order may change while it is read, until two
// passes give the same set of keys. read reads the list once, from its first
// page on, and hands every answer to Pass.Take. Keys in the answers come from
// Facts.Keys.
//
// One pass is never enough, whatever totals say: a deletion on a page that
// was read and an insertion on one that was not hide an order from both
// pages and leave the total as it was. Only a list that came in one answer
// cannot have moved. Where three passes do not settle the list, or the
// vendor's own total keeps contradicting it or cannot be read, the error is
// *Unsettled. A list whose pages repeat twice over is a broken one: ErrRepeats.
// One that does not end is an error too: Pass.Take.
func Passes(ctx context.Context, op string, yield Yield, read func(ctx context.Context, p *Pass) error) error {
	l := &list{op: op, yield: yield, hashes: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, confirmed: -1}
	var before []digest
	repeats := 0
	for number := 1; number <= maxPasses; number++ {
		p := l.pass(number)
		err := read(ctx, p)
		switch {
		case ctx.Err() != nil && err != nil:
			return err
		case errors.Is(err, errUnproven):
			p.Doubt(err.Error())
		case errors.Is(err, ErrRepeats):
			// So many orders may have been added at once that a page was
			// pushed back by its whole length. Twice is no coincidence.
			if repeats++; repeats == 2 {
				return &Error{
					Class: Permanent, Op: op, Err: err,
					Hint: "the vendor's paging is broken: lower page_size, or set since to read less",
				}
			}
			p.broken = true
		case err != nil:
			return err
		}
		d := p.digest()
		if d.adds() && d.doubt == "" && (number == 1 && p.single || p.Proven && d.calm) {
			return nil
		}
		agreed := d.agreesWith(before)
		before = append(before, d)
		if agreed {
			return d.verdict(number)
		}
	}
	return &Unsettled{Reason: "the list kept changing while it was read: " + describe(before)}
}

// digest is what is kept of a pass.
type digest struct {
	count, unnamed int
	longest        int
	sums           identity
	trace          uint64
	total          int64
	calm           bool // nothing moved while it was read
	broken         bool
	doubt          string
}

func (p *Pass) digest() digest {
	return digest{
		count: p.Distinct(), unnamed: p.unnamed, longest: p.longest, sums: p.sums, trace: p.trace.Sum64(), total: p.total,
		calm: (p.repeated == 0 || p.Overlaps) && !p.moved && !p.broken, broken: p.broken, doubt: p.doubt,
	}
}

// adds reports whether the pass holds as many records as the vendor states,
// if it states any.
func (d digest) adds() bool { return d.total < 0 || int64(d.count) == d.total }

// agreesWith reports whether an earlier pass gave the same set. A pass in
// which something moved has proven nothing unless it went exactly like an
// earlier one: a list may hold a record twice. A total that is wrong must at
// least be the same again.
func (d digest) agreesWith(earlier []digest) bool {
	for _, e := range earlier {
		if d.broken || e.broken || d.sums != e.sums || d.unnamed != e.unnamed || (!d.calm && d.trace != e.trace) {
			continue
		}
		if d.adds() || d.total == e.total {
			return true
		}
	}
	return false
}

// verdict is how a list ends of which so many passes brought the same: nil where
// nothing speaks against it.
func (d digest) verdict(passes int) error {
	var doubts []string
	if !d.adds() {
		doubt := fmt.Sprintf("the vendor states %d", d.total)
		if d.total <= int64(d.longest) && d.total < int64(d.count) {
			doubt += ", which may be the number of one page alone"
		}
		doubts = append(doubts, doubt)
	}
	if d.doubt != "" {
		doubts = append(doubts, d.doubt)
	}
	if doubts == nil {
		return nil
	}
	return &Unsettled{Reason: fmt.Sprintf("%d passes agree on %d records, but %s", passes, d.count, strings.Join(doubts, "; "))}
}

// describe tells an operator how the passes differed.
func describe(passes []digest) string {
	var b strings.Builder
	for i, d := range passes {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "pass %d gave %d records", i+1, d.count)
		if d.total >= 0 {
			fmt.Fprintf(&b, " of %d stated", d.total)
		}
		if d.broken {
			b.WriteString(" and then a page again")
		}
	}
	return b.String()
}
