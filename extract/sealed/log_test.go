package sealed

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// halfDisk writes half of what it is given where it fails.
type halfDisk struct {
	*os.File
	fails, stuck bool
}

var errHalf = errors.New("no space left")

func (d *halfDisk) Write(b []byte) (int, error) {
	if d.fails {
		n, _ := d.File.Write(b[:len(b)/2])
		return n, errHalf
	}
	return d.File.Write(b)
}

func (d *halfDisk) Truncate(size int64) error {
	if d.stuck {
		return errHalf
	}
	return d.File.Truncate(size)
}

func readLog(t *testing.T, c *Codec, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := c.Lines(path, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer lines.Close()
	var got []string
	for line, err := range lines.All() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(line))
	}
	return strings.Join(got, " ")
}

// In each form, what was written in part is taken back and what follows it is
// read; a log from which it cannot be taken back takes no more.
func TestLogWritesAllOrNothing(t *testing.T) {
	recipient, identity := newKey(t)
	for _, form := range []string{"", PlainSuffix, SealedSuffix} {
		c := codec(t, Keys{})
		if form == SealedSuffix {
			c = codec(t, keys(t, []string{recipient}, identity))
		}
		path := filepath.Join(t.TempDir(), "log.jsonl"+form)
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		half := &halfDisk{File: f}
		l := NewLog(path, half, c)
		for i := range 5 {
			half.fails = i%2 == 1
			if err := l.Append(nil, fmt.Appendf(nil, "%d0\n%d1\n", i, i)); errors.Is(err, errHalf) != half.fails {
				t.Errorf("%q: append %d: %v", form, i, err)
			}
		}
		if err := l.Flush(); err != nil || l.Torn() {
			t.Errorf("%q: %v, torn %v", form, err, l.Torn())
		}
		if info, err := f.Stat(); err != nil || info.Size() != l.Flushed() {
			t.Errorf("%q: %d bytes are flushed of %d, %v", form, l.Flushed(), info.Size(), err)
		}
		half.fails, half.stuck = true, true
		failed := l.Append(nil, []byte("50 and 51\n"))
		half.fails, half.stuck = false, false
		if err := l.Append(nil, []byte("60\n")); !errors.Is(failed, errHalf) || !errors.Is(err, errHalf) || !l.Torn() {
			t.Errorf("%q: torn %v after %v and %v", form, l.Torn(), failed, err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if form == PlainSuffix { // a torn zstd frame is told as damage
			continue
		}
		if got := readLog(t, c, path); got != "00 01 20 21 40 41" {
			t.Errorf("%q: read %q", form, got)
		}
	}
}

// A log that a crash has cut short goes on behind its last whole line.
func TestReopenLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	for _, before := range []string{"", "a\nb\n", "a\nb\nc and no end"} {
		if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		var have []string
		l, err := ReopenLog(path, func(line []byte) error {
			have = append(have, string(line))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(l.AppendJSON("d"), l.Flush(), l.Close()); err != nil {
			t.Fatal(err)
		}
		want := strings.TrimSpace(strings.Join(have, " ") + ` "d"`)
		if got := readLog(t, codec(t, Keys{}), path); got != want || before != "" && len(have) != 2 {
			t.Errorf("%q: %q stood there, and now %q", before, have, got)
		}
	}
	if _, err := ReopenLog(path, func([]byte) error { return errHalf }); !errors.Is(err, errHalf) {
		t.Errorf("a line that is refused: %v", err)
	}
}
