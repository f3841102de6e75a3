package load

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// Booked counts, by the name of the day, the account's orders that were
// created on each of days and are not deleted: those of the warehouse, and
// those staged so far. It ends the files staged so far; what is staged after
// it goes to others.
func (s *Stage) Booked(ctx context.Context, days []ledger.Day) (map[string]int64, error) {
	if err := s.seal(ctx); err != nil {
		return nil, err
	}
	end := meter.From(ctx).Begin(meter.Plan)
	defer end(meter.Amount{Calls: 1})
	booked := map[string]int64{}
	if len(days) == 0 {
		return booked, nil
	}
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	var streams []string
	for _, st := range s.staged() {
		if !st.Enriches && s.carries(st.Name, transform.TableOrders, "created_at") && s.files[[2]string{st.Name, transform.TableOrders}] != nil {
			streams = append(streams, st.Name)
		}
	}
	var dayNames []string
	var starts, ends []time.Time
	for _, d := range days {
		booked[d.Name] = 0
		dayNames, starts, ends = append(dayNames, d.Name), append(starts, d.Start), append(ends, d.End)
	}
	counts, err := scan.Map[string, int64](ctx, s.conn, "merge/booked_days", streams, dayNames, starts, ends)
	if err != nil {
		return nil, fmt.Errorf("count the orders of %s %s by day: %w", s.source.Name, s.account, err)
	}
	maps.Copy(booked, counts)
	return booked, nil
}
