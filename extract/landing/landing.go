// Package landing keeps every answer of a vendor on disk before it is
// decoded: written once, compressed, hashed, described by a manifest. It is
// the evidence behind every figure.
//
// A run has a folder; in it each account and stream has a segment of JSON
// lines, one answer a line, each line a zstd frame of its own, so that a
// segment that was cut short is whole up to the cut. Beside a segment stands
// its manifest, JSON lines too, one entry an answer.
//
// Where there are recipients, each frame is encrypted by itself (package
// sealed), and the segment's name ends in .age. How a segment is read goes by
// its name, so a store may hold both kinds. run.json, manifests and window
// ledgers are never encrypted, so that a run can be planned and resumed without
// the identity. They hold what was asked (path and those parameters that are
// neither secret nor personal), order numbers, times, counts, hashes of the
// answers and the texts of errors, and no name, phone, address or document of
// a guest, no token and no part of an answer but what a vendor says of its
// own failure.
package landing

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nightaudit/nightaudit/extract"
	"github.com/nightaudit/nightaudit/extract/sealed"
	"github.com/nightaudit/nightaudit/load/disk"
)

const (
	segmentSuffix  = ".jsonl" // and the codec's
	manifestSuffix = ".manifest.jsonl"
)

// Store is the folder of all landed answers. What it has read of runs and seals it
// keeps, and adds what it writes of them: under the data folder's lock nobody else
// does. Runs, seals and notes are not for concurrent use.
type Store struct {
	dir   string
	codec *sealed.Codec
	read  *known // nil until it is read
}

// Open returns the store in dir, which is made with access for its owner
// only: answers hold personal data. What is landed from now on is encrypted
// to the recipients of keys, if it has any; what was is opened with its
// identities. One that a newer program has written is refused (ErrNewer).
func Open(dir string, keys sealed.Keys) (*Store, error) {
	if err := disk.MakeFolder(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the landing folder: %w", err)
	}
	codec, err := sealed.New(keys)
	if err != nil {
		return nil, fmt.Errorf("open the landing: %w", err)
	}
	s := &Store{dir: dir, codec: codec}
	_, err = s.known()
	return s, err
}

// Segment takes the answers of one stream of one account in one run. It is
// not safe for concurrent use.
type Segment struct {
	name     string // relative to the store, with slashes
	answers  *sealed.Log
	manifest *sealed.Log
	line     int
	written  []byte // the line that was landed last, for the next one
}

// Description is a line of the manifest. It is not encrypted: see the package.
type Description struct {
	Line    int             `json:"line"`
	At      time.Time       `json:"at"`
	Request extract.Request `json:"request"`
	Status  int             `json:"status"`
	Filter  string          `json:"filter,omitempty"`
	Part    string          `json:"part,omitempty"`
	Pass    int             `json:"pass,omitempty"`
	Subject extract.Subject `json:"subject,omitzero"`
	// Refused is what the vendor said in the place of an answer.
	Refused *extract.Refusal `json:"refused,omitempty"`
	Bytes   int              `json:"bytes"`
	SHA256  string           `json:"sha256"` // of the answer's line, without compression and encryption
	// Wrapped is set where the line is the answer's bytes as base64, a JSON text,
	// for they were no JSON, or of the charset Charset ("" is UTF-8). Whoever
	// reads them mends them again.
	Wrapped bool   `json:"wrapped,omitempty"`
	Charset string `json:"charset,omitempty"`
	Total   *int64 `json:"total,omitempty"`
	Rows    int    `json:"rows"`
	Error   string `json:"error,omitempty"`
}

// Segment creates a segment of a stream. What was landed is never written
// again: a run that is resumed begins a further segment.
func (s *Store) Segment(runID string, runAt time.Time, source, account, stream string) (*Segment, error) {
	dir, err := s.makeRunDir(runID, runAt)
	if err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		base := filepath.Join(dir, source+"-"+account+"-"+stream)
		if n > 1 {
			base += "." + strconv.Itoa(n)
		}
		// The manifest comes first: its name does not depend on whether the
		// segment is encrypted.
		manifest, err := s.create(base + manifestSuffix)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		name := base + segmentSuffix + s.codec.Suffix()
		answers, err := s.create(name)
		if err == nil {
			return &Segment{name: filepath.ToSlash(name), answers: answers, manifest: manifest}, nil
		}
		if err := errors.Join(err, manifest.Close()); !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
}

func (s *Store) create(name string) (*sealed.Log, error) {
	l, err := sealed.CreateLog(filepath.Join(s.dir, name), s.codec)
	if err != nil {
		return nil, fmt.Errorf("create a landing segment: %w", err)
	}
	return l, nil
}

// Name is the segment's file, relative to the store.
func (g *Segment) Name() string { return g.name }

// Line is the number of answers landed so far.
func (g *Segment) Line() int { return g.line }

// Flush makes what was landed so far durable.
func (g *Segment) Flush() error {
	if err := errors.Join(g.answers.Flush(), g.manifest.Flush()); err != nil {
		return fmt.Errorf("flush landing segment %s: %w", g.name, err)
	}
	return nil
}

// Landed says where an answer came to lie.
type Landed struct {
	Ref   string // file:line, the file relative to the store
	Bytes int64  // that it takes there, compressed and encrypted
	entry Description
}

// SHA256 is the hash of the landed line, in hex.
func (l *Landed) SHA256() string { return l.entry.SHA256 }

// Append lands p, as it came. From then on p.Body is what is read of it again:
// the landed line, in which line breaks between JSON tokens have become blanks,
// or what was mended (Description.Wrapped). Its bytes no longer change.
func (g *Segment) Append(p *extract.Page) (Landed, error) {
	line := wrap(p.Raw)
	if p.Raw == nil {
		p.Body = oneLine(p.Body)
		line = p.Body
	}
	sum := sha256.Sum256(line)
	g.written = append(append(g.written[:0], line...), '\n')
	before := g.answers.Size()
	if err := g.answers.Append(nil, g.written); err != nil {
		return Landed{}, fmt.Errorf("land an answer in %s: %w", g.name, err)
	}
	g.line++
	return Landed{
		Ref: g.name + ":" + strconv.Itoa(g.line), Bytes: g.answers.Size() - before,
		entry: Description{
			Line: g.line, At: p.At.UTC(), Request: p.Request, Status: p.Status, Filter: p.Filter, Part: p.Part, Pass: p.Pass,
			Subject: p.Subject, Refused: p.Refused, Bytes: len(line), SHA256: hex.EncodeToString(sum[:]), Wrapped: p.Raw != nil, Charset: p.Charset,
		},
	}, nil
}

// oneLine makes an answer a single line. A line break in JSON can only stand
// between tokens, where a blank means the same.
func oneLine(body []byte) []byte {
	if bytes.IndexByte(body, '\n') < 0 && bytes.IndexByte(body, '\r') < 0 {
		return body
	}
	line := bytes.Clone(body)
	for i, c := range line {
		if c == '\n' || c == '\r' {
			line[i] = ' '
		}
	}
	return bytes.TrimRight(line, " ")
}

// Describe writes the manifest entry of a landed answer: what decoding it
// told, or why it could not be decoded.
func (g *Segment) Describe(l Landed, facts extract.Facts, decodeErr error) error {
	e := l.entry
	switch {
	case decodeErr != nil:
		e.Error = decodeErr.Error()
	case facts.Refused != nil && e.Refused == nil:
		e.Error = facts.Refused.Said
	default:
		e.Rows = facts.Rows
		if facts.Total >= 0 {
			e.Total = &facts.Total
		}
	}
	if err := g.manifest.AppendJSON(e); err != nil {
		return fmt.Errorf("describe an answer in %s: %w", g.name, err)
	}
	return nil
}

// Close makes the segment durable and ends it.
func (g *Segment) Close() error {
	if err := errors.Join(g.Flush(), g.answers.Close(), g.manifest.Close()); err != nil {
		return fmt.Errorf("close landing segment %s: %w", g.name, err)
	}
	return nil
}
