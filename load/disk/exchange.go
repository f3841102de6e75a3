package disk

import (
	"errors"
	"os"
	"path/filepath"
)

// Exchange swaps two files of one folder and makes that last: afterwards each
// has the other's name. Whatever stands at b at that moment is at a then,
// even where somebody has written it since it was looked at last.
func Exchange(a, b string) error {
	err := exchange(a, b)
	if errors.Is(err, errors.ErrUnsupported) {
		err = exchangeInSteps(a, b)
	}
	if err != nil {
		return err
	}
	return SyncFolder(filepath.Dir(b))
}

// exchangeInSteps is for systems that cannot do it at once: b has a file at
// any moment where the file system has links.
func exchangeInSteps(a, b string) error {
	kept := a + ".exchanged"
	if err := os.Link(b, kept); err != nil {
		if err := os.Rename(b, kept); err != nil {
			return err
		}
	}
	if err := os.Rename(a, b); err != nil {
		return errors.Join(err, os.Rename(kept, b))
	}
	return os.Rename(kept, a)
}

// MoveTo gives a file another name, which nothing has yet: else the error is
// fs.ErrExist and the file keeps its name. The name lasts.
func MoveTo(from, to string) error {
	err := os.Link(from, to)
	switch {
	case err == nil:
		err = os.Remove(from)
	case errors.Is(err, os.ErrExist) || errors.Is(err, os.ErrNotExist):
		return err
	default: // a file system without links
		if _, err := os.Lstat(to); err == nil {
			return &os.LinkError{Op: "rename", Old: from, New: to, Err: os.ErrExist}
		}
		err = os.Rename(from, to)
	}
	if err != nil {
		return err
	}
	return SyncFolder(filepath.Dir(to))
}
