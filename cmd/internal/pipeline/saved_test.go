package pipeline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract/landing"
	"github.com/nightaudit/nightaudit/reports/labels"
)

// desk is a small shop and the person who fills in its workbooks, in place.
type desk struct{ *hamlet }

// startDesk serves a shop of which the orders B01, B02, … have one line whose
// total is not price times quantity.
func startDesk(t *testing.T, wrong int) *desk {
	t.Helper()
	h := startHamlet(t)
	only(h.cfg, "soms")
	h.cfg.Report.Language = labels.English
	for i := range wrong {
		o := paidOrder(fmt.Sprintf("B%02d", i+1), "2026-04-09 10:00:00", "2026-04-09 11:00:00", "delivered", "10.00")
		o.Items[0].UnitPrice = "9.50"
		h.soms.Put(o)
	}
	return &desk{h}
}

// night is a run a day later, which has to leave a workbook and to end with exit
// code 0, or with 3 where something that was written could not be taken.
func (d *desk) night(o pipeline.Options) *pipeline.Result {
	d.t.Helper()
	d.now = d.now.Add(24 * time.Hour)
	return d.run(o)
}

func (d *desk) run(o pipeline.Options) *pipeline.Result {
	d.t.Helper()
	o.Now, o.Version, o.By = d.clock, "test", "operator"
	result, err := pipeline.Run(d.t.Context(), d.cfg, o)
	if err != nil {
		d.t.Fatal(err)
	}
	code := exit.Done
	if slices.ContainsFunc(result.Entries, func(b pipeline.TakenBook) bool { return len(b.Refused) > 0 }) {
		code = exit.Partial
	}
	if result.ExitCode != code || (result.Workbook == "") != o.NoReport {
		d.t.Fatalf("the run ends with %d and leaves %q: %v", result.ExitCode, result.Workbook, result.Notices)
	}
	return result
}

// save fills in a workbook and saves it where it lies.
func (d *desk) save(book, who string, rows map[string]entries) {
	d.t.Helper()
	data, err := os.ReadFile(fillIn(d.t, book, who, rows))
	if err == nil {
		err = os.WriteFile(book, data, 0o640)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// breaks is what the published database says of the orders B01, B02 and so on.
func (d *desk) breaks() []string {
	d.t.Helper()
	db := open(d.t, filepath.Join(d.cfg.Publish.Dir, "nightaudit.duckdb"))
	defer shut(d.t, db)
	return lines(d.t, db, "SELECT order_id, status, owner, comment FROM recon.breaks WHERE rule = 'item_total' AND order_id LIKE 'B%' ORDER BY 1")
}

// shown is what a workbook says of them.
func (d *desk) shown(book string) []string {
	d.t.Helper()
	f, err := excelize.OpenFile(book)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	grid, err := f.GetRows("Breaks")
	if err != nil {
		d.t.Fatal(err)
	}
	at := func(row []string, heading string) string {
		if i := slices.Index(grid[2], heading); i < len(row) && row[i] != "" {
			return row[i]
		}
		return "–"
	}
	var said []string
	for _, row := range grid[3:] {
		if at(row, "Rule") == "item_total" && strings.HasPrefix(at(row, "Order"), "B") {
			said = append(said, strings.Join([]string{at(row, "Order"), strings.ToLower(at(row, "Status")), at(row, "Owner"), at(row, "Comment")}, " | "))
		}
	}
	slices.Sort(said)
	return said
}

// files are the names in the folder of reports, those of folders inside too.
func (d *desk) files() []string {
	d.t.Helper()
	var names []string
	err := filepath.WalkDir(d.cfg.Report.Dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			name, _ := filepath.Rel(d.cfg.Report.Dir, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	// Each page lies beside its workbook, and is not told apart.
	return slices.DeleteFunc(names, func(name string) bool {
		book, is := strings.CutSuffix(name, ".html")
		return is && slices.Contains(names, book+".xlsx")
	})
}

func said(r *pipeline.Result) []string {
	var list []string
	for _, b := range r.Entries {
		list = append(list, fmt.Sprintf("%s: %d by %s; %s", filepath.Base(b.Workbook), b.Taken, b.Author, strings.Join(b.Refused, "; ")))
	}
	return list
}

// What finance saved in place is taken by the next run: it stands in the
// database and in the run's own workbook, the file that was filled in is kept,
// and a replay gives all of it back. The workbook of the run before is replaced
// by a run of the same day; who saved nothing is not bothered.
func TestRunTakesWhatWasSavedInPlace(t *testing.T) {
	slowTest(t)
	d := startDesk(t, 3)
	first := d.run(pipeline.Options{})
	d.save(first.Workbook, "Chen Jing", map[string]entries{"B01": {"Accepted", "Li Wei", "=1+1"}, "B02": {"", "", "weighed"}})

	d.now = d.now.Add(time.Hour)
	second := d.run(pipeline.Options{})
	if second.Workbook != first.Workbook {
		t.Fatalf("the second run of the day leaves %s", second.Workbook)
	}
	equal(t, "said", said(second), []string{"reconciliation_2026-04-09.xlsx: 2 by Chen Jing; "})
	want := []string{"B01 | accepted | Li Wei | =1+1", "B02 | open | – | weighed", "B03 | open | – | –"}
	equal(t, "breaks", d.breaks(), want)
	equal(t, "shown", d.shown(second.Workbook), want)
	equal(t, "files", d.files(), []string{"reconciliation_2026-04-09.xlsx", "taken/reconciliation_2026-04-09.20260410T040000.xlsx"})

	// Nobody wrote anything: nothing is taken, nothing is kept.
	d.now = d.now.Add(time.Hour)
	third := d.run(pipeline.Options{})
	if len(third.Entries)+len(third.Notices) > 0 {
		t.Errorf("nobody saved anything, and the run says %v %v", third.Entries, third.Notices)
	}
	equal(t, "files", d.files(), []string{"reconciliation_2026-04-09.xlsx", "taken/reconciliation_2026-04-09.20260410T040000.xlsx"})

	db := open(t, third.Database)
	equal(t, "the workbook", lines(t, db, "SELECT workbook, author, taken_by, in_place, breaks, refused, taken_at < (SELECT max(started_at) FROM audit.runs WHERE started_at < '2026-04-09T20:30:00Z') FROM recon.workbooks"),
		[]string{"reconciliation_2026-04-09.xlsx | Chen Jing | operator | true | 2 | – | true"})
	shut(t, db)
	d.wantReplayed(1)

	aside := filepath.Join(d.cfg.Report.Dir, "taken", "reconciliation_2026-04-09.20260410T040000.xlsx")
	setBack(t, aside, read(t, aside)+"\n")
	wantVerified(t, d.cfg, landing.Altered)
}

// A workbook of an earlier date stays as finance saved it, is read once, and
// what it says does not come back when it is saved again: the newer entry of
// somebody else stays.
func TestRunReadsEarlierWorkbooksOnce(t *testing.T) {
	slowTest(t)
	d := startDesk(t, 3)
	d.soms.Put(paidOrder("C01", "2026-04-10 10:00:00", "2026-04-10 10:00:00", "delivered", "10.00"))
	old := d.run(pipeline.Options{}).Workbook
	if err := os.Rename(old, filepath.Join(d.cfg.Report.Dir, "reconciliation_2026-04-01_2026-04-30.xlsx")); err != nil {
		t.Fatal(err)
	}
	old = filepath.Join(d.cfg.Report.Dir, "reconciliation_2026-04-01_2026-04-30.xlsx")
	d.save(old, "Chen", map[string]entries{"B01": {"Explained", "", ""}})
	newest := d.night(pipeline.Options{}).Workbook
	equal(t, "breaks", d.breaks(), []string{"B01 | explained | – | –", "B02 | open | – | –", "B03 | open | – | –"})

	d.save(newest, "Zhao", map[string]entries{"B01": {"Accepted", "", ""}})
	r := d.night(pipeline.Options{})
	equal(t, "said", said(r), []string{filepath.Base(newest) + ": 1 by Zhao; "})
	d.save(old, "Chen", map[string]entries{"B01": {"Explained", "", ""}, "B02": {"", "Li", ""}})
	r = d.night(pipeline.Options{})
	equal(t, "said", said(r), []string{filepath.Base(old) + ": 1 by Chen; "})
	equal(t, "breaks", d.breaks(), []string{"B01 | accepted | – | –", "B02 | open | Li | –", "B03 | open | – | –"})
	d.wantReplayed(3)
}

// What cannot be taken keeps the file aside, under a name that says so: an
// entry that is none, a damaged file, a workbook of another database. What can
// be taken of it is.
func TestRunKeepsAsideWhatItCannotTake(t *testing.T) {
	slowTest(t)
	d := startDesk(t, 3)
	book := d.run(pipeline.Options{}).Workbook
	name := filepath.Base(book)
	d.save(book, "Chen", map[string]entries{"B01": {"done", "Li Wei", ""}, "B02": {"resolved", "", ""}})
	d.now = d.now.Add(time.Hour)
	r := d.run(pipeline.Options{})
	if len(r.Entries) != 1 || r.Entries[0].Taken != 1 || len(r.Entries[0].Refused) != 2 ||
		!strings.Contains(strings.Join(r.Entries[0].Refused, "\n"), `status not taken: "done" is none`) || !strings.HasPrefix(r.Entries[0].Refused[0], "Breaks row ") {
		t.Errorf("the run says %+v", r.Entries)
	}
	aside := filepath.Join(d.cfg.Report.Dir, "reconciliation_2026-04-09.not-taken-20260410T040000.xlsx")
	if !slices.ContainsFunc(r.Notices, func(n string) bool { return strings.Contains(n, aside) }) {
		t.Errorf("the run does not say where the file is: %v", r.Notices)
	}
	equal(t, "files", d.files(), []string{name, filepath.Base(aside)})
	equal(t, "what was kept", d.shown(aside), []string{"B01 | done | Li Wei | –", "B02 | resolved | – | –", "B03 | open | – | –"})
	want := []string{"B01 | open | Li Wei | –", "B02 | open | – | –", "B03 | open | – | –"}
	equal(t, "breaks", d.breaks(), want)
	equal(t, "shown", d.shown(book), want)

	// A file that is half there: kept, and the new workbook is in its place.
	data, err := os.ReadFile(book)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(book, data[:len(data)/2], 0o640); err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(time.Hour)
	r = d.run(pipeline.Options{})
	if len(r.Entries) != 1 || len(r.Entries[0].Refused) != 1 || !strings.Contains(r.Entries[0].Refused[0], "it is damaged, and nothing is taken from it") {
		t.Errorf("the run says %+v", r.Entries)
	}
	half, err := os.ReadFile(filepath.Join(d.cfg.Report.Dir, "reconciliation_2026-04-09.not-taken-20260410T050000.xlsx"))
	if err != nil || len(half) != len(data)/2 {
		t.Errorf("the damaged file is not kept: %d bytes, %v", len(half), err)
	}
	equal(t, "shown", d.shown(book), want)
	d.wantReplayed(1)
}

// A workbook that somebody has open is read, and the new one stands beside it;
// the next run takes from both, and goes back to the plain name.
func TestRunBesideAnOpenWorkbook(t *testing.T) {
	slowTest(t)
	for _, lock := range []string{".~lock.reconciliation_2026-04-09.xlsx#", "~$reconciliation_2026-04-09.xlsx"} {
		d := startDesk(t, 3)
		book := d.run(pipeline.Options{}).Workbook
		lock := filepath.Join(d.cfg.Report.Dir, lock)
		if err := os.WriteFile(lock, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		d.save(book, "Chen", map[string]entries{"B01": {"Accepted", "", ""}})
		d.now = d.now.Add(time.Hour)
		r := d.run(pipeline.Options{})
		beside := filepath.Join(d.cfg.Report.Dir, "reconciliation_2026-04-09.20260410T040000.xlsx")
		if r.Workbook != beside || !slices.ContainsFunc(r.Notices, func(n string) bool { return strings.Contains(n, lock) }) {
			t.Errorf("the new workbook is %s: %v", r.Workbook, r.Notices)
		}
		equal(t, "breaks", d.breaks(), []string{"B01 | accepted | – | –", "B02 | open | – | –", "B03 | open | – | –"})
		equal(t, "beside", d.shown(beside), d.breaks())

		// Both are written into before the next run.
		d.save(book, "Chen", map[string]entries{"B01": {"Accepted", "", ""}, "B02": {"", "Chen", ""}})
		d.save(beside, "Zhao", map[string]entries{"B01": {"Explained", "", ""}, "B03": {"", "Zhao", ""}})
		if err := os.Remove(lock); err != nil {
			t.Fatal(err)
		}
		d.now = d.now.Add(time.Hour)
		r = d.run(pipeline.Options{})
		want := []string{"B01 | explained | – | –", "B02 | open | Chen | –", "B03 | open | Zhao | –"}
		equal(t, "breaks", d.breaks(), want)
		equal(t, "shown", d.shown(book), want)
		equal(t, "files", d.files(), []string{
			"reconciliation_2026-04-09.xlsx",
			"taken/reconciliation_2026-04-09.20260410T050000.xlsx", "taken/reconciliation_2026-04-09.20260410T050000-2.xlsx",
		})
		if r.Workbook != book {
			t.Errorf("the run does not go back to the plain name: %s", r.Workbook)
		}
		d.wantReplayed(3)
	}
}

// Somebody saves while the run is at work: their file is kept beside, and the
// next run takes from it.
func TestSavedWhileTheRunIsAtWork(t *testing.T) {
	slowTest(t)
	d := startDesk(t, 2)
	book := d.run(pipeline.Options{}).Workbook
	d.now = d.now.Add(time.Hour)
	r := d.run(pipeline.Options{Observer: &stages{told: func(name string) {
		if name == "checks" {
			d.save(book, "Chen", map[string]entries{"B01": {"Accepted", "", ""}})
		}
	}}})
	kept := "reconciliation_2026-04-09.20260410T040000.xlsx"
	if r.Workbook != book || len(r.Notices) != 1 || !strings.Contains(r.Notices[0], kept) {
		t.Errorf("the workbook is %s: %v", r.Workbook, r.Notices)
	}
	equal(t, "breaks", d.breaks(), []string{"B01 | open | – | –", "B02 | open | – | –"})
	d.now = d.now.Add(time.Hour)
	d.run(pipeline.Options{})
	want := []string{"B01 | accepted | – | –", "B02 | open | – | –"}
	equal(t, "breaks", d.breaks(), want)
	equal(t, "shown", d.shown(book), want)
	equal(t, "files", d.files(), []string{"reconciliation_2026-04-09.xlsx", "taken/reconciliation_2026-04-09.20260410T050000.xlsx"})
	d.wantReplayed(1)
}

// stages is an observer that is told the run's stages alone.
type stages struct {
	pipeline.Unheard
	told func(name string)
}

func (s *stages) Stage(name string) { s.told(name) }
