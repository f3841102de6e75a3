package disk

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// leftOver is the age at which a private folder is taken for one of a process
// that died: nothing takes that long.
const leftOver = 24 * time.Hour

// Own makes a folder in dir, "" for that of temporary files, which only this
// process uses and nobody else reads. Its name begins with prefix and holds the
// process's number, by which Forget finds it. Those of that prefix which processes
// that died left there are swept; another person's cannot be, and need not be.
func Own(dir, prefix string) (string, error) {
	if dir == "" {
		dir = os.TempDir()
	}
	Sweep(dir, prefix)
	return os.MkdirTemp(dir, prefix+strconv.Itoa(os.Getpid())+"-*")
}

// Hidden begins the names of private folders in places where people look.
const Hidden = ".nightaudit-"

// Sweep removes from dir the private folders of a prefix that processes which died
// left there.
func Sweep(dir, prefix string) {
	for _, folder := range foldersIn(dir, prefix) {
		if info, err := os.Lstat(folder); err == nil && time.Since(info.ModTime()) > leftOver {
			_ = os.RemoveAll(folder)
		}
	}
}

// Forget removes the private folders in dir that a process which has ended left
// there.
func Forget(dir, prefix string, pid int) (err error) {
	for _, folder := range foldersIn(dir, prefix+strconv.Itoa(pid)+"-") {
		err = errors.Join(err, os.RemoveAll(folder))
	}
	return err
}

// foldersIn are the folders in dir whose names begin with prefix; none where it
// cannot be read.
func foldersIn(dir, prefix string) (folders []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), prefix) {
			folders = append(folders, filepath.Join(dir, e.Name()))
		}
	}
	return folders
}
