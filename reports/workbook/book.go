package workbook

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/labels"
)

// excelRows is how many rows a sheet of an .xlsx file can have.
const excelRows = 1_048_576

// maxNotes caps the notes on cells of one sheet: each is a drawing.
const maxNotes = 500

// BookCreator is the author of a workbook that nobody has written in.
const BookCreator = "nightaudit"

// Book is a workbook being written. Its first error stays and makes every
// later write idle, so that a sheet reads as a list of what is in it; Write
// gives it back.
type Book struct {
	file     *excelize.File
	Labels   *labels.Labels
	Language string
	Zone     *time.Location
	Font     string
	Caption  string // in the middle of every page's foot; empty for none
	RowLimit int
	styles   map[StyleKey]int
	Names    labels.Names // shown in place of codes; may be nil
	// PlainNames: headings are the columns' names, for results of no report.
	PlainNames bool
	sheets     []*Sheet
	dir        string // private: rows wait there
	sealed     bool
	Err        error
}

// New begins a workbook. tempDir is a private folder: the rows of large
// sheets wait there, and they hold personal data. zone is the one in which
// instants are shown.
func New(l *labels.Labels, language string, zone *time.Location, tempDir string) *Book {
	b := &Book{
		file:     excelize.NewFile(excelize.Options{TmpDir: tempDir}),
		Labels:   l,
		Language: language,
		Zone:     zone,
		Font:     "Arial",
		RowLimit: excelRows,
		styles:   map[StyleKey]int{},
		dir:      tempDir,
	}
	if language == labels.Chinese {
		b.Font = "Microsoft YaHei"
	}
	b.Check(b.file.SetDefaultFont(b.Font))
	return b
}

// Check keeps the first error that it is given.
func (b *Book) Check(err error) {
	if b.Err == nil {
		b.Err = err
	}
}

// Text is a label in the book's language, with figures in it.
func (b *Book) Text(key string, figures ...any) string {
	w, ok := b.Labels.Texts[key]
	if !ok {
		b.Check(fmt.Errorf("labels.yaml has no text %q", key))
	}
	if len(figures) == 0 {
		return w.In(b.Language)
	}
	return fmt.Sprintf(w.In(b.Language), figures...)
}

// Word is the word of a vocabulary for a code, or the code itself where there
// is none: vendors' codes stay what they are.
func (b *Book) Word(vocabulary, code string) string {
	if w, ok := b.Labels.Values[vocabulary][code]; ok {
		return w.In(b.Language)
	}
	return code
}

// Properties are the document's own. They come from the run, not from the
// clock: the same database gives the same workbook.
func (b *Book) Properties(title string, created time.Time) {
	stamp := created.UTC().Format(time.RFC3339)
	b.Check(b.file.SetDocProps(&excelize.DocProperties{
		Creator: BookCreator, LastModifiedBy: BookCreator, Title: title,
		Created: stamp, Modified: stamp, Language: b.Language,
	}))
	b.Check(b.file.SetAppProps(&excelize.AppProperties{Application: "nightaudit"}))
}

// Write ends every sheet and writes the workbook.
func (b *Book) Write(w io.Writer) error {
	for _, s := range b.sheets {
		s.end()
	}
	b.file.SetActiveSheet(0)
	if b.Err != nil {
		return b.Err
	}
	// excelize holds the whole archive in memory before it writes it: past that.
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return fastZip(w, b.sheets) })
	return b.file.Write(io.Discard)
}

// Close removes the temporary files.
func (b *Book) Close() error {
	err := b.file.Close()
	for _, s := range b.sheets {
		if s.packed != nil {
			if !s.ended {
				_ = s.packed.end(nil) // nobody asks for the rows of a workbook that came to nothing
			}
			err = errors.Join(err, s.packed.remove())
		}
	}
	return err
}

// Sheet is one worksheet being written, from its top to its bottom.
type Sheet struct {
	b      *Book
	Name   string
	stream *excelize.StreamWriter
	Row    int    // the last row written
	rows   int    // how many were written
	buf    []byte // those that are not in packed yet
	packed *packed
	cells  []excelize.Cell // of the row that is being written
	Points float64         // how far down the paper the last row ends
	width  int             // the rightmost column
	points []float64       // the widths of the columns on paper, unscaled; 0 of hidden ones
	notes  int
	leads  int // cells that lead to other places
	ended  bool
}

// Frame is what a sheet must know before its first row.
type Frame struct {
	Name      string
	Widths    []float64 // in characters
	hidden    []int     // columns, from 1
	Frozen    int       // rows that stay in view, the last of them the heading
	FrozenCol int
	Repeated  [2]int // rows repeated on every page, 0 for none
}

// Sheet adds a worksheet. The first one takes the place of the empty sheet
// that every new file has.
func (b *Book) Sheet(f Frame) *Sheet {
	s := &Sheet{b: b, Name: SheetName(f.Name), width: len(f.Widths)}
	b.sheets = append(b.sheets, s)
	for i, width := range f.Widths {
		s.points = append(s.points, columnPoints(width))
		if slices.Contains(f.hidden, i+1) {
			s.points[i] = 0
		}
	}
	if b.Err != nil {
		return s
	}
	if len(b.sheets) == 1 {
		b.Check(b.file.SetSheetName("Sheet1", s.Name))
	} else {
		_, err := b.file.NewSheet(s.Name)
		b.Check(err)
	}
	yes, no := true, false
	color := Accent
	b.Check(b.file.SetSheetProps(s.Name, &excelize.SheetPropsOptions{FitToPage: &yes, TabColorRGB: &color}))
	b.Check(b.file.SetSheetView(s.Name, 0, &excelize.ViewOptions{ShowGridLines: &no}))
	stream, err := b.file.NewStreamWriter(s.Name)
	if err != nil {
		b.Check(err)
		return s
	}
	s.stream = stream
	s.packed, err = newPacked(b.dir)
	b.Check(err)
	s.print(f)
	for _, c := range f.hidden {
		b.Check(stream.SetColVisible(c, c, false))
	}
	// The column that is set last stands first in the file, where the columns
	// have to ascend.
	for i := len(f.Widths); i > 0; i-- {
		b.Check(stream.SetColWidth(i, i, min(max(f.Widths[i-1], 2), 255)))
	}
	if f.Frozen > 0 {
		cell, _ := excelize.CoordinatesToCellName(f.FrozenCol+1, f.Frozen+1)
		pane := "bottomLeft"
		if f.FrozenCol > 0 {
			pane = "bottomRight"
		}
		b.Check(stream.SetPanes(&excelize.Panes{
			Freeze: true, XSplit: f.FrozenCol, YSplit: f.Frozen, TopLeftCell: cell, ActivePane: pane,
			Selection: []excelize.Selection{{SQRef: cell, ActiveCell: cell, Pane: pane}},
		}))
	}
	return s
}

// print sets a sheet up for paper: A4, landscape, one page wide, the heading
// on every page; below, the sheet's name, what the book is, page x of y.
func (s *Sheet) print(f Frame) {
	b := s.b
	landscape, a4, one, any0 := "landscape", 9, 1, 0
	b.Check(b.file.SetPageLayout(s.Name, &excelize.PageLayoutOptions{
		Size: &a4, Orientation: &landscape, FitToWidth: &one, FitToHeight: &any0,
	}))
	side, top, foot := sideMargin, topMargin, 0.3
	yes := true
	b.Check(b.file.SetPageMargins(s.Name, &excelize.PageLayoutMarginsOptions{
		Left: &side, Right: &side, Top: &top, Bottom: &top, Header: &foot, Footer: &foot, Horizontally: &yes,
	}))
	middle := ""
	if b.Caption != "" {
		middle = "&C&11" + strings.ReplaceAll(b.Caption, "&", "&&")
	}
	b.Check(b.file.SetHeaderFooter(s.Name, &excelize.HeaderFooterOptions{
		OddFooter: "&L&11&A" + middle + "&R&11" + b.Text("book.page"),
	}))
	if f.Repeated[1] > 0 {
		b.Check(b.file.SetDefinedName(&excelize.DefinedName{
			Name: "_xlnm.Print_Titles", Scope: s.Name,
			RefersTo: fmt.Sprintf("%s!$%d:$%d", QuoteSheet(s.Name), f.Repeated[0], f.Repeated[1]),
		}))
	}
}

// PrintColumns keeps the columns behind the last one off the paper: they serve
// whoever works in the sheet, and would make the print too small to read. For
// the same reason columns before it are left out where the widths of the values
// ask for more than a page holds.
func (s *Sheet) PrintColumns(last int) {
	if s.b.Err != nil || last < 1 {
		return
	}
	column, err := excelize.ColumnNumberToName(readableColumns(s.points[:min(last, len(s.points))]))
	s.b.Check(err)
	s.b.Check(s.b.file.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Area", Scope: s.Name, RefersTo: QuoteSheet(s.Name) + "!$A:$" + column,
	}))
}

// SheetName is a name as Excel takes it: at most 31 characters, none of the
// forbidden ones.
func SheetName(name string) string {
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

// QuoteSheet is a sheet's name inside a formula.
func QuoteSheet(name string) string { return "'" + strings.ReplaceAll(name, "'", "''") + "'" }

// Blank leaves rows empty.
func (s *Sheet) Blank(rows int) {
	s.Row += rows
	s.Points += float64(rows) * rowPoints
}

// Put writes the next row. A nil cell stays empty.
func (s *Sheet) Put(height float64, cells ...any) {
	list := make([]excelize.Cell, len(cells))
	for i, v := range cells {
		var ok bool
		if list[i], ok = v.(excelize.Cell); !ok {
			list[i].Value = v
		}
	}
	s.put(height, list)
}

func (s *Sheet) put(height float64, cells []excelize.Cell) {
	s.Row++
	if s.Points += height; height == 0 {
		s.Points += rowPoints
	}
	if s.b.Err != nil {
		return
	}
	s.buf = appendRow(s.buf, s.Row, height, cells)
	s.rows++
	if len(s.buf) >= packedBlock {
		s.buf = s.packed.put(s.buf)
	}
}

// Span merges cells of the last row.
func (s *Sheet) Span(from, to int) {
	if s.b.Err == nil && to > from {
		s.b.Check(s.stream.MergeCell(CellName(from, s.Row), CellName(to, s.Row)))
	}
}

// Link leads from a cell of the last row to the top of another sheet.
func (s *Sheet) Link(col int, target string) {
	if s.b.Err == nil {
		s.b.Check(s.b.file.SetCellHyperLink(s.Name, CellName(col, s.Row), QuoteSheet(target)+"!A1", "Location"))
	}
}

// Note puts a remark on a cell.
func (s *Sheet) Note(col, row int, text string) {
	if s.notes++; s.b.Err != nil || s.notes > maxNotes {
		return
	}
	s.b.Check(s.b.file.AddComment(s.Name, excelize.Comment{
		Cell: CellName(col, row), Author: "nightaudit", Width: 260, Height: 70,
		Paragraph: []excelize.RichTextRun{{Text: text}},
	}))
}

// end closes the sheet's stream. Everything that belongs to the sheet has to
// be there by now.
func (s *Sheet) end() {
	if s.ended {
		return
	}
	s.ended = true
	if s.packed != nil {
		s.b.Check(s.packed.end(s.buf))
	}
	if s.b.Err == nil {
		if s.stream == nil {
			s.b.Check(errors.New("sheet " + s.Name + " was never begun"))
			return
		}
		// Ids are text on purpose: no warning on each of their cells.
		if s.Row > 0 && s.width > 0 {
			s.b.Check(s.b.file.AddIgnoredErrors(s.Name, "A1:"+CellName(s.width, s.Row), excelize.IgnoredErrorsNumberStoredAsText))
		}
		s.b.Check(s.stream.Flush())
	}
}

// CellName is A1 for 1, 1.
func CellName(col, row int) string {
	name, err := excelize.CoordinatesToCellName(col, row)
	if err != nil {
		return "A1"
	}
	return name
}

// AreaName is $A$1:$B$2.
func AreaName(col1, row1, col2, row2 int) string {
	first, _ := excelize.CoordinatesToCellName(col1, row1, true)
	last, _ := excelize.CoordinatesToCellName(col2, row2, true)
	return first + ":" + last
}

// MayLead says whether the sheet can take another link.
func (s *Sheet) MayLead() bool { return s.leads < maxLeads }

// Lead links a cell to a place of the workbook.
func (s *Sheet) Lead(col, row int, target string) {
	if s.leads++; s.b.Err == nil && s.leads <= 2*maxLeads {
		s.b.Check(s.b.file.SetCellHyperLink(s.Name, CellName(col, row), target, "Location"))
	}
}

// maxLeads caps the links from one sheet to the orders behind its rows: each
// is looked up among the others when it is set.
const maxLeads = 3000

// Name defines a name for cells of a sheet in the whole workbook.
func (b *Book) Name(name string, s *Sheet, area string) {
	b.Check(b.file.SetDefinedName(&excelize.DefinedName{Name: name, RefersTo: QuoteSheet(s.Name) + "!" + area}))
}

// Property writes one of the workbook's own properties, which spreadsheet
// programs keep.
func (b *Book) Property(name, value string) {
	b.Check(b.file.SetCustomProps(excelize.CustomProperty{Name: name, Value: value}))
}

// Seal has the workbook say that nobody has saved it since it was written, see
// Untouched.
func (b *Book) Seal() {
	b.sealed = true
	b.Property(sealProperty, unsealed)
}

// Filter puts a filter on a table, its headings included.
func (s *Sheet) Filter(area string) {
	if s.b.Err == nil {
		s.b.Check(s.b.file.AutoFilter(s.Name, area, nil))
	}
}

// Chart puts a chart where a cell begins.
func (s *Sheet) Chart(cell string, c *excelize.Chart) {
	if s.b.Err == nil {
		s.b.Check(s.b.file.AddChart(s.Name, cell, c))
	}
}

// Choices gives cells a drop-down, and a message for whoever writes something
// else.
func (s *Sheet) Choices(area string, list []string, title, message string) {
	choices := &excelize.DataValidation{AllowBlank: true, ShowErrorMessage: true, ShowInputMessage: true, Sqref: area}
	s.b.Check(choices.SetDropList(list))
	choices.SetError(excelize.DataValidationErrorStyleStop, title, message)
	s.b.Check(s.b.file.AddDataValidation(s.Name, choices))
}
