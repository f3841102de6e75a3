package landing

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
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

// Pages reads the answers of a window in their order, each verified against
// its hash, and hands them over as they were landed, mended again where that was
// needed. A page is the callee's.
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
	answers, err := s.codec.Lines(w.Segment, f)
	if err != nil {
		return fmt.Errorf("read %s: %w", w.Segment, err)
	}
	defer answers.Close()
	for no := 1; no < w.First; no++ {
		if err := answers.Skip(); err != nil {
			return unread(w.Segment, no, err)
		}
	}
	for no := w.First; no <= w.Last; no++ {
		line, err := answers.Next()
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
			Filter: e.Filter, Part: e.Part, Pass: e.Pass, Subject: e.Subject, Refused: e.Refused,
		}
		if e.Wrapped {
			if err := unwrap(page, line, e.Charset); err != nil {
				return &Damaged{ref, "it can no longer be read as JSON"}
			}
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

// manifest reads the entries of a segment by line.
func (s *Store) manifest(segment string) (map[int]Description, error) {
	base := strings.TrimSuffix(strings.TrimSuffix(segment, segmentSuffix+sealed.SealedSuffix), segmentSuffix+sealed.PlainSuffix)
	name := base + manifestSuffix
	f, err := os.Open(filepath.Join(s.dir, filepath.FromSlash(name)))
	if err != nil {
		return nil, &Damaged{name, reasonOf(err)}
	}
	defer f.Close()
	lines, err := s.codec.Lines(name, f)
	if err != nil {
		return nil, err
	}
	entries := map[int]Description{}
	for line, err := range lines.All() {
		var d Description
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if err := json.Unmarshal(line, &d); err != nil {
			return nil, &Damaged{name, "a line is not valid JSON"}
		}
		entries[d.Line] = d
	}
	return entries, nil
}

// reasonOf is the cause of a failed file operation, without the path.
func reasonOf(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
