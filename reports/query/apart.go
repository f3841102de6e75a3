package query

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/load/disk"
	"github.com/nightaudit/nightaudit/reports/scratch"
)

// apartPrefix begins the names of the folders in which a database has its
// further name while it is being opened.
const apartPrefix = ".nightaudit-open-"

// openApart opens a database file in such a way that no log is replayed that
// lies beside it, and none can be written there. DuckDB lets statements write the
// file that it opened and the names of its logs, whatever is forbidden besides. So
// it opens the file by a further name, in a folder of its own that is removed as
// soon as the file is open: of all that it still allows nothing is there.
//
// Where no further name can be given, as where the folder belongs to somebody
// else and nobody can write beside the file either, it is opened in its place, or
// in spill as a copy where a log lies beside it.
func openApart(path, spill string) (*duckdb.Connector, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("find the database: %w", err)
	}
	folder, err := apartFolder(filepath.Dir(real))
	if err == nil {
		defer os.RemoveAll(folder)
		linked := filepath.Join(folder, filepath.Base(real))
		if err = os.Link(real, linked); err == nil {
			return connect(linked)
		}
	}
	if len(disk.Logs(real)) == 0 {
		duck, err := connect(real)
		if err != nil || len(disk.Logs(real)) == 0 {
			return duck, err
		}
		// It came while the file was opened, and may have been replayed.
		if err := duck.Close(); err != nil {
			return nil, err
		}
	}
	copied := filepath.Join(spill, filepath.Base(real))
	if err := copyTo(copied, real); err != nil {
		return nil, fmt.Errorf("copy the database, beside which a log lies: %w", err)
	}
	defer os.Remove(copied)
	return connect(copied)
}

// apartFolder makes a folder inside of dir, and sweeps those of processes that
// died.
func apartFolder(dir string) (string, error) {
	old, err := scratch.Abandoned(dir, apartPrefix, time.Now())
	if err != nil {
		return "", err
	}
	for _, folder := range old {
		_ = os.RemoveAll(folder) // another person's cannot be removed, and need not be
	}
	return scratch.Own(dir, apartPrefix)
}

// Forget removes what a process that has ended left of its reading a database.
func Forget(path string, pid int) error {
	err := scratch.Forget(os.TempDir(), spillPrefix, pid)
	if real, found := filepath.EvalSymlinks(path); found == nil {
		err = errors.Join(err, scratch.Forget(filepath.Dir(real), apartPrefix, pid))
	}
	return err
}

func connect(path string) (*duckdb.Connector, error) {
	return duckdb.NewConnector(path+"?access_mode=READ_ONLY&autoinstall_known_extensions=false&autoload_known_extensions=false", nil)
}

func copyTo(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	err = disk.Write(to, 0o400, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
	return errors.Join(err, in.Close())
}

// foreignLogs tells of logs that lie beside a database, "" where none does.
func foreignLogs(path string) string {
	logs := disk.Logs(path)
	if len(logs) == 0 {
		return ""
	}
	return fmt.Sprintf("a write-ahead log lies beside %s and is not read: %s; a published database has none, so another program had it open for writing, or somebody laid it there; the next night that publishes moves it aside",
		path, strings.Join(logs, ", "))
}
