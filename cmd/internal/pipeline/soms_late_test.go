package pipeline_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	soms "github.com/nightaudit/nightaudit/extract/soms/sim"
)

// TestIndexThatLags: through some nights orders come and change while the
// vendor's search takes each change after anything from nothing to 30 hours.
// Each night adds up and deletes nothing; two nights after the last change
// the database is the vendor's state, each date is complete, and a replay
// gives the same ledger.
func TestIndexThatLags(t *testing.T) {
	slowTest(t)
	seeds, nights := uint64(1), 3
	if long() {
		seeds, nights = 4, 12
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			testIndexThatLags(t, rand.New(rand.NewPCG(seed, 6)), nights)
		})
	}
}

func testIndexThatLags(t *testing.T, rnd *rand.Rand, nights int) {
	s := openShop(t, soms.Options{})
	states := []string{"confirmed", "approved", "delivering", "delivered", "canceled"}
	type order struct {
		created time.Time
		step    int
	}
	orders := map[string]*order{}
	day := func() {
		for at := s.now.AddDate(0, 0, -1); at.Before(s.now); at = at.Add(time.Duration(30+rnd.IntN(120)) * time.Minute) {
			id := fmt.Sprintf("R%02d", rnd.IntN(20))
			o := orders[id]
			if o == nil {
				o = &order{created: at}
				orders[id] = o
			}
			o.step = min(o.step+rnd.IntN(3), len(states)-1)
			put := shopOrder(id, o.created, at)
			put.State = states[o.step]
			put.IndexModified = soms.LocalTime(at.Add(time.Duration(rnd.IntN(2)*rnd.IntN(30*3600)) * time.Second))
			s.vendor.Put(put)
		}
	}
	var r *pipeline.Result
	for n := range nights + 2 {
		if n < nights {
			day()
		}
		r = s.night("overlap: 15m")
		if r.ExitCode != 0 {
			t.Errorf("night %d: exit code %d: %v %v", n, r.ExitCode, r.Accounts[0].Messages, r.Accounts[0].Err)
		}
		equal(t, "deleted", s.published(r, "SELECT order_id FROM orders WHERE deleted_at IS NOT NULL"), nil)
	}
	var want []string
	for id, o := range orders {
		want = append(want, id+" | "+states[o.step])
	}
	equal(t, "orders", s.published(r, "SELECT order_id, source_status FROM orders"), want)
	// The nights begin at 2 in the morning of the 10th.
	equal(t, "windows of the second night", s.published(r, `SELECT filter, strftime(window_start AT TIME ZONE 'Asia/Shanghai', '%d %H:%M'),
		strftime(window_end AT TIME ZONE 'Asia/Shanghai', '%d %H:%M'), advances_cursor, covers FROM audit.extracts
		WHERE stream = 'orders' AND (filter IS NULL OR filter = 'index_modified') AND run_id = (SELECT run_id FROM audit.runs ORDER BY started_at LIMIT 1 OFFSET 1)`),
		[]string{"– | 10 01:44 | 11 01:59 | true | true", "index_modified | 10 01:44 | 11 01:59 | true | false"})
	equal(t, "coverage", s.published(r, "SELECT DISTINCT state FROM audit.coverage(DATE '2026-04-01', DATE '2026-04-11', TIMESTAMPTZ '2026-12-31')"), []string{"complete"})

	before := wholeDump(t, r.Database)
	replayed, err := pipeline.Replay(t.Context(), s.cfg, pipeline.Options{Now: func() time.Time { return s.now }})
	if err != nil {
		t.Fatal(err)
	}
	after := wholeDump(t, replayed.Database)
	for table, rows := range before {
		equal(t, "replayed "+table, after[table], rows)
	}
}
