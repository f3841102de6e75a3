package spark

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/sheets"
)

// The workbook that is made through Spark has the same sheets and the same cells as the
// one that DuckDB fills: values, formulas and formats of numbers.
func TestWorkbooksAgree(t *testing.T) {
	compareWorkbooks(t, lakeOfFixture(t), reportstest.Shared(t), fixtureDates)
}

func compareWorkbooks(t *testing.T, lake *Lake, db *sql.DB, of dates) {
	t.Helper()
	day := func(text string) time.Time {
		d, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	options := func() sheets.Options {
		return sheets.Options{
			Dir: t.TempDir(), Language: "en", Timezone: "Asia/Shanghai", From: day(of[0]), To: day(of[1]),
			Now: func() time.Time { return day(of[1]).Add(26 * time.Hour) },
		}
	}
	byDuckDB, err := sheets.Workbook(t.Context(), db, options())
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	bySpark, err := sheets.WorkbookFrom(t.Context(), lake, options())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("in %.1f s through Spark", time.Since(begun).Seconds())
	if filepath.Base(byDuckDB) != filepath.Base(bySpark) {
		t.Errorf("%s and %s", byDuckDB, bySpark)
	}
	want, got := cells(t, byDuckDB), cells(t, bySpark)
	if len(want) < 1000 {
		t.Fatalf("DuckDB's workbook has %d cells", len(want))
	}
	differ := 0
	for cell, value := range want {
		if got[cell] != value {
			if differ++; differ < 20 {
				t.Errorf("%s: Spark %q, DuckDB %q", cell, got[cell], value)
			}
		}
	}
	if differ > 0 || len(got) != len(want) {
		t.Errorf("%d cells differ; Spark %d, DuckDB %d", differ, len(got), len(want))
	}
}

// cells are those of a workbook, by Sheet!A1: value as it is kept, formula, format.
func cells(t *testing.T, path string) map[string]string {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := map[string]string{}
	names := f.GetSheetList()
	if !slices.Contains(names, "Summary") {
		t.Fatalf("sheets %v", names)
	}
	for _, name := range names {
		rows, err := f.GetRows(name, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		for y, row := range rows {
			for x, value := range row {
				at, err := excelize.CoordinatesToCellName(x+1, y+1)
				if err != nil {
					t.Fatal(err)
				}
				formula, err := f.GetCellFormula(name, at)
				if err != nil {
					t.Fatal(err)
				}
				kind, err := f.GetCellType(name, at)
				if err != nil {
					t.Fatal(err)
				}
				style, err := f.GetCellStyle(name, at)
				if err != nil {
					t.Fatal(err)
				}
				format, err := f.GetStyle(style)
				if err != nil {
					t.Fatal(err)
				}
				custom := ""
				if format.CustomNumFmt != nil {
					custom = *format.CustomNumFmt
				}
				if value != "" || formula != "" {
					all[name+"!"+at] = value + " = " + formula + " " + custom + " " + string(rune('0'+kind))
				}
			}
		}
	}
	return all
}
