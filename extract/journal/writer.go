package journal

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// MaxBody is the longest body that is kept, in bytes.
const MaxBody = 64 << 10

const (
	maxSegment = 64 << 20 // bytes, after which a new segment is begun
	maxBatch   = 4096     // entries that share one flush
	// remember is for how long a body that comes again is a repetition. A
	// vendor that was not answered repeats within minutes.
	remember = 10 * time.Minute
)

var (
	// ErrLocked is returned by Open where another process writes the journal.
	ErrLocked = errors.New("another process writes this journal")
	// ErrClosed is returned by Append after Close.
	ErrClosed = errors.New("the journal is closed")
)

// file is what a segment is written to.
type file interface {
	io.WriteCloser
	Sync() error
	Truncate(size int64) error
}

// Writer appends to a journal. It is safe for concurrent use.
type Writer struct {
	dir    string
	now    func() time.Time
	create func(path string) (file, error)
	lock   *flock.Flock

	mu      sync.RWMutex // held for reading while an append is handed over
	closed  bool
	appends chan *appending
	ended   chan struct{}

	// What follows belongs to the goroutine that writes.
	segment   file
	day       string
	seq       int
	size      int64
	seen      map[key]struct{}
	seenOlder map[key]struct{}
	seenSince time.Time
	closing   error
}

// key identifies a body among the recent ones.
type key [16]byte

type appending struct {
	key   key
	line  []byte
	ended chan result
}

type result struct {
	repeated bool
	err      error
}

// Open opens the journal in dir for writing, and makes the folder, for its
// owner only, where there is none. now is the clock by which entries are
// received.
func Open(dir string, now func() time.Time) (*Writer, error) {
	if err := makeFolder(dir); err != nil {
		return nil, fmt.Errorf("make the journal %s: %w", dir, err)
	}
	w := &Writer{
		dir: dir, now: now, create: createFile,
		lock:    flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600)),
		appends: make(chan *appending, maxBatch), ended: make(chan struct{}),
		seen: map[key]struct{}{}, seenSince: now(),
	}
	switch ok, err := w.lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("lock the journal %s: %w", dir, err)
	case !ok:
		return nil, fmt.Errorf("%s: %w", dir, ErrLocked)
	}
	if err := w.recall(); err != nil {
		return nil, errors.Join(err, w.lock.Unlock())
	}
	go w.write()
	return w, nil
}

// recall remembers what was received lately: a vendor whose notification was
// kept, but not acknowledged before a crash, sends it again.
func (w *Writer) recall() error {
	segments, err := Segments(w.dir)
	if err != nil {
		return err
	}
	since := w.now().Add(-remember)
	for i := len(segments) - 1; i >= 0; i-- {
		older := false
		err := Lines(w.dir, segments[i], func(_ int, text string) error {
			e, err := Decode(text)
			switch {
			case err != nil: // told when it is loaded
			case e.At.Before(since):
				older = true
			default:
				w.seen[keyOf(e.Body)] = struct{}{}
			}
			return nil
		})
		if err != nil || older {
			return err
		}
	}
	return nil
}

func keyOf(body []byte) key {
	sum := sha256.Sum256(body)
	return key(sum[:16])
}

// Append keeps body, which is the caller's. It returns once body is on disk;
// repeated says that it was there already, for the same body was kept within
// the last minutes. After an error body may or may not have been kept.
func (w *Writer) Append(ctx context.Context, body []byte) (repeated bool, err error) {
	if len(body) > MaxBody {
		return false, fmt.Errorf("a body of %d bytes is longer than %d", len(body), MaxBody)
	}
	line, err := encode(Entry{At: w.now(), Body: body})
	if err != nil {
		return false, err
	}
	a := &appending{key: keyOf(body), line: line, ended: make(chan result, 1)}
	if err := w.handOver(ctx, a); err != nil {
		return false, err
	}
	select {
	case r := <-a.ended:
		return r.repeated, r.err
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

func (w *Writer) handOver(ctx context.Context, a *appending) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return ErrClosed
	}
	select {
	case w.appends <- a:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close ends the journal after all that was handed over is on disk.
func (w *Writer) Close() error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return nil
	}
	w.closed = true
	close(w.appends)
	w.mu.Unlock()
	<-w.ended
	return errors.Join(w.closing, w.lock.Unlock())
}

// write takes all that waits, writes it at once, flushes once, and tells
// those who wait: while one flush is under way the next batch gathers.
func (w *Writer) write() {
	defer close(w.ended)
	var batch []*appending
	for first := range w.appends {
		batch = append(batch[:0], first)
		for waiting := true; waiting && len(batch) < maxBatch; {
			select {
			case a, ok := <-w.appends:
				if waiting = ok; ok {
					batch = append(batch, a)
				}
			default:
				waiting = false
			}
		}
		w.keep(batch)
	}
	if w.segment != nil {
		w.closing = w.segment.Close() // flushed with its last batch
	}
}

// keep makes a batch durable.
func (w *Writer) keep(batch []*appending) {
	w.forget()
	var lines []byte
	fresh := make(map[key]*appending, len(batch))
	for _, a := range batch {
		if _, again := fresh[a.key]; !again && !w.known(a.key) {
			fresh[a.key] = a
			lines = append(lines, a.line...)
		}
	}
	var err error
	if len(lines) > 0 {
		err = w.flush(lines)
	}
	for _, a := range batch {
		first := fresh[a.key] == a
		if first && err == nil {
			w.seen[a.key] = struct{}{}
		}
		_, pending := fresh[a.key]
		if err != nil && pending {
			a.ended <- result{err: err}
			continue
		}
		a.ended <- result{repeated: !first}
	}
}

func (w *Writer) known(k key) bool {
	if _, ok := w.seen[k]; ok {
		return true
	}
	_, ok := w.seenOlder[k]
	return ok
}

// forget drops what was received too long ago to be repeated.
func (w *Writer) forget() {
	if now := w.now(); now.Sub(w.seenSince) >= remember {
		w.seen, w.seenOlder, w.seenSince = map[key]struct{}{}, w.seen, now
	}
}

// flush appends lines to the segment and flushes it.
func (w *Writer) flush(lines []byte) error {
	today := w.now().UTC().Format(time.DateOnly)
	if w.segment != nil && (w.size >= maxSegment || w.day != today) {
		err := w.segment.Close()
		w.segment = nil
		if err != nil {
			return fmt.Errorf("close a journal segment: %w", err)
		}
	}
	if w.segment == nil {
		if err := w.begin(today); err != nil {
			return err
		}
	}
	if _, err := w.segment.Write(lines); err != nil {
		// What was written in part is taken back, for the next lines follow.
		if undo := w.segment.Truncate(w.size); undo != nil {
			err = errors.Join(err, undo, w.leave())
		}
		return fmt.Errorf("write the journal: %w", err)
	}
	if err := w.segment.Sync(); err != nil {
		return fmt.Errorf("flush the journal: %w", errors.Join(err, w.leave()))
	}
	w.size += int64(len(lines))
	return nil
}

// leave ends a segment of which nobody knows what it holds beyond w.size:
// after a failed flush the next may succeed although lines were lost. One
// that holds nothing acknowledged is removed, so that a full disk is not
// filled with empty segments.
func (w *Writer) leave() error {
	err := w.segment.Close()
	w.segment = nil
	if w.size == 0 {
		err = errors.Join(err, os.Remove(w.path()))
	}
	return err
}

func (w *Writer) path() string {
	return filepath.Join(w.dir, fmt.Sprintf("%s-%06d.jsonl", w.day, w.seq))
}

// begin begins the next segment of day.
func (w *Writer) begin(day string) error {
	if w.day != day {
		w.day, w.seq = day, 0
		segments, err := Segments(w.dir)
		if err != nil {
			return err
		}
		for _, s := range segments {
			rest, ok := strings.CutPrefix(s.Name, day+"-")
			if n, err := strconv.Atoi(strings.TrimSuffix(rest, ".jsonl")); ok && err == nil {
				w.seq = max(w.seq, n)
			}
		}
	}
	w.seq++
	segment, err := w.create(w.path())
	if err != nil {
		return fmt.Errorf("begin a journal segment: %w", err)
	}
	w.segment, w.size = segment, 0
	return nil
}

// createFile creates a segment whose name survives a crash.
func createFile(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// makeFolder makes dir so that it, and the folders above it that had to be
// made, survive a crash.
func makeFolder(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := makeFolder(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return syncFolder(parent)
}

func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // a folder cannot be flushed there; its journal keeps names
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
