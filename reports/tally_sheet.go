package reports

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/xuri/excelize/v2"
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
			v.w.measure(&v.columns[v.on(c)-1], orZero(g.sums[f]))
		}
		for i, d := range g.stated {
			v.w.measure(v.column(v.t.stated[i].column), orZero(d))
		}
	}
	for _, scope := range v.scopes() {
		for f, c := range v.figures {
			v.w.measure(&v.columns[v.on(c)-1], orZero(scopeSum(scope, f)))
		}
	}
	for _, c := range v.figures {
		v.columns[v.on(c)-1].widest++ // bold headings that end where the next one begins
	}
	for c, characters := range v.t.wider {
		v.columns[c-1].widest = max(v.columns[c-1].widest, characters)
	}
	database := &v.columns[v.databaseColumn()-1]
	database.widest = max(database.widest, v.column(v.t.chief).widest)
	f := frame{name: v.w.text(v.t.sheet), frozen: listingHead, repeated: [2]int{listingHead, listingHead}}
	v.s = v.sheet(f)
	v.s.line(roleTitle, 28, v.report.Title.In(v.w.language))
	v.s.line(roleNote, 16, v.t.note)
	v.s.headings(v.columns)
}

// column is a column of the rows as the sheet shows it.
func (v *tallyView) column(name string) *shown { return &v.columns[v.on(columnIndex(v.raw, name))-1] }

// sheet adds a sheet with the columns of the tally.
func (v *tallyView) sheet(f frame) *sheet {
	for i := range v.columns {
		f.widths = append(f.widths, v.columns[i].columnWidth())
	}
	s := v.w.sheet(f)
	if last := columnIndex(v.raw, v.report.PrintTo); last >= 0 {
		s.printColumns(max(v.on(last), v.checkColumn()))
	}
	return s
}

// plan decides how many rows each sheet takes.
func (v *tallyView) plan() {
	top := listingHead + len(v.groups) + v.t.betweenRows + rowsHead
	for _, scope := range v.scopes() {
		if len(scope) > 1 {
			top++
		}
	}
	name, left := sheetName(v.w.text(v.t.sheet)), v.rows
	for len(v.parts) == 0 || left > 0 {
		room := max(0, v.w.rowLimit-top)
		n := min(left, room)
		if len(v.parts) > 0 && room == 0 {
			v.w.fail(errors.New("a sheet has no room for a single row"))
			return
		}
		v.parts = append(v.parts, part{sheet: name, first: top + 1, last: top + n})
		left -= n
		name, top = sheetName(numbered(v.w.text(v.t.sheet), len(v.parts)+1)), listingHead
	}
}

// sum is the live sum of a figure over the rows that bear a number.
func (v *tallyView) sum(figureColumn, row int) string {
	var terms []string
	for i, p := range v.parts {
		if p.last < p.first {
			continue
		}
		sheet := ""
		if i > 0 {
			sheet = quoteSheet(p.sheet) + "!"
		}
		terms = append(terms, fmt.Sprintf("SUMIFS(%s%s,%s%s,$A%d)", sheet, areaName(figureColumn, p.first, figureColumn, p.last), sheet, areaName(1, p.first, 1, p.last), row))
	}
	if len(terms) == 0 {
		return "0"
	}
	return strings.Join(terms, "+")
}

// putSums writes a row for each sum and a total for each scope of several.
func (v *tallyView) putSums() {
	first := v.s.row + 1
	for _, scope := range v.scopes() {
		from := v.s.row + 1
		for _, g := range scope {
			v.putSum(g, len(scope) == 1)
		}
		if len(scope) > 1 {
			v.putTotal(scope, from, v.s.row)
		}
	}
	if v.s.row >= first {
		v.w.flagChecks(v.s, v.checkColumn(), first, v.s.row+v.t.betweenRows)
	}
}

func (v *tallyView) empty(r role) []any {
	cells := make([]any, len(v.columns))
	for i := range cells {
		if i < max(v.checkColumn(), v.on(slices.Max(v.figures))) {
			cells[i] = excelize.Cell{StyleID: v.w.style(styleKey{role: r})}
		}
	}
	return cells
}

func (v *tallyView) putSum(g *tallyGroup, alone bool) {
	row := v.s.row + 1
	g.row = row
	cells := v.empty(roleBody)
	cells[0], _ = v.w.cell(&v.columns[0], int64(g.number))
	for i, c := range v.keys {
		cells[v.on(c)-1], _ = v.w.cell(&v.columns[v.on(c)-1], g.values[i])
	}
	for f, c := range v.figures {
		cells[v.on(c)-1] = v.w.formula(&v.columns[v.on(c)-1], roleLink, v.sum(v.on(c), row), g.sums[f])
	}
	for i, d := range g.stated {
		c := columnIndex(v.raw, v.t.stated[i].column)
		cells[v.on(c)-1], _ = v.w.cell(&v.columns[v.on(c)-1], v.exact(c, d))
	}
	own := g.own
	if alone {
		v.sumRows[g.scope] = row
		if own == nil {
			own = v.scopeOwn(g.scope)
		}
	}
	if own != nil {
		v.putCheck(cells, roleBody, g.sums, own)
	}
	v.s.put(16, cells...)
	if target, ok := v.rowOf(g); ok {
		for _, c := range v.figures {
			v.s.lead(v.on(c), row, target)
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
		if count := p.last - p.first + 1; n >= count {
			n -= count
			continue
		}
		return quoteSheet(p.sheet) + "!" + cellName(1, p.first+n), true
	}
	return "", false
}

func (v *tallyView) putTotal(scope []*tallyGroup, first, last int) {
	cells := v.empty(roleTotal)
	cells[1] = excelize.Cell{StyleID: v.w.style(styleKey{role: roleTotal, format: formatText}), Value: strings.TrimSpace(v.w.text("summary.total", scope[0].label))}
	sums := make([]duckdb.Decimal, len(v.figures))
	for f, c := range v.figures {
		sums[f] = scopeSum(scope, f)
		cells[v.on(c)-1] = v.totalCell(c, first, last, sums[f])
	}
	for i, column := range v.t.stated {
		var sum duckdb.Decimal
		for _, g := range scope {
			sum = plus(sum, g.stated[i])
		}
		c := columnIndex(v.raw, column.column)
		cells[v.on(c)-1] = v.totalCell(c, first, last, sum)
	}
	v.sumRows[scope[0].scope] = v.s.row + 1
	v.putCheck(cells, roleTotal, sums, v.scopeOwn(scope[0].scope))
	v.s.put(18, cells...)
}

// scopeSum is the total of a figure over the sums of a scope.
func scopeSum(scope []*tallyGroup, figure int) duckdb.Decimal {
	var sum duckdb.Decimal
	for _, g := range scope {
		sum = plus(sum, g.sums[figure])
	}
	return sum
}

func (v *tallyView) totalCell(c, first, last int, sum duckdb.Decimal) excelize.Cell {
	return v.w.formula(&v.columns[v.on(c)-1], roleTotal, "SUM("+cellName(v.on(c), first)+":"+cellName(v.on(c), last)+")", sum)
}

// putCheck puts the database's sum of the chief figure beside the live one,
// and a check that compares every figure with the database's.
func (v *tallyView) putCheck(cells []any, r role, sums, own []duckdb.Decimal) {
	row := v.s.row + 1
	column := v.columns[v.databaseColumn()-1]
	column.role = r
	var conditions []string
	agrees := true
	for f, c := range v.figures {
		if !v.kept[f] {
			continue
		}
		agrees = agrees && same(sums[f], own[f])
		other := plainNumber(own[f])
		if v.t.figures[f] == v.t.chief {
			cells[v.databaseColumn()-1], _ = v.w.cell(&column, v.exact(c, own[f]))
			other = cellName(v.databaseColumn(), row)
		}
		conditions = append(conditions, fmt.Sprintf("ROUND(%s-(%s),4)=0", cellName(v.on(c), row), other))
	}
	if v.t.also != nil {
		conditions = append(conditions, v.t.also(v, row)...)
	}
	v.disagrees = v.disagrees || !agrees
	cells[v.checkColumn()-1] = v.w.agreement(r, "AND("+strings.Join(conditions, ",")+")", agrees)
}

// exact is a sum as the cell of a column takes it.
func (v *tallyView) exact(c int, d duckdb.Decimal) any {
	if d = orZero(d); v.raw[c].Kind == kindInteger && d.Scale == 0 && d.Value.IsInt64() {
		return d.Value.Int64()
	}
	return d
}

// plainNumber is a number inside of a formula.
func plainNumber(d duckdb.Decimal) string {
	text := decimalText(orZero(d))
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
	top := v.parts[0].first - rowsHead - 1
	return areaName(v.checkColumn(), listingHead+1, v.checkColumn(), top)
}

// putRows is the second reading: it writes the rows below their sums, and in
// further sheets where one is full.
func (v *tallyView) putRows() error {
	if v.rows == 0 {
		v.s.line(roleNote, 18, v.w.text("book.none"))
		v.filter(part{first: listingHead + 1, last: listingHead + 1})
		return v.w.err
	}
	v.s.blank(1)
	v.s.section(v.w.text("tally.rows"), v.checkColumn())
	v.putShown()
	v.s.headings(v.columns)
	_, rows, err := v.w.q.open(v.t.detail, v.t.given)
	if err != nil {
		return err
	}
	defer rows.Close()
	s := v.s
	for i, p := range v.parts {
		if i > 0 {
			s = v.further(i)
		}
		for s.row < p.last && v.w.err == nil {
			values, err := rows.next()
			if err != nil {
				return fmt.Errorf("read report %s: %w", v.report.Name, err)
			}
			if values == nil {
				return fmt.Errorf("report %s gave fewer rows when read again", v.report.Name)
			}
			v.putRow(s, values)
		}
		if p.last >= p.first {
			v.filterOn(s, p)
		}
	}
	return v.w.err
}

func (v *tallyView) putRow(s *sheet, values []any) {
	g := v.byKey[v.key(values)]
	if g == nil {
		v.w.fail(fmt.Errorf("report %s gave other rows when read again", v.report.Name))
		return
	}
	for name, words := range v.t.words {
		i := columnIndex(v.raw, name)
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
		s.putValues(v.columns, cells)
		return
	}
	column, to := v.t.lead(newRow(v.raw, values))
	i := columnIndex(v.raw, column)
	if i < 0 || !s.mayLead() {
		s.putValues(v.columns, cells)
		return
	}
	c := &v.columns[v.on(i)-1]
	plain := c.role
	c.role = roleLink
	s.putValues(v.columns, cells)
	c.role = plain
	v.w.orders.want(to, s, v.on(i), s.row)
}

// further begins the sheet of a further part.
func (v *tallyView) further(i int) *sheet {
	s := v.sheet(frame{name: numbered(v.w.text(v.t.sheet), i+1), frozen: listingHead, repeated: [2]int{listingHead, listingHead}})
	s.line(roleTitle, 28, v.report.Title.In(v.w.language))
	s.line(roleNote, 16, v.w.text("book.part", i+1, v.s.name))
	s.headings(v.columns)
	return s
}

func (v *tallyView) filter(p part) { v.filterOn(v.s, p) }

func (v *tallyView) filterOn(s *sheet, p part) {
	if v.w.err == nil {
		v.w.check(v.w.file.AutoFilter(s.name, areaName(1, p.first-1, len(v.columns), p.last), nil))
	}
}

// putShown writes the sums of the rows that the filter leaves: within one
// scope only, for amounts of several are never added up.
func (v *tallyView) putShown() {
	if len(v.scopes()) != 1 || len(v.parts) != 1 {
		v.s.blank(1)
		return
	}
	cells := v.empty(roleTotal)
	cells[1] = excelize.Cell{StyleID: v.w.style(styleKey{role: roleTotal, format: formatText}), Value: v.w.text("revenue.shown")}
	p := v.parts[0]
	for f, c := range v.figures {
		cells[v.on(c)-1] = v.w.formula(&v.columns[v.on(c)-1], roleTotal, "SUBTOTAL(9,"+areaName(v.on(c), p.first, v.on(c), p.last)+")", scopeSum(v.groups, f))
	}
	v.s.put(18, cells...)
}
