package sealed

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"iter"
	"slices"
	"strings"
)

// Lines reads the complete lines of a log, in whichever form it lies there.
type Lines struct {
	text   *bufio.Reader // nil where the log is encrypted
	packed io.Closer     // what text decompresses with; nil where it does not
	frames *Reader
	codec  *Codec
	frame  []byte // what is left of the frame that was opened last
	label  []byte
}

// Lines reads the log of that name from r, which stays the caller's.
func (c *Codec) Lines(name string, r io.Reader) (*Lines, error) {
	switch {
	case Sealed(name):
		return &Lines{frames: NewReader(r), codec: c}, nil
	case strings.HasSuffix(name, PlainSuffix):
		plain, err := Decompress(r)
		if err != nil {
			return nil, err
		}
		l := plainLines(plain)
		l.packed = plain
		return l, nil
	}
	return plainLines(r), nil
}

func plainLines(r io.Reader) *Lines { return &Lines{text: bufio.NewReaderSize(r, 64<<10)} }

// Next is the next line, without its break; it is the caller's. The error is
// io.EOF at the end, where a line without its break is none; ErrDamaged for
// what cannot be read any more, after which Next goes on behind it, if it can;
// ErrNoIdentity for what cannot be opened.
func (l *Lines) Next() ([]byte, error) {
	if l.frames != nil {
		return l.nextSealed()
	}
	line, err := l.text.ReadBytes('\n')
	switch broken := (*fs.PathError)(nil); {
	case err == nil:
		return line[: len(line)-1 : len(line)-1], nil
	case errors.Is(err, io.EOF), l.packed == nil, errors.As(err, &broken): // the disk, not its content
		return nil, err
	}
	l.text.Reset(bytes.NewReader(nil)) // nothing behind the damage can be decompressed
	return nil, ErrDamaged
}

func (l *Lines) nextSealed() ([]byte, error) {
	for len(l.frame) == 0 {
		frame, err := l.frames.Next()
		if l.label = frame.Label; err != nil {
			return nil, err
		}
		if l.frame, err = l.codec.Open(frame); err != nil {
			return nil, err
		}
	}
	line, rest, _ := bytes.Cut(l.frame, []byte("\n"))
	l.frame = rest
	return slices.Clip(line), nil
}

// Skip passes over a line; over a frame, without opening it, where the log is
// encrypted.
func (l *Lines) Skip() error {
	if l.frames != nil {
		return l.frames.Skip()
	}
	_, err := l.Next()
	return err
}

// Label stands in the clear beside the frame that was read last.
func (l *Lines) Label() []byte { return l.label }

// All goes through the lines up to the end or the first error.
func (l *Lines) All() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for {
			line, err := l.Next()
			if errors.Is(err, io.EOF) || !yield(line, err) || err != nil {
				return
			}
		}
	}
}

// Close ends the reading.
func (l *Lines) Close() error {
	if l.packed == nil {
		return nil
	}
	return l.packed.Close()
}
