package pipeline_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
)

var april = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)

func (d *desk) closing(o pipeline.CloseOptions) (*pipeline.CloseResult, error) {
	d.now = d.now.Add(time.Minute)
	o.Now, o.Version, o.By = d.clock, "test", "chen.jing"
	return pipeline.Close(d.t.Context(), d.cfg, o)
}

func (d *desk) reopen(o pipeline.CloseOptions) (*pipeline.ReopenResult, error) {
	d.now = d.now.Add(time.Minute)
	o.Now, o.Version, o.By = d.clock, "test", "li.wei"
	return pipeline.Reopen(d.t.Context(), d.cfg, o)
}

func (d *desk) query(statement string) []string {
	d.t.Helper()
	db := open(d.t, filepath.Join(d.cfg.Publish.Dir, "nightaudit.duckdb"))
	defer shut(d.t, db)
	return lines(d.t, db, statement)
}

// What is not closed by mistake: a month that has not ended or of which nothing
// is known, and one beside which an order has no business date. A trial shows
// what would be frozen and changes nothing; forced, with a reason, it is closed
// and keeps what was missing and why.
func TestCloseRefusesWhatIsNotWhole(t *testing.T) {
	slowTest(t)
	d := startDesk(t, 0)
	d.soms.Put(paidOrder("A1", "2026-04-09 10:00:00", "2026-04-09 11:00:00", "delivered", "20.00"))
	undated := paidOrder("U1", "", "2026-04-09 11:00:00", "delivered", "7000.00")
	d.soms.Put(undated)
	d.run(pipeline.Options{NoReport: true})

	const noDate = "soms/a revenue: 1 order without a business date, 7,000.00 CNY: in the figures of no month"
	for _, c := range []struct {
		name     string
		month    time.Time
		notEnded bool
		want     []string // what is said to be missing, each in part
	}{
		{"nothing in it", march, false, []string{"no order has a business date in it", noDate}},
		{"it has not ended", april, true, []string{"2026-04 ends on 2026-05-01 00:00 CST: the month has not ended", "soms/a: no night after 2026-05-01 00:00 CST has read it", noDate}},
	} {
		trial, err := d.closing(pipeline.CloseOptions{Month: c.month, DryRun: true})
		if err != nil || !slices.Equal(trial.Missing, c.want) || trial.Database != "" {
			t.Errorf("%s: the trial says %+v, %v; want %q", c.name, trial, err, c.want)
		}
		var incomplete *pipeline.Incomplete
		if _, err := d.closing(pipeline.CloseOptions{Month: c.month}); !errors.As(err, &incomplete) || !slices.Equal(incomplete.Missing, c.want) || errors.Is(err, pipeline.ErrNotEnded) != c.notEnded {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if _, err := d.closing(pipeline.CloseOptions{Month: c.month, Force: true}); !errors.Is(err, pipeline.ErrNoReason) {
			t.Errorf("%s, forced without a reason: %v", c.name, err)
		}
	}
	if _, err := d.closing(pipeline.CloseOptions{Month: april.AddDate(1, 0, 0), Force: true, Reason: "by mistake"}); !errors.Is(err, pipeline.ErrNotEnded) {
		t.Errorf("a month that has not begun: %v", err)
	}
	equal(t, "closes", d.query("FROM audit.closes"), nil)

	forced, err := d.closing(pipeline.CloseOptions{Month: april, Force: true, Reason: "the shop was sold on the 9th"})
	if err != nil || len(forced.Undated) != 1 {
		t.Fatalf("%+v, %v", forced, err)
	}
	equal(t, "closes", d.query("SELECT period, reason, missing FROM audit.closes"), []string{
		"2026-04 | the shop was sold on the 9th | 2026-04 ends on 2026-05-01 00:00 CST: the month has not ended; soms/a: no night after 2026-05-01 00:00 CST has read it; " + noDate,
	})
	d.wantReplayed(1)
}

// A month that was closed by mistake is opened again: an entry of its own. It
// is no closed one then, what moves in it is no restatement, and the workbook
// says who opened it, when and why. Closed once more, it is measured by its new
// figures. By hand: March has 20.00 at the first close, 20.00 + 30.00 at the
// second, and 55.00 after K2 went to 35.00: an effect of 5.00. Each command comes
// a minute after the one before, and the first close is the third.
func TestReopen(t *testing.T) {
	slowTest(t)
	d := startDesk(t, 0)
	for _, month := range []time.Time{march, april} {
		if _, err := d.reopen(pipeline.CloseOptions{Month: month, Reason: "why"}); err == nil {
			t.Error("a month was reopened before the first run")
		}
	}
	d.soms.Put(paidOrder("K1", "2026-03-09 10:00:00", "2026-04-09 11:00:00", "delivered", "20.00"))
	d.run(pipeline.Options{})
	if _, err := d.closing(pipeline.CloseOptions{Month: march}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.reopen(pipeline.CloseOptions{Month: march}); !errors.Is(err, pipeline.ErrNoReason) {
		t.Errorf("reopened without a reason: %v", err)
	}
	if _, err := d.reopen(pipeline.CloseOptions{Month: april, Reason: "why"}); !errors.Is(err, pipeline.ErrNotClosed) {
		t.Errorf("reopened a month that is open: %v", err)
	}
	if trial, err := d.reopen(pipeline.CloseOptions{Month: march, Reason: "K2 is missing", DryRun: true}); err != nil || trial.Database != "" {
		t.Errorf("a trial: %+v, %v", trial, err)
	}
	equal(t, "closed", d.query("SELECT period FROM audit.closed_periods"), []string{"2026-03"})
	if _, err := d.reopen(pipeline.CloseOptions{Month: march, Reason: "K2 is missing"}); err != nil {
		t.Fatal(err)
	}
	equal(t, "closed", d.query("SELECT period FROM audit.closed_periods"), nil)
	equal(t, "reopened", d.query("SELECT r.period, reopened_by, r.reason, c.closed_by FROM audit.reopens r JOIN audit.closes c ON c.entry_id = r.close_entry_id"),
		[]string{"2026-03 | li.wei | K2 is missing | chen.jing"})
	if _, err := d.reopen(pipeline.CloseOptions{Month: march, Reason: "again"}); !errors.Is(err, pipeline.ErrNotClosed) {
		t.Errorf("reopened twice: %v", err)
	}

	d.soms.Put(paidOrder("K2", "2026-03-10 10:00:00", "2026-04-10 11:00:00", "delivered", "30.00"))
	next := d.night(pipeline.Options{})
	equal(t, "restatements of an open month", d.query("SELECT order_id FROM restatements"), nil)
	equal(t, "its totals", d.query("FROM restatement_totals"), nil)
	d.wantSummary(next.Workbook, "2026-03 was closed on 2026-04-10 03:03 by chen.jing and opened again on 2026-04-10 03:07 by li.wei, because: K2 is missing", "No month is closed.")

	if _, err := d.closing(pipeline.CloseOptions{Month: march}); err != nil {
		t.Fatal(err)
	}
	d.soms.Put(paidOrder("K2", "2026-03-10 10:00:00", "2026-04-11 11:00:00", "delivered", "35.00"))
	last := d.night(pipeline.Options{})
	equal(t, "restatements", d.query("SELECT period, order_id, net_amount_before, net_amount_after FROM restatements"), []string{"2026-03 | K2 | 30.0000 | 35.0000"})
	equal(t, "its totals", d.query("SELECT period, orders_closed, net_amount_closed, net_amount_effect, net_amount_now FROM restatement_totals"),
		[]string{"2026-03 | 2 | 50.0000 | 5.0000 | 55.0000"})
	d.wantSummary(last.Workbook, "because: K2 is missing", "Closed: 2026-03. Every change since is a restatement.")
	d.wantReplayed(3)
}

// wantSummary wants cells of the Summary that hold these texts.
func (d *desk) wantSummary(book string, texts ...string) {
	d.t.Helper()
	f, err := excelize.OpenFile(book)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Summary")
	if err != nil {
		d.t.Fatal(err)
	}
	for _, text := range texts {
		if !slices.ContainsFunc(rows, func(row []string) bool { return strings.Contains(strings.Join(row, "\n"), text) }) {
			d.t.Errorf("the Summary does not say %q", text)
		}
	}
}
