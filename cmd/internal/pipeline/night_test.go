package pipeline_test

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/cmd/internal/demo"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract/simulate"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// The first night over the demo's group gives the counts and sums that the
// group itself, apart from the pipeline, says it must, and exactly the
// mismatches that were planted in it.
func TestFirstNight(t *testing.T) {
	t.Parallel()
	g := startGroup(t, demo.Options{})
	result := g.run(pipeline.Options{})
	g.wantExit(result, 0)
	expect := g.running.World.Expect()
	db := open(t, result.Database)

	t.Run("orders by source and status", func(t *testing.T) {
		var want []string
		for source, byStatus := range expect.ByStatus {
			for status, n := range byStatus {
				want = append(want, fmt.Sprintf("%s | %s | %d", source, status, n))
			}
		}
		equal(t, "orders", lines(t, db, "SELECT source, status, count(*) FROM orders GROUP BY ALL"), want)
	})
	t.Run("rows and sums of every table", func(t *testing.T) {
		for table, bySource := range expect.Tables {
			var want []string
			for source, f := range bySource {
				want = append(want, fmt.Sprintf("%s | %d", source, f.Rows))
			}
			equal(t, table, lines(t, db, "SELECT source, count(*) FROM "+table+" GROUP BY ALL"), want)
			for source, f := range bySource {
				for column, sum := range f.Sums {
					got := lines(t, db, "SELECT sum("+column+") FROM "+table+" WHERE source = ?", source)
					equal(t, table+"."+column+" of "+source, got, []string{sum.Money()})
				}
			}
		}
	})
	t.Run("business dates", func(t *testing.T) {
		var want []string
		for source, days := range expect.Days {
			for day, f := range days {
				net := "–"
				if sum, ok := f.Sums["net_amount"]; ok {
					net = sum.Money()
				}
				want = append(want, fmt.Sprintf("%s | %s | %d | %s", source, day, f.Rows, net))
			}
		}
		equal(t, "days", lines(t, db, "SELECT source, business_date, count(*), sum(net_amount) FROM orders GROUP BY ALL"), want)
	})
	t.Run("breaks", func(t *testing.T) {
		var want []string
		for _, p := range expect.Breaks {
			want = append(want, breakLine(g.running.World, p))
		}
		got := lines(t, db, `SELECT rule, source, account, order_id, line_no, nullif(concat_ws(' ', right_source, right_order_id), ''),
			expected, actual, reason, explanation_en, explanation_zh FROM recon.breaks WHERE status = 'open'`)
		equal(t, "breaks", got, want)
	})
	t.Run("nothing refused or doubted", func(t *testing.T) {
		equal(t, "rejects", lines(t, db, "SELECT source, field, reason, raw FROM audit.rejects"), nil)
		// The planted shop orders that the courier never took are the only doubt.
		var want []string
		for _, p := range g.running.World.Planted {
			if p.Rule == "courier_missing" && p.Source == "soms" {
				want = append(want, "guoxiaodi | the courier does not know this number | "+p.OrderID)
			}
		}
		equal(t, "findings", lines(t, db, "SELECT source, reason, raw FROM audit.findings"), want)
	})
	t.Run("control totals", func(t *testing.T) {
		equal(t, "sums in and loaded", lines(t, db, "SELECT * FROM audit.extract_totals WHERE amount_in <> amount_loaded"), nil)
		if n := lines(t, db, "SELECT count(*) > 20 FROM audit.extract_totals")[0]; n != "true" {
			t.Error("hardly any control totals were taken")
		}
	})
	if err := db.Close(); err != nil { // it is opened in another way, and then replaced
		t.Fatal(err)
	}
	t.Run("sums from text to cell", func(t *testing.T) {
		slowAlone(t) // TestTextToParquetAndBack and TestTextToDuckDBAndBack say it of 100,000 values
		checkSumsFromTextToCell(t, g, result.Database)
	})
	t.Run("second night over unchanged vendors", func(t *testing.T) {
		slowAlone(t) // TestSecondNightOverUnchangedVendors says it of a smaller world
		checkSecondNight(t, g, result)
	})
}

func breakLine(w *demo.World, p demo.Planted) string {
	line := "–"
	if p.Line != 0 {
		line = fmt.Sprint(p.Line)
	}
	figure := func(yuan string) string {
		if yuan == "" {
			return "–"
		}
		return yuan + "00" // the list has two decimals, the database four
	}
	en, zh := w.Explanations(p)
	return strings.Join([]string{
		p.Rule, p.Source, p.Account, p.OrderID, line, cmp.Or(p.Right, "–"), figure(p.Expected), figure(p.Actual), p.Reason, en, zh,
	}, " | ")
}

// A group without planted mismatches has no breaks at all. (TestFirstNight says
// the same of the orders beside those that were planted.)
func TestCleanGroupHasNoBreaks(t *testing.T) {
	slowTest(t)
	g := startGroup(t, demo.Options{Clean: true})
	result := g.run(pipeline.Options{NoReport: true})
	g.wantExit(result, 0)
	equal(t, "breaks", lines(t, open(t, result.Database), "SELECT rule, order_id, explanation_en FROM recon.breaks"), nil)
}

// dump is every table but the ledger of runs, ordered; of the breaks all but
// last_seen.
func dump(t *testing.T, path string) map[string][]string {
	t.Helper()
	db := open(t, path)
	tables := map[string][]string{}
	for _, def := range transform.Facts {
		tables[def.Name] = lines(t, db, "SELECT * FROM main."+def.Name+" ORDER BY ALL")
	}
	tables["order_versions"] = lines(t, db, "SELECT * FROM audit.order_versions ORDER BY ALL")
	tables["breaks"] = lines(t, db, "SELECT * EXCLUDE (last_seen) FROM recon.breaks ORDER BY ALL")
	tables["rules"] = lines(t, db, "SELECT * FROM recon.rules ORDER BY ALL")
	tables["links"] = lines(t, db, "SELECT * FROM recon.links ORDER BY ALL")
	tables["exceptions"] = lines(t, db, "SELECT * FROM audit.exceptions ORDER BY ALL")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return tables
}

// The same night twice is the same night: checkSecondNight, in the smallest
// world that has all five vendors.
func TestSecondNightOverUnchangedVendors(t *testing.T) {
	t.Parallel()
	h := startHamlet(t)
	first := h.run()
	wantStates(t, first, nil)
	before := dump(t, first.Database)
	h.now = h.now.AddDate(0, 0, 1)
	second := h.run()
	wantStates(t, second, nil)
	after := dump(t, second.Database)
	for table, rows := range before {
		equal(t, table, after[table], rows)
	}
	if len(before["orders"]) != 5*4*perDay {
		t.Errorf("%d orders: the comparison says little", len(before["orders"]))
	}
}

// checkSecondNight lets a day pass over vendors that do not change, once their
// first night is done.
func checkSecondNight(t *testing.T, g *group, first *pipeline.Result) {
	before := dump(t, first.Database)
	calls := g.running.Vendors.Requests()

	g.now = g.now.Add(24 * time.Hour)
	second := g.run(pipeline.Options{NoReport: true})
	g.wantExit(second, 0)
	after := dump(t, second.Database)
	for table, rows := range before {
		if len(rows) == 0 && !slices.Contains([]string{"links"}, table) {
			t.Errorf("table %s is empty: the comparison says nothing", table)
		}
		equal(t, table, after[table], rows)
	}
	// What is final and old is not asked for again. The door locks have no
	// filter, and the PMS's trailing window is longer than the demo's history.
	// The shop is asked for totals too, as often in any night.
	for _, source := range []string{"tuya", "soms", "guoxiaodi"} {
		if again := g.running.Vendors.Requests()[source] - calls[source]; again >= calls[source]*4/5 {
			t.Errorf("%s was called %d times on the second night, %d on the first", source, again, calls[source])
		}
	}
}

// A vendor that is down costs its own account, not the night.
func TestVendorDown(t *testing.T) {
	t.Parallel()
	h := startHamlet(t)
	h.starhotel.Fault(func(*http.Request) *simulate.Fault { return &simulate.Fault{Status: http.StatusServiceUnavailable} })
	result, err := pipeline.Run(t.Context(), h.cfg, pipeline.Options{Now: h.clock, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	wantStates(t, result, map[string]ledger.WindowState{"starhotel": ledger.Failed})
	db := open(t, result.Database)
	equal(t, "sources loaded", lines(t, db, "SELECT DISTINCT source FROM orders"), []string{"tuya", "akubela", "soms", "guoxiaodi"})
	state := lines(t, db, "SELECT state, message FROM audit.extracts WHERE source = 'starhotel'")
	if len(state) != 1 || !strings.HasPrefix(state[0], "failed | ") || !strings.Contains(state[0], "503") {
		t.Errorf("the ledger says of starhotel: %v", state)
	}
	if _, err := os.Stat(result.Workbook); err != nil {
		t.Errorf("no workbook: %v", err)
	}
	book, err := excelize.OpenFile(result.Workbook)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	named := false
	rows, err := book.GetRows(book.GetSheetName(0))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		text := strings.Join(row, " | ")
		named = named || strings.Contains(text, "starhotel") && strings.Contains(text, "503")
	}
	if !named {
		t.Errorf("the Summary does not say that starhotel failed with 503: %q", rows)
	}
}

// A vendor that states more than it gives leaves its account unreconciled,
// loaded, and with a break of the rule completeness.
func TestStatedTotalOff(t *testing.T) {
	slowTest(t)
	g := startGroup(t, demo.Options{Clean: true, StatedTotalOff: true})
	only(g.cfg, "tuya") // the others would only take their time
	result := g.run(pipeline.Options{NoReport: true})
	g.wantExit(result, 3)
	db := open(t, result.Database)
	equal(t, "breaks", lines(t, db, "SELECT rule, source, difference FROM recon.breaks"), []string{
		"completeness | tuya | -1.0000", "completeness | tuya | -1.0000", // one for each of the two scans
	})
	equal(t, "states", lines(t, db, "SELECT DISTINCT state FROM audit.extracts WHERE source = 'tuya' AND stream = 'orders'"), []string{"unreconciled"})
}

func TestOneRunAtATime(t *testing.T) {
	t.Parallel()
	h := startHamlet(t)
	held := make(chan struct{})
	release := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		_, err := pipeline.Run(t.Context(), h.cfg, pipeline.Options{Now: h.clock, NoReport: true, Observer: &holding{held: held, release: release}})
		done <- err
	}()
	<-held
	if _, err := pipeline.Run(t.Context(), h.cfg, pipeline.Options{Now: h.clock}); err == nil || !strings.Contains(err.Error(), pipeline.ErrLocked.Error()) {
		t.Errorf("a second run beside the first: %v, want it refused", err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Errorf("the first run: %v", err)
	}
}

// holding stops a run at its checks until it is released.
type holding struct {
	pipeline.Unheard
	held, release chan struct{}
}

func (h *holding) Stage(name string) {
	if name == "checks" {
		close(h.held)
		<-h.release
	}
}
