package load

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/nightaudit/nightaudit/sql/scan"
)

// Adoption is the taking over of a place that another database, or another
// configuration, used.
type Adoption struct {
	EntryID string    `json:"entry_id"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	What    string    `json:"what"` // published, reports or data
	Place   string    `json:"place"`
	// Database is the one whose it was, "" where that could not be read; Run
	// and Configuration published it, or used it last.
	Database      string `json:"database,omitempty"`
	Run           string `json:"run,omitempty"`
	Configuration string `json:"configuration,omitempty"`
}

// What is taken over.
const (
	AdoptPublished = "published" // the database that people open
	AdoptReports   = "reports"   // the folder of workbooks
	AdoptData      = "data"      // the data folder
)

// Adopt enters an adoption, and reads it back.
func (w *Warehouse) Adopt(ctx context.Context, a Adoption) error {
	err := w.enter(ctx, "ledger/count_adoptions", a.EntryID, 1, func(tx *sql.Tx) error {
		return scan.Exec(ctx, tx, "ledger/insert_adoption", nil, a.EntryID, a.At, a.By, a.What, a.Place, a.Database, a.Run, a.Configuration)
	})
	if err != nil {
		return fmt.Errorf("enter that %s was taken over: %w", a.Place, err)
	}
	return nil
}
