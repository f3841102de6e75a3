package pipeline_test

import (
	"bytes"
	"database/sql"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/cmd/internal/demo"
	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/query"
	"github.com/nightaudit/nightaudit/reports/sheets"
)

// checkSumsFromTextToCell: for every money column the sum that math/big makes of the vendors' texts, as
// they were landed, is the sum of the database's column and that of the cells
// of a workbook.
func checkSumsFromTextToCell(t *testing.T, g *group, database string) {
	want := readLedger(t, filepath.Join(g.cfg.DataDir, "landing")).sums
	db, err := query.Open(database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()

	compared := 0
	for _, table := range mainTables(t, db) {
		columns := lines(t, db, "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'main' AND table_name = ? AND data_type = 'DECIMAL(18,4)'", table)
		if len(columns) == 0 {
			continue
		}
		inCells := cellSums(t, db, "SELECT source, "+strings.Join(columns, ", ")+" FROM main."+table)
		for _, column := range columns {
			for _, source := range sources {
				key := table + "." + column + " " + source
				inDatabase := lines(t, db, "SELECT sum("+column+") FROM main."+table+" WHERE source = ?", source)[0]
				byText, byCell := money(want[key]), money(inCells[source+" "+column])
				if inDatabase != byText || inDatabase != byCell {
					t.Errorf("%s: %s by math/big from the answers, %s in the database, %s in the cells", key, byText, inDatabase, byCell)
				}
				if want[key] != nil {
					compared++
				}
				delete(want, key)
			}
		}
	}
	for key, sum := range want {
		t.Errorf("%s is %s by math/big; the database has no such column", key, money(sum))
	}
	// The columns that docs/mapping.md fills, but for those of which the demo's
	// answers hold nothing.
	if compared < 50 {
		t.Errorf("only %d columns were compared", compared)
	}
	checkOrdersSheet(t, g, db, readLedger(t, filepath.Join(g.cfg.DataDir, "landing")).sums)
}

// money is a sum as DuckDB prints one of DECIMAL(18,4).
func money(sum *big.Rat) string {
	if sum == nil {
		return "–"
	}
	return sum.FloatString(4)
}

// cellSums adds up the cells of each column of a query's workbook by the text
// of its first column: "soms net_amount".
func cellSums(t *testing.T, db *sql.DB, statement string) map[string]*big.Rat {
	t.Helper()
	var file bytes.Buffer
	if err := query.Run(t.Context(), db, &file, statement, query.Options{Format: "xlsx"}); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	sums := map[string]*big.Rat{}
	for _, sheet := range book.GetSheetList() {
		rows := rawRows(t, book, sheet)
		head := slices.IndexFunc(rows, func(r []string) bool { return len(r) > 0 && r[0] == "source" })
		if head < 0 {
			t.Fatalf("sheet %s has no heading: %q", sheet, rows[:min(len(rows), 3)])
		}
		addCells(t, sums, rows[head+1:], rows[head], 0)
	}
	return sums
}

func rawRows(t *testing.T, book *excelize.File, sheet string) [][]string {
	t.Helper()
	rows, err := book.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// addCells adds the numbers of rows to sums by the cell in column by and the
// column's heading.
func addCells(t *testing.T, sums map[string]*big.Rat, rows [][]string, headings []string, by int) {
	t.Helper()
	for _, row := range rows {
		for i, cell := range row {
			n, ok := new(big.Rat).SetString(cell)
			if i == by || !ok {
				continue
			}
			key := row[by] + " " + headings[i]
			if sums[key] == nil {
				sums[key] = new(big.Rat)
			}
			sums[key].Add(sums[key], n)
		}
	}
}

// checkOrdersSheet compares the cells of every order in the reconciliation
// workbook of the whole 60 days.
func checkOrdersSheet(t *testing.T, g *group, db *sql.DB, want map[string]*big.Rat) {
	t.Helper()
	path, err := sheets.Workbook(t.Context(), db, sheets.Options{
		Dir: t.TempDir(), Language: labels.English, Timezone: demo.Zone, From: g.now.AddDate(-1, 0, 0), To: g.now.AddDate(1, 0, 0), Now: g.clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows := rawRows(t, book, "Orders") // title, range, headings, orders
	cells := map[string]*big.Rat{}
	addCells(t, cells, rows[3:], rows[2], slices.Index(rows[2], "Source"))
	for heading, column := range map[string]string{
		"Gross": "gross_amount", "Discount": "discount_amount", "Net due": "net_amount", "Paid": "paid_amount", "Settlement": "settle_amount",
		"Freight": "freight_amount", "Packaging": "packaging_amount", "Other fees": "other_amount", "Commission": "commission_amount",
		"Tip": "tip_amount", "Cancel deduction": "deduction_amount",
	} {
		if !slices.Contains(rows[2], heading) {
			t.Errorf("the sheet of orders has no column %q", heading)
		}
		for _, source := range sources {
			if byText, byCell := money(want["orders."+column+" "+source]), money(cells[source+" "+heading]); byText != byCell {
				t.Errorf("sheet of orders, %s of %s: %s by math/big from the answers, %s in the cells", heading, source, byText, byCell)
			}
		}
	}
}
