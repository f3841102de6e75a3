// Package wal is the write-ahead log of what vendors push and of what people
// add: appended to files of JSON lines, flushed to disk before it is
// acknowledged, each line with its hash.
//
// A folder is one log. Its log segments, "2025-06-29-000001.jsonl", are
// written once: whoever opens the log begins a new one. A crash can leave
// a line without its end at the end of a segment; no such line was ever
// acknowledged, and no reader sees it. So a run can read a log while
// the listener appends to it. A segment that is written to its end is
// compressed: its name ends in .zst then.
//
// Where there are recipients, the lines that share a flush are compressed and
// encrypted before they reach the disk, as a frame of package sealed, and the
// segment's name ends in .zst.age from its beginning. In the clear stand the
// times of receipt and, of each body, a hash keyed with the account's secret:
// a listener knows repetitions without the identity. How a segment is read
// goes by its name, so a log may hold all kinds.
package wal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// ErrDamaged is a line that is not what was written: it has no hash, or
// another one than its content.
var ErrDamaged = errors.New("the line is damaged: it does not match its hash")

// Record is what was pushed or added, and when it was received, in UTC.
type Record struct {
	At   time.Time
	Body []byte
}

// logLine is a record as it is written.
type logLine struct {
	At     string `json:"at"`
	SHA256 string `json:"sha256"` // of At, a line break and Body
	Body   string `json:"body"`
}

func hashOf(at, body string) string {
	sum := sha256.Sum256([]byte(at + "\n" + body))
	return hex.EncodeToString(sum[:])
}

// Encode is the record's line with its line break.
func Encode(e Record) ([]byte, error) {
	if !utf8.Valid(e.Body) {
		return nil, errors.New("the body is not valid UTF-8")
	}
	l := logLine{At: e.At.UTC().Format(time.RFC3339Nano), Body: string(e.Body)}
	l.SHA256 = hashOf(l.At, l.Body)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(l); err != nil {
		return nil, fmt.Errorf("encode a line: %w", err)
	}
	return b.Bytes(), nil
}

// Decode reads a line, without its line break. The error is ErrDamaged.
func Decode(text string) (Record, error) {
	var l logLine
	dec := json.NewDecoder(strings.NewReader(text))
	if dec.Decode(&l) != nil || dec.More() || l.SHA256 != hashOf(l.At, l.Body) {
		return Record{}, ErrDamaged
	}
	at, err := time.Parse(time.RFC3339Nano, l.At)
	if err != nil {
		return Record{}, ErrDamaged
	}
	return Record{At: at, Body: []byte(l.Body)}, nil
}
