package landing

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nightaudit/nightaudit/extract"
)

// ErrPruned is an answer that was removed for its age. Its manifest is kept.
var ErrPruned = errors.New("it was removed for its age (landing.keep); what was asked, when, and its hash are kept")

// Answer reads one landed answer by its reference, file:line, verified against
// its hash; one that is no JSON is given as it was mended. The entry of the manifest comes with an error too, where there is
// one; body is then nil. An error is a *Damaged, ErrPruned, or
// sealed.ErrNoIdentity where the answer is encrypted and cannot be opened.
func (s *Store) Answer(ref string) (e Description, body []byte, err error) {
	segment, line, ok := strings.Cut(ref, ":")
	no, convErr := strconv.Atoi(line)
	if !ok || convErr != nil || no < 1 || !filepath.IsLocal(filepath.FromSlash(segment)) {
		return e, nil, fmt.Errorf("read the landed answer %q: a reference is file:line", ref)
	}
	entries, err := s.manifest(segment)
	if err != nil {
		return e, nil, err
	}
	e, ok = entries[no]
	if !ok {
		return e, nil, &Damaged{ref, "the manifest does not describe it"}
	}
	err = s.Pages(WindowEntry{Segment: segment, First: no, Last: no}, func(p *extract.Page, _ Landed) error {
		body = p.Body
		return nil
	})
	if err != nil && s.pruned(segment) {
		err = ErrPruned
	}
	return e, body, err
}

// pruned reports whether the run of a segment that is gone was pruned.
func (s *Store) pruned(segment string) bool {
	if _, err := os.Stat(filepath.Join(s.dir, filepath.FromSlash(segment))); !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	data, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(path.Dir(segment)), runFile))
	var r RunRecord
	return err == nil && json.Unmarshal(data, &r) == nil && r.Pruned
}

// Description is what the manifest says of the answer.
func (l *Landed) Description() Description { return l.entry }
