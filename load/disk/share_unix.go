//go:build unix

package disk

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// ShareAs gives a file the mode of another one and, where this process may give
// files away, its owner and group.
func ShareAs(path string, as fs.FileInfo) error {
	if stat, ok := as.Sys().(*syscall.Stat_t); ok {
		err := os.Chown(path, int(stat.Uid), int(stat.Gid))
		if err != nil && !errors.Is(err, fs.ErrPermission) {
			return err
		}
	}
	return os.Chmod(path, as.Mode().Perm())
}
