package pipeline_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/cmd/internal/config"
	"github.com/nightaudit/nightaudit/cmd/internal/demo"
	"github.com/nightaudit/nightaudit/cmd/internal/pipeline"
	tuya "github.com/nightaudit/nightaudit/extract/tuya/sim"
	"github.com/nightaudit/nightaudit/reports/iceberg"
)

// For the instant of each night, orders_as_of gives the orders table that
// this very night published, whole rows, over orders that go on, disappear,
// come back, and change between two runs of one recorded time. The lake has every
// table of each of these nights.
func TestOrdersAsOfEachNight(t *testing.T) {
	slowTest(t)
	nights := 5
	if long() {
		nights = 30
	}
	g := startGroup(t, demo.Options{Small: true})
	g.cfg.Lake = &config.Lake{Warehouse: filepath.Join(t.TempDir(), "lake"), Keep: 2 * nights}
	l := &living{g: g, rnd: rand.New(rand.NewPCG(11, 11))}
	comes := tuya.Order{
		OrderID: "GOES-AND-COMES", RoomNo: "801", OrderStatus: "created", OrderBizType: "MATERIAL", Quantity: 1,
		CommodityList: []tuya.Commodity{{ID: "1", CommodityName: "water", UnitPrice: "5.00", Quantity: 1, OrderAmount: "5.00", Currency: "CNY"}},
		OrderAmount:   "5.00", Currency: "CNY", OrderSource: "APPLET_WX", CreateOrderTime: tuya.At(g.now.AddDate(0, 0, -2)),
	}
	copies := t.TempDir()
	var instants []time.Time
	var runs []string
	for n := range nights {
		if n > 0 {
			l.day()
		}
		switch n % 4 {
		case 0:
			g.running.Vendors.Tuya.Put(comes)
		case 2:
			g.running.Vendors.Tuya.Delete(comes.OrderID)
		}
		result := g.run(pipeline.Options{NoReport: true})
		g.wantExit(result, 0)
		if n == 1 { // the night is run once more, and finds a change
			again := comes
			again.OrderStatus = "finished"
			again.FinishOrderTime = tuya.At(g.now.Add(-time.Hour))
			g.running.Vendors.Tuya.Put(again)
			result = g.run(pipeline.Options{NoReport: true})
			g.wantExit(result, 0)
		}
		data, err := os.ReadFile(result.Database)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(copies, fmt.Sprintf("%d.duckdb", n)), data, 0o600); err != nil {
			t.Fatal(err)
		}
		instants, runs = append(instants, g.now), append(runs, result.RunID)
	}
	db := open(t, filepath.Join(g.cfg.Publish.Dir, "nightaudit.duckdb"))
	defer shut(t, db)
	db.SetMaxOpenConns(1)
	if said := lines(t, db, "SELECT count(*) > 3, count(deleted_at) > 0 FROM audit.order_versions WHERE order_id = 'GOES-AND-COMES'"); said[0] != "true | true" {
		t.Errorf("the order that goes and comes has not: %v", said)
	}
	for n, at := range instants {
		if _, err := db.Exec(fmt.Sprintf("ATTACH '%s' AS night (READ_ONLY)", filepath.Join(copies, fmt.Sprintf("%d.duckdb", n)))); err != nil {
			t.Fatal(err)
		}
		equal(t, fmt.Sprintf("orders as of night %d", n), lines(t, db, "SELECT * FROM orders_as_of(?::TIMESTAMPTZ) EXCEPT ALL SELECT * FROM night.main.orders", at), nil)
		equal(t, fmt.Sprintf("orders of night %d only", n), lines(t, db, "SELECT * FROM night.main.orders EXCEPT ALL SELECT * FROM orders_as_of(?::TIMESTAMPTZ)", at), nil)
		if same := lines(t, db, "SELECT (SELECT count(*) FROM night.main.orders) > 500"); same[0] != "true" {
			t.Errorf("night %d published hardly any order", n)
		}
		if _, err := db.Exec("DETACH night"); err != nil {
			t.Fatal(err)
		}
	}
	lake, err := iceberg.Open(t.Context(), pipeline.LakeOptions(g.cfg.Lake))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := lake.Close(); err != nil {
			t.Error(err)
		}
	}()
	committed, err := lake.Nights(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for n, run := range runs {
		i := slices.IndexFunc(committed, func(night iceberg.Night) bool { return night.Run == run })
		if i < 0 {
			t.Fatalf("the lake has no night %d, run %s", n, run)
		}
		published := open(t, filepath.Join(copies, fmt.Sprintf("%d.duckdb", n)))
		proof, err := lake.Prove(t.Context(), published, committed[i], iceberg.ProveOptions{Published: true})
		if err != nil || len(proof.Findings) > 0 || len(proof.Tables) < 30 {
			t.Errorf("night %d in the lake: %v, %v of %d tables", n, err, proof.Findings, len(proof.Tables))
		}
		shut(t, published)
	}
}
