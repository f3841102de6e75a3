package load

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// TestSupersededReading: the list is read twice. B was there the first time
// only, and a record without an id came both times. Where the readings were
// settled the second one counts; where they were not, everything does.
func TestSupersededReading(t *testing.T) {
	for _, c := range []struct {
		state  ledger.WindowState
		orders []string
		ledger string // fetched, distinct, duplicates, inserted, rejected, stated
		sums   string
	}{
		{ledger.Complete, []string{"A 1.0000", "C 4.0000"}, "complete 6 3 3 2 1 3", "5.0000 5.0000"},
		{ledger.Unreconciled, []string{"A 1.0000", "B 2.0000", "C 4.0000"}, "unreconciled 6 5 1 3 2 3", "7.0000 7.0000"},
	} {
		t.Run(string(c.state), func(t *testing.T) {
			t.Parallel()
			f := openFixture(t)
			run, stage, b := f.stageList()
			no := stage.Begin(ledger.Window{Stream: "list", End: run.At, Exhaustive: true})
			b.Begin(transform.PageOrigin{Ref: "r/list:1", SHA256: "00", Window: no})
			all(listOrder("A", "pending", 1, 2, 1), listOrder("B", "pending", 2, 2, 2), withoutID)(b)
			stage.Supersede(no, b.Seq()+1)
			b.Begin(transform.PageOrigin{Ref: "r/list:2", SHA256: "00", Window: no})
			all(listOrder("A", "pending", 1, 2, 1), listOrder("C", "pending", 4, 2, 4), withoutID)(b)
			if err := b.Take(func(table string, rec arrow.RecordBatch) error { return stage.Write("list", table, rec) }); err != nil {
				t.Fatal(err)
			}
			stage.End(no, 3, 2, c.state, "", b.TakeSums())
			if _, err := stage.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			f.want("order_id, gross_amount) FROM main.orders ORDER BY ALL", c.orders...)
			f.want("state, fetched, distinct_rows, duplicates, inserted, rejected, api_total) FROM audit.extracts", c.ledger)
			f.want("amount_in, amount_loaded) FROM audit.extract_totals WHERE column_name = 'gross_amount'", c.sums)
		})
	}
}

func withoutID(b *transform.Batch) { b.Record("", "/list", 2) }
