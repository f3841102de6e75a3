package load

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// markFor is the mark of a break, by hand: the first eight characters of the
// MD5 sums of its texts (printf %s TEXT | md5sum).
var md5Of = map[string]string{
	"":          "d41d8cd9",
	"open":      "7cef8a73",
	"accepted":  "3e4d891a",
	"explained": "0fb4bd76",
	"Li Wei":    "31aa5b8d",
	"Chen":      "ef6bf3fd",
	"seen":      "d5b4a9a5",
}

func markFor(t *testing.T, status, owner, comment, amounts string) string {
	t.Helper()
	mark := ""
	for _, text := range []string{status, owner, comment} {
		sum, ok := md5Of[text]
		if !ok {
			t.Fatalf("no sum of %q in the table", text)
		}
		mark += sum
	}
	return mark + amounts
}

func text(s string) *string { return &s }

func TestDecide(t *testing.T) {
	state := func(status, owner, comment, amounts string) BreakState {
		return BreakState{Status: status, Owner: owner, Comment: comment, Difference: "3.0000 CNY", Mark: markFor(t, status, owner, comment, amounts)}
	}
	resolved := state("open", "", "", "11111111")
	resolved.Status, resolved.ResolvedAt = "resolved", time.Date(2026, 4, 1, 19, 0, 0, 0, time.UTC)
	asMade := markFor(t, "open", "", "", "11111111")
	row := func(mark, status, owner, comment string) WorkbookRow {
		return WorkbookRow{Place: "Breaks row 4", BreakID: "b", Status: &status, Owner: &owner, Comment: &comment, Mark: mark}
	}
	for _, c := range []struct {
		name    string
		row     WorkbookRow
		now     BreakState
		outcome string
		taken   string // fields
		note    string // part of the only note
		overrod bool
	}{
		{"nothing written", row(asMade, "open", "", ""), state("open", "", "", "11111111"), Unchanged, "", "", false},
		{"all three written", row(asMade, "accepted", "Li Wei", "seen"), state("open", "", "", "11111111"), Accepted, "status owner comment", "", false},
		{"taken out", row(markFor(t, "open", "Li Wei", "seen", "11111111"), "open", "", "seen"), state("open", "Li Wei", "seen", "11111111"), Accepted, "owner", "", false},
		{"a blank status says nothing", row(asMade, "", "Li Wei", ""), state("open", "", "", "11111111"), Accepted, "owner", "", false},
		{"not touched, changed since by somebody", row(asMade, "open", "", ""), state("open", "Chen", "", "11111111"), Unchanged, "", `owner was not touched in the workbook and has changed since: it stays "Chen"`, false},
		{"touched, and changed since by somebody", row(asMade, "open", "Li Wei", ""), state("open", "Chen", "", "11111111"), Accepted, "owner", `"Chen" gives way to the newer`, true},
		{"touched, and somebody wrote the same", row(asMade, "open", "Li Wei", ""), state("open", "Li Wei", "", "11111111"), Unchanged, "", "", false},
		{"reopened since, and not touched", row(markFor(t, "accepted", "", "", "11111111"), "accepted", "", ""), state("open", "", "", "22222222"), Unchanged, "", `status was not touched in the workbook and has changed since: it stays "open"`, false},
		{"accepted another amount than it has now", row(asMade, "accepted", "", ""), state("open", "", "", "22222222"), Refused, "", "the amount has changed since the workbook was made and is 3.0000 CNY now", false},
		{"open again whatever the amount", row(markFor(t, "accepted", "", "", "11111111"), "open", "", ""), state("accepted", "", "", "22222222"), Accepted, "status", "", false},
		{"resolved by hand", row(asMade, "resolved", "", ""), state("open", "", "", "11111111"), Refused, "", "resolved is not set by hand", false},
		{"no status", row(asMade, "done", "", ""), state("open", "", "", "11111111"), Refused, "", `"done" is none: choose open, explained or accepted`, false},
		{"resolved meanwhile", row(asMade, "accepted", "", "seen"), resolved, Accepted, "comment", "the break was resolved on 2026-04-01 19:00 UTC", false},
		{"a comment too long", row(asMade, "open", "", strings.Repeat("好", 8001)), state("open", "", "", "11111111"), Refused, "", "it has 8001 characters, 8000 are kept at most", false},
		{"an owner too long", row(asMade, "open", strings.Repeat("好", 201), ""), state("open", "", "", "11111111"), Refused, "", "it has 201 characters, 200 are kept at most", false},
		{"the longest owner", row(asMade, "open", strings.Repeat("好", 200), ""), state("open", "", "", "11111111"), Accepted, "owner", "", false},
		{"the longest comment", row(asMade, "open", "", strings.Repeat("好", 8000)), state("open", "", "", "11111111"), Accepted, "comment", "", false},
		{"the mark is gone: what differs was written", row("", "explained", "", ""), state("open", "", "", "11111111"), Accepted, "status", "", false},
		{"a mark that is none", row("cut", "explained", "", ""), state("open", "", "", "11111111"), Accepted, "status", "", false},
		{"no column of that field", WorkbookRow{BreakID: "b", Comment: text("seen"), Mark: asMade}, state("open", "Chen", "", "11111111"), Accepted, "comment", "", false},
		{"unknown break", WorkbookRow{BreakID: "other", Comment: text("seen"), Mark: asMade}, state("open", "", "", "11111111"), Unknown, "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			decisions, taken := DecideAnnotations([]WorkbookRow{c.row}, map[string]BreakState{"b": c.now})
			d := decisions[0]
			if d.Outcome != c.outcome || strings.Join(d.Accepted, " ") != c.taken {
				t.Errorf("%s [%s], want %s [%s]; notes %q", d.Outcome, strings.Join(d.Accepted, " "), c.outcome, c.taken, d.Notes)
			}
			if c.note == "" && len(d.Notes) > 0 || c.note != "" && (len(d.Notes) != 1 || !strings.Contains(d.Notes[0], c.note)) {
				t.Errorf("notes %q, want %q", d.Notes, c.note)
			}
			if want := c.outcome == Accepted; (len(taken) == 1) != want {
				t.Fatalf("%d annotations taken", len(taken))
			}
			if len(taken) == 1 {
				for name, value := range map[string]*string{"status": taken[0].Status, "owner": taken[0].Owner, "comment": taken[0].Comment} {
					if (value != nil) != slices.Contains(strings.Fields(c.taken), name) {
						t.Errorf("%s is taken as %v", name, value)
					}
				}
				if taken[0].Overrode != c.overrod {
					t.Errorf("overrode %v", taken[0].Overrode)
				}
			}
		})
	}
}

// What was written and is not taken is lost, and said so; what the workbook said
// before, and somebody has changed since, is not new when it is saved again.
func TestDecideLostAndSaidBefore(t *testing.T) {
	asMade := markFor(t, "open", "", "", "11111111")
	breaks := map[string]BreakState{"b": {Status: "explained", Owner: "Chen", Mark: markFor(t, "explained", "Chen", "", "11111111")}}
	for _, c := range []struct {
		name        string
		row         WorkbookRow
		taken, lost string
	}{
		{"a status that is none, and an owner", WorkbookRow{BreakID: "b", Status: text("done"), Owner: text("Li Wei"), Mark: asMade}, "owner", `status not taken: "done" is none: choose open, explained or accepted`},
		{"of an unknown break something was written", WorkbookRow{BreakID: "x", Comment: text("seen"), Mark: asMade}, "", "the database has no break x"},
		{"of an unknown break nothing was", WorkbookRow{BreakID: "x", Status: text("open"), Owner: text(""), Comment: text(""), Mark: asMade}, "", ""},
		{"of an unknown break without a mark, a status that may be as it came", WorkbookRow{BreakID: "x", Status: text("open")}, "", ""},
		{"said before", WorkbookRow{BreakID: "b", Status: text("accepted"), Owner: text("Li Wei"), Mark: asMade, Before: &Annotation{Status: text("accepted")}}, "owner", ""},
		{"said before, and something else now", WorkbookRow{BreakID: "b", Status: text("accepted"), Mark: asMade, Before: &Annotation{Status: text("open")}}, "status", ""},
	} {
		c.row.Place = "Breaks row 4"
		decisions, _ := DecideAnnotations([]WorkbookRow{c.row}, breaks)
		want := ""
		if c.lost != "" {
			want = "Breaks row 4: " + c.lost
		}
		if got := strings.Join(Refusals(decisions), "\n"); got != want || strings.Join(decisions[0].Accepted, " ") != c.taken {
			t.Errorf("%s: taken %q, lost %q; want %q, %q", c.name, decisions[0].Accepted, got, c.taken, want)
		}
	}
}
