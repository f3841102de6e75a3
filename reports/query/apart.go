package query

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/nightaudit/nightaudit/load/disk"
)

// apartPrefix begins the names of the folders in which a database has its
// further name while it is being opened.
const apartPrefix = disk.Hidden + "open-"

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
	file, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("find the database: %w", err)
	}
	if duck, err := openLinked(file); !errors.Is(err, errNoLink) {
		return duck, err
	}
	if len(disk.Logs(file)) == 0 {
		duck, err := connect(file)
		if err != nil || len(disk.Logs(file)) == 0 {
			return duck, err
		}
		// It came while the file was opened, and may have been replayed.
		if err := duck.Close(); err != nil {
			return nil, fmt.Errorf("close the database, beside which a log came: %w", err)
		}
	}
	copied := filepath.Join(spill, filepath.Base(file))
	if err := copyTo(copied, file); err != nil {
		return nil, fmt.Errorf("copy the database, beside which a log lies: %w", err)
	}
	duck, err := connect(copied)
	if err != nil {
		return nil, err
	}
	_ = os.Remove(copied) // else it goes with the folder
	return duck, nil
}

// errNoLink says that a file can be given no further name here.
var errNoLink = errors.New("no further name")

// openLinked opens a file by a name in a folder of its own.
func openLinked(file string) (*duckdb.Connector, error) {
	folder, err := disk.Own(filepath.Dir(file), apartPrefix)
	if err != nil {
		return nil, errNoLink
	}
	// Network file systems keep it until the file is closed: it is swept then.
	defer func() { _ = os.RemoveAll(folder) }()
	linked := filepath.Join(folder, filepath.Base(file))
	if os.Link(file, linked) != nil {
		return nil, errNoLink
	}
	return connect(linked)
}

// Forget removes what a process that has ended left of its reading a database.
func Forget(path string, pid int) error {
	err := disk.Forget(os.TempDir(), spillPrefix, pid)
	if file, found := filepath.EvalSymlinks(path); found == nil {
		err = errors.Join(err, disk.Forget(filepath.Dir(file), apartPrefix, pid))
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
