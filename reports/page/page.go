package page

import (
	"bufio"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/nightaudit/nightaudit/load/disk"
)

// Ext ends the name of a page.
const Ext = ".html"

// generator stands at the beginning of every page, and in no file that another
// program wrote.
const generator = `<meta name="generator" content="nightaudit">`

// longest is how many bytes a page has at the very most.
const longest = 1 << 20

// IsOne says whether a file is a page that this program wrote. One that is not
// there or cannot be read is none.
func IsOne(path string) bool {
	f, _, err := disk.OpenIn(path, longest)
	if err != nil {
		return false
	}
	defer f.Close()
	begin, err := io.ReadAll(io.LimitReader(f, 1024))
	return err == nil && strings.Contains(string(begin), generator)
}

// Page is a page: the same figures in each of its languages, the first of them
// the one that is printed.
type Page struct {
	Title string
	Texts []Text
}

// State is the colour of a line.
type State string

// The states, as the workbook colours them.
const (
	Good State = "good"
	Warn State = "warn"
	Bad  State = "bad"
)

// Text is the page in one language.
type Text struct {
	Language   string // as HTML names it: en, zh-CN
	Name       string // of the language, in itself
	Title      string
	Period     string // business dates and time zone
	Verdict    string
	State      State
	Troubles   []string // accounts that are not complete, and why
	Compared   Table
	Revenue    []Chart
	Ages       Ages
	Hotels     []Hotel
	HotelsLeft string // how many are left out
	Breaks     Breaks
	UnderWay   Table
	Foot       string
	Other      *Text // the page in the other language
}

// Figure is a figure as it is read, and the cell of the workbook that it stands
// in, as Summary!D26; both empty where nobody knows it.
type Figure struct {
	Text string
	Cell string
}

// Negative says whether the figure is below zero.
func (f Figure) Negative() bool { return strings.HasPrefix(f.Text, "-") }

// Table is a table of figures.
type Table struct {
	Title string
	Heads []string
	Rows  []Row
	Notes []string // below it
	None  string   // in place of the rows, where there are none
}

// Row is a row of a table.
type Row struct {
	Name  string
	Note  string // under the name
	Total bool
	Cells []Cell
}

// Cell is a figure of a row, and what stands small under it.
type Cell struct {
	Figure
	Unit  string // small behind the figure
	Small string // under it: the word of a second figure
	Count Figure // that figure
	Note  string // under it as well
}

// Chart is a chart of columns, the oldest to the left.
type Chart struct {
	Title       string
	Summary     string // what there is to see, in words
	First, Last string
	Highest     string
	Bars        []Bar
}

// Bar is a column of a chart.
type Bar struct {
	Figure
	Label  string
	Height int // 0 to 100
}

// Ages is open breaks by age.
type Ages struct {
	Title string
	Heads []string // of the severities
	Rows  []AgeRow
}

// AgeRow is one span of ages.
type AgeRow struct {
	Name     string
	Segments []Segment // by severity
}

// Segment is a part of a bar.
type Segment struct {
	Figure
	Width int // percent of the longest bar
}

// Hotel is the figures of a hotel's last date, and its occupancy by day.
type Hotel struct {
	Table
	Occupancy Chart
}

// Breaks are the most severe of the open breaks.
type Breaks struct {
	Title string // of a %s, which is Count
	Count Figure
	List  []Break
	More  string // how many there are besides
	None  string
}

// TitleParts is the title before and behind the count.
func (b Breaks) TitleParts() [2]string {
	before, behind, _ := strings.Cut(b.Title, "%s")
	return [2]string{before, behind}
}

// Break is one of them.
type Break struct {
	Severity   string
	State      State // "" for a hint
	Check      string
	About      []string // account, order, date
	Sentence   string
	Difference Figure
	Currency   string
}

//go:embed page.html.tmpl
var markup string

//go:embed page.css
var styles string

var document = func() *template.Template {
	t := template.New("page").Funcs(template.FuncMap{
		"generator": func() template.HTML { return generator },
		"fill":      fill,
		"shade":     func(i int) string { return shades[i%len(shades)] },
		"tall":      func() int { return chartHeight },
		"pixels":    func(height int) int { return (height*chartHeight + 50) / 100 },
	})
	template.Must(t.New("styles").Parse(styles))
	return template.Must(t.Parse(markup))
}()

// chartHeight is how high a chart is, in pixels.
const chartHeight = 60

// shades are the colours of errors, warnings and hints in a chart, as in the
// workbook's.
var shades = []string{"#9C1C1C", "#D9A300", "#9AA5B1"}

// fill is the background of a state: an attribute, for clients that read no
// style sheet.
func fill(s State) string {
	switch s {
	case Good:
		return "#E2F0D9"
	case Warn:
		return "#FFF0C8"
	case Bad:
		return "#FADBD8"
	}
	return "#EDEDED"
}

// Write writes the page. Whatever a text holds is shown as it is, and is never
// markup.
func Write(w io.Writer, p *Page) error {
	out := bufio.NewWriter(w)
	if err := document.Execute(out, p); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return out.Flush()
}
