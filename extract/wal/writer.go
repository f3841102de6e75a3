package wal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/load/disk"
)

// MaxBody is the longest body that is kept, in bytes.
const MaxBody = 64 << 10

const (
	maxSegment = 64 << 20 // bytes, after which a new segment is begun
	maxBatch   = 4096     // records that share one flush
	// remember is for how long a body that comes again is a repetition. A
	// vendor that was not answered repeats within minutes.
	remember = 10 * time.Minute
)

var (
	// ErrLocked is returned by Open where another process writes the log.
	ErrLocked = errors.New("another process writes this journal")
	// ErrClosed is returned by Append after Close.
	ErrClosed = errors.New("the journal is closed")
)

// Options are what a log is written with.
type Options struct {
	// Now is the clock by which records are received.
	Now func() time.Time
	// Keys has the recipients to whom records are encrypted, if any.
	Keys sealed.Keys
	// Mark is a secret that lies outside of the log: with it, and never
	// without, what stands in the clear tells whether a body was kept.
	Mark []byte
}

// Writer appends to a log. It is safe for concurrent use.
type Writer struct {
	dir    string
	o      Options
	codec  *sealed.Codec
	create func(path string, codec *sealed.Codec) (*sealed.Log, error)
	unlock func() error
	packer *packer

	mu      sync.RWMutex // held for reading while an append is handed over
	closed  bool
	appends chan *appending
	ended   chan struct{}

	// What follows belongs to the goroutine that writes.
	segment   *sealed.Log
	day       string
	seq       int
	seen      map[key]struct{}
	seenOlder map[key]struct{}
	seenSince time.Time
	closing   error
}

type appending struct {
	at    time.Time
	key   key
	line  []byte
	ended chan result
}

type result struct {
	repeated bool
	err      error
}

// Open opens the log in dir for writing, and makes the folder, for its
// owner only, where there is none.
func Open(dir string, o Options) (*Writer, error) {
	if err := disk.MakeFolder(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the journal %s: %w", dir, err)
	}
	codec, err := sealed.New(o.Keys)
	if err != nil {
		return nil, fmt.Errorf("open the journal %s: %w", dir, err)
	}
	w := &Writer{
		dir: dir, o: o, codec: codec, create: sealed.CreateLog,
		appends: make(chan *appending, maxBatch), ended: make(chan struct{}),
		seen: map[key]struct{}{}, seenSince: o.Now(),
	}
	w.unlock, err = disk.Take(filepath.Join(dir, lockName), 0o600, o.Now())
	var held *disk.HeldError
	switch {
	case errors.As(err, &held):
		return nil, fmt.Errorf("%s: %w: %w", dir, ErrLocked, held)
	case err != nil:
		return nil, fmt.Errorf("lock the journal %s: %w", dir, err)
	}
	segments, err := LogSegments(dir)
	if err == nil {
		err = w.recall(segments)
	}
	if err != nil {
		return nil, errors.Join(err, w.unlock())
	}
	w.packer = startPacker(dir, segments)
	go w.write()
	return w, nil
}

// recall remembers what was received lately: a vendor whose notification was
// kept, but not acknowledged before a crash, sends it again.
func (w *Writer) recall(segments []LogSegment) error {
	since := w.o.Now().Add(-remember)
	for i := len(segments) - 1; i >= 0; i-- {
		older := false
		err := eachKey(w.dir, segments[i], w.o.Mark, func(at time.Time, k key) {
			if at.Before(since) {
				older = true
			} else {
				w.seen[k] = struct{}{}
			}
		})
		if err != nil || older {
			return err
		}
	}
	return nil
}

// Append keeps body, which is the caller's. It returns once body is on disk;
// repeated says that it was there already, for the same body was kept within
// the last minutes. After an error body may or may not have been kept.
func (w *Writer) Append(ctx context.Context, body []byte) (repeated bool, err error) {
	if len(body) > MaxBody {
		return false, fmt.Errorf("a body of %d bytes is longer than %d", len(body), MaxBody)
	}
	at := w.o.Now()
	line, err := Encode(Record{At: at, Body: body})
	if err != nil {
		return false, err
	}
	a := &appending{at: at, key: keyOf(w.o.Mark, body), line: line, ended: make(chan result, 1)}
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

// Close ends the log after all that was handed over is on disk.
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
	return errors.Join(w.closing, w.packer.wait(), w.unlock())
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
		w.closing = w.finish() // flushed with its last batch
	}
}

// keep makes a batch durable.
func (w *Writer) keep(batch []*appending) {
	w.forget()
	var lines, marks []byte
	fresh := make(map[key]*appending, len(batch))
	for _, a := range batch {
		if _, again := fresh[a.key]; !again && !w.known(a.key) {
			fresh[a.key] = a
			lines = append(lines, a.line...)
			marks = appendMark(marks, a.at, a.key)
		}
	}
	var err error
	if len(lines) > 0 {
		err = w.flush(lines, marks)
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
	if now := w.o.Now(); now.Sub(w.seenSince) >= remember {
		w.seen, w.seenOlder, w.seenSince = map[key]struct{}{}, w.seen, now
	}
}

// flush appends lines to the segment, encrypted as one where they are to be,
// and makes them durable.
func (w *Writer) flush(lines, marks []byte) error {
	today := w.o.Now().UTC().Format(time.DateOnly)
	if w.segment != nil && (w.segment.Flushed() >= maxSegment || w.day != today) {
		if err := w.finish(); err != nil {
			return err
		}
	}
	if w.segment == nil {
		if err := w.begin(today); err != nil {
			return err
		}
	}
	if err := w.segment.Append(marks, lines); err != nil {
		if w.segment.Torn() {
			err = errors.Join(err, w.leave())
		}
		return fmt.Errorf("write the journal: %w", err)
	}
	if err := w.segment.Flush(); err != nil {
		return fmt.Errorf("flush the journal: %w", errors.Join(err, w.leave()))
	}
	return nil
}

// finish ends a segment all of which is on disk.
func (w *Writer) finish() error {
	err := w.segment.Close()
	w.segment = nil
	if err != nil {
		return fmt.Errorf("close a journal segment: %w", err)
	}
	w.packer.add(w.path())
	return nil
}

// leave ends a segment of which nobody knows what it holds beyond what was
// flushed. One that holds nothing acknowledged is removed, so that a full disk
// is not filled with empty segments.
func (w *Writer) leave() error {
	err := w.segment.Close()
	if w.segment.Flushed() == 0 {
		err = errors.Join(err, os.Remove(w.path()))
	}
	w.segment = nil
	return err
}

func (w *Writer) path() string {
	path := filepath.Join(w.dir, segmentOf(w.day, w.seq))
	if w.o.Keys.Seals() {
		path += sealed.SealedSuffix
	}
	return path
}

// begin begins the next segment of day.
func (w *Writer) begin(day string) error {
	if w.day != day {
		w.day, w.seq = day, 0
		segments, err := LogSegments(w.dir)
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
	segment, err := w.create(w.path(), w.codec)
	if err != nil {
		return fmt.Errorf("begin a journal segment: %w", err)
	}
	w.segment = segment
	return nil
}
