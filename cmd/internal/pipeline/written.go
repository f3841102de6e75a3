package pipeline

import (
	"context"
	"fmt"

	"github.com/nightaudit/nightaudit/load"
	"github.com/nightaudit/nightaudit/reports/filled"
	"github.com/nightaudit/nightaudit/reports/labels"
)

// decide decides what of a workbook is taken; inPlace is its name where it lies
// in the folder of reports, for what it said there before is not new. What is
// told of its rows is in its language: whoever filled it in reads it.
func (r *runner) decide(ctx context.Context, book *filled.Workbook, inPlace string) ([]load.Decision, []load.Annotation, error) {
	ids, err := r.breakIDs(ctx, book.Published)
	if err != nil {
		return nil, nil, err
	}
	breaks, err := r.warehouse.BreakStates(ctx)
	if err != nil {
		return nil, nil, err
	}
	var before map[string]*load.Annotation
	if inPlace != "" {
		if before, err = r.saidBefore(ctx, inPlace, book.Published); err != nil {
			return nil, nil, err
		}
	}
	decisions, taken := load.DecideAnnotations(written(book, ids, before), breaks)
	for i := range decisions {
		if decisions[i].Outcome == load.Unknown {
			decisions[i].Notes = []string{"the database has no break " + decisions[i].BreakID}
		}
		for _, texts := range [][]string{decisions[i].Notes, decisions[i].Lost} {
			for n := range texts {
				texts[n] = say(book.Language, texts[n])
			}
		}
	}
	for _, refused := range book.Refused {
		why := []string{say(book.Language, refused.Text)}
		decisions = append(decisions, load.Decision{Place: placeOfRow(book, refused.Sheet, refused.Row), Outcome: load.Refused, Notes: why, Lost: why})
	}
	return decisions, taken, nil
}

func written(book *filled.Workbook, ids breakIDs, before map[string]*load.Annotation) []load.WorkbookRow {
	rows := make([]load.WorkbookRow, 0, len(book.Rows))
	for _, r := range book.Rows {
		id := ids.now(r.BreakID)
		rows = append(rows, load.WorkbookRow{
			Place: placeOfRow(book, r.Sheet, r.Row), BreakID: id, Rule: r.Rule, Title: r.Title, Order: r.Order, Expected: r.Expected, Actual: r.Actual,
			Status: r.Status, Owner: r.Owner, Comment: r.Comment, Mark: r.Mark, Before: before[id],
		})
	}
	return rows
}

// remarksOf are the remarks on how a workbook was read, with their places.
func remarksOf(book *filled.Workbook) (list []string) {
	for _, r := range book.Remarks {
		list = append(list, placeOfRow(book, r.Sheet, r.Row)+": "+say(book.Language, r.Text))
	}
	return list
}

// placeOfRow is the place of a row in the words of a workbook; of the sheet where no
// row is meant.
func placeOfRow(book *filled.Workbook, sheet string, row int) string {
	if row == 0 {
		return sheet
	}
	return fmt.Sprintf(phrase(book.Language, "breaks.row"), sheet, row)
}

// say is a message of the program in a language of the reports, and phrase a
// phrase of them.
func say(language, message string) string {
	words, err := labels.Load()
	if err != nil {
		return message // a report says what is wrong with the words
	}
	return words.Say(language, message)
}

func phrase(language, key string) string {
	words, err := labels.Load()
	if err != nil {
		return key + " %s %d"
	}
	return words.Texts[key].In(language)
}
