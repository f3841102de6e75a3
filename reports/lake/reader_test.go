package lake

import (
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// A reader that shares no code with DuckDB finds decimals, instants of UTC and
// dates, and the values that were put in.
func TestExportReadByArrow(t *testing.T) {
	dir := t.TempDir()
	exportTo(t, newDatabase(t), dir)
	f, err := file.OpenParquetFile(filepath.Join(dir, "orders/business_month=2026-03/part-0.parquet"), false)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	reader, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	table, err := reader.ReadTable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer table.Release()
	column := func(name string) (arrow.DataType, arrow.Array) {
		at := table.Schema().FieldIndices(name)
		if len(at) != 1 {
			t.Fatalf("there are %d columns %s", len(at), name)
		}
		c := table.Column(at[0])
		return c.DataType(), c.Data().Chunk(0)
	}
	if at := table.Schema().FieldIndices("business_month"); at != nil {
		t.Error("business_month stands in the path and in the file")
	}
	if _, sources := column("source"); sources.ValueStr(0) != "soms" || sources.ValueStr(2) != "tuya" {
		t.Error("the file does not say which source a row is of")
	}
	typ, net := column("net_amount")
	decimals, ok := net.(*array.Decimal128)
	if !ok || typ.(arrow.DecimalType).GetScale() != 4 || decimals.Len() != 3 {
		t.Fatalf("net_amount is %s with %d rows", typ, net.Len())
	}
	// 20.1234 and 99999999999999.9999 as they were inserted, by source and order_id.
	if a, b := decimals.Value(0).ToString(4), decimals.Value(1).ToString(4); a != "20.1234" || b != "99999999999999.9999" {
		t.Errorf("net_amount reads %s and %s", a, b)
	}
	typ, created := column("created_at")
	stamps, ok := created.(*array.Timestamp)
	if !ok || typ.(*arrow.TimestampType).TimeZone != "UTC" || typ.(*arrow.TimestampType).Unit != arrow.Microsecond {
		t.Fatalf("created_at is %s", typ)
	}
	if got := stamps.Value(0).ToTime(arrow.Microsecond).UTC().Format("2006-01-02T15:04:05.999999Z"); got != "2026-03-01T00:00:00.123456Z" {
		t.Errorf("created_at reads %s", got)
	}
	if _, dates := column("business_date"); dates.(*array.Date32).Value(0).FormattedString() != "2026-03-01" {
		t.Error("business_date is not the day that was put in")
	}
}
