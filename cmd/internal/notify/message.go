package notify

import (
	"encoding/json"
	"sort"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/reports/labels"
)

// Message is what a channel is told at once. Its JSON is what commands read on
// their standard input and templates of webhooks are filled with; it is part of the
// contract (docs/contract.md).
type Message struct {
	Version  int    `json:"version"` // of this shape: 1
	Channel  string `json:"channel"`
	Language string `json:"language"` // zh or en
	Title    string `json:"title"`
	Text     string `json:"text"`   // all in words, the title first, as long as the channel bears
	News     []Item `json:"news"`   // of tonight
	Untold   []Item `json:"untold"` // of nights before, which the channel did not take
	Night    Night  `json:"night"`

	lines       []string                 // of Text below the title, a piece of news each
	more        func(n int) string       // words for lines that are left out
	notAttached func(name string) string // and for a file that is
}

// compose puts the news into words.
func (w *words) compose(n *Night, news []Item, untold []Item, dropped int) *Message {
	m := &Message{
		Version: 1, Language: w.language, News: append([]Item{}, news...), Untold: append([]Item{}, untold...), Night: *n,
		Title:       w.text("title", n.At.In(w.zone).Format("2006-01-02 15:04"), w.text("outcome."+n.Outcome)),
		more:        func(n int) string { return w.text("more", n) },
		notAttached: func(name string) string { return w.text("not_attached", name) },
	}
	// Programs find lists, empty ones too.
	m.Night.Accounts, m.Night.Missed, m.Night.Files = append([]Account{}, n.Accounts...), append([]string{}, n.Missed...), append([]File{}, n.Files...)
	if n.Verdict != "" {
		m.lines = append(m.lines, n.Verdict)
	}
	for i := range news {
		m.lines = append(m.lines, w.text(news[i].Change)+w.text("colon")+w.line(&news[i]))
	}
	for i := range untold {
		m.lines = append(m.lines, w.text("untold", w.day(untold[i].Night), w.text(untold[i].Change))+w.text("colon")+w.line(&untold[i]))
	}
	if dropped > 0 {
		m.lines = append(m.lines, w.text("dropped", dropped))
	}
	if len(news) == 0 && len(untold) == 0 {
		m.lines = append(m.lines, w.text("nothing"))
	}
	m.Text = m.within(func(string) bool { return true })
	return m
}

// samples are messages as a template may meet them: one with something in each part,
// one with nothing where there may be nothing, and one without news.
func samples() []*Message {
	w := &words{Labels: &labels.Labels{}, language: labels.English, zone: time.UTC}
	at := time.Unix(0, 0).UTC()
	all := []Item{{Change: Begun, Key: troubleKey{ofAccount, "soms/retail"}, Night: at, Since: &at}}
	once := []Item{{Change: Once, Night: at}}
	return []*Message{
		w.compose(&Night{At: at, Failure: &Failure{}, Accounts: []Account{{}}, Missed: []string{"1970-01-01"}, Files: []File{{}}}, all, all, 0),
		w.compose(&Night{At: at}, once, once, 0),
		w.compose(&Night{At: at}, nil, nil, 0),
	}
}

// line is an item in words: what, since when, and what to do.
func (w *words) line(i *Item) string {
	text := i.Text
	switch {
	case i.Since == nil || i.Change == Begun:
	case i.Change == Ended:
		text += w.text("began", w.day(*i.Since))
	default:
		text += w.text("since", w.day(*i.Since))
	}
	if i.Do != "" {
		text += w.text("do", i.Do)
	}
	return text
}

// within is the text with as many of its lines as fit, and how many more there are.
// Where not even the title fits it is cut. The last text that fits is asked about is
// the one that is given back.
func (m *Message) within(fits func(text string) bool) string {
	with := func(kept int) string {
		lines := append([]string{m.Title}, m.lines[:kept]...)
		if left := len(m.lines) - kept; left > 0 {
			lines = append(lines, m.more(left))
		}
		return strings.Join(lines, "\n")
	}
	if all := with(len(m.lines)); fits(all) {
		return all
	}
	// The most of them that fit is one less than the fewest that do not.
	tooMany := sort.Search(len(m.lines), func(kept int) bool { return !fits(with(kept)) })
	if text := with(max(tooMany-1, 0)); fits(text) {
		return text
	}
	title := []rune(m.Title)
	for len(title) > 0 && !fits(string(title)+"…") {
		title = title[:len(title)-1]
	}
	return string(title) + "…"
}

// values is the message as templates see it: by the names of its JSON, numbers with
// all their digits.
func (m *Message) values() (map[string]any, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	var values map[string]any
	return values, d.Decode(&values)
}
