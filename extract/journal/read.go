package journal

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
	"strings"
	"time"
)

var segmentName = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)-\d{6,}\.jsonl$`)

// Segment is a file of a journal.
type Segment struct {
	Name string    // "2025-06-29-000001.jsonl"
	Day  time.Time // on which it was begun, UTC
}

// Segments lists the segments of the journal in dir, the oldest first. A
// folder that does not exist holds none.
func Segments(dir string) ([]Segment, error) {
	files, err := os.ReadDir(dir) // sorted by name
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the journal %s: %w", dir, err)
	}
	var segments []Segment
	for _, f := range files {
		if m := segmentName.FindStringSubmatch(f.Name()); m != nil {
			day, err := time.Parse(time.DateOnly, m[1])
			if err == nil {
				segments = append(segments, Segment{f.Name(), day})
			}
		}
	}
	return segments, nil
}

// maxLine is the longest line that is handed over whole, in bytes. No line
// that was written is as long.
const maxLine = 8 * MaxBody

// Lines hands over the complete lines of a segment, counted from 1, as they
// stand at this moment: what is appended meanwhile is left out, and so is a
// line without its end.
func Lines(dir string, s Segment, use func(no int, text string) error) error {
	failed := func(err error) error { return fmt.Errorf("read the journal segment %s: %w", s.Name, err) }
	f, err := os.Open(filepath.Join(dir, s.Name))
	if err != nil {
		return failed(err)
	}
	defer f.Close() // read only: nothing to lose
	info, err := f.Stat()
	if err != nil {
		return failed(err)
	}
	r := bufio.NewReaderSize(io.LimitReader(f, info.Size()), 64<<10)
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
			return nil
		case err != nil:
			return failed(err)
		}
		line := strings.ToValidUTF8(string(bytes.TrimSuffix(text, []byte("\n"))), "\uFFFD")
		if err := use(no, line); err != nil {
			return err
		}
		text, no = text[:0], no+1
	}
}

// Prune removes the segments all of whose entries were received before the
// given time. The newest segment stays: a listener may be writing it.
func Prune(dir string, before time.Time) error {
	segments, err := Segments(dir)
	if err != nil {
		return err
	}
	for i := range segments {
		// A segment ends on the day on which the next one begins, at the latest.
		if i+1 == len(segments) || !segments[i+1].Day.AddDate(0, 0, 1).Before(before) {
			return nil
		}
		if err := os.Remove(filepath.Join(dir, segments[i].Name)); err != nil {
			return fmt.Errorf("remove a journal segment: %w", err)
		}
	}
	return nil
}
