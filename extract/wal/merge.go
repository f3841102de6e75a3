package wal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nightaudit/nightaudit/load/disk"
)

// merged is the number from which segments are numbered that come from another
// log and whose name is taken: a listener that is at work on this one does not
// come to it in a day.
const merged = 900_001

// Merge moves the segments of a log into another one, under their names where
// these are free, and removes the folder that is left; of one that does not exist
// nothing is moved.
func Merge(from, to string) error {
	files, err := os.ReadDir(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list the journal %s: %w", from, err)
	}
	if err := disk.MakeFolder(to, 0o700); err != nil {
		return err
	}
	left := false
	for _, f := range files {
		m := segmentName.FindStringSubmatch(f.Name())
		if m == nil {
			left = left || f.Name() != lockName
			continue
		}
		if err := moveSegment(filepath.Join(from, f.Name()), to, m); err != nil {
			return fmt.Errorf("move a segment of the journal %s: %w", from, err)
		}
	}
	if left {
		return nil // a folder within, or what is no segment
	}
	return os.RemoveAll(from)
}

// moveSegment moves a segment, whose name was taken apart.
func moveSegment(path, to string, parts []string) error {
	have, err := LogSegments(to)
	if err != nil {
		return err
	}
	taken := map[string]bool{}
	for _, s := range have {
		taken[s.Name] = true
	}
	name, day, form := parts[1], parts[2], parts[3]
	for no := merged; taken[name]; no++ {
		name = segmentOf(day, no)
	}
	return disk.Rename(path, filepath.Join(to, name+form))
}
