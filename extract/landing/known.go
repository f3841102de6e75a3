package landing

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// known is what a store has read of its runs and seals. There is one of each for
// every night, so a command reads them once.
type known struct {
	runs   []RunRecord
	unread error // what is wrong with run.json of some
	seals  chain
}

// known reads runs and seals, unless that is done. What a newer program has written
// is refused; what is damaged is told by whoever needs it.
func (s *Store) known() (*known, error) {
	if s.read != nil {
		return s.read, nil
	}
	folders, err := s.folders()
	if err != nil {
		return nil, err
	}
	k := &known{runs: []RunRecord{}}
	for _, dir := range folders {
		files, err := os.ReadDir(filepath.Join(s.dir, dir))
		if err != nil {
			return nil, fmt.Errorf("list what is landed of runs: %w", err)
		}
		for _, f := range files {
			switch name := f.Name(); {
			case name == runFile:
				err = k.addRun(s.dir, dir)
			case sealName.MatchString(name):
				err = k.addSeal(s.dir, dir, name)
			}
			if err != nil {
				return nil, fmt.Errorf("the landing %s: %w", s.dir, err)
			}
		}
	}
	SortRuns(k.runs)
	k.seals.sort()
	s.read = k
	return k, nil
}

func (k *known) addRun(store, dir string) error {
	file := filepath.Join(store, dir, runFile)
	r, err := readRun(file)
	if errors.Is(err, ErrNewer) {
		return err
	}
	if err != nil {
		k.unread = errors.Join(k.unread, fmt.Errorf("list the landed runs: %s: %w; take the file from a backup, or move the folder of that run out of the landing and see what nightaudit replay then misses", file, err))
		return nil
	}
	r.Dir = dir
	k.runs = append(k.runs, r)
	return nil
}

func (k *known) addSeal(store, dir, name string) error {
	l, err := readSeal(store, dir, name)
	if err == nil {
		k.seals = append(k.seals, l)
	}
	return err
}

// keepRun notes a run that was written.
func (s *Store) keepRun(r RunRecord, dir string) {
	if s.read == nil {
		return
	}
	r.Dir = dir
	for i := range s.read.runs {
		if s.read.runs[i].Dir == dir {
			s.read.runs[i] = r
			return
		}
	}
	s.read.runs = append(s.read.runs, r)
	SortRuns(s.read.runs)
}

// Forget has runs and seals read anew: another command may have written some.
func (s *Store) Forget() { s.read = nil }
