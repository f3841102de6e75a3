package disk

import (
	"io/fs"
	"os"
)

// ShareAs gives a file the mode of another one.
func ShareAs(path string, as fs.FileInfo) error { return os.Chmod(path, as.Mode().Perm()) }
