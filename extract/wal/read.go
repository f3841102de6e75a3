package wal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nightaudit/nightaudit/extract/sealed"
)

var segmentName = regexp.MustCompile(`^((\d{4}-\d\d-\d\d)-\d{6,}\.jsonl)(|\.zst|\.zst\.age)$`)

// forms are how a segment may lie on disk: as it is written, compressed since,
// or written encrypted.
var forms = []string{"", sealed.PlainSuffix, sealed.SealedSuffix}

// unfinished is a segment of which a crash ended the compression.
const unfinished = sealed.PlainSuffix + ".new"

// LogSegment is a part of a journal.
type LogSegment struct {
	Name string    // "2025-06-29-000001.jsonl", whether it is compressed or not
	Day  time.Time // on which it was begun, UTC
}

// LogSegments lists the segments of the journal in dir, the oldest first. A
// folder that does not exist holds none.
func LogSegments(dir string) ([]LogSegment, error) {
	files, err := os.ReadDir(dir) // sorted by name
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the journal %s: %w", dir, err)
	}
	var segments []LogSegment
	for _, f := range files {
		m := segmentName.FindStringSubmatch(f.Name())
		if m == nil || len(segments) > 0 && segments[len(segments)-1].Name == m[1] { // compressed at this moment
			continue
		}
		if day, err := time.Parse(time.DateOnly, m[2]); err == nil {
			segments = append(segments, LogSegment{m[1], day})
		}
	}
	return segments, nil
}

// open opens a segment in the form in which it lies there.
func (s LogSegment) open(dir string) (f *os.File, err error) {
	for _, form := range forms {
		f, err = os.Open(filepath.Join(dir, s.Name+form))
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return f, err
}

// maxLine is the longest line that is handed over whole, in bytes. No line
// that was written is as long.
const maxLine = 8 * MaxBody

// Lines hands over the complete lines of a segment, counted from 1, as they
// stand at this moment: what is appended meanwhile is left out, and so is a
// line without its end. keys open what is encrypted; the error is
// sealed.ErrNoIdentity where they do not. In the place of lines that cannot be
// read any more come empty ones, which are no entries.
func Lines(dir string, s LogSegment, keys sealed.Keys, use func(no int, text string) error) error {
	failed := func(err error) error { return fmt.Errorf("read the journal segment %s: %w", s.Name, err) }
	f, err := s.open(dir)
	if err != nil {
		return failed(err)
	}
	defer f.Close() // read only: nothing to lose
	info, err := f.Stat()
	if err != nil {
		return failed(err)
	}
	now := io.LimitReader(f, info.Size())
	var used error // not the journal's
	each := func(no int, text string) error {
		used = use(no, text)
		return used
	}
	switch name := f.Name(); {
	case sealed.Sealed(name):
		err = sealedLines(now, keys, each)
	case strings.HasSuffix(name, sealed.PlainSuffix):
		err = packedLines(now, each)
	default:
		_, err = plainLines(now, each)
	}
	if used != nil || err == nil {
		return used
	}
	return failed(err)
}

// plainLines reads lines as they are written, and says how many there were.
func plainLines(in io.Reader, use func(no int, text string) error) (n int, err error) {
	r := bufio.NewReaderSize(in, 64<<10)
	var text []byte
	for no := 1; ; {
		part, err := r.ReadSlice('\n')
		if len(text) < maxLine { // the rest of a line that long is damaged anyway
			text = append(text, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			return no - 1, nil
		case err != nil:
			return no - 1, err
		}
		line := strings.ToValidUTF8(string(bytes.TrimSuffix(text, []byte("\n"))), "\uFFFD")
		if err := use(no, line); err != nil {
			return no, err
		}
		text, no = text[:0], no+1
	}
}

// packedLines reads a segment that was compressed. What follows a place that
// is damaged is lost, and told as one line.
func packedLines(in io.Reader, use func(no int, text string) error) error {
	plain, err := sealed.Decompress(in)
	if err != nil {
		return err
	}
	defer plain.Close()
	var ended error
	n, err := plainLines(plain, func(no int, text string) error {
		ended = use(no, text)
		return ended
	})
	if ended != nil || err == nil {
		return ended
	}
	if broken := (*fs.PathError)(nil); errors.As(err, &broken) { // the disk, not its content
		return err
	}
	return use(n+1, "")
}

// sealedLines reads encrypted batches.
func sealedLines(in io.Reader, keys sealed.Keys, use func(no int, text string) error) error {
	codec, err := sealed.New(keys)
	if err != nil {
		return err
	}
	frames := sealed.NewReader(in)
	for no := 1; ; {
		frame, err := frames.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var lines []byte
		if err == nil {
			lines, err = codec.Open(frame)
		}
		if errors.Is(err, sealed.ErrDamaged) {
			lines, err = bytes.Repeat([]byte("\n"), max(1, len(frame.Label)/markSize)), nil
		}
		if err != nil {
			return err
		}
		for line := range bytes.Lines(lines) {
			if err := use(no, string(bytes.TrimSuffix(line, []byte("\n")))); err != nil {
				return err
			}
			no++
		}
	}
}

// Prune removes the segments all of whose entries were received before the
// given time. The newest segment stays: a listener may be writing it.
func Prune(dir string, before time.Time) error {
	segments, err := LogSegments(dir)
	if err != nil {
		return err
	}
	for i := range segments {
		// A segment ends on the day on which the next one begins, at the latest.
		if i+1 == len(segments) || !segments[i+1].Day.AddDate(0, 0, 1).Before(before) {
			return nil
		}
		for _, form := range append(slices.Clone(forms), unfinished) {
			if err := os.Remove(filepath.Join(dir, segments[i].Name+form)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove a journal segment: %w", err)
			}
		}
	}
	return nil
}
