package recon

import (
	"path/filepath"
	"strings"
	"testing"
)

// The comparison of the checks themselves, over another engine, is in reports/spark.

// Rows with more decimals than the column has would be rounded in silence: they are refused.
func TestRowsComeExact(t *testing.T) {
	t.Parallel()
	db := database(t, "CREATE TABLE given (amount DECIMAL(18,4), line_no BIGINT, seen TIMESTAMPTZ)")
	for _, c := range []struct{ columns, refused string }{
		{"1.5::DECIMAL(38,4) AS amount, 1 AS line_no", ""},
		{"1.5::DECIMAL(18,2) AS amount", ""},
		{"2 AS amount, NULL AS line_no", ""},
		{"1.5::DECIMAL(38,6) AS amount", "the column amount came with 6 decimals, and has 4 here"},
		{"1.5::DECIMAL(18,1) AS line_no", "the column line_no came with 1 decimals, and has 0 here"},
	} {
		file := filepath.Join(t.TempDir(), "rows.parquet")
		exec(t, db, "COPY (SELECT "+c.columns+") TO '"+file+"' (FORMAT parquet)")
		err := exact(t.Context(), db, "given", file)
		if c.refused == "" && err != nil || c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused)) {
			t.Errorf("%s: %v", c.columns, err)
		}
	}
}
