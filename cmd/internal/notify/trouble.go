package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// The kinds of trouble.
const (
	ofRun     = "run"     // it failed, or was done in part for no account's sake
	ofLock    = "locked"  // another one was at work
	ofAccount = "account" // it is not complete
	ofBreaks  = "breaks"  // of one rule; rows that were refused, that cannot be read or have no date among them
)

// troubleKey tells troubles apart from night to night.
type troubleKey struct{ kind, of string }

// MarshalText writes "account soms/retail".
func (k troubleKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads it.
func (k *troubleKey) UnmarshalText(b []byte) error {
	k.kind, k.of, _ = strings.Cut(string(b), " ")
	return nil
}

func (k troubleKey) String() string { return strings.TrimSpace(k.kind + " " + k.of) }

// trouble is something that is wrong tonight.
type trouble struct {
	key     troubleKey
	name    string    // what people call what it is about
	mark    string    // another one is another trouble with the same thing
	breaks  []Break   // of ofBreaks, the oldest first
	since   time.Time // at the latest; zero where only what was told says since when
	failure bool      // it changes the exit code
	text    string    // in words
	do      string
}

// troubles are what is wrong tonight, as far as a channel wants to know of it.
func (n *Night) troubles(s *Settings, w *words) (list []trouble) {
	add := func(t trouble) {
		if s.wants(&t) {
			list = append(list, t)
		}
	}
	switch {
	case n.ExitCode == exit.Locked:
		add(trouble{key: troubleKey{kind: ofLock}, failure: true, text: w.text("locked")})
	case n.Failure != nil:
		text := w.say(n.Failure.What)
		if n.Failure.Why != "" {
			text += w.text("colon") + w.names.In(w.say(oneLine(n.Failure.Why)))
		}
		add(trouble{key: troubleKey{kind: ofRun}, mark: n.Failure.What, failure: true, text: text, do: w.say(oneLine(n.Failure.Do))})
	case n.InPart != "":
		add(trouble{key: troubleKey{kind: ofRun}, mark: n.Outcome, failure: true, text: w.say(n.InPart)})
	}
	for i := range n.Accounts {
		if a := &n.Accounts[i]; a.State != complete {
			add(a.trouble(w))
		}
	}
	for _, t := range n.byRule(s, w) {
		add(t)
	}
	return list
}

func (a *Account) trouble(w *words) trouble {
	t := trouble{key: troubleKey{ofAccount, a.Account}, name: labels.Called(a.Name, a.Account), mark: a.State, failure: true}
	words := "account.unreconciled"
	if a.State == string(ledger.Failed) {
		words = "account.failed"
		t.do = w.text("do.account")
	}
	t.text = w.text(words, t.name, w.names.In(w.say(oneLine(a.Message))))
	return t
}

// mostOrders are how many orders of a kind of breaks are named.
const mostOrders = 3

// byRule makes one trouble of the breaks of a rule.
func (n *Night) byRule(s *Settings, w *words) (list []trouble) {
	for i := range n.Breaks {
		b := &n.Breaks[i]
		if !s.heeds(b.Severity) {
			continue
		}
		key := troubleKey{ofBreaks, b.Rule}
		if last := len(list) - 1; last < 0 || list[last].key != key {
			list = append(list, trouble{key: key, name: fmt.Sprintf("%s (%s)", b.Title.In(w.language), w.severity(b.Severity)), since: b.FirstSeen, do: w.text("do.breaks")})
		}
		t := &list[len(list)-1]
		t.breaks = append(t.breaks, *b)
	}
	for i := range list {
		list[i].text = w.text("breaks", list[i].name, len(list[i].breaks)) + w.suchAs(list[i].breaks)
	}
	return list
}

// suchAs names the first orders of some breaks, and what is wrong where they are of none.
func (w *words) suchAs(breaks []Break) string {
	var orders []string
	for i := range breaks {
		order := breaks[i].Order
		if says := breaks[i].Says.In(w.language); says != "" {
			order += w.text("colon") + strings.TrimRight(oneLine(says), ".。")
		}
		if !slices.Contains(orders, order) && len(orders) < mostOrders {
			orders = append(orders, order)
		}
	}
	return w.text("such_as", w.names.In(strings.Join(orders, ", ")))
}

// oneLine is a text without line breaks, and not longer than a message bears.
func oneLine(text string) string {
	const most = 300 // characters
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return text
}
