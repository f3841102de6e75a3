package load

import (
	"maps"
	"path/filepath"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// TestBooked: orders are counted by the day of their creation, those of the
// warehouse and those of this night together; then the night goes on in the
// same streams.
func TestBooked(t *testing.T) {
	t.Parallel()
	f := openFixture(t)
	made := func(id string, created transform.Instant) func(b *transform.Batch) {
		return func(b *transform.Batch) {
			b.Record(id, "/list", 0).Order(&transform.Order{Kind: "stay", Status: "pending", Gross: yuan(1), Currency: "CNY", CreatedAt: created})
		}
	}
	f.night(map[string]func(b *transform.Batch){"list": all(made("A", at(3)), made("B", at(3)), made("C", at(4)), made("gone", at(4)))}, 4)
	if _, err := f.w.db.ExecContext(t.Context(), "UPDATE main.orders SET deleted_at = now() WHERE order_id = 'gone'"); err != nil {
		t.Fatal(err)
	}

	run := ledger.Run{ID: "run2", At: time.Date(2026, 5, 2, 18, 0, 0, 0, time.UTC)}
	stage, err := f.w.Stage(run, hotel, "inn", filepath.Join(t.TempDir(), "stage"))
	if err != nil {
		t.Fatal(err)
	}
	defer stage.Discard()
	batch := transform.NewBatch(transform.Origin{
		Source: "hotel", Account: "inn", Stream: "list", Calendar: transform.Calendar{Zone: time.UTC}, Currency: "CNY",
	})
	read := func(fill func(b *transform.Batch), total int64) {
		no := stage.Begin(ledger.Window{Stream: "list"})
		batch.Begin(transform.PageOrigin{Ref: "run2/list:1", SHA256: "00", Window: no})
		fill(batch)
		if err := batch.Take(func(table string, rec arrow.RecordBatch) error { return stage.Write("list", table, rec) }); err != nil {
			t.Fatal(err)
		}
		stage.End(no, total, 1, ledger.Complete, "", batch.TakeSums())
	}
	// C comes again, D is new, and a record is refused.
	read(all(made("C", at(4)), made("D", at(5)), func(b *transform.Batch) {
		r := b.Record("E", "/list", 0)
		r.Order(&transform.Order{Kind: "stay", CreatedAt: at(5)})
		r.Reject("status", "it is missing", "")
	}), 3)
	var days []ledger.Day
	for _, day := range []int{3, 4, 5, 6} {
		start := time.Date(2026, 4, day, 0, 0, 0, 0, time.UTC)
		days = append(days, ledger.Day{Name: start.Format(time.DateOnly), Start: start, End: start.AddDate(0, 0, 1)})
	}
	booked, err := stage.Booked(t.Context(), days)
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]int64{"2026-04-03": 2, "2026-04-04": 1, "2026-04-05": 1, "2026-04-06": 0}; !maps.Equal(booked, want) {
		t.Errorf("booked %v, want %v", booked, want)
	}

	read(made("F", at(6)), 1)
	loaded, err := stage.Commit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if loaded.State != ledger.Complete || loaded.Inserted != 2 || loaded.Unchanged != 1 || loaded.Rejected != 1 {
		t.Errorf("loaded %+v", loaded)
	}
	f.want("order_id) FROM main.orders WHERE deleted_at IS NULL ORDER BY order_id", "A", "B", "C", "D", "F")
}
