package load

import (
	"context"
	"fmt"
	"slices"

	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Booked counts, by the name of the day, the account's orders that were
// created on each of days and are not deleted: those of the warehouse, and
// those staged so far. It ends the files staged so far; what is staged after
// it goes to others.
func (s *Stage) Booked(ctx context.Context, days []ledger.Day) (map[string]int64, error) {
	fail := func(err error) (map[string]int64, error) {
		return nil, fmt.Errorf("count the orders of %s %s by day: %w", s.source.Name, s.account, err)
	}
	if err := s.seal(); err != nil {
		return nil, err
	}
	booked := map[string]int64{}
	for _, d := range days {
		booked[d.Name] = 0
	}
	if len(days) == 0 {
		return booked, nil
	}
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	type stagedOrders struct {
		Orders, Records []string // files
		Superseded      []superseded
	}
	var staged []stagedOrders
	for _, st := range s.source.Streams {
		f := s.files[[2]string{st.Name, transform.TableOrders}]
		columns, carries := st.Carries[transform.TableOrders]
		if f == nil || !carries || st.Enriches || (len(columns) > 0 && !slices.Contains(columns, "created_at")) {
			continue
		}
		staged = append(staged, stagedOrders{f.paths, s.files[[2]string{st.Name, transform.TableRecords}].paths, s.superseded(st.Name)})
	}
	statement, err := render("booked_days.sql", map[string]any{"Source": s.source.Name, "Account": s.account, "Days": days, "Staged": staged})
	if err != nil {
		return nil, err
	}
	rows, err := s.conn.QueryContext(ctx, statement)
	if err != nil {
		return fail(err)
	}
	defer rows.Close()
	for rows.Next() {
		var day string
		var orders int64
		if err := rows.Scan(&day, &orders); err != nil {
			return fail(err)
		}
		booked[day] = orders
	}
	return booked, rows.Err()
}
