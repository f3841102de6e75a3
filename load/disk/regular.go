package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// The conditions of Open, OpenIn and Read that a caller may want to tell apart.
var (
	ErrNotRegular = errors.New("it is no file")
	ErrTooLarge   = errors.New("it is too large")
	ErrLeadsOut   = errors.New("it is a link that leads out of its folder: put the file itself there")
)

// Open opens a file that other people put somewhere, for reading: a regular one
// of at most so many bytes. It never waits, as opening a pipe would, and never
// touches a device. Links are followed.
func Open(path string, most int64) (*os.File, fs.FileInfo, error) {
	return openWith(path, most, os.Stat, os.OpenFile)
}

// OpenIn is Open for a file of a folder in which others may put what they like:
// a link that leads out of the folder is refused, so that nobody has a file read
// that they may not read themselves.
func OpenIn(path string, most int64) (*os.File, fs.FileInfo, error) {
	folder, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, nil, pathError(path, err)
	}
	defer folder.Close() // what was opened in it stays open
	inside := func(string) string { return filepath.Base(path) }
	return openWith(path, most,
		func(name string) (fs.FileInfo, error) {
			info, err := folder.Stat(inside(name))
			if err == nil {
				return info, nil
			}
			if _, err := os.Stat(path); err != nil {
				return nil, err
			}
			return nil, ErrLeadsOut // it is there, but not in the folder
		},
		func(name string, flag int, mode fs.FileMode) (*os.File, error) {
			return folder.OpenFile(inside(name), flag, mode)
		})
}

func openWith(
	path string, most int64, stat func(string) (fs.FileInfo, error), openFile func(string, int, fs.FileMode) (*os.File, error),
) (*os.File, fs.FileInfo, error) {
	// Asked first: to open a device is to use it.
	info, err := stat(path)
	if err == nil {
		err = fits(info, most)
	}
	if err != nil {
		return nil, nil, pathError(path, err)
	}
	f, err := openFile(path, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return nil, nil, pathError(path, err)
	}
	// Asked again: another may stand there since.
	if info, err = f.Stat(); err == nil {
		err = fits(info, most)
	}
	if err != nil {
		return nil, nil, errors.Join(pathError(path, err), f.Close())
	}
	return f, info, nil
}

func pathError(path string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return &fs.PathError{Op: "open", Path: path, Err: err}
}

// fits says why something is not a file of at most so many bytes.
func fits(info fs.FileInfo, most int64) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%w but %s", ErrNotRegular, kindOf(info.Mode()))
	}
	if info.Size() > most {
		return fmt.Errorf("%w: %s, and %s at most are read", ErrTooLarge, Size(info.Size()), Size(most))
	}
	return nil
}

// kindOf is what something is that is no regular file, in words.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}

// Append adds a text to the end of a regular file, which is made with the mode where
// there is none. It never waits.
func Append(path string, mode fs.FileMode, text []byte) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY|nonBlocking, mode)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = pathError(path, fmt.Errorf("%w but %s", ErrNotRegular, kindOf(info.Mode())))
	}
	if err == nil {
		_, err = f.Write(text)
	}
	return errors.Join(err, f.Close())
}

// Read reads such a file whole. One that grows beyond the limit meanwhile is too
// large as well.
func Read(path string, most int64) ([]byte, error) { return readWith(path, most, Open) }

// ReadIn is Read with what OpenIn refuses.
func ReadIn(path string, most int64) ([]byte, error) { return readWith(path, most, OpenIn) }

func readWith(path string, most int64, open func(string, int64) (*os.File, fs.FileInfo, error)) ([]byte, error) {
	f, _, err := open(path, most)
	if err != nil {
		return nil, err
	}
	defer f.Close() // read only: nothing to lose
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = pathError(path, fmt.Errorf("%w: %s at most are read", ErrTooLarge, Size(most)))
	}
	return data, err
}
