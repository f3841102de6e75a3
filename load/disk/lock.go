package disk

import (
	"io/fs"
	"os"

	"github.com/gofrs/flock"
)

// Lock is a lock on a file, which is made with a mode where there is none. A link in
// its place is refused: it would have a file made, or locked, elsewhere.
func Lock(path string, mode fs.FileMode) *flock.Flock {
	return flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDONLY|nonBlocking|noFollow), flock.SetPermissions(mode))
}
