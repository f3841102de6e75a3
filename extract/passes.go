package extract

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"strconv"
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
// vendor's own total keeps contradicting it, the error is *Unsettled. A list
// whose pages repeat twice over is a broken one: ErrRepeats.
func Passes(ctx context.Context, op string, yield Yield, read func(ctx context.Context, p *Pass) error) error {
	h := hashes{maphash.MakeSeed(), maphash.MakeSeed()}
	var before []digest
	repeats := 0
	for number := 1; number <= maxPasses; number++ {
		p := &Pass{Number: number, yield: yield, hashes: h, total: -1, seen: map[string]struct{}{}}
		p.trace.SetSeed(h[0])
		err := read(ctx, p)
		switch {
		case errors.Is(err, ErrRepeats) && ctx.Err() == nil:
			// So many orders may have been added at once that a page was
			// pushed back by its whole length. Twice is no coincidence.
			if repeats++; repeats == 2 {
				return &Error{
					Class: Permanent, Op: op, Err: err,
					Hint: "the vendor's paging is broken: lower page_size, or set since to read less",
				}
			}
			p.broken = true
		case errors.Is(err, errNoKeys):
			return BadAnswer(op, err)
		case err != nil:
			return err
		}
		d := p.digest()
		if d.adds() && (number == 1 && d.pages == 1 || p.Proven && d.calm) {
			return nil
		}
		agreed := d.agreesWith(before)
		before = append(before, d)
		if agreed {
			if d.adds() {
				return nil
			}
			return &Unsettled{Reason: fmt.Sprintf("%d passes agree on %d records, but the vendor states %d", number, d.count, d.total)}
		}
	}
	return &Unsettled{Reason: "the list kept changing while it was read: " + describe(before)}
}

// ErrRepeats is a pass in which a page brought nothing but records of the
// pages before it although the list had not ended.
var ErrRepeats = errors.New("the vendor repeats a page")

// Pass is one reading of a list. It is not safe for concurrent use.
type Pass struct {
	Number int // from 1
	// Beyond, if set, tells which keys lie beyond the window's frozen end
	// though the vendor's filter lets them through. They count, but passes
	// need not agree on them: new ones appear at any time.
	Beyond func(key string) bool

	// Proven, set by read, says that nothing entered the list while the pass
	// went on. Then it needs no second one, if its totals stood still and its
	// records add up.
	Proven bool
	// Overlaps, set by read, says that the list is read in parts that overlap:
	// a record that is met twice is no sign that anything moved.
	Overlaps bool

	yield  Yield
	hashes hashes
	seen   map[string]struct{}
	trace  maphash.Hash // of all keys in their order, with the totals and ends of pages

	rows, unkeyed int
	repeated      int // records met before in this pass
	pages         int
	total         int64 // last stated, -1 where none is
	moved         bool  // the total changed within the pass
	broken        bool
	sums          [2]uint64
}

// hashes are two independent seeds: sets are compared by sums of hashes, so
// that no pass but the current one is kept.
type hashes [2]maphash.Seed

// Take yields a page and notes its keys. fresh counts the records that this
// pass had not met before; a record without a key is always one of them.
func (p *Pass) Take(page *Page) (f Facts, fresh int, err error) {
	page.Pass = p.Number
	f, err = p.yield(page)
	if err != nil {
		return f, 0, err
	}
	if len(f.Keys) != f.Rows {
		return f, 0, fmt.Errorf("a page of %s has %d records and %d keys", page.Stream, f.Rows, len(f.Keys))
	}
	p.pages++
	p.rows += f.Rows
	for _, key := range f.Keys {
		p.note(key)
		if key == "" {
			p.unkeyed++
			fresh++
			continue
		}
		if _, ok := p.seen[key]; ok {
			p.repeated++
			continue
		}
		fresh++
		p.seen[key] = struct{}{}
		if p.Beyond != nil && p.Beyond(key) {
			continue
		}
		for i, seed := range p.hashes {
			p.sums[i] += maphash.String(seed, key)
		}
	}
	p.note("\x00page of " + strconv.FormatInt(f.Total, 10))
	if f.Total >= 0 {
		p.moved = p.moved || (p.total >= 0 && p.total != f.Total)
		p.total = f.Total
	}
	return f, fresh, nil
}

func (p *Pass) note(key string) {
	var size [8]byte
	binary.LittleEndian.PutUint64(size[:], uint64(len(key)))
	_, _ = p.trace.Write(size[:]) // a hash takes everything
	_, _ = p.trace.WriteString(key)
}

// Distinct counts the distinct records met so far.
func (p *Pass) Distinct() int { return len(p.seen) + p.unkeyed }

// Reached reports whether as many records have come as the vendor last
// stated; false where it states no total.
func (p *Pass) Reached() bool { return p.total >= 0 && int64(p.Distinct()) >= p.total }

// digest is what is kept of a pass.
type digest struct {
	count, unkeyed, pages int
	sums                  [2]uint64
	trace                 uint64
	total                 int64
	calm                  bool // nothing moved while it was read
	broken                bool
}

func (p *Pass) digest() digest {
	return digest{
		count: p.Distinct(), unkeyed: p.unkeyed, pages: p.pages, sums: p.sums, trace: p.trace.Sum64(), total: p.total,
		calm: (p.repeated == 0 || p.Overlaps) && !p.moved && !p.broken, broken: p.broken,
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
		if d.broken || e.broken || d.sums != e.sums || d.unkeyed != e.unkeyed || (!d.calm && d.trace != e.trace) {
			continue
		}
		if d.adds() || d.total == e.total {
			return true
		}
	}
	return false
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
