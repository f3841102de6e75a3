package sheets

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/reports/page"
	"github.com/nightaudit/nightaudit/reports/result"
)

// How many charts of a kind the page has, and hotels.
const (
	mostCharts = 2
	mostHotels = 2
)

// revenueCharts show the net revenue of the last dates, a chart for each of the
// currencies with the most orders.
func (m *morning) revenueCharts() (charts []page.Chart) {
	g := m.w.days.days
	column := m.columns(g, "net_amount")[0]
	currencies := m.w.days.currencies()
	rows := map[string]map[string]int{} // by currency and date
	var dates []string                  // of the first currency, which has them all
	for i := range g.Rows {
		currency, date := g.Str(i, "currency"), g.Str(i, "business_date")
		if rows[currency] == nil {
			rows[currency] = map[string]int{}
		}
		rows[currency][date] = i
		if currency == currencies[0] && len(dates) < revenueDays {
			dates = append(dates, date)
		}
	}
	slices.Reverse(dates)
	for _, currency := range currencies[:min(len(currencies), mostCharts)] {
		var columns []chartColumn
		for _, date := range dates {
			c := chartColumn{date: date}
			if i, ok := rows[currency][date]; ok {
				c.figure = m.figure(figureRow{report: g.Report.Name, row: i}, &column, g.At(i, column.Name))
				c.value = g.Amount(i, column.Name)
			}
			columns = append(columns, c)
		}
		charts = append(charts, m.chart(m.w.Text("revenue.chart", currency), columns, nil))
	}
	return charts
}

// hotels shows of the hotels with the most guests the last date beside the others,
// and the occupancy by day; left says how many are left out.
func (m *morning) hotels() (list []page.Hotel, left string) {
	h := m.w.hotel
	latest := h.latest()
	slices.SortStableFunc(latest, func(a, b int) int {
		return cmp.Compare(h.g.Count(b, "rooms_occupied"), h.g.Count(a, "rooms_occupied"))
	})
	if n := len(latest) - mostHotels; n > 0 {
		left = m.w.Text("page.more_hotels", n)
		latest = latest[:mostHotels]
	}
	for _, row := range latest {
		list = append(list, page.Hotel{Table: m.hotelTable(row), Occupancy: m.occupancy(row)})
	}
	return list, left
}

func (m *morning) hotelTable(row int) page.Table {
	w, g := m.w, m.w.hotel.g
	t := page.Table{Title: join(w.hotelName(g, row), g.Str(row, "business_date"), g.Str(row, "currency")), Heads: []string{w.Text("hotel.figure")}}
	for _, period := range hotelPeriods {
		t.Heads = append(t.Heads, w.Text("compared.day"+period))
	}
	for _, name := range hotelFigures {
		column := m.columns(g, name)[0]
		line := page.Row{Name: column.Heading}
		for _, period := range hotelPeriods {
			c := column
			c.Name += period
			line.Cells = append(line.Cells, page.Cell{Figure: m.figure(figureRow{report: g.Report.Name, row: row}, &c, g.At(row, c.Name))})
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// occupancy is the chart of the hotel whose last date is a row.
func (m *morning) occupancy(row int) page.Chart {
	h := m.w.hotel
	column := m.columns(h.g, "occupancy")[0]
	var columns []chartColumn
	for i := row; i < len(h.g.Rows) && h.hotel(i) == h.hotel(row) && len(columns) < revenueDays; i++ {
		columns = append(columns, chartColumn{
			date:   h.g.Str(i, "business_date"),
			figure: m.figure(figureRow{report: h.g.Report.Name, row: i}, &column, h.g.At(i, "occupancy")),
			value:  h.g.Amount(i, "occupancy"),
		})
	}
	slices.Reverse(columns)
	return m.chart(column.Heading, columns, big.NewRat(1, 1))
}

// chartColumn is one date of a chart.
type chartColumn struct {
	date   string
	figure page.Figure
	value  duckdb.Decimal
}

// chart draws columns, the highest of them as high as the chart, or as the given
// value is.
func (m *morning) chart(title string, columns []chartColumn, top *big.Rat) (c page.Chart) {
	if len(columns) < 2 {
		return c // nothing to compare by eye
	}
	highest, most := chartColumn{}, new(big.Rat)
	for _, column := range columns {
		value := result.Rat(column.value)
		if column.figure.Text != "" && (highest.figure.Text == "" || value.Cmp(result.Rat(highest.value)) > 0) {
			highest = column
		}
		if value.Abs(value).Cmp(most) > 0 {
			most = value
		}
	}
	if highest.figure.Text == "" {
		return c // nobody knows any of them
	}
	if top == nil || most.Cmp(top) > 0 {
		top = most
	}
	c = page.Chart{Title: title, First: columns[0].date, Last: columns[len(columns)-1].date}
	c.Highest = m.w.Text("page.highest", highest.figure.Text, highest.date)
	c.Summary = m.w.Text("page.chart", title, c.First, c.Last, highest.figure.Text, highest.date)
	for _, column := range columns {
		value := result.Rat(column.value)
		c.Bars = append(c.Bars, page.Bar{Figure: column.figure, Label: column.date, Height: percent(value.Abs(value), top)})
	}
	return c
}

// agesChart shows open breaks by age and severity.
func (m *morning) agesChart() page.Ages {
	g := m.ages
	columns := m.columns(g, severities...)
	age := m.columns(g, "age")[0]
	a := page.Ages{Title: m.w.Text("breaks.chart")}
	for i := range columns {
		a.Heads = append(a.Heads, columns[i].Heading)
	}
	var most int64
	for i := range g.Rows {
		most = max(most, g.Count(i, "error")+g.Count(i, "warning")+g.Count(i, "info"))
	}
	if most == 0 || len(m.breaks.Rows) == 0 {
		return page.Ages{}
	}
	for i := range g.Rows {
		row := page.AgeRow{Name: m.w.Shown(&age, g.At(i, "age"))}
		for c := range columns {
			n := g.Count(i, columns[c].Name)
			row.Segments = append(row.Segments, page.Segment{
				Figure: m.figure(figureRow{report: g.Report.Name, row: i}, &columns[c], g.At(i, columns[c].Name)),
				Width:  percent(big.NewRat(n, 1), big.NewRat(most, 1)),
			})
		}
		a.Rows = append(a.Rows, row)
	}
	return a
}

// percent is a part of the whole, from 0 to 100; what is not nothing is seen.
func percent(part, whole *big.Rat) int {
	if part.Sign() <= 0 || whole.Sign() <= 0 {
		return 0
	}
	share := new(big.Rat).Quo(part, whole)
	share.Mul(share, big.NewRat(100, 1))
	return int(max(1, new(big.Int).Quo(share.Num(), share.Denom()).Int64()))
}
