package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"

	"github.com/nightaudit/nightaudit/sql/scan"
)

// usualMemory is what a night takes at most where the configuration says nothing
// else. More is of use to the largest alone, see BENCHMARKS.md.
const usualMemory = 1 << 30

// leastMemory is the least with which the database can work; the configuration takes
// no less.
const leastMemory = 256 << 20

// MemoryLimit is how many bytes the working database takes before it spills: as it
// is configured or, where that is 0, by what the machine has.
func MemoryLimit(ctx context.Context, configured int64) (int64, error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return 0, fmt.Errorf("ask the engine for its memory limit: %w", err)
	}
	defer db.Close() // it is in memory: nothing to lose
	return memoryLimit(ctx, db, configured)
}

func memoryLimit(ctx context.Context, db *sql.DB, configured int64) (int64, error) {
	if configured > 0 {
		return configured, nil
	}
	own, err := scan.MemoryLimit(ctx, db)
	return max(min(own/4, usualMemory), leastMemory), err
}

func (w *Warehouse) limitMemory(ctx context.Context, configured int64) error {
	limit, err := memoryLimit(ctx, w.db, configured)
	if err != nil {
		return err
	}
	if err := scan.Exec(ctx, w.db, "database/memory", nil, fmt.Sprintf("%dB", limit)); err != nil {
		return fmt.Errorf("limit the memory of the working database: %w", err)
	}
	return nil
}

// It is worth while to work on several cores where rows are many, or what they are
// compared with is large: threads that have too little to do cost a fifth of the
// processor's time by waiting for each other (BENCHMARKS.md).
const (
	manyRows      = 200_000
	largeDatabase = 500 << 20 // bytes, about a million orders
)

// amid carries out work on so many rows, on every core where it is worth while. The
// caller has w.commit.
func (w *Warehouse) amid(ctx context.Context, rows int64, work func() error) error {
	if w.threads > 0 || rows < manyRows && sizeOf(w.path) < largeDatabase {
		return work()
	}
	err := w.setThreads(ctx, runtime.NumCPU())
	if err == nil {
		err = work()
	}
	return errors.Join(err, w.setThreads(context.WithoutCancel(ctx), 1))
}

func (w *Warehouse) setThreads(ctx context.Context, n int) error {
	if err := scan.Exec(ctx, w.db, "database/threads", nil, int64(n)); err != nil {
		return fmt.Errorf("set the threads of the working database: %w", err)
	}
	return nil
}

