package notify

import (
	"slices"
	"strings"
	"time"
)

// The changes that an Item tells.
const (
	Begun   = "begun"   // it was not there when the channel was told last
	Changed = "changed" // there is more, less or something else of it
	GoesOn  = "goes_on" // it is as it was: told once a day
	Ended   = "ended"
	Once    = "once" // something that happened and does not last
)

// Item is one piece of news.
type Item struct {
	Change string     `json:"change"`
	Key    troubleKey `json:"key"` // of what it is about; "" of what does not last
	Night  time.Time  `json:"night"`
	Since  *time.Time `json:"since"` // when the trouble began; null of what does not last
	Text   string     `json:"text"`
	Do     string     `json:"do"` // what a person can do; "" where there is nothing
}

// told is what a channel knows of a trouble.
type told struct {
	Name   string    `json:"name"`
	Since  time.Time `json:"since"`
	Day    string    `json:"day"` // on which it was told last; "" where it was not yet
	Mark   string    `json:"mark,omitempty"`
	Breaks []string  `json:"breaks,omitempty"` // ids
}

// memory is what a channel knows. Keys of the maps are those of troubles.
type memory struct {
	Troubles map[troubleKey]told `json:"troubles"`
	// Untold is what the channel did not take, the oldest first; Dropped is how
	// much more there was than is kept.
	Untold  []Item    `json:"untold,omitempty"`
	Dropped int       `json:"dropped,omitempty"`
	Sent    time.Time `json:"sent"` // when it was spoken to last, by the machine's clock
}

// decide says what of tonight is news for who knows m, and what m becomes once it
// is told. since is when a trouble began as far as anybody knows.
func (m *memory) decide(n *Night, now []trouble, since func(troubleKey) time.Time, w *words) (news []Item, next memory) {
	next = memory{Troubles: map[troubleKey]told{}, Untold: m.Untold, Dropped: m.Dropped, Sent: m.Sent}
	d := decision{night: n, day: w.day(n.At), words: w, before: m}
	for i := range now {
		t := &now[i]
		began := since(t.key)
		if !t.since.IsZero() && t.since.Before(began) {
			began = t.since.UTC()
		}
		item, is := d.stands(t, began)
		know := told{Name: t.name, Since: began, Day: d.day, Mark: t.mark, Breaks: ids(t.breaks)}
		if is {
			news = append(news, item)
		} else {
			know.Day = m.Troubles[t.key].Day
		}
		next.Troubles[t.key] = know
	}
	return append(news, d.ended(next.Troubles)...), next
}

// decision is one of memory.decide.
type decision struct {
	night  *Night
	day    string
	words  *words
	before *memory
}

// stands says of a trouble of tonight whether that is news.
func (d *decision) stands(t *trouble, began time.Time) (item Item, is bool) {
	item = Item{Key: t.key, Night: d.night.At, Since: &began, Text: t.text, Do: t.do}
	known, before := d.before.Troubles[t.key]
	told := make(map[string]bool, len(known.Breaks))
	for _, id := range known.Breaks {
		told[id] = true
	}
	fresh := slices.DeleteFunc(slices.Clone(t.breaks), func(b Break) bool { return told[b.ID] })
	gone := len(known.Breaks) + len(fresh) - len(t.breaks)
	switch {
	case !before:
		item.Change = Begun
	case len(fresh) > 0 || gone > 0:
		item.Change = Changed
		item.Text = d.words.text("breaks.changed", t.name, len(fresh), gone, len(t.breaks))
		if len(fresh) > 0 {
			item.Text += d.words.suchAs(fresh)
		}
	case known.Mark != t.mark:
		item.Change = Changed
	case known.Day != d.day && !d.before.waits(t.key):
		item.Change = GoesOn
	}
	return item, item.Change != ""
}

// waits says whether the channel has yet to be told that the trouble is there.
func (m *memory) waits(key troubleKey) bool {
	return slices.ContainsFunc(m.Untold, func(i Item) bool { return i.Key == key })
}

// ended tells which troubles are over, and keeps in next those of which tonight
// tells nothing.
func (d *decision) ended(next map[troubleKey]told) (news []Item) {
	keys := make([]troubleKey, 0, len(d.before.Troubles))
	for key := range d.before.Troubles {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b troubleKey) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		if _, stands := next[key]; stands {
			continue
		}
		known := d.before.Troubles[key]
		if !d.night.saw(key) {
			next[key] = known
			continue
		}
		words := key.kind + ".ended"
		if key.kind == ofAccount && !slices.Contains(d.night.Configured, key.of) {
			words = "account.removed"
		}
		text := d.words.text(words)
		if known.Name != "" {
			text = d.words.text(words, known.Name)
		}
		news = append(news, Item{Change: Ended, Key: key, Night: d.night.At, Since: &known.Since, Text: text})
	}
	return news
}

// mostUntold is how many items are kept for a channel that does not answer.
const mostUntold = 200

// refused is the memory of a channel that did not take the news.
func (m memory) refused(before *memory, news []Item) memory {
	for _, item := range news {
		if item.Change == GoesOn {
			know := m.Troubles[item.Key]
			know.Day = before.Troubles[item.Key].Day
			m.Troubles[item.Key] = know
			continue
		}
		m.Untold = append(slices.Clip(m.Untold), item)
	}
	if more := len(m.Untold) - mostUntold; more > 0 {
		m.Untold, m.Dropped = m.Untold[more:], m.Dropped+more
	}
	return m
}

// taken is the memory of a channel that took the news, and with them all that it had
// not been told.
func (m memory) taken(day string) memory {
	for _, item := range m.Untold {
		if know, stands := m.Troubles[item.Key]; stands {
			know.Day = day
			m.Troubles[item.Key] = know
		}
	}
	m.Untold, m.Dropped = nil, 0
	return m
}

func ids(breaks []Break) (list []string) {
	for i := range breaks {
		list = append(list, breaks[i].ID)
	}
	return list
}
