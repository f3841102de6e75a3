package spark

import (
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/iceberg"
	"github.com/nightaudit/nightaudit/reports/reportstest"
)

// proveAll compares the rows and sums of every table of each last night, as Spark finds
// them, with those that the snapshots state and that DuckDB finds in the files.
func proveAll(t *testing.T, warehouse string) {
	t.Helper()
	files, err := iceberg.Look(t.Context(), iceberg.Options{Warehouse: warehouse})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	nights, err := files.Find(t.Context(), "")
	if err != nil || len(nights) != 2 {
		t.Fatalf("%v, %v", nights, err)
	}
	through := lakeOf(t, warehouse, nights[0].Database)
	for _, n := range nights {
		proof, err := files.Prove(t.Context(), reportstest.InMemory(t), n, iceberg.ProveOptions{Engine: through})
		if err != nil {
			t.Fatal(err)
		}
		if len(proof.Findings) > 0 {
			t.Errorf("%s: %v", n.Database, proof.Findings)
		}
		totals := 0
		for i := range proof.Tables {
			if p := &proof.Tables[i]; p.Rows.Engine == nil {
				t.Errorf("%s: Spark was not asked for %s", n.Database, p.Table)
			} else {
				totals += len(p.Totals)
			}
		}
		if totals < 20 {
			t.Errorf("%s: %d totals", n.Database, totals)
		}
	}
}

// Of a lake that two databases share, each report has the figures of one, and so have the
// totals of a proof.
func TestDatabasesOfOneLake(t *testing.T) {
	server(t).Close() // or skips
	first, second := reportstest.Fixture(t), reportstest.Fixture(t)
	reportstest.Exec(t, second, `UPDATE audit.meta SET database_id = 'second';
		UPDATE main.orders SET net_amount = net_amount + 1000;
		DELETE FROM recon.breaks WHERE rule = 'cashier'`)
	warehouse := t.TempDir()
	commit(t, first, warehouse)
	commit(t, second, warehouse)
	proveAll(t, warehouse)
	all, err := catalogue.Load("")
	if err != nil {
		t.Fatal(err)
	}
	ofFirst, ofSecond := lakeOf(t, warehouse, "6f1d6a52-7d1f-4a4e-9a55-0d2b6a3f0c11"), lakeOf(t, warehouse, "second")
	for _, name := range []string{"run_summary", "revenue_days", "breaks"} {
		tx, err := second.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		want, err := table(t, catalogue.DuckDB(tx), all, name, fixtureDates)
		if err != nil {
			t.Fatal(err)
		}
		tx.Rollback()
		got, err := table(t, ofSecond, all, name, fixtureDates)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s:\n%s\nDuckDB:\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if other, err := table(t, ofFirst, all, name, fixtureDates); err != nil || strings.Join(got, "\n") == strings.Join(other, "\n") && name != "run_summary" {
			t.Errorf("%s is the same of both databases: %v", name, err)
		}
	}
}
