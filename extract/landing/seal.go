package landing

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/nightaudit/nightaudit/load/disk"
)

// Seal is what the landing proves of itself when a run has ended: the hashes of
// the run's files, and the hash of the seal before. So the seals form a chain, and
// who holds the hash of the last one, its head, can tell whether anything before
// was changed. A seal is written once and never again: a run that is taken up
// after it was sealed gets a further one.
type Seal struct {
	Format   int   `json:"format"`
	Sequence int   `json:"sequence"` // from 1
	Before   *Link `json:"before"`   // null in the first
	SealedRun
	// Others are earlier runs whose end no seal had: those that died, and in the
	// first seal those of before the chain began.
	Others   []SealedRun     `json:"others,omitempty"`
	Journals []SealedJournal `json:"journals,omitempty"`
	Moved    []Moved         `json:"moved,omitempty"`
	// PruneBefore is set where landing.keep is: what was recorded before it may
	// be removed from here on.
	PruneBefore time.Time `json:"prune_before,omitzero"`
	// Base is the database that holds what pruned runs gave.
	Base *SealedFile `json:"base,omitempty"`
	// Published is what was put before people since the seal before.
	Published []Published `json:"published,omitempty"`
}

// Link names a seal by the hash of its file.
type Link struct {
	Run    string `json:"run"`
	SHA256 string `json:"sha256"`
}

// SealedRun is a run with its files, but for run.json, which pruning writes
// again, and seals: what run.json says is the record.
type SealedRun struct {
	Run    string       `json:"run"`
	Record RunRecord    `json:"record"`
	Files  []SealedFile `json:"files"`
}

// SealedFile is a file as it was. Logs may be longer now.
type SealedFile struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// SealedJournal is a segment of what people or vendors added, relative to the
// landing: how much had been written of it (before it was compressed, where it was
// since), and the hash of that.
type SealedJournal struct {
	SealedFile
	// Ended is set where a later segment had been begun: nothing follows, and no
	// later seal names it.
	Ended bool `json:"ended,omitempty"`
}

// Moved is a folder of journals, or a segment of one, that has another name now.
type Moved struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// SealOptions are what a seal says beside what lies in the landing.
type SealOptions struct {
	PruneBefore time.Time
	Moved       []Moved // folders and segments that may have been moved, segments first
}

// Seal writes the seal of a run that has come to its end, durably, and gives its
// hash, which is the head of the chain from now on. Nothing of the run may change
// afterwards, unless it is taken up and sealed again.
func (s *Store) Seal(r RunRecord, o SealOptions) (head string, err error) {
	r = r.asLanded()
	fail := func(err error) (string, error) { return "", fmt.Errorf("seal run %s: %w", r.ID, err) }
	c, err := s.chain()
	if err != nil {
		return fail(err)
	}
	seal, err := s.newSeal(c, r, o)
	if err != nil {
		return fail(err)
	}
	data, err := json.MarshalIndent(seal, "", " ")
	if err != nil {
		return fail(err)
	}
	data = append(data, '\n')
	l := link{dir: runDir(r.ID, r.At), name: c.nextName(r), sha256: hashOf(data), seal: seal}
	err = disk.Replace(filepath.Join(s.dir, l.dir, l.name), 0o600, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if err != nil {
		return fail(err)
	}
	s.read.seals = append(s.read.seals, l)
	return l.sha256, nil
}

func (s *Store) newSeal(c chain, r RunRecord, o SealOptions) (seal *Seal, err error) {
	seal = &Seal{Format: Format, Sequence: 1, PruneBefore: o.PruneBefore}
	before := ""
	if last := c.last(); last != nil {
		before = last.sha256
		seal.Sequence, seal.Before = last.seal.Sequence+1, &Link{Run: last.seal.Run, SHA256: before}
	}
	if seal.SealedRun, err = s.sealedRun(r, true); err != nil {
		return nil, err
	}
	if seal.Others, err = s.others(c, r.ID); err != nil {
		return nil, err
	}
	if seal.Journals, err = s.sealedJournals(c); err != nil {
		return nil, err
	}
	seal.Moved = c.moved(o.Moved, s.dir)
	if seal.Base, err = s.sealedBase(c); err != nil {
		return nil, err
	}
	// A note that is damaged does not hold up the night: Verify tells of it until then.
	seal.Published, _ = s.notedPublished(before)
	return seal, nil
}

// sealedRun hashes the files of a run. What cannot be read, and what is no file,
// is in no seal, which Verify tells; only where all must be there it is an error.
func (s *Store) sealedRun(r RunRecord, all bool) (SealedRun, error) {
	run := SealedRun{Run: r.ID, Record: r, Files: []SealedFile{}}
	names, err := s.filesOf(runDir(r.ID, r.At))
	if err != nil {
		return run, err
	}
	for _, name := range names {
		switch f, err := sealFile(filepath.Join(s.dir, runDir(r.ID, r.At), name)); {
		case err == nil:
			run.Files = append(run.Files, f)
		case all && !errors.Is(err, errNoFile):
			return run, err
		}
	}
	return run, nil
}

// others are the runs besides the one named whose end no seal has.
func (s *Store) others(c chain, but string) (others []SealedRun, err error) {
	runs, err := s.Runs()
	if err != nil {
		return nil, err
	}
	own, other := c.runs()
	for _, r := range runs {
		// One that was sealed and not published died as well.
		if r.ID == but || other[r.ID] || own[r.ID] && r.Outcome != "" {
			continue
		}
		run, err := s.sealedRun(r, false)
		if errors.Is(err, fs.ErrNotExist) {
			continue // run.json of another run, or a changed one: Verify tells
		}
		if err != nil {
			return nil, err
		}
		others = append(others, run)
	}
	return others, nil
}

// sealedJournals are the segments that may have changed since the last seal. One
// that cannot be read does not hold up the night: it is in no seal, which Verify
// tells.
func (s *Store) sealedJournals(c chain) (sealed []SealedJournal, err error) {
	segments, err := s.journals()
	if err != nil {
		return nil, err
	}
	known := c.segments()
	for _, j := range segments {
		if known[j.name] != nil && known[j.name].ended {
			continue
		}
		if f, err := j.seal(); err == nil {
			sealed = append(sealed, SealedJournal{SealedFile: f, Ended: !j.newest})
		}
	}
	return sealed, nil
}

// chain are the seals of a landing in their order.
type chain []link

// last is the seal that the next one goes on from.
func (c chain) last() *link {
	for i := range slices.Backward(c) {
		if c[i].seal != nil {
			return &c[i]
		}
	}
	return nil
}

// nextName is the name of the next seal in a run's folder.
func (c chain) nextName(r RunRecord) string {
	n := 1
	for _, l := range c {
		if l.dir == runDir(r.ID, r.At) {
			n++
		}
	}
	if n == 1 {
		return "seal.json"
	}
	return "seal." + strconv.Itoa(n) + ".json"
}

// runs are the runs that have a seal of their own, and those that the seal of
// another run names.
func (c chain) runs() (own, other map[string]bool) {
	own, other = map[string]bool{}, map[string]bool{}
	for _, l := range c {
		if l.seal == nil {
			continue
		}
		own[l.seal.Run] = true
		for _, r := range l.seal.Others {
			other[r.Run] = true
		}
	}
	return own, other
}
