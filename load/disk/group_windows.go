package disk

import (
	"io/fs"
	"os"
)

// Windows keeps access in lists, which new files inherit from their folder.

func groupOf(fs.FileInfo) (gid int, ok bool) { return 0, false }

// OwnerOf is the user to whom a file belongs; not known here.
func OwnerOf(fs.FileInfo) (uid int, ok bool) { return 0, false }

func setMode(path string, mode fs.FileMode, _ int, _ bool) error { return os.Chmod(path, mode) }

// Private does nothing here.
func Private() {}

func personal() (mode fs.FileMode, set bool) { return 0, false }

// Lets is always true: modes do not say it here.
func Lets(fs.FileInfo, int, fs.FileMode) bool { return true }
