package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
)

// The modes of what people share: whoever is of the group reads it, nobody else
// does. They are set, and do not depend on what the process takes away from new
// files (its umask).
const (
	SharedFolder fs.FileMode = 0o750
	SharedFile   fs.FileMode = 0o640
)

// Sharing is the group with which files are shared. The zero value leaves the
// group as the system gives it.
type Sharing struct {
	gid   int
	named bool
}

// ErrNoGroup is a group that this machine does not have.
var ErrNoGroup = errors.New("this machine has no such group")

// WithGroup is sharing with a group, by its name; "" is with none.
func WithGroup(name string) (Sharing, error) {
	if name == "" {
		return Sharing{}, nil
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		return Sharing{}, ErrNoGroup // the system's text repeats the name
	}
	gid, err := strconv.Atoi(g.Gid)
	if err != nil {
		return Sharing{}, fmt.Errorf("the group's id is no number: %w", err)
	}
	return Sharing{gid: gid, named: true}, nil
}

// ID is the group's number.
func (s Sharing) ID() int { return s.gid }

// Folder makes a folder for the group, with those above it. One that is there
// gets the group and lets it in; what else it allows stays.
func (s Sharing) Folder(dir string) error {
	made, err := makeFolders(dir, SharedFolder)
	if err != nil || !s.named {
		return err
	}
	for _, folder := range append(made, dir) {
		if err := os.Chown(folder, -1, s.gid); err != nil {
			return err
		}
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if mode := info.Mode(); mode.Perm()&0o050 != 0o050 {
		return os.Chmod(dir, mode|0o050)
	}
	return nil
}

// Unchosen is Folder, but a folder that is there is left alone where somebody
// chose its group: it is not the process's own.
func (s Sharing) Unchosen(dir string) error {
	info, err := os.Stat(dir)
	if err == nil {
		if gid, ok := groupOf(info); !ok || gid != os.Getegid() {
			return nil
		}
	}
	err = s.Folder(dir)
	if errors.Is(err, fs.ErrPermission) && info != nil {
		return nil // it is somebody else's, who decides
	}
	return err
}

// File gives a file its mode and the group.
func (s Sharing) File(path string, mode fs.FileMode) error {
	gid := -1
	if s.named {
		gid = s.gid
	}
	return setMode(path, mode, gid, true)
}

// OwnersAlone makes a file its owner's alone; what is no regular file stays.
func OwnersAlone(path string) error {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return err
	}
	return setMode(path, 0o600, -1, false)
}

// Like gives a file its mode, and the group of the folder dir where this user may
// give it.
func Like(dir, path string, mode fs.FileMode) error {
	gid := -1
	if info, err := os.Stat(dir); err == nil {
		if of, ok := groupOf(info); ok {
			gid = of
		}
	}
	return setMode(path, mode, gid, false)
}

// MakeBelow makes a folder below a shared one, and gives it that one's group.
func MakeBelow(dir, folder string) error {
	made, err := makeFolders(folder, SharedFolder)
	if err != nil {
		return err
	}
	for _, path := range made {
		if err := Like(dir, path, SharedFolder); err != nil {
			return err
		}
	}
	return nil
}

// makeFolders makes a folder, with those above it, and lists those that it made.
func makeFolders(dir string, mode fs.FileMode) (made []string, err error) {
	if _, err := os.Stat(dir); err == nil {
		return nil, nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if made, err = makeFolders(parent, mode); err != nil {
			return nil, err
		}
	}
	err = os.Mkdir(dir, mode)
	switch {
	case errors.Is(err, fs.ErrExist): // somebody was faster
		return made, SyncFolder(parent)
	case err != nil:
		return nil, err
	}
	if err := os.Chmod(dir, mode); err != nil {
		return nil, err
	}
	return append(made, dir), SyncFolder(parent)
}
