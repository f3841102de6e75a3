package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/sql/scan"
)

// usualMemory is what the database of a night takes at most where the configuration
// says nothing else. More is of use to the largest alone, see BENCHMARKS.md.
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

// limitMemory sets what the database takes but for work that is done sparingly.
func (w *Warehouse) limitMemory(ctx context.Context, configured int64) (err error) {
	if w.limit, err = memoryLimit(ctx, w.db, configured); err != nil {
		return err
	}
	return w.setMemory(ctx, w.limit)
}

// What is done amid a night is done sparingly: on one core, for threads that have too
// little to do cost a fifth of the processor's time by waiting for each other, and
// with little memory, so that a night takes as much for many orders as for few: what
// does not fit is on the disk for a while, which costs no time that could be measured
// (BENCHMARKS.md). Over a large database it is worth while to have every core, and
// all the memory that the database may take.
const (
	// SparingMemory is what the database takes, in bytes, to load and to check.
	SparingMemory = 96 << 20
	// LargeDatabase is from how many bytes of its file it takes all that it may. That is
	// about a million orders.
	LargeDatabase = 500 << 20
)

// amid carries out work sparingly, or over a large database with all there is, and no
// other such work meanwhile. Work that turns out to need more memory is done once more,
// with all there is: it leaves nothing behind when it fails.
func (w *Warehouse) amid(ctx context.Context, work func() error) error {
	w.commit.Lock()
	defer w.commit.Unlock()
	if sizeOf(w.path) >= LargeDatabase {
		return w.onEveryCore(ctx, work)
	}
	err := w.setMemory(ctx, min(w.sparing, w.limit))
	if err == nil {
		err = work()
	}
	back := w.setMemory(context.WithoutCancel(ctx), w.limit)
	if isOutOfMemory(err) && back == nil {
		err = work()
	}
	return errors.Join(err, back)
}

// commitTx commits with all the memory there is, also amid work that is done sparingly:
// a commit spills nothing, and one that runs out of memory fails as a whole.
func (w *Warehouse) commitTx(ctx context.Context, tx *sql.Tx) error {
	if err := w.setMemory(ctx, w.limit); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func (w *Warehouse) onEveryCore(ctx context.Context, work func() error) error {
	if w.threads > 0 {
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

func (w *Warehouse) setMemory(ctx context.Context, limit int64) error {
	w.memory.Lock()
	defer w.memory.Unlock()
	if err := limitTo(ctx, w.db, limit); err != nil {
		return err
	}
	w.inForce = limit
	return nil
}

// manyRows are so many rows that giving memory back between the statements over them is
// worth its time.
const manyRows = 150_000

// thrifty is q, which before each statement over many rows gives back what those
// before it have left.
func (w *Warehouse) thrifty(q scan.Querier, rows int64) scan.Querier {
	if rows < manyRows {
		return q
	}
	return givingBack{q, w}
}

type givingBack struct {
	scan.Querier
	w *Warehouse
}

func (g givingBack) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := g.w.giveBack(ctx, g.Querier); err != nil {
		return nil, err
	}
	return g.Querier.ExecContext(ctx, query, args...)
}

func (g givingBack) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := g.w.giveBack(ctx, g.Querier); err != nil {
		return nil, err
	}
	return g.Querier.QueryContext(ctx, query, args...)
}

// giveBack returns to the system what the database holds and does not use, which its
// allocator keeps for ten seconds: DuckDB does so when its limit is set, be it to what
// it is. The connection may be in a transaction.
func (w *Warehouse) giveBack(ctx context.Context, q scan.Querier) error {
	w.memory.Lock()
	defer w.memory.Unlock()
	return limitTo(ctx, q, w.inForce)
}

func limitTo(ctx context.Context, q scan.Querier, limit int64) error {
	if err := scan.Exec(ctx, q, "database/memory", nil, fmt.Sprintf("%dB", limit)); err != nil {
		return fmt.Errorf("limit the memory of the working database: %w", err)
	}
	return nil
}

// isOutOfMemory tells such an error. That of a commit is of another type, and has it in
// its words alone.
func isOutOfMemory(err error) bool {
	var said *duckdb.Error
	return errors.As(err, &said) && (said.Type == duckdb.ErrorTypeOutOfMemory ||
		said.Type == duckdb.ErrorTypeTransaction && strings.Contains(said.Msg, "failed to pin block"))
}
