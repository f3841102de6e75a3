package iceberg

import (
	"context"
	"database/sql"
	"strconv"

	"github.com/nightaudit/nightaudit/reports/lake"
	"github.com/nightaudit/nightaudit/reports/result"
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

// totals are the control totals of a table, as properties of its snapshot: its rows, and of
// facts the sums of their money.
func totals(ctx context.Context, conn *sql.Conn, s *lake.Source) (map[string]string, error) {
	var columns []string
	if s.Schema() == "main" {
		columns = money(s)
	}
	return addUp(ctx, inDuckDB(conn), s.Name(), s.Has("currency"), columns)
}

// asking runs a SELECT of the SQL that all engines read.
type asking func(ctx context.Context, text sqlfiles.Text) (*result.Rows, error)

func inDuckDB(conn *sql.Conn) asking {
	return func(ctx context.Context, text sqlfiles.Text) (*result.Rows, error) {
		return result.Query(ctx, conn, text.SQL)
	}
}

// addUp are the rows, and the sums of columns, of what stands in from, as properties of a
// snapshot.
func addUp(ctx context.Context, ask asking, from string, currency bool, columns []string) (map[string]string, error) {
	statement, err := sqlfiles.Statement("queries/lake_totals", struct {
		From     string
		Currency bool
		Money    []string
	}{from, currency && len(columns) > 0, columns})
	if err != nil {
		return nil, err
	}
	found, err := ask(ctx, sqlfiles.Text{Path: "queries/lake_totals.sql", SQL: statement})
	if err != nil {
		return nil, err
	}
	defer found.Close()
	sums := map[string]string{}
	var rows int64
	currencies := 0
	for values, err := range found.All() {
		if err != nil {
			return nil, err
		}
		n, _ := values[1].(int64)
		rows += n
		if currencies++; currencies > mostCurrencies {
			continue
		}
		suffix, _ := values[0].(string)
		if suffix != "" {
			suffix = "." + suffix
		}
		for i, column := range columns {
			if text, ok := found.Columns[i+2].Plain(values[i+2]); ok {
				sums[propertyTotal+column+suffix] = text
			}
		}
	}
	sums[propertyRows] = strconv.FormatInt(rows, 10)
	if left := currencies - mostCurrencies; left > 0 {
		sums[propertyLeftOut] = strconv.Itoa(left)
	}
	return sums, nil
}
