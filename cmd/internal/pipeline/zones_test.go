package pipeline_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/cmd/internal/demo"
)

// nightIn runs the demo's night in a process of its own whose time zone is TZ,
// in a copy of the demo's folder, and returns that folder.
func nightIn(t *testing.T, g *group, zone string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Dir(g.running.ConfigPath))); err != nil {
		t.Fatal(err)
	}
	secrets, err := filepath.Glob(filepath.Join(dir, "secrets", "*"))
	if err != nil || len(secrets) == 0 {
		t.Fatalf("secrets of the copy: %v, %v", secrets, err)
	}
	for _, path := range secrets {
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	// Of a variable that is there twice the last counts.
	cmd.Env = append(os.Environ(), "TZ="+zone, childReport+"=1",
		childConfig+"="+filepath.Join(dir, "nightaudit.yaml"), childNow+"="+g.now.Format(time.RFC3339))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the night in %s: %v\n%s", zone, err, out)
	}
	return dir
}

// everything is what a night in dir has published: every table, but for what
// names the run, and every cell of its workbook.
func everything(t *testing.T, dir string) map[string][]string {
	t.Helper()
	database := filepath.Join(dir, "published", "nightaudit.duckdb")
	all := facts(t, database)
	db := open(t, database)
	// The run and the database have made-up names.
	names := strings.NewReplacer(
		lines(t, db, "SELECT run_id FROM audit.runs")[0], "RUN",
		lines(t, db, "SELECT database_id FROM audit.meta")[0], "DATABASE",
		lines(t, db, "SELECT chain_head FROM audit.meta")[0], "HEAD")
	for _, table := range []string{"audit.runs", "audit.extracts", "audit.extract_totals", "audit.findings", "audit.order_versions", "recon.links"} {
		// An answer holds the vendor's real time, and so does its hash.
		columns := lines(t, db, `SELECT string_agg(column_name, ', ' ORDER BY column_index) FROM duckdb_columns()
			WHERE schema_name || '.' || table_name = ? AND column_name NOT IN ('run_id', 'landing_ref', 'payload_sha256')`, table)
		all[table] = lines(t, db, "SELECT "+columns[0]+" FROM "+table+" ORDER BY ALL")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	books, err := filepath.Glob(filepath.Join(dir, "reports", "*.xlsx"))
	if err != nil || len(books) != 1 {
		t.Fatalf("workbooks %v, %v", books, err)
	}
	all["name of the workbook"] = []string{filepath.Base(books[0])}
	book, err := excelize.OpenFile(books[0])
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			all["sheet "+sheet] = append(all["sheet "+sheet], fmt.Sprint(i+1, " ", strings.Join(row, " | ")))
		}
	}
	for _, rows := range all {
		for i := range rows {
			rows[i] = names.Replace(rows[i])
		}
	}
	return all
}

// Whatever the time zone of the process, the tables and the workbook of the
// demo's night are the same. On the machine's clock the night of 2026-04-20 is
// over in China, not yet in UTC, and in New York not for long.
func TestProcessZones(t *testing.T) {
	slowTest(t)
	g := startGroup(t, demo.Options{})
	// Half past midnight in China is 16:30 in UTC and 12:30 in New York, of
	// the day before.
	g.now = time.Date(2026, 4, 21, 0, 30, 0, 0, g.now.Location())
	zones := []string{"UTC", "Asia/Shanghai", "America/New_York"}
	want := everything(t, nightIn(t, g, zones[0]))
	for _, table := range []string{"orders", "stays", "breaks", "audit.extracts", "sheet 明细"} {
		if len(want[table]) == 0 {
			t.Fatalf("%s is empty: the comparison says nothing", table)
		}
	}
	for _, zone := range zones[1:] {
		got := everything(t, nightIn(t, g, zone))
		if len(got) != len(want) {
			t.Errorf("%d tables and sheets in %s, %d in %s", len(got), zone, len(want), zones[0])
		}
		for name, rows := range want {
			if !slices.Equal(got[name], rows) {
				t.Errorf("in %s %s is another one than in %s", zone, name, zones[0])
				first := slices.IndexFunc(rows, func(row string) bool { return !slices.Contains(got[name], row) })
				t.Logf("the first row of %d that is not among the %d: %q", len(rows), len(got[name]), rows[max(first, 0)])
			}
		}
	}
}
