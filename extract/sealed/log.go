package sealed

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/nightaudit/nightaudit/load/disk"
)

// File is what a log is written to: an *os.File that is opened to append.
type File interface {
	io.WriteCloser
	Sync() error
	Truncate(size int64) error
}

// Log is a file that is only appended to. What its name ends in says in which
// form: .zst for compressed frames, .zst.age for encrypted ones, anything else
// for lines as they are. What was appended before Flush returned survives a
// crash; what was cut short by one is seen by no reader. A Log is not safe for
// concurrent use.
type Log struct {
	file    File
	codec   *Codec // nil where lines are written as they are
	frame   []byte // reused
	size    int64
	flushed int64
	torn    error
}

// CreateLog creates a log whose name survives a crash, for its owner only. One
// that is there already is an fs.ErrExist.
func CreateLog(path string, codec *Codec) (*Log, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	if err := disk.SyncFolder(filepath.Dir(path)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return NewLog(path, f, codec), nil
}

// NewLog is a log in a file of that name, which holds nothing yet.
func NewLog(path string, f File, codec *Codec) *Log {
	if !Sealed(path) && !strings.HasSuffix(path, PlainSuffix) {
		codec = nil
	}
	return &Log{file: f, codec: codec}
}

// ReopenLog goes on with a log of lines as they are, or begins it: each is
// given the lines that stand in it, and what a crash has cut short behind them
// is removed.
func ReopenLog(path string, each func(line []byte) error) (_ *Log, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	l := NewLog(path, f, nil)
	for line, err := range plainLines(f).All() {
		if err == nil {
			err = each(line)
		}
		if err != nil {
			return nil, err
		}
		l.size += int64(len(line)) + 1
	}
	l.flushed = l.size
	return l, errors.Join(f.Truncate(l.size), disk.SyncFolder(filepath.Dir(path)))
}

// Append writes lines, each with its break, as one: of those that share a
// frame a crash leaves all or none. label stands in the clear beside an
// encrypted frame, and nowhere else. What could be written in part only is
// taken back, so that other lines may follow; where that fails, the log is
// torn and takes no more.
func (l *Log) Append(label, lines []byte) (err error) {
	if l.torn != nil {
		return l.torn
	}
	if l.codec != nil {
		if l.frame, err = l.codec.Append(l.frame[:0], label, lines); err != nil {
			return err
		}
		lines = l.frame
	}
	if _, err := l.file.Write(lines); err != nil {
		l.torn = l.file.Truncate(l.size)
		return errors.Join(err, l.torn)
	}
	l.size += int64(len(lines))
	return nil
}

// AppendJSON appends v as a line.
func (l *Log) AppendJSON(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write down a line: %w", err)
	}
	return l.Append(nil, append(line, '\n'))
}

// Flush makes durable what was appended. After an error nobody knows what the
// log holds beyond Flushed: a later success would not make up for it.
func (l *Log) Flush() error {
	err := l.file.Sync()
	if err == nil {
		l.flushed = l.size
	}
	return err
}

// Size is the length in bytes of what was appended.
func (l *Log) Size() int64 { return l.size }

// Flushed is the length in bytes of what is known to be durable.
func (l *Log) Flushed() int64 { return l.flushed }

// Torn reports whether the log takes no more.
func (l *Log) Torn() bool { return l.torn != nil }

// Close closes the file. It does not flush.
func (l *Log) Close() error { return l.file.Close() }
