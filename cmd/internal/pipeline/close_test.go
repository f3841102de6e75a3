package pipeline_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/demo"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	"github.com/nightaudit/nightaudit/extract/simulate"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	"github.com/nightaudit/nightaudit/extract/wal"
)

// The months before those in which the demo group's clocks stand.
var (
	march   = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	october = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
)

func (g *group) close(o pipeline.CloseOptions) (*pipeline.CloseResult, error) {
	o.Now, o.Version, o.By = g.clock, "test", "chen.jing"
	return pipeline.Close(g.t.Context(), g.cfg, o)
}

func (g *group) mustClose(o pipeline.CloseOptions) *pipeline.CloseResult {
	g.t.Helper()
	result, err := g.close(o)
	if err != nil {
		g.t.Fatal(err)
	}
	return result
}

// wantReplayed replays, and wants the ordered dump to be what it was, and the
// landing and what is published to be as they were sealed.
func (g *group) wantReplayed(added int) {
	g.t.Helper()
	wantReplayed(g.t, g.cfg, g.clock, added)
}

func (h *hamlet) wantReplayed(added int) {
	h.t.Helper()
	wantReplayed(h.t, h.cfg, h.clock, added)
}

func wantReplayed(t *testing.T, cfg *config.Config, now func() time.Time, added int) {
	t.Helper()
	path := filepath.Join(cfg.Publish.Dir, "nightaudit.duckdb")
	wantVerified(t, cfg)
	defer wantVerified(t, cfg)
	before := wholeDump(t, path)
	result, err := pipeline.Replay(t.Context(), cfg, pipeline.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	if result.Added != added || len(result.Notices) > 0 {
		t.Errorf("the replay entered %d closes and annotations, want %d, and says %v", result.Added, added, result.Notices)
	}
	after := wholeDump(t, path)
	for table, rows := range before {
		if got, want := strings.Join(after[table], "\n"), strings.Join(rows, "\n"); got != want {
			equal(t, "replayed "+table, after[table], rows)
			t.Errorf("the ordered dump of %s differs after the replay", table)
		}
	}
}

// paidOrder is a paid order of one line, of a shop that delivers.
func paidOrder(id, created, modified, state, amount string) soms.Order {
	return soms.Order{
		ID: id, Created: created, Modified: modified, State: state,
		Front:     &soms.Front{OrderID: "F" + id, Created: created, Platform: &soms.IDName{ID: "meituan"}},
		Payment:   &soms.Payment{State: "paid", Amount: json.Number(amount), Details: []soms.PaymentDetail{{Code: "wx", Amount: json.Number(amount)}}},
		Items:     []soms.Item{{ItemID: "1", SKUID: "A", ItemTitle: "tea", Quantity: "1", UnitPrice: json.Number(amount), Total: json.Number(amount), PayAmount: json.Number(amount)}},
		RealTotal: json.Number(amount), OrigTotal: json.Number(amount), SKUQuantity: "1",
	}
}

// A month is closed, and then three of its orders change at the source: one
// amount, one status, and one order that nobody had heard of. Exactly these
// three are restatements, with their effect on the month; what was known at
// the close still gives the closed figures; and a replay gives all of it back.
func TestCloseAndRestatements(t *testing.T) {
	slowTest(t)
	g := startGroupOn(t, demo.Options{Small: true}, 2026, time.November, 21)
	shop := g.running.Vendors.Soms
	shop.Put(
		paidOrder("K1", "2026-10-15 10:00:00", "2026-10-15 11:00:00", "delivered", "10.00"),
		paidOrder("K2", "2026-10-31 23:59:59", "2026-11-01 00:10:00", "confirmed", "20.00"),
		paidOrder("K3", "2026-10-16 10:00:00", "2026-10-16 11:00:00", "delivered", "30.00"),
		paidOrder("K5", "2026-11-01 00:00:00", "2026-11-01 00:10:00", "delivered", "50.00"), // of November
	)
	g.wantExit(g.run(pipeline.Options{NoReport: true}), 0)
	closed := g.mustClose(pipeline.CloseOptions{Month: october, Comment: "October, signed"})

	t.Run("the closed figures are the group's own", func(t *testing.T) {
		// What the group itself says of October, and the three orders above.
		want := map[string]struct {
			orders int
			net    *big.Rat
		}{}
		for source, days := range g.running.World.Expect().Days {
			w := want[source]
			w.net = new(big.Rat)
			for day, f := range days {
				if strings.HasPrefix(day, "2026-10-") {
					w.orders += f.Rows
					sum, _ := new(big.Rat).SetString(f.Sums["net_amount"].Money())
					w.net.Add(w.net, sum)
				}
			}
			if source == "soms" {
				w.orders += 3
				w.net.Add(w.net, big.NewRat(60, 1))
			}
			want[source] = w
		}
		got := map[string]int{}
		sums := map[string]*big.Rat{}
		for _, f := range closed.Figures {
			got[f.Source] += int(f.Orders)
			if sums[f.Source] == nil {
				sums[f.Source] = new(big.Rat)
			}
			if f.Amounts["net_amount"] != nil {
				sum, _ := new(big.Rat).SetString(*f.Amounts["net_amount"])
				sums[f.Source].Add(sums[f.Source], sum)
			}
		}
		for source, w := range want {
			if got[source] != w.orders || sums[source].Cmp(w.net) != 0 {
				t.Errorf("%s closed with %d orders, net %s; want %d, %s", source, got[source], sums[source].FloatString(2), w.orders, w.net.FloatString(2))
			}
		}
	})
	db := open(t, closed.Database)
	t.Run("the close is published", func(t *testing.T) {
		equal(t, "closes", lines(t, db, "SELECT period, date_from, date_to, closed_by, comment, run_id = (SELECT run_id FROM audit.runs), missing FROM audit.closes"),
			[]string{"2026-10 | 2026-10-01 | 2026-10-31 | chen.jing | October, signed | true | –"})
		equal(t, "restatements", lines(t, db, "SELECT order_id FROM restatements"), nil)
	})
	totals := lines(t, db, closedFigures)
	if len(totals) < 5 {
		t.Fatalf("closed figures of %d kinds only: %v", len(totals), totals)
	}
	equal(t, "figures as of the close", lines(t, db, figuresAsOfClose), totals)
	shut(t, db)

	for _, c := range []struct {
		month string
		want  error
	}{{"2026-10", pipeline.ErrAlreadyClosed}, {"2026-11", pipeline.ErrNotEnded}} {
		month, _ := time.Parse("2006-01", c.month)
		if _, err := g.close(pipeline.CloseOptions{Month: month}); !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.month) {
			t.Errorf("closing %s: %v, want %v", c.month, err, c.want)
		}
	}

	g.now = g.now.Add(24 * time.Hour)
	shop.Put(
		paidOrder("K1", "2026-10-15 10:00:00", "2026-11-21 12:00:00", "delivered", "15.00"),
		paidOrder("K2", "2026-10-31 23:59:59", "2026-11-21 12:00:00", "delivered", "20.00"),
		paidOrder("K4", "2026-10-20 10:00:00", "2026-11-21 12:00:00", "delivered", "40.00"),
		paidOrder("K5", "2026-11-01 00:00:00", "2026-11-21 12:00:00", "delivered", "55.00"), // of November: none
	)
	second := g.run(pipeline.Options{})
	g.wantExit(second, 0)
	wantRestated(t, second.Workbook)
	db = open(t, second.Database)
	equal(t, "restatements", lines(t, db, "SELECT period, source, order_id, change, status_before, status_after, net_amount_before, net_amount_after, net_amount_effect FROM restatements"), []string{
		"2026-10 | soms | K1 | changed | completed | completed | 10.0000 | 15.0000 | 5.0000",
		"2026-10 | soms | K2 | changed | confirmed | completed | 20.0000 | 20.0000 | 0.0000",
		"2026-10 | soms | K4 | late | – | completed | – | 40.0000 | 40.0000",
	})
	equal(t, "effect on the month", lines(t, db, "SELECT source, account, flow, currency, orders_effect, net_amount_effect, paid_amount_effect FROM restatement_totals WHERE orders_effect <> 0 OR net_amount_effect <> 0"),
		[]string{"soms | retail | revenue | CNY | 1 | 45.0000 | 45.0000"})
	equal(t, "totals now", lines(t, db, "SELECT source, account, flow, currency, orders_now, net_amount_now FROM restatement_totals"),
		lines(t, db, `SELECT source, account, flow, currency, count(*), sum(net_amount)::DECIMAL(38,4) FROM orders
			WHERE deleted_at IS NULL AND business_date BETWEEN '2026-10-01' AND '2026-10-31' GROUP BY ALL`))
	equal(t, "figures as of the close", lines(t, db, figuresAsOfClose), totals)
	equal(t, "closed figures", lines(t, db, closedFigures), totals)
	shut(t, db)
	g.wantReplayed(1)
}

// wantRestated: the workbook shows the three restatements of October, no
// other, and their effect on the month.
func wantRestated(t *testing.T, path string) {
	t.Helper()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("追溯调整")
	if err != nil {
		t.Fatal(err)
	}
	headings := rows[2]
	var got []string
	for _, row := range rows[3:] {
		if len(row) == 0 || row[0] != "1" { // the number of the month's line, and of the orders behind it
			continue
		}
		var cells []string
		for _, heading := range []string{"月份", "变动", "来源", "订单ID", "订单数影响", "调整前应付金额", "调整后应付金额", "应付金额影响额"} {
			cells = append(cells, row[slices.Index(headings, heading)])
		}
		got = append(got, strings.Join(cells, " | "))
	}
	if len(got) == 0 {
		t.Fatal("the sheet shows nothing")
	}
	// The month's line: what the group sold in October stands in it too, so that
	// only its effect is known here.
	month := strings.Split(got[0], " | ")
	equal(t, "the month's line", []string{month[0], month[2], month[4], month[7]}, []string{"2026-10", "soms", "1", "45.00"})
	equal(t, "orders in the workbook", got[1:], []string{
		"2026-10 | 已变更 | soms | K1 | 0 | 10.00 | 15.00 | 5.00",
		"2026-10 | 已变更 | soms | K2 | 0 | 20.00 | 20.00 | 0.00",
		"2026-10 | 迟到订单 | soms | K4 | 1 |  | 40.00 | 40.00",
	})
}

// shut closes a published database: DuckDB would go on with the same file for
// whoever opens that path next in this process.
func shut(t *testing.T, db *sql.DB) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

const (
	closedFigures    = "SELECT * EXCLUDE (period, entry_id) FROM audit.close_totals"
	figuresAsOfClose = `SELECT source, account, flow, currency, count(*), sum(gross_amount), sum(discount_amount), sum(goods_amount), sum(freight_amount),
			sum(packaging_amount), sum(other_amount), sum(net_amount), sum(paid_amount), sum(settle_amount), sum(commission_amount), sum(tip_amount), sum(deduction_amount)
		FROM orders_as_of((SELECT closed_at FROM audit.closes))
		WHERE deleted_at IS NULL AND business_date BETWEEN (SELECT date_from FROM audit.closes) AND (SELECT date_to FROM audit.closes) GROUP BY ALL`
)

// A month of which an account was not read to its end is not closed, unless
// that is asked for; then what was missing is kept.
func TestCloseIncompleteMonth(t *testing.T) {
	slowTest(t)
	g := startGroup(t, demo.Options{Small: true})
	early := time.Date(2026, 3, 20, 3, 0, 0, 0, g.now.Location())
	g.run(pipeline.Options{NoReport: true, At: early})
	var incomplete *pipeline.Incomplete
	if _, err := g.close(pipeline.CloseOptions{Month: march}); !errors.As(err, &incomplete) || len(incomplete.Missing) != 5 ||
		!strings.Contains(incomplete.Missing[0], "tuya/lakeside: no night after 2026-04-01 06:00 CST has read it") {
		t.Fatalf("closing a month that ended after the last night: %v", err)
	}

	g.running.Vendors.Starhotel.Fault(func(*http.Request) *simulate.Fault { return &simulate.Fault{Status: http.StatusServiceUnavailable} })
	g.wantExit(g.run(pipeline.Options{NoReport: true}), 3)
	g.now = g.now.Add(time.Minute)
	if _, err := g.close(pipeline.CloseOptions{Month: march}); !errors.As(err, &incomplete) || len(incomplete.Missing) != 1 ||
		!strings.HasPrefix(incomplete.Missing[0], "starhotel/") || !strings.Contains(incomplete.Missing[0], "503") {
		t.Fatalf("closing a month without the PMS: %v", err)
	}
	result := g.mustClose(pipeline.CloseOptions{Month: march, Force: true, Reason: "the PMS is down for a week"})
	kept := lines(t, open(t, result.Database), "SELECT missing FROM audit.closes")
	if len(kept) != 1 || kept[0] != incomplete.Missing[0] {
		t.Errorf("kept as missing: %v, want %v", kept, incomplete.Missing)
	}
}

// Time goes forward: a night of a time before a close, or before an earlier
// night, would change what was known then.
func TestNightsKeepTheirOrder(t *testing.T) {
	slowTest(t)
	g := startGroup(t, demo.Options{Small: true})
	g.wantExit(g.run(pipeline.Options{NoReport: true}), 0)
	night := g.now
	g.now = g.now.Add(time.Hour)
	g.mustClose(pipeline.CloseOptions{Month: march})
	closed := g.now
	g.now = g.now.Add(time.Hour)
	for _, c := range []struct {
		name string
		at   time.Time
		ok   bool
	}{
		{"before the night", night.Add(-time.Hour), false},
		{"between night and close", night.Add(time.Minute), false},
		{"at the close", closed, false},
		{"after the close", closed.Add(time.Minute), true},
		{"of the same time as the last night", closed.Add(time.Minute), true},
	} {
		_, err := pipeline.Run(t.Context(), g.cfg, pipeline.Options{Now: g.clock, NoReport: true, At: c.at})
		if c.ok && err != nil || !c.ok && !errors.Is(err, pipeline.ErrEarlier) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A close that was kept when a crash came before the database changed is
// entered by the next run, and only once.
func TestCloseAfterCrash(t *testing.T) {
	slowTest(t)
	g := startGroup(t, demo.Options{Small: true})
	g.wantExit(g.run(pipeline.Options{NoReport: true}), 0)
	g.now = g.now.Add(time.Hour)
	warehouse := filepath.Join(g.cfg.DataDir, "warehouse.duckdb")
	before, err := os.ReadFile(warehouse)
	if err != nil {
		t.Fatal(err)
	}
	g.mustClose(pipeline.CloseOptions{Month: march})
	if err := os.WriteFile(warehouse, before, 0o600); err != nil { // as if it had not come so far
		t.Fatal(err)
	}
	g.now = g.now.Add(time.Hour)
	for range 2 {
		result := g.run(pipeline.Options{NoReport: true})
		g.wantExit(result, 0)
		db := open(t, result.Database)
		equal(t, "closes", lines(t, db, "SELECT period, closed_by FROM audit.closes"), []string{"2026-03 | chen.jing"})
		equal(t, "figures as of the close", lines(t, db, figuresAsOfClose), lines(t, db, closedFigures))
		shut(t, db)
		g.now = g.now.Add(time.Hour)
	}
	g.wantReplayed(1)
}

// What people added goes into the base with the nights around it, so that a
// replay after the removal of old answers gives it back too.
func TestPruneKeepsWhatPeopleAdded(t *testing.T) {
	slowTest(t)
	g := startGroup(t, demo.Options{Small: true})
	g.cfg.LandingKeep = 36 * time.Hour
	g.wrong(2)
	book := g.nightWithBook().Workbook
	early := g.mustAnnotate(fillIn(t, book, "Chen", map[string]entries{"B01": {"Accepted", "Li", "early"}}), pipeline.AnnotateOptions{})
	if early.Taken != 1 {
		t.Fatalf("%d breaks were taken", early.Taken)
	}
	g.now = g.now.Add(time.Minute)
	g.mustClose(pipeline.CloseOptions{Month: march})
	for range 3 {
		g.now = g.now.Add(24 * time.Hour)
		g.wantExit(g.run(pipeline.Options{NoReport: true}), 0)
	}
	if late := g.mustAnnotate(fillIn(t, book, "Zhao", map[string]entries{"B02": {"", "", "late"}}), pipeline.AnnotateOptions{}); late.Taken != 1 {
		t.Fatalf("%d breaks were taken", late.Taken)
	}
	// The base holds the first two nights and what was added between them.
	g.wantReplayed(1)
	equal(t, "breaks", g.itemBreaks(), []string{"B01 | accepted | Li | early", "B02 | open | – | late"})
}

// stopping ends a night when it comes to its checks: all accounts are loaded.
type stopping struct {
	pipeline.Unheard
	stop func()
}

func (s *stopping) Stage(name string) {
	if name == "checks" {
		s.stop()
	}
}

// Half a night is not closed: people would see it. Once the night is whole the
// month can be closed.
func TestCloseWaitsForTheNight(t *testing.T) {
	slowTest(t)
	g := startGroup(t, demo.Options{Small: true})
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := pipeline.Run(ctx, g.cfg, pipeline.Options{Now: g.clock, NoReport: true, Observer: &stopping{stop: cancel}}); !errors.Is(err, context.Canceled) {
		t.Fatalf("the night was not cut short: %v", err)
	}
	if _, err := g.close(pipeline.CloseOptions{Month: march}); err == nil || !strings.Contains(err.Error(), "no night has been loaded yet") {
		t.Errorf("closing after half of the first night: %v", err)
	}
	first := g.run(pipeline.Options{NoReport: true}) // goes on with it
	g.wantExit(first, 0)

	g.now = g.now.Add(24 * time.Hour)
	ctx, cancel = context.WithCancel(t.Context())
	if _, err := pipeline.Run(ctx, g.cfg, pipeline.Options{Now: g.clock, NoReport: true, Observer: &stopping{stop: cancel}}); !errors.Is(err, context.Canceled) {
		t.Fatalf("the second night was not cut short: %v", err)
	}
	if _, err := g.close(pipeline.CloseOptions{Month: march}); err == nil || !strings.Contains(err.Error(), "was cut short and has loaded a part of its night") {
		t.Errorf("closing after half of the second night: %v", err)
	}
	g.wantExit(g.run(pipeline.Options{NoReport: true}), 0)
	g.mustClose(pipeline.CloseOptions{Month: march})
}

// A damaged line of the journal of what people added holds up no night; a
// replay, which has nothing else to go by, says so and changes nothing.
func TestDamagedJournalOfPeople(t *testing.T) {
	slowTest(t)
	g := startGroup(t, demo.Options{Small: true})
	g.wantExit(g.run(pipeline.Options{NoReport: true}), 0)
	g.mustClose(pipeline.CloseOptions{Month: march})
	segments, err := filepath.Glob(filepath.Join(g.cfg.DataDir, "landing", "people", "*.jsonl*"))
	if err != nil || len(segments) != 1 {
		t.Fatalf("segments: %v, %v", segments, err)
	}
	data, err := os.ReadFile(segments[0])
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1 // one bit
	if err := os.WriteFile(segments[0], data, 0o600); err != nil {
		t.Fatal(err)
	}
	g.now = g.now.Add(time.Hour)
	g.wantExit(g.run(pipeline.Options{NoReport: true}), 0)
	if _, err := pipeline.Replay(t.Context(), g.cfg, pipeline.Options{Now: g.clock}); !errors.As(err, new(*pipeline.LossError)) || !strings.Contains(err.Error(), wal.ErrDamaged.Error()) {
		t.Errorf("a replay with a damaged journal: %v", err)
	}
}
