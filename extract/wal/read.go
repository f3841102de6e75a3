package wal

import (
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
	"github.com/nightaudit/nightaudit/load/disk"
)

var segmentName = regexp.MustCompile(`^((\d{4}-\d\d-\d\d)-\d{6,}\.jsonl)(|\.zst|\.zst\.age)$`)

// segmentOf is the name of a segment of a day.
func segmentOf(day string, no int) string { return fmt.Sprintf("%s-%06d.jsonl", day, no) }

// lockName is the file that whoever writes a log holds.
const lockName = "lock"

// forms are how a segment may lie on disk: as it is written, compressed since,
// or written encrypted.
var forms = []string{"", sealed.PlainSuffix, sealed.SealedSuffix}

// mostSegment is how long a segment may be that is read, in bytes. None that was
// written is near it.
const mostSegment = 16 * maxSegment

// unfinished is a segment of which a crash ended the compression.
const unfinished = sealed.PlainSuffix + ".new"

// LogSegment is one file of a log.
type LogSegment struct {
	Name string    // "2025-06-29-000001.jsonl", whether it is compressed or not
	Day  time.Time // on which it was begun, UTC
}

// LogSegments lists the segments of the log in dir, the oldest first. A
// folder that does not exist holds none.
func LogSegments(dir string) ([]LogSegment, error) {
	files, err := os.ReadDir(dir) // sorted by name
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the journal %s: %w", dir, err)
	}
	var segments []LogSegment
	for _, f := range files {
		s, ok := SegmentOf(f.Name())
		if ok && (len(segments) == 0 || segments[len(segments)-1].Name != s.Name) { // else it is compressed at this moment
			segments = append(segments, s)
		}
	}
	return segments, nil
}

// SegmentOf is the segment of that name, "2025-06-29-000001.jsonl".
func SegmentOf(name string) (LogSegment, bool) {
	m := segmentName.FindStringSubmatch(name)
	if m == nil {
		return LogSegment{}, false
	}
	day, err := time.Parse(time.DateOnly, m[2])
	return LogSegment{m[1], day}, err == nil
}

// open opens a segment in the form in which it lies there.
func (s LogSegment) open(dir string) (f *os.File, err error) {
	for _, form := range forms {
		f, _, err = disk.OpenIn(filepath.Join(dir, s.Name+form), mostSegment)
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return f, err
}

// maxLine is the longest line that is handed over whole, in bytes. No line
// that was written is as long: a longer one is damaged.
const maxLine = 8 * MaxBody

// Lines hands over the complete lines of a segment, counted from 1, as they
// stand at this moment: what is appended meanwhile is left out, and so is a
// line without its end. keys open what is encrypted; the error is
// sealed.ErrNoIdentity where they do not. In the place of lines that cannot be
// read any more come empty ones, which are no records.
func Lines(dir string, s LogSegment, keys sealed.Keys, use func(no int, text string) error) error {
	failed := func(err error) error { return fmt.Errorf("read the journal segment %s: %w", s.Name, err) }
	f, err := s.open(dir)
	if err != nil {
		return failed(err)
	}
	defer f.Close() // read only: nothing to lose
	lines, err := linesOf(f, keys)
	if err != nil {
		return failed(err)
	}
	defer lines.Close()
	for no := 1; ; {
		texts := []string{""}
		switch line, err := lines.Next(); {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, sealed.ErrDamaged):
			texts = make([]string, max(1, len(lines.Label())/markSize))
		case err != nil:
			return failed(err)
		default:
			texts[0] = strings.ToValidUTF8(string(line[:min(len(line), maxLine)]), "\uFFFD")
		}
		for _, text := range texts {
			if err := use(no, text); err != nil {
				return err
			}
			no++
		}
	}
}

// linesOf reads a segment up to the length that it has now.
func linesOf(f *os.File, keys sealed.Keys) (*sealed.Lines, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	codec, err := sealed.New(keys)
	if err != nil {
		return nil, err
	}
	return codec.Lines(f.Name(), io.LimitReader(f, info.Size()))
}

// Prune removes the segments all of whose records were received before the
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

// Content is what was written to a segment, however it lies there now: one that
// was compressed since gives the same bytes as before. What is encrypted is given
// as it was written, encrypted. It ends where the segment ended when it was opened.
func (s LogSegment) Content(dir string) (io.ReadCloser, error) {
	f, err := s.open(dir)
	if err != nil {
		return nil, fmt.Errorf("read the journal segment %s: %w", s.Name, err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read the journal segment %s: %w", s.Name, errors.Join(err, f.Close()))
	}
	c := content{Reader: io.LimitReader(f, info.Size()), close: f.Close}
	if name := f.Name(); strings.HasSuffix(name, sealed.PlainSuffix) {
		plain, err := sealed.Decompress(c.Reader)
		if err != nil {
			return nil, fmt.Errorf("read the journal segment %s: %w", s.Name, errors.Join(err, f.Close()))
		}
		c.Reader, c.close = plain, func() error { return errors.Join(plain.Close(), f.Close()) }
	}
	return c, nil
}

type content struct {
	io.Reader
	close func() error
}

func (c content) Close() error { return c.close() }

// Sync makes durable what a segment holds: a writer may be at work on it.
func (s LogSegment) Sync(dir string) error {
	f, err := s.open(dir)
	if err != nil {
		return fmt.Errorf("flush the journal segment %s: %w", s.Name, err)
	}
	if err := errors.Join(f.Close(), disk.SyncFile(f.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) { // it was compressed at this moment
		return fmt.Errorf("flush the journal segment %s: %w", s.Name, err)
	}
	return nil
}
