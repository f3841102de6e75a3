package filled

import (
	"errors"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/labels"
)

// headingRows is how far down the headings are looked for: people write above
// a table.
const headingRows = 50

// filledColumns are the columns that are read back, and where they stand in a
// sheet, from 0; -1 where a sheet does not have one.
type filledColumns struct{ id, status, owner, comment, mark int }

func (c filledColumns) usable() bool {
	return c.id >= 0 && (c.status >= 0 || c.owner >= 0 || c.comment >= 0)
}

// readBreaks reads the rows of a sheet, and the identity of the workbook where
// it stands above them. ok is false where the sheet has no headings of breaks.
func readBreaks(f *excelize.File, sheet string, words *labels.Labels, id *Identity) (filled []Row, ok bool, err error) {
	rows, err := f.Rows(sheet)
	if err != nil {
		return nil, false, fmt.Errorf("sheet %s: %w", sheet, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	headings, err := breakHeadings(words)
	if err != nil {
		return nil, false, err
	}
	var columns filledColumns
	for no := 1; rows.Next(); no++ {
		cells, err := rows.Columns()
		if err != nil {
			return nil, false, fmt.Errorf("sheet %s, row %d: %w", sheet, no, err)
		}
		if !ok {
			if have, found := identityIn(cells); found {
				*id = have
			}
			columns = findColumns(cells, headings)
			if ok = columns.usable(); !ok && no >= headingRows {
				return nil, false, nil
			}
			continue
		}
		id := strings.ToLower(strings.TrimSpace(cellAt(cells, columns.id)))
		if id == "" {
			continue // below the table, or between its rows
		}
		row := Row{Sheet: sheet, Row: no, BreakID: id, Mark: strings.TrimSpace(cellAt(cells, columns.mark))}
		if columns.status >= 0 {
			status := words.StatusCode(cellAt(cells, columns.status))
			row.Status = &status
		}
		row.Owner, row.Comment = written(cells, columns.owner), written(cells, columns.comment)
		filled = append(filled, row)
	}
	return filled, ok, rows.Error()
}

// breakHeadings are the headings that name a column, by column, in both
// languages and as SQL names it.
func breakHeadings(words *labels.Labels) (map[string]string, error) {
	all, err := catalogue.Load("")
	if err != nil {
		return nil, err
	}
	report, err := catalogue.Find(all, "breaks")
	if err != nil {
		return nil, err
	}
	headings := map[string]string{}
	for _, column := range []string{"break_id", "status", "owner", "comment", "mark"} {
		headings[column] = column
		for _, language := range []string{labels.English, labels.Chinese} {
			headings[headingKey(report.Heading(words, column, language))] = column
		}
	}
	return headings, nil
}

func headingKey(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

func findColumns(cells []string, headings map[string]string) filledColumns {
	at := map[string]int{}
	for i, text := range cells {
		if column, ok := headings[headingKey(text)]; ok {
			if _, twice := at[column]; !twice {
				at[column] = i
			}
		}
	}
	where := func(column string) int {
		if i, ok := at[column]; ok {
			return i
		}
		return -1
	}
	return filledColumns{where("break_id"), where("status"), where("owner"), where("comment"), where("mark")}
}

func cellAt(cells []string, i int) string {
	if i < 0 || i >= len(cells) {
		return ""
	}
	return cells[i]
}

// written is the text of a cell as it is kept: line breaks are one character,
// and blank space around it is none.
func written(cells []string, i int) *string {
	if i < 0 {
		return nil
	}
	text := strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(cellAt(cells, i)))
	return &text
}
