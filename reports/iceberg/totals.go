package iceberg

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"github.com/nightaudit/nightaudit/reports/lake"
	sqlfiles "github.com/nightaudit/nightaudit/sql"
)

// The properties of a snapshot that a night leaves.
const (
	propertyRun       = "nightaudit.run_id"
	propertyDatabase  = "nightaudit.database_id"
	propertyPublished = "nightaudit.published_at"
	propertyRows      = "nightaudit.rows"        // of this database
	propertyTotal     = "nightaudit.total."      // with COLUMN.CURRENCY
	propertyLeftOut   = "nightaudit.totals_left" // currencies without totals
	propertySnapshots = "nightaudit.snapshots"   // of audit.runs alone: JSON, by table
)

// mostCurrencies is of how many currencies a snapshot states totals: it is read whenever
// the table is.
const mostCurrencies = 20

// money are the columns that hold money: see the first lines of the schema.
func money(s *lake.Source) (columns []string) {
	for _, c := range s.Columns() {
		if isMoney(c.Type) {
			columns = append(columns, c.Name)
		}
	}
	return columns
}

func isMoney(kind string) bool {
	precision, scale, ok := decimal(kind)
	return ok && precision >= 18 && scale == 4
}

// totals are the control totals of a table of facts, as properties of its snapshot.
func totals(ctx context.Context, conn *sql.Conn, s *lake.Source) (map[string]string, error) {
	columns := money(s)
	if s.Schema() != "main" || len(columns) == 0 {
		return nil, nil
	}
	return addUp(ctx, conn, s.Name(), s.Has("currency"), columns)
}

// addUp are the sums of columns of what stands in from, as properties of a snapshot.
func addUp(ctx context.Context, conn *sql.Conn, from string, currency bool, columns []string) (map[string]string, error) {
	statement, err := sqlfiles.Statement("queries/lake_totals", struct {
		From     string
		Currency bool
		Money    []string
	}{from, currency, columns})
	if err != nil {
		return nil, err
	}
	rows, err := conn.QueryContext(ctx, statement)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]string{}
	left := 0
	for n := 0; rows.Next(); n++ {
		if n >= mostCurrencies {
			left++
			continue
		}
		var currency string
		var sums []any
		if err := rows.Scan(&currency, &sums); err != nil {
			return nil, err
		}
		if currency != "" {
			currency = "." + currency
		}
		for i, sum := range sums {
			if sum != nil {
				found[propertyTotal+columns[i]+currency] = fmt.Sprint(sum)
			}
		}
	}
	if left > 0 {
		found[propertyLeftOut] = strconv.Itoa(left)
	}
	return found, rows.Err()
}
