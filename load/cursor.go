package load

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Coverage is how far a stream has been read without a gap, in the vendor's
// time, UTC: every window from From, inclusive, to To, exclusive, was complete.
type Coverage struct {
	From time.Time // zero: from the beginning
	To   time.Time
}

// Coverages gives, by stream, what the complete windows of all runs cover
// without a gap, from the earliest on. Of a stream that is read in several
// scans over one time it is what all of them cover. A window that stayed
// unreconciled leaves a gap, so that the next run reads it again.
//
// A run whose windows start earlier than all before it has begun the stream
// anew, for its account's since was set to an earlier day. What was covered
// before that run no longer counts, for it lacks the orders of those days: it
// must not close a gap that the new beginning has left.
//
// Windows with a cursor of their own (ledger.Window, OwnCursor) stand under
// ledger.CursorOf, from the beginning: what lies before them others have read.
func (w *Warehouse) Coverages(ctx context.Context, source, account string) (map[string]Coverage, error) {
	type reading struct{ stream, filter string }
	type read struct {
		reading
		own   bool
		start sql.NullTime
		end   time.Time
	}
	windows, err := scan.All(ctx, w.db, "ledger/covered_windows", nil, func(r *read) []any {
		return []any{&r.stream, &r.filter, &r.own, &r.start, &r.end}
	}, source, account)
	if err != nil {
		return nil, fmt.Errorf("read the cursors of %s %s: %w", source, account, err)
	}
	covered := map[reading]Coverage{}
	for _, r := range windows {
		if r.own {
			r.reading = reading{stream: ledger.CursorOf(r.stream, r.filter)}
		}
		c, known := covered[r.reading]
		switch {
		case !known && r.own:
			c = Coverage{To: r.end}
		case !known:
			c = Coverage{From: r.start.Time, To: r.end}
		case r.end.After(c.To) && (!r.start.Valid || !r.start.Time.After(c.To)):
			c.To = r.end
		}
		covered[r.reading] = c
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
// it was last read completely: what the next run can be expected to take.
func (w *Warehouse) LastPages(ctx context.Context, source, account string) (map[[2]string]int, error) {
	type read struct {
		key   [2]string
		pages int
	}
	last, err := scan.All(ctx, w.db, "ledger/last_pages", nil, func(r *read) []any {
		return []any{&r.key[0], &r.key[1], &r.pages}
	}, source, account)
	if err != nil {
		return nil, fmt.Errorf("count the answers of %s %s: %w", source, account, err)
	}
	pages := map[[2]string]int{}
	for _, r := range last {
		pages[r.key] = r.pages
	}
	return pages, nil
}
