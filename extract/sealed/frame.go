package sealed

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// How the names of compressed files end.
const (
	PlainSuffix  = ".zst"
	SealedSuffix = ".zst.age"
)

const (
	magic    = "NAF1"
	headSize = 20
	// maxFrame and maxLabel are what the lengths in a frame's head may say.
	maxFrame = 1<<32 - 1
	maxLabel = 1 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ErrDamaged is a frame that is not what was written.
var ErrDamaged = errors.New("the file is damaged here")

// Sealed reports whether a file of that name holds encrypted frames.
func Sealed(name string) bool { return strings.HasSuffix(name, SealedSuffix) }

// Codec makes and opens frames. It is safe for concurrent use.
type Codec struct {
	keys    Keys
	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

// New returns a codec that encrypts frames if keys has recipients, and opens
// those that the identities of keys fit.
func New(keys Keys) (*Codec, error) {
	// What repeats itself in an answer does so from record to record: a window of
	// 1 MiB packs as well as a larger one, which each encoder holds twice.
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2),
		zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, fmt.Errorf("prepare compression: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(2))
	if err != nil {
		return nil, fmt.Errorf("prepare decompression: %w", err)
	}
	return &Codec{keys, enc, dec}, nil
}

// Suffix is how the names of files end to which frames are written.
func (c *Codec) Suffix() string {
	if c.keys.Seals() {
		return SealedSuffix
	}
	return PlainSuffix
}

// Append appends a frame of plain to dst, which it may move. label, which is
// not encrypted, is kept in encrypted frames only.
func (c *Codec) Append(dst, label, plain []byte) ([]byte, error) {
	if !c.keys.Seals() {
		return c.encoder.EncodeAll(plain, dst), nil
	}
	frame := bytes.NewBuffer(append(append(dst, make([]byte, headSize)...), label...))
	if err := c.keys.encrypt(frame, c.encoder.EncodeAll(plain, nil)); err != nil {
		return dst, err
	}
	all := frame.Bytes()
	head, content := all[len(dst):len(dst)+headSize], all[len(dst)+headSize:]
	body := len(content) - len(label)
	if len(label) > maxLabel || uint64(body) > maxFrame {
		return dst, fmt.Errorf("encrypt: %d bytes and a label of %d are too long for a frame", len(plain), len(label))
	}
	copy(head, magic)
	binary.BigEndian.PutUint32(head[4:], uint32(len(label)))
	binary.BigEndian.PutUint32(head[8:], uint32(body))
	binary.BigEndian.PutUint32(head[12:], crc32.Checksum(content, castagnoli))
	binary.BigEndian.PutUint32(head[16:], crc32.Checksum(head[:16], castagnoli))
	return all, nil
}

// Frame is an encrypted frame as it stands on disk.
type Frame struct {
	Label []byte
	body  []byte
}

// Open gives back what was sealed: ErrDamaged, or ErrNoIdentity with the
// remedy in its text.
func (c *Codec) Open(f Frame) ([]byte, error) {
	packed, err := c.keys.decrypt(bytes.NewReader(f.body))
	if err != nil {
		return nil, err
	}
	plain, err := c.decoder.DecodeAll(packed, nil)
	if err != nil {
		return nil, ErrDamaged
	}
	return plain, nil
}

// Reader reads encrypted frames.
type Reader struct{ in *bufio.Reader }

// NewReader reads the frames of r.
func NewReader(r io.Reader) *Reader { return &Reader{bufio.NewReaderSize(r, 64<<10)} }

// Next reads a frame. A frame that was cut short is none: the error is then
// io.EOF. After ErrDamaged the next call reads the frame after the damage;
// the label that comes with it may be damaged, but has its length, unless
// that is not known either: then it is nil.
func (r *Reader) Next() (Frame, error) {
	label, body, sum, err := r.head()
	if err != nil {
		return Frame{}, err
	}
	// The lengths are checked, so what is allocated was written; what is not
	// there any more is not allocated either.
	content, err := readFull(r.in, label+body)
	if err != nil {
		return Frame{}, err
	}
	f := Frame{content[:label:label], content[label:]}
	if crc32.Checksum(content, castagnoli) != sum {
		return Frame{Label: f.Label}, ErrDamaged
	}
	return f, nil
}

// Skip passes over a frame without looking at it.
func (r *Reader) Skip() error {
	label, body, _, err := r.head()
	if err != nil {
		return err
	}
	_, err = r.in.Discard(label + body)
	return err
}

// head reads the head of a frame. After ErrDamaged it stands before the next
// head that is whole, or at the end.
func (r *Reader) head() (label, body int, sum uint32, err error) {
	for damaged := false; ; damaged = true {
		head, err := r.in.Peek(headSize)
		if len(head) < headSize {
			if damaged && errors.Is(err, io.EOF) {
				_, _ = r.in.Discard(len(head))
				err = ErrDamaged
			}
			return 0, 0, 0, err
		}
		if string(head[:4]) == magic && crc32.Checksum(head[:16], castagnoli) == binary.BigEndian.Uint32(head[16:]) {
			if damaged {
				return 0, 0, 0, ErrDamaged
			}
			label, body = int(binary.BigEndian.Uint32(head[4:])), int(binary.BigEndian.Uint32(head[8:]))
			sum = binary.BigEndian.Uint32(head[12:])
			_, err = r.in.Discard(headSize)
			return label, body, sum, err
		}
		// Go on where another head may begin.
		seen, _ := r.in.Peek(r.in.Buffered())
		next := bytes.Index(seen[1:], []byte(magic))
		if next < 0 {
			next = len(seen) - len(magic)
		}
		if _, err := r.in.Discard(next + 1); err != nil {
			return 0, 0, 0, err
		}
	}
}

// readFull reads n bytes, or io.EOF where there are fewer.
func readFull(r io.Reader, n int) ([]byte, error) {
	const step = 1 << 20
	if n <= step {
		b := make([]byte, n)
		_, err := io.ReadFull(r, b)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF
		}
		return b, err
	}
	var b bytes.Buffer
	_, err := io.CopyN(&b, r, int64(n))
	return b.Bytes(), err
}
