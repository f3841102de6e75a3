package akubela

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/probe"
)

//go:embed questions.yaml
var questions []byte

// Questions are what the document leaves open.
func (a *account) Questions() []byte { return questions }

// Probe asks them by reads of the list alone. How far back it goes comes last: that
// takes what calls are left, two for each doubling of the list.
func (a *account) Probe(ctx context.Context, s *probe.Session) error {
	p := &prober{Session: s, account: a, readings: map[int]*probe.Reading{}}
	for _, step := range []func(context.Context) error{p.pages, p.endField, p.reach, p.times} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// prober is the probe of one account.
type prober struct {
	*probe.Session
	*account
	first    int // the vendor's number of the first page
	whole    *probe.Reading
	orders   []probe.Record         // of all pages that were read
	readings map[int]*probe.Reading // those, by their numbers
	again    bool                   // a page came under two numbers
}

func (p *prober) list(ctx context.Context, number int) (*probe.Reading, error) {
	return p.Read(ctx, func(ctx context.Context) (*extract.Page, error) { return p.probed(ctx, number, p.PageSize) })
}

func (p *prober) probed(ctx context.Context, number, size int) (*extract.Page, error) {
	return p.readList(ctx, fmt.Sprintf("probe page %d of %d orders", number, size), number, size)
}

func (p *prober) pages(ctx context.Context) error {
	list, err := p.Pages(ctx, probe.List{First: p.PageNumber(1), Size: p.PageSize, Read: p.probed})
	if err != nil {
		return err
	}
	p.whole, p.first = list.Whole, list.First
	p.take(p.first, p.whole)
	return p.Sorted(p.whole, p.orders, "start_time", "order_number")
}

// take keeps what a page shows.
func (p *prober) take(number int, r *probe.Reading) {
	p.orders = append(p.orders, r.Records("result")...)
	p.readings[number] = r
}

// evidence are the pages that were read, in their order.
func (p *prober) evidence() (all []*probe.Reading) {
	for _, number := range slices.Sorted(maps.Keys(p.readings)) {
		all = append(all, p.readings[number])
	}
	return all
}

// endField looks at which of the two names the end of a stay has.
func (p *prober) endField(context.Context) error {
	var finish, end, both, differ, none int
	for _, o := range p.orders {
		f, e := o.Text("finish_time"), o.Text("end_time")
		switch {
		case f != "" && e != "":
			both++
			if f != e {
				differ++
			}
		case f != "":
			finish++
		case e != "":
			end++
		default:
			none++
		}
	}
	outcome := "mixed"
	switch n := len(p.orders); {
	case n == 0:
		outcome = "few"
	case differ > 0:
		outcome = "differ"
	case both == n:
		outcome = "both"
	case finish == n:
		outcome = "finish_time"
	case end == n:
		outcome = "end_time"
	}
	return p.Tell("end_field", outcome, map[string]any{
		"rows": len(p.orders), "differ": differ, "finish": finish + both, "end": end + both, "none": none,
	}, p.whole)
}

// fewPages is up to how many pages that were passed over are read as well, to know the
// whole list.
const fewPages = 10

// reach looks for the last page: it doubles the distance until a page is empty, and
// halves it from there. Then it reads the pages between, if they are few. In a list that
// moves, or of which it is not known how its pages are numbered, it would look in vain.
func (p *prober) reach(ctx context.Context) error {
	if p.Outcome("order") != "stable" {
		return p.tellReach(false)
	}
	last, beyond := p.first, -1
	for span := 1; p.whole.Facts.Rows > 0 && beyond != last+1 && p.Left() > 0; {
		number := last + span
		if beyond >= 0 {
			number = last + (beyond-last)/2
		}
		ended, err := p.visit(ctx, number)
		switch {
		case err != nil:
			return err
		case ended:
			beyond = number
		default:
			last, span = number, 2*span
		}
	}
	found := beyond == last+1
	if lacking := last - p.first + 1 - len(p.readings); !found || lacking > min(fewPages, p.Left()) {
		return p.tellReach(false)
	}
	for number := p.first; number < last; number++ {
		if p.readings[number] != nil {
			continue
		}
		if _, err := p.visit(ctx, number); err != nil {
			return err
		}
	}
	return p.tellReach(!p.again && len(p.readings) == last-p.first+1)
}

// visit reads a page and keeps it, unless the list has ended before it.
func (p *prober) visit(ctx context.Context, number int) (ended bool, err error) {
	r, err := p.list(ctx, number)
	if err != nil || p.ended(r) {
		return true, err
	}
	p.take(number, r)
	return false, nil
}

// ended reports whether r holds nothing but what was seen before. Where that is a page
// again, the number of the page may be ignored.
func (p *prober) ended(r *probe.Reading) bool {
	if r.Refused != nil || r.Facts.Rows == 0 {
		return true
	}
	again := slices.ContainsFunc(p.evidence(), func(seen *probe.Reading) bool { return slices.Equal(seen.Facts.Keys, r.Facts.Keys) })
	p.again = p.again || again
	return again
}

// tellReach tells of which time the arrivals are that were seen, those of the whole
// list where all its pages were read, and join.
func (p *prober) tellReach(all bool) error {
	var arrivals []string
	for _, o := range p.orders {
		if text := o.Text("start_time"); text != "" {
			arrivals = append(arrivals, text)
		}
	}
	if len(arrivals) == 0 {
		return p.Tell("reach", "few", nil, p.whole)
	}
	values := map[string]any{
		"oldest": slices.Min(arrivals), "newest": slices.Max(arrivals), "orders": len(p.orders), "pages": len(p.readings),
	}
	joins := p.Outcome("joins")
	if all && (joins == "joined" || joins == "few") {
		return p.Tell("reach", "whole", values, p.evidence()...)
	}
	return p.Tell("reach", "part", values, p.evidence()...)
}

// How arrivals tell the zone in which they are written. Hardly a guest arrives between
// 1 and 7 at night; where that is moved by hours, a good part seems to.
const (
	fewArrivals = 30
	nightFrom   = 1
	nightTo     = 7
	rare        = 0.05
	common      = 0.20
)

// times compares the hours of arrivals as the account reads them with those that they
// would be in the other zone that they may be written in, UTC or the account's.
func (p *prober) times(context.Context) error {
	taken, other := p.wall, p.Calendar().Zone
	if taken.String() != time.UTC.String() {
		other = time.UTC
	}
	var n, night, nightOther int
	same, hours := true, probe.Counts{}
	for _, o := range p.orders {
		at, err := time.ParseInLocation(time.DateTime, o.Text("start_time"), taken)
		otherAt, otherErr := time.ParseInLocation(time.DateTime, o.Text("start_time"), other)
		if err != nil || otherErr != nil {
			continue
		}
		n++
		same = same && at.Equal(otherAt)
		hours[at.In(p.Calendar().Zone).Format("15")]++
		night += p.atNight(at)
		nightOther += p.atNight(otherAt)
	}
	few := func(count int) bool { return float64(count) <= rare*float64(n) }
	many := func(count int) bool { return float64(count) >= common*float64(n) }
	outcome := "unclear"
	switch {
	case n > 0 && same:
		outcome = "same"
	case n < fewArrivals:
		outcome = "few"
	case few(night) && many(nightOther):
		outcome = "as_taken"
	case few(nightOther) && many(night):
		outcome = "other"
	}
	return p.Tell("times", outcome, map[string]any{
		"taken": taken, "other": other, "n": n, "night": night, "night_other": nightOther, "hours": hours,
	}, p.evidence()...)
}

// atNight is 1 for a time at night in the account's zone.
func (p *prober) atNight(t time.Time) int {
	if hour := t.In(p.Calendar().Zone).Hour(); hour >= nightFrom && hour < nightTo {
		return 1
	}
	return 0
}
