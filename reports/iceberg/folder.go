package iceberg

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	iceio "github.com/apache/iceberg-go/io"

	"github.com/nightaudit/nightaudit/load/disk"
)

// folder is the local file system, in which files last once they are written, and are
// shared as all that others read is: the library's own leaves both to the system.
type folder struct{ iceio.LocalFS }

// storages tells the library of the storages of this program, once.
var storages = sync.OnceFunc(func() {
	iceio.Unregister("")
	iceio.Register("", func(context.Context, *url.URL, map[string]string) (iceio.IO, error) { return folder{}, nil })
	iceio.Register("s3", func(ctx context.Context, _ *url.URL, _ map[string]string) (iceio.IO, error) { return openBucket(ctx) })
})

// Create begins a file. It is not visible to readers of the lake before a commit names it.
func (folder) Create(name string) (iceio.FileWriter, error) {
	dir := filepath.Dir(name)
	if err := disk.MakeBelow(nearest(dir), dir); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, disk.SharedFile)
	if err != nil {
		return nil, err
	}
	return lasting{f}, disk.Like(dir, name, disk.SharedFile)
}

// nearest is the first of a folder and those above it that is there.
func nearest(dir string) string {
	for parent := filepath.Dir(dir); parent != dir; dir, parent = parent, filepath.Dir(parent) {
		if _, err := os.Stat(dir); err == nil {
			break
		}
	}
	return dir
}

// WriteFile writes a file.
func (d folder) WriteFile(name string, content []byte) error {
	f, err := d.Create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// Remove takes a file away. One that is gone already is no error: manifests of several
// snapshots name the same file, and another writer may expire the same snapshots.
func (d folder) Remove(name string) error {
	if err := d.LocalFS.Remove(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// WalkDir walks the files of a folder. One that another writer takes away meanwhile is
// not there, which is no error.
func (d folder) WalkDir(root string, fn fs.WalkDirFunc) error {
	return d.LocalFS.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err = fn(path, entry, err); errors.Is(err, fs.ErrNotExist) && path != root {
			return nil
		}
		return err
	})
}

// lasting is a file that lasts once it is closed.
type lasting struct{ *os.File }

// Close makes the file last.
func (f lasting) Close() error {
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.File.Close())
	}
	if err := f.File.Close(); err != nil {
		return err
	}
	return disk.SyncFolder(filepath.Dir(f.Name()))
}
