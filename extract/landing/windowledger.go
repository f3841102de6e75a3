package landing

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/transform/ledger"
)

// ledgerSuffix is how the names of window ledgers end.
const ledgerSuffix = ".journal.jsonl"

// WindowEntry is a window that was read to its end and lies in the landing as
// a whole.
type WindowEntry struct {
	Key string `json:"key"` // of the window as it was planned
	ledger.Window
	// Zone is the time zone in whose wall times the vendor was asked for the
	// window's bounds, "" where it was asked for moments.
	Zone string `json:"zone,omitempty"`
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

// WindowLedger is what one run did with one account, in order: which windows
// were read to their end, which of them were loaded, or why none was. Each line
// is flushed before the next step.
type WindowLedger struct {
	log  *sealed.Log
	name string
	// What stood in it when it was opened.
	Windows []WindowEntry
	Loaded  bool
	Failed  *Failure
	loading []string
	damaged int // lines that are not what was written
}

// Told says what is wrong with the ledger of an account of a run that came to its
// end, by what it tells of itself; "" where nothing is.
func (l *WindowLedger) Told() string {
	gone := 0
	for _, key := range l.loading {
		if l.Find(key) == nil {
			gone++
		}
	}
	switch {
	case l.damaged > 0:
		return fmt.Sprintf("%d lines of its window ledger are not what was written", l.damaged)
	case !l.Loaded && l.Failed == nil:
		return "its window ledger says neither that it was loaded nor that it failed"
	case l.Loaded && gone > 0:
		return fmt.Sprintf("its window ledger lacks %d of the %d windows that were loaded", gone, len(l.loading))
	}
	return ""
}

// WindowLedger opens the window ledger of an account in a run, or begins it. A
// line that was cut short by a crash is not part of it.
func (s *Store) WindowLedger(runID string, runAt time.Time, source, account string) (*WindowLedger, error) {
	dir, err := s.makeRunDir(runID, runAt)
	if err != nil {
		return nil, err
	}
	l := &WindowLedger{name: filepath.Join(dir, source+"-"+account+ledgerSuffix)}
	if l.log, err = sealed.ReopenLog(filepath.Join(s.dir, l.name), l.take); err != nil {
		return nil, fmt.Errorf("open the journal %s: %w", l.name, err)
	}
	return l, nil
}

// take reads a line.
func (l *WindowLedger) take(text []byte) error {
	var line ledgerLine
	if err := json.Unmarshal(text, &line); err != nil {
		return err
	}
	l.apply(line)
	return nil
}

func (l *WindowLedger) apply(line ledgerLine) {
	switch {
	case line.Window != nil:
		l.Windows = append(l.Windows, *line.Window)
	case line.Loading != nil:
		l.loading = line.Loading
	case line.Loaded:
		l.Loaded, l.Failed = true, nil
	case line.Failed != nil:
		l.Failed = line.Failed
	}
}

func (l *WindowLedger) append(line ledgerLine) error {
	err := l.log.AppendJSON(line)
	if err == nil {
		err = l.log.Flush()
	}
	if err != nil {
		return fmt.Errorf("write the journal %s: %w", l.name, err)
	}
	l.apply(line)
	return nil
}

// Complete enters a window that was read to its end. Its segment must have
// been flushed.
func (l *WindowLedger) Complete(w WindowEntry) error { return l.append(ledgerLine{Window: &w}) }

// Load enters which windows are about to be loaded, in order: those of an
// earlier attempt that this one did not plan are not among them.
func (l *WindowLedger) Load(keys []string) error { return l.append(ledgerLine{Loading: keys}) }

// LoadedWindows are the windows that the account's rows are made of, in the
// order in which they were staged; nil where nothing was loaded.
func (l *WindowLedger) LoadedWindows() []WindowEntry {
	if !l.Loaded {
		return nil
	}
	var windows []WindowEntry
	for _, key := range l.loading {
		if w := l.Find(key); w != nil {
			windows = append(windows, *w)
		}
	}
	return windows
}

// Commit enters that the account was loaded.
func (l *WindowLedger) Commit() error { return l.append(ledgerLine{Loaded: true}) }

// CommitWindows enters that an account of a run that died was loaded.
func (s *Store) CommitWindows(r RunRecord, id ledger.AccountID) (err error) {
	r = r.asLanded()
	l, err := s.WindowLedger(r.ID, r.At, id.Source, id.Account)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return l.Commit()
}

// Fail enters that nothing of the account was loaded, and why.
func (l *WindowLedger) Fail(f Failure) error { return l.append(ledgerLine{Failed: &f}) }

// Close closes the ledger.
func (l *WindowLedger) Close() error { return l.log.Close() }

// Find is the window of that key that was read to its end, or nil. One that
// had to be read again, for its answers were damaged or could not be opened,
// is the later one.
func (l *WindowLedger) Find(key string) *WindowEntry {
	for i := range slices.Backward(l.Windows) {
		if l.Windows[i].Key == key {
			return &l.Windows[i]
		}
	}
	return nil
}

// WindowLedgers reads the window ledgers of a run by account. A line that is not
// what was written is no part of one, and Told tells of it.
func (s *Store) WindowLedgers(r RunRecord) (map[ledger.AccountID]*WindowLedger, error) {
	files, err := filepath.Glob(filepath.Join(s.dir, r.dir(), "*"+ledgerSuffix))
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
		l, err := s.readWindowLedger(file)
		if err != nil {
			return nil, fmt.Errorf("read the journal %s: %w", filepath.Join(r.dir(), base), err)
		}
		ledgers[ledger.AccountID{Source: source, Account: account}] = l
	}
	return ledgers, nil
}

func (s *Store) readWindowLedger(file string) (*WindowLedger, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() // read only: nothing to lose
	lines, err := s.codec.Lines(file, f)
	if err != nil {
		return nil, err
	}
	l := &WindowLedger{}
	for line, err := range lines.All() {
		if err != nil {
			return nil, err
		}
		if l.take(line) != nil {
			l.damaged++
		}
	}
	return l, nil
}
