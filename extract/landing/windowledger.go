package landing

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// Run is what the landing keeps of a run: enough to go on with it after a
// crash, and to repeat it from its landed answers.
type RunRecord struct {
	ledger.Run
	// Asked is what was asked of the night, besides the configuration: a run
	// that died is taken up only by one that asks for the same.
	Asked string `json:"asked"`
	// Database is the name of the database that the run was loaded into.
	Database string `json:"database"`
	// The end of the run; zero while it is under way, or died.
	FinishedAt time.Time `json:"finished_at,omitzero"`
	Outcome    string    `json:"outcome,omitempty"`
	ExitCode   int       `json:"exit_code"`
	// Pruned is set once the run's answers were removed for their age. The
	// base database holds what they gave; their manifests are kept.
	Pruned bool `json:"pruned,omitempty"`
}

const (
	runFile      = "run.json"
	ledgerSuffix = ".journal.jsonl"
)

// makeRunDir makes the run's folder and gives its path relative to the store.
func (s *Store) makeRunDir(id string, at time.Time) (string, error) {
	dir := runDir(id, at)
	if err := os.MkdirAll(filepath.Join(s.dir, dir), 0o700); err != nil {
		return "", fmt.Errorf("make the landing folder of the run: %w", err)
	}
	return dir, nil
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
	dir, err := s.makeRunDir(r.ID, r.At)
	if err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("describe run %s: %w", r.ID, err)
	}
	path := filepath.Join(s.dir, dir, runFile)
	if err := writeDurably(path+".new", append(data, '\n')); err != nil {
		return nil, fmt.Errorf("describe run %s: %w", r.ID, err)
	}
	return func() error {
		if err := replaceFile(path); err != nil {
			return fmt.Errorf("describe run %s: %w", r.ID, err)
		}
		return nil
	}, nil
}

func writeDurably(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// replaceFile puts path.new in the place of path: after a crash the file is
// the old one or the new one.
func replaceFile(path string) error {
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Runs lists the runs of the store by recorded time, then by id.
func (s *Store) Runs() ([]RunRecord, error) {
	files, err := filepath.Glob(filepath.Join(s.dir, "*", "*", "*", "*", runFile))
	if err != nil {
		return nil, fmt.Errorf("list the landed runs: %w", err)
	}
	var runs []RunRecord
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("list the landed runs: %w", err)
		}
		var r RunRecord
		if err := json.Unmarshal(data, &r); err != nil {
			return nil, fmt.Errorf("list the landed runs: %s: %w", file, err)
		}
		runs = append(runs, r)
	}
	slices.SortFunc(runs, func(a, b RunRecord) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return runs, nil
}

// Window is a window that was read to its end and lies in the landing as a
// whole.
type WindowEntry struct {
	Key string `json:"key"` // of the window as it was planned
	ledger.Window
	// Segment, First and Last say where its answers lie; First is 0 where
	// there were none.
	Segment string `json:"segment,omitempty"`
	First   int    `json:"first,omitempty"`
	Last    int    `json:"last,omitempty"`
}

// KeyOf identifies a planned window: a run that is resumed plans the same
// windows. What reading it gave is not part of it.
func KeyOf(w *ledger.Window) (string, error) {
	data, err := json.Marshal(struct {
		Stream             string
		Start, End         time.Time
		Due                []ledger.Due
		Filter             string
		Reread, Exhaustive bool
	}{w.Stream, w.Start, w.End, w.Due, w.Filter, w.Reread, w.Exhaustive})
	if err != nil {
		return "", fmt.Errorf("name a window of %s: %w", w.Stream, err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16]), nil
}

// ledgerLine is a line of a window ledger: one of its members is set.
type ledgerLine struct {
	Window *WindowEntry `json:"window,omitempty"`
	// Loading lists the keys of the windows that are about to be loaded, in
	// order.
	Loading []string `json:"loading,omitempty"`
	// Loaded is set once the account's transaction was committed.
	Loaded bool `json:"loaded,omitempty"`
	// Failed says why nothing of the account was loaded in this run.
	Failed *Failure `json:"failed,omitempty"`
}

// Failure is an account that failed.
type Failure struct {
	Stream  string `json:"stream"`
	Message string `json:"message"`
}

// WindowLedger is what one run did with one account, in order. It is appended to,
// each line flushed before the next step.
type WindowLedger struct {
	file *os.File
	name string
	// What stood in it when it was opened.
	Windows []WindowEntry
	Loaded  bool
	Failed  *Failure
	loading []string
}

// WindowLedger opens the journal of an account in a run, or begins it.
func (s *Store) WindowLedger(runID string, runAt time.Time, source, account string) (*WindowLedger, error) {
	dir, err := s.makeRunDir(runID, runAt)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(dir, source+"-"+account+ledgerSuffix)
	j, whole, err := s.readWindowLedger(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if j.file, err = os.OpenFile(filepath.Join(s.dir, name), os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return nil, fmt.Errorf("open the journal %s: %w", name, err)
	}
	// A line that was cut short by a crash is not part of the journal.
	if err := errors.Join(j.file.Truncate(whole), seekEnd(j.file)); err != nil {
		return nil, errors.Join(fmt.Errorf("open the journal %s: %w", name, err), j.file.Close())
	}
	return j, nil
}

func seekEnd(f *os.File) error {
	_, err := f.Seek(0, 2)
	return err
}

// readWindowLedger reads a journal and the length of its whole lines.
func (s *Store) readWindowLedger(name string) (*WindowLedger, int64, error) {
	j := &WindowLedger{name: name}
	data, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		return j, 0, fmt.Errorf("read the journal %s: %w", name, err)
	}
	var whole int64
	for line := range strings.Lines(string(data)) {
		if !strings.HasSuffix(line, "\n") {
			break
		}
		var e ledgerLine
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			return j, 0, fmt.Errorf("read the journal %s: %w", name, err)
		}
		whole += int64(len(line))
		j.apply(e)
	}
	return j, whole, nil
}

func (j *WindowLedger) apply(e ledgerLine) {
	switch {
	case e.Window != nil:
		j.Windows = append(j.Windows, *e.Window)
	case e.Loading != nil:
		j.loading = e.Loading
	case e.Loaded:
		j.Loaded, j.Failed = true, nil
	case e.Failed != nil:
		j.Failed = e.Failed
	}
}

func (j *WindowLedger) append(e ledgerLine) error {
	line, err := json.Marshal(e)
	if err == nil {
		_, err = j.file.Write(append(line, '\n'))
	}
	if err = errors.Join(err, j.file.Sync()); err != nil {
		return fmt.Errorf("write the journal %s: %w", j.name, err)
	}
	j.apply(e)
	return nil
}

// Complete enters a window that was read to its end. Its segment must have
// been flushed.
func (j *WindowLedger) Complete(w WindowEntry) error { return j.append(ledgerLine{Window: &w}) }

// Load enters which windows are about to be loaded, in order: those of an
// earlier attempt that this one did not plan are not among them.
func (j *WindowLedger) Load(keys []string) error { return j.append(ledgerLine{Loading: keys}) }

// LoadedWindows are the windows that the account's rows are made of, in the
// order in which they were staged; nil where nothing was loaded.
func (j *WindowLedger) LoadedWindows() []WindowEntry {
	if !j.Loaded {
		return nil
	}
	var windows []WindowEntry
	for _, key := range j.loading {
		if w := j.Find(key); w != nil {
			windows = append(windows, *w)
		}
	}
	return windows
}

// Commit enters that the account was loaded.
func (j *WindowLedger) Commit() error { return j.append(ledgerLine{Loaded: true}) }

// Fail enters that nothing of the account was loaded, and why.
func (j *WindowLedger) Fail(f Failure) error { return j.append(ledgerLine{Failed: &f}) }

// Close closes the journal.
func (j *WindowLedger) Close() error { return j.file.Close() }

// Find is the window of that key that was read to its end, or nil. One that
// had to be read again, for its answers were damaged or could not be opened,
// is the later one.
func (j *WindowLedger) Find(key string) *WindowEntry {
	for i := len(j.Windows) - 1; i >= 0; i-- {
		if j.Windows[i].Key == key {
			return &j.Windows[i]
		}
	}
	return nil
}

// Journals reads the journals of a run by account.
func (s *Store) WindowLedgers(r RunRecord) (map[ledger.AccountID]*WindowLedger, error) {
	dir := runDir(r.ID, r.At)
	files, err := filepath.Glob(filepath.Join(s.dir, dir, "*"+ledgerSuffix))
	if err != nil {
		return nil, fmt.Errorf("list the journals of run %s: %w", r.ID, err)
	}
	ledgers := map[ledger.AccountID]*WindowLedger{}
	for _, file := range files {
		base := filepath.Base(file)
		source, account, ok := strings.Cut(strings.TrimSuffix(base, ledgerSuffix), "-")
		if !ok {
			return nil, fmt.Errorf("list the journals of run %s: %s is none", r.ID, base)
		}
		j, _, err := s.readWindowLedger(filepath.Join(dir, base))
		if err != nil {
			return nil, err
		}
		ledgers[ledger.AccountID{Source: source, Account: account}] = j
	}
	return ledgers, nil
}

// scanLines reads JSON lines of any length.
func scanLines(f *os.File, each func(line []byte) error) error {
	r := bufio.NewReaderSize(f, 1<<16)
	for {
		line, err := r.ReadBytes('\n')
		if len(line) > 0 && line[len(line)-1] == '\n' {
			if err := each(line[:len(line)-1]); err != nil {
				return err
			}
		}
		if err != nil {
			return endOfFile(err)
		}
	}
}

// Base is the database that holds what all pruned runs gave: where a replay
// starts. It does not exist before the first pruning.
func (s *Store) Base() string { return filepath.Join(s.dir, "base.duckdb") }

// Prune removes the answers of a run and keeps their manifests and journals.
func (s *Store) Prune(r RunRecord) error {
	// Both kinds: encryption may have begun, or ended, since.
	segments, err := filepath.Glob(filepath.Join(s.dir, runDir(r.ID, r.At), "*"+segmentSuffix+sealed.PlainSuffix+"*"))
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
