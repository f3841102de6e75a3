package spark

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"google.golang.org/grpc"

	"github.com/nightaudit/nightaudit/reports/reportstest"
	"github.com/nightaudit/nightaudit/reports/spark/wire"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// What checks are shown is a view of the session, over the views that stand for tables.
func TestShow(t *testing.T) {
	lake, s, err := wholeLake.open(t, "")
	if err != nil {
		t.Fatal(err)
	}
	s.statements = nil
	if err := lake.Show(t.Context(), "stays", sqlfiles.Text{Path: "x.sql", SQL: "SELECT forever() AS f FROM main.stays"}); err != nil {
		t.Fatal(err)
	}
	if len(s.statements) != 2 || !strings.HasSuffix(strings.TrimSpace(s.statements[1]), "AS\nSELECT (TIMESTAMP '9999-12-31 00:00:00') AS f FROM main__stays") ||
		!strings.Contains(s.statements[1], `CREATE OR REPLACE TEMPORARY VIEW "stays"`) {
		t.Errorf("%q", s.statements)
	}
	if err := lake.Show(t.Context(), "payments", sqlfiles.Text{Path: "x.sql", SQL: "SELECT * FROM main.payments"}); err == nil || !strings.Contains(err.Error(), "has no main.payments") {
		t.Errorf("%v", err)
	}
}

// Rows go to a file with every digit, those of all batches, and with the columns where there
// are none; a file that is there is not written over.
func TestWrite(t *testing.T) {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "amount", Type: &arrow.Decimal128Type{Precision: 38, Scale: 10}, Nullable: true},
		{Name: "line_no", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
		{Name: "day", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
		{Name: "at", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, Nullable: true},
		{Name: "nothing", Type: arrow.Null, Nullable: true},
	}, nil)
	const first = `[{"amount": "9999999999999999999999999999.0000000001", "line_no": 1, "day": "2026-03-09", "at": "2026-03-09T18:00:00.000001Z", "nothing": null}]`
	const second = `[{"amount": null, "line_no": null, "day": null, "at": null, "nothing": null}]`
	for _, c := range []struct {
		batches [][]string
		want    []string
	}{
		{[][]string{{first, second}, {first}}, []string{
			"9999999999999999999999999999.0000000001 | 1 | 2026-03-09 | 2026-03-09 18:00:00.000001+00 | –",
			"– | – | – | – | –",
			"9999999999999999999999999999.0000000001 | 1 | 2026-03-09 | 2026-03-09 18:00:00.000001+00 | –",
		}},
		{[][]string{{}}, nil},
	} {
		lake, s, err := wholeLake.open(t, "")
		if err != nil {
			t.Fatal(err)
		}
		s.answer = func(_ string, out grpc.ServerStreamingServer[wire.ExecutePlanResponse]) error {
			for _, batch := range c.batches {
				var records []arrow.RecordBatch
				for _, rows := range batch {
					records = append(records, record(schema, rows))
				}
				if err := out.Send(batchOf(schema, records...)); err != nil {
					return err
				}
			}
			return nil
		}
		file := filepath.Join(t.TempDir(), "rows.parquet")
		if err := lake.Write(t.Context(), sqlfiles.Text{SQL: "SELECT 1"}, file); err != nil {
			t.Fatal(err)
		}
		if got := texts(t, reportstest.InMemory(t), "FROM read_parquet('"+file+"')"); !slices.Equal(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
		if err := lake.Write(t.Context(), sqlfiles.Text{SQL: "SELECT 1"}, file); err == nil || !strings.Contains(err.Error(), "keep the rows of Spark") {
			t.Errorf("written over: %v", err)
		}
	}
}
