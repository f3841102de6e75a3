package landing

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// RunRecord is what the landing keeps of a run: enough to go on with it after
// a crash, and to replay it from its landed answers.
type RunRecord struct {
	Format int `json:"format,omitempty"` // see Format
	ledger.Run
	// Asked is what was asked of the run, besides the configuration: a run that
	// died is resumed only by one that asks for the same.
	Asked string `json:"asked"`
	// Database is the name of the database that the run was loaded into.
	Database string `json:"database"`
	// Tenancies say whose orders each account of the configuration read, by
	// source/account as they were called: its address and tenant. The key is that of
	// landings which are there.
	Tenancies map[string]string `json:"places,omitempty"`
	// Configuration is the file by which the run was made, "" where an earlier
	// version made it.
	Configuration string `json:"configuration,omitempty"`
	// Publishes is the file in whose place it publishes, which was free or the
	// database's own when the run began; "" where an earlier version made it.
	Publishes string `json:"publishes,omitempty"`
	// The end of the run; zero while it is under way, or died.
	FinishedAt time.Time `json:"finished_at,omitzero"`
	Outcome    string    `json:"outcome,omitempty"`
	ExitCode   int       `json:"exit_code"`
	// Books is set where the run leaves the workbooks of its business dates.
	Books bool `json:"books,omitempty"`
	// VendorsSaid is what the vendors' clocks said when the run began, where its own
	// was behind all of them: by that its answers are as old as they are.
	VendorsSaid time.Time `json:"vendors_said,omitzero"`
	// Pruned is set once the run's answers were removed for their age. The
	// base database holds what they gave; their manifests are kept.
	Pruned bool `json:"pruned,omitempty"`
	// Dir is the run's folder, relative to the store; Runs fills it in. It bears
	// the time at which the run began by its own clock, which the recorded time
	// need not be any more.
	Dir string `json:"-"`
	// Said is what the run's own clock said, where the recorded time is another one;
	// the landing does not know that.
	Said time.Time `json:"-"`
}

// Moved says whether the run stands at another time than its own clock said.
func (r *RunRecord) Moved() bool { return !r.Said.IsZero() }

// Move gives the run another recorded time.
func (r *RunRecord) Move(to time.Time) {
	r.shift(to)
	if r.Said.IsZero() {
		r.Said = r.At
	}
	r.At = to
}

// asLanded is the run as its file has it, and the seals: what was moved stands
// elsewhere.
func (r RunRecord) asLanded() RunRecord {
	if r.Moved() {
		r.shift(r.Said)
		r.At, r.Said = r.Said, time.Time{}
	}
	return r
}

// shift moves the end of the run by as much as its beginning.
func (r *RunRecord) shift(to time.Time) {
	if !r.FinishedAt.IsZero() {
		r.FinishedAt = r.FinishedAt.Add(to.Sub(r.At))
	}
}

// dir is the run's folder.
func (r *RunRecord) dir() string {
	if r.Dir != "" {
		return r.Dir
	}
	return runDir(r.ID, r.At)
}

const runFile = "run.json"

// makeRunDir makes the run's folder and gives its path relative to the store.
func (s *Store) makeRunDir(id string, at time.Time) (string, error) {
	dir := runDir(id, at)
	return dir, s.makeDir(dir)
}

func (s *Store) makeDir(dir string) error {
	if err := disk.MakeFolder(filepath.Join(s.dir, dir), 0o700); err != nil {
		return fmt.Errorf("make the landing folder of the run: %w", err)
	}
	return nil
}

// runDir is the run's folder, relative to the store.
func runDir(id string, at time.Time) string {
	return filepath.Join(at.UTC().Format("2006/01/02"), id)
}

// SaveRun writes or replaces what is kept of a run, durably.
func (s *Store) SaveRun(r RunRecord) error {
	put, err := s.PrepareRun(r)
	if err != nil {
		return err
	}
	return put()
}

// PrepareRun writes what is to be kept of a run beside its place, durably; put
// puts it there, by a rename, for which a full disk still has room.
func (s *Store) PrepareRun(r RunRecord) (put func() error, err error) {
	dir := r.dir()
	if err := s.makeDir(dir); err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(r.asLanded(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("describe run %s: %w", r.ID, err)
	}
	place := filepath.Join(s.dir, dir, runFile)
	beside := place + ".new"
	err = disk.Write(beside, 0o600, func(w io.Writer) error {
		_, err := w.Write(append(data, '\n'))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("describe run %s: %w", r.ID, err)
	}
	return func() error {
		if err := disk.Rename(beside, place); err != nil {
			return fmt.Errorf("describe run %s: %w", r.ID, err)
		}
		s.keepRun(r.asLanded(), dir)
		return nil
	}, nil
}

// Runs lists the runs of the store by recorded time, then by id.
func (s *Store) Runs() ([]RunRecord, error) {
	k, err := s.known()
	if err != nil {
		return nil, err
	}
	return slices.Clone(k.runs), k.unread
}

// SortRuns puts runs in order by recorded time, then by id.
func SortRuns(runs []RunRecord) { slices.SortFunc(runs, compareRuns) }

// compareRuns orders runs by recorded time, then by id.
func compareRuns(a, b RunRecord) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
}

// readRun reads a run.json.
func readRun(file string) (r RunRecord, err error) {
	data, err := readSmall(file)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, cmp.Or(newerForm(file, data), fmt.Errorf("it is not valid JSON: %w", err))
	}
	if r.Format > Format {
		return r, newerForm(file, data)
	}
	return r, nil
}

// Prune removes the answers of a run and keeps their manifests and window ledgers.
func (s *Store) Prune(r RunRecord) error {
	// Both kinds: encryption may have begun, or ended, since.
	segments, err := filepath.Glob(filepath.Join(s.dir, r.dir(), "*"+segmentSuffix+sealed.PlainSuffix+"*"))
	if err != nil {
		return fmt.Errorf("prune run %s: %w", r.ID, err)
	}
	r.Pruned = true
	if err := s.SaveRun(r); err != nil { // first: a segment that is gone is then no damage
		return err
	}
	for _, segment := range segments {
		if err := os.Remove(segment); err != nil {
			return fmt.Errorf("prune run %s: %w", r.ID, err)
		}
	}
	return nil
}
