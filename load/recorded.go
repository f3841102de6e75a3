package load

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/nightaudit/nightaudit/sql/scan"
)

// Recorded is what the database holds last, by recorded time. Its times are
// those of the runs and entries (UTC), not of the machine's clock.
type Recorded struct {
	// Run is the last run that came to its end with something to show (one in
	// which every account failed has nothing), "" where none did; RunAt is its
	// recorded time.
	Run   string
	RunAt time.Time
	// Latest is the last run of all and Begun its recorded time; Unfinished is
	// its id where it has not come to its end: the database holds a part of
	// what it brought.
	Latest     string
	Begun      time.Time
	Unfinished string
	// Added is the recorded time of the last entry that people made, zero
	// where there is none.
	Added time.Time
}

// Recorded tells what the database holds last. Time goes forward in it: what
// was known at an instant must not change afterwards. Runs that brought nothing
// and lie after at, for the clock had been ahead, stand in nobody's way.
func (w *Warehouse) Recorded(ctx context.Context, at time.Time) (Recorded, error) {
	var latest, run sql.NullString
	var begun, runAt, added sql.NullTime
	var ended bool
	if err := scan.One(ctx, w.db, "ledger/latest", nil, []any{at}, &latest, &begun, &ended, &run, &runAt, &added); err != nil {
		return Recorded{}, fmt.Errorf("read what was recorded last: %w", err)
	}
	r := Recorded{Run: run.String, RunAt: runAt.Time, Latest: latest.String, Begun: begun.Time, Added: added.Time}
	if !ended {
		r.Unfinished = r.Latest
	}
	return r, nil
}

// Entries are the ids of the ledger entries of people that the database holds.
func (w *Warehouse) Entries(ctx context.Context) (map[string]bool, error) {
	entries, err := scan.Set[string](ctx, w.db, "ledger/entry_ids", nil)
	if err != nil {
		return nil, fmt.Errorf("list what people added: %w", err)
	}
	return entries, nil
}

// ChainHead is the head of the landing's chain of seals when the database was
// published last, "" where it had none.
func (w *Warehouse) ChainHead(ctx context.Context) (head string, err error) {
	if err := scan.One(ctx, w.db, "database/chain_head", nil, nil, &head); err != nil {
		return "", fmt.Errorf("read the head of the landing's chain: %w", err)
	}
	return head, nil
}
