package wal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/nightaudit/nightaudit/extract/sealed"
)

// key identifies a body among the recent ones. It is keyed, so that nobody
// who reads it can find a body by trying.
type key [16]byte

func keyOf(secret, body []byte) key {
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return key(mac.Sum(nil)[:16])
}

// markSize is the length of a record's mark in bytes: what stands of it in
// the clear beside an encrypted batch. By the marks a listener without the
// identity knows repetitions after a new start. A mark is the time of receipt
// in nanoseconds since 1970, big-endian, and the body's key.
const markSize = 8 + 16

func appendMark(label []byte, at time.Time, k key) []byte {
	return append(binary.BigEndian.AppendUint64(label, uint64(at.UnixNano())), k[:]...)
}

// eachMark hands over the marks of a batch's label.
func eachMark(label []byte, use func(at time.Time, k key)) {
	for ; len(label) >= markSize; label = label[markSize:] {
		use(time.Unix(0, int64(binary.BigEndian.Uint64(label))).UTC(), key(label[8:markSize]))
	}
}

// eachKey hands over what a writer without the identity can know of a
// segment: when its records were received, and their keys.
func eachKey(dir string, s LogSegment, secret []byte, use func(at time.Time, k key)) error {
	failed := func(err error) error { return fmt.Errorf("recall the journal segment %s: %w", s.Name, err) }
	f, err := s.open(dir)
	if err != nil {
		return failed(err)
	}
	defer f.Close() // read only: nothing to lose
	if !sealed.Sealed(f.Name()) {
		return Lines(dir, s, sealed.Keys{}, func(_ int, text string) error {
			if e, err := Decode(text); err == nil { // else it is told when it is loaded
				use(e.At, keyOf(secret, e.Body))
			}
			return nil
		})
	}
	frames := sealed.NewReader(f)
	for {
		switch frame, err := frames.Next(); {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, sealed.ErrDamaged): // was never acknowledged, or is told when it is loaded
		case err != nil:
			return failed(err)
		default:
			eachMark(frame.Label, use)
		}
	}
}
