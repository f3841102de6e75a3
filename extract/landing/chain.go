package landing

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/nightaudit/nightaudit/extract/wal"
)

// link is a seal as it lies in the landing.
type link struct {
	dir, name string // of its file, relative to the store
	sha256    string
	seal      *Seal // nil where it cannot be read
	problem   string
}

func (l *link) path() string { return path.Join(filepath.ToSlash(l.dir), l.name) }

// The files of a run's folder that are in no seal: run.json and seals, also those
// of which a crash ended the writing.
var (
	ownFile  = regexp.MustCompile(`^(run|seal(\.[0-9]+)?)\.json(\.new)?$`)
	sealName = regexp.MustCompile(`^seal(\.[0-9]+)?\.json$`)
)

// folders are the folders in which runs are, relative to the store.
func (s *Store) folders() ([]string, error) {
	found, err := filepath.Glob(filepath.Join(s.dir, "[0-9]*", "[0-9]*", "[0-9]*", "*"))
	if err != nil {
		return nil, fmt.Errorf("list the landed runs: %w", err)
	}
	for i := range found {
		if found[i], err = filepath.Rel(s.dir, found[i]); err != nil {
			return nil, fmt.Errorf("list the landed runs: %w", err)
		}
	}
	return found, nil
}

// chain are all seals. One that cannot be read stands first, without its content.
func (s *Store) chain() (chain, error) {
	k, err := s.known()
	if err != nil {
		return nil, err
	}
	return k.seals, nil
}

func (c chain) sort() {
	slices.SortStableFunc(c, func(a, b link) int { return cmp.Compare(a.sequence(), b.sequence()) })
}

func (l *link) sequence() int {
	if l.seal == nil {
		return 0
	}
	return l.seal.Sequence
}

// readSeal reads a seal; an error is that a newer program wrote it.
func readSeal(store, dir, name string) (link, error) {
	l := link{dir: dir, name: name}
	file := filepath.Join(store, dir, name)
	data, err := readSmall(file)
	if err != nil {
		l.problem = reasonOf(err)
		return l, nil
	}
	l.sha256 = hashOf(data)
	var seal Seal
	switch err := json.Unmarshal(data, &seal); {
	case err != nil || seal.Format > Format:
		l.problem = "it is not valid JSON"
		return l, newerForm(file, data)
	case seal.Format < 1 || seal.Sequence < 1 || seal.Run == "" || seal.Run != seal.Record.ID:
		l.problem = "it is no seal"
	default:
		l.seal = &seal
	}
	return l, nil
}

// Head is the hash of the last seal, in hex; "" where nothing is sealed yet.
func (s *Store) Head() (string, error) {
	c, err := s.chain()
	if err != nil {
		return "", err
	}
	if last := c.last(); last != nil {
		return last.sha256, nil
	}
	return "", nil
}

// Holds reports whether the chain has a seal of that hash.
func (s *Store) Holds(sum string) (bool, error) {
	c, err := s.chain()
	return slices.ContainsFunc(c, func(l link) bool { return l.seal != nil && l.sha256 == sum }), err
}

// filesOf lists what a run's folder holds that is to be sealed, whatever it is.
func (s *Store) filesOf(dir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(s.dir, dir)) // sorted by name
	if err != nil {
		return nil, fmt.Errorf("list the files of a run: %w", err)
	}
	var names []string
	for _, e := range entries {
		if !ownFile.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// errNoFile is what is no regular file: nobody knows what reading it gives.
var errNoFile = errors.New("it is no regular file")

func openFile(file string) (*os.File, error) {
	info, err := os.Lstat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNoFile
	}
	return os.Open(file)
}

// maxSmall is how long run.json, a seal and the note of the base may be: many
// times what a run of thousands of accounts, or of many years before seals, has.
const maxSmall = 256 << 20

// readSmall reads a file that is kept in memory.
func readSmall(file string) ([]byte, error) {
	f, err := openFile(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() // read only: nothing to lose
	data, err := io.ReadAll(io.LimitReader(f, maxSmall+1))
	if err == nil && len(data) > maxSmall {
		err = errors.New("it is too long")
	}
	return data, err
}

func sealFile(file string) (SealedFile, error) { return HashFile(context.Background(), file) }

func hashAll(r io.Reader) (int64, string, error) {
	h := sha256.New()
	n, err := io.Copy(h, r)
	return n, hex.EncodeToString(h.Sum(nil)), err
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// journal is a segment of what people or vendors added.
type journal struct {
	name    string // relative to the store, with slashes
	dir     string
	segment wal.LogSegment
	newest  bool // of its folder: more may be written
}

// The folders beside the runs that hold journals: people's own, and in another
// one for each account what its vendor pushed.
const (
	peopleDir        = "people"
	notificationsDir = "notifications"
)

// journals lists the segments in their order. Calls that a listener refused are
// no part of it: people look at them and remove them.
func (s *Store) journals() ([]journal, error) {
	dirs := []string{peopleDir}
	accounts, err := os.ReadDir(filepath.Join(s.dir, notificationsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the journals: %w", err)
	}
	for _, a := range accounts {
		if a.IsDir() {
			dirs = append(dirs, path.Join(notificationsDir, a.Name()))
		}
	}
	var found []journal
	for _, name := range dirs {
		dir := filepath.Join(s.dir, filepath.FromSlash(name))
		segments, err := wal.LogSegments(dir)
		if err != nil {
			return nil, err
		}
		for i, segment := range segments {
			found = append(found, journal{path.Join(name, segment.Name), dir, segment, i+1 == len(segments)})
		}
	}
	return found, nil
}

// seal hashes what is written of a segment, made durable first: what a power
// failure takes back must not be missed.
func (j *journal) seal() (SealedFile, error) {
	if err := j.segment.Sync(j.dir); err != nil {
		return SealedFile{}, err
	}
	r, err := j.segment.Content(j.dir)
	if err != nil {
		return SealedFile{}, err
	}
	defer r.Close() // read only: nothing to lose
	n, sum, err := hashAll(r)
	if err != nil {
		return SealedFile{}, fmt.Errorf("read the journal segment %s: %w", j.name, err)
	}
	return SealedFile{Name: j.name, Bytes: n, SHA256: sum}, nil
}

// moved are those of the folders that are there no longer and of which seals
// tell.
func (c chain) moved(may []Moved, dir string) (moved []Moved) {
	known := c.segments()
	for _, m := range may {
		_, err := os.Stat(filepath.Join(dir, filepath.FromSlash(m.From)))
		if gone := errors.Is(err, fs.ErrNotExist); !gone {
			continue
		}
		for name := range known {
			if name == m.From || strings.HasPrefix(name, m.From+"/") {
				moved = append(moved, m)
				break
			}
		}
	}
	return moved
}

// sealedSegment is what the seals say of a segment of a journal.
type sealedSegment struct {
	files []SealedFile
	ended bool
}

// segments gathers what the seals say of journals, under the names that their
// folders have now.
func (c chain) segments() map[string]*sealedSegment {
	known := map[string]*sealedSegment{}
	for i := range c {
		seal := c[i].seal
		if seal == nil {
			continue
		}
		for _, m := range seal.Moved {
			for name, s := range maps.Clone(known) {
				if rest, ok := strings.CutPrefix(name, m.From); ok && (rest == "" || rest[0] == '/') {
					delete(known, name)
					known[m.To+rest] = s
				}
			}
		}
		for _, j := range seal.Journals {
			s := known[j.Name]
			if s == nil {
				s = &sealedSegment{}
				known[j.Name] = s
			}
			s.files, s.ended = append(s.files, j.SealedFile), s.ended || j.Ended
		}
	}
	return known
}
