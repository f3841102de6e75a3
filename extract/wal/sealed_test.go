package wal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/nightaudit/nightaudit/extract/sealed"
)

// newKeys are recipients alone, and the same with their identity.
func newKeys(t testing.TB) (closed, open sealed.Keys) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	err = closed.AddRecipient(id.Recipient().String())
	open = closed
	if err := errors.Join(err, open.AddIdentities(id.String())); err != nil {
		t.Fatal(err)
	}
	return closed, open
}

func atReceived() time.Time { return received }

// files are the names of the journal's segments on disk.
func files(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.Name() != "lock" {
			names = append(names, e.Name())
		}
	}
	return names
}

// A journal is read whole, whichever of its segments are encrypted. Without
// the identity what is encrypted is refused, and nothing of it stands on disk.
func TestEncryptedJournal(t *testing.T) {
	closed, open := newKeys(t)
	dir := t.TempDir()
	for i, keys := range []sealed.Keys{{}, closed, {}, closed} {
		w := openWith(t, dir, atReceived, keys)
		appendTo(t, w, fmt.Sprint("张三 ", i))
		appendTo(t, w, fmt.Sprint("line\nbreak ", i))
		if keys.Seals() { // also while the listener is at work
			data, err := os.ReadFile(w.path())
			if err != nil || len(data) == 0 || bytes.Contains(data, []byte("张三")) {
				t.Errorf("%d bytes on disk, %v; want the name not among them", len(data), err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	want(t, files(t, dir), "2025-06-29-000001.jsonl.zst", "2025-06-29-000002.jsonl.zst.age", "2025-06-29-000003.jsonl.zst", "2025-06-29-000004.jsonl.zst.age")
	var all []string
	for i := range 4 {
		all = append(all, fmt.Sprintf("2025-06-29-00000%d.jsonl:1 张三 %d", i+1, i), fmt.Sprintf("2025-06-29-00000%d.jsonl:2 line\nbreak %d", i+1, i))
	}
	want(t, textsWith(t, dir, open), all...)

	segments, err := LogSegments(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := Lines(dir, segments[0], closed, func(int, string) error { return nil }); err != nil {
		t.Errorf("a plain segment without the identity: %v", err)
	}
	err = Lines(dir, segments[1], closed, func(int, string) error { return nil })
	if !errors.Is(err, sealed.ErrNoIdentity) || !strings.Contains(err.Error(), "landing.identity is not set") {
		t.Errorf("an encrypted segment without the identity: %v", err)
	}
	if err := Prune(dir, received.AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	want(t, files(t, dir), "2025-06-29-000004.jsonl.zst.age")
}

// A listener without the identity knows what was kept before its start,
// encrypted or not; and what stands in the clear tells nothing without the
// account's secret.
func TestEncryptedRepetitions(t *testing.T) {
	closed, _ := newKeys(t)
	dir := t.TempDir()
	c := &clock{at: received}
	w := openWith(t, dir, c.now, sealed.Keys{})
	appendTo(t, w, "old")
	w.Close()
	c.move(remember / 2)
	w = openWith(t, dir, c.now, closed)
	if !appendTo(t, w, "old") || appendTo(t, w, "a") || appendTo(t, w, "b") {
		t.Error("the first start: want old repeated, a and b kept")
	}
	w.Close()
	for _, kind := range []sealed.Keys{closed, {}, closed} {
		w = openWith(t, dir, c.now, kind)
		if !appendTo(t, w, "a") || !appendTo(t, w, "b") || !appendTo(t, w, "old") {
			t.Error("a later start: want all three repeated")
		}
		w.Close()
	}
	w, err := Open(dir, Options{Now: c.now, Keys: closed, Mark: []byte("another")})
	if err != nil {
		t.Fatal(err)
	}
	if appendTo(t, w, "b") {
		t.Error("b was recognised without the secret")
	}
	w.Close()
	c.move(remember + time.Second)
	w = openWith(t, dir, c.now, closed)
	if appendTo(t, w, "a") {
		t.Error("a is too old for a repetition")
	}
}

// However an encrypted segment is cut by a crash, what stands before the cut
// is read, and what was cut, or never came to the disk, is not remembered:
// the vendor, which had no answer, sends it again and it is kept.
func TestTornEncryptedSegment(t *testing.T) {
	closed, open := newKeys(t)
	from := t.TempDir()
	w := openWith(t, from, atReceived, closed)
	appendTo(t, w, "a")
	whole := w.segment.Flushed()
	appendTo(t, w, "b")
	w.Close()
	const name = "2025-06-29-000001.jsonl.zst.age"
	both, err := os.ReadFile(filepath.Join(from, name))
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, data []byte, read ...string) {
		t.Helper()
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		want(t, textsWith(t, dir, open), read...)
		w := openWith(t, dir, atReceived, closed)
		if !appendTo(t, w, "a") || appendTo(t, w, "b") {
			t.Errorf("%s: a must be a repetition, and b must be kept", what)
		}
		w.Close()
		want(t, textsWith(t, dir, open), append(read, "2025-06-29-000002.jsonl:1 b")...)
	}
	first := "2025-06-29-000001.jsonl:1 a"
	for cut := int(whole); cut < len(both); cut += 11 {
		check(fmt.Sprint("cut at ", cut), both[:cut], first)
	}
	// A power failure: the length is there, the end of the content is not.
	lost := slices.Clone(both)
	clear(lost[len(lost)-40:])
	check("zeros in the second", lost, first, "2025-06-29-000001.jsonl:2 !")
}

// What was batched is counted line by line, also where it cannot be read.
func TestDamagedBatch(t *testing.T) {
	closed, open := newKeys(t)
	dir := t.TempDir()
	w := openWith(t, dir, atReceived, closed)
	var lines, marks []byte
	for _, body := range []string{"a", "b", "c"} {
		l, err := Encode(Record{At: received, Body: []byte(body)})
		if err != nil {
			t.Fatal(err)
		}
		lines, marks = append(lines, l...), appendMark(marks, received, keyOf(nil, []byte(body)))
	}
	if err := w.flush(lines, marks); err != nil { // before the first Append: nobody else writes
		t.Fatal(err)
	}
	batch := w.segment.Flushed()
	appendTo(t, w, "d")
	w.Close()
	path := filepath.Join(dir, "2025-06-29-000001.jsonl.zst.age")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[batch-1] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, textsWith(t, dir, open),
		"2025-06-29-000001.jsonl:1 !", "2025-06-29-000001.jsonl:2 !", "2025-06-29-000001.jsonl:3 !", "2025-06-29-000001.jsonl:4 d")
}

// What a killed listener left is compressed by the next, wherever the
// compression was cut, and is read at any moment.
func TestPacking(t *testing.T) {
	const name = "2025-06-29-000001.jsonl"
	line, err := Encode(Record{At: received, Body: []byte("a")})
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	if err := sealed.Compress(&packed, bytes.NewReader(line)); err != nil {
		t.Fatal(err)
	}
	torn := slices.Concat(line, []byte("damaged\n"), line, line[:10])
	for what, left := range map[string]map[string][]byte{
		"as it was written":                   {name: line},
		"in the middle of compressing":        {name: line, name + ".zst.new": packed.Bytes()[:5]},
		"compressed, and not removed yet":     {name: line, name + ".zst": packed.Bytes()},
		"compressed":                          {name + ".zst": packed.Bytes()},
		"torn, which compressing leaves torn": {name: torn},
	} {
		dir := t.TempDir()
		for file, data := range left {
			if err := os.WriteFile(filepath.Join(dir, file), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		before := texts(t, dir)
		if len(before) == 0 || before[0] != name+":1 a" {
			t.Errorf("%s: read as %q", what, before)
		}
		w := open(t, dir, atReceived)
		if !appendTo(t, w, "a") {
			t.Errorf("%s: forgotten", what)
		}
		if err := w.Close(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		want(t, files(t, dir), name+".zst")
		want(t, texts(t, dir), before...)
	}
}

// A segment that is compressed between being listed and being read is read.
func TestPackedWhileListed(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir, atReceived)
	appendTo(t, w, "a")
	segments, err := LogSegments(dir)
	if err != nil || len(segments) != 1 {
		t.Fatal(segments, err)
	}
	w.Close()
	want(t, files(t, dir), "2025-06-29-000001.jsonl.zst")
	n := 0
	if err := Lines(dir, segments[0], sealed.Keys{}, func(int, string) error { n++; return nil }); err != nil || n != 1 {
		t.Errorf("%d lines, %v", n, err)
	}
}

// Where the content of a compressed segment is damaged, what stands before is
// read, and the rest is told.
func TestDamagedPacked(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir, atReceived)
	appendTo(t, w, "a")
	w.Close()
	path := filepath.Join(dir, "2025-06-29-000001.jsonl.zst")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(data, data[:len(data)/2]...), 0o600); err != nil {
		t.Fatal(err)
	}
	got := texts(t, dir)
	if len(got) < 2 || got[0] != "2025-06-29-000001.jsonl:1 a" || got[len(got)-1] != fmt.Sprintf("2025-06-29-000001.jsonl:%d !", len(got)) {
		t.Errorf("read as %q", got)
	}
}

func BenchmarkAppendEncrypted(b *testing.B) {
	closed, _ := newKeys(b)
	benchmarkAppend(b, closed)
}
