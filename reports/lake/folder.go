package lake

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/nightaudit/nightaudit/load/disk"
)

// The lake's own names. Readers of Parquet leave out what begins with a dot.
const (
	markerFile    = ".nightaudit-lake"    // whose lake it is, and the lock
	writingFolder = ".nightaudit-writing" // files before they are in place
)

// The conditions of Export that a caller may want to tell apart.
var (
	ErrLocked  = errors.New("another export is writing this lake")
	ErrForeign = errors.New("it is not the lake of this database")
)

// marker is the content of markerFile.
type marker struct {
	Database string `json:"database_id"`
}

// ours are the names that an export gives to files, or gave: a folder for each
// source is what earlier versions made.
var ours = regexp.MustCompile(`^((audit|recon)/)?[a-z_]+(/source=[^/]+)?(/business_month=[^/]+)?/part-[^/]+\.parquet$`)

// claim makes the folder the lake of a database, or takes it up as that, and
// locks it. broken is set where the last export did not come to its end.
func claim(dir, database string) (release func() error, broken bool, err error) {
	if err := disk.MakeFolder(dir, disk.SharedFolder); err != nil {
		return nil, false, fmt.Errorf("make the lake's folder: %w", err)
	}
	if err := mayUse(dir, database); err != nil {
		return nil, false, err
	}
	path := filepath.Join(dir, markerFile)
	lock := disk.Lock(path, disk.SharedFile)
	locked, err := lock.TryLock()
	if err != nil {
		return nil, false, fmt.Errorf("lock the lake %s: %w", dir, err)
	}
	if !locked {
		return nil, false, fmt.Errorf("%s: %w", dir, ErrLocked)
	}
	data, err := json.Marshal(marker{database})
	if err == nil {
		err = os.WriteFile(path, append(data, '\n'), disk.SharedFile)
	}
	if err == nil {
		err = disk.Like(dir, path, disk.SharedFile)
	}
	writing := filepath.Join(dir, writingFolder)
	if err == nil {
		_, stat := os.Lstat(writing)
		broken = stat == nil
		err = os.RemoveAll(writing)
	}
	if err == nil {
		err = os.Mkdir(writing, 0o700)
	}
	if err != nil {
		return nil, false, errors.Join(fmt.Errorf("prepare the lake %s: %w", dir, err), lock.Unlock())
	}
	return lock.Unlock, broken, nil
}

// mayUse refuses a folder that holds what no export of this database made.
func mayUse(dir, database string) error {
	data, err := os.ReadFile(filepath.Join(dir, markerFile))
	marked := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look at the lake %s: %w", dir, err)
	}
	// An empty marker is one of an export that had just begun.
	if len(data) > 0 {
		var m marker
		if err := json.Unmarshal(data, &m); err != nil {
			return fmt.Errorf("%s: %w: its %s cannot be read: %w", dir, ErrForeign, markerFile, err)
		}
		if m.Database != database {
			return fmt.Errorf("%s: %w, but of database %s, and this is %s", dir, ErrForeign, m.Database, database)
		}
	}
	return eachFile(dir, func(name string) error {
		if !marked || (name != ManifestFile && !ours.MatchString(name)) {
			return fmt.Errorf("%s: %w: it holds %s, which no export made", dir, ErrForeign, name)
		}
		return nil
	})
}

// eachFile lists the files of the lake by name, relative and with slashes,
// without those that readers leave out.
func eachFile(dir string, each func(name string) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("look at the lake: %w", err)
		}
		if path == dir {
			return nil
		}
		hidden := strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_")
		switch {
		case hidden && d.IsDir():
			return filepath.SkipDir
		case hidden || d.IsDir():
			return nil
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return each(filepath.ToSlash(name))
	})
}

// place puts a written file in its place, durably.
func place(dir, from, to string) error {
	if err := disk.MakeBelow(dir, filepath.Dir(to)); err != nil {
		return err
	}
	if err := disk.SyncFile(from); err != nil {
		return err
	}
	return disk.Rename(from, to)
}

// fingerprint is the size of a file and its SHA-256 in hex. What is no regular
// file has none: nobody knows whether reading it ends.
func fingerprint(path string) (size int64, sum string, err error) {
	if info, err := os.Lstat(path); err != nil {
		return 0, "", err
	} else if !info.Mode().IsRegular() {
		return 0, "", fmt.Errorf("%s is no regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	h := sha256.New()
	if size, err = io.Copy(h, f); err != nil {
		return 0, "", err
	}
	return size, hex.EncodeToString(h.Sum(nil)), nil
}

// sweep removes the files of the lake that the manifest does not name, and
// the folders that are empty then.
func sweep(dir string, m *Manifest) (removed int, err error) {
	named := map[string]bool{ManifestFile: true}
	for _, t := range m.Tables {
		for _, p := range t.Partitions {
			named[p.File] = true
		}
	}
	var stale []string
	if err := eachFile(dir, func(name string) error {
		if !named[name] {
			stale = append(stale, name)
		}
		return nil
	}); err != nil {
		return 0, err
	}
	for _, name := range stale {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.Remove(path); err != nil {
			return 0, fmt.Errorf("remove a partition that has no rows any more: %w", err)
		}
		// As far as they are empty.
		for parent := filepath.Dir(path); parent != dir && os.Remove(parent) == nil; {
			parent = filepath.Dir(parent)
		}
	}
	return len(stale), nil
}
