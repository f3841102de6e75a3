package load

import (
	"context"
	"fmt"
	"slices"
)

// stageGone finds the orders that are gone at the vendor. An order is gone
// only where its absence is proven: every exhaustive window of its stream was
// read to its end, agrees with the vendor's total, and the vendor did not
// answer with nothing where there were orders before.
func (s *Stage) stageGone(ctx context.Context, staged []string) error {
	var proven []*Window
	var streams []string
	for _, st := range s.source.Streams {
		windows := s.exhaustive(st.Name)
		if len(windows) == 0 {
			continue
		}
		ok, err := s.proven(ctx, st.Name, windows, slices.Contains(staged, st.Name))
		if err != nil {
			return err
		}
		if ok {
			proven = append(proven, windows...)
			streams = append(streams, st.Name)
		}
	}
	return s.exec(ctx, "gone_orders.sql", map[string]any{
		"Source": s.source.Name, "Account": s.account, "Windows": proven, "Streams": streams,
	})
}

// exhaustive lists the stream's windows that hold every order.
func (s *Stage) exhaustive(stream string) []*Window {
	return slices.DeleteFunc(slices.Clone(s.windows), func(w *Window) bool { return w.Stream != stream || !w.Exhaustive })
}

// proven reports whether the windows really hold every order. An answer of
// nothing where orders are known marks them unreconciled.
func (s *Stage) proven(ctx context.Context, stream string, windows []*Window, staged bool) (bool, error) {
	counts, err := s.distinct(ctx, stream, staged)
	if err != nil {
		return false, err
	}
	var came int64
	ok := true
	for _, w := range windows {
		came += counts[w.no]
		ok = ok && w.State == Complete && (w.Total < 0 || w.Total == counts[w.no])
	}
	if came > 0 || !ok {
		return ok, nil
	}
	known, err := s.liveOrders(ctx, windows)
	if err != nil {
		return false, err
	}
	if known == 0 {
		return true, nil
	}
	for _, w := range windows {
		w.State = Unreconciled
		w.Message = fmt.Sprintf("the vendor answered with nothing where %d orders are known; nothing was taken as deleted", known)
	}
	return false, nil
}

// distinct counts the records of each window of a stream.
func (s *Stage) distinct(ctx context.Context, stream string, staged bool) (map[int]int64, error) {
	counts := map[int]int64{}
	if !staged {
		return counts, nil
	}
	statement := "SELECT window_no, count(DISTINCT record_key) FROM " + identifier("rec", stream) + " WHERE NOT is_superseded GROUP BY window_no"
	rows, err := s.conn.QueryContext(ctx, statement)
	if err != nil {
		return nil, fmt.Errorf("count the records of %s: %w", stream, err)
	}
	defer rows.Close()
	for rows.Next() {
		var no int
		var n int64
		if err := rows.Scan(&no, &n); err != nil {
			return nil, fmt.Errorf("count the records of %s: %w", stream, err)
		}
		counts[no] = n
	}
	return counts, rows.Err()
}

// liveOrders counts the known orders that were created within the windows.
func (s *Stage) liveOrders(ctx context.Context, windows []*Window) (n int64, err error) {
	err = s.exec(ctx, "gone_orders.sql", map[string]any{"Source": s.source.Name, "Account": s.account, "Windows": windows})
	if err == nil {
		err = s.conn.QueryRowContext(ctx, "SELECT count(*) FROM gone_orders").Scan(&n)
	}
	if err != nil {
		return 0, fmt.Errorf("count the known orders of %s %s: %w", s.source.Name, s.account, err)
	}
	return n, nil
}
