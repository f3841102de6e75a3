package load

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// hotel is a made-up source with a list, a detail and a register, so that
// every way in which streams meet is exercised.
var hotel = Source{
	Name: "hotel",
	Streams: []ledger.Stream{
		{Name: "register", Carries: map[string][]string{
			"orders":     {"net_amount", "currency"},
			"deliveries": {"fee_amount", "currency"},
		}, Enriches: true},
		{Name: "list", Carries: map[string][]string{
			"orders":      {"kind", "status", "gross_amount", "currency", "created_at", "booked_date", "business_date", "updated_at"},
			"order_items": nil,
			"deliveries":  {"status"},
		}},
		{Name: "rooms", Carries: map[string][]string{"stays": nil}},
		{Name: "detail", Carries: map[string][]string{"orders": {"finished_at", "status"}}},
		{Name: "calls", Carries: map[string][]string{"reminders": nil}, Enriches: true},
	},
	DeriveSQL: "UPDATE cand_orders SET tip_amount = (SELECT sum(fee_amount) FROM cand_deliveries d WHERE d.order_id = cand_orders.order_id)",
}

type fixture struct {
	t *testing.T
	w *Warehouse
	n int
	// exhaustive says that the lists hold every order.
	exhaustive bool
	start      time.Time // of its windows
}

// stageList begins a night whose stage and batch hold what a list of the inn
// answers.
func (f *fixture) stageList() (ledger.Run, *Stage, *transform.Batch) {
	f.t.Helper()
	run := ledger.Run{ID: "r", At: time.Date(2026, 5, 1, 18, 0, 0, 0, time.UTC)}
	stage, err := f.w.Stage(run, hotel, "inn", filepath.Join(f.t.TempDir(), "stage"))
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { stage.Discard() })
	return run, stage, transform.NewBatch(transform.Origin{Source: "hotel", Account: "inn", Stream: "list", Calendar: transform.Calendar{Zone: time.UTC}, Currency: "CNY"})
}

func openFixture(t *testing.T) *fixture {
	t.Helper()
	return &fixture{t: t, w: openMade(t, filepath.Join(t.TempDir(), "warehouse.duckdb"))}
}

// night stages what fill adds, stream by stream, and commits it.
func (f *fixture) night(fill map[string]func(b *transform.Batch), total int64) Loaded {
	f.t.Helper()
	f.n++
	run := ledger.Run{ID: fmt.Sprintf("run%d", f.n), At: time.Date(2026, 5, f.n, 18, 0, 0, 0, time.UTC)}
	stage, err := f.w.Stage(run, hotel, "inn", filepath.Join(f.t.TempDir(), "stage"))
	if err != nil {
		f.t.Fatal(err)
	}
	defer stage.Discard()
	for _, st := range hotel.Streams {
		add := fill[st.Name]
		if add == nil {
			continue
		}
		b := transform.NewBatch(transform.Origin{
			Source: "hotel", Account: "inn", Stream: st.Name, Calendar: transform.Calendar{Zone: time.UTC}, Currency: "CNY",
			Privacy: transform.Privacy{Rooms: transform.Keep},
		})
		no := stage.Begin(ledger.Window{Stream: st.Name, Advances: true, Start: f.start, End: run.At, Exhaustive: f.exhaustive && st.Name == "list"})
		b.Begin(transform.PageOrigin{Ref: run.ID + "/" + st.Name + ":1", SHA256: "00", Window: no})
		add(b)
		err := b.Take(func(table string, rec arrow.RecordBatch) error { return stage.Write(st.Name, table, rec) })
		if err != nil {
			f.t.Fatal(err)
		}
		want := total
		if st.Name != "list" {
			want = -1
		}
		stage.End(no, want, 1, ledger.Complete, "", b.TakeSums())
	}
	loaded, err := stage.Commit(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	if err := stage.Discard(); err != nil {
		f.t.Fatal(err)
	}
	return loaded
}

// want compares a query's rows, columns joined by blanks.
func (f *fixture) want(query string, want ...string) {
	f.t.Helper()
	rows, err := f.w.db.QueryContext(context.Background(), "SELECT concat_ws(' ', "+query)
	if err != nil {
		f.t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			f.t.Fatal(err)
		}
		got = append(got, s)
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		f.t.Errorf("%s\ngot:\n%s\nwant:\n%s", query, g, w)
	}
}

func yuan(n int64) transform.Money { return transform.Money{Units: n * 10_000, Valid: true} }

func at(day int) transform.Instant {
	return transform.InstantOf(time.Date(2026, 4, day, 12, 0, 0, 0, time.UTC))
}

func listOrder(id, status string, gross int64, updated int, items ...int64) func(b *transform.Batch) {
	return func(b *transform.Batch) {
		r := b.Record(id, "/list", 0)
		r.SetVersion(at(updated))
		r.Order(&transform.Order{Kind: "stay", Status: status, Gross: yuan(gross), Currency: "CNY", CreatedAt: at(1), UpdatedAt: at(updated)})
		for i, amount := range items {
			r.Item(&transform.OrderItem{LineNo: i + 1, Total: yuan(amount), Currency: "CNY"})
		}
		r.Delivery(&transform.Delivery{DeliveryID: "d", Status: status})
	}
}

func all(fills ...func(b *transform.Batch)) func(b *transform.Batch) {
	return func(b *transform.Batch) {
		for _, fill := range fills {
			fill(b)
		}
	}
}

func TestMergeFollowsTheStreams(t *testing.T) {
	t.Parallel()
	f := openFixture(t)

	loaded := f.night(map[string]func(b *transform.Batch){
		"list": all(listOrder("A", "pending", 10, 2, 4, 6), listOrder("B", "pending", 20, 2, 20)),
		"register": func(b *transform.Batch) {
			for i, id := range []string{"A", "nobody"} {
				r := b.Record(id, "/lines", i)
				r.Order(&transform.Order{Net: yuan(9), Currency: "CNY"})
				r.Delivery(&transform.Delivery{DeliveryID: "d", Fee: yuan(3), Currency: "CNY"})
			}
		},
		"rooms": func(b *transform.Batch) {
			r := b.Record("A", "/list", 0)
			r.Stay(&transform.Stay{StayID: "s1", RoomNo: "101", ArrivalAt: at(20), Currency: "CNY"})
		},
		"detail": func(b *transform.Batch) {
			b.Record("B", "/result", -1).Order(&transform.Order{Status: "completed", FinishedAt: at(3)})
		},
	}, 2)
	if loaded.State != ledger.Complete || loaded.Orders != 2 || loaded.Inserted != 2 {
		t.Errorf("first night: %+v", loaded)
	}
	orders := "order_id, status, gross_amount, net_amount, tip_amount, business_date, strftime(finished_at AT TIME ZONE 'UTC', '%d'), run_id) FROM main.orders ORDER BY order_id"
	f.want(orders,
		// the register knows A's net, the derived tip is its delivery's fee,
		// a stay's business date is its arrival
		"A pending 10.0000 9.0000 3.0000 2026-04-20 run1",
		// the detail is later than the list: completed, finished on the 3rd
		"B completed 20.0000 2026-04-01 03 run1")
	f.want("order_id, line_no, total_amount) FROM main.order_items ORDER BY ALL", "A 1 4.0000", "A 2 6.0000", "B 1 20.0000")
	f.want("order_id, status, fee_amount) FROM main.deliveries ORDER BY ALL", "A pending 3.0000", "B pending")

	// The same night again changes nothing.
	before := f.dump()
	again := f.night(map[string]func(b *transform.Batch){
		"list": all(listOrder("A", "pending", 10, 2, 4, 6), listOrder("B", "pending", 20, 2, 20)),
		"detail": func(b *transform.Batch) {
			b.Record("B", "/result", -1).Order(&transform.Order{Status: "completed", FinishedAt: at(3)})
		},
	}, 2)
	if again.Unchanged != 2 || again.Inserted+again.Updated != 0 {
		t.Errorf("the same night again: %+v", again)
	}
	if after := f.dump(); after != before {
		t.Errorf("the same night again changed the facts:\n%s\nbefore:\n%s", after, before)
	}

	// A changes: an item is gone, what the list does not carry stays.
	third := f.night(map[string]func(b *transform.Batch){"list": listOrder("A", "canceled", 4, 5, 4)}, 1)
	if third.Updated != 1 || third.State != ledger.Complete {
		t.Errorf("third night: %+v", third)
	}
	f.want(orders,
		"A canceled 4.0000 9.0000 3.0000 2026-04-20 run3",
		"B completed 20.0000 2026-04-01 03 run1")
	f.want("order_id, line_no, total_amount) FROM main.order_items ORDER BY ALL", "A 1 4.0000", "B 1 20.0000")
	f.want("order_id, version_no, status, strftime(valid_from AT TIME ZONE 'UTC', '%d'), strftime(valid_to AT TIME ZONE 'UTC', '%d')) FROM audit.order_versions ORDER BY ALL",
		"A 1 pending 01 03", "A 2 canceled 03", "B 1 completed 01")
	f.want("stream, fetched, distinct_rows, inserted, updated, unchanged, rejected, state) FROM audit.extracts WHERE run_id = 'run1' ORDER BY stream",
		"detail 1 1 1 0 0 0 complete", "list 2 2 2 0 0 0 complete", "register 2 2 1 0 1 0 complete", "rooms 1 1 1 0 0 0 complete")
	f.want("stream, table_name, column_name, amount_in, amount_loaded) FROM audit.extract_totals WHERE run_id = 'run1' ORDER BY ALL",
		"list order_items total_amount 30.0000 30.0000",
		"list orders gross_amount 30.0000 30.0000",
		"register deliveries fee_amount 3.0000 3.0000", // nobody's 3 is not loaded, and not expected
		"register orders net_amount 9.0000 9.0000")
}

func (f *fixture) dump() string {
	f.t.Helper()
	var b strings.Builder
	for _, def := range transform.Facts {
		rows, err := f.w.db.QueryContext(context.Background(), "SELECT t::VARCHAR FROM main."+def.Name+" t ORDER BY 1")
		if err != nil {
			f.t.Fatal(err)
		}
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				f.t.Fatal(err)
			}
			b.WriteString(def.Name + " " + s + "\n")
		}
		rows.Close()
	}
	return b.String()
}

func TestLatestVersionWins(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	loaded := f.night(map[string]func(b *transform.Batch){
		// The newer version landed first; of two with one time the later
		// landed counts.
		"list": all(listOrder("A", "completed", 7, 9, 7), listOrder("A", "pending", 5, 2, 5), listOrder("B", "pending", 1, 2, 1), listOrder("B", "canceled", 2, 2, 2)),
	}, 2)
	if loaded.State != ledger.Complete {
		t.Errorf("%+v", loaded)
	}
	f.want("order_id, status, gross_amount) FROM main.orders ORDER BY ALL", "A completed 7.0000", "B canceled 2.0000")
	f.want("order_id, total_amount) FROM main.order_items ORDER BY ALL", "A 7.0000", "B 2.0000")
	// The states that lost are versions that held for no time.
	f.want("order_id, version_no, status, valid_from = valid_to) FROM audit.order_versions ORDER BY ALL",
		"A 1 pending true", "A 2 completed", "B 1 pending true", "B 2 canceled")
	f.want("order_id, status, gross_amount) FROM orders_as_of(now()) ORDER BY ALL", "A completed 7.0000", "B canceled 2.0000")
	f.want("fetched, distinct_rows, duplicates) FROM audit.extracts", "4 2 2")
	f.want("column_name, amount_in, amount_loaded) FROM audit.extract_totals ORDER BY ALL", "gross_amount 9.0000 9.0000", "total_amount 9.0000 9.0000")
	// The same answer the next night tells nothing new; one more state does.
	f.night(map[string]func(b *transform.Batch){
		"list": all(listOrder("A", "pending", 5, 2, 5), listOrder("A", "confirmed", 6, 4, 5), listOrder("A", "completed", 7, 9, 7)),
	}, 1)
	f.want("version_no, status) FROM audit.order_versions WHERE order_id = 'A' ORDER BY ALL", "1 pending", "2 completed", "3 confirmed")
}

func TestWhatDoesNotAddUpIsUnreconciled(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	loaded := f.night(map[string]func(b *transform.Batch){"list": listOrder("A", "pending", 1, 2, 1)}, 3)
	if loaded.State != ledger.Unreconciled || len(loaded.Messages) != 1 || !strings.Contains(loaded.Messages[0], "the vendor states 3, 1 came") {
		t.Errorf("%+v", loaded)
	}
	f.want("state, api_total) FROM audit.extracts", "unreconciled 3")
	f.want("order_id) FROM main.orders", "A") // loaded all the same
	if c, err := f.w.Coverages(t.Context(), "hotel", "inn"); err != nil || len(c) != 0 {
		t.Errorf("an unreconciled window moved the cursor: %v, %v", c, err)
	}
}

func TestRejectedRecordLoadsNothing(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	loaded := f.night(map[string]func(b *transform.Batch){"list": func(b *transform.Batch) {
		listOrder("A", "pending", 1, 2, 1)(b)
		r := b.Record("", "/list", 1)
		r.Order(&transform.Order{Gross: yuan(5), Currency: "CNY"})
		r = b.Record("C", "/list", 2)
		r.Order(&transform.Order{Gross: yuan(6), Currency: "CNY"})
		r.Reject("gross_amount", "not a plain decimal number", "6,0")
	}}, 3)
	if loaded.State != ledger.Complete || loaded.Rejected != 2 || loaded.Orders != 1 {
		t.Errorf("%+v", loaded)
	}
	f.want("order_id) FROM main.orders", "A")
	f.want("field, reason, raw, landing_ref) FROM audit.rejects ORDER BY ALL",
		"gross_amount not a plain decimal number 6,0 run1/list:1#/list/2",
		"order_id the record has no id run1/list:1#/list/1")
	f.want("fetched, distinct_rows, inserted, rejected) FROM audit.extracts", "3 3 1 2")
	f.want("column_name, amount_in, amount_loaded) FROM audit.extract_totals ORDER BY ALL", "gross_amount 1.0000 1.0000", "total_amount 1.0000 1.0000")
}

func TestDue(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	f.night(map[string]func(b *transform.Batch){"list": all(listOrder("old", "pending", 1, 2), listOrder("done", "completed", 1, 2), listOrder("same", "completed", 1, 2))}, 3)
	stage, err := f.w.Stage(ledger.Run{ID: "r", At: time.Now()}, hotel, "inn", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer stage.Discard()
	b := transform.NewBatch(transform.Origin{Source: "hotel", Account: "inn", Stream: "list", Calendar: transform.Calendar{Zone: time.UTC}})
	b.Begin(transform.PageOrigin{Ref: "x:1", SHA256: "00", Window: stage.Begin(ledger.Window{Stream: "list"})})
	all(listOrder("same", "completed", 1, 2), listOrder("done", "canceled", 1, 3), listOrder("new", "completed", 1, 2))(b)
	if err := b.Take(func(table string, rec arrow.RecordBatch) error { return stage.Write("list", table, rec) }); err != nil {
		t.Fatal(err)
	}
	due, err := stage.Due(t.Context(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, o := range due {
		ids = append(ids, o.OrderID)
	}
	// done has changed, new is new, old is still open; same is final and as it was.
	if got := strings.Join(ids, " "); got != "done new old" {
		t.Errorf("due = %s, want done new old", got)
	}
}
