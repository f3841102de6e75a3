package disk

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// beside is what the name of a file ends in while it is being written.
const beside = ".new"

// Replace writes the file at path so that, at any moment and after a crash,
// its readers see the earlier file or the whole new one: write fills a file
// beside it, which is flushed and renamed. A file of an interrupted attempt is
// overwritten; after an error none is left.
func Replace(path string, mode fs.FileMode, write func(io.Writer) error) error {
	if err := Write(path+beside, mode, write); err != nil {
		return err
	}
	if err := Rename(path+beside, path); err != nil {
		return errors.Join(err, os.Remove(path+beside))
	}
	return nil
}

// ByUmask is the mode of a file that a person asked for by name: as their umask
// has it.
const ByUmask fs.FileMode = 0

// Write creates or empties the file at path, gives it the mode whatever the umask
// is, has write fill it, and flushes it. After an error the file is removed: half of it is of no use, and on a
// full disk its room is what the next attempt needs.
func Write(path string, mode fs.FileMode, write func(io.Writer) error) error {
	f, err := create(path, mode)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// create opens a file to be written, with its mode. A file of a person's own that
// is there keeps the mode that it has.
func create(path string, mode fs.FileMode) (*os.File, error) {
	_, missing := os.Stat(path)
	give, set := mode, true
	if mode == ByUmask {
		mode = 0o666
		give, set = personal()
		set = set && missing != nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode)
	if err != nil || !set {
		return f, err
	}
	if err := f.Chmod(give); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Rename puts the file from, which is flushed, in the place of the file to,
// and makes that last.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return SyncFolder(filepath.Dir(to))
}

// SyncFile flushes a file that somebody else has written.
func SyncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// SyncFolder makes the names in a folder last: files that were created,
// renamed or removed there. Where the system cannot flush a folder (Windows,
// some network file systems), that is left to the system.
func SyncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, os.ErrInvalid) || errors.Is(err, os.ErrPermission) {
		err = nil
	}
	return errors.Join(err, d.Close())
}

// MakeFolder makes a folder, with those above it, so that all of them survive
// a crash. A folder that is there keeps its mode.
func MakeFolder(dir string, mode fs.FileMode) error {
	_, err := makeFolders(dir, mode)
	return err
}
