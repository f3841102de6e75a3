package load

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/nightaudit/nightaudit/reports/figure"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// mostReadings is how many streams of which something is lacking are named one by
// one; more are added up.
const mostReadings = 3

// wordsOf says what is lacking of a run, an account or an entry.
func wordsOf(rows []lack) string {
	var parts []string
	var readings []lack
	counts := map[string]int64{}
	for _, l := range rows {
		switch l.want.Kind {
		case heldWindows, heldFailed:
			readings = append(readings, l)
		case heldStanding:
			counts[heldStanding] += l.want.Count - l.have.Count
		case heldTotals, heldClosed:
			counts[l.want.Kind]++
		default:
			parts = append(parts, l.words())
		}
	}
	parts = append(parts, readingWords(readings)...)
	if n := counts[heldStanding]; n > 0 {
		parts = append(parts, plural(n, "order")+" as it read them last")
	}
	if n := counts[heldTotals]; n > 0 {
		parts = append(parts, plural(n, "control total"))
	}
	if n := counts[heldClosed]; n > 0 {
		parts = append(parts, plural(n, "closed total")+" of "+entryOf(rows))
	}
	return strings.Join(parts, "; ")
}

// words says what of one thing is lacking.
func (l lack) words() string {
	w := l.want
	switch {
	case w.Kind == heldDatabase:
		return "the runs are of the database " + w.Item + ", and run.json of the last one names another"
	case w.Kind == heldEntry:
		return w.Words + " (" + w.Item + "), is not in the journal of what people added, or not all of it"
	case w.Kind == heldOrders:
		return fmt.Sprintf("%s: %s, and %s from the landing", w.of(), plural(w.Count, "order"), figure.Count(l.have.Count))
	case w.Kind == heldFailed:
		return "that it failed (" + w.Item + ")"
	case w.Kind == heldRun && l.have.Count == 0:
		return "it is not landed, or its run.json is gone"
	case w.Kind == heldRun:
		return "it ended as " + w.Exact + "; its run.json says " + cmp.Or(l.have.Exact, "that it did not end")
	}
	return fmt.Sprintf("%s: %s with %s and %s, of which the landing gives %s, %s and %s", w.Item,
		plural(w.Count, "window"), plural(w.Answers, "answer"), plural(w.Records, "record"),
		figure.Count(l.have.Count), figure.Count(l.have.Answers), figure.Count(l.have.Records))
}

// readingWords says what is lacking of what was read, each stream by itself where
// these are few.
func readingWords(readings []lack) (parts []string) {
	var windows, answers int64
	accounts := map[ledger.AccountID]bool{}
	for _, l := range readings {
		windows, answers = windows+l.want.Count-l.have.Count, answers+l.want.Answers-l.have.Answers
		accounts[l.want.of()] = true
		parts = append(parts, l.words())
	}
	if len(readings) <= mostReadings && len(accounts) <= 1 {
		return parts
	}
	return []string{fmt.Sprintf("%s with %s of %s", plural(windows, "window"), plural(answers, "answer"), plural(int64(len(accounts)), "account"))}
}

// entryOf is the close that totals are of.
func entryOf(rows []lack) (entry string) {
	for _, l := range rows {
		if l.want.Kind == heldClosed {
			entry, _, _ = strings.Cut(l.want.Item, " ")
		}
	}
	return entry
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return figure.Count(n) + " " + what + "s"
}
