package landing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/nightaudit/nightaudit/load/disk"
)

// A seal is written before its run is published, for its hash is published with it.
// So the hashes of what was published wait in a note, and the next seal takes them
// over. In the database or the workbook itself they could not stand.

// PublishedNote is the file of the landing in which they wait.
const PublishedNote = "published.json"

// Published is a file that was put before people, in the name of a run. Its name is
// without a folder: another configuration may publish elsewhere.
type Published struct {
	Run string `json:"run"`
	SealedFile
}

type notedPublished struct {
	After string      `json:"after"` // the head of the chain when they were published
	Files []Published `json:"files"`
}

// NotePublished notes files that are about to be published, or were just now, beside
// those that were noted since the last seal. A note that is damaged is begun anew.
func (s *Store) NotePublished(files []Published) error {
	head, err := s.Head()
	if err == nil {
		noted, _ := s.notedPublished(head)
		err = s.writeNote(PublishedNote, notedPublished{head, append(noted, files...)})
	}
	if err != nil {
		return fmt.Errorf("note the hashes of what is published: %w", err)
	}
	return nil
}

// notedPublished is what was noted since the seal of that hash.
func (s *Store) notedPublished(head string) ([]Published, error) {
	data, err := readSmall(filepath.Join(s.dir, PublishedNote))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var noted notedPublished
	if err == nil {
		err = json.Unmarshal(data, &noted)
	}
	if err != nil || noted.After != head {
		return nil, err
	}
	return noted.Files, nil
}

// writeNote puts a note of what the next seal takes over in its place.
func (s *Store) writeNote(name string, note any) error {
	data, err := json.MarshalIndent(note, "", " ")
	if err != nil {
		return err
	}
	return disk.Replace(filepath.Join(s.dir, name), 0o600, func(w io.Writer) error {
		_, err := w.Write(append(data, '\n'))
		return err
	})
}

// published reads what seals and the note say of published files. A note that cannot
// be read is a finding.
func (v *verifier) published() {
	for i := range v.chain {
		if seal := v.chain[i].seal; seal != nil {
			v.out.published = append(v.out.published, seal.Published...)
		}
	}
	noted, err := v.store.notedPublished(v.out.Head)
	if err != nil {
		v.find("", PublishedNote, Unreadable, "%s", reasonOf(err))
	}
	v.out.published = append(v.out.published, noted...)
}

// Published are the files of a name that were published in the name of a run, each as
// it was then; none where an earlier version published them.
func (v *Verified) Published(run, name string) []Published {
	return slices.DeleteFunc(slices.Clone(v.published), func(p Published) bool { return p.Run != run || p.Name != name })
}

// HashFile gives the length and the hash of a regular file; its name is the last of
// the path.
func HashFile(ctx context.Context, path string) (SealedFile, error) {
	f, err := openFile(path)
	if err != nil {
		return SealedFile{}, err
	}
	defer f.Close() // read only: nothing to lose
	n, sum, err := hashAll(&stoppable{ctx.Err, f})
	return SealedFile{Name: filepath.Base(path), Bytes: n, SHA256: sum}, err
}
