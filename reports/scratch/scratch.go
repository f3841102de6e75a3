package scratch

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/nightaudit/nightaudit/load/disk"
)

// Prefix begins the names of the private folders in which files are
// written before they take their place.
const Prefix = disk.Hidden + "report-"

// Folder makes a folder inside of dir for files under construction (disk.Own).
// Where nobody chose the group of dir, it is the given one; "" leaves it.
func Folder(dir, group string) (string, error) {
	with, err := disk.WithGroup(group)
	if err != nil && !errors.Is(err, disk.ErrNoGroup) { // on a reader's machine it is of no use
		return "", fmt.Errorf("make the folder for reports: %w", err)
	}
	if err := with.Unchosen(dir); err != nil {
		return "", fmt.Errorf("make the folder for reports: %w", err)
	}
	folder, err := disk.Own(dir, Prefix)
	if err != nil {
		return "", fmt.Errorf("make a private folder for the report: %w", err)
	}
	return folder, nil
}

// Place writes a file beside its place, checks it and renames it there, so
// that a reader sees the earlier file or the whole new one. folder is private
// and on the same file system.
func Place(folder, path string, write func(io.Writer) error, check func(path string) error) error {
	made, err := Make(folder, filepath.Base(path), write, check)
	if err != nil {
		return err
	}
	return disk.Rename(made, path)
}

// Make writes a file into the private folder and checks it. It has the mode of
// a report, and the group of the folder of reports.
func Make(folder, name string, write func(io.Writer) error, check func(path string) error) (path string, err error) {
	path = filepath.Join(folder, name)
	if err := disk.Write(path, 0o600, write); err != nil {
		return "", err
	}
	if check != nil {
		if err := check(path); err != nil {
			return "", fmt.Errorf("check the file just written: %w", err)
		}
	}
	if err := disk.Like(filepath.Dir(folder), path, disk.SharedFile); err != nil {
		return "", fmt.Errorf("share the file just written: %w", err)
	}
	return path, nil
}

// Remove removes the private folder and what is left in it.
func Remove(folder string) error {
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("remove the private folder of the report: %w", err)
	}
	return nil
}
