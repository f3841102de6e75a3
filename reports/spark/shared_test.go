package spark

import (
	"strings"
	"testing"

	"github.com/nightaudit/nightaudit/reports/catalogue"
	"github.com/nightaudit/nightaudit/reports/reportstest"
)

// Of a lake that two databases share, each report has the figures of one.
func TestDatabasesOfOneLake(t *testing.T) {
	server(t).Close() // or skips
	first, second := reportstest.Fixture(t), reportstest.Fixture(t)
	reportstest.Exec(t, second, `UPDATE audit.meta SET database_id = 'second';
		UPDATE main.orders SET net_amount = net_amount + 1000;
		DELETE FROM recon.breaks WHERE rule = 'cashier'`)
	warehouse := t.TempDir()
	commit(t, first, warehouse)
	commit(t, second, warehouse)
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
		want, err := table(t, catalogue.DuckDB(tx), all, name)
		if err != nil {
			t.Fatal(err)
		}
		tx.Rollback()
		got, err := table(t, ofSecond, all, name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s:\n%s\nDuckDB:\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if other, err := table(t, ofFirst, all, name); err != nil || strings.Join(got, "\n") == strings.Join(other, "\n") && name != "run_summary" {
			t.Errorf("%s is the same of both databases: %v", name, err)
		}
	}
}
