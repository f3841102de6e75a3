package landing

import (
	"bufio"
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

	"github.com/klauspost/compress/zstd"

	"github.com/nightaudit/nightaudit/extract"
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
func (s *Store) Pages(w Window, each func(p *extract.Page, l Landed) error) error {
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
	dec, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("read %s: %w", w.Segment, err)
	}
	defer dec.Close()
	lines := bufio.NewReaderSize(dec, 1<<20)
	for no := 1; no <= w.Last; no++ {
		ref := w.Segment + ":" + strconv.Itoa(no)
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return &Damaged{ref, "the file ends before it or cannot be decompressed"}
		}
		if no < w.First {
			continue
		}
		line = line[:len(line)-1]
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

// manifest reads the entries of a segment by line.
func (s *Store) manifest(segment string) (map[int]Entry, error) {
	name := strings.TrimSuffix(segment, segmentSuffix) + manifestSuffix
	f, err := os.Open(filepath.Join(s.dir, filepath.FromSlash(name)))
	if err != nil {
		return nil, &Damaged{name, reasonOf(err)}
	}
	defer f.Close()
	entries := map[int]Entry{}
	err = scanLines(f, func(line []byte) error {
		var e Entry
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
