package filled

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/labels"
)

// headingRows is how far down the headings are looked for: people write above
// a table.
const headingRows = 50

// sheetColumns are the columns of the sheet of breaks as it is made: by their
// order a column is known whose heading somebody renamed.
var sheetColumns = []string{
	"severity", "title", "order_ref", "business_date", "age_days", "currency", "expected", "actual", "difference", "explanation",
	"status", "owner", "comment", "section", "flow", "source", "account", "store", "channel", "reason", "seen_days", "first_seen",
	"line_no", "counterpart", "rule", "break_id", "mark",
}

// needed are the columns without which something that was written is lost.
var needed = []string{"break_id", "status", "owner", "comment"}

// headingWords know the words that name a column.
type headingWords struct {
	columns  map[string]string // heading → column, in both languages and as SQL names it
	words    map[string]labels.Words
	database labels.Words // before the database's id in the Summary
}

func loadHeadings(words *labels.Labels) (*headingWords, error) {
	all, err := catalogue.Load("")
	if err != nil {
		return nil, err
	}
	breaks, err := catalogue.Find(all, "breaks")
	if err != nil {
		return nil, err
	}
	run, err := catalogue.Find(all, "run_summary")
	if err != nil {
		return nil, err
	}
	both := func(r *catalogue.Report, column string) labels.Words {
		return labels.Words{EN: r.Heading(words, column, labels.English), ZH: r.Heading(words, column, labels.Chinese)}
	}
	h := &headingWords{columns: map[string]string{}, words: map[string]labels.Words{}, database: both(run, "database_id")}
	for _, column := range sheetColumns {
		w := both(breaks, column)
		h.words[column] = w
		h.columns[column], h.columns[headingKey(w.EN)], h.columns[headingKey(w.ZH)] = column, column, column
	}
	return h, nil
}

func headingKey(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

// layout is where the columns of a sheet stand, from 0.
type layout struct {
	at       map[string]int
	strange  map[int]string // headings that name no column
	byPlace  []string       // columns that are known by their place alone
	language string
}

// find reads a row of headings; ok is false where it is none.
func (h *headingWords) find(cells []string) (l layout, ok bool) {
	l = layout{at: map[string]int{}, strange: map[int]string{}, language: labels.English}
	chinese := 0
	for i, text := range cells {
		column, known := h.columns[headingKey(text)]
		_, twice := l.at[column]
		switch {
		case known && !twice:
			l.at[column] = i
			if w := h.words[column]; headingKey(text) == headingKey(w.ZH) {
				chinese++
			}
		case strings.TrimSpace(text) != "":
			l.strange[i] = strings.TrimSpace(text)
		}
	}
	if chinese*2 > len(l.at) {
		l.language = labels.Chinese
	}
	ours := 0
	for _, column := range append([]string{"mark"}, needed...) {
		if l.has(column) {
			ours++
		}
	}
	// A part of the sheet, as somebody copied it, has few of its columns; other
	// sheets have many of its headings, but not those that people fill in.
	if reads := l.has("break_id") && l.fillable(); !reads && (ours < 2 || len(l.at) < 5) {
		return l, false
	}
	l.place()
	return l, true
}

func (l *layout) has(column string) bool {
	_, ok := l.at[column]
	return ok
}

func (l *layout) fillable() bool { return l.has("status") || l.has("owner") || l.has("comment") }

// place finds the columns of which the heading alone was renamed: those beside
// it stand, and one column is between them.
func (l *layout) place() {
	for i, column := range sheetColumns {
		if l.has(column) || i == 0 || i == len(sheetColumns)-1 {
			continue
		}
		before, hasBefore := l.at[sheetColumns[i-1]]
		after, hasAfter := l.at[sheetColumns[i+1]]
		if _, renamed := l.strange[before+1]; hasBefore && hasAfter && after == before+2 && renamed {
			l.at[column] = before + 1
			l.byPlace = append(l.byPlace, column)
		}
	}
}

// remarks say which columns are known by their place.
func (l *layout) remarks(h *headingWords) (list []string) {
	for _, column := range l.byPlace {
		if slices.Contains(needed, column) {
			list = append(list, fmt.Sprintf("column %s, headed %q, is taken as %s, for it stands in its place", columnName(l.at[column]), l.strange[l.at[column]], h.words[column].In(l.language)))
		}
	}
	return list
}

// lost says which columns are not there while others, that hold something, have
// headings that are none.
func (l *layout) lost(h *headingWords, holds map[int]bool) (list []string) {
	var strange []string
	for _, i := range slices.Sorted(maps.Keys(l.strange)) {
		if holds[i] && !slices.Contains(slices.Collect(maps.Values(l.at)), i) {
			strange = append(strange, fmt.Sprintf("%s %q", columnName(i), l.strange[i]))
		}
	}
	for _, column := range needed {
		if !l.has(column) && (len(strange) > 0 || column == "break_id") {
			why := fmt.Sprintf("no column is headed %s, and nothing is read from it", h.words[column].In(l.language))
			if len(strange) > 0 {
				why += fmt.Sprintf(": if it is %s, give it that heading again", strings.Join(strange, " / "))
			}
			list = append(list, why)
		}
	}
	return list
}

func columnName(i int) string {
	name, err := excelize.ColumnNumberToName(i + 1)
	if err != nil {
		panic(err) // a sheet has no more columns than have names
	}
	return name
}
