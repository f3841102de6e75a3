package sheets

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/result"
	"github.com/nightaudit/nightaudit/reports/workbook"
)

// rowsHead is how many rows stand above the rows of a tally, behind its sums:
// a blank one, a section, the rows shown, the headings.
const rowsHead = 4

// begin plans where the rows will stand, for the sums' formulas name them, and
// writes the top of the sheet.
func (v *tallyView) begin() {
	v.plan()
	for _, g := range v.groups {
		for f, c := range v.figures {
			v.w.Measure(&v.columns[v.on(c)-1], result.OrZero(g.sums[f]))
		}
		for i, stated := range g.stated {
			v.w.Measure(v.column(v.t.stated[i].column), stated)
		}
	}
	for _, scope := range v.scopes() {
		for f, c := range v.figures {
			v.w.Measure(&v.columns[v.on(c)-1], result.OrZero(scopeSum(scope, f)))
		}
	}
	for _, c := range v.figures {
		v.columns[v.on(c)-1].Widest++ // bold headings that end where the next one begins
	}
	for c, characters := range v.t.wider {
		v.columns[c-1].Widest = max(v.columns[c-1].Widest, characters)
	}
	database := &v.columns[v.databaseColumn()-1]
	database.Widest = max(database.Widest, v.column(v.t.chief).Widest)
	f := workbook.Frame{Name: v.w.Text(v.t.sheet), Frozen: workbook.ListingHead, Repeated: [2]int{workbook.ListingHead, workbook.ListingHead}}
	v.s = v.sheet(f)
	v.s.Line(workbook.RoleTitle, 28, v.report.Title.In(v.w.Language))
	v.s.Line(workbook.RoleNote, 16, v.t.note+" "+v.w.Text("tally.partial"))
	v.s.Headings(v.columns)
}

// column is a column of the rows as the sheet shows it.
func (v *tallyView) column(name string) *workbook.Column {
	return &v.columns[v.on(result.Index(v.raw, name))-1]
}

// sheet adds a sheet with the columns of the tally.
func (v *tallyView) sheet(f workbook.Frame) *workbook.Sheet {
	for i := range v.columns {
		f.Widths = append(f.Widths, v.columns[i].ColumnWidth())
	}
	s := v.w.Sheet(f)
	last := len(v.columns)
	if to := result.Index(v.raw, v.report.PrintTo); to >= 0 {
		last = max(v.on(to), v.checkColumn())
	}
	s.PrintColumns(last)
	return s
}

// plan decides how many rows each sheet takes.
func (v *tallyView) plan() {
	top := workbook.ListingHead + len(v.groups) + v.t.betweenRows + rowsHead
	for _, scope := range v.scopes() {
		if len(scope) > 1 {
			top++
		}
	}
	name, left := workbook.SheetName(v.w.Text(v.t.sheet)), v.rows
	for len(v.parts) == 0 || left > 0 {
		room := max(0, v.w.RowLimit-top)
		n := min(left, room)
		if len(v.parts) > 0 && room == 0 {
			v.w.Check(errors.New("a sheet has no room for a single row"))
			return
		}
		v.parts = append(v.parts, workbook.Part{Sheet: name, First: top + 1, Last: top + n})
		left -= n
		name, top = workbook.SheetName(workbook.Numbered(v.w.Text(v.t.sheet), len(v.parts)+1)), workbook.ListingHead
	}
}

// sum is the live sum of a figure over the rows that bear a number.
func (v *tallyView) sum(figureColumn, row int) string {
	return v.over(func(sheet string, p workbook.Part) string {
		return fmt.Sprintf("SUMIFS(%s%s,%s%s,$A%d)", sheet, workbook.AreaName(figureColumn, p.First, figureColumn, p.Last), sheet, workbook.AreaName(1, p.First, 1, p.Last), row)
	})
}

// over adds up a term over the parts that hold rows; each is told the prefix
// of its sheet.
func (v *tallyView) over(term func(sheet string, p workbook.Part) string) string {
	var terms []string
	for i, p := range v.parts {
		if p.Last < p.First {
			continue
		}
		sheet := ""
		if i > 0 {
			sheet = workbook.QuoteSheet(p.Sheet) + "!"
		}
		terms = append(terms, term(sheet, p))
	}
	if len(terms) == 0 {
		return "0"
	}
	return strings.Join(terms, "+")
}

// putSums writes a row for each sum and a total for each scope of several.
func (v *tallyView) putSums() {
	first := v.s.Row + 1
	for _, scope := range v.scopes() {
		from := v.s.Row + 1
		for _, g := range scope {
			v.putSum(g, len(scope) == 1)
		}
		if len(scope) > 1 {
			v.putTotal(scope, from, v.s.Row)
		}
	}
	if v.s.Row >= first {
		v.w.FlagChecks(v.s, v.checkColumn(), first, v.s.Row+v.t.betweenRows)
	}
}

func (v *tallyView) empty(r workbook.Role) []any {
	cells := make([]any, len(v.columns))
	for i := range cells {
		if i < max(v.databaseColumn(), v.on(slices.Max(v.figures))) {
			cells[i] = excelize.Cell{StyleID: v.w.Style(workbook.StyleKey{Role: r})}
		}
	}
	return cells
}

func (v *tallyView) putSum(g *tallyGroup, alone bool) {
	row := v.s.Row + 1
	g.row = row
	cells := v.empty(workbook.RoleBody)
	cells[0], _ = v.w.Cell(&v.columns[0], int64(g.number))
	shown := v.named(g)
	for _, c := range v.keys {
		cells[v.on(c)-1], _ = v.w.Cell(&v.columns[v.on(c)-1], shown[c])
	}
	k := knownOf([]*tallyGroup{g})
	for f, c := range v.figures {
		cells[v.on(c)-1] = v.figureCell(f, workbook.RoleLink, v.sum(v.on(c), row), v.stated(v.on(c), row), g.sums[f], k)
	}
	for i, stated := range g.stated {
		c := result.Index(v.raw, v.t.stated[i].column)
		if stated != nil {
			stated = v.exact(c, result.Amount(stated))
		}
		cells[v.on(c)-1], _ = v.w.Cell(&v.columns[v.on(c)-1], stated)
	}
	own := g.own
	if alone {
		v.sumRows[g.scope] = row
		if own == nil {
			own = v.scopeOwn(g.scope)
		}
	}
	if own != nil {
		v.putCheck(cells, workbook.RoleBody, g.sums, own, k)
	}
	v.s.Put(16, v.withRemark(cells, k)...)
	if target, ok := v.rowOf(g); ok {
		for _, c := range v.figures {
			v.s.Lead(v.on(c), row, target)
		}
	}
}

// rowOf is where the first row of a sum stands.
func (v *tallyView) rowOf(g *tallyGroup) (string, bool) {
	if g.first < 0 {
		return "", false
	}
	n := g.first
	for _, p := range v.parts {
		if count := p.Last - p.First + 1; n >= count {
			n -= count
			continue
		}
		return workbook.QuoteSheet(p.Sheet) + "!" + workbook.CellName(1, p.First+n), true
	}
	return "", false
}

func (v *tallyView) putTotal(scope []*tallyGroup, first, last int) {
	cells := v.empty(workbook.RoleTotal)
	cells[1] = excelize.Cell{StyleID: v.w.Style(workbook.StyleKey{Role: workbook.RoleTotal, Format: workbook.FormatText}), Value: strings.TrimSpace(v.w.Text("summary.total", scope[0].label))}
	sums := make([]duckdb.Decimal, len(v.figures))
	k := knownOf(scope)
	for f, c := range v.figures {
		sums[f] = scopeSum(scope, f)
		if v.t.figures[f] == v.t.differs && k.known[f] < k.rows {
			continue // the total's columns do not give it
		}
		area := workbook.CellName(v.on(c), first) + ":" + workbook.CellName(v.on(c), last)
		cells[v.on(c)-1] = v.figureCell(f, workbook.RoleTotal, "SUM("+area+")", "COUNT("+area+")", sums[f], k)
	}
	for i, column := range v.t.stated {
		c := result.Index(v.raw, column.column)
		var sum duckdb.Decimal
		isStated := false
		for _, g := range scope {
			sum = result.Plus(sum, result.Amount(g.stated[i]))
			isStated = isStated || g.stated[i] != nil
		}
		if isStated {
			cells[v.on(c)-1] = v.totalCell(c, first, last, sum)
		}
	}
	v.sumRows[scope[0].scope] = v.s.Row + 1
	v.putCheck(cells, workbook.RoleTotal, sums, v.scopeOwn(scope[0].scope), k)
	v.s.Put(18, v.withRemark(cells, k)...)
}

// scopeSum is the total of a figure over the sums of a scope.
func scopeSum(scope []*tallyGroup, figure int) duckdb.Decimal {
	var sum duckdb.Decimal
	for _, g := range scope {
		sum = result.Plus(sum, g.sums[figure])
	}
	return sum
}

func (v *tallyView) totalCell(c, first, last int, sum duckdb.Decimal) excelize.Cell {
	return v.w.Formula(&v.columns[v.on(c)-1], workbook.RoleTotal, "SUM("+workbook.CellName(v.on(c), first)+":"+workbook.CellName(v.on(c), last)+")", sum)
}

// putCheck puts the database's sum of the chief figure beside the live one,
// and a check that compares every figure with the database's.
func (v *tallyView) putCheck(cells []any, r workbook.Role, sums, own []duckdb.Decimal, k knownCount) {
	row := v.s.Row + 1
	column := v.columns[v.databaseColumn()-1]
	column.Role = r
	var conditions []string
	agrees := true
	for f, c := range v.figures {
		if !v.kept[f] || cells[v.on(c)-1].(excelize.Cell).Formula == "" {
			continue
		}
		agrees = agrees && result.Same(sums[f], own[f])
		other := plainNumber(own[f])
		if v.t.figures[f] == v.t.chief && (k.known[f] > 0 || !result.Same(own[f], duckdb.Decimal{})) {
			cells[v.databaseColumn()-1], _ = v.w.Cell(&column, v.exact(c, own[f]))
			other = workbook.CellName(v.databaseColumn(), row)
		}
		// N is 0 of a sum that is empty because nothing is known.
		conditions = append(conditions, fmt.Sprintf("ROUND(N(%s)-(%s),4)=0", workbook.CellName(v.on(c), row), other))
	}
	if v.t.also != nil {
		conditions = append(conditions, v.t.also(v, row)...)
	}
	v.disagrees = v.disagrees || !agrees
	cells[v.checkColumn()-1] = v.w.Agreement(r, "AND("+strings.Join(conditions, ",")+")", agrees)
}

// exact is a sum as the cell of a column takes it.
func (v *tallyView) exact(c int, d duckdb.Decimal) any {
	if d = result.OrZero(d); v.raw[c].Kind == result.KindInteger && d.Scale == 0 && d.Value.IsInt64() {
		return d.Value.Int64()
	}
	return d
}

// plainNumber is a number inside of a formula.
func plainNumber(d duckdb.Decimal) string {
	text := result.DecimalText(result.OrZero(d))
	if strings.Contains(text, ".") {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// checkArea is where the checks of the sums stand.
func (v *tallyView) checkArea() string {
	if v.rows == 0 {
		return ""
	}
	top := v.parts[0].First - rowsHead - 1
	return workbook.AreaName(v.checkColumn(), workbook.ListingHead+1, v.checkColumn(), top)
}

// putRows is the second reading: it writes the rows below their sums, and in
// further sheets where one is full.
func (v *tallyView) putRows() error {
	if v.rows == 0 {
		v.s.Line(workbook.RoleNote, 18, v.w.Text("book.none"))
		v.filter(v.s, workbook.Part{First: workbook.ListingHead + 1, Last: workbook.ListingHead + 1})
		return v.w.Err
	}
	v.s.Blank(1)
	v.s.Section(v.w.Text("tally.rows"), v.checkColumn())
	v.putShown()
	v.s.Headings(v.columns)
	rows, err := v.detail.Read()
	if err != nil {
		return err
	}
	defer rows.Close()
	s := v.s
	for i, p := range v.parts {
		if i > 0 {
			s = v.further(i)
		}
		for s.Row < p.Last && v.w.Err == nil {
			values, err := rows.Next()
			if err != nil {
				return fmt.Errorf("read report %s: %w", v.report.Name, err)
			}
			if values == nil {
				return fmt.Errorf("report %s gave fewer rows when read again", v.report.Name)
			}
			v.putRow(s, values)
		}
		if p.Last >= p.First {
			v.filter(s, p)
		}
	}
	return v.w.Err
}

func (v *tallyView) putRow(s *workbook.Sheet, values []any) {
	g := v.byKey[v.key(values)]
	if g == nil {
		v.w.Check(fmt.Errorf("report %s gave other rows when read again", v.report.Name))
		return
	}
	for name, words := range v.t.words {
		i := result.Index(v.raw, name)
		if text, ok := values[i].(string); ok {
			values[i] = words(text)
		}
	}
	cells := make([]any, 0, len(v.columns))
	cells = append(cells, int64(g.number))
	cells = append(cells, values[:v.last+1]...)
	cells = append(cells, nil, nil)
	cells = append(cells, values[v.last+1:]...)
	if v.t.lead == nil {
		s.PutValues(v.columns, cells)
		return
	}
	column, to := v.t.lead(result.RowOf(v.raw, values))
	i := result.Index(v.raw, column)
	if i < 0 || !s.MayLead() {
		s.PutValues(v.columns, cells)
		return
	}
	c := &v.columns[v.on(i)-1]
	plain := c.Role
	c.Role = workbook.RoleLink
	s.PutValues(v.columns, cells)
	c.Role = plain
	v.w.orders.want(to, s, v.on(i), s.Row)
}

// further begins the sheet of a further part.
func (v *tallyView) further(i int) *workbook.Sheet {
	s := v.sheet(workbook.Frame{Name: workbook.Numbered(v.w.Text(v.t.sheet), i+1), Frozen: workbook.ListingHead, Repeated: [2]int{workbook.ListingHead, workbook.ListingHead}})
	s.Line(workbook.RoleTitle, 28, v.report.Title.In(v.w.Language))
	s.Line(workbook.RoleNote, 16, v.w.Text("book.part", i+1, v.s.Name))
	s.Headings(v.columns)
	return s
}

func (v *tallyView) filter(s *workbook.Sheet, p workbook.Part) {
	s.Filter(workbook.AreaName(1, p.First-1, len(v.columns), p.Last))
}
