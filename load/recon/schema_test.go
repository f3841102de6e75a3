package recon

import (
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/nightaudit/nightaudit/transform"
)

// The tables of facts hold exactly the columns that transform gives them, of its
// types, and what the loader adds; a migration adds new ones at the end.
func TestFactsAreAsTransformed(t *testing.T) {
	t.Parallel()
	db := database(t)
	for _, def := range transform.Facts {
		var want []string
		fields := def.Schema.Fields()
		for _, f := range fields[:len(fields)-3] { // landing_ref, payload_sha256, _seq
			want = append(want, f.Name+" | "+duckType(f.Type))
		}
		if def.Name == transform.TableOrders {
			want = append(want, "deleted_at | TIMESTAMP WITH TIME ZONE")
		}
		want = append(want, "run_id | VARCHAR", "payload_sha256 | VARCHAR", "landing_ref | VARCHAR")
		slices.Sort(want)
		equal(t, def.Name, query(t, db, "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = 'main' AND table_name = '"+def.Name+"' ORDER BY column_name"), want)
	}
}

func duckType(t arrow.DataType) string {
	switch t.ID() {
	case arrow.STRING:
		return "VARCHAR"
	case arrow.INT64:
		return "BIGINT"
	case arrow.BOOL:
		return "BOOLEAN"
	case arrow.DATE32:
		return "DATE"
	case arrow.TIMESTAMP:
		return "TIMESTAMP WITH TIME ZONE"
	}
	return strings.ToUpper(strings.ReplaceAll(t.String(), " ", "")) // decimal(18, 4)
}
