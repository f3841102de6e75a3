package load

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	sqlfiles "github.com/nightaudit/nightaudit/sql"
	"github.com/nightaudit/nightaudit/sql/scan"
	"github.com/nightaudit/nightaudit/transform"
	"github.com/nightaudit/nightaudit/transform/ledger"
	"github.com/nightaudit/nightaudit/transform/meter"
)

// Source is what the loader needs to know of a source: a driver's own words,
// written by the program and never by people.
type Source struct {
	Name    string          // as in the configuration and in every row
	Streams []ledger.Stream // in order of precedence, the later one wins
	// DeriveSQL are statements that run over the candidate rows (cand_orders,
	// cand_deliveries, …) before they are compared with the warehouse, for
	// columns that follow from several streams' answers.
	DeriveSQL string
	// FinalSQL is a condition on an order o that is never asked for again;
	// "" stands for the final statuses.
	FinalSQL string
}

// window is a window of a stage: its number, which the batch's pages name, and
// the control sums of its rows.
type window struct {
	ledger.Window
	no     int
	sums   []*transform.ControlSum
	before int64 // see Stage.Supersede
	fell   bool  // it is marked for what it lacks alone: see doubtFalls
}

// Stage collects what one run reads of one account in Parquet files, one for
// each stream and table, until Commit loads them. It is not safe for concurrent use.
type Stage struct {
	w       *Warehouse
	run     ledger.Run
	source  Source
	account string
	dir     string
	files   map[[2]string]*stagedFile // by stream, table
	windows []*window
	conn    *sql.Conn      // holds the temporary tables
	told    map[string]any // variables of conn

	observed []Observation
}

// stagedFile is where rows of one stream and table are. Once sealed, further
// rows go to another file.
type stagedFile struct {
	paths  []string
	writer *pqarrow.FileWriter // nil once sealed
	rows   int64
}

// rowGroup is the number of rows that are written together, and held in memory
// until they are.
const rowGroup = 16 << 10

// Stage opens an empty stage in dir, which must not exist.
func (w *Warehouse) Stage(run ledger.Run, source Source, account, dir string) (*Stage, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the staging folder: %w", err)
	}
	return &Stage{w: w, run: run, source: source, account: account, dir: dir, files: map[[2]string]*stagedFile{}, told: map[string]any{}}, nil
}

// Begin opens a window. Its number is what the batch's pages name.
func (s *Stage) Begin(w ledger.Window) (number int) {
	number = len(s.windows)
	s.windows = append(s.windows, &window{Window: w, no: number})
	return number
}

// End notes how window number was read, and the control sums of its rows.
func (s *Stage) End(number int, total int64, pages int, state ledger.WindowState, message string, sums []*transform.ControlSum) {
	w := s.windows[number]
	w.Total, w.Pages, w.State, w.Message, w.sums = total, pages, state, message, sums
}

// Supersede says that window number is being read once more: its records
// staged so far, which are those before sequence number before, are superseded
// if the window ends complete. If it does not, all of them load.
func (s *Stage) Supersede(number int, before int64) { s.windows[number].before = before }

// supersededBefore gives, by the number of the window, the sequence number
// before which its records are superseded; 0 where none is.
func (s *Stage) supersededBefore() []int64 {
	all := make([]int64, len(s.windows))
	for i, w := range s.windows {
		if w.readWell() {
			all[i] = w.before
		}
	}
	return all
}

// windowStarts gives, by the number of the window, where it begins; the year 1
// where it has no beginning.
func (s *Stage) windowStarts() []time.Time {
	all := make([]time.Time, len(s.windows))
	for i, w := range s.windows {
		all[i] = w.Start
	}
	return all
}

// Write stages rows of a table; rec stays the caller's.
func (s *Stage) Write(stream, table string, rec arrow.RecordBatch) error {
	key := [2]string{stream, table}
	f := s.files[key]
	if f == nil {
		f = new(stagedFile)
	}
	if f.writer == nil {
		name := fmt.Sprintf("%s-%s-%d.parquet", stream, table, len(f.paths)+1)
		if err := f.create(filepath.Join(s.dir, name), rec.Schema()); err != nil {
			return err
		}
		s.files[key] = f
	}
	if err := f.writer.WriteBuffered(rec); err != nil {
		return fmt.Errorf("stage %s rows of %s: %w", table, stream, err)
	}
	f.rows += rec.NumRows()
	return nil
}

func (f *stagedFile) create(path string, schema *arrow.Schema) error {
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("create a staging file: %w", err)
	}
	writer, err := pqarrow.NewFileWriter(schema, out,
		parquet.NewWriterProperties(
			parquet.WithCompression(compress.Codecs.Snappy),
			parquet.WithStoreDecimalAsInteger(true),
			parquet.WithMaxRowGroupLength(rowGroup)),
		pqarrow.DefaultWriterProps())
	if err != nil {
		return errors.Join(fmt.Errorf("create the staging file %s: %w", path, err), out.Close())
	}
	f.paths, f.writer = append(f.paths, path), writer
	return nil
}

// thrifty is q, as the warehouse has it for so many rows as are staged.
func (s *Stage) thrifty(q scan.Querier) scan.Querier {
	var rows int64
	for _, f := range s.files {
		rows += f.rows
	}
	return s.w.thrifty(q, rows)
}

// seal ends all files, so that they can be read: what they hold is compressed and
// written then.
func (s *Stage) seal(ctx context.Context) error {
	end := meter.From(ctx).Begin(meter.Store)
	defer end(meter.Amount{})
	for _, f := range s.files {
		if f.writer == nil {
			continue
		}
		if err := f.writer.Close(); err != nil {
			return fmt.Errorf("finish the staging file %s: %w", f.paths[len(f.paths)-1], err)
		}
		f.writer = nil
	}
	return nil
}

// Discard removes the staged files and temporary tables. It is safe to call
// at any time and more than once.
func (s *Stage) Discard() error {
	var errs []error
	if s.conn != nil {
		// The connection holds the temporary tables: end it, do not pool it.
		if err := s.conn.Raw(func(any) error { return driver.ErrBadConn }); !errors.Is(err, driver.ErrBadConn) {
			errs = append(errs, err)
		}
		s.conn = nil
	}
	for _, f := range s.files {
		if f.writer != nil {
			_ = f.writer.Close() // the file is thrown away
			f.writer = nil
		}
	}
	if err := os.RemoveAll(s.dir); err != nil {
		errs = append(errs, fmt.Errorf("remove the staging folder: %w", err))
	}
	return errors.Join(errs...)
}

// staged lists the source's streams that have staged records.
func (s *Stage) staged() []ledger.Stream {
	return slices.DeleteFunc(slices.Clone(s.source.Streams), func(st ledger.Stream) bool {
		return s.files[[2]string{st.Name, transform.TableRecords}] == nil
	})
}

// connect opens the stage's connection, if it is not open, and sets the
// variables that the statements of sql/merge read (sql/merge/README.md).
func (s *Stage) connect(ctx context.Context) (err error) {
	if s.conn == nil {
		if s.conn, err = s.w.connect(ctx, s.run, s.source.Name, s.account); err != nil {
			return err
		}
	}
	variables := map[string]any{"superseded_before": s.supersededBefore(), "window_starts": s.windowStarts()}
	for key, f := range s.files {
		variables[sqlfiles.StagedFiles(key[0], key[1])] = slices.Clone(f.paths)
	}
	maps.DeleteFunc(variables, func(name string, value any) bool { return reflect.DeepEqual(s.told[name], value) })
	maps.Copy(s.told, variables)
	return setVariables(ctx, s.conn, variables)
}

// connect returns a connection whose variables say which run and account it is
// for. A source's own SQL reads run_at: now() would differ when a run is
// replayed.
func (w *Warehouse) connect(ctx context.Context, run ledger.Run, source, account string) (*sql.Conn, error) {
	conn, err := w.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to the working database: %w", err)
	}
	err = setVariables(ctx, conn, map[string]any{"run_id": run.ID, "run_at": run.At, "source": source, "account": account})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func setVariables(ctx context.Context, conn *sql.Conn, variables map[string]any) error {
	for name, value := range variables {
		if err := scan.Exec(ctx, conn, "merge/variable", name, value); err != nil {
			return fmt.Errorf("set the variable %s: %w", name, err)
		}
	}
	return nil
}
