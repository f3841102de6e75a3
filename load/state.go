package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/sql/scan"
)

// PublishedState is what a published copy says of itself.
type PublishedState struct {
	Database, Run string
	// ChainHead is the hash of the landing's last seal when it was published.
	ChainHead string
	Runs      []PublishedRun  // that came to their end
	Entries   map[string]bool // ids of what people added
	Taken     map[string]bool // hashes of the workbooks that were taken
	// Rebased are the recorded times at which runs brought the rows of accounts to other
	// settings, by source the last one.
	Rebased map[string]time.Time
}

// PublishedRun is a run as a ledger has it.
type PublishedRun struct {
	ID           string
	At           time.Time
	FinishedAt   time.Time
	Outcome      string
	ExitCode     int
	ConfigSHA256 string
}

// sealedSchema is the first version of the schema that knows of seals.
const sealedSchema = 2

// ErrBeforeSeals is a published copy of a program that knew no seals.
var ErrBeforeSeals = errors.New("it was published by a version that knew no seals")

// ErrLogBeside is a published copy beside which a log lies: what it holds is not
// what was published.
var ErrLogBeside = errors.New("a write-ahead log lies beside it, which no run made: move it away")

// ReadPublished reads what the published copy at path says of itself. Errors are
// fs.ErrNotExist, ErrBeforeSeals, ErrLogBeside, or what keeps it from being read.
func ReadPublished(ctx context.Context, path string) (s *PublishedState, err error) {
	fail := func(err error) (*PublishedState, error) { return nil, fmt.Errorf("read %s: %w", path, err) }
	if _, err := os.Stat(path); err != nil {
		return fail(err)
	}
	if len(disk.Logs(path)) > 0 {
		return fail(ErrLogBeside)
	}
	db, err := openReadOnly(path)
	if err != nil {
		return fail(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var version int
	if err := scan.One(ctx, db, "database/schema_version", nil, nil, &version); err != nil {
		return fail(err)
	}
	if version < sealedSchema {
		return fail(ErrBeforeSeals)
	}
	s = &PublishedState{}
	if err := scan.One(ctx, db, "database/published_state", nil, nil, &s.Database, &s.Run, &s.ChainHead); err != nil {
		return fail(err)
	}
	s.Runs, err = scan.All(ctx, db, "database/published_runs", nil, func(r *PublishedRun) []any {
		return []any{&r.ID, &r.At, &r.FinishedAt, &r.Outcome, &r.ExitCode, &r.ConfigSHA256}
	})
	if err != nil {
		return fail(err)
	}
	if s.Entries, err = scan.Set[string](ctx, db, "ledger/entry_ids", nil); err != nil {
		return fail(err)
	}
	if s.Rebased, err = scan.Map[string, time.Time](ctx, db, "database/published_rebased", nil); err != nil {
		return fail(err)
	}
	taken, err := scan.Map[string, string](ctx, db, "ledger/taken_workbooks", nil)
	if err != nil {
		return fail(err)
	}
	s.Taken = map[string]bool{}
	for sha256 := range taken {
		s.Taken[sha256] = true
	}
	return s, nil
}
