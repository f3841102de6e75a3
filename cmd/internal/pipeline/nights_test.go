package pipeline_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/demo"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	akubela "github.com/nightaudit/nightaudit/extract/akubela/sim"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
	starhotel "github.com/nightaudit/nightaudit/extract/starhotel/sim"
	tuya "github.com/nightaudit/nightaudit/extract/tuya/sim"
)

// living lets the demo's vendors go on: each day orders are made, go on,
// and now and then disappear.
type living struct {
	g       *group
	rnd     *rand.Rand
	service []tuya.Order
	stays   []akubela.Order
	rooms   []starhotel.Order
	retail  []soms.Order
	deleted []string // "source order_id" of what disappeared after a night had seen it
	n       int
}

// day lets one day pass and moves the clock to the next night.
func (l *living) day() {
	v := &l.g.running.Vendors
	morning := l.g.now
	l.g.now = l.g.now.AddDate(0, 0, 1)
	at := func() time.Time {
		return morning.Add(time.Duration(l.rnd.Int64N(int64(20 * time.Hour)))).Truncate(time.Second)
	}

	// What is there goes on: about a third of what is not final.
	for i := range l.service {
		if o := &l.service[i]; o.OrderStatus != "finished" && l.rnd.IntN(3) == 0 {
			o.OrderStatus, o.FinishOrderTime = "finished", tuya.At(at())
			v.Tuya.Put(*o)
		}
	}
	for i := range l.stays {
		if o := &l.stays[i]; l.rnd.IntN(3) == 0 {
			o.OrderState = map[string]string{"check_in": "checked_in", "checked_in": "checked_out", "checked_out": "checked_out"}[o.OrderState]
			v.Akubela.Put(*o)
		}
	}
	for i := range l.rooms {
		o := &l.rooms[i]
		if o.OrderStatus == 180 || l.rnd.IntN(3) != 0 {
			continue
		}
		o.OrderStatus, o.TotalPayedAmount, o.UpdatedAt = 180, o.TotalAmount, starhotel.ISOTime(at())
		o.Accoms = slices.Clone(o.Accoms)
		o.Accoms[0].AccomStatus, o.Accoms[0].CheckoutStatus = 80, 20
		v.Starhotel.Put(*o)
	}
	for i := range l.retail {
		if o := &l.retail[i]; o.State == "confirmed" && l.rnd.IntN(3) == 0 {
			o.State, o.Modified = "delivered", soms.LocalTime(at())
			v.Soms.Put(*o)
		}
	}
	l.create(at)
	if l.rnd.IntN(2) == 0 {
		l.lose()
	}
}

func (l *living) create(at func() time.Time) {
	v := &l.g.running.Vendors
	for range 2 + l.rnd.IntN(3) {
		l.n++
		made := at()
		l.service = append(l.service, tuya.Order{
			OrderID: fmt.Sprintf("LIVE%06d", l.n), RoomNo: "801", OrderStatus: "created", OrderBizType: "MATERIAL", Quantity: 1,
			CommodityList: []tuya.Commodity{{ID: "1", CommodityName: "water", UnitPrice: "5.00", Quantity: 1, OrderAmount: "5.00", Currency: "CNY"}},
			OrderAmount:   "5.00", Currency: "CNY", OrderSource: "APPLET_WX", CreateOrderTime: tuya.At(made),
			CustomerList: []tuya.Customer{{CustomerName: "Li", CustomerContact: "13800000009"}},
		})
		v.Tuya.Put(l.service[len(l.service)-1])
		l.stays = append(l.stays, akubela.Order{
			OrderID: fmt.Sprintf("orlive%026d", l.n), OrderNumber: fmt.Sprintf("2026%016d", l.n), ResidenceNo: "801", OrderState: "check_in",
			StartTime: akubela.UTC(made), EndTime: akubela.UTC(made.Add(20 * time.Hour)), Source: "SaaS",
			Guests: []akubela.Guest{{GuestID: "g", GuestName: "Li"}},
		})
		v.Akubela.Put(l.stays[len(l.stays)-1])
		l.rooms = append(l.rooms, starhotel.Order{
			OrderID: int64(900000 + l.n), OrderNo: fmt.Sprintf("2026%014d", l.n), Name: "Li", TotalAmount: "300.00", TotalPayedAmount: "0.00",
			CreatorID: "1", OrderStatus: 110, ServiceDate: made.Unix(), CreatedAt: starhotel.ISOTime(made), UpdatedAt: starhotel.ISOTime(made),
			Accoms: []starhotel.Accom{{
				AccomID: int64(900000 + l.n), RoomID: 1, RoomName: "A801", CheckinStartTime: made.Unix(), CheckinEndTime: made.Unix() + 80000,
				TotalAmount: "300.00", Amount: "300.00", AccomStatus: 40, CheckoutStatus: 10, CreatedDate: made.Unix(),
			}},
		})
		v.Starhotel.Put(l.rooms[len(l.rooms)-1])
		when := soms.LocalTime(made)
		l.retail = append(l.retail, soms.Order{
			ID: fmt.Sprintf("9900%08d", l.n), Created: when, Modified: when, State: "confirmed",
			Front:     &soms.Front{OrderID: fmt.Sprintf("F9900%08d", l.n), Created: when, Platform: &soms.IDName{ID: "meituan"}},
			Payment:   &soms.Payment{State: "paid", Amount: "10.00", Details: []soms.PaymentDetail{{Code: "wx", Amount: "10.00"}}},
			Items:     []soms.Item{{ItemID: "1", SKUID: "A", ItemTitle: "tea", Quantity: "1", UnitPrice: "10.00", Total: "10.00", PayAmount: "10.00"}},
			RealTotal: "10.00", OrigTotal: "10.00", SKUQuantity: "1",
		})
		v.Soms.Put(l.retail[len(l.retail)-1])
	}
}

// lose takes away one order of each vendor whose list proves an absence; it
// was made on an earlier day, so a night has seen it.
func (l *living) lose() {
	v := &l.g.running.Vendors
	if len(l.service) < 8 {
		return
	}
	o, s, r := l.service[0], l.stays[0], l.rooms[0]
	v.Tuya.Delete(o.OrderID)
	v.Akubela.Delete(s.OrderID)
	v.Starhotel.Delete(r.OrderID)
	l.deleted = append(l.deleted, "tuya "+o.OrderID, "akubela "+s.OrderID, fmt.Sprintf("starhotel %d", r.OrderID))
	l.service, l.stays, l.rooms = l.service[1:], l.stays[1:], l.rooms[1:]
}

// Many incremental nights give what one full load at their end gives, but
// for the orders that disappeared, which are kept and marked; and a replay of
// what was landed gives all of it back.
func TestManyNights(t *testing.T) {
	slowTest(t)
	nights := 5
	if long() {
		nights = 30
	}
	g := startGroup(t, demo.Options{Clean: true})
	l := &living{g: g, rnd: rand.New(rand.NewPCG(7, 7))}
	for n := range nights {
		if n > 0 {
			l.day()
		}
		g.wantExit(g.run(pipeline.Options{NoReport: true}), 0)
		// What any of the nights brought is what it gives once more, whatever came after it.
		if v := wantVerifiedWith(t, g.cfg, pipeline.VerifyOptions{Sample: 100_000}); v.Sample.Orders == 0 || v.Sample.Runs != min(n+1, 5) {
			t.Errorf("night %d: sampled %+v", n+1, v.Sample)
		}
	}
	path := filepath.Join(g.cfg.Publish.Dir, "nightaudit.duckdb")
	incremental := liveFacts(t, path)
	db := open(t, path)
	if len(l.deleted) == 0 {
		t.Error("no order disappeared: the test says nothing of deletions")
	}
	var deleted []string
	for _, name := range l.deleted {
		deleted = append(deleted, strings.ReplaceAll(name, " ", " | "))
	}
	equal(t, "deleted orders", lines(t, db, "SELECT source, order_id FROM orders WHERE deleted_at IS NOT NULL"), deleted)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	before := wholeDump(t, path)
	if _, err := pipeline.Replay(t.Context(), g.cfg, pipeline.Options{Now: g.clock}); err != nil {
		t.Fatal(err)
	}
	after := wholeDump(t, path)
	for table, rows := range before {
		if g, w := strings.Join(after[table], "\n"), strings.Join(rows, "\n"); g != w {
			equal(t, "replayed "+table, after[table], rows)
			t.Errorf("the ordered dump of %s differs after the replay", table)
		}
	}

	if err := errors.Join(os.RemoveAll(g.cfg.DataDir), os.RemoveAll(g.cfg.Publish.Dir)); err != nil {
		t.Fatal(err)
	}
	g.wantExit(g.run(pipeline.Options{NoReport: true}), 0)
	for table, rows := range liveFacts(t, path) {
		equal(t, "full load of "+table, rows, incremental[table])
	}
}

// liveFacts is every table of main without what names the run and the place
// and hash of the raw answer, and without the orders that are deleted.
func liveFacts(t *testing.T, path string) map[string][]string {
	t.Helper()
	db := open(t, path)
	tables := map[string][]string{}
	for _, table := range lines(t, db, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'") {
		tables[table] = lines(t, db, `SELECT * EXCLUDE (run_id, landing_ref, payload_sha256) FROM main.`+table+` t
			WHERE NOT EXISTS (SELECT 1 FROM main.orders o WHERE o.source = t.source AND o.account = t.account AND o.order_id = t.order_id AND o.deleted_at IS NOT NULL)
			ORDER BY ALL`)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return tables
}

// wholeDump is everything in the database but when its schema was made.
func wholeDump(t *testing.T, path string) map[string][]string {
	t.Helper()
	db := open(t, path)
	tables := map[string][]string{}
	for _, table := range lines(t, db, "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal AND table_name <> 'migrations'") {
		columns := "*"
		if table == "audit.meta" {
			columns = "* EXCLUDE (created_at)"
		}
		tables[table] = lines(t, db, "SELECT "+columns+" FROM "+table+" ORDER BY ALL")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return tables
}

// A replay may begin with what was published before a day: it repeats only the
// nights since, and gives what a replay of everything gives.
func TestReplaySince(t *testing.T) {
	slowTest(t)
	g := startGroup(t, demo.Options{Small: true})
	l := &living{g: g, rnd: rand.New(rand.NewPCG(9, 9))}
	var days []time.Time
	for n := range 4 {
		if n > 0 {
			l.day()
		}
		days = append(days, g.now)
		g.wantExit(g.run(pipeline.Options{NoReport: true}), 0)
	}
	path := filepath.Join(g.cfg.Publish.Dir, "nightaudit.duckdb")
	nights := wholeDump(t, path)
	wantWhole := func(what string) {
		t.Helper()
		for table, rows := range wholeDump(t, path) {
			equal(t, what+": "+table, rows, nights[table])
		}
	}
	// The nights were at three in the morning: two of them before the third day.
	third := time.Date(days[2].Year(), days[2].Month(), days[2].Day(), 0, 0, 0, 0, days[2].Location())
	result, err := pipeline.Replay(t.Context(), g.cfg, pipeline.Options{Now: g.clock, ReplaySince: third})
	if err != nil {
		t.Fatal(err)
	}
	if result.Runs != 2 || !strings.Contains(result.Began, "previous") {
		t.Errorf("%d runs were repeated, from %q; want 2, from an earlier copy", result.Runs, result.Began)
	}
	wantWhole("since the third day")

	_, err = pipeline.Replay(t.Context(), g.cfg, pipeline.Options{Now: g.clock, ReplaySince: days[0].AddDate(0, 0, -1)})
	if err == nil || !strings.Contains(err.Error(), "no database that was published before") {
		t.Errorf("a replay since a day before the first night: %v", err)
	}
	wantWhole("after a refused replay")
}

// A damaged landed answer is reported by a replay, which then changes nothing.
func TestReplayReportsDamage(t *testing.T) {
	t.Parallel()
	h := startHamlet(t)
	wantStates(t, h.run(), nil)
	path := filepath.Join(h.cfg.Publish.Dir, "nightaudit.duckdb")
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	segments, err := filepath.Glob(filepath.Join(h.cfg.DataDir, "landing", "*", "*", "*", "*", "soms-*-orders.jsonl.zst"))
	if err != nil || len(segments) != 1 {
		t.Fatalf("segments of soms: %v, %v", segments, err)
	}
	data, err := os.ReadFile(segments[0])
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1 // one bit
	if err := os.WriteFile(segments[0], data, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = pipeline.Replay(t.Context(), h.cfg, pipeline.Options{Now: h.clock})
	if lost := (*pipeline.LossError)(nil); !errors.As(err, &lost) || !strings.Contains(err.Error(), "soms-a-orders.jsonl.zst") {
		t.Errorf("a replay of a damaged landing: %v", err)
	}
	if after, err := os.Stat(path); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Error("the published database was touched")
	}
}
