package wal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nightaudit/nightaudit/extract/sealed"
)

// received is the tests' time: 2025-06-29 04:00 UTC.
var received = time.Date(2025, 6, 29, 4, 0, 0, 0, time.UTC)

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func open(t testing.TB, dir string, now func() time.Time) *Writer {
	t.Helper()
	return openWith(t, dir, now, sealed.Keys{})
}

func openWith(t testing.TB, dir string, now func() time.Time, keys sealed.Keys) *Writer {
	t.Helper()
	w, err := Open(dir, Options{Now: now, Keys: keys, Mark: []byte("s3cret")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func appendTo(t testing.TB, w *Writer, body string) (repeated bool) {
	t.Helper()
	repeated, err := w.Append(context.Background(), []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return repeated
}

// texts are the bodies in the journal by segment, damaged lines as "!".
func texts(t testing.TB, dir string) []string {
	t.Helper()
	return textsWith(t, dir, sealed.Keys{})
}

func textsWith(t testing.TB, dir string, keys sealed.Keys) []string {
	t.Helper()
	segments, err := LogSegments(dir)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, s := range segments {
		err := Lines(dir, s, keys, func(no int, text string) error {
			body := "!"
			if e, err := Decode(text); err == nil {
				body = string(e.Body)
			}
			found = append(found, fmt.Sprintf("%s:%d %s", s.Name, no, body))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func want(t testing.TB, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The line is what other programs may read: worked out with sha256sum.
func TestLine(t *testing.T) {
	l, err := Encode(Record{At: received, Body: []byte(`{"a":"<张三>"}`)})
	if err != nil {
		t.Fatal(err)
	}
	// printf '2025-06-29T04:00:00Z\n{"a":"<张三>"}' | sha256sum
	const text = `{"at":"2025-06-29T04:00:00Z","sha256":"cb4751b032273cc800e2013e6ec87793e5e52a93d7c3909923136ce2b61bb97f","body":"{\"a\":\"<张三>\"}"}`
	if got := string(l); got != text+"\n" {
		t.Errorf("%s\nwant\n%s", got, text)
	}
	e, err := Decode(text)
	if err != nil || !e.At.Equal(received) || string(e.Body) != `{"a":"<张三>"}` {
		t.Errorf("read back: %v %q, %v", e.At, e.Body, err)
	}
	for _, damaged := range []string{
		"", "{}", "null", text[:len(text)-1], text + "x", strings.Repeat("\x00", 40),
		strings.Replace(text, "04:00:00", "05:00:00", 1), strings.Replace(text, "a", "b", 1), strings.Replace(text, "三", "四", 1),
	} {
		if _, err := Decode(damaged); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q was read: %v", damaged, err)
		}
	}
}

func TestSegments(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "landing", "notifications", "courier")
	c := &clock{at: received}
	w := open(t, dir, c.now)
	if repeated := appendTo(t, w, "a"); repeated {
		t.Error("the first of its kind counts as repeated")
	}
	appendTo(t, w, "line\nbreak")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	// Who opens it begins a new segment, and so does a new day.
	w = open(t, dir, c.now)
	appendTo(t, w, "c")
	c.move(24 * time.Hour)
	appendTo(t, w, "d")
	if _, err := Open(dir, Options{Now: c.now}); !errors.Is(err, ErrLocked) {
		t.Errorf("a second writer: %v, want it refused", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Append(context.Background(), []byte("e")); !errors.Is(err, ErrClosed) {
		t.Errorf("append after the end: %v", err)
	}
	want(t, texts(t, dir),
		"2025-06-29-000001.jsonl:1 a", "2025-06-29-000001.jsonl:2 line\nbreak", "2025-06-29-000002.jsonl:1 c", "2025-06-30-000001.jsonl:1 d")
	for path, mode := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "2025-06-29-000001.jsonl.zst"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: mode %v, %v, want %v", path, info.Mode().Perm(), err, mode)
		}
	}
	if none, err := LogSegments(filepath.Join(dir, "nowhere")); err != nil || len(none) != 0 {
		t.Errorf("a folder that does not exist holds %v, %v", none, err)
	}
}

func TestPrune(t *testing.T) {
	dir := t.TempDir()
	c := &clock{at: received}
	w := open(t, dir, c.now)
	for _, body := range []string{"29 June", "1 July", "3 July"} {
		appendTo(t, w, body)
		c.move(48 * time.Hour)
	}
	for _, step := range []struct {
		before string
		left   int
	}{
		{"2025-07-01T12:00:00Z", 3}, // the first segment may hold what came until the second began
		{"2025-07-02T00:00:01Z", 2},
		{"2030-01-01T00:00:00Z", 1},
	} {
		before, err := time.Parse(time.RFC3339, step.before)
		if err != nil {
			t.Fatal(err)
		}
		if err := Prune(dir, before); err != nil {
			t.Fatal(err)
		}
		if got := texts(t, dir); len(got) != step.left {
			t.Errorf("before %s: left %v, want %d", step.before, got, step.left)
		}
	}
}

// A crash can leave a line without its end, and a power failure lines that
// were never written although the file is long enough. Neither was
// acknowledged.
func TestTornSegment(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "2025-06-29-000001.jsonl")
	whole, err := Encode(Record{At: received, Body: []byte("a")})
	if err != nil {
		t.Fatal(err)
	}
	for cut := 1; cut < len(whole); cut += 7 {
		if err := os.WriteFile(path, append(slices.Clone(whole), whole[:cut]...), 0o600); err != nil {
			t.Fatal(err)
		}
		want(t, texts(t, dir), "2025-06-29-000001.jsonl:1 a")
	}
	zeros := slices.Concat(whole, make([]byte, 100), []byte("\n"), whole)
	if err := os.WriteFile(path, zeros, 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, texts(t, dir), "2025-06-29-000001.jsonl:1 a", "2025-06-29-000001.jsonl:2 !", "2025-06-29-000001.jsonl:3 a")
	// It goes on in another segment.
	w := open(t, dir, func() time.Time { return received })
	if !appendTo(t, w, "a") {
		t.Error("what stands before the damage was forgotten")
	}
	appendTo(t, w, "b")
	if got := texts(t, dir); got[len(got)-1] != "2025-06-29-000002.jsonl:1 b" {
		t.Errorf("%v", got)
	}
}

// A reader that began sees what was complete then, and nothing of later.
func TestReadWhileWritten(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir, func() time.Time { return received })
	appendTo(t, w, "a")
	segments, err := LogSegments(dir)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = Lines(dir, segments[0], sealed.Keys{}, func(int, string) error {
		n++
		appendTo(t, w, fmt.Sprint("more ", n))
		return nil
	})
	if err != nil || n != 1 {
		t.Errorf("%d lines, %v; want the one that stood there", n, err)
	}
}

func TestRepetitions(t *testing.T) {
	dir := t.TempDir()
	c := &clock{at: received}
	w := open(t, dir, c.now)
	for _, step := range []struct {
		after    time.Duration
		body     string
		repeated bool
	}{
		{0, "a", false},
		{75 * time.Second, "a", true},
		{0, "b", false},
		{9 * time.Minute, "b", true},
		{25 * time.Minute, "c", false},
		{0, "a", false}, // no repetition comes that late: it is told again
		{0, "a", true},
	} {
		c.move(step.after)
		if got := appendTo(t, w, step.body); got != step.repeated {
			t.Errorf("%s at %v: repeated %v", step.body, c.now(), got)
		}
	}
	// A listener that is started again remembers.
	w.Close()
	c.move(time.Minute)
	w = open(t, dir, c.now)
	if !appendTo(t, w, "a") || appendTo(t, w, "b") {
		t.Error("after a new start: a must be a repetition, b is too old for one")
	}
}

// Those that wait while one flush is under way share the next.
func TestGroupCommit(t *testing.T) {
	const clients, each = 50, 20
	dir := t.TempDir()
	w := open(t, dir, func() time.Time { return received })
	failing := &badDisk{writes: 1 << 30, flushes: 1 << 30}
	w.create = failing.create
	var group sync.WaitGroup
	for i := range clients {
		group.Go(func() {
			for j := range each {
				appendTo(t, w, fmt.Sprint(i, "/", j))
				if appendTo(t, w, fmt.Sprint(i, "/", j)) == false {
					t.Error("a repetition was kept")
				}
				appendTo(t, w, fmt.Sprint("common ", j))
			}
		})
	}
	group.Wait()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, text := range texts(t, dir) {
		_, body, _ := strings.Cut(text, " ")
		if got[body] {
			t.Errorf("%s stands there twice", body)
		}
		got[body] = true
	}
	if len(got) != clients*each+each {
		t.Errorf("%d entries, want %d", len(got), clients*each+each)
	}
}

// badDisk is a real file that fails once it took so many writes or flushes.
type badDisk struct {
	writes, flushes int
	fails           error // also on taking a write back
}

type diskFile struct {
	sealed.File
	disk *badDisk
}

var errFull = errors.New("no space left")

func (d *badDisk) create(path string, codec *sealed.Codec) (*sealed.Log, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	return sealed.NewLog(path, &diskFile{f, d}, codec), err
}

func (f *diskFile) Write(b []byte) (int, error) {
	if f.disk.writes--; f.disk.writes < 0 {
		n, _ := f.File.Write(b[:len(b)/2])
		return n, errFull
	}
	return f.File.Write(b)
}

func (f *diskFile) Sync() error {
	if f.disk.flushes--; f.disk.flushes < 0 {
		return errFull
	}
	return f.File.Sync()
}

func (f *diskFile) Truncate(size int64) error {
	return errors.Join(f.disk.fails, f.File.Truncate(size))
}

// What cannot be written or flushed is not acknowledged, and does not harm
// what follows. A vendor sends it again.
func TestDiskFails(t *testing.T) {
	for _, c := range []struct {
		name string
		disk badDisk
		want []string
	}{
		{"write, taken back", badDisk{writes: 1, flushes: 100}, []string{"1:1 a", "1:2 b"}},
		{"write, not taken back", badDisk{writes: 1, flushes: 100, fails: errFull}, []string{"1:1 a", "2:1 b"}},
		// The lines of a failed flush may be there; nobody was told so.
		{"flush", badDisk{writes: 100, flushes: 1}, []string{"1:1 a", "1:2 b", "2:1 b"}},
		{"from the beginning", badDisk{fails: errFull, flushes: 100}, []string{"2:1 a", "2:2 b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			w := open(t, dir, func() time.Time { return received })
			w.create = c.disk.create
			failures := 0
			for _, body := range []string{"a", "b"} {
				repeated, err := w.Append(context.Background(), []byte(body))
				if err != nil {
					failures++
					if !errors.Is(err, errFull) {
						t.Errorf("%s: %v", body, err)
					}
					c.disk.writes, c.disk.flushes = 100, 100
					repeated, err = w.Append(context.Background(), []byte(body))
				}
				if err != nil || repeated {
					t.Errorf("%s: repeated %v, %v; want it kept", body, repeated, err)
				}
			}
			if failures != 1 {
				t.Errorf("%d failures, want 1", failures)
			}
			var got []string
			for _, text := range texts(t, dir) {
				got = append(got, strings.TrimPrefix(strings.Replace(text, ".jsonl", "", 1), "2025-06-29-00000"))
			}
			want(t, got, c.want...)
		})
	}
}

func TestRefusedBodies(t *testing.T) {
	w := open(t, t.TempDir(), func() time.Time { return received })
	for _, body := range []string{strings.Repeat("a", MaxBody+1), "\xff"} {
		if _, err := w.Append(context.Background(), []byte(body)); err == nil {
			t.Errorf("%d bytes were kept", len(body))
		}
	}
	if appendTo(t, w, strings.Repeat("\x01", MaxBody)) {
		t.Error("the longest body is a repetition")
	}
	got := texts(t, w.dir)
	if len(got) != 1 || !strings.HasSuffix(got[0], "\x01\x01") {
		t.Errorf("the longest body was not read back: %d lines", len(got))
	}
}

func BenchmarkAppend(b *testing.B) { benchmarkAppend(b, sealed.Keys{}) }

func benchmarkAppend(b *testing.B, keys sealed.Keys) {
	w := openWith(b, b.TempDir(), time.Now, keys)
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			body := fmt.Sprintf(`{"orderNo":"ON2009159200340432","happenTime":%d}`, time.Now().UnixNano())
			if _, err := w.Append(context.Background(), []byte(body)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
