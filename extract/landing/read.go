package landing

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/sealed"
)

// Damaged is a landed answer that is not what its manifest says, or is gone.
// It is reported and never used.
type Damaged struct {
	Ref    string // file:line
	Reason string
}

func (e *Damaged) Error() string {
	return fmt.Sprintf("the landed answer %s is damaged: %s; it is not used", e.Ref, e.Reason)
}

func endOfFile(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// Pages reads the answers of a window in their order, each verified against
// its hash, and hands them over as they were landed. A page is the callee's.
// An error is a *Damaged, sealed.ErrNoIdentity where an answer is encrypted
// and cannot be opened, or each's own.
func (s *Store) Pages(w WindowEntry, each func(p *extract.Page, l Landed) error) error {
	if w.First == 0 {
		return nil
	}
	entries, err := s.manifest(w.Segment)
	if err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(s.dir, filepath.FromSlash(w.Segment)))
	if err != nil {
		return &Damaged{w.Segment, reasonOf(err)}
	}
	defer f.Close()
	answers, err := s.answers(w.Segment, f)
	if err != nil {
		return fmt.Errorf("read %s: %w", w.Segment, err)
	}
	defer answers.Close()
	for no := 1; no < w.First; no++ {
		if err := answers.skip(); err != nil {
			return unread(w.Segment, no, err)
		}
	}
	for no := w.First; no <= w.Last; no++ {
		line, err := answers.next()
		if err != nil {
			return unread(w.Segment, no, err)
		}
		ref := w.Segment + ":" + strconv.Itoa(no)
		e, ok := entries[no]
		if !ok {
			return &Damaged{ref, "the manifest does not describe it"}
		}
		if sum := sha256.Sum256(line); hex.EncodeToString(sum[:]) != e.SHA256 {
			return &Damaged{ref, "its hash is not the one in the manifest"}
		}
		page := &extract.Page{
			Stream: w.Stream, Request: e.Request, Status: e.Status, At: e.At, Body: line,
			Filter: e.Filter, Part: e.Part, Pass: e.Pass, Subject: e.Subject,
		}
		if err := each(page, Landed{Ref: ref, entry: e}); err != nil {
			return err
		}
	}
	return nil
}

// unread is the error of an answer that could not be read.
func unread(segment string, no int, err error) error {
	ref := segment + ":" + strconv.Itoa(no)
	if errors.Is(err, sealed.ErrNoIdentity) {
		return fmt.Errorf("read the landed answer %s: %w", ref, err)
	}
	return &Damaged{ref, "the file ends before it or cannot be decoded"}
}

// answers reads the lines of a segment, one an answer, without their breaks.
type answers interface {
	skip() error
	next() ([]byte, error)
	io.Closer
}

// answers reads the segment of that name from f, which stays the caller's.
func (s *Store) answers(name string, f io.Reader) (answers, error) {
	if sealed.Sealed(name) {
		return &sealedAnswers{sealed.NewReader(f), s.codec}, nil
	}
	plain, err := sealed.Decompress(f)
	if err != nil {
		return nil, err
	}
	return &plainAnswers{plain, bufio.NewReaderSize(plain, 1<<20)}, nil
}

type plainAnswers struct {
	io.Closer
	lines *bufio.Reader
}

func (a *plainAnswers) next() ([]byte, error) {
	line, err := a.lines.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	return line[:len(line)-1], nil
}

func (a *plainAnswers) skip() error {
	_, err := a.next()
	return err
}

type sealedAnswers struct {
	frames *sealed.Reader
	codec  *sealed.Codec
}

func (a *sealedAnswers) next() ([]byte, error) {
	frame, err := a.frames.Next()
	if err != nil {
		return nil, err
	}
	line, err := a.codec.Open(frame)
	return bytes.TrimSuffix(line, []byte("\n")), err
}

func (a *sealedAnswers) skip() error { return a.frames.Skip() }

func (a *sealedAnswers) Close() error { return nil }

// manifest reads the entries of a segment by line.
func (s *Store) manifest(segment string) (map[int]Description, error) {
	base := strings.TrimSuffix(strings.TrimSuffix(segment, segmentSuffix+sealed.SealedSuffix), segmentSuffix+sealed.PlainSuffix)
	name := base + manifestSuffix
	f, err := os.Open(filepath.Join(s.dir, filepath.FromSlash(name)))
	if err != nil {
		return nil, &Damaged{name, reasonOf(err)}
	}
	defer f.Close()
	entries := map[int]Description{}
	err = scanLines(f, func(line []byte) error {
		var e Description
		if err := json.Unmarshal(line, &e); err != nil {
			return &Damaged{name, "a line is not valid JSON"}
		}
		entries[e.Line] = e
		return nil
	})
	return entries, err
}

// reasonOf is the cause of a failed file operation, without the path.
func reasonOf(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
