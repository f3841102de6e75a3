package load

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The longest texts that are taken, in characters.
const (
	maxOwner   = 200
	maxComment = 8000
)

// settable are the statuses that finance may give a break; resolved follows
// from the figures alone.
var settable = []string{"open", "explained", "accepted"}

// WorkbookRow is what a row of a workbook says. A field that the workbook has no
// column for is nil.
type WorkbookRow struct {
	Place   string // sheet and row, for messages
	BreakID string
	// What the row says of its break beside the id; nil where the workbook does
	// not have the column. Amounts are as they are stored.
	Rule, Title, Order, Expected, Actual *string
	// Status is a code, or the text itself where it is none.
	Status, Owner, Comment *string
	// Mark is the row's recon.break_mark when the workbook was made, "" where
	// it is gone from the workbook.
	Mark string
	// Before is what this very workbook said of the break when it was last
	// taken; nil where nothing. Cells that say the same say nothing new.
	Before *Annotation
}

// The outcomes of a row of a workbook. That a row is accepted says nothing of
// the status accepted, which finance may give a break.
const (
	Accepted  = "accepted"  // in whole or in part
	Unchanged = "unchanged" // the database says the same, or the row was not touched
	Refused   = "refused"   // nothing of what was written could be taken
	Unknown   = "unknown"   // the database has no such break
)

// Decision is what becomes of a row of a workbook.
type Decision struct {
	Place   string
	BreakID string
	Break   BreakState // as it was before; zero where it is unknown
	Outcome string
	// Accepted are the fields that change, Notes what the person should know.
	Accepted []string
	Notes    []string
	// Lost are the reasons why something that was written is not taken: "" for
	// a break that the database does not have.
	Lost []string
	row  Annotation
}

// Refusals are the rows of which something could not be taken, a line each.
func Refusals(decisions []Decision) []string {
	var lines []string
	for _, d := range decisions {
		for _, why := range d.Lost {
			lines = append(lines, d.Place+": "+why)
		}
	}
	return lines
}

// DecideAnnotations compares what a workbook says with what the database holds,
// and gives what becomes of each row and the annotations to enter. It changes
// nothing.
func DecideAnnotations(rows []WorkbookRow, breaks map[string]BreakState) ([]Decision, []Annotation) {
	titles := titlesOf(breaks)
	copies := map[string][]int{} // of one break, in the order of the workbook
	decisions := make([]Decision, len(rows))
	for i, row := range rows {
		if why := disagrees(row, breaks[row.BreakID], titles); why != "" {
			decisions[i] = Decision{Place: row.Place, BreakID: row.BreakID, Break: breaks[row.BreakID], Outcome: Unchanged}
			if row.written() {
				decisions[i].refuse(why)
			}
			continue
		}
		copies[row.BreakID] = append(copies[row.BreakID], i)
	}
	for id, places := range copies {
		some := make([]WorkbookRow, len(places))
		for n, i := range places {
			some[n] = rows[i]
		}
		row, conflicts := joined(some, breaks[id])
		for n, i := range places {
			decisions[i] = Decision{Place: some[n].Place, BreakID: id, Break: breaks[id], Outcome: Unchanged}
			if row.Place != some[n].Place {
				continue
			}
			decisions[i] = decide(row, breaks)
			for _, why := range conflicts {
				decisions[i].lose(why)
			}
			if len(conflicts) > 0 && decisions[i].Outcome == Unchanged {
				decisions[i].Outcome = Refused
			}
		}
	}
	var taken []Annotation
	for _, d := range decisions {
		if d.Outcome == Accepted {
			taken = append(taken, d.row)
		}
	}
	return decisions, taken
}

// field is one of the three cells of a row.
type field struct {
	name    string
	written **string
	before  *string // see WorkbookRow.Before
	now     string
	part    int // of the mark
	into    **string
	refuse  func(value string) string // why it cannot be taken, "" if it can
}

func decide(row WorkbookRow, breaks map[string]BreakState) Decision {
	b, known := breaks[row.BreakID]
	d := Decision{Place: row.Place, BreakID: row.BreakID, Break: b, row: Annotation{BreakID: row.BreakID}}
	if !known {
		d.Outcome = Unknown
		if row.written() {
			d.Lost = []string{"the database has no break " + row.BreakID}
		}
		return d
	}
	refused := false
	for _, f := range fieldsOf(&row, b, &d.row) {
		refused = d.consider(f, row.Mark, b.Mark) || refused
	}
	switch {
	case len(d.Accepted) > 0:
		d.Outcome = Accepted
	case refused:
		d.Outcome = Refused
	default:
		d.Outcome = Unchanged
	}
	return d
}

// fieldsOf are the three cells of a row; what is taken goes into a.
func fieldsOf(row *WorkbookRow, b BreakState, a *Annotation) []field {
	moved := markPart(row.Mark, markAmounts) != "" && markPart(row.Mark, markAmounts) != markPart(b.Mark, markAmounts)
	before := row.Before
	if before == nil {
		before = &Annotation{}
	}
	return []field{
		{"status", &row.Status, before.Status, b.Status, markStatus, &a.Status, func(v string) string { return refuseStatus(v, b, moved) }},
		{"owner", &row.Owner, before.Owner, b.Owner, markOwner, &a.Owner, func(v string) string { return tooLong(v, maxOwner) }},
		{"comment", &row.Comment, before.Comment, b.Comment, markComment, &a.Comment, func(v string) string { return tooLong(v, maxComment) }},
	}
}

// differs says whether the cell says anything that the database does not, and
// that this very workbook had not said before. A blank status says nothing.
func (f *field) differs() bool {
	text := *f.written
	return text != nil && *text != f.now && (f.name != "status" || *text != "") && (f.before == nil || *f.before != *text)
}

// touched says whether a person wrote the cell. Where the workbook has lost its
// mark, what differs from the database counts as written.
func (f *field) touched(then string) bool {
	was := markPart(then, f.part)
	return was == "" || markOf(**f.written) != was
}

// written says whether the row holds anything that a person wrote.
func (row *WorkbookRow) written() bool {
	marked := markPart(row.Mark, markStatus) != ""
	touched := func(text *string, n int) bool {
		return text != nil && (!marked && *text != "" || marked && markOf(*text) != markPart(row.Mark, n))
	}
	return touched(row.Owner, markOwner) || touched(row.Comment, markComment) || marked && touched(row.Status, markStatus)
}

// lose notes that something that was written is not taken, and why.
func (d *Decision) lose(why string) {
	d.Notes = append(d.Notes, why)
	d.Lost = append(d.Lost, why)
}

// refuse notes that nothing of a row is taken, and why.
func (d *Decision) refuse(why string) {
	d.Outcome = Refused
	d.lose(why)
}

// consider takes a field, or says why not.
func (d *Decision) consider(f field, then, now string) (refused bool) {
	if !f.differs() {
		return false
	}
	if !f.touched(then) {
		// The person left the cell as it was: what came since stays.
		d.Notes = append(d.Notes, fmt.Sprintf("%s was not touched in the workbook and has changed since: it stays %s", f.name, quoted(f.now)))
		return false
	}
	text := *f.written
	if why := f.refuse(*text); why != "" {
		d.lose(f.name + " not taken: " + why)
		return true
	}
	if was := markPart(then, f.part); was != "" && was != markPart(now, f.part) {
		d.row.Overrode = true
		d.Notes = append(d.Notes, fmt.Sprintf("%s was changed by somebody else since the workbook was made: %s gives way to the newer", f.name, quoted(f.now)))
	}
	*f.into = text
	d.Accepted = append(d.Accepted, f.name)
	return false
}

func refuseStatus(status string, b BreakState, moved bool) string {
	switch {
	case status == "resolved":
		return "resolved is not set by hand: a break resolves when its figures agree"
	case !slices.Contains(settable, status):
		return fmt.Sprintf("%s is none: choose open, explained or accepted", quoted(status))
	case b.Status == "resolved":
		return "the break was resolved on " + b.ResolvedAt.UTC().Format("2006-01-02 15:04 UTC")
	case moved && status != "open":
		return "the amount has changed since the workbook was made and is " + b.Difference + " now: look at it in a newer workbook"
	}
	return ""
}

func tooLong(text string, most int) string {
	if n := utf8.RuneCountInString(text); n > most {
		return fmt.Sprintf("it has %d characters, %d are kept at most", n, most)
	}
	return ""
}

// quoted is a value in a message, cut where it is long.
func quoted(text string) string {
	if text == "" {
		return "empty"
	}
	if r := []rune(text); len(r) > 60 {
		text = string(r[:60]) + "…"
	}
	return `"` + strings.Join(strings.Fields(text), " ") + `"`
}

// The parts of a mark, each of markLength characters: see
// sql/views/break_mark.sql.
const (
	markStatus = iota
	markOwner
	markComment
	markAmounts
	markParts

	markLength = 8
)

func markPart(mark string, n int) string {
	if len(mark) != markParts*markLength {
		return ""
	}
	return mark[n*markLength : (n+1)*markLength]
}

func markOf(value string) string {
	sum := md5.Sum([]byte(value))
	return hex.EncodeToString(sum[:])[:markLength]
}
