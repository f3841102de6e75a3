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
// nothing is moved. renamed are the segments that have another name there.
func Merge(from, to string) (renamed map[string]string, err error) {
	files, err := os.ReadDir(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the journal %s: %w", from, err)
	}
	if err := disk.MakeFolder(to, 0o700); err != nil {
		return nil, err
	}
	renamed = map[string]string{}
	left := false
	for _, f := range files {
		m := segmentName.FindStringSubmatch(f.Name())
		if m == nil {
			left = left || f.Name() != lockName
			continue
		}
		name, err := moveSegment(filepath.Join(from, f.Name()), to, m)
		if err != nil {
			return renamed, fmt.Errorf("move a segment of the journal %s: %w", from, err)
		}
		if name != m[1] {
			renamed[m[1]] = name
		}
	}
	if left {
		return renamed, nil // a folder within, or what is no segment
	}
	return renamed, os.RemoveAll(from)
}

// moveSegment moves a segment, whose name was taken apart, and gives its name there.
func moveSegment(path, to string, parts []string) (name string, err error) {
	have, err := LogSegments(to)
	if err != nil {
		return "", err
	}
	taken := map[string]bool{}
	for _, s := range have {
		taken[s.Name] = true
	}
	name = parts[1]
	day, form := parts[2], parts[3]
	for no := merged; taken[name]; no++ {
		name = segmentOf(day, no)
	}
	return name, disk.Rename(path, filepath.Join(to, name+form))
}
