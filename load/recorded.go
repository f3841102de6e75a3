package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Recorded is what the database holds last, by recorded time.
type Recorded struct {
	// Run is the last run that came to its end, zero where none did; its
	// recorded time is RunAt.
	Run   string
	RunAt time.Time
	// Latest is the last run of all and Begun its recorded time; Unfinished is
	// its id where it has not come to its end: what it loaded is half a night.
	Latest     string
	Begun      time.Time
	Unfinished string
	// Added is the recorded time of the last thing that people added, zero
	// where there is none.
	Added time.Time
}

// Recorded tells what the database holds last. Time goes forward in it: what
// was known at an instant must not change afterwards.
func (w *Warehouse) Recorded(ctx context.Context) (r Recorded, err error) {
	fail := func(err error) (Recorded, error) {
		return r, fmt.Errorf("read what was recorded last: %w", err)
	}
	var id string
	var ended bool
	var at sql.NullTime
	err = w.db.QueryRowContext(ctx, "SELECT run_id, started_at, outcome IS NOT NULL FROM audit.runs ORDER BY started_at DESC, run_id DESC LIMIT 1").Scan(&id, &at, &ended)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return fail(err)
	default:
		r.Latest, r.Begun = id, at.Time
		if !ended {
			r.Unfinished = id
		}
	}
	err = w.db.QueryRowContext(ctx, "SELECT run_id, started_at FROM audit.runs WHERE outcome IS NOT NULL ORDER BY started_at DESC, run_id DESC LIMIT 1").Scan(&r.Run, &at)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return fail(err)
	default:
		r.RunAt = at.Time
	}
	err = w.db.QueryRowContext(ctx, "SELECT max(added_at) FROM (SELECT max(closed_at) AS added_at FROM audit.closes UNION ALL SELECT max(annotated_at) FROM recon.annotations)").Scan(&at)
	if err != nil {
		return fail(err)
	}
	r.Added = at.Time
	return r, nil
}

// Entries are the journal entries of people that the database holds.
func (w *Warehouse) Entries(ctx context.Context) (map[string]bool, error) {
	rows, err := w.db.QueryContext(ctx, "SELECT entry_id FROM audit.closes UNION SELECT entry_id FROM recon.annotations")
	if err != nil {
		return nil, fmt.Errorf("list what people added: %w", err)
	}
	defer rows.Close()
	entries := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("list what people added: %w", err)
		}
		entries[id] = true
	}
	return entries, rows.Err()
}
