package main

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/shelf"
)

// workbookRows compares the sheets whose rows join several systems with rows
// that are worked out here from the plain tables: without the engine's links,
// without the reports' SQL, with exact fractions. The range is all of the
// demo's history, so that every kind of row is there.
func (n *demoNight) workbookRows(t *testing.T) {
	file := strings.TrimSpace(nightaudit(t, "report", n.config, "--from", "2025-04-01", "--to", keptDate, "--out", n.dir))
	t.Run("page", func(t *testing.T) {
		if compared := reportstest.ComparePage(t, shelf.PageOf(file), file); len(compared) < 4 {
			t.Errorf("figures of %v only", compared)
		}
	})
	book, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	t.Run("Delivery", func(t *testing.T) {
		n.checkSheet(t, book, "Delivery", n.deliveryRows(t), []string{"Match", "Courier", "Account", "Currency"},
			[]string{"Courier orders", "Courier fee", "Tip", "Cancel deduction", "Cost", "Freight on waybills", "Difference"})
	})
	t.Run("Rooms", func(t *testing.T) {
		n.checkSheet(t, book, "Rooms", n.roomRows(t), []string{"Place", "Match", "Compared", "Currency"},
			[]string{"Stays", "Keys", "Room orders", "Ordered to the room", "Billed by the PMS", "Difference"})
	})
}

// cells are the cells of a row by heading, as the sheet keeps them; those that
// are empty are missing.
type cells map[string]string

func (c cells) String() string {
	var list []string
	for _, heading := range slices.Sorted(maps.Keys(c)) {
		list = append(list, heading+" "+c[heading])
	}
	return strings.Join(list, " | ")
}

// put fills a cell; an empty value leaves it out.
func (c cells) put(heading, value string) {
	if value != "" {
		c[heading] = value
	}
}

func (c cells) amount(heading string, r *big.Rat) {
	if r != nil {
		c[heading] = shortest(r)
	}
}

// shortest is a number without trailing zeros.
func shortest(r *big.Rat) string {
	words := r.FloatString(4)
	return strings.TrimSuffix(strings.TrimRight(words, "0"), ".")
}

// day is the number under which a spreadsheet keeps a date.
func (c cells) day(heading, date string) {
	if date == "" {
		return
	}
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic(err)
	}
	c[heading] = fmt.Sprint(int(d.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24))
}

// checkSheet compares the rows of a sheet, cell by cell, with those wanted;
// every row bears the number of the sum that has its keys, and every sum is
// the sum of the wanted rows of these keys.
func (n *demoNight) checkSheet(t *testing.T, book *excelize.File, sheet string, want []cells, keys, figures []string) {
	t.Helper()
	grid, err := book.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	sums, rows := map[string]cells{}, []string{}
	inRows := false
	for i, line := range grid[3:] {
		row := cells{}
		for c, value := range line {
			row.put(grid[2][c], value)
		}
		switch number := row["No."]; {
		case number == "No.":
			inRows = true
		case strings.Trim(number, "0123456789") != "" || number == "": // a total, or a line between the tables
		case !inRows:
			sums[number] = row
		default:
			for _, key := range keys {
				if row[key] != sums[number][key] {
					t.Errorf("row %d is of sum %s, whose %s is %q: %s", i+4, number, key, sums[number][key], row)
				}
			}
			delete(row, "No.")
			rows = append(rows, row.String())
		}
	}
	var wanted []string
	totals := map[string]map[string]*big.Rat{}
	kinds := map[string]int{}
	for _, row := range want {
		wanted = append(wanted, row.String())
		kinds[row["Match"]]++
		of := sumOf(row, keys)
		if totals[of] == nil {
			totals[of] = map[string]*big.Rat{}
		}
		for _, f := range figures {
			if totals[of][f] == nil {
				totals[of][f] = new(big.Rat)
			}
			if row[f] != "" {
				totals[of][f].Add(totals[of][f], rat(t, row[f]))
			}
		}
	}
	t.Logf("%d rows: %v", len(want), kinds)
	sameRows(t, sheet, rows, wanted)
	if len(sums) != len(totals) {
		t.Errorf("%d sums, want %d", len(sums), len(totals))
	}
	for number, sum := range sums {
		for f, total := range totals[sumOf(sum, keys)] {
			if cmp.Or(sum[f], "0") != shortest(total) {
				t.Errorf("sum %s: %s is %s, want %s", number, f, sum[f], shortest(total))
			}
		}
		if check := sum["Check"]; check != "" && check != "✓" {
			t.Errorf("sum %s: check %s", number, check)
		}
	}
}

func sumOf(row cells, keys []string) string {
	var values []string
	for _, key := range keys {
		values = append(values, row[key])
	}
	return strings.Join(values, "\x00")
}

// orderWords are what the states are called in English.
var orderWords = map[string]string{
	"": "", "pending": "Pending", "confirmed": "Confirmed", "in_progress": "In progress", "completed": "Completed",
	"canceled": "Canceled", "closed": "Closed", "refunded": "Refunded",
}

func calledOff(order map[string]string) bool {
	return order["status"] == "canceled" || order["status"] == "refunded" || order["refund_status"] == "refunded"
}

// deliveryRows: every order that the courier carried, with the shop's order
// whose number it was given, and that order's waybills of this courier; and the
// shop's orders that it sent by this courier, who does not know them.
func (n *demoNight) deliveryRows(t *testing.T) []cells {
	shop, waybills := map[string]map[string]string{}, map[string][]map[string]string{}
	for _, o := range n.query("SELECT order_id, status, refund_status, business_date, currency FROM orders WHERE source = 'soms'") {
		shop[o["order_id"]] = o
	}
	for _, d := range n.query("SELECT order_id, waybill_no, fee_amount, status, carrier FROM deliveries WHERE source = 'soms' AND carrier = 'gxd' ORDER BY delivery_id") {
		waybills[d["order_id"]] = append(waybills[d["order_id"]], d)
	}
	couriers := map[string]map[string]string{} // by the shop's order, or their own number
	for _, c := range n.query("SELECT * FROM orders WHERE source = 'guoxiaodi'") {
		key := c["link_ref"]
		if shop[key] == nil {
			key = c["order_id"]
		}
		if couriers[key] != nil {
			t.Fatalf("the demo has two courier orders of %s: this check knows one", key)
		}
		couriers[key] = c
	}
	var rows []cells
	for id, c := range couriers {
		rows = append(rows, deliveryRow(t, shop[id], c, waybills[id]))
	}
	for id, sent := range waybills {
		if couriers[id] == nil && shop[id]["status"] != "canceled" && sent[0]["status"] != "canceled" {
			rows = append(rows, deliveryRow(t, shop[id], nil, sent))
		}
	}
	return rows
}

// deliveryRow is the row of a shop's order, a courier's, or both.
func deliveryRow(t *testing.T, o, c map[string]string, sent []map[string]string) cells {
	t.Helper()
	row := cells{"Courier": "guoxiaodi", "Account": "courier", "Courier orders": "0"}
	row.put("Currency", cmp.Or(c["currency"], o["currency"]))
	row.day("Business date", cmp.Or(o["business_date"], c["business_date"]))
	if o != nil {
		row.put("Shop", "soms")
		row.put("Shop account", "云栖生活")
		row.put("Shop order", o["order_id"])
		row.put("Shop status", orderWords[o["status"]])
	}
	var freight *big.Rat
	var numbers []string
	for _, d := range sent {
		if freight == nil {
			freight = new(big.Rat)
		}
		freight.Add(freight, rat(t, d["fee_amount"]))
		numbers = append(numbers, d["waybill_no"])
		row.put("Carrier", d["carrier"])
	}
	row.amount("Freight on waybills", freight)
	row.put("Waybill number", strings.Join(numbers, ", "))
	if c == nil {
		row.put("Match", "No courier order")
		return row
	}
	row["Courier orders"] = "1"
	row.put("Courier order", c["order_id"])
	row.put("Courier status", orderWords[c["status"]])
	// A delivery that was called off costs what the courier kept of it.
	cost := new(big.Rat)
	live := !calledOff(c)
	for heading, column := range map[string]string{"Courier fee": "net_amount", "Tip": "tip_amount", "Cancel deduction": "deduction_amount"} {
		if live == (column == "deduction_amount") || c[column] == "" {
			continue
		}
		amount := rat(t, c[column])
		row.amount(heading, amount)
		if column != "tip_amount" {
			cost = amount
		}
	}
	row.amount("Cost", cost)
	switch {
	case !live && cost.Sign() == 0 && (o == nil || sent == nil), !live && o != nil && sent != nil, o != nil && sent != nil && calledOff(o):
		row.put("Match", "Canceled")
	case o == nil:
		row.put("Match", "No shop order")
	case sent == nil:
		row.put("Match", "Not sent by this courier")
	default:
		row.put("Match", "Compared")
		row.amount("Difference", new(big.Rat).Sub(freight, cost))
	}
	return row
}
