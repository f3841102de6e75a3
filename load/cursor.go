package load

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Coverage is how far a stream has been read without a gap: every window
// between From and To was complete.
type Coverage struct {
	From time.Time // zero: from the beginning
	To   time.Time
}

// Coverages gives, by stream, what the complete windows of all runs cover
// without a gap, from the earliest on. Of a stream that is read in several
// scans over one time it is what all of them cover. A window that stayed
// unreconciled leaves a gap, so that the next night reads it again.
//
// A night whose windows start earlier than all before it has begun the stream
// anew, for its account's since was set to an earlier day. What was covered
// before that night no longer counts, for it lacks the orders of those days:
// it must not close a gap that the new beginning has left.
func (w *Warehouse) Coverages(ctx context.Context, source, account string) (map[string]Coverage, error) {
	fail := func(err error) (map[string]Coverage, error) {
		return nil, fmt.Errorf("read the cursors of %s %s: %w", source, account, err)
	}
	rows, err := w.db.QueryContext(ctx, `
		SELECT stream, coalesce(filter, ''), window_start, window_end
		FROM audit.extracts e LEFT JOIN audit.runs r USING (run_id)
		WHERE source = ? AND account = ? AND state = 'complete' AND advances_cursor AND window_end IS NOT NULL
		QUALIFY coalesce(r.started_at >= first_value(r.started_at) OVER (PARTITION BY stream, filter ORDER BY window_start NULLS FIRST, r.started_at), true)
		ORDER BY stream, filter, window_start NULLS FIRST, window_end`, source, account)
	if err != nil {
		return fail(err)
	}
	defer rows.Close()
	type scan struct{ stream, filter string }
	covered := map[scan]Coverage{}
	for rows.Next() {
		var s scan
		var start sql.NullTime
		var end time.Time
		if err := rows.Scan(&s.stream, &s.filter, &start, &end); err != nil {
			return fail(err)
		}
		c, known := covered[s]
		switch {
		case !known:
			c = Coverage{From: start.Time, To: end}
		case end.After(c.To) && (!start.Valid || !start.Time.After(c.To)):
			c.To = end
		}
		covered[s] = c
	}
	if err := rows.Err(); err != nil {
		return fail(err)
	}
	streams := map[string]Coverage{}
	for s, c := range covered {
		all, known := streams[s.stream]
		if !known {
			all = c
		}
		if c.From.After(all.From) {
			all.From = c.From
		}
		if c.To.Before(all.To) {
			all.To = c.To
		}
		streams[s.stream] = all
	}
	return streams, nil
}

// LastPages gives the number of answers that each stream and filter took when
// it was last read completely: what the next night can be expected to take.
func (w *Warehouse) LastPages(ctx context.Context, source, account string) (map[[2]string]int, error) {
	rows, err := w.db.QueryContext(ctx, `
		SELECT stream, coalesce(filter, ''), sum(pages)::INTEGER
		FROM audit.extracts e JOIN audit.runs r USING (run_id)
		WHERE e.source = ? AND e.account = ? AND e.state <> 'failed'
		GROUP BY e.run_id, r.started_at, stream, filter
		QUALIFY row_number() OVER (PARTITION BY stream, filter ORDER BY r.started_at DESC) = 1`, source, account)
	if err != nil {
		return nil, fmt.Errorf("count the answers of %s %s: %w", source, account, err)
	}
	defer rows.Close()
	pages := map[[2]string]int{}
	for rows.Next() {
		var key [2]string
		var n int
		if err := rows.Scan(&key[0], &key[1], &n); err != nil {
			return nil, fmt.Errorf("count the answers of %s %s: %w", source, account, err)
		}
		pages[key] = n
	}
	return pages, rows.Err()
}
