package extract

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"strconv"
	"strings"

	"github.com/nightaudit/nightaudit/transform"
)

// ErrRepeats is a pass in which a page brought nothing but records of the
// pages before it although the list had not ended.
var ErrRepeats = errors.New("the vendor repeats a page")

// errUnproven is such a page where as many records have come as the vendor
// states, but no more than one page holds: the total may be that page's own, and
// the number of the page may be ignored.
var errUnproven = fmt.Errorf("%w and states no more records than one page holds: whether there are others cannot be told", ErrRepeats)

// list is a list over all its passes.
type list struct {
	op        string
	yield     Yield
	hashes    [2]maphash.Seed
	confirmed int64 // a total that all records made and behind which the next page was empty
}

// Pass is one reading of a list. It is not safe for concurrent use.
type Pass struct {
	Number int // from 1
	// Beyond, if set, tells which keys lie beyond the window's frozen end
	// though the vendor's filter lets them through. They count, but passes
	// need not agree on them: new ones appear at any time.
	Beyond func(key string) bool

	// Counts, set by read, says that the vendor's totals are known to count the
	// list and not the page.
	Counts bool
	// Proven, set by read, says that nothing entered the list while the pass
	// went on. Then it needs no second one, if its totals stood still and its
	// records add up.
	Proven bool
	// Overlaps, set by read, says that the list is read in parts that overlap:
	// a record that is met twice is no sign that anything moved.
	Overlaps bool

	list  *list
	seen  map[identity]struct{}
	trace maphash.Hash // of all keys in their order, with the totals and ends of pages

	repeated int // records met before in this pass
	unnamed  int // records without a key of a text met before
	answers  int
	bytes    int64
	longest  int      // records of the page that had most
	total    int64    // last stated, -1 where none is
	most     int64    // the largest that was stated
	single   bool     // all records came in one answer
	moved    bool     // the total changed within the pass
	broken   bool     // it ended with a page that repeats
	doubt    string   // why it does not prove that the list holds what came
	sums     identity // of all records: sets are compared by sums of hashes, so that no pass but the current one is kept
}

// identity is a record's key under two independent hashes.
type identity [2]uint64

func (l *list) pass(number int) *Pass {
	p := &Pass{Number: number, list: l, total: -1, most: -1, seen: map[identity]struct{}{}}
	p.trace.SetSeed(l.hashes[0])
	return p
}

// Take yields a page and notes its keys. fresh counts the records that this
// pass had not met before.
func (p *Pass) Take(page *Page) (f Facts, fresh int, err error) {
	page.Pass = p.Number
	p.bytes += int64(len(page.Body))
	if f, err = p.list.yield(page); err != nil {
		return f, 0, err
	}
	if len(f.Keys) != f.Rows {
		return f, 0, fmt.Errorf("a page of %s has %d records and %d keys", page.Stream, f.Rows, len(f.Keys))
	}
	var texts map[string]int
	for _, key := range f.Keys {
		p.note(key)
		// Records of one text count as often as they come, for nothing tells
		// whether they are one; on another page they are no news.
		unnamed := strings.HasPrefix(key, transform.Unnamed)
		if unnamed {
			if texts == nil {
				texts = map[string]int{}
			}
			texts[key]++
			key += "/" + strconv.Itoa(texts[key])
		}
		switch {
		case p.meet(key):
			fresh++
		case unnamed:
			p.unnamed++
		default:
			p.repeated++
		}
	}
	p.longest = max(p.longest, f.Rows)
	p.takeTotal(&f)
	p.answers++
	return f, fresh, p.within()
}

// meet notes a record; false where the pass has met it before.
func (p *Pass) meet(key string) bool {
	id := identity{maphash.String(p.list.hashes[0], key), maphash.String(p.list.hashes[1], key)}
	if _, ok := p.seen[id]; ok {
		return false
	}
	p.seen[id] = struct{}{}
	if p.Beyond == nil || !p.Beyond(key) {
		p.sums[0] += id[0]
		p.sums[1] += id[1]
	}
	return true
}

// takeTotal notes what a page states as the total of the list.
func (p *Pass) takeTotal(f *Facts) {
	p.note("\x00page of " + strconv.FormatInt(f.Total, 10))
	if f.OddTotal != "" {
		p.Doubt(fmt.Sprintf("what the vendor states as their number, %s, is no count", printable(f.OddTotal)))
	}
	if counts(f.Total, p.total) {
		p.moved = p.moved || (p.total >= 0 && p.total != f.Total)
		p.total, p.most = f.Total, max(p.most, f.Total)
	}
	ended := f.Rows == 0 && p.answers > 0
	p.single = p.answers == 0 || p.answers == 1 && ended && f.Total >= 0 && f.Total == p.total
	if ended {
		p.confirm()
	}
}

// confirm notes that nothing new stands behind the records that have come.
func (p *Pass) confirm() {
	if p.total > 0 && int64(p.Distinct()) == p.total {
		p.list.confirmed = p.total
	}
}

// Doubt says why a pass does not prove that the list holds what came, although
// it may add up; in words that follow "N passes agree on M records, but".
func (p *Pass) Doubt(reason string) {
	if p.doubt == "" {
		p.doubt = reason
	}
}

func (p *Pass) note(key string) {
	var size [8]byte
	binary.LittleEndian.PutUint64(size[:], uint64(len(key)))
	_, _ = p.trace.Write(size[:]) // a hash takes everything
	_, _ = p.trace.WriteString(key)
}

// Distinct counts the distinct records met so far.
func (p *Pass) Distinct() int { return len(p.seen) + p.unnamed }

// Reached reports whether as many records have come as the vendor last stated,
// and its total can be trusted; false where it states no total.
//
// A total that is a multiple of what a page holds can be the page's own number,
// or where the vendor's counting stops: it must be confirmed by an empty page
// behind the last one. Any other ends with a page that is not full.
func (p *Pass) Reached() bool {
	if p.total < 0 || int64(p.Distinct()) != p.total {
		return false
	}
	return p.total == 0 || p.Counts || p.total == p.list.confirmed || p.total%int64(p.longest) != 0
}

// pages is how many pages the stated total makes, by what the vendor gives and
// not by what was asked for; 1 where none is stated that is more than one holds.
func (p *Pass) pages() int {
	size := int64(max(p.longest, 1))
	if p.total <= size {
		return 1
	}
	return int((p.total-1)/size) + 1
}

// repeats is how a pass ends whose page number, beyond those that the total has,
// brought nothing new.
func (p *Pass) repeats(number int) error {
	switch {
	case p.total < 0:
		return fmt.Errorf("page %d: %w", number, ErrRepeats)
	case p.total <= int64(p.longest) && int64(p.Distinct()) == p.total:
		return fmt.Errorf("page %d: %w", number, errUnproven)
	}
	p.confirm() // the last page, given for any number beyond it
	return nil
}

// What a pass may take, whatever the vendor answers (docs/operator.md, When
// something went wrong).
const (
	pagesUnstated = 10_000   // where no total is stated that is more than a page holds
	pagesMost     = 100_000  // ever
	pagesMore     = 100      // beside four times those that the total has
	bytesMore     = 1 << 30  // beside those of each record
	bytesOfRecord = 32 << 10 // about twice the largest that any vendor documents
)

// within is an error once the pass has taken more than any list that the vendor
// states can need.
func (p *Pass) within() error {
	pages := int64(pagesUnstated)
	switch size := int64(max(p.longest, 1)); {
	case p.Overlaps: // by days, which are limited
		pages = pagesMost
	case p.most > size:
		pages = min(4*((p.most-1)/size+1)+pagesMore, pagesMost)
	}
	bytes := pages*int64(max(p.longest, 1))*bytesOfRecord + bytesMore
	if int64(p.answers) <= pages && p.bytes <= bytes {
		return nil
	}
	stated := "and states no total"
	if p.most >= 0 {
		stated = fmt.Sprintf("and states %d", p.most)
	}
	return &Error{
		Class: Permanent, Op: p.list.op,
		Err:  fmt.Errorf("the list does not end: the vendor answered %d pages (%d MB) with %d records %s", p.answers, p.bytes>>20, p.Distinct(), stated),
		Hint: "the vendor's paging is broken, or the list is too long to be read without a total: raise page_size, or set since to read less",
	}
}
