package landing

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

const (
	baseFile = "base.duckdb"
	baseNote = "base.json"
)

// Base is the database that holds what all pruned runs gave: where a replay
// starts. It does not exist before the first pruning.
func (s *Store) Base() string { return filepath.Join(s.dir, baseFile) }

// notedBase is what is kept of the base between the pruning that made it and the
// next seal, which takes it over.
type notedBase struct {
	SealedFile
	After string `json:"after"` // the head of the chain when it was made
}

// NoteBase notes the hash of a database that is about to become the base.
func (s *Store) NoteBase(fresh string) error {
	f, err := sealFile(fresh)
	if err != nil {
		return fmt.Errorf("note the hash of the base: %w", err)
	}
	f.Name = baseFile
	head, err := s.Head()
	if err != nil {
		return err
	}
	if err := s.writeNote(baseNote, notedBase{f, head}); err != nil {
		return fmt.Errorf("note the hash of the base: %w", err)
	}
	return nil
}

// sealedBase is what a new seal says of the base. The first one takes what an
// earlier version made.
func (s *Store) sealedBase(c chain) (*SealedFile, error) {
	base, err := s.knownBase(c)
	if err != nil || base != nil || c.last() != nil {
		return base, err
	}
	f, err := sealFile(s.Base())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return &f, err
}

// knownBase is the base as it must be: as it was noted, if that was after the last
// seal, else as the last seal has it that names one; nil where there is none.
func (s *Store) knownBase(c chain) (base *SealedFile, err error) {
	var head string
	for i := range c {
		if seal := c[i].seal; seal != nil {
			head = c[i].sha256
			if seal.Base != nil {
				base = seal.Base
			}
		}
	}
	data, err := readSmall(filepath.Join(s.dir, baseNote))
	if errors.Is(err, fs.ErrNotExist) {
		return base, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the hash of the base: %w", err)
	}
	var noted notedBase
	if json.Unmarshal(data, &noted) == nil && noted.After == head {
		return &noted.SealedFile, nil
	}
	return base, nil
}
