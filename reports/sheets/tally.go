package sheets

import (
	"fmt"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// tally is a sheet of rows with their live sums above them, each compared with
// the database's own sum. Every sum has a number, which its rows bear as well:
// the sums stay right however the rows are sorted or filtered, whatever the
// texts in them look like to a spreadsheet, and a filter on the number shows
// the rows behind a sum.
type tally struct {
	sheet   string            // the sheet's name, a key of labels.yaml
	detail  string            // the report of the rows
	control string            // the report of the database's own sums, by some of the keys
	keys    []string          // columns of the rows by which they are added up
	scope   []string          // those of the keys within which sums may be added up further
	figures []string          // columns that are added up; those that control has are compared
	chief   string            // the figure whose database sum is shown
	behind  string            // the column behind which the check stands; empty: the last figure
	differs string            // the figure that is the difference of two others where a row can be compared: a total over others as well has none
	note    string            // under the title
	given   map[string]string // parameters of both reports
	roles   map[string]workbook.Role
	lead    func(g *result.Row) (column string, to orderPlace)
	stated  []statedColumn                                    // columns of the sums that the control states
	also    func(v *tallyView, row int) (conditions []string) // of the check of a sum
	words   map[string]func(string) string                    // what a text column's values are shown as
	between func(v *tallyView) error                          // writes more tables between the sums and the rows
	// betweenRows is how many rows those take.
	betweenRows int
	wider       map[int]float64 // columns of the sheet that those need wider, in characters
}

// statedColumn is a column of the rows that, in the sums, shows a column of the
// control.
type statedColumn struct{ column, control string }

// tallyView is such a sheet being written.
type tallyView struct {
	w       *reconciliation
	t       *tally
	report  *catalogue.Report
	detail  *result.Kept
	s       *workbook.Sheet
	control *catalogue.Grid
	columns []workbook.Column // as on the sheet
	raw     []result.Column
	keys    []int // columns of the rows, from 0
	figures []int
	kept    []bool // by figure: whether the control has it
	last    int    // the column behind which the database's sum and the check stand
	groups  []*tallyGroup
	sumRows map[string]int // the row of each scope's sum
	byKey   map[string]*tallyGroup
	rows    int
	parts   []workbook.Part
	// disagrees says that a check does.
	disagrees bool
}

// tallyGroup is one sum: the rows that share their keys.
type tallyGroup struct {
	number int
	values []any // of the keys
	scope  string
	label  string // of the scope, in words
	sums   []duckdb.Decimal
	rows   int
	known  []int            // by figure: how many of its rows state it
	own    []duckdb.Decimal // the database's; nil where the control is of the scope only
	stated []any            // amounts; nil where the control states none
	first  int              // its first row, from 0; -1 where it has none
	row    int              // where it stands on the sheet
}

// tallySheet reads the rows twice, inside of the workbook's transaction: once
// to add them up and to find the widths, once to write them. The sums come
// first on the sheet, and the rows may be more than memory should hold.
func (w *reconciliation) tallySheet(t *tally) error {
	v := &tallyView{w: w, t: t, byKey: map[string]*tallyGroup{}, sumRows: map[string]int{}}
	var err error
	if v.control, err = w.q.Grid(t.control, t.given); err != nil {
		return err
	}
	if err := v.addUp(); err != nil {
		return err
	}
	v.compare()
	v.arrange()
	v.begin()
	v.putSums()
	if t.between != nil {
		if err := t.between(v); err != nil {
			return err
		}
	}
	if err := v.putRows(); err != nil {
		return err
	}
	w.content(content{title: t.sheet, sheet: v.s.Name, rows: v.rows, checks: v.checkArea(), agree: !v.disagrees})
	return w.Err
}

// addUp is the first reading.
func (v *tallyView) addUp() error {
	report, kept, err := v.w.q.Keep(v.t.detail, v.t.given)
	if err != nil {
		return err
	}
	rows, err := kept.Read()
	if err != nil {
		return err
	}
	defer rows.Close()
	v.report, v.detail, v.raw = report, kept, rows.Columns
	for _, name := range v.t.keys {
		v.keys = append(v.keys, rows.Index(name))
	}
	for _, name := range v.t.figures {
		v.figures = append(v.figures, rows.Index(name))
		v.kept = append(v.kept, result.Index(v.control.Columns, name) >= 0)
	}
	if slices.Contains(v.keys, -1) || slices.Contains(v.figures, -1) {
		return fmt.Errorf("report %s (%s): it lacks one of the columns %s, %s", report.Name, report.Path, strings.Join(v.t.keys, ", "), strings.Join(v.t.figures, ", "))
	}
	v.last = slices.Max(v.figures)
	if v.t.behind != "" {
		v.last = rows.Index(v.t.behind)
	}
	columns := v.w.Columns(&report.Layout, rows.Columns)
	for values, err := range rows.All() {
		if err != nil {
			return fmt.Errorf("read report %s: %w", report.Name, err)
		}
		g := v.group(values)
		if g.first < 0 {
			g.first = v.rows
		}
		g.rows++
		for f, c := range v.figures {
			g.sums[f] = result.Plus(g.sums[f], result.Amount(values[c]))
			if values[c] != nil {
				g.known[f]++
			}
		}
		for c, shown := range v.w.Named(columns, values) {
			v.w.Measure(&columns[c], shown)
		}
		v.rows++
	}
	for name, role := range v.t.roles {
		columns[rows.Index(name)].Role = role
	}
	v.columns = v.sheetColumns(columns)
	return nil
}

// group is the sum that a row belongs to.
func (v *tallyView) group(values []any) *tallyGroup {
	key := v.key(values)
	if g := v.byKey[key]; g != nil {
		return g
	}
	g := &tallyGroup{first: -1, sums: make([]duckdb.Decimal, len(v.figures)), known: make([]int, len(v.figures))}
	for _, c := range v.keys {
		g.values = append(g.values, values[c])
	}
	v.nameScope(g)
	v.byKey[key] = g
	v.groups = append(v.groups, g)
	return g
}

func (v *tallyView) key(values []any) string {
	var b strings.Builder
	for _, c := range v.keys {
		text, ok := v.raw[c].Plain(values[c])
		if ok {
			b.WriteString(text)
		}
		b.WriteByte(0)
	}
	return b.String()
}

// nameScope finds within which sums the group may be added up further.
func (v *tallyView) nameScope(g *tallyGroup) {
	var words []string
	for i, name := range v.t.keys {
		if !slices.Contains(v.t.scope, name) {
			continue
		}
		text, _ := v.raw[v.keys[i]].Plain(g.values[i])
		g.scope += text + "\x00"
		if vocabulary := v.vocabulary(name); vocabulary != "" {
			text = v.w.Word(vocabulary, text)
		}
		if text != "" {
			words = append(words, text)
		}
	}
	g.label = strings.Join(words, " ")
}

// vocabulary is the one in which a column's codes are shown.
func (v *tallyView) vocabulary(column string) string { return v.report.Columns[column].Values }

// sheetColumns are the columns as they stand on the sheet: the number of the
// sum, those up to the last figure, the check and the database's sum, the
// others.
func (v *tallyView) sheetColumns(rows []workbook.Column) []workbook.Column {
	number := workbook.Column{Column: result.Column{Type: result.Type{Kind: result.KindInteger}}, Heading: v.w.Text("tally.number"), Format: workbook.FormatCount, Widest: 4}
	database := rows[result.Index(v.raw, v.t.chief)]
	database.Heading = v.w.Text("tally.database", database.Heading)
	database.Widest = max(database.Widest, workbook.HeadingWidth(database.Heading)+1) // it follows a figure closely
	check := workbook.Column{Heading: v.w.Text("revenue.check"), Format: workbook.FormatDate, Widest: 6}
	list := append([]workbook.Column{number}, rows[:v.last+1]...)
	list = append(list, check, database)
	return append(list, rows[v.last+1:]...)
}

// on is the place on the sheet of a column of the rows, both from their own
// beginning: 1 on the sheet, 0 among the rows.
func (v *tallyView) on(c int) int {
	if c <= v.last {
		return c + 2
	}
	return c + 4
}

func (v *tallyView) checkColumn() int    { return v.on(v.last) + 1 }
func (v *tallyView) databaseColumn() int { return v.on(v.last) + 2 }

// compare gives each sum the database's own, where the control has all keys.
// A sum that the database has and no row belongs to is shown, and disagrees.
func (v *tallyView) compare() {
	if !v.byRow() {
		return
	}
	found := make([]*tallyGroup, 0, len(v.groups))
	for i := range v.control.Rows {
		values := make([]any, len(v.raw))
		for k, name := range v.t.keys {
			values[v.keys[k]] = v.control.At(i, name)
		}
		g := v.group(values)
		g.own = v.ownSums(i)
		for _, c := range v.t.stated {
			g.stated = append(g.stated, v.control.At(i, c.control))
		}
		found = append(found, g)
	}
	// In the order of the control; what it does not have comes last.
	for _, g := range v.groups {
		if g.own == nil {
			g.own = make([]duckdb.Decimal, len(v.figures))
			g.stated = make([]any, len(v.t.stated))
			found = append(found, g)
		}
	}
	v.groups = found
}

// byRow says whether the control has a row for each sum, and not only for
// each scope.
func (v *tallyView) byRow() bool {
	for _, name := range v.t.keys {
		if result.Index(v.control.Columns, name) < 0 {
			return false
		}
	}
	return true
}

func (v *tallyView) ownSums(row int) []duckdb.Decimal {
	sums := make([]duckdb.Decimal, len(v.figures))
	for f, name := range v.t.figures {
		sums[f] = result.Amount(v.control.At(row, name))
	}
	return sums
}

// scopeOwn adds up the control's rows of a scope.
func (v *tallyView) scopeOwn(scope string) []duckdb.Decimal {
	sums := make([]duckdb.Decimal, len(v.figures))
	for i := range v.control.Rows {
		at := ""
		for _, name := range v.t.keys {
			if slices.Contains(v.t.scope, name) {
				at += v.control.Str(i, name) + "\x00"
			}
		}
		if at != scope {
			continue
		}
		for f, d := range v.ownSums(i) {
			sums[f] = result.Plus(sums[f], d)
		}
	}
	return sums
}

// arrange numbers the sums, those of a scope together.
func (v *tallyView) arrange() {
	var scopes []string
	for _, g := range v.groups {
		if !slices.Contains(scopes, g.scope) {
			scopes = append(scopes, g.scope)
		}
	}
	slices.SortStableFunc(v.groups, func(a, b *tallyGroup) int {
		return slices.Index(scopes, a.scope) - slices.Index(scopes, b.scope)
	})
	for i, g := range v.groups {
		g.number = i + 1
	}
}

// scopes gives the sums scope by scope.
func (v *tallyView) scopes() [][]*tallyGroup {
	var list [][]*tallyGroup
	for i, g := range v.groups {
		if i == 0 || v.groups[i-1].scope != g.scope {
			list = append(list, nil)
		}
		list[len(list)-1] = append(list[len(list)-1], g)
	}
	return list
}
