//go:build linux || darwin

package disk

import (
	"errors"
	"io/fs"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// groupOf is the group of a file.
func groupOf(info fs.FileInfo) (gid int, ok bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(s.Gid), true
}

// OwnerOf is the user to whom a file belongs.
func OwnerOf(info fs.FileInfo) (uid int, ok bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(s.Uid), true
}

// setMode works on the open file: a link in its place is not followed.
func setMode(path string, mode fs.FileMode, gid int, strict bool) error {
	f, err := openItself(path)
	if err != nil {
		return err
	}
	if gid >= 0 {
		if err = f.Chown(-1, gid); err != nil && !strict {
			err = nil
		}
	}
	if err == nil {
		err = f.Chmod(mode)
	}
	return errors.Join(err, f.Close())
}

// openItself opens what stands at path and not what a link there leads to.
func openItself(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
}

// own is what the person's umask takes away from new files, once Private has
// replaced it.
var own = struct {
	sync.Mutex
	set  bool
	mask fs.FileMode
}{}

// Private makes every file that the process creates from now on its user's alone,
// those included that libraries create: a database's log and what it spills.
// What is shared is given its mode.
func Private() {
	own.Lock()
	defer own.Unlock()
	own.mask, own.set = fs.FileMode(unix.Umask(0o077)), true
}

// personal is the mode of a file that a person asked for by name.
func personal() (mode fs.FileMode, set bool) {
	own.Lock()
	defer own.Unlock()
	return 0o666 &^ own.mask, own.set
}

// Lets reports whether a member of a group, whom nothing else binds to the file,
// may do with it what the three bits say.
func Lets(info fs.FileInfo, gid int, bits fs.FileMode) bool {
	mode := info.Mode().Perm()
	if of, ok := groupOf(info); ok && of == gid {
		mode >>= 3
	}
	return mode&bits == bits
}
