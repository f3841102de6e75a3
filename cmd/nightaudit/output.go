package main

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nightaudit/nightaudit/cmd/internal/exit"
	"github.com/nightaudit/nightaudit/load/disk"
)

// writeOutput writes the file that a person named. A regular file, or none, is
// replaced by a whole new one; anything else, a device or a pipe, is written to as
// it stands, for what replaces it would be no such thing any more. A link stays,
// and what it leads to is written.
func writeOutput(file string, write func(io.Writer) error) error {
	target, err := filepath.EvalSymlinks(file)
	if errors.Is(err, fs.ErrNotExist) {
		if info, err := os.Lstat(file); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return &failure{code: exit.Failed, what: "write " + file, err: errors.New("it is a link to what is not there"), do: "name the file that it should lead to, or remove the link"}
		}
		return writeBeside(file, nil, write)
	}
	if err != nil {
		return &failure{code: exit.Failed, what: "write " + file, err: err, do: "name another file"}
	}
	info, err := os.Stat(target)
	switch {
	case err != nil:
		return &failure{code: exit.Failed, what: "write " + file, err: err, do: "name another file"}
	case info.IsDir():
		return usage(file+" is a folder", "name a file in it: --out "+filepath.Join(file, "result.csv"))
	case !info.Mode().IsRegular():
		return writeInPlace(target, write)
	}
	return writeBeside(target, info, write)
}

// writeInPlace writes to a device or a pipe.
func writeInPlace(file string, write func(io.Writer) error) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return &failure{code: exit.Failed, what: "write " + file, err: err, do: "name another file"}
	}
	return errors.Join(write(f), f.Close())
}

// writeBeside writes a file under a hidden name and renames it once it is
// whole, so that nobody reads half of it. The folder is a person's own: no name
// of theirs is overwritten but the one they gave. What stood there before, if
// something did, says who may read it.
func writeBeside(file string, before fs.FileInfo, write func(io.Writer) error) error {
	mode := disk.ByUmask
	if before != nil {
		mode = 0o600
	}
	name := filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+"."+rand.Text())
	err := disk.Write(name, mode, write)
	var refused *fs.PathError
	if errors.As(err, &refused) && refused.Op == "open" && refused.Path == name {
		return &failure{code: exit.Failed, what: "write " + file, err: refused, do: "the folder must exist and be yours to write in"}
	}
	if err != nil {
		return err
	}
	if before != nil {
		if err := disk.ShareAs(name, before); err != nil {
			return errors.Join(err, os.Remove(name))
		}
	}
	if err := os.Rename(name, file); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}
