package load

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/nightaudit/nightaudit/sql/scan"
)

// ClockCorrection gives runs and entries that a clock ahead of its time had put
// into the future other recorded times.
type ClockCorrection struct {
	EntryID string          `json:"entry_id"`
	At      time.Time       `json:"at"` // its own recorded time
	By      string          `json:"by"`
	Times   []CorrectedTime `json:"times"`
}

// CorrectedTime is the recorded time of one run or entry.
type CorrectedTime struct {
	Subject    string    `json:"subject"`     // the id of the run, or of the entry
	RecordedAt time.Time `json:"recorded_at"` // what the clock said
	StandsAt   time.Time `json:"stands_at"`
}

// NoteCorrection enters a correction, which the rebuilt database rests on, and
// reads it back.
func (w *Warehouse) NoteCorrection(ctx context.Context, c ClockCorrection) error {
	err := w.enter(ctx, "ledger/count_corrections", c.EntryID, len(c.Times), func(tx *sql.Tx) error {
		for _, t := range c.Times {
			if err := scan.Exec(ctx, tx, "ledger/insert_correction", nil, c.EntryID, c.At, c.By, t.Subject, t.RecordedAt, t.StandsAt); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("enter the corrected times %s: %w", c.EntryID, err)
	}
	return nil
}
