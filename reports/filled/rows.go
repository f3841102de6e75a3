package filled

import (
	"errors"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/labels"
)

// sheetReader reads the rows of one sheet.
type sheetReader struct {
	name     string
	words    *labels.Labels
	headings *headings

	identity Identity // where it stands above the rows
	heading  int      // the row of headings; 0 where there is none
	layout   layout
	rows     []Row
	holds    map[int]bool // columns of strange headings in which something stands
	nameless []Refusal    // rows that hold an entry and no id
}

// readBreaks reads the rows of a sheet of breaks.
func (s *sheetReader) read(f *excelize.File) (err error) {
	shown, err := f.Rows(s.name)
	if err != nil {
		return fmt.Errorf("sheet %s: %w", s.name, err)
	}
	defer func() { err = errors.Join(err, shown.Close()) }()
	// What people write is read as it is shown, an amount or a number as it is
	// stored: its format may leave digits out.
	stored, err := f.Rows(s.name)
	if err != nil {
		return fmt.Errorf("sheet %s: %w", s.name, err)
	}
	defer func() { err = errors.Join(err, stored.Close()) }()
	s.holds = map[int]bool{}
	for no := 1; shown.Next() && stored.Next(); no++ {
		cells, err := shown.Columns()
		if err != nil {
			return fmt.Errorf("sheet %s, row %d: %w", s.name, no, err)
		}
		if s.heading == 0 {
			if have, found := identityIn(cells); found {
				s.identity = have
			}
			if l, ok := s.headings.find(cells); ok {
				s.heading, s.layout = no, l
			} else if no >= headingRows {
				return nil
			}
			continue
		}
		raw, err := stored.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return fmt.Errorf("sheet %s, row %d: %w", s.name, no, err)
		}
		s.take(no, cells, raw)
	}
	if err := errors.Join(shown.Error(), stored.Error()); err != nil {
		return err
	}
	if s.heading == 0 || len(s.rows) == 0 {
		return nil
	}
	return s.fillMerged(f)
}

// take reads one row.
func (s *sheetReader) take(no int, cells, raw []string) {
	row := Row{
		Sheet: s.name, Row: no, BreakID: strings.ToLower(s.text(raw, "break_id")), Mark: s.text(raw, "mark"),
		Rule: s.cell(raw, "rule"), Title: s.cell(raw, "title"), Order: s.cell(raw, "order_ref"), Expected: s.cell(raw, "expected"), Actual: s.cell(raw, "actual"),
		Status: s.cell(cells, "status"), Owner: s.cell(cells, "owner"), Comment: s.cell(cells, "comment"),
	}
	if row.Status != nil {
		*row.Status = s.words.StatusCode(*row.Status)
	}
	ofBreak := row.BreakID != "" || s.text(raw, "rule")+s.text(raw, "order_ref") != ""
	if ofBreak {
		for i := range s.layout.strange {
			s.holds[i] = s.holds[i] || strings.TrimSpace(cellAt(cells, i)) != ""
		}
	}
	switch {
	case row.BreakID != "":
		s.rows = append(s.rows, row)
	case ofBreak && s.layout.has("break_id") && s.text(cells, "owner")+s.text(cells, "comment") != "":
		s.nameless = append(s.nameless, Refusal{s.name, no, "the row has no id of a break: write into a row that has one"})
	}
	// Else it stands below the table, or between its rows.
}

// text is the text of a cell; "" where the sheet does not have the column.
func (s *sheetReader) text(cells []string, column string) string {
	if text := s.cell(cells, column); text != nil {
		return *text
	}
	return ""
}

// cell is the text of a cell as it is kept: line breaks are one character, and
// blank space around it is none.
func (s *sheetReader) cell(cells []string, column string) *string {
	i, ok := s.layout.at[column]
	if !ok {
		return nil
	}
	text := strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(cellAt(cells, i)))
	return &text
}

func cellAt(cells []string, i int) string {
	if i >= len(cells) {
		return ""
	}
	return cells[i]
}

// field is what a row says in a column that may be merged over rows.
func (r *Row) field(column string) **string {
	switch column {
	case "rule":
		return &r.Rule
	case "title":
		return &r.Title
	case "order_ref":
		return &r.Order
	case "expected":
		return &r.Expected
	case "actual":
		return &r.Actual
	case "status":
		return &r.Status
	case "owner":
		return &r.Owner
	}
	return &r.Comment
}

// fillMerged gives every row what a cell says that is merged over it. Of a cell
// that is merged over columns too, those to the right say nothing.
func (s *sheetReader) fillMerged(f *excelize.File) error {
	merged, err := f.GetMergeCells(s.name)
	if err != nil {
		return fmt.Errorf("sheet %s: %w", s.name, err)
	}
	byRow := map[int]*Row{}
	for i := range s.rows {
		byRow[s.rows[i].Row] = &s.rows[i]
	}
	for _, m := range merged {
		left, top, err := excelize.CellNameToCoordinates(m.GetStartAxis())
		if err != nil {
			return fmt.Errorf("sheet %s: %w", s.name, err)
		}
		right, bottom, err := excelize.CellNameToCoordinates(m.GetEndAxis())
		if err != nil {
			return fmt.Errorf("sheet %s: %w", s.name, err)
		}
		for _, column := range []string{"rule", "title", "order_ref", "expected", "actual", "status", "owner", "comment"} {
			at, ok := s.layout.at[column]
			if at++; !ok || at < left || at > right || byRow[top] == nil {
				continue
			}
			said := *byRow[top].field(column)
			if at > left {
				said = nil
			}
			for no := top; no <= bottom; no++ {
				if row := byRow[no]; row != nil {
					*row.field(column) = said
				}
			}
		}
	}
	return nil
}
