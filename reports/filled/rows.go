package filled

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/labels"
)

// sheetReader reads the rows of one sheet.
type sheetReader struct {
	name     string
	book     *book
	words    *labels.Labels
	headings *headingWords

	identity Identity // where it stands above the rows
	heading  int      // the row of headings; 0 where there is none
	layout   layout
	rows     []Row
	holds    map[int]bool // columns of strange headings in which something stands
	nameless []Refusal    // rows that hold an entry and no id
}

// readBreaks reads the rows of a sheet of breaks.
func (s *sheetReader) read(f *excelize.File) (err error) {
	extent, err := s.book.scan(s.name, headingRows)
	if err != nil {
		return err
	}
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
	no := 1
	for ; shown.Next() && stored.Next(); no++ {
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
				if extent, err = s.book.scan(s.name, 0); err != nil {
					return err
				}
			} else if no >= headingRows {
				return nil
			}
			continue
		}
		raw, err := stored.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return fmt.Errorf("sheet %s, row %d: %w", s.name, no, err)
		}
		if len(cells)+len(raw) > 0 {
			s.take(no, cells, raw)
		}
	}
	if err := errors.Join(shown.Error(), stored.Error()); err != nil {
		return err
	}
	if s.heading == 0 {
		return nil
	}
	if no <= extent.last {
		return fmt.Errorf("sheet %s was read to row %d of %d: %w", s.name, no-1, extent.last, ErrDamaged)
	}
	return s.fillMerged(extent.merged)
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

var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// cell is the text of a cell as it is kept: line breaks are one character, and
// blank space around it is none.
func (s *sheetReader) cell(cells []string, column string) *string {
	i, ok := s.layout.at[column]
	if !ok {
		return nil
	}
	text := strings.TrimSpace(lineBreaks.Replace(cellAt(cells, i)))
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

// mergeable are the columns in which a cell that is merged over rows speaks for
// all of them.
var mergeable = []string{"rule", "title", "order_ref", "expected", "actual", "status", "owner", "comment"}

// fillMerged gives every row what a cell says that is merged over it. Of a cell
// that is merged over columns too, those to the right say nothing.
func (s *sheetReader) fillMerged(merged []string) error {
	filled := 0
	for _, ref := range merged {
		area, err := areaOf(ref)
		if err != nil {
			return fmt.Errorf("sheet %s: merged cells %s: %w", s.name, quoted(ref), err)
		}
		below, _ := slices.BinarySearchFunc(s.rows, area.top, func(r Row, no int) int { return r.Row - no })
		beyond, _ := slices.BinarySearchFunc(s.rows, area.bottom+1, func(r Row, no int) int { return r.Row - no })
		if below == beyond || s.rows[below].Row != area.top {
			continue
		}
		for _, column := range mergeable {
			at, ok := s.layout.at[column]
			if at++; !ok || at < area.left || at > area.right {
				continue
			}
			said := *s.rows[below].field(column)
			if at > area.left {
				said = nil
			}
			for i := below; i < beyond; i++ {
				*s.rows[i].field(column) = said
			}
			filled += beyond - below
		}
		if filled > len(s.rows)*len(mergeable) {
			return fmt.Errorf("sheet %s has merged cells that lie over each other: %w", s.name, ErrDamaged)
		}
	}
	return nil
}

// rectangle is a range of cells, by its bounds, which belong to it.
type rectangle struct{ left, top, right, bottom int }

func areaOf(ref string) (a rectangle, err error) {
	from, to, _ := strings.Cut(ref, ":")
	if to == "" {
		to = from
	}
	if a.left, a.top, err = excelize.CellNameToCoordinates(from); err == nil {
		a.right, a.bottom, err = excelize.CellNameToCoordinates(to)
	}
	if err != nil {
		return a, err //nolint:wrapcheck // the caller names the cells
	}
	return rectangle{min(a.left, a.right), min(a.top, a.bottom), max(a.left, a.right), max(a.top, a.bottom)}, nil
}
