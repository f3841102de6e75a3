package reports

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// excelRows is how many rows a sheet of an .xlsx file can have.
const excelRows = 1_048_576

// maxNotes caps the notes on cells of one sheet: each is a drawing.
const maxNotes = 500

// bookCreator is the author of a workbook that nobody has written in.
const bookCreator = "nightaudit"

// book is a workbook being written. Its first error stays and makes every
// later write idle, so that a sheet reads as a list of what is in it; save
// gives it back.
type book struct {
	file     *excelize.File
	labels   *labels
	language string
	zone     *time.Location
	font     string
	caption  string // in the middle of every page's foot; empty for none
	rowLimit int
	styles   map[styleKey]int
	// plainNames: headings are the columns' names, for results of no report.
	plainNames bool
	sheets     []*sheet
	err        error
}

// newBook begins a workbook. tempDir is a private folder: the rows of large
// sheets wait there, and they hold personal data. zone is the one in which
// instants are shown.
func newBook(l *labels, language string, zone *time.Location, tempDir string) *book {
	b := &book{
		file:     excelize.NewFile(excelize.Options{TmpDir: tempDir}),
		labels:   l,
		language: language,
		zone:     zone,
		font:     "Arial",
		rowLimit: excelRows,
		styles:   map[styleKey]int{},
	}
	if language == Chinese {
		b.font = "Microsoft YaHei"
	}
	b.check(b.file.SetDefaultFont(b.font))
	b.file.SetZipWriter(func(w io.Writer) excelize.ZipWriter { return fastZip(w) })
	return b
}

func (b *book) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *book) check(err error) {
	if err != nil {
		b.fail(err)
	}
}

// text is a label in the book's language, with figures in it.
func (b *book) text(key string, figures ...any) string {
	w, ok := b.labels.Texts[key]
	if !ok {
		b.fail(fmt.Errorf("labels.yaml has no text %q", key))
	}
	if len(figures) == 0 {
		return w.In(b.language)
	}
	return fmt.Sprintf(w.In(b.language), figures...)
}

// word is the word of a vocabulary for a code, or the code itself where there
// is none: vendors' codes stay what they are.
func (b *book) word(vocabulary, code string) string {
	if w, ok := b.labels.Values[vocabulary][code]; ok {
		return w.In(b.language)
	}
	return code
}

// properties are the document's own. They come from the run, not from the
// clock: the same database gives the same workbook.
func (b *book) properties(title string, created time.Time) {
	stamp := created.UTC().Format(time.RFC3339)
	b.check(b.file.SetDocProps(&excelize.DocProperties{
		Creator: bookCreator, LastModifiedBy: bookCreator, Title: title,
		Created: stamp, Modified: stamp, Language: b.language,
	}))
	b.check(b.file.SetAppProps(&excelize.AppProperties{Application: "nightaudit"}))
}

// write ends every sheet and writes the workbook.
func (b *book) write(w io.Writer) error {
	for _, s := range b.sheets {
		s.end()
	}
	b.file.SetActiveSheet(0)
	if b.err != nil {
		return b.err
	}
	return b.file.Write(w)
}

// close removes the temporary files.
func (b *book) close() error { return b.file.Close() }

// sheet is one worksheet being written, from its top to its bottom.
type sheet struct {
	b      *book
	name   string
	stream *excelize.StreamWriter
	row    int     // the last row written
	rows   int     // how many were written
	points float64 // how far down the paper the last row ends
	width  int     // the rightmost column
	notes  int
	leads  int // cells that lead to other places
	ended  bool
}

// frame is what a sheet must know before its first row.
type frame struct {
	name      string
	widths    []float64 // in characters
	hidden    []int     // columns, from 1
	frozen    int       // rows that stay in view, the last of them the heading
	frozenCol int
	repeated  [2]int // rows repeated on every page, 0 for none
}

// sheet adds a worksheet. The first one takes the place of the empty sheet
// that every new file has.
func (b *book) sheet(f frame) *sheet {
	s := &sheet{b: b, name: sheetName(f.name), width: len(f.widths)}
	b.sheets = append(b.sheets, s)
	if b.err != nil {
		return s
	}
	if len(b.sheets) == 1 {
		b.check(b.file.SetSheetName("Sheet1", s.name))
	} else {
		_, err := b.file.NewSheet(s.name)
		b.check(err)
	}
	yes, no := true, false
	color := accent
	b.check(b.file.SetSheetProps(s.name, &excelize.SheetPropsOptions{FitToPage: &yes, TabColorRGB: &color}))
	b.check(b.file.SetSheetView(s.name, 0, &excelize.ViewOptions{ShowGridLines: &no}))
	stream, err := b.file.NewStreamWriter(s.name)
	if err != nil {
		b.fail(err)
		return s
	}
	s.stream = stream
	s.print(f)
	for _, c := range f.hidden {
		b.check(stream.SetColVisible(c, c, false))
	}
	// The column that is set last stands first in the file, where the columns
	// have to ascend.
	for i := len(f.widths); i > 0; i-- {
		b.check(stream.SetColWidth(i, i, min(max(f.widths[i-1], 2), 255)))
	}
	if f.frozen > 0 {
		cell, _ := excelize.CoordinatesToCellName(f.frozenCol+1, f.frozen+1)
		pane := "bottomLeft"
		if f.frozenCol > 0 {
			pane = "bottomRight"
		}
		b.check(stream.SetPanes(&excelize.Panes{
			Freeze: true, XSplit: f.frozenCol, YSplit: f.frozen, TopLeftCell: cell, ActivePane: pane,
			Selection: []excelize.Selection{{SQRef: cell, ActiveCell: cell, Pane: pane}},
		}))
	}
	return s
}

// print sets a sheet up for paper: A4, landscape, one page wide, the heading
// on every page; below, the sheet's name, what the book is, page x of y.
func (s *sheet) print(f frame) {
	b := s.b
	landscape, a4, one, any0 := "landscape", 9, 1, 0
	b.check(b.file.SetPageLayout(s.name, &excelize.PageLayoutOptions{
		Size: &a4, Orientation: &landscape, FitToWidth: &one, FitToHeight: &any0,
	}))
	side, top, foot := sideMargin, topMargin, 0.3
	yes := true
	b.check(b.file.SetPageMargins(s.name, &excelize.PageLayoutMarginsOptions{
		Left: &side, Right: &side, Top: &top, Bottom: &top, Header: &foot, Footer: &foot, Horizontally: &yes,
	}))
	middle := ""
	if b.caption != "" {
		middle = "&C&8" + strings.ReplaceAll(b.caption, "&", "&&")
	}
	b.check(b.file.SetHeaderFooter(s.name, &excelize.HeaderFooterOptions{
		OddFooter: "&L&8&A" + middle + "&R&8" + b.text("book.page"),
	}))
	if f.repeated[1] > 0 {
		b.check(b.file.SetDefinedName(&excelize.DefinedName{
			Name: "_xlnm.Print_Titles", Scope: s.name,
			RefersTo: fmt.Sprintf("%s!$%d:$%d", quoteSheet(s.name), f.repeated[0], f.repeated[1]),
		}))
	}
}

// printColumns keeps the columns behind the last one off the paper: they serve
// whoever works in the sheet, and would make the print too small to read.
func (s *sheet) printColumns(last int) {
	if s.b.err != nil || last < 1 {
		return
	}
	column, err := excelize.ColumnNumberToName(last)
	s.b.check(err)
	s.b.check(s.b.file.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Area", Scope: s.name, RefersTo: quoteSheet(s.name) + "!$A:$" + column,
	}))
}

// sheetName is a name as Excel takes it: at most 31 characters, none of the
// forbidden ones.
func sheetName(name string) string {
	name = strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]`, r) {
			return ' '
		}
		return r
	}, name), "' ")
	if r := []rune(name); len(r) > 31 {
		return string(r[:31])
	}
	return name
}

// quoteSheet is a sheet's name inside a formula.
func quoteSheet(name string) string { return "'" + strings.ReplaceAll(name, "'", "''") + "'" }

// blank leaves rows empty.
func (s *sheet) blank(rows int) {
	s.row += rows
	s.points += float64(rows) * rowPoints
}

// put writes the next row. A nil cell stays empty.
func (s *sheet) put(height float64, cells ...any) {
	s.row++
	if s.points += height; height == 0 {
		s.points += rowPoints
	}
	if s.b.err != nil {
		return
	}
	var opts []excelize.RowOpts
	if height > 0 {
		opts = append(opts, excelize.RowOpts{Height: height})
	}
	s.b.check(s.stream.SetRow(cellName(1, s.row), cells, opts...))
	s.rows++
}

// span merges cells of the last row.
func (s *sheet) span(from, to int) {
	if s.b.err == nil && to > from {
		s.b.check(s.stream.MergeCell(cellName(from, s.row), cellName(to, s.row)))
	}
}

// link leads from a cell of the last row to the top of another sheet.
func (s *sheet) link(col int, target string) {
	if s.b.err == nil {
		s.b.check(s.b.file.SetCellHyperLink(s.name, cellName(col, s.row), quoteSheet(target)+"!A1", "Location"))
	}
}

// note puts a remark on a cell.
func (s *sheet) note(col, row int, text string) {
	if s.notes++; s.b.err != nil || s.notes > maxNotes {
		return
	}
	s.b.check(s.b.file.AddComment(s.name, excelize.Comment{
		Cell: cellName(col, row), Author: "nightaudit", Width: 260, Height: 70,
		Paragraph: []excelize.RichTextRun{{Text: text}},
	}))
}

// end closes the sheet's stream. Everything that belongs to the sheet has to
// be there by now.
func (s *sheet) end() {
	if s.ended {
		return
	}
	s.ended = true
	if s.b.err == nil {
		if s.stream == nil {
			s.b.fail(errors.New("sheet " + s.name + " was never begun"))
			return
		}
		// Ids are text on purpose: no warning on each of their cells.
		if s.row > 0 && s.width > 0 {
			s.b.check(s.b.file.AddIgnoredErrors(s.name, "A1:"+cellName(s.width, s.row), excelize.IgnoredErrorsNumberStoredAsText))
		}
		s.b.check(s.stream.Flush())
	}
}

// cellName is A1 for 1, 1.
func cellName(col, row int) string {
	name, err := excelize.CoordinatesToCellName(col, row)
	if err != nil {
		return "A1"
	}
	return name
}

// areaName is $A$1:$B$2.
func areaName(col1, row1, col2, row2 int) string {
	first, _ := excelize.CoordinatesToCellName(col1, row1, true)
	last, _ := excelize.CoordinatesToCellName(col2, row2, true)
	return first + ":" + last
}

// mayLead says whether the sheet can take another link.
func (s *sheet) mayLead() bool { return s.leads < maxLeads }

// lead links a cell to a place of the workbook.
func (s *sheet) lead(col, row int, target string) {
	if s.leads++; s.b.err == nil && s.leads <= 2*maxLeads {
		s.b.check(s.b.file.SetCellHyperLink(s.name, cellName(col, row), target, "Location"))
	}
}

// maxLeads caps the links from one sheet to the orders behind its rows: each
// is looked up among the others when it is set.
const maxLeads = 3000
