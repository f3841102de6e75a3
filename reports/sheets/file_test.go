package sheets

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/reports/labels"
	"github.com/nightaudit/nightaudit/reports/query"
	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/scratch"
	"github.com/nightaudit/nightaudit/reports/shelf"
)

func TestPrintSetUpAndPanes(t *testing.T) {
	f, path := fixtureBook(t, labels.English)
	names := map[string]string{}
	for _, n := range f.GetDefinedName() {
		names[n.Scope+" "+n.Name] = n.RefersTo
	}
	for _, sheet := range f.GetSheetList() {
		layout, err := f.GetPageLayout(sheet)
		if err != nil || *layout.Orientation != "landscape" || *layout.FitToWidth != 1 || *layout.FitToHeight != 0 {
			t.Errorf("%s: layout %+v, %v", sheet, layout, err)
		}
		props, err := f.GetSheetProps(sheet)
		if err != nil || props.FitToPage == nil || !*props.FitToPage {
			t.Errorf("%s does not fit to the page", sheet)
		}
		footer, err := f.GetHeaderFooter(sheet)
		if err != nil || !strings.Contains(footer.OddFooter, "Page &P of &N") {
			t.Errorf("%s: footer %+v, %v", sheet, footer, err)
		}
		panes, err := f.GetPanes(sheet)
		head := 3
		if sheet == "Hotel" {
			head = 2 // its tables have headings of their own
		}
		if err != nil || !panes.Freeze || panes.YSplit != head {
			t.Errorf("%s: panes %+v, %v", sheet, panes, err)
		}
		if sheet != "Summary" && sheet != "Hotel" && names[sheet+" _xlnm.Print_Titles"] != "'"+sheet+"'!$3:$3" {
			t.Errorf("%s repeats %q", sheet, names[sheet+" _xlnm.Print_Titles"])
		}
	}
	for _, sheet := range f.GetSheetList()[1:] {
		if names[sheet+" _xlnm._FilterDatabase"] == "" {
			t.Errorf("no filter on %s: %v", sheet, names)
		}
	}
	props, err := f.GetDocProps()
	if err != nil || props.Created != "2026-03-09T18:00:00Z" || props.Creator != "nightaudit" {
		t.Errorf("properties %+v, %v", props, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("file %v, %v", info, err)
	}
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
	if len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestSameDatabaseSameCells(t *testing.T) {
	db := reportstest.Shared(t)
	a, _ := fixtureBook(t, labels.Chinese)
	b, _ := makeWorkbook(t, db, Options{Language: labels.Chinese, Now: func() time.Time { return reportstest.Date(2027, 4, 1) }})
	if dumpAll(t, a) != dumpAll(t, b) {
		t.Error("two workbooks of one database differ")
	}
}

func TestWorkbookOfAQuietNight(t *testing.T) {
	db := reportstest.Empty(t)
	reportstest.Exec(t, db, `INSERT INTO audit.meta (database_id, schema_version, timezone) VALUES ('x', 1, 'Asia/Shanghai');
		INSERT INTO audit.runs (run_id, started_at) VALUES ('r', '2026-03-09 20:00:00+00');
		INSERT INTO audit.extracts (run_id, source, account, stream, state, fetched, covers) VALUES ('r', 'soms', 'retail', 'orders', 'complete', 0, true);
		INSERT INTO audit.accounts (source, account, timezone, business_day_start, memo_only, is_configured) VALUES ('soms', 'retail', 'Asia/Shanghai', '06:00', false, true)`)
	// 04:00 in Shanghai: with a day that begins at 06:00 the 9th is not over.
	f, path := makeWorkbook(t, db, Options{Language: labels.English})
	if base := filepath.Base(path); base != "reconciliation_2026-03-08.xlsx" {
		t.Errorf("file %s", base)
	}
	if verdict, _ := f.GetCellValue("Summary", "A3"); verdict != "No data: 1 of 1 accounts complete; no order on these dates; no open breaks." {
		t.Error(verdict)
	}
}

func TestWorkbookErrors(t *testing.T) {
	for _, test := range []struct {
		db   *sql.DB
		o    Options
		want string
	}{
		{reportstest.Empty(t), Options{Language: labels.English}, "holds no run yet"},
		{reportstest.Shared(t), Options{Language: "fr"}, `language "fr"`},
		{reportstest.Shared(t), Options{Language: labels.English, Timezone: "Mars/Olympus"}, "time zone of the report"},
		{reportstest.Shared(t), Options{Language: labels.English, From: reportstest.Date(2026, 3, 9), To: reportstest.Date(2026, 3, 1)}, "ends (2026-03-01) before it begins"},
	} {
		test.o.Dir = t.TempDir()
		_, err := Workbook(context.Background(), test.db, test.o)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %s", err, test.want)
		}
		if left, _ := os.ReadDir(test.o.Dir); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

// A workbook that cannot be made leaves the one of yesterday in its place,
// and a folder that a killed process left is swept.
func TestFailureLeavesTheEarlierFile(t *testing.T) {
	db := reportstest.Fixture(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "reconciliation_2026-03-09.xlsx")
	reportstest.Write(t, path, "yesterday's")
	stale, yesterday := filepath.Join(dir, scratch.Prefix+"123"), time.Now().Add(-25*time.Hour)
	if err := errors.Join(os.Mkdir(stale, 0o700), os.Chtimes(stale, yesterday, yesterday)); err != nil {
		t.Fatal(err)
	}
	reportstest.Exec(t, db, "DROP TABLE recon.rules")
	_, err := Workbook(context.Background(), db, Options{Dir: dir, Language: labels.English})
	if err == nil || !strings.Contains(err.Error(), "reports/breaks.sql") {
		t.Fatal(err)
	}
	if reportstest.Read(t, path) != "yesterday's" {
		t.Error("the earlier workbook was touched")
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// The pipeline makes the workbook from the copy that it is about to publish.
func TestWorkbookOfAReadOnlyDatabase(t *testing.T) {
	path := reportstest.FixtureFile(t, filepath.Join(t.TempDir(), "nightaudit.duckdb"))
	db, err := query.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	a, _ := makeWorkbook(t, db, Options{Language: labels.English})
	b, _ := fixtureBook(t, labels.English)
	if dumpAll(t, a) != dumpAll(t, b) {
		t.Error("the sheets depend on how the database was opened")
	}
	for _, name := range []string{"nightaudit.duckdb.wal", "nightaudit.duckdb.tmp"} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), name)); err == nil {
			t.Errorf("left behind: %s", name)
		}
	}
}

// The same database gives the same workbook and page, byte for byte, however often they
// are made: what was published can be told from what was changed.
func TestSameDatabaseSameFile(t *testing.T) {
	db := reportstest.Fixture(t)
	seen := map[string]bool{}
	for range 4 {
		_, path := makeWorkbook(t, db, Options{Language: labels.English})
		seen[reportstest.Read(t, path)+reportstest.Read(t, shelf.PageOf(path))] = true
	}
	if len(seen) != 1 {
		t.Errorf("%d different pairs of files", len(seen))
	}
}
